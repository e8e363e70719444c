"""A release of the shipped records, published for these tests, and packages to compare it with."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from sahel_incidents.descriptor import open_package
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.publishing import publish
from sahel_incidents.records import Records

ROOT = Path(__file__).parents[2]
HOMEPAGE = "https://data.example.org/sahel-incidents"

Edit = Callable[[Records], object]
MakeState = Callable[..., Path]


def copied(folder: Path, version: str, homepage: str = HOMEPAGE) -> Path:
    """The shipped package as another version of itself."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "LICENSE", folder)
    descriptor = json.loads((ROOT / DESCRIPTOR).read_text(encoding="utf-8"))
    descriptor |= {"version": version, "homepage": homepage}
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
    return folder


def edited(folder: Path, *edits: Edit) -> None:
    records = Records.read(open_package(folder))
    for edit in edits:
        edit(records)
    for path, content in records.files().items():
        (folder / path).write_bytes(content)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release, 1.0.0, in the `dist/` of the repository it was published from."""
    root = copied(tmp_path_factory.mktemp("repository"), "1.0.0")
    git = ("git", "-C", str(root), "-c", "user.name=A", "-c", "user.email=a@example.org")
    for command in ("init --quiet", "add --all", "commit --quiet --message first"):
        subprocess.run([*git, *command.split()], check=True)
    return publish(root, "1.0.0", root / "dist").folder


@pytest.fixture(scope="session")
def archive(release: Path) -> Path:
    """The release's data package as one file."""
    return release / f"{release.name}.zip"


@pytest.fixture
def make_state(tmp_path: Path) -> MakeState:
    """Write the shipped package with some edits, as a version of its own; return its folder."""

    def make(version: str, *edits: Edit) -> Path:
        folder = copied(tmp_path / f"state-{version}", version)
        edited(folder, *edits)
        return folder

    return make


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "sahel-incidents"


class Server(ThreadingHTTPServer):
    """Serves a folder on this machine, and notes what was asked for.

    Attributes:
        asked: the paths of all requests.
        faults: answers that take the place of a file's: a status with headers, or the number of
            bytes after which the connection is cut.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self.folder = folder
        self.asked: list[str] = []
        self.faults: dict[str, int | tuple[int, dict[str, str]]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(SimpleHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        fault = self.server.faults.get(self.path)
        if isinstance(fault, tuple):
            self.send_response(fault[0])
            for name, value in fault[1].items():
                self.send_header(name, value)
            self.end_headers()
        elif fault is not None:
            content = (self.server.folder / self.path.lstrip("/")).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:fault])
            self.close_connection = True
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of an empty folder, which the test fills."""
    folder = tmp_path / "served"
    folder.mkdir()
    with Server(folder) as running:
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def published(server: Server, archive: Path) -> str:
    """The address of the release on the server, as a forge serves it: all files in one folder."""
    folder = server.folder / "v1.0.0"
    folder.mkdir()
    shutil.copy(archive, folder)
    shutil.copy(archive.parent / "SHA256SUMS", folder)
    return f"{server.url}/v1.0.0/{archive.name}"
