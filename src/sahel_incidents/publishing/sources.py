"""Where a release is built from: a commit, or for a draft the work tree as it is.

What is released is copied from git's own store into an empty folder, and everything is built from
that copy. So neither a filter of git nor an editor at work can come between the commit and its
release, and any commit can be rebuilt without a check-out.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from ..clock import today
from ..descriptor import open_package
from ..history import git_tree
from ..history.unpacking import RULES_FOLDER, Entry, unpack
from ..package import DESCRIPTOR, read_file
from ..problem import ToolError
from ..tables import MAX_FILE_BYTES

LICENSE = "LICENSE"
CHANGELOG = "CHANGELOG.md"
_TOOLKIT = f"{PurePosixPath(RULES_FOLDER).parent}/"
_KINDS = (".py", ".json", ".geojson", ".csv", ".html", ".css", ".js")
_SHIPPED = "shipped/"  # the data in a wheel, which a checkout has elsewhere


@dataclass(frozen=True)
class Source:
    """What a release is built from.

    Attributes:
        commit: the commit's full name; empty for a draft from the work tree.
        issued: the commit's day in UTC; today's for a draft.
        changelog: the text of its changelog; empty where there is none.
        toolkit: the digest of the toolkit in the same commit; empty where it holds none.
    """

    commit: str
    issued: date
    changelog: str
    toolkit: str


def take_commit(root: Path, name: str, folder: Path) -> Source:
    """Copy what is released out of a commit into an empty folder.

    Args:
        root: the package's folder, in whose repository the commit is.
        name: the revision.
        folder: where to.

    Raises:
        ToolError: there is no repository, or the commit holds no package or no licence.
    """
    commit = git_tree.described(name, root)
    with git_tree.commit(commit.name, root) as entries:
        unpack(f"commit {commit.name[:12]}", entries, folder)
        others = {entry.path: entry for entry in entries if entry.plain}
        _take_license(others, folder)
        changelog = others[CHANGELOG].read() if CHANGELOG in others else b""
        inside = {path.removeprefix(_TOOLKIT): path for path in others if path.startswith(_TOOLKIT)}
        toolkit = {name: others[path].read() for name, path in inside.items() if _makes_bytes(name)}
    text = changelog.decode("utf-8", "replace")
    return Source(commit.name, commit.day, text, _digest(toolkit) if toolkit else "")


def take_work_tree(root: Path, folder: Path) -> Source:
    """Copy what would be released out of the work tree into an empty folder.

    Raises:
        DescriptorError: the descriptor is broken or unsafe.
        ToolError: a file cannot be read, or there is no licence.
    """
    entries = list(_in_work_tree(root))
    unpack("the work tree", entries, folder)
    others = {entry.path: entry for entry in entries}
    _take_license(others, folder)
    changelog = others[CHANGELOG].read() if CHANGELOG in others else b""
    return Source("", today(), changelog.decode("utf-8", "replace"), "")


def describe_work_tree(root: Path) -> Source:
    """What is known of the work tree as a source, without copying it.

    Raises:
        ToolError: there is no licence.
    """
    if not (root / LICENSE).is_file():
        raise _no_license()
    changelog = root / CHANGELOG
    text = changelog.read_bytes() if changelog.is_file() else b""
    return Source("", today(), text.decode("utf-8", "replace"), "")


def refuse_changed(root: Path, folder: Path) -> None:
    """Refuse to go on where the work tree is not what was taken out of the commit.

    Whoever publishes looks at the work tree, and must not find another state in the release.

    Raises:
        ToolError: a file was changed, added or removed since the commit.
    """
    committed = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    }
    folders = {str(PurePosixPath(path).parent) for path in committed} - {"."}
    present = {entry.path for entry in _files_in(root, folders)}
    changed = [
        path
        for path in sorted(committed | present)
        if path not in committed or not _same(root, folder, path)
    ]
    if changed:
        raise ToolError(
            f"not committed: {', '.join(changed[:5])}{' and more' if len(changed) > 5 else ''}",
            "commit or undo these changes, or build a draft of them: --draft",
        )


def running_toolkit() -> str:
    """The digest of the toolkit that runs: of every file of it that makes or judges a release."""
    top = Path(__file__).parents[1]
    files = {path.relative_to(top).as_posix(): path for path in top.rglob("*.*")}
    return _digest({name: path.read_bytes() for name, path in files.items() if _makes_bytes(name)})


def _makes_bytes(path: str) -> bool:
    """Whether a file of the toolkit can decide what a release holds, by its path in it."""
    return path.endswith(_KINDS) and not path.startswith(_SHIPPED)


def _digest(files: dict[str, bytes]) -> str:
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def _take_license(entries: dict[str, Entry], folder: Path) -> None:
    if LICENSE not in entries:
        raise _no_license()
    (folder / LICENSE).write_bytes(entries[LICENSE].read())


def _no_license() -> ToolError:
    return ToolError(
        f"there is no file {LICENSE} beside {DESCRIPTOR}",
        "add one: without a licence nobody may use a release",
    )


def _same(root: Path, folder: Path, path: str) -> bool:
    try:
        return read_file(root, path, MAX_FILE_BYTES) == (folder / path).read_bytes()
    except (FileNotFoundError, IsADirectoryError, OverflowError):
        return False


def _in_work_tree(root: Path) -> Iterator[Entry]:
    listed = open_package(root).listed
    for name in (DESCRIPTOR, LICENSE, CHANGELOG):
        if os.path.lexists(root / name):
            yield _entry(root, name)
    yield from _files_in(root, {str(PurePosixPath(path).parent) for path in listed} - {"."})
    yield from (_entry(root, path) for path in sorted(listed) if "/" not in path)


def _files_in(root: Path, folders: set[str]) -> Iterator[Entry]:
    """Every file in some of the package's folders and below, each once."""
    found = {
        path.relative_to(root).as_posix()
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    return (_entry(root, path) for path in sorted(found))


def _entry(root: Path, path: str) -> Entry:
    def read() -> bytes:
        try:
            return read_file(root, path, MAX_FILE_BYTES)
        except (FileNotFoundError, IsADirectoryError, OverflowError) as error:
            raise ToolError(f"{path} cannot be read: {error}", "run: incidents validate") from error

    return Entry(path, stat.S_ISREG(os.lstat(root / path).st_mode), read)
