"""The SHA-256 that a file must have: as somebody writes it, and as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ..checksums import SUMS, digest
from ..problem import ToolError

_DIGEST = re.compile(r"[0-9a-f]{64}")
_AT_ONCE = 4  # files; hashing lets other threads run


def normal(sha256: str) -> str:
    """A digest in the form in which it is compared.

    Raises:
        ToolError: it is none.
    """
    lower = sha256.strip().lower()
    if not _DIGEST.fullmatch(lower):
        raise ToolError(f"{sha256!r} is not a SHA-256", "write its 64 hexadecimal digits")
    return lower


def check_file(path: Path, sha256: str) -> None:
    """Make sure that a file is the one meant.

    Raises:
        ToolError: its SHA-256 is another.
    """
    if digest(path) != normal(sha256):
        raise ToolError(
            f"{path} is not the file that was announced: its SHA-256 is another than {sha256}",
            "get it again",
        )


def check_files(folder: Path, paths: Iterable[str], stated: Mapping[str, str]) -> None:
    """Make sure that some files of a release's folder are those that were published.

    Args:
        folder: the release.
        paths: the files to check.
        stated: the digests that its `SHA256SUMS` states, by path.

    Raises:
        ToolError: one is not, or is missing.
    """
    files = {path: folder / path for path in paths}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda file: digest(file) if file.is_file() else None, files.values())
        for (path, file), real in zip(files.items(), found, strict=True):
            if real is None or stated.get(path) != real:
                raise ToolError(
                    f"{file} is not the file that {SUMS} states",
                    "get the release again; `incidents verify` names all that differs",
                )
