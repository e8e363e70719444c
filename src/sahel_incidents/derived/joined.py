"""The tables of a package side by side: which row a reference points to, and what stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns import whole
from ..grading import Text
from ..package import Package

if TYPE_CHECKING:
    from numpy.typing import NDArray

BETWEEN = "; "
"""What stands between the values of a cell that holds several."""


class Joined:
    """Typed tables, with their columns in one piece and the references between them.

    Args:
        package: what declares them.
        tables: the tables as `typed.read_tables` gives them: rows ordered by key, empty = null.
    """

    def __init__(self, package: Package, tables: Mapping[str, pa.Table]) -> None:
        self.package = package
        self._tables = tables
        self._columns: dict[tuple[str, str], pa.Array] = {}
        self._links: dict[tuple[str, str], NDArray[np.int64]] = {}

    def count(self, table: str) -> int:
        """The number of rows of a table."""
        return int(self._tables[table].num_rows)

    def column(self, table: str, name: str) -> pa.Array:
        """A column of a table, in one piece."""
        key = (table, name)
        if key not in self._columns:
            self._columns[key] = whole(self._tables[table][name])
        return self._columns[key]

    def link(self, table: str, column: str) -> NDArray[np.int64]:
        """For each row the row that its reference points to; -1 where it points to none."""
        key = (table, column)
        if key not in self._links:
            reference = self.package.tables[table].reference(column)
            targets = self.column(reference.table, reference.key)
            found = pc.index_in(self.column(table, column), value_set=targets)
            self._links[key] = np.asarray(found.fill_null(-1), dtype=np.int64)
        return self._links[key]

    def at(self, table: str, path: str) -> pa.Array:
        """For each row of a table what stands at the end of a path, such as `place_id.name`."""
        first, *steps = path.split(".")
        if not steps:
            return self.column(table, first)
        rows = self.link(table, first)
        table = self.package.tables[table].reference(first).table
        for step in steps[:-1]:
            found = rows >= 0
            rows = rows.copy()
            rows[found] = self.link(table, step)[rows[found]]
            table = self.package.tables[table].reference(step).table
        return taken(self.column(table, steps[-1]), rows)


def taken(values: pa.Array, rows: NDArray[np.int64]) -> pa.Array:
    """The values of some rows; null for row -1."""
    return values.take(pa.array(rows, mask=rows < 0))


def encoded(values: pa.Array) -> Text:
    """A column of text, in which each distinct value is held once."""
    distinct = values.dictionary_encode()
    codes = np.asarray(distinct.indices.fill_null(-1), dtype=np.int64)
    return Text(codes, distinct.dictionary.to_pylist())


def decoded(text: Text) -> pa.Array:
    """The same column as an array; null where the cell is empty."""
    return taken(pa.array(text.values, pa.string()), text.codes)


def pairs_once(*columns: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The distinct rows of some columns of row numbers, in order; without those that hold -1."""
    kept = np.logical_and.reduce([column >= 0 for column in columns])
    rows = np.stack([column[kept] for column in columns])
    ordered = rows[:, np.lexsort(rows[::-1])]
    new = np.ones(ordered.shape[1], dtype=bool)
    new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    return list(ordered[:, new])


def counted(rows: NDArray[np.int64], length: int) -> pa.Array:
    """How often each number from 0 occurs; -1 is not counted."""
    return pa.array(np.bincount(rows[rows >= 0], minlength=length))


def listed(
    rows: NDArray[np.int64], values: pa.Array, length: int, between: str = BETWEEN
) -> pa.Array:
    """For each row its values in one cell; null where it has none.

    Args:
        rows: the row that each value belongs to, ascending.
        values: the values, none of them null.
        length: the number of rows.
        between: what stands between two values.
    """
    counts = np.bincount(rows, minlength=length)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), values), between)
    return pc.if_else(pa.array(counts > 0), joined, pa.scalar(None, pa.string()))
