"""Cutting a table's file into runs of lines, without reading more than a block at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from .. import cells
from ..csvtext import NEWLINE, split_cells
from ..package import Package, Table
from ..problem import ToolError
from ..tables import MAX_LINE_BYTES

_BLOCK = 1 << 24


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table that follow each other.

    Attributes:
        table: the table's name.
        number: which of its parts, from 0.
        start: where the first row begins in the table's file, in bytes.
        end: where the last row ends.
        rows: how many rows there are.
        first: the first row's cell in the first column of the primary key; "" where there is none.
    """

    table: str
    number: int
    start: int
    end: int
    rows: int
    first: str


def cut(package: Package, table: Table, rows: int) -> list[Part]:
    """Cut a sound table, whose every line is a row; an empty one has one part without rows.

    Args:
        package: the package.
        table: the table.
        rows: how many rows a part has, but for the last.

    Raises:
        ToolError: the file cannot be read.
    """
    place = table.columns.index(table.primary_key[0])
    try:
        with package.file(table).open("rb") as stream:
            at = len(stream.readline())
            starts, lines = [at], 0
            while block := stream.read(_BLOCK):
                ends = np.flatnonzero(np.frombuffer(block, np.uint8) == NEWLINE)
                starts += (at + 1 + ends[rows - 1 - lines % rows :: rows]).tolist()
                lines += len(ends)
                at += len(block)
            if len(starts) > 1 and starts[-1] == at:
                starts.pop()
            firsts = []
            for start in starts:
                stream.seek(start)
                line = stream.readline().decode("utf-8").removesuffix("\n")
                firsts.append(split_cells(line)[place] if line else "")
    except OSError as error:
        raise _unreadable(table, error) from error
    return [
        Part(table.name, number, start, end, min(rows, lines - number * rows), first)
        for number, (start, end, first) in enumerate(
            zip(starts, [*starts[1:], at], firsts, strict=True)
        )
    ]


def lines(package: Package, part: Part) -> bytes:
    """A part as a CSV file: the table's header, and the part's lines as they stand.

    Raises:
        ToolError: the file cannot be read, or is shorter than it was.
    """
    table = package.tables[part.table]
    try:
        with package.file(table).open("rb") as stream:
            header = stream.readline()
            stream.seek(part.start)
            body = stream.read(part.end - part.start)
    except OSError as error:
        raise _unreadable(table, error) from error
    if len(body) != part.end - part.start:
        raise ToolError(f"{table.path} was changed meanwhile", "try again when nobody writes")
    return header + body


def typed(table: Table, data: bytes) -> pa.Table:
    """The rows of a CSV file of a sound table, as `typed.read_tables` gives them."""
    text = pa.csv.read_csv(
        pa.BufferReader(data),
        # Longer than any line may be.
        read_options=pa.csv.ReadOptions(block_size=4 * MAX_LINE_BYTES),
        parse_options=pa.csv.ParseOptions(ignore_empty_lines=False),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(table.columns, pa.string()), strings_can_be_null=False
        ),
    )
    columns = [cells.typed(field, text[field.name], table.missing_values) for field in table.fields]
    return pa.table(columns, names=list(table.columns))


def folder_of(path: str) -> str:
    """The folder of a table's parts, which is named as the file would be."""
    return path.removesuffix(Path(path).suffix)


def _unreadable(table: Table, error: OSError) -> ToolError:
    return ToolError(
        f"cannot read {table.path}: {error.strerror or error}",
        "check that the file may be read (ls -l), then try again",
    )
