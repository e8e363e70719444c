"""Every table as a Parquet file: typed, compressed, and telling what its columns mean."""

from __future__ import annotations

from pathlib import Path

from .. import parquet_files
from ..parquet_files import MEDIA_TYPE, described
from ..release import Release
from . import BrokenArtifactError, Written, compare, reading

TITLE = "Parquet"
OPTION = ""


def write(release: Release, folder: Path) -> list[Written]:
    """Write `parquet/<table>.parquet`."""
    written = []
    for name in release.every_table:
        path = _path(name)
        (folder / path).parent.mkdir(exist_ok=True)
        parquet_files.write(folder / path, described(release, name))
        written.append(Written(path, f"{release.declared[name].title} (Parquet)", MEDIA_TYPE))
    return written


def check(release: Release, folder: Path) -> None:
    """Read the files back, with what they tell of themselves."""
    for name in release.every_table:
        path, expected = _path(name), described(release, name)
        with reading(path):
            found = parquet_files.read(folder / path)
        compare(path, expected, found)
        if not found.schema.equals(expected.schema, check_metadata=True):
            raise BrokenArtifactError(path, "it does not tell of its columns what is declared")


def _path(table: str) -> str:
    return f"parquet/{table}.parquet"
