"""The derived tables as CSV files with a line of tags for humanitarian data tools.

The tags are of the Humanitarian Exchange Language (https://hxlstandard.org, version 1.1), each
declared with its column. They stand between the header and the rows, so a reader that knows
nothing of them takes them for a row; that is why these files are beside the others and not they.
"""

from __future__ import annotations

from pathlib import Path

from .. import derived, typed_csv
from ..release import Release
from . import Written, compare, reading

TITLE = "Flat tables with HXL tags (CSV)"
OPTION = "hxl"


def write(release: Release, folder: Path) -> list[Written]:
    """Write `flat/<table>_hxl.csv`."""
    written = []
    tags = derived.hxl_tags(release.package)
    for name, table in release.derived.items():
        path = _path(release, name)
        (folder / path).parent.mkdir(exist_ok=True)
        typed_csv.write(folder / path, table, below_header=tags[name])
        title = f"{release.declared[name].title} (CSV with HXL tags)"
        written.append(Written(path, title, "text/csv"))
    return written


def check(release: Release, folder: Path) -> None:
    """Read the files back."""
    for name, table in release.derived.items():
        path = _path(release, name)
        with reading(path):
            found = typed_csv.read(folder / path, table.schema, below_header=True)
        compare(path, table, found)


def _path(release: Release, table: str) -> str:
    return release.declared[table].path.removesuffix(".csv") + "_hxl.csv"
