"""The files of a release against its `SHA256SUMS` and its manifest."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from ..checksums import SIGNATURE, SUMS, digest, files_in, parsed
from ..problem import ToolError
from ..publishing import manifest
from ..release import MANIFEST
from ..validate import Progress
from .findings import Kind, Verification

_MOST_BYTES = 100_000_000
"""The most that is read of the sums or the manifest; far above any honest one."""


def check_files(folder: Path, found: Verification, progress: Progress) -> dict[str, str]:
    """Compare the files that are there with those that `SHA256SUMS` states.

    A file that is missing while its bytes are there under another name was renamed.

    Returns:
        The digest of each plain file by its path, without the sums and their signature.
    """
    present = [path for path in files_in(folder) if path not in (SUMS, SIGNATURE)]
    plain = [path for path in present if _is_plain(folder / path)]
    for path in sorted(set(present) - set(plain)):
        found.add(Kind.UNSAFE, path, "is a symbolic link or something else than a plain file")
    digests = {}
    for done, path in enumerate(plain):
        progress("hashing", done, len(plain))
        digests[path] = digest(folder / path)
    progress("hashing", len(plain), len(plain))
    try:
        stated = parsed(_read(folder, SUMS).decode("utf-8"))
    except (ToolError, UnicodeDecodeError) as error:
        found.add(Kind.SUMS, SUMS, f"cannot be used: {error}")
        return digests
    found.files = len(stated)
    _compare(stated, digests, set(present), found)
    return digests


def _compare(
    stated: dict[str, str], digests: dict[str, str], present: set[str], found: Verification
) -> None:
    strangers = {
        digests[path]: path for path in sorted(digests, reverse=True) if path not in stated
    }
    renamed = set()
    for path, expected in sorted(stated.items()):
        if path not in present:
            other = strangers.pop(expected, "")
            if other:
                renamed.add(other)
                found.add(Kind.RENAMED, path, f"was renamed to {other}")
            else:
                found.add(Kind.MISSING, path, "is missing")
        elif digests.get(path, expected) != expected:
            found.add(Kind.CHANGED, path, "was changed")
    for path in sorted(digests.keys() - stated.keys() - renamed):
        found.add(Kind.ADDED, path, "was added")
    if MANIFEST not in stated:
        found.add(Kind.SUMS, SUMS, f"does not state {MANIFEST}")


def check_manifest(
    folder: Path, digests: dict[str, str], found: Verification
) -> dict[str, Any] | None:
    """Compare the manifest with the files.

    Args:
        folder: the release.
        digests: the digest of each file, by its path.
        found: is told what is wrong.

    Returns:
        The manifest; None where it cannot be read.
    """
    try:
        told = manifest.parsed(_read(folder, MANIFEST))
    except ToolError as error:
        found.add(Kind.MANIFEST, MANIFEST, f"cannot be used: {error.message}")
        return None
    found.name, found.version = told["name"], told["version"]
    listed = {item["path"]: item for item in told["artifacts"]}
    present = digests.keys() - {MANIFEST}
    for path in sorted(listed.keys() ^ present):
        where = "in the manifest, and not there" if path in listed else "not in the manifest"
        found.add(Kind.MANIFEST, path, f"is {where}")
    for path in sorted(present & listed.keys()):
        size = (folder / path).stat().st_size
        if (size, digests[path]) != (listed[path]["size"], listed[path]["sha256"]):
            found.add(Kind.MANIFEST, path, "is not the file of which the manifest tells")
    if told["draft"] == bool(told["commit"]):
        found.add(Kind.MANIFEST, MANIFEST, "must name a commit, or else call itself a draft")
    return told


def _read(folder: Path, name: str) -> bytes:
    """A small file of the release."""
    path = folder / name
    if not os.path.lexists(path):
        raise ToolError("it is missing", "get the release again")
    if not _is_plain(path) or path.stat().st_size > _MOST_BYTES:
        raise ToolError("it is not a plain file of sensible size", "get the release again")
    return path.read_bytes()


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:  # a name that is no text is shown by escapes, under which nothing lies
        return False
