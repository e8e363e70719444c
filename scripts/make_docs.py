"""Write anew what is told of data and code: docs/balance.md, docs/ucdp.md, pictures, CITATION.cff.

    python scripts/make_docs.py

tests/test_docs.py fails where they are out of date.
"""

from __future__ import annotations

import json
from pathlib import Path

from sahel_incidents.descriptor import open_package
from sahel_incidents.metadata import citation_cff
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.plots import map as map_of_incidents
from sahel_incidents.plots import rendered, style, timeline, tolls
from sahel_incidents.records import Records
from sahel_incidents.ucdp.mapping import crosswalk
from sahel_incidents.views.count_tables import markdown
from sahel_incidents.views.counts import Counts

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
BALANCE = ROOT / "docs" / "balance.md"
IMPORTED = ROOT / "docs" / "ucdp.md"
CITATION = ROOT / citation_cff.PATH
MAPPING = "<!-- crosswalk: begin -->", "<!-- crosswalk: end -->"
BEGIN, END = "<!-- counted: begin -->", "<!-- counted: end -->"

COUNTED = (
    ("By who attacked, and by whom the figures count", "attacker-kind", "victims"),
    ("By country", "country", "grade"),
    ("By year", "year", "grade"),
    ("By victims", "victims", "confirmation"),
    ("By harm", "harm", "grade"),
    ("By confirmation", "confirmation", "confirmation"),
    ("By who attacked, and by confirmation", "attacker-kind", "confirmation"),
    ("By the number of origins that an incident's figures come from", "origins", "grade"),
)
"""The heading of each table, and what it counts by and across."""


def balance(records: Records) -> str:
    """The text of docs/balance.md with its counts as they are now."""
    before, _, rest = BALANCE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    counts = Counts(records, [id for (id,) in records.rows["incidents"]])
    tables = [
        f"### {heading}\n\n{markdown(counts.table(by, across))}" for heading, by, across in COUNTED
    ]
    return "\n".join((before + BEGIN, "", *tables, END)) + after


def pictures(records: Records) -> dict[str, bytes]:
    """The pictures drawn from the data, by file name."""
    incidents = list(records.rows["incidents"].values())
    with style():
        figures = {
            "boulikessi.svg": tolls.draw(records, "MLI-2025-06-01-boulikessi", ["killed"]),
            "map.svg": map_of_incidents.draw(records, incidents),
            "timeline.svg": timeline.draw(records, incidents),
        }
        return {name: rendered(figure, "svg") for name, figure in figures.items()}


def citation() -> bytes:
    """How to cite the dataset, for who looks at the repository."""
    return citation_cff.undated(json.loads((ROOT / DESCRIPTOR).read_bytes()))


def imported() -> str:
    """The text of docs/ucdp.md with the table of columns as it is now."""
    begin, end = MAPPING
    before, _, rest = IMPORTED.read_text(encoding="utf-8").partition(begin)
    return f"{before}{begin}\n\n{crosswalk()}\n{end}{rest.partition(end)[2]}"


def main() -> None:
    """Write the page, the pictures and the citation."""
    records = Records.read(open_package(ROOT))
    BALANCE.write_text(balance(records), encoding="utf-8")
    for name, content in pictures(records).items():
        (IMAGES / name).write_bytes(content)
    CITATION.write_bytes(citation())
    IMPORTED.write_text(imported(), encoding="utf-8")


if __name__ == "__main__":
    main()
