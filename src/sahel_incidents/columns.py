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

    def unreadable(self, table: str, column: str) -> NDArray[np.int64]:
        """The rows whose cell failed and has no value."""
        bad = self.bad.get((table, column), np.empty(0, dtype=np.int64))
        empty: NDArray[np.bool_] = (
            self.typed(table, column).take(pa.array(bad)).is_null().to_numpy()
        )
        return bad[empty]

    def forget(self, table: str) -> None:
        """Let go of a table's typed columns, which are cheap to compute again."""
        for key in [key for key in self._typed if key[0] == table]:
            del self._typed[key]

    def keys(self, table: Table, rows: NDArray[np.int64]) -> pa.Array:
        """The primary keys of some records, their parts joined by "|"."""
        text = self.texts[table.name].select(list(table.primary_key)).take(pa.array(rows))
        parts = [_whole(text[name].cast(pa.string())) for name in table.primary_key]
        return pc.binary_join_element_wise(*parts, "|")

    def present(self, table: Table, keys: set[str]) -> set[str]:
        """Those of some primary keys, their parts joined by "|", that a table has.

        Raises:
            UnknownError: the table could not be read.
        """
        parts = [self.text(table.name, name).cast(pa.string()) for name in table.primary_key]
        joined = pc.binary_join_element_wise(*parts, "|")
        wanted = pa.array(sorted(keys), pa.string())
        return set(wanted.filter(pc.is_in(wanted, value_set=_whole(joined))).to_pylist())

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
        declared, other = self.package.tables[table], self.package.tables[reference.table]
        # Plain text need not be made into values first, where both tables mean the same by empty.
        plain = declared.missing_values == other.missing_values and all(
            (field.type, field.format) == ("string", "default")
            for field in (declared.field(column), other.field(reference.key))
        )
        read = self.text if plain else self.typed
        values, targets = read(table, column), read(reference.table, reference.key)
        if plain:
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
        result[filled] = _rows_of(runs, _whole(targets))[np.cumsum(starts) - 1]
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


def _rows_of(keys: pa.Array, targets: pa.Array) -> NDArray[np.int64]:
    """For each key the first row of `targets` that holds it; -2 where none does."""
    # Each record referred to, in order, as incidents are by figures; none of them twice.
    if keys.equals(targets) and pc.all(pc.less(targets[:-1], targets[1:])).as_py() is not False:
        return np.arange(len(keys))
    if len(keys) > len(targets) // 8:
        return np.asarray(pc.index_in(keys, value_set=targets).fill_null(-2), dtype=np.int64)
    # Few keys: rather than all targets, put the keys into the table that is searched.
    few = keys.unique()
    hits = np.asarray(pc.index_in(targets, value_set=few).fill_null(-1))
    rows = np.flatnonzero(hits >= 0)[::-1]
    first = np.full(len(few), -2, dtype=np.int64)
    first[hits[rows]] = rows
    found: NDArray[np.int64] = first[np.asarray(pc.index_in(keys, value_set=few))]
    return found


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
        rows = np.arange(data.rows(table))
        for step in steps:
            found = rows >= 0
            rows[found] = data.link(table, step)[rows[found]]
            table = data.package.tables[table].reference(step).table
        bad = data.bad.get((table, column))
        if bad is not None:  # a cell that failed is no value to judge another record by
            rows = np.where(np.isin(rows, bad), -1, rows)
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
    """Whether any foreign key of the package points to this record.

    Attributes:
        ignoring: tables whose references do not count, since they describe the record.
    """

    ignoring: tuple[str, ...] = ()

    def compute(self, data: Data, table: str) -> pa.Array:
        """True or false per row of `table`."""
        if reason := data.dangling(table):
            raise UnknownError(reason)
        used = np.zeros(data.rows(table), dtype=bool)
        for other in data.package.tables.values():
            for key in other.foreign_keys:
                if key.table == table and other.name not in self.ignoring:
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
    row in which all the columns are empty repeats nothing, and neither does one with a cell that
    has failed and has no value.

    Attributes:
        columns: what two records must share to count as the same.
        normalised: applied to each text column before comparing.
    """

    columns: tuple[str, ...]
    normalised: Callable[[Any], Any] | None = None

    def compute(self, data: Data, table: str) -> pa.Array:
        """One key or null per row of `table`."""
        first = self.rows(data, table)
        repeats = np.flatnonzero(first >= 0)
        keys = data.keys(data.package.tables[table], first[repeats])
        numbers = np.full(len(first), -1)
        numbers[repeats] = np.arange(len(repeats))
        return keys.take(pa.array(numbers, mask=numbers < 0))

    def rows(self, data: Data, table: str) -> NDArray[np.int64]:
        """For each row the row it repeats; -1 where it repeats none."""
        result = np.full(data.rows(table), -1, dtype=np.int64)
        if not len(result):
            return result
        hashes = np.zeros(len(result), dtype=np.uint64)
        judged = np.zeros(len(result), dtype=bool)
        compared = {column: self._values(data, table, column) for column in self.columns}
        for column, values in compared.items():
            judged |= values.is_valid().to_numpy()
            hashes = hashes * np.uint64(0x9E3779B97F4A7C15) + self._hashed(
                data, table, column, values
            )
        for column in self.columns:
            judged[data.unreadable(table, column)] = False
        # Equal values have equal hashes, so only rows that share theirs are looked at closely.
        rows = np.flatnonzero(judged)
        rows = rows[_shared(hashes[rows])]
        kinds = np.zeros(len(rows), dtype=np.int64)
        for values in compared.values():
            kinds = _numbered(kinds, _whole(values.take(pa.array(rows))))
        firsts = np.zeros(kinds.max(initial=-1) + 1, dtype=np.int64)
        firsts[kinds[::-1]] = rows[::-1]
        result[rows] = np.where(firsts[kinds] < rows, firsts[kinds], -1)
        return result

    def _values(self, data: Data, table: str, column: str) -> pa.ChunkedArray:
        values = data.typed(table, column)
        return self.normalised(values) if self.normalised else values

    def _hashed(
        self, data: Data, table: str, column: str, values: pa.ChunkedArray
    ) -> NDArray[np.uint64]:
        """A number per row, equal for equal values; cheap where numbered or encoded already."""
        declared = data.package.tables[table]
        referring = any(key.field == column for key in declared.foreign_keys)
        if referring and not self.normalised and declared.reference(column).table in data.texts:
            return data.link(table, column).astype(np.uint64)
        if not pa.types.is_string(values.type):
            days = values.cast(pa.int32()) if pa.types.is_date(values.type) else values
            floats = days.cast(pa.float64(), safe=False)
            return np.asarray(floats.fill_null(-1.0)).view(np.uint64)
        text = data.text(table, column)
        encoded_already = pa.types.is_dictionary(text.type) and declared.missing_values == ("",)
        if encoded_already and not self.normalised:
            encoded = _whole(text.unify_dictionaries())
        else:
            encoded = _whole(values).dictionary_encode()
        codes = encoded.indices.fill_null(-1)
        return np.asarray(codes).astype(np.int64).astype(np.uint64)


def _shared(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Where a number occurs more than once."""
    order = np.argsort(hashes)
    same = hashes[order][1:] == hashes[order][:-1]
    result = np.zeros(len(hashes), dtype=bool)
    result[order[1:][same]] = True
    result[order[:-1][same]] = True
    return result


def _numbered(kinds: NDArray[np.int64], values: pa.Array) -> NDArray[np.int64]:
    """Numbers from 0 that are equal where both the given number and the value are."""
    codes = np.asarray(values.dictionary_encode().indices.fill_null(-1)).astype(np.int64)
    both = pa.array((kinds << 32) + codes + 1)
    return np.asarray(both.dictionary_encode().indices).astype(np.int64)


@dataclass(frozen=True)
class Named:
    """What is missing of a record named in plain words: "table", "record" or "field".

    A row may name a record of any table, by the table's name and the record's key with its parts
    joined by "|"; no foreign key can be declared for that. Null where nothing is missing.

    Attributes:
        table: the column that holds the table's name.
        record: the column that holds the record's key.
        retired: how rows tell that a record is gone for good, which then counts as there: the
            column with its key, the column that tells, and the values by which it does.
        field: the column that holds a column's name; None where the rows name none.
    """

    table: str
    record: str
    retired: tuple[str, str, tuple[str, ...]]
    field: str | None = None

    def compute(self, data: Data, table: str) -> pa.Array:
        """One word or null per row of `table`."""
        names, keys = (data.typed(table, name).to_pylist() for name in (self.table, self.record))
        fields = data.typed(table, self.field).to_pylist() if self.field else [None] * len(names)
        known = self._retired(data, table)
        for other in data.package.tables.values():
            wanted = {key for name, key in zip(names, keys, strict=True) if name == other.name}
            if wanted:
                known |= {(other.name, key) for key in data.present(other, wanted - {None})}
        missing: list[str | None] = []
        for name, key, field in zip(names, keys, fields, strict=True):
            named = data.package.tables.get(name)
            if name and named is None:
                missing.append("table")
            elif named and key and (name, key) not in known:
                missing.append("record")
            elif named and field and field not in named.columns:
                missing.append("field")
            else:
                missing.append(None)
        return pa.array(missing, pa.string())

    def _retired(self, data: Data, table: str) -> set[tuple[str, str]]:
        key, column, values = self.retired
        rows = zip(
            *(data.typed(table, name).to_pylist() for name in (self.table, key, column)),
            strict=True,
        )
        return {(name, key) for name, key, value in rows if value in values}


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
