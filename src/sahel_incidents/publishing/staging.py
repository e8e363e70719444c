"""A folder that is there whole or not at all.

It is filled under a name that begins with a dot, beside the place where it is to lie, flushed to
disk and then renamed. A process that dies on the way leaves such a folder, which the next one
removes; the lock tells it that nobody works in there any more.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..checksums import files_in
from ..problem import ToolError

_LOCK = ".publish.lock"
_STAGING = ".staging"
_REPLACED = ".replaced"
_FILE, _FOLDER = 0o644, 0o755  # permissions: whoever gets a release may read it
_WAIT = 2.0  # seconds; a release takes longer, so there is no use in waiting for one


@contextmanager
def staging(output: Path, name: str) -> Iterator[Path]:
    """An empty folder to fill; it is removed when the block is left, unless `put` moved it.

    Args:
        output: the folder in which the finished one is to lie; made if need be.
        name: the finished folder's name.

    Raises:
        ToolError: another process builds there; the folder cannot be written to.
    """
    with failures(output):
        output.mkdir(parents=True, exist_ok=True)
        lock = FileLock(output / _LOCK)
        try:
            lock.acquire(timeout=_WAIT)
        except Timeout:
            raise ToolError(
                f"another process builds a release in {output}", "let it finish, then try again"
            ) from None
    folder = output / f".{name}{_STAGING}"
    try:
        with failures(output):
            _remove_leftovers(output)
            folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()


def put(folder: Path, place: Path, *, replace: bool = False) -> None:
    """Move a finished folder into its place in one step, after all of it is on the disk.

    Args:
        folder: the one that was filled.
        place: where it is to lie.
        replace: whether one that lies there goes. Then for a moment there is none.

    Raises:
        ToolError: something lies there, or the disk fails; then nothing is changed.
    """
    with failures(place.parent):
        _settle(folder)
        aside = place.with_name(f".{place.name}{_REPLACED}")
        if replace:
            place.rename(aside)
        try:
            folder.rename(place)
        except OSError:
            if replace:
                aside.rename(place)
            raise
        _flush(place.parent)
        _remove_leftovers(place.parent)


def put_file(file: Path, place: Path) -> None:
    """Move one file into a folder that is there already, over the one that may be in its place."""
    os.chmod(file, _FILE)
    _flush(file)
    os.replace(file, place)
    _flush(place.parent)


def differing(one: Path, other: Path) -> list[str]:
    """The paths at which two folders do not hold the same bytes, sorted."""
    here, there = set(files_in(one)), set(files_in(other))
    return sorted(
        (here ^ there) | {path for path in here & there if not _same(one / path, other / path)}
    )


@contextmanager
def failures(folder: Path) -> Iterator[None]:
    """Turn a full disk or a missing permission into an error with a remedy."""
    try:
        yield
    except OSError as error:
        raise ToolError(
            f"cannot write in {folder}: {error}",
            "check the folder's permissions and the free space (df -h); nothing was published",
        ) from error


def _settle(folder: Path) -> None:
    """Give all files and folders the same permissions everywhere, and flush them to disk."""
    for path in sorted(folder.rglob("*"), reverse=True):
        os.chmod(path, _FOLDER if path.is_dir() else _FILE)
        _flush(path)
    os.chmod(folder, _FOLDER)
    _flush(folder)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _same(one: Path, other: Path) -> bool:
    if any(path.is_symlink() or not path.is_file() for path in (one, other)):
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while True:
            blocks = first.read(1 << 20), second.read(1 << 20)
            if blocks[0] != blocks[1]:
                return False
            if not blocks[0]:
                return True


def _remove_leftovers(output: Path) -> None:
    for pattern in (f".*{_STAGING}", f".*{_REPLACED}"):
        for left in output.glob(pattern):
            shutil.rmtree(left)
