"""A repository with an invented package, and a release of it, for all that is tested on them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sahel_incidents.descriptor import open_package
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.publishing import Published, publish
from sahel_incidents.records import Records

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "make_synthetic.py"
DAY = "2026-11-22T23:30:00-0500"  # in UTC the day after

Git = Callable[..., str]
Run = Callable[..., subprocess.CompletedProcess[str]]
Edit = Callable[[Path, Callable[[Records], object]], None]


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "core.hooksPath=none")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"GIT_AUTHOR_DATE": DAY, "GIT_COMMITTER_DATE": DAY},
    )
    return done.stdout.strip()


@pytest.fixture(scope="session")
def git() -> Git:
    """Run git in a folder, as somebody, on a certain day."""
    return _git


@pytest.fixture(scope="session")
def run() -> Run:
    """Run `incidents` as a process of its own, in a folder."""

    def call(
        folder: Path, *arguments: object, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sahel_incidents", *map(str, arguments)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | environment,
        )

    return call


@pytest.fixture(scope="session")
def edit() -> Edit:
    """Change a package's records, and write its files."""

    def change(folder: Path, one: Callable[[Records], object]) -> None:
        records = Records.read(open_package(folder))
        one(records)
        for path, content in records.files().items():
            (folder / path).write_bytes(content)

    return change


@pytest.fixture(scope="session")
def first_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with an invented package of version 1.0.0 in its first commit."""
    folder = tmp_path_factory.mktemp("first") / "repository"
    command = [sys.executable, str(SCRIPT), "--incidents", "100", "--seed", "1", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "LICENSE").write_text("CC BY 4.0\n")
    (folder / ".gitignore").write_text("/dist/\n.incidents/\n")
    descriptor = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    descriptor |= {"version": "1.0.0", "homepage": "https://example.org/incidents"}
    (folder / DESCRIPTOR).write_text(json.dumps(descriptor, indent=2) + "\n", encoding="utf-8")
    _git(folder, "init", "--quiet", "--initial-branch", "main")
    _git(folder, "add", "--all", ".")
    _git(folder, "commit", "--quiet", "--message", "first")
    return folder


@pytest.fixture
def repository(first_state: Path, tmp_path: Path) -> Path:
    """A copy of that repository, to be changed at will."""
    return Path(shutil.copytree(first_state, tmp_path / "repository"))


@pytest.fixture(scope="session")
def first_published(first_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The release 1.0.0 of that repository; not to be changed."""
    return publish(first_state, "1.0.0", tmp_path_factory.mktemp("dist"))


@pytest.fixture
def release(first_published: Published, tmp_path: Path) -> Path:
    """A copy of that release, to be changed at will."""
    folder = first_published.folder
    return Path(shutil.copytree(folder, tmp_path / "copies" / folder.name))


@pytest.fixture
def released(repository: Path, release: Path, git: Git) -> Path:
    """The repository after its first release: tagged, and with the release in `dist/`."""
    git(repository, "tag", "v1.0.0")
    (repository / "dist").mkdir()
    shutil.copytree(release, repository / "dist" / release.name)
    return repository


@pytest.fixture(scope="session")
def second(edit: Edit, git: Git) -> Callable[..., None]:
    """Commit another version of a package, with a change of its records."""

    def commit(
        folder: Path, version: str, change: Callable[[Records], object] | None = None
    ) -> None:
        if change is not None:
            edit(folder, change)
        text = (folder / DESCRIPTOR).read_text(encoding="utf-8")
        (folder / DESCRIPTOR).write_text(
            text.replace('"version": "1.0.0"', f'"version": "{version}"'), encoding="utf-8"
        )
        git(folder, "commit", "--quiet", "--all", "--message", version)

    return commit
