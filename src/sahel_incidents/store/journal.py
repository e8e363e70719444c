"""The journal of a write: which files are to be replaced, and what their old and new content is.

In `.incidents`, beside `datapackage.json`, lie the new content of each file (`new`), the old one
(`old`) and, once both are safely on disk, the journal that names them. As long as it lies there
every file has either content, and all can be brought to the one or the other.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from ..files import write_whole
from ..package import check_path, read_file
from ..problem import DescriptorError, ToolError

FOLDER = ".incidents"
"""The folder beside `datapackage.json` that holds the lock and an unfinished write."""

LOCK = f"{FOLDER}/lock"
JOURNAL = f"{FOLDER}/journal.json"

Side = Literal["new", "old"]
"""The two states of a write; what belongs to one lies in the subfolder of that name."""

_MAX_BYTES = 10_000_000
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Move:
    """One file to replace: its path, and its content by SHA-256; None where there is no file."""

    path: str
    old: str | None
    new: str

    def content(self, side: Side) -> str | None:
        """The content that the file has on this side."""
        return self.new if side == "new" else self.old


def digest(root: Path, path: str) -> str | None:
    """The SHA-256 of a file's content, in hexadecimal; None where there is no file.

    Raises:
        DescriptorError: the path leads out of the package, or to a link.
        ToolError: there is a folder, or the file cannot be read.
    """
    check_path(root, path)
    try:
        return hashlib.sha256(read_file(root, path, sys.maxsize)).hexdigest()
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise ToolError(f"{path} is not a file", f"move away what is at {path}") from None


def visible(path: str) -> str:
    """The path, unless it names something hidden: no table is, and `.git` is.

    Raises:
        DescriptorError: it does.
    """
    if any(part.startswith(".") for part in PurePosixPath(path).parts):
        raise DescriptorError(f"{path!r}: is hidden", "name a table, such as data/incidents.csv")
    return path


def write(root: Path, moves: list[Move]) -> None:
    """Write the journal, after what it speaks of is on disk.

    Raises:
        OSError, ToolError: the disk is full or failing.
    """
    for folder, _, _ in os.walk(root / FOLDER):
        flush_folder(Path(folder))
    text = json.dumps({"files": [asdict(move) for move in moves]}, indent=1)
    write_whole(root / JOURNAL, text.encode("utf-8"))
    flush_folder(root / FOLDER)
    flush_folder(root)


def read(root: Path) -> list[Move]:
    """What the journal of an interrupted write names; nothing where there is none.

    A journal may have come with a clone or an archive: nothing in it is trusted.

    Raises:
        DescriptorError: it names a file that no write would.
        ToolError: it is damaged.
    """
    check_path(root, JOURNAL)
    try:
        journal = json.loads(read_file(root, JOURNAL, _MAX_BYTES))
        moves = [Move(**entry) for entry in journal["files"]]
        for move in moves:
            check_path(root, visible(move.path))
            for content in (move.new, move.old):
                if content is not None and not _HASH.fullmatch(content):
                    raise ValueError("a hash is not SHA-256 in hexadecimal")
    except FileNotFoundError:
        return []
    except (
        IsADirectoryError,
        OverflowError,
        RecursionError,
        ValueError,
        TypeError,
        KeyError,
    ) as error:
        raise broken(root, f"its journal cannot be read ({error})") from error
    return moves


def can_bring(root: Path, moves: list[Move], side: Side) -> bool:
    """Whether every file has this side's content, or can be given it in place of the other's."""

    def can(move: Move) -> bool:
        wanted, other = (move.new, move.old) if side == "new" else (move.old, move.new)
        present = digest(root, move.path)
        if present == wanted:
            return True
        kept = None if wanted is None else digest(root, f"{FOLDER}/{side}/{move.path}")
        return present == other and kept == wanted

    return all(can(move) for move in moves)


def bring(root: Path, moves: list[Move], side: Side) -> None:
    """Give every file this side's content, where `can_bring`; one that has it already stays.

    Raises:
        OSError: the folder cannot be written to.
    """
    for move in moves:
        wanted = move.content(side)
        if digest(root, move.path) == wanted:
            continue
        if wanted is None:
            os.unlink(root / move.path)
        else:
            os.replace(root / FOLDER / side / move.path, root / move.path)
    for folder in {(root / move.path).parent for move in moves}:
        flush_folder(folder)


def clear(root: Path) -> None:
    """Remove the journal, which ends the write, then all else but the lock.

    Raises:
        OSError: the folder cannot be written to.
    """
    (root / JOURNAL).unlink(missing_ok=True)
    flush_folder(root / FOLDER)
    for entry in list(os.scandir(root / FOLDER)):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        elif Path(entry.path) != root / LOCK:
            os.unlink(entry.path)


def broken(root: Path, reason: str) -> ToolError:
    """The error for an interrupted write that only a person can mend."""
    return ToolError(
        f"a write in {root} was interrupted and cannot be completed: {reason}",
        "compare the tables with the last good state (git diff), restore what is wrong, "
        f"then remove the folder {FOLDER}",
    )


def changed_meanwhile(paths: Iterable[str]) -> ToolError:
    """The error for files that were changed, without the lock, between reading and writing."""
    return ToolError(
        f"another program changed a file meanwhile: {' or '.join(paths)}",
        "close the program that has it open, then try again; nothing was changed",
    )


def link(file: Path, copy: Path) -> None:
    """Give a file a second name, or copy it where the file system knows no second names.

    Raises:
        OSError, ToolError: the disk is full or failing.
    """
    try:
        os.link(file, copy, follow_symlinks=False)
    except OSError:
        write_whole(copy, file.read_bytes())
        os.chmod(copy, stat.S_IMODE(file.stat().st_mode))


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on disk, not just its files' content."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
