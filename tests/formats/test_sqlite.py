"""The SQLite database: what is declared stands in it, and other programs read it."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from datasette.app import Datasette

from sahel_incidents import ddl
from sahel_incidents.formats import BrokenArtifactError, sqlite
from sahel_incidents.metadata import datasette
from sahel_incidents.package import ForeignKey, Table
from sahel_incidents.problem import ToolError
from sahel_incidents.release import Release

FILE = "sahel-incidents.sqlite"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, shipped: Release) -> Path:
    """A folder with the database of the shipped data."""
    folder = tmp_path_factory.mktemp("release")
    sqlite.write(shipped, folder)
    return folder


@pytest.fixture
def database(folder: Path) -> Iterator[sqlite3.Connection]:
    address = f"{(folder / FILE).as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as opened:
        yield opened


def columns(database: sqlite3.Connection, table: str) -> dict[str, tuple[str, int, int]]:
    """A table's columns: their type, whether NOT NULL, their place in the primary key."""
    found = database.execute(f"PRAGMA table_info({ddl.name(table)})").fetchall()
    return {name: (kind, must, key) for _, name, kind, must, _, key in found}


def test_what_is_written_passes_the_check(release: Release, tmp_path: Path) -> None:
    written = sqlite.write(release, tmp_path)
    assert [one.path for one in written] == [FILE] == [file.name for file in tmp_path.iterdir()]
    sqlite.check(release, tmp_path)


def test_the_same_release_gives_the_same_bytes(release: Release, tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        sqlite.write(release, tmp_path / name)
        contents.append((tmp_path / name / FILE).read_bytes())
    assert contents[0] == contents[1]


def test_the_tables_are_as_declared(shipped: Release, database: sqlite3.Connection) -> None:
    for name, table in shipped.package.tables.items():
        expected = {
            field.name: (
                {"string": "TEXT", "date": "TEXT", "integer": "INTEGER", "number": "REAL"}[
                    field.type
                ],
                int(field.required),
                table.primary_key.index(field.name) + 1 if field.name in table.primary_key else 0,
            )
            for field in table.fields
        }
        assert columns(database, name) == expected
        references = database.execute(f"PRAGMA foreign_key_list({name})").fetchall()
        assert {(row[3], row[2], row[4]) for row in references} == {
            (key.field, key.table, key.key) for key in table.foreign_keys
        }
        indexed = {
            database.execute(f"PRAGMA index_info({index})").fetchone()[2]
            for _, index, *_ in database.execute(f"PRAGMA index_list({name})").fetchall()
        }
        assert {key.field for key in table.foreign_keys} <= indexed
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_the_rows_are_those_of_the_files(shipped: Release, database: sqlite3.Connection) -> None:
    for name, table in shipped.package.tables.items():
        with shipped.package.file(table).open(encoding="utf-8", newline="") as file:
            expected = list(csv.reader(file))[1:]
        cells = database.execute(f"SELECT * FROM {ddl.name(name)}").fetchall()
        for found, row in zip(cells, expected, strict=True):
            kinds = [field.type for field in table.fields]
            assert [
                float(text) if kind == "number" and text else text
                for kind, text in zip(kinds, row, strict=True)
            ] == [
                "" if value is None else value if kind == "number" else str(value)
                for kind, value in zip(kinds, found, strict=True)
            ]


def test_the_flat_tables_are_views(shipped: Release, database: sqlite3.Connection) -> None:
    kinds = dict(database.execute("SELECT name, type FROM sqlite_schema"))
    for name in ("incidents_flat", "figures_flat"):
        assert kinds[name] == "view"
        assert kinds[ddl.computed(name)] == "table"
        rows = shipped.derived[name]
        cursor = database.execute(f"SELECT * FROM {name}")
        assert [one[0] for one in cursor.description] == rows.column_names
        plain = {
            tuple(value.isoformat() if hasattr(value, "isoformat") else value for value in row)
            for row in zip(*(column.to_pylist() for column in rows.columns), strict=True)
        }
        assert set(cursor) == plain
    assert kinds["estimates"] == "table"


def test_what_a_view_repeats_is_stored_once(database: sqlite3.Connection) -> None:
    stored = columns(database, "figures_flat_computed")
    assert "grade" in stored
    assert not {"place_name", "source_title", "said_by", "note"} & set(stored)


def test_the_dictionary_tells_every_table_column_and_value(
    shipped: Release, database: sqlite3.Connection
) -> None:
    told = set(database.execute("SELECT table_name, column_name FROM described_columns"))
    values = set(database.execute("SELECT table_name, column_name, value FROM described_values"))
    for name, table in shipped.declared.items():
        for field in table.fields:
            assert (name, field.name) in told
            for one in field.categories:
                assert (name, field.name, one.value) in values
    query = "SELECT unit, required FROM described_columns WHERE column_name = 'value'"
    assert set(database.execute(query)) == {("people", 0)}
    assert not database.execute("SELECT * FROM described_tables WHERE description = ''").fetchall()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE casualties SET value = value + 1 WHERE casualty_id LIKE '%-f03'",
        "UPDATE casualties SET value = 'many' WHERE casualty_id LIKE '%-f03'",
        "UPDATE casualties SET note = 5 WHERE rowid = 7",
        "UPDATE places SET latitude = NULL",
        "UPDATE figures_flat_computed SET grade = 'confirmed'",
        "UPDATE figures_flat_computed SET confirmed = 2 WHERE rowid = 1",
        "UPDATE sources SET title = 'Another' WHERE rowid = 1",
        "DELETE FROM revisions; DELETE FROM statement_incidents WHERE rowid = 2",
        "DELETE FROM incidents WHERE rowid = 1",
        "INSERT INTO total_countries SELECT total_id, 'TCD' FROM totals LIMIT 1",
        "INSERT INTO actors SELECT actor_id || 'x', name, kind, country, note FROM actors LIMIT 1",
        "UPDATE statements SET rowid = -rowid",
        "DROP VIEW figures_flat",
        "DROP TABLE affiliations",
        "ALTER TABLE aliases RENAME COLUMN alias TO name",
        "UPDATE casualties SET source_id = 'nowhere-2025-01-01' WHERE rowid = 3",
    ],
)
def test_a_changed_database_is_found(
    shipped: Release, folder: Path, tmp_path: Path, damage: str
) -> None:
    (tmp_path / FILE).write_bytes((folder / FILE).read_bytes())
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.executescript(damage)
        database.commit()
    with pytest.raises(BrokenArtifactError, match=FILE):
        sqlite.check(shipped, tmp_path)


def test_a_damaged_or_missing_file_is_found(shipped: Release, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenArtifactError):
        sqlite.check(shipped, tmp_path)
    content = (folder / FILE).read_bytes()
    for broken in (b"", b"no database", content[:-4096], content[:5000] + b"\xff" * 4000):
        (tmp_path / FILE).write_bytes(broken)
        with pytest.raises(BrokenArtifactError):
            sqlite.check(shipped, tmp_path)


def test_a_folder_that_is_not_there_stops_the_tool(shipped: Release, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot write"):
        sqlite.write(shipped, tmp_path / "nowhere")


def test_pandas_reads_it(shipped: Release, database: sqlite3.Connection) -> None:
    frame = pd.read_sql("SELECT * FROM figures_flat WHERE harm = 'killed'", database)
    assert 0 < len(frame) < shipped.derived["figures_flat"].num_rows
    assert (
        frame["grade"]
        .dropna()
        .isin(["confirmed", "corroborated", "contested", "unconfirmed"])
        .all()
    )


def test_datasette_serves_it(shipped: Release, folder: Path) -> None:
    metadata = json.loads(datasette.content(shipped, []))
    every_row = {"max_returned_rows": 10_000_000}
    served = Datasette(immutables=[str(folder / FILE)], metadata=metadata, settings=every_row)

    async def get(path: str) -> Any:
        answer = await served.client.get(path)
        assert answer.status_code == 200, path
        return answer

    async def read() -> None:
        home = (await get("/sahel-incidents.json")).json()
        shown = {one["name"]: one for one in home["tables"]}
        for name, rows in shipped.every_table.items():
            path = f"/sahel-incidents/{name}.json?_shape=array&_size=max"
            found = (await get(path)).json()
            keys = shipped.declared[name].primary_key
            assert {tuple(row[key] for key in keys) for row in found} == set(
                zip(*(rows[key].to_pylist() for key in keys), strict=True)
            )
        assert shown["casualties"]["count"] == shipped.tables["casualties"].num_rows
        assert shown["figures_flat_computed"]["hidden"]
        assert {"incidents_flat", "figures_flat"} <= {view["name"] for view in home["views"]}
        page = (await get("/sahel-incidents/casualties")).text
        assert "Who made the claim" in page
        assert 'href="/sahel-incidents/sources/' in page
        assert "Creative Commons Attribution" in page

    asyncio.run(read())


def test_the_description_for_datasette_names_what_is_there(
    shipped: Release, database: sqlite3.Connection
) -> None:
    told = json.loads(datasette.content(shipped, []))["databases"]["sahel-incidents"]["tables"]
    for name, table in told.items():
        assert set(table.get("columns", {})) <= set(columns(database, name)), name
    assert set(told) >= set(shipped.every_table)


def test_names_that_sql_has_words_for_are_quoted() -> None:
    def table(name: str, **more: Any) -> Table:
        return Table(
            name=name, title="", path="", fields=(), primary_key=("order",), unique_keys=(),
            missing_values=("",), **{"foreign_keys": (), **more},
        )  # fmt: skip

    database = sqlite3.connect(":memory:")
    database.execute('CREATE TABLE "select" ("order" TEXT PRIMARY KEY, "a""b" TEXT, up TEXT)')
    database.execute('CREATE TABLE "flat_computed" ("order" TEXT PRIMARY KEY, "from" TEXT)')
    database.execute('INSERT INTO "select" VALUES (1, 2, 3), (3, 4, NULL)')
    database.execute('INSERT INTO "flat_computed" VALUES (1, 5), (3, 6)')
    tables = {"select": table("select", foreign_keys=(ForeignKey("up", "select", "order"),))}
    paths = {"order": "order", "where": 'up.a"b', "from": ""}
    database.execute(ddl.view("flat", "select", paths, tables))
    assert database.execute("SELECT * FROM flat").fetchall() == [("1", "4", "5"), ("3", None, "6")]
