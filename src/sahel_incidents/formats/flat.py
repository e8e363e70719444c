"""The derived tables as CSV files, for whoever wants one table with everything in it."""

from __future__ import annotations

from pathlib import Path

from .. import typed_csv
from ..release import Release
from . import Written, compare, reading

TITLE = "Flat tables (CSV)"
OPTION = ""


def write(release: Release, folder: Path) -> list[Written]:
    """Write `flat/<table>.csv`."""
    written = []
    for name, table in release.derived.items():
        declared = release.declared[name]
        file = folder / declared.path
        file.parent.mkdir(exist_ok=True)
        typed_csv.write(file, table)
        written.append(Written(declared.path, f"{declared.title} (CSV)", "text/csv"))
    return written


def check(release: Release, folder: Path) -> None:
    """Read the files back."""
    for name, table in release.derived.items():
        path = release.declared[name].path
        with reading(path):
            found = typed_csv.read(folder / path, table.schema)
        compare(path, table, found)
