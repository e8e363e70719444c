"""`incidents find`: incidents by words, place, actor, dates, country and source."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from . import root_of, selecting

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..views.search import Hit, Query

_COLUMNS = ("date_start", "date_end", "date_precision", "country", "status", "event_type", "title")
_DAY_LENGTHS = {"month": 7, "year": 4}


@click.command
@click.argument("words", nargs=-1)
@selecting
@click.option(
    "--format",
    "name",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    help="How to show them. Default: table.",
)
def command(words: tuple[str, ...], query: Query, name: str) -> None:
    """Find incidents; without any condition, list all.

    Each of the WORDS must begin a word of the incident's title, summary or id, or of the names of
    its place and actors. Case and accents make no difference, and other spellings are known:
    Boulkessi finds Boulikessi, GSIM finds JNIM. The latest incident comes first.

    \b
    Examples:
      incidents find boulkessi
      incidents find --actor GSIM --from 2025-06 --to 2025-06
      incidents find camp --country Mali --format csv
      incidents find --source reuters --format json
    """
    from ..descriptor import open_package
    from ..records import Records
    from ..store import check_clean
    from ..views.search import search

    root = root_of(None)
    check_clean(root)
    records = Records.read(open_package(root))
    result = search(records, replace(query, text=" ".join(words)))
    click.echo(_FORMATS[name](result.hits), nl=False)
    found, total = len(result.hits), len(records.rows["incidents"])
    if name == "table" or not found:
        said = f"{found} of {total} incidents" if found else f"nothing found in {total} incidents"
        click.echo(said, err=name != "table")
    for hint in result.hints:
        click.echo(f"  -> {hint}", err=True)


def _table(hits: list[Hit]) -> str:
    """Lines of date, id and title, cut at the terminal's width."""
    from ..reports.common import visible

    width = shutil.get_terminal_size().columns
    ids = max((len(hit.row["incident_id"]) for hit in hits), default=0)
    lines = []
    for hit in hits:
        row = hit.row
        day = row["date_start"][: _DAY_LENGTHS.get(row["date_precision"], 10)]
        draft = " (candidate)" if row["status"] == "candidate" else ""
        line = visible(f"{day:10}  {row['incident_id']:{ids}}  {row['title']}{draft}")
        lines.append(line if len(line) <= width else f"{line[: width - 1]}…")
    return "".join(f"{line}\n" for line in lines)


def _cells(hit: Hit) -> dict[str, str]:
    told = {"incident_id": hit.row["incident_id"]}
    told |= {column: hit.row[column] for column in _COLUMNS}
    return told | {"place_id": hit.row["place_id"], "place": hit.place}


def _json(hits: list[Hit]) -> str:
    import json

    from ..reports.common import safe_json

    found = [_cells(hit) | {"actors": hit.actors, "figures": hit.figures} for hit in hits]
    return safe_json(json.dumps(found, ensure_ascii=False, indent=2)) + "\n"


def _csv(hits: list[Hit]) -> str:
    import csv
    import io

    stream = io.StringIO()
    columns = ["incident_id", *_COLUMNS, "place_id", "place", "actors", "figures"]
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    for hit in hits:
        writer.writerow(_cells(hit) | {"actors": "; ".join(hit.actors), "figures": hit.figures})
    return stream.getvalue()


_FORMATS: dict[str, Callable[[list[Hit]], str]] = {"table": _table, "json": _json, "csv": _csv}
