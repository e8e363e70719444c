"""`incidents show`: a record to read, and what became of one that is gone."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from . import complete_ids, root_of

if TYPE_CHECKING:
    from ..records import Records, Row
    from ..views.resolve import Fate, Found

_TABLES = ("incidents", "casualties", "statements", "totals", "sources", "actors", "places")


@click.command
@click.argument("id", shell_complete=complete_ids(*_TABLES))
@click.option(
    "--format",
    "name",
    type=click.Choice(["page", "card", "json"]),
    default="page",
    help="page: to read; card: what `incidents edit` opens; json: for programs. Default: page.",
)
def command(id: str, name: str) -> None:
    """Show the record with this ID: an incident, figure, statement, total, source, actor or place.

    Of an incident: where and when, who, each figure with who said it, where it stands, whether it
    is confirmed and how far it is borne out (its grade), the statements and the sources.

    Of a record that was merged or retracted: when and why, and the one that lives on.

    \b
    Examples:
      incidents show MLI-2025-06-01-boulikessi
      incidents show MLI-2025-06-01-boulikessi-f01
      incidents show jnim
      incidents show MLI-2025-06-01-boulikessi --format card > card.yaml
    """
    from ..descriptor import open_package
    from ..records import Records
    from ..store import check_clean
    from ..views import resolve

    root = root_of(None)
    check_clean(root)
    records = Records.read(open_package(root))
    steps = resolve.fates(records, id)
    retracted = bool(steps) and not steps[-1].into
    found = None if retracted else resolve.get(records, steps[-1].into if steps else id)
    if name == "json":
        click.echo(_json(records, steps, found), nl=False)
    elif name == "card":
        _tell(records, steps, err=True)
        if found is not None:
            click.echo(_card(records, found), nl=False)
    else:
        _tell(records, steps)
        if found is not None:
            click.echo(_page(records, found), nl=False)


def _tell(records: Records, steps: list[Fate], err: bool = False) -> None:
    from ..views.page import fate

    width = shutil.get_terminal_size().columns
    for step in steps:
        click.echo(click.wrap_text(fate(records, step), width), err=err)
    if steps and steps[-1].into and not err:
        click.echo()


def _page(records: Records, found: Found) -> str:
    from ..views.page import coloured, page, plain

    colour = (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
    width = shutil.get_terminal_size().columns
    return page(records, found, width, coloured if colour else plain)


def _card(records: Records, found: Found) -> str:
    from .. import cards
    from ..problem import ToolError
    from ..views.resolve import incident_of

    incident = incident_of(found)
    if not incident:
        raise ToolError(
            f"{found.id} has no card: it stands in {found.table}",
            "only incidents have one; leave --format out, or write --format json",
        )
    return cards.dump(cards.to_card(records, incident))


def _json(records: Records, steps: list[Fate], found: Found | None) -> str:
    import json

    from ..reports.common import safe_json

    told: dict[str, object] = {"became": [step.revision for step in steps]}
    if found is not None:
        told |= {"table": found.table, "id": found.id, "record": found.row}
        told |= _belongings(records, found)
    return safe_json(json.dumps(told, ensure_ascii=False, indent=2)) + "\n"


def _belongings(records: Records, found: Found) -> dict[str, object]:
    """What belongs to a record, table by table; figures with their phrase and grade."""
    from ..grading import RULE_VERSION
    from ..views.estimates import grades
    from ..views.page_words import number

    own: dict[str, list[Row]] = {}
    for name, table in records.package.tables.items():
        columns = [ref.field for ref in table.foreign_keys if ref.table == found.table]
        rows = records.rows[name].values()
        mine = [row for row in rows if any(row[column] == found.id for column in columns)]
        own |= {name: mine} if mine else {}
    if found.table != "incidents":
        return {"referred_to_by": own}
    graded = grades(own.get("casualties", []), records)
    figures: list[dict[str, str | None]] = [
        {**row, "phrase": number(row), "grade": graded.get(row["casualty_id"])}
        for row in own.get("casualties", [])
    ]
    stated = {row["statement_id"] for row in own.get("statement_incidents", [])}
    statements = [row for (id,), row in records.rows["statements"].items() if id in stated]
    return own | {
        "casualties": figures,
        "statements": statements,
        "grade_rule": RULE_VERSION,
    }
