"""A state of the data package: in a folder, at a commit of git, or in a release's zip archive.

A folder is read where it is. A commit and an archive are unpacked into a temporary folder, which is
removed afterwards.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..descriptor import open_package
from ..package import DESCRIPTOR, Package
from ..problem import DescriptorError, ToolError
from .git_tree import commit, names_commit
from .unpacking import RULES_FOLDER, Entry, check_size, unpack

RELEASES = "dist"
"""The folder in the package's in which releases are built, if no other is named."""


@dataclass(frozen=True)
class State:
    """One state of the package.

    Attributes:
        name: the state as the user named it.
        package: the package in it.
        rules: the files of the semantic rules beside it, by path; empty where it holds none.
    """

    name: str
    package: Package
    rules: dict[str, bytes]


@contextmanager
def opened(name: str, near: Path) -> Iterator[State]:
    """The state that a folder with a `datapackage.json`, a zip archive or a git revision holds.

    Args:
        name: the folder, the archive or the revision (a branch, a tag, a commit), tried in this
            order; `./main` is always a folder, `refs/heads/main` always a branch. A bare version
            number such as 1.0.0, where it is none of these, names a release: its tag v1.0.0, else
            what was built of it in `dist/`, as a folder or as a zip archive.
        near: the package's folder, in whose git repository a revision is looked up.

    Raises:
        DescriptorError: the state's descriptor is broken or unsafe.
        ToolError: there is no such state, or it cannot be read.
    """
    if not name or name.startswith("-"):
        raise ToolError(
            f"{name!r} is not the name of a state",
            "name a branch, tag or commit of git, a folder (./name) or a .zip file",
        )
    place = _released(name, near) or name
    path = Path(place)
    if os.path.lexists(path / DESCRIPTOR):
        yield in_folder(name, path)
        return
    with tempfile.TemporaryDirectory(prefix="incidents-") as temporary:
        folder = Path(temporary)
        if place.lower().endswith(".zip") and path.is_file():
            with _archive(name, path) as entries:
                rules = unpack(name, entries, folder)
        else:
            with commit(place, near) as entries:
                rules = unpack(name, entries, folder)
        yield State(name, _open(name, folder), rules)


def _released(version: str, near: Path) -> str | None:
    """Where the release of a version is; None where there is none, or the name is no version.

    A tag says more surely than a folder what was released: a folder may hold a draft.
    """
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?", version):
        return None
    if os.path.lexists(Path(version) / DESCRIPTOR) or names_commit(version, near):
        return version
    if names_commit(f"refs/tags/v{version}", near):
        return f"refs/tags/v{version}"
    # The name of the package may have changed since, and nothing else is built there.
    places = sorted((near / RELEASES).glob(f"*-{version}"))
    places = [place for place in places if os.path.lexists(place / DESCRIPTOR)]
    places += sorted((near / RELEASES).glob(f"*-{version}.zip"))
    return str(places[0]) if places else None


def in_folder(name: str, folder: Path) -> State:
    """The state in a folder.

    Raises:
        DescriptorError: its descriptor is missing, broken or unsafe.
        ToolError: a file cannot be read.
    """
    return State(name, _open(name, folder), _rules_in(folder))


def _open(name: str, folder: Path) -> Package:
    try:
        return open_package(folder)
    except DescriptorError as error:
        raise DescriptorError(f"{name}: {error.message}", error.remedy) from error


def _rules_in(folder: Path) -> dict[str, bytes]:
    files = sorted((folder / RULES_FOLDER).glob("*.py"))
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in files
        if file.is_file() and not file.is_symlink()
    }


@contextmanager
def _archive(name: str, path: Path) -> Iterator[list[Entry]]:
    """The files of a zip archive, from the folder in it that holds the descriptor."""
    try:
        with zipfile.ZipFile(path) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            tops = {
                info.filename.removesuffix(DESCRIPTOR)
                for info in files
                if info.filename.split("/")[-1] == DESCRIPTOR and info.filename.count("/") < 2
            }
            if len(tops) > 1 and "" not in tops:
                raise ToolError(f"{name} holds several packages", "unpack it and name one folder")
            top = "" if "" in tops else next(iter(tops), "")

            def reader(info: zipfile.ZipInfo) -> Callable[[], bytes]:
                def read() -> bytes:
                    check_size(name, info.filename, info.file_size)
                    return archive.read(info)

                return read

            yield [
                Entry(
                    info.filename.removeprefix(top),
                    stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG),
                    reader(info),
                )
                for info in files
                if info.filename.startswith(top)
            ]
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        # RuntimeError: it is encrypted, or compressed in a way that is not known (a subclass)
        raise ToolError(
            f"{name} cannot be read as a zip archive: {error}", "download it again"
        ) from error
