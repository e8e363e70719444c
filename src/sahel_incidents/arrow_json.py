"""Rows of a table as JSON objects (RFC 8259), a whole column at a time."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

_TO_ESCAPE = r'["\\\x00-\x1f]'


def values(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Each value of a column as JSON, a day as text; null stays null."""
    texts, mark = _texts(column)
    return pc.binary_join_element_wise(mark, texts, mark, "")


def objects(table: pa.Table) -> pa.ChunkedArray:
    """Each row as an object, without the columns in which it is null."""
    members = [
        _member(name, table[name])
        for name in table.column_names
        if table[name].null_count < table.num_rows
    ]
    if not members:
        return pa.chunked_array([pa.repeat("{}", table.num_rows)])
    # Not by skipping what is null: Arrow then drops a row in which everything is.
    joined = pc.binary_join_element_wise(*members, "", null_handling="replace")
    return pc.binary_join_element_wise("{", pc.ascii_ltrim(joined, characters=","), "}", "")


def _member(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as members of objects, each with a comma before it."""
    texts, mark = _texts(column)
    return pc.binary_join_element_wise(
        f",{json.dumps(name, ensure_ascii=False)}:{mark}", texts, mark, ""
    )


def _texts(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str]:
    """Values as they stand in JSON but for what they are enclosed in; and that."""
    if pa.types.is_date(column.type):
        return column.cast(pa.string()), '"'
    if not pa.types.is_string(column.type):
        return column.cast(pa.string()), ""
    if not pc.any(pc.match_substring_regex(column, _TO_ESCAPE)).as_py():
        return column, '"'
    cells = (
        None if cell is None else json.dumps(cell, ensure_ascii=False)[1:-1]
        for cell in column.to_pylist()
    )
    return pa.chunked_array([pa.array(cells, pa.string())]), '"'
