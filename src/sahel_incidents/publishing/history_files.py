"""The files in which a release tells its history: changes.csv, retired.csv and CHANGES.md.

`changes.csv` has a row for each cell that changed and for each record that came or went since the
release before; of a first release every record came. `retired.csv` lists every id that was ever
published and ended, so that whoever kept one learns what became of it. `CHANGES.md` says the same
as the former in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from .. import typed_csv
from ..formats import Written, compare, reading
from ..history import REVISIONS, Action, Change, FieldChange
from ..history.difference import markdown
from ..package import Table
from ..records import Row
from ..release import Release
from ..reports.common import count
from .previous import Since

CHANGES = "changes.csv"
RETIRED = "retired.csv"
IN_WORDS = "CHANGES.md"

CHANGES_COLUMNS = (
    "action",
    "table",
    "record_id",
    "field",
    "old_value",
    "new_value",
    "other_id",
    "reason",
    "source_id",
    "revision_id",
)
RETIRED_COLUMNS = ("id", "table", "action", "replacement", "reason", "revised_on")
_ENDS = ("merged", "retracted")
"""The acts of `revisions` after which an id is no longer in use."""


def write(release: Release, since: Since | None, folder: Path) -> list[Written]:
    """Write the three files.

    Args:
        release: what is published.
        since: what it changes of the release before; None where it is the first.
        folder: the release's folder.

    Raises:
        BrokenArtifactError: a table does not read back as it was written.
    """
    changes = _everything(release) if since is None else _table(CHANGES_COLUMNS, _rows(since))
    _write_csv(changes, folder, CHANGES)
    _write_csv(_table(RETIRED_COLUMNS, _retired(release)), folder, RETIRED)
    words = _first(release) if since is None else markdown(since.difference, None)
    (folder / IN_WORDS).write_text(words, encoding="utf-8", newline="\n")
    return [
        Written(CHANGES, "Changes since the release before, by record and column", "text/csv"),
        Written(RETIRED, "Ids that are no longer in use, and what replaced them", "text/csv"),
        Written(IN_WORDS, "Changes since the release before, in words", "text/markdown"),
    ]


def _write_csv(table: pa.Table, folder: Path, name: str) -> None:
    """Write a table of text and read it back.

    Raises:
        BrokenArtifactError: what is read is not what was written.
    """
    typed_csv.write(folder / name, table)
    with reading(name):
        found = typed_csv.read(folder / name, table.schema)
    compare(name, table, found)


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> pa.Table:
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    arrays = [pa.array([cell or None for cell in column], pa.string()) for column in cells]
    return pa.table(arrays, names=list(columns))


def _everything(release: Release) -> pa.Table:
    """An ADD for each record of every table."""
    added = pa.schema([(name, pa.string()) for name in CHANGES_COLUMNS])
    parts = [added.empty_table()]
    for name, table in release.tables.items():
        rows = table.num_rows
        known = {
            "action": pa.repeat(Action.ADD.upper(), rows),
            "table": pa.repeat(name, rows),
            "record_id": _ids(release.declared[name], table),
        }
        empty = pa.nulls(rows, pa.string())
        parts.append(pa.table([known.get(column, empty) for column in CHANGES_COLUMNS], added))
    return pa.concat_tables(parts).combine_chunks()


def _ids(declared: Table, table: pa.Table) -> pa.ChunkedArray:
    """Each record's key as `revisions` writes it, its parts joined by "|"."""
    parts = [table[column].cast(pa.string()) for column in declared.primary_key]
    return pc.binary_join_element_wise(*parts, "|") if parts else pa.nulls(len(table), pa.string())


def _rows(since: Since) -> Iterator[tuple[str, ...]]:
    for change in since.difference.changes:
        if change.action is Action.MODIFY:
            for field in change.fields:
                yield _row(change, field)
        else:
            yield _row(change, FieldChange("", "", ""))


def _row(change: Change, field: FieldChange) -> tuple[str, ...]:
    act = _act(change, field)
    return (
        change.action.upper(),
        change.table,
        change.record,
        field.field,
        field.old,
        field.new,
        change.into or act.get("other_id", ""),
        act.get("reason", ""),
        act.get("source_id", ""),
        act.get("revision_id", ""),
    )


def _act(change: Change, field: FieldChange) -> Mapping[str, str]:
    """The latest new row of `revisions` about a cell, or else about its whole record."""
    of_cell = [row for row in change.revisions if row["field"] == field.field]
    of_record = [row for row in change.revisions if not row["field"]]
    return next(reversed(of_cell or of_record), {})


def _retired(release: Release) -> Iterator[tuple[str, ...]]:
    if REVISIONS not in release.tables:
        return
    revisions = release.tables[REVISIONS]
    ended = revisions.filter(pc.is_in(revisions["action"], pa.array(_ENDS)))
    text = {name: ended[name].cast(pa.string()) for name in ended.column_names}
    rows: list[Row] = [
        {name: cell or "" for name, cell in row.items()} for row in pa.table(text).to_pylist()
    ]
    last = {
        (row["table"], row["record_id"]): row
        for row in sorted(rows, key=lambda row: (row["revised_on"], row["revision_id"]))
    }
    for table, id in sorted(last):
        row = last[table, id]
        replacement = _replacement(table, id, last)
        yield id, table, row["action"], replacement, row["reason"], row["revised_on"]


def _replacement(table: str, id: str, last: Mapping[tuple[str, str], Row]) -> str:
    """The record that stands for a merged one today, however often it was merged since."""
    seen: set[str] = set()
    while id not in seen and (row := last.get((table, id))) and row["action"] == "merged":
        seen.add(id)
        id = row["other_id"]
    return id if seen else ""


def _first(release: Release) -> str:
    lines = [f"### {release.package.name} {release.version}", "", "The first release.", ""]
    for name, table in release.tables.items():
        title = release.declared[name].title
        lines.append(f"- {title}: {count(table.num_rows, 'record')}")
    return "\n".join([*lines, ""])
