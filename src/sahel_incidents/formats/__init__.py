"""The formats of a release. A format is one module here; adding one is adding one file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, cast

import pyarrow as pa

from ..problem import ToolError
from ..release import Release


@dataclass(frozen=True)
class Written:
    """A file that a format has written.

    Attributes:
        path: where it lies in the release's folder, with forward slashes.
        title: what it is, in a few words.
        media_type: its IANA media type.
    """

    path: str
    title: str
    media_type: str


class BrokenArtifactError(ToolError):
    """A file of a release does not hold what it should; the release must not be used."""

    def __init__(self, path: str, reason: str) -> None:
        """Args: path: the file, in the release's folder. reason: what differs."""
        super().__init__(f"{path}: {reason}", "build the release anew; do not use this one")


class Format(Protocol):
    """What a format's module offers.

    Attributes:
        TITLE: what the format is, in a few words.
        OPTION: the option of `incidents publish` that asks for it; "" where it always belongs to
            a release.
    """

    TITLE: str
    OPTION: str

    def write(self, release: Release, folder: Path) -> list[Written]:
        """Write the format's files below a release's folder; the same release, the same bytes.

        Args:
            release: what is published.
            folder: the release's folder.

        Returns:
            The files that were written, and no others.
        """

    def check(self, release: Release, folder: Path) -> None:
        """Read the format's files back and compare them with the tables.

        Raises:
            BrokenArtifactError: rows, values, types or their order differ.
        """


FORMATS = tuple(sorted(info.name for info in iter_modules(__path__)))
"""The formats' names, each that of its module. None is imported before it is asked for."""


def get(name: str) -> Format:
    """The format of that name; raises `ToolError` if there is none."""
    if name not in FORMATS:
        raise ToolError(f"there is no format {name!r}", f"choose from {', '.join(FORMATS)}")
    return cast(Format, import_module(f"{__name__}.{name}"))


def load(options: Collection[str] = ()) -> dict[str, Format]:
    """The formats that a release has, by name in the order of their names.

    Args:
        options: the options that were asked for, such as `hxl`.
    """
    formats = {name: get(name) for name in FORMATS}
    return {name: one for name, one in formats.items() if not one.OPTION or one.OPTION in options}


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Within it, failing to read a file means that the file is broken.

    Args:
        path: the file, in the release's folder.

    Raises:
        BrokenArtifactError: it is missing or not well formed.
    """
    try:
        yield
    except (OSError, ValueError, pa.ArrowException) as error:
        raise BrokenArtifactError(path, f"cannot be read: {error}") from error


def compare(path: str, expected: pa.Table, found: pa.Table) -> None:
    """Compare a table that was read back with the one that was written.

    Args:
        path: the file it was read from, in the release's folder.
        expected: the table that was written.
        found: the table that was read.

    Raises:
        BrokenArtifactError: columns, types, order, rows or values differ.
    """
    if found.column_names != expected.column_names:
        raise BrokenArtifactError(path, "its columns are not those of the table")
    for field in expected.schema:
        if found.schema.field(field.name).type != field.type:
            kind = found.schema.field(field.name).type
            raise BrokenArtifactError(path, f"{field.name} is {kind}, not {field.type}")
    if found.num_rows != expected.num_rows:
        raise BrokenArtifactError(path, f"{found.num_rows:,} rows, not {expected.num_rows:,}")
    for name in expected.column_names:
        if not found[name].equals(expected[name]):
            row = _first_difference(expected[name], found[name])
            raise BrokenArtifactError(path, f"{name} differs in row {row:,}")


def _first_difference(expected: pa.ChunkedArray, found: pa.ChunkedArray) -> int:
    """The first row, from 1, in which two columns of one type and length differ."""
    low, high = 0, len(expected)
    while high - low > 1:
        middle = (low + high) // 2
        if found.slice(low, middle - low).equals(expected.slice(low, middle - low)):
            low = middle
        else:
            high = middle
    return low + 1
