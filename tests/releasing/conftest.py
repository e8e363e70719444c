"""A release to hand out, and a Zenodo on this machine to deposit it in.

The fake follows Zenodo as it runs (github.com/zenodo/zenodo-rdm, `site/zenodo_rdm/legacy`), which
is not always what its documentation says: publishing answers 202 and, once done, 404; a new version
answers its draft, which has the files of the version before but neither title nor number; and while
there is such a draft, asking again answers 400. Its index may lag behind.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
TOKEN = "aVerySecretToken0123456789"
HOMEPAGE = "https://github.com/sahel-incidents/sahel-incidents"
LARGE = 2_000_000
"""Bytes of the largest file: enough that it does not fit into the buffers between two programs."""

Done = subprocess.CompletedProcess[str]


@dataclass
class Fault:
    """What goes wrong with the next calls of a kind.

    Attributes:
        method: of the calls.
        path: a regular expression that is found in their paths.
        kind: `status` answers an error and does nothing; `early` does so before the body is read;
            `hang` does nothing and answers nothing; `cut` breaks off amid the body; `lost` does
            what is asked and breaks off; `late` does it and answers an error; `short` does it and
            breaks off amid the answer; `page` answers a web page; `corrupt` keeps other bytes than
            were sent; `liar` does so and tells nothing of it; `away` redirects.
        times: how many of them.
        code: the status of an error.
        headers: makes further ones of an error as it is sent, since some tell a time.
        after: how many calls go well before.
    """

    method: str
    path: str
    kind: str
    times: int = 1
    code: int = 503
    headers: Callable[[], dict[str, str]] = dict
    after: int = 0


@dataclass
class Kept:
    """A deposit that the fake keeps."""

    number: int
    series: int
    metadata: dict[str, Any]
    files: dict[str, bytes]
    published: bool = False
    hidden: int = 0
    claimed: dict[str, str] = field(default_factory=dict)


class Zenodo:
    """What the fake knows, and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.deposits: dict[int, Kept] = {}
        self.faults: list[Fault] = []
        self.asked: list[tuple[str, str]] = []
        self.headers: list[Message] = []
        self.page_size = 100
        self.lag = 0
        self.bucket_host = ""
        self.lock = Lock()

    def add(self, **given: Any) -> Kept:
        number = 100 + len(self.asked) + len(self.deposits)
        given = {"series": number - 1, "metadata": {}, "files": {}, **given}
        kept = Kept(number=number, hidden=self.lag, **given)
        self.deposits[number] = kept
        return kept

    @property
    def published(self) -> list[Kept]:
        return [kept for kept in self.deposits.values() if kept.published]

    @property
    def drafts(self) -> list[Kept]:
        return [kept for kept in self.deposits.values() if not kept.published]

    def calls(self, method: str, path: str) -> int:
        return sum(verb == method and bool(re.search(path, at)) for verb, at in self.asked)

    def fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.method == method and re.search(fault.path, path) and fault.times:
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def shown(self, kept: Kept, *, listed: bool = False) -> dict[str, Any]:
        own = f"{self.url}/api/deposit/depositions/{kept.number}"
        links = {
            "self": own,
            "html": f"{self.url}/deposit/{kept.number}",
            "latest_draft": own,
            "publish": f"{own}/actions/publish",
        }
        if not listed:
            links["bucket"] = f"{self.bucket_host or self.url}/api/files/b-{kept.number}"
        shown: dict[str, Any] = {
            "id": kept.number,
            "conceptrecid": str(kept.series),
            "metadata": kept.metadata,
            "title": kept.metadata.get("title", ""),
            "state": "done" if kept.published else "unsubmitted",
            "submitted": kept.published,
            "links": links,
            "files": [
                {
                    "filename": name,
                    "filesize": len(content),
                    "checksum": kept.claimed.get(name) or digest(content),
                }
                for name, content in kept.files.items()
            ],
        }
        if kept.published:
            shown["doi_url"] = f"https://doi.org/10.5281/zenodo.{kept.number}"
        return shown

    def answer(
        self, method: str, path: str, query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Any]:
        """Do what is asked; returns the status and the object to answer."""
        if (method, path) == ("GET", "/api/deposit/depositions"):
            return self.listed(int(query["page"][0]), int(query["size"][0]))
        if (method, path) == ("POST", "/api/deposit/depositions"):
            return 201, self.shown(self.add(metadata=json.loads(body)["metadata"]))
        if match := re.fullmatch(r"/api/deposit/depositions/(\d+)(/actions/\w+)?", path):
            kept = self.deposits.get(int(match[1]))
            if kept is None:
                return 404, {"message": "The persistent identifier does not exist.", "status": 404}
            return self.of_deposit(method, kept, match[2] or "", body)
        if match := re.fullmatch(r"/api/files/b-(\d+)/([^/]+)", path):
            return self.of_file(method, self.deposits[int(match[1])], unquote(match[2]), body)
        return 404, {"message": "Not found.", "status": 404}

    def listed(self, page: int, size: int) -> tuple[int, Any]:
        seen = [kept for kept in self.deposits.values() if not kept.hidden]
        if page == 1:
            for kept in self.deposits.values():
                kept.hidden = max(kept.hidden - 1, 0)
        size = min(size, self.page_size)
        seen = seen[::-1][(page - 1) * size : page * size]
        return 200, [self.shown(kept, listed=True) for kept in seen]

    def of_deposit(self, method: str, kept: Kept, action: str, body: bytes) -> tuple[int, Any]:
        if method == "GET":
            return 200, self.shown(kept)
        if action == "/actions/newversion" and kept.published:
            if any(other.series == kept.series for other in self.drafts):
                errors = [
                    {"field": "files.enabled", "messages": ["Please remove all files first."]}
                ]
                return 400, {"message": "A validation error occurred.", "errors": errors}
            return 201, self.shown(self.add(series=kept.series, files=dict(kept.files)))
        if kept.published:
            return 404, {"message": "The persistent identifier is not registered.", "status": 404}
        if action == "/actions/publish":
            missing = {"title", "version", "publication_date"} - kept.metadata.keys()
            if missing or not kept.files:
                return 400, {"message": "A validation error occurred.", "status": 400}
            kept.published = True
            return 202, self.shown(kept)
        if method == "PUT":
            kept.metadata = json.loads(body)["metadata"]
            return 200, self.shown(kept)
        del self.deposits[kept.number]
        return 204, None

    def of_file(self, method: str, kept: Kept, name: str, body: bytes) -> tuple[int, Any]:
        if kept.published:
            return 403, {"message": "Permission denied.", "status": 403}
        if method == "DELETE":
            found = kept.files.pop(name, None)
            return (204, None) if found is not None else (404, {"message": "No such file."})
        kept.files[name] = body
        return 201, {"key": name, "size": len(body), "checksum": f"md5:{digest(body)}"}


def digest(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def handler(zenodo: Zenodo) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            with zenodo.lock:
                zenodo.asked.append((self.command, parts.path))
                zenodo.headers.append(self.headers)
                fault = zenodo.fault(self.command, parts.path)
            kind = fault.kind if fault else ""
            length = int(self.headers.get("Content-Length") or 0)
            if kind == "cut":
                self.rfile.read(length // 2)
                return self._break_off()
            if fault and kind == "early":
                return self._send(fault.code, {"message": "Bucket quota exceeded."})
            body = self.rfile.read(length)
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                return self._send(401, {"message": f"No: {self.headers['Authorization']}"})
            if fault and kind == "status":
                told = {"message": f"No, {TOKEN}\n::error::"}
                return self._send(fault.code, told, fault.headers())
            if kind == "hang":
                time.sleep(3)
                return self._break_off()
            if kind == "page":
                return self._send_bytes(200, b"<h1>Down for maintenance</h1>")
            if fault and kind == "away":
                return self._send(307, {}, fault.headers())
            sent = bytes(reversed(body)) if kind in ("corrupt", "liar") else body
            with zenodo.lock:
                code, answer = zenodo.answer(self.command, parts.path, parse_qs(parts.query), sent)
            if kind == "liar":
                answer["checksum"] = f"md5:{digest(body)}"
            if kind == "lost":
                return self._break_off()
            if fault and kind == "late":
                return self._send(fault.code, {"message": "Gateway Time-out"})
            return self._send(code, answer, short=kind == "short")

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the names http.server calls

        def _send(
            self, code: int, answer: Any, headers: dict[str, str] | None = None, short: bool = False
        ) -> None:
            content = b"" if answer is None else json.dumps(answer).encode()
            self._send_bytes(code, content[: len(content) // (2 if short else 1)], headers, content)

        def _send_bytes(
            self,
            code: int,
            content: bytes,
            headers: dict[str, str] | None = None,
            promised: bytes | None = None,
        ) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(content if promised is None else promised)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def _break_off(self) -> None:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.close_connection = True
            self.connection.close()

        def finish(self) -> None:
            if self.connection.fileno() != -1:
                super().finish()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


class Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the tests break connections on purpose."""


@pytest.fixture
def serve() -> Iterator[Callable[..., Zenodo]]:
    """Start a fake; called again, another one. With a certificate (and its key), it has https."""
    servers: list[Quiet] = []

    def start(certificate: Path | None = None) -> Zenodo:
        zenodo = Zenodo()
        server = Quiet(("127.0.0.1", 0), handler(zenodo))
        servers.append(server)
        zenodo.url = f"http://127.0.0.1:{server.server_port}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            zenodo.url = zenodo.url.replace("http:", "https:")
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return zenodo

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def zenodo(serve: Callable[..., Zenodo]) -> Zenodo:
    return serve()


MakeRelease = Callable[..., Path]


@pytest.fixture(scope="session")
def make_release(tmp_path_factory: pytest.TempPathFactory) -> MakeRelease:
    """Write a release's folder, in the form that `incidents publish` gives it, and return it.

    Called with the version, optionally the commit and further files, by path.
    """

    def make(version: str, commit: str = "", **files: bytes) -> Path:
        name = f"sahel-incidents-{version}"
        release = tmp_path_factory.mktemp("release") / name
        content: dict[str, bytes] = {
            "README.md": f"# {version}\n".encode(),
            "CHANGES.md": b"Changes\n",
            f"{name}.zip": b"PK data package",
            "datapackage.json": json.dumps({"homepage": f"{HOMEPAGE}/"}).encode(),
            "data/incidents.csv": b"incident_id\n",
            "flat/incidents_flat.csv": f"incident_id\n{version}\n".encode(),
            "codebook.html": Random(version).randbytes(LARGE),
            ".zenodo.json": json.dumps(
                {
                    "title": "Sahel Incidents",
                    "upload_type": "dataset",
                    "version": version,
                    "publication_date": "2026-11-22",
                    "related_identifiers": [{"identifier": HOMEPAGE, "relation": "isIdenticalTo"}],
                }
            ).encode(),
            "manifest.json": json.dumps(
                {
                    "name": "sahel-incidents",
                    "version": version,
                    "issued": "2026-11-22",
                    "commit": commit or hashlib.sha1(version.encode()).hexdigest(),
                    "draft": False,
                }
            ).encode(),
            **files,
        }
        sums = "".join(
            f"{hashlib.sha256(content[path]).hexdigest()}  {path}\n" for path in sorted(content)
        )
        for path, raw in {**content, "SHA256SUMS": sums.encode()}.items():
            (release / path).parent.mkdir(parents=True, exist_ok=True)
            (release / path).write_bytes(raw)
        return release

    return make


def main_of(script: str) -> Callable[[], int]:
    """The main function of a script of `scripts/`."""
    spec = spec_from_file_location(script.removesuffix(".py"), SCRIPTS / script)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.path.insert(0, str(SCRIPTS))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(SCRIPTS))
    main: Callable[[], int] = module.main
    return main


def run(script: str, *arguments: str | Path, **environment: str) -> Done:
    """Run a script of `scripts/`, with nothing in its environment but what is given.

    It runs in this process, as starting Python takes longer than most of what is tested.
    """
    command = [script, *map(str, arguments)]
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", command),
        patch.dict(os.environ, environment, clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            code = main_of(script)()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
    return Done(command, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def script() -> Callable[..., Done]:
    return run


@pytest.fixture(scope="session")
def pack(make_release: MakeRelease) -> Callable[..., Path]:
    """Make a release and pack it; returns the assets' folder."""

    def make(version: str, commit: str = "", **files: bytes) -> Path:
        release = make_release(version, commit, **files)
        done = run("pack_release.py", release, release.parent / "assets")
        assert done.returncode == 0, done.stderr
        return release.parent / "assets"

    return make


@pytest.fixture(scope="session")
def first(pack: Callable[..., Path]) -> Path:
    """The assets of version 1.0.0."""
    return pack("1.0.0")


@pytest.fixture(scope="session")
def second(pack: Callable[..., Path]) -> Path:
    """The assets of version 1.1.0."""
    return pack("1.1.0")


@pytest.fixture
def deposit(zenodo: Zenodo) -> Callable[..., Done]:
    """Run `scripts/deposit.py` on the fake, in little time; nothing it says holds the token."""

    def deposited(assets: Path, *options: str, token: str = TOKEN) -> Done:
        quick = ("--wait", "0.02", "--timeout", "1", "--attempts", "4")
        done = run(
            "deposit.py", "--base-url", zenodo.url, *quick, *options, assets, ZENODO_TOKEN=token
        )
        assert TOKEN not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "\n::" not in done.stderr
        return done

    return deposited
