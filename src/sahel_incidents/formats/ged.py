"""The incidents as a CSV file in the columns of UCDP GED; docs/ged.md tells what is lost."""

from __future__ import annotations

from pathlib import Path

from .. import typed_csv
from ..release import Release
from ..ucdp.events import events
from ..ucdp.imported import is_imported
from . import Written, compare, reading

TITLE = "In the columns of UCDP GED (CSV)"
OPTION = ""

PATH = "ucdp/ged.csv"


def write(release: Release, folder: Path) -> list[Written]:
    """Write `ucdp/ged.csv`."""
    (folder / PATH).parent.mkdir(exist_ok=True)
    typed_csv.write(folder / PATH, events(release))
    return [Written(PATH, "Incidents in the columns of UCDP GED (CSV)", "text/csv")]


def check(release: Release, folder: Path) -> None:
    """Read the file back."""
    expected = events(release)
    with reading(PATH):
        imported = is_imported(release.package)
        found = typed_csv.read(folder / PATH, expected.schema, line_breaks=imported)
    compare(PATH, expected, found)
