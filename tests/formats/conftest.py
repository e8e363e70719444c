"""Releases to write: the shipped data, none at all, and cells that break careless programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from sahel_incidents import derived
from sahel_incidents.descriptor import open_package
from sahel_incidents.release import Release
from sahel_incidents.typed import read_tables

ROOT = Path(__file__).parents[2]

HOSTILE_TEXTS = (
    "=1+1",
    "+33 1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "＝1+1",
    " space before",
    "space after ",
    "two\nlines\r\nand\rmore",
    "_x0041_",
    "a_x0041_x0042_ and foo_xbar",
    "\x01\x1b[31m\x7f\ufffe\uffff",
    "</t></is></c></row></sheetData>",
    '<c r="A1"><v>1</v></c> & &amp; &#61;',
    "'; DROP TABLE casualties; --",
    '"quoted", and, more "',
    "1e5",
    "007",
    "TRUE",
    "2025-06-01",
    "https://example.org/a?b=c&d=%20#e",
    "l'été à Ménaka — ⵣ 𞤀𞤣𞤤𞤢𞤥 😀\u2028\u202e",
    "x" * 32_767,
)
"""Texts that spreadsheets run, that SQL or XML might take for its own, or that get lost."""

Changed = Callable[[Mapping[str, Mapping[str, pa.Array]]], Release]


@pytest.fixture(scope="session")
def shipped() -> Release:
    """The shipped data, as it would be released."""
    package = open_package(ROOT)
    tables = read_tables(package)
    return Release(
        package=package,
        descriptor=json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8")),
        issued=date(2026, 11, 22),
        commit="0" * 40,
        tables=tables,
        derived=derived.build(package, tables),
        declared={**package.tables, **derived.declared(package)},
    )


@pytest.fixture(scope="session")
def changed(shipped: Release) -> Changed:
    """The shipped data with other columns in place of its own, by table and name."""

    def change(columns: Mapping[str, Mapping[str, pa.Array]]) -> Release:
        tables = dict(shipped.tables)
        for table, by_name in columns.items():
            for name, values in by_name.items():
                place = tables[table].column_names.index(name)
                tables[table] = tables[table].set_column(place, name, values)
        return replace(shipped, tables=tables, derived=derived.build(shipped.package, tables))

    return change


@pytest.fixture(scope="session")
def bare(shipped: Release) -> Release:
    """The same tables without a single row."""
    tables = {name: table.schema.empty_table() for name, table in shipped.tables.items()}
    return replace(shipped, tables=tables, derived=derived.build(shipped.package, tables))


@pytest.fixture(scope="session")
def hostile(shipped: Release, changed: Changed) -> Release:
    """Texts, numbers and days at the edge of what programs can hold."""

    def filled(table: str, values: tuple[object, ...], kind: pa.DataType) -> pa.Array:
        rows = range(shipped.tables[table].num_rows)
        return pa.array([values[row % len(values)] for row in rows], kind)

    days = (date(1, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(9999, 12, 31), None)
    return changed(
        {
            "incidents": {"title": filled("incidents", HOSTILE_TEXTS, pa.string())},
            "casualties": {"note": filled("casualties", (*HOSTILE_TEXTS, None), pa.string())},
            "sources": {
                "title": filled("sources", HOSTILE_TEXTS, pa.string()),
                "accessed_on": filled("sources", days, pa.date32()),
            },
            "places": {
                "latitude": filled("places", (0.0, -1e-7, 1e15 + 0.3, 5e-324), pa.float64()),
            },
            "totals": {
                "value": filled("totals", (10**18 - 1, -(10**15), 10**15 - 1, None), pa.int64()),
            },
        }
    )


@pytest.fixture(params=["shipped", "bare", "hostile"])
def release(request: pytest.FixtureRequest) -> Release:
    """Each of them in turn."""
    found: Release = request.getfixturevalue(request.param)
    return found
