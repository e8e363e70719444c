"""Global facts become columns, so that every rule looks at one row at a time.

Whatever a rule wants to know of other rows (another table's date, how often something refers to a
record, whether a key occurs twice) is computed here once for a whole column, by a look-up or a
count, and attached to the row. A rule then is a condition over one row, and runs the same on a
whole frame and on any part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import cells
from .package import Package, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray


class UnknownError(Exception):
    """A column cannot be computed, because what it is computed from is faulty."""


class Data:
    """The readable tables of a package, as typed columns with the links between them.

    Args:
        package: the opened package.
        texts: for each readable table its cells as text; a table that could not be read is absent.
    """

    def __init__(self, package: Package, texts: Mapping[str, pa.Table]) -> None:
        self.package = package
        self.texts = texts
        self.bad: dict[tuple[str, str], NDArray[np.int64]] = {}
        """The rows, by table and column, whose cell failed: judged no further."""
        self._typed: dict[tuple[str, str], pa.ChunkedArray] = {}
        self._links: dict[tuple[str, str], NDArray[np.int64]] = {}

    def rows(self, table: str) -> int:
        """The number of rows of a readable table."""
        return int(self.texts[table].num_rows)

    def text(self, table: str, column: str) -> pa.ChunkedArray:
        """A column's cells as they stand.

        Raises:
            UnknownError: the table could not be read.
        """
        if table not in self.texts:
            raise UnknownError(f"the table {table} could not be read")
        return self.texts[table][column]

    def typed(self, table: str, column: str) -> pa.ChunkedArray:
        """A column's values; null where the cell is empty or not of its type."""
        key = (table, column)
        if key not in self._typed:
            declared = self.package.tables[table]
            text = self.text(table, column)
            values = cells.typed(declared.field(column), text, declared.missing_values)
            self._typed[key] = values
        return self._typed[key]

    def forget(self, table: str) -> None:
        """Let go of a table's typed columns, which are cheap to compute again."""
        for key in [key for key in self._typed if key[0] == table]:
            del self._typed[key]

    def key(self, table: Table, row: int) -> str | None:
        """A record's primary key, its parts joined by "|"."""
        parts = [str(self.texts[table.name][name][row]) for name in table.primary_key]
        return "|".join(parts) or None

    def link(self, table: str, column: str) -> NDArray[np.int64]:
        """For each row the row that its foreign key points to.

        Returns:
            Row numbers of the referenced table; -1 where the cell is empty, -2 where it points to
            nothing.
        """
        key = (table, column)
        if key not in self._links:
            self._links[key] = self._find(table, column)
        return self._links[key]

    def _find(self, table: str, column: str) -> NDArray[np.int64]:
        reference = self.package.tables[table].reference(column)
        same = self.package.tables[reference.table].field(reference.key).type == "string"
        read = self.text if same else self.typed
        values, targets = read(table, column), read(reference.table, reference.key)
        declared = self.package.tables[table]
        if same:
            empty = cells.is_missing(values.cast(pa.string()), declared.missing_values)
        else:
            empty = pc.is_null(values)
        result = np.full(len(values), -1, dtype=np.int64)
        filled = np.flatnonzero(~empty.to_numpy())
        if len(filled) == 0:
            return result
        present = values if len(filled) == len(values) else values.filter(pc.invert(empty))
        # A key is often repeated on the rows that follow (the figures of one incident), so each
        # run of equal keys is looked up once.
        present = _whole(present.cast(targets.type))
        starts = np.concatenate(
            ([True], np.asarray(pc.not_equal(present[1:], present[:-1]).to_numpy(False)))
        )
        runs = present if starts.all() else present.filter(pa.array(starts))
        found = pc.index_in(runs, value_set=_whole(targets)).fill_null(-2).to_numpy()
        result[filled] = found[np.cumsum(starts) - 1]
        return result

    def dangling(self, table: str) -> str | None:
        """Why no absence of a reference to `table` can be proven; None where it can.

        A reference that points to nothing was surely meant for some record: as long as there is
        one, "nothing refers to this record" may be its fault.
        """
        for other in self.package.tables.values():
            for key in other.foreign_keys:
                if key.table == table and (self.link(other.name, key.field) == -2).any():
                    return f"{other.name}.{key.field} has references that point to nothing"
        return None


def _whole(values: pa.ChunkedArray) -> pa.Array:
    whole = values.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


class Column(Protocol):
    """A global fact, computed for every row of a table."""

    def compute(self, data: Data, table: str) -> pa.ChunkedArray | pa.Array:
        """One value per row of `table`; raises `UnknownError` where it cannot be known."""


@dataclass(frozen=True)
class Lookup:
    """A value of the record that a foreign key points to, such as `source_id.published_on`.

    A path of several steps follows one key after the other. Null where a key is empty or points
    to nothing.
    """

    path: str

    def compute(self, data: Data, table: str) -> pa.ChunkedArray:
        """One value per row of `table`."""
        *steps, column = self.path.split(".")
        rows: NDArray[np.int64] | None = None
        for step in steps:
            link = data.link(table, step)
            rows = link if rows is None else np.where(rows < 0, -1, link[rows])
            table = data.package.tables[table].reference(step).table
        assert rows is not None
        return data.typed(table, column).take(pa.array(rows, mask=rows < 0))


@dataclass(frozen=True)
class References:
    """How many rows of another table point to this record.

    Attributes:
        table: the other table.
        column: its foreign key; it must refer to the table the rule looks at.
        where: the values other columns of those rows must have to count.
    """

    table: str
    column: str
    where: tuple[tuple[str, str], ...] = ()

    def compute(self, data: Data, table: str) -> pa.Array:
        """One count per row of `table`."""
        link = data.link(self.table, self.column)
        if (link == -2).any():
            raise UnknownError(f"{self.table}.{self.column} has references that point to nothing")
        keep = link >= 0
        for column, value in self.where:
            if len(data.bad.get((self.table, column), ())):
                raise UnknownError(f"{self.table}.{column} has faulty cells")
            keep &= pc.equal(data.typed(self.table, column), value).fill_null(False).to_numpy()
        return pa.array(np.bincount(link[keep], minlength=data.rows(table)))


@dataclass(frozen=True)
class Used:
    """Whether any foreign key of the package points to this record."""

    def compute(self, data: Data, table: str) -> pa.Array:
        """True or false per row of `table`."""
        if reason := data.dangling(table):
            raise UnknownError(reason)
        used = np.zeros(data.rows(table), dtype=bool)
        for other in data.package.tables.values():
            for key in other.foreign_keys:
                if key.table == table:
                    link = data.link(other.name, key.field)
                    used[link[link >= 0]] = True
        return pa.array(used)


@dataclass(frozen=True)
class Leads:
    """Where a chain of references within one table leads back to its start: a cycle.

    Attributes:
        column: a foreign key of the table to itself.
    """

    column: str

    def compute(self, data: Data, table: str) -> pa.Array:
        """True per row of `table` that lies on a cycle."""
        link = data.link(table, self.column)
        rows = np.flatnonzero(link >= 0)
        in_cycle = np.zeros(len(link), dtype=bool)
        state = dict.fromkeys(rows.tolist(), 0)  # 0 not seen, 1 on this walk, 2 done
        for start in state:
            walk: list[int] = []
            row = start
            while state.get(row) == 0:
                state[row] = 1
                walk.append(row)
                row = int(link[row])
            if state.get(row) == 1:
                in_cycle[walk[walk.index(row) :]] = True
            state.update(dict.fromkeys(walk, 2))
        return pa.array(in_cycle)


@dataclass(frozen=True)
class FirstOf:
    """The key of the first record with the same values, where this one is a repetition.

    Null where the record is the first or only one of its kind. Empty cells equal each other; a
    row in which all the columns are empty repeats nothing.

    Attributes:
        columns: what two records must share to count as the same.
        normalised: applied to each text column before comparing.
    """

    columns: tuple[str, ...]
    normalised: Callable[[Any], Any] | None = None

    def compute(self, data: Data, table: str) -> pa.Array:
        """One key or null per row of `table`."""
        declared = data.package.tables[table]
        result: list[str | None] = [None] * data.rows(table)
        first = self.rows(data, table)
        for row in np.flatnonzero(first >= 0).tolist():
            result[row] = data.key(declared, int(first[row]))
        return pa.array(result, pa.string())

    def rows(self, data: Data, table: str) -> NDArray[np.int64]:
        """For each row the row it repeats; -1 where it repeats none."""
        hashes = np.zeros(data.rows(table), dtype=np.uint64)
        filled = np.zeros(data.rows(table), dtype=bool)
        for column in self.columns:
            values = self._values(data, table, column)
            filled |= values.is_valid().to_numpy()
            hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + _hashed(data, table, column, values)
        rows = np.flatnonzero(filled)
        ordered = rows[np.argsort(hashes[rows], kind="stable")]
        same = np.concatenate(([False], hashes[ordered][1:] == hashes[ordered][:-1]))
        first = ordered[np.maximum.accumulate(np.where(same, 0, np.arange(len(ordered))))]
        repeats, firsts = ordered[same], first[same]
        # Equal hashes are only candidates: the values themselves decide.
        equal = np.ones(len(repeats), dtype=bool)
        for column in self.columns:
            values = self._values(data, table, column)
            left, right = values.take(pa.array(repeats)), values.take(pa.array(firsts))
            both_null = pc.and_(left.is_null(), right.is_null())
            equal &= pc.or_(pc.equal(left, right).fill_null(False), both_null).to_numpy()
        result = np.full(data.rows(table), -1, dtype=np.int64)
        result[repeats[equal]] = firsts[equal]
        return result

    def _values(self, data: Data, table: str, column: str) -> pa.ChunkedArray:
        values = data.typed(table, column)
        return self.normalised(values) if self.normalised else values


def _hashed(data: Data, table: str, column: str, values: pa.ChunkedArray) -> NDArray[np.uint64]:
    """A number per row, equal for equal values."""
    keys = data.package.tables[table].foreign_keys
    if any(key.field == column for key in keys):
        return data.link(table, column).astype(np.uint64)
    codes = _whole(values.dictionary_encode().unify_dictionaries())
    return np.asarray(codes.indices.fill_null(-1)).astype(np.int64).astype(np.uint64)


def frame(data: Data, table: str, columns: Mapping[str, Column | None]) -> Any:
    """A narrow typed frame: the named columns of a table, global facts included.

    Args:
        data: the package's data.
        table: the table whose rows are wanted.
        columns: for each column the global fact to compute, or None for the table's own column.

    Returns:
        A `pandas.DataFrame` of Arrow-backed columns (`pandas.ArrowDtype`), one row per record.

    Raises:
        UnknownError: a column cannot be computed.
    """
    import pandas as pd

    arrays = {
        name: data.typed(table, name) if column is None else column.compute(data, table)
        for name, column in columns.items()
    }
    return pa.table(arrays).to_pandas(types_mapper=pd.ArrowDtype)
