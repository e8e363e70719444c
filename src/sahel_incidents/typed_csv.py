"""Typed tables as CSV files, and back: UTF-8, LF, quotes where needed, null as an empty cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

_ROWS_AT_ONCE = 1 << 14
_BYTES_AT_ONCE = 1 << 24


def write(path: Path, table: pa.Table, *, below_header: Sequence[str] | None = None) -> None:
    """Write a table; a number as briefly as tells it apart, a day as 2025-06-01, a flag as true.

    Args:
        path: the file; its folder must be there.
        table: the table. No text in it is empty or holds a line break, as in any sound table.
        below_header: one more line of cells, between the header and the rows.

    Raises:
        OSError: the file cannot be written.
    """
    options = pa.csv.WriteOptions(include_header=False, batch_size=_ROWS_AT_ONCE)
    with open(path, "wb") as stream:
        for cells in (table.column_names, below_header):
            if cells is not None:
                stream.write(_line(cells))
        # With an empty chunk in front, pyarrow 26 writes bytes that nobody set.
        filled = [batch for batch in table.to_batches() if batch.num_rows]
        pa.csv.write_csv(pa.Table.from_batches(filled, table.schema), stream, options)


def write_canonical(path: Path, table: pa.Table) -> None:
    """Write a table of a package in the canonical form that `csvtext` describes.

    Args:
        path: the file; its folder must be there.
        table: the table, its rows ordered by key. No text in it holds a line break.

    Raises:
        OSError: the file cannot be written.
    """
    with open(path, "wb") as stream:
        stream.write(_line(table.column_names))
        for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE):
            if batch.num_rows:
                lines = pc.binary_join_element_wise(*map(_cells, batch.columns), ",")
                stream.write(("\n".join(lines.to_pylist()) + "\n").encode("utf-8"))


def _cells(values: pa.Array) -> pa.Array:
    """Values as cells, in quotes where one holds a comma or a quote."""
    text = values.cast(pa.string()).fill_null("")
    if not pa.types.is_string(values.type):
        return text
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    return pc.if_else(pc.match_substring_regex(text, '[,"]'), quoted, text)


def read(
    path: Path, schema: pa.Schema, *, below_header: bool = False, line_breaks: bool = False
) -> pa.Table:
    """Read a table that `write` has written.

    Args:
        path: the file.
        schema: the columns that it must have, and their types.
        below_header: whether there is one more line between the header and the rows.
        line_breaks: whether cells may hold line breaks, as those of other datasets do.

    Raises:
        OSError: the file cannot be read.
        pyarrow.ArrowInvalid: it is not well formed, or a cell is not of its column's type.
    """
    return pa.csv.read_csv(
        path,
        read_options=pa.csv.ReadOptions(
            block_size=_BYTES_AT_ONCE, skip_rows_after_names=int(below_header)
        ),
        parse_options=pa.csv.ParseOptions(ignore_empty_lines=False, newlines_in_values=line_breaks),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict(zip(schema.names, schema.types, strict=True)),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["true"],
            false_values=["false"],
        ),
    )


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode("utf-8")
