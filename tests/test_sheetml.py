"""Rows as SpreadsheetML: whatever is written is well formed, and read back as it was."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents import sheetml
from sahel_incidents.problem import ToolError

KINDS: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
        st.text(st.sampled_from("_x0041<>&;\r\n\t \ufffe=")).filter(bool),
    ),
    pa.int64(): st.one_of(
        st.integers(-(2**63), 2**63 - 1), st.sampled_from([10**15 - 1, 10**15, -(10**15), 0])
    ),
    pa.float64(): st.floats(allow_nan=False, allow_infinity=False),
    pa.bool_(): st.booleans(),
    pa.date32(): st.one_of(
        st.dates(), st.sampled_from([date(1900, 2, 28), date(1900, 3, 1), date(1899, 12, 31)])
    ),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=5))
    rows = draw(st.integers(0, 6))
    columns = [
        pa.array(draw(st.lists(st.none() | KINDS[kind], min_size=rows, max_size=rows)), kind)
        for kind in kinds
    ]
    return pa.table(columns, names=[f"c{number}" for number in range(len(kinds))])


def xml(table: pa.Table, first: int = 1) -> bytes:
    return b"".join(sheetml.write(table, first, [3] * table.num_columns))


@given(tables(), st.sampled_from([1, 2, 99_999]))
def test_what_is_written_is_read_back(table: pa.Table, first: int) -> None:
    written = xml(table, first)
    ElementTree.fromstring(b"<sheetData>" + written + b"</sheetData>")
    cells = pa.concat_tables([*sheetml.read(io.BytesIO(written)), _no_cells()])
    apart = sheetml.by_column(cells)
    for number, column in enumerate(table.columns):
        own = apart.get(sheetml.letters(number))
        found = sheetml.values(own, first, table.num_rows, column.type)
        assert found.to_pylist() == column.to_pylist()


def _no_cells() -> pa.Table:
    text, row = pa.array([], pa.large_string()), pa.array([], pa.int64())
    return pa.table({"column": text, "row": row, "type": text, "text": text})


@given(st.lists(st.text(st.sampled_from("_x0041AF5\x01\r"), max_size=12), min_size=1))
def test_escapes_mean_what_the_standard_says(texts: list[str]) -> None:
    """Undone from the left, one after the other, as spreadsheets do."""
    written = xml(pa.table({"text": pa.array(texts)}))
    found = ElementTree.fromstring(b"<sheetData>" + written + b"</sheetData>").iter("t")
    for text, element in zip(texts, found, strict=True):
        undone = re.sub("_x([0-9A-Fa-f]{4})_", lambda e: chr(int(e[1], 16)), element.text or "")
        assert undone == text


def test_an_underscore_that_begins_no_escape_stays_as_it_is() -> None:
    assert b"<t>foo_xbar and _x12_</t>" in xml(pa.table({"text": ["foo_xbar and _x12_"]}))


def test_spaces_at_the_ends_are_kept() -> None:
    written = xml(pa.table({"text": [" a", "b ", "c d"]}))
    assert written.count(b'<t xml:space="preserve">') == 2


def test_columns_are_named_as_in_a_spreadsheet() -> None:
    named = {0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA", 16_383: "XFD"}
    assert {number: sheetml.letters(number) for number in named} == named


@pytest.mark.parametrize("size", [7, 64, 1000])
def test_a_sheet_is_read_in_pieces(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheetml, "_CHUNK", size)
    monkeypatch.setattr(sheetml, "_BATCH", 3)
    table = pa.table({"text": [f"é{number}" for number in range(50)]})
    cells = pa.concat_tables(sheetml.read(io.BytesIO(xml(table, 2))))
    assert cells["text"].to_pylist() == table["text"].to_pylist()
    assert cells["row"].to_pylist() == list(range(2, 52))


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>',  # twice
        b'<c r="A2"><v>1</v></c>',  # in a row beyond
        b'<c r="A0"><v>1</v></c>',
        b'<c r="A1"><v>1.5</v></c>',
        b'<c r="A1"><v>one</v></c>',
        b'<c r="A1"><v></v></c>',
        b'<c r="A1" t="inlineStr"><is><t>1</t></is></c>',  # a number as text
        b'<c r="A1" t="b"><v>1</v></c>',
        b'<c r="A1"><v>1000000000000000</v></c>',  # more than a spreadsheet's number holds
        b'<c r="A1"/>',
        b'<c r="A1"><f>1+1</f><v>2</v></c>',
    ],
)
def test_what_write_would_not_write_is_refused(cell: bytes) -> None:
    def read() -> None:
        for cells in sheetml.read(io.BytesIO(b'<row r="1">' + cell + b"</row>")):
            sheetml.values(sheetml.by_column(cells)["A"], 1, 1, pa.int64())

    with pytest.raises((ValueError, pa.ArrowInvalid)):
        read()


def test_a_text_longer_than_a_cell_is_refused() -> None:
    with pytest.raises(ToolError, match="name holds 32,768 characters"):
        xml(pa.table({"name": ["short", "x" * 32_768]}))
