"""`SHA256SUMS`: the digest of every file of a release, in the form that `sha256sum -c` reads."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from .problem import ToolError

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
_LINE = re.compile(r"([0-9a-f]{64}) [ *]([^\n\r\\]+)")


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_in(folder: Path) -> list[str]:
    """Every file in a folder and below, and whatever else is no folder, by path, sorted.

    A path has forward slashes; bytes in it that are no text are shown as escapes.
    """
    found = []
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            name = os.fsencode(path.relative_to(folder)).decode("utf-8", "backslashreplace")
            found.append(name.replace(os.sep, "/"))
    return sorted(found)


def digests(folder: Path) -> dict[str, str]:
    """The digest of each file in a folder but the sums themselves and their signature, by path."""
    names = (name for name in files_in(folder) if name not in (SUMS, SIGNATURE))
    return {name: digest(folder / name) for name in names}


def rendered(sums: dict[str, str]) -> str:
    """The text of `SHA256SUMS`: a digest and a path to each line, sorted by path."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def parsed(text: str) -> dict[str, str]:
    """The digests that a `SHA256SUMS` states, by path.

    Raises:
        ToolError: it is not of that form, or states a file twice.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in sums:
            raise ToolError(f"{SUMS}, line {number}, is not a digest and a path", "get it again")
        sums[match[2]] = match[1]
    return sums
