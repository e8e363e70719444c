"""SQLite: every table with its keys, and the flat tables as views.

The columns of a flat table that repeat other tables are joined by its view; those that are worked
out lie in a table of their own, named with `_computed`. So no text is stored twice. A derived table
that repeats no other is a table like any.

The tables `described_tables`, `described_columns` and `described_values` hold the data dictionary.

The tables are not STRICT and have no CHECKs: SQLite before 3.37 could not open STRICT ones, and the
data has been validated. `check` holds every value and its type against the release.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from .. import ddl, dictionary
from ..derived.declaration import columns, origin_of
from ..package import ForeignKey, Table
from ..problem import ToolError
from ..release import Release
from . import BrokenArtifactError, Written

TITLE = "SQLite database"
OPTION = ""

_BATCH = 20_000
"""Rows passed to SQLite, or read from it, at once."""


def write(release: Release, folder: Path) -> list[Written]:
    """Write the database.

    Raises:
        ToolError: the folder cannot be written to, or the disk is full.
    """
    path = folder / _file(release)
    try:
        # Each statement for itself: transactions are begun and ended here, and VACUUM allows none.
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            _fill(database, release)
    except sqlite3.Error as error:
        raise ToolError(
            f"cannot write {path.name}: {error}",
            "check the folder's permissions and the free space (df -h)",
        ) from error
    return [Written(path.name, TITLE, "application/vnd.sqlite3")]


def check(release: Release, folder: Path) -> None:
    """Read the database back: its integrity, references, types, rows and their order.

    Raises:
        BrokenArtifactError: it does not hold what the release does.
    """
    path = folder / _file(release)
    try:
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as database:
            wrong = _difference(database, release)
    except (sqlite3.Error, pa.ArrowException) as error:
        wrong = str(error)
    if wrong:
        raise BrokenArtifactError(path.name, wrong)


def _file(release: Release) -> str:
    return f"{release.package.name}.sqlite"


def _fill(database: sqlite3.Connection, release: Release) -> None:
    # The database is thrown away if this fails, so it needs no journal and no waiting for the disk.
    for pragma in ("encoding = 'UTF-8'", "page_size = 4096", "journal_mode = OFF",
                   "synchronous = OFF", "cache_size = -200000"):  # fmt: skip
        database.execute(f"PRAGMA {pragma}")
    stored = dict(_stored(release))
    declared = {name: table for name, (table, _) in stored.items()}
    with _transaction(database):
        for table, rows in stored.values():
            database.execute(ddl.create(table, declared))
            _insert(database, table.name, rows)
        for table, _ in stored.values():
            for statement in ddl.indexes(table):
                database.execute(statement)
        for name, made_of in _views(release).items():
            database.execute(ddl.view(name, *made_of, declared))
        _describe(database, release)
        database.execute("ANALYZE")
    database.execute("VACUUM")


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN")
    yield
    database.execute("COMMIT")


def _views(release: Release) -> dict[str, tuple[str, dict[str, str]]]:
    """For each flat table the table its rows come from, and by column the path that it repeats."""
    return {
        name: (
            origin_of(name),
            {column.field.name: column.path for column in columns(release.package, name)},
        )
        for name in release.derived
        if origin_of(name)
    }


def _stored(release: Release) -> Iterator[tuple[str, tuple[Table, pa.Table]]]:
    """The tables that the database stores, by name: what is declared of them, and their rows."""
    views = _views(release)
    for name, rows in release.every_table.items():
        table = release.declared[name]
        if name not in views:
            yield name, (table, rows)
            continue
        origin, paths = views[name]
        own = [column for column, path in paths.items() if not path or column in table.primary_key]
        references = tuple(
            ForeignKey(column, origin, paths[column]) for column in table.primary_key
        )
        computed = replace(
            table,
            name=ddl.computed(name),
            fields=tuple(field for field in table.fields if field.name in own),
            foreign_keys=references,
        )
        yield computed.name, (computed, rows.select(own))


def _insert(database: sqlite3.Connection, table: str, rows: pa.Table) -> None:
    marks = ", ".join("?" * rows.num_columns)
    for batch in _batches(rows):
        values = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        database.executemany(f"INSERT INTO {ddl.name(table)} VALUES ({marks})", values)


def _batches(rows: pa.Table) -> Iterator[pa.Table]:
    """A table as SQLite holds it, some rows at a time."""
    for start in range(0, rows.num_rows, _BATCH):
        batch = rows.slice(start, _BATCH)
        yield pa.table([_plain(column) for column in batch.columns], names=batch.column_names)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column's values as SQLite holds them: days as text, flags as 0 and 1."""
    if pa.types.is_date(column.type):
        return column.cast(pa.string())
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int64())
    return column


_DICTIONARY = {
    "described_tables": ("table_name", "title", "description"),
    "described_columns": (
        "table_name", "column_name", "title", "description",
        "type", "required", "unit", "example", "limits", "key",
    ),
    "described_values": ("table_name", "column_name", "value", "title", "description"),
}  # fmt: skip
"""The tables of the data dictionary and their columns, as attributes of an `Entry`."""

_ATTRIBUTES = {"table_name": "table", "column_name": "column"}
"""Where a column is named otherwise than the attribute: `table` and `column` are words of SQL."""


def _describe(database: sqlite3.Connection, release: Release) -> None:
    rows: dict[str, list[list[Any]]] = {name: [] for name in _DICTIONARY}
    for entry in dictionary.entries(release):
        kind = "values" if entry.value else "columns" if entry.column else "tables"
        names = _DICTIONARY[f"described_{kind}"]
        rows[f"described_{kind}"].append(
            [getattr(entry, _ATTRIBUTES.get(name, name)) for name in names]
        )
    for name, columns_of in _DICTIONARY.items():
        made = ", ".join(
            f"{column} {'INTEGER' if column == 'required' else 'TEXT'} NOT NULL"
            for column in columns_of
        )
        key = [column for column in ("table_name", "column_name", "value") if column in columns_of]
        database.execute(f"CREATE TABLE {name} ({made}, PRIMARY KEY ({', '.join(key)}))")
        marks = ", ".join("?" * len(columns_of))
        database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows[name])


def _difference(database: sqlite3.Connection, release: Release) -> str:
    """The first way in which the database differs from the release; "" where it does not."""
    for pragma in ("integrity_check", "foreign_key_check"):
        found = database.execute(f"PRAGMA {pragma}").fetchmany(1)
        if found not in ([], [("ok",)]):
            return f"{pragma}: {found[0]}"
    for name, rows in release.every_table.items():
        order = "rowid"
        if name in _views(release):
            order = ddl.names(release.declared[name].primary_key)
        query = f"SELECT {ddl.names(rows.column_names)} FROM {ddl.name(name)} ORDER BY {order}"
        cursor = database.execute(query)
        for number, batch in enumerate(_batches(rows)):
            found = cursor.fetchmany(batch.num_rows)
            if len(found) < batch.num_rows:
                return f"{name} lacks rows"
            for values, column in zip(zip(*found, strict=True), batch.column_names, strict=True):
                known = batch[column]
                if not pa.chunked_array([pa.array(values, known.type)]).equals(known):
                    first = number * _BATCH + 1
                    return f"{name}.{column}, in the {len(found)} rows from the {first}th"
        if cursor.fetchone() is not None:
            return f"{name} has rows too many"
    return ""
