"""`incidents stats`: how many incidents and figures are recorded, by what they are."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import click

from . import root_of, selecting

if TYPE_CHECKING:
    from ..views.counts import Table
    from ..views.search import Query

_USUAL = ("country", "year", "attacker-kind", "victims", "harm", "confirmation", "grade", "origins")
_DIMENSIONS = (*_USUAL, "month", "event-type", "attacker", "target")
_ACROSS = ("grade", "harm", "victims", "confirmation")


@click.command
@click.option(
    "--by",
    "names",
    type=click.Choice(_DIMENSIONS),
    multiple=True,
    help=f"What to count by; may be given again. Default: {', '.join(_USUAL)}.",
)
@click.option(
    "--across",
    type=click.Choice(_ACROSS),
    default="grade",
    help="By what the figures of each row are told apart. Default: grade.",
)
@selecting
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "markdown"]),
    default="table",
    help="How to show them. Default: table.",
)
def command(names: tuple[str, ...], across: str, query: Query, form: str) -> None:
    """Count incidents and figures: records, never people.

    Figures of one incident contradict and overlap each other, and the records are a selection, so
    nothing here adds up people, and no rate or trend can be read from it. The grade of a figure
    says how far it is borne out: confirmed, corroborated, contested or unconfirmed. A figure that
    was withdrawn or replaced is ungraded.

    \b
    Examples:
      incidents stats
      incidents stats --by month --by attacker --country Mali
      incidents stats --by attacker-kind --across victims
      incidents stats --by country --format csv > countries.csv
    """
    from ..descriptor import open_package
    from ..records import Records
    from ..store import check_clean
    from ..views.counts import Counts
    from ..views.search import search

    root = root_of(None)
    check_clean(root)
    records = Records.read(open_package(root))
    result = search(records, query)
    counts = Counts(records, [hit.row["incident_id"] for hit in result.hits])
    tables = {name: counts.table(name, across) for name in names or _USUAL}
    click.echo(_FORMATS[form](tables), nl=False)
    total = len(records.rows["incidents"])
    figures = sum(map(len, counts.figures.values()))
    said = f"{len(result.hits):,} of {total:,} incidents, {figures:,} figures; people are not added"
    click.echo(said, err=form != "table")
    for hint in result.hints:
        click.echo(f"  -> {hint}", err=True)


def _table(tables: dict[str, Table]) -> str:
    from ..views.count_tables import text

    width = shutil.get_terminal_size().columns
    return "".join(f"{text(table, width)}\n" for table in tables.values() if table.lines)


def _markdown(tables: dict[str, Table]) -> str:
    from ..views.count_tables import markdown

    return "\n".join(markdown(table) for table in tables.values())


def _json(tables: dict[str, Table]) -> str:
    import json
    from dataclasses import asdict

    from ..reports.common import safe_json

    counted = {name: [asdict(line) for line in table.lines] for name, table in tables.items()}
    return safe_json(json.dumps(counted, ensure_ascii=False, indent=2)) + "\n"


def _csv(tables: dict[str, Table]) -> str:
    import csv
    import io

    across = list(dict.fromkeys(label for table in tables.values() for label in table.across))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["by", "label", "incidents", "figures", *across])
    for name, table in tables.items():
        for line in table.lines:
            cells = (line.across.get(label, 0) for label in across)
            writer.writerow([name, line.label, line.incidents, line.figures, *cells])
    return stream.getvalue()


_FORMATS = {"table": _table, "json": _json, "csv": _csv, "markdown": _markdown}
