"""The global facts a rule may ask for, each a `Column` that computes one value per record.

A look-up, a count, a repetition, a cycle: what each is made of is declared in its fields, so a
rule states the fact it needs and nothing of how it is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .columns import Coded, Data, UnknownError, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray


_ROUNDS = 20
"""So often are the ends of chains cut off before what is left is walked along; most are short."""

_SLOTS = 4
"""For so many slots to a number a fifth of all numbers share theirs by chance."""


@dataclass(frozen=True)
class Lookup:
    """A value of the record that a foreign key points to, such as `source_id.published_on`.

    A path of several steps follows one key after the other. Null where a key is empty or points
    to nothing.
    """

    path: str

    def compute(self, data: Data, table: str) -> pa.ChunkedArray:
        """One value per row of `table`."""
        rows, table, column = self._follow(data, table)
        return data.typed(table, column).take(pa.array(rows, mask=rows < 0))

    def coded(self, data: Data, table: str) -> Coded | None:
        """The same, where the column looked up is held once per distinct value."""
        *steps, column = self.path.split(".")
        home = table
        for step in steps:
            home = data.package.tables[home].reference(step).table
        try:
            there = data.coded(home, column)
        except UnknownError:  # a step on the way may be the first that cannot be known
            there = None
        if there is None:
            return None
        rows, _, _ = self._follow(data, table)
        values = pa.concat_arrays([there.values, pa.nulls(1, there.values.type)])
        codes = np.append(there.codes, len(there.values))  # the last: null, for -1
        return Coded(values, codes[np.maximum(rows, -1)])

    def _follow(self, data: Data, table: str) -> tuple[NDArray[np.int64], str, str]:
        """For each row the row looked up, -1 where there is none; its table, and the column."""
        *steps, column = self.path.split(".")
        rows = np.arange(data.rows(table))
        for step in steps:
            found = rows >= 0
            rows[found] = data.link(table, step)[rows[found]]
            table = data.package.tables[table].reference(step).table
        bad = data.bad.get((table, column))
        if bad is not None:  # a cell that failed is no value to judge another record by
            rows = np.where(np.isin(rows, bad), -1, rows)
        return rows, table, column


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
            keep &= one_of(data, self.table, column, (value,))
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
        for _ in range(_ROUNDS):  # what points to the end of a chain lies on no cycle
            onward = np.zeros(len(link), dtype=bool)
            onward[rows] = True
            if onward[link[rows]].all():
                break
            rows = rows[onward[link[rows]]]
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
        judged = np.zeros(len(result), dtype=bool)
        for column in self.columns:
            if not judged.all():
                judged |= _mask(data, table, column, pc.is_valid)
        for column in self.columns:
            judged[data.unreadable(table, column)] = False
        rows, kinds = _alike(data, table, self.columns, np.flatnonzero(judged), self.normalised)
        firsts = np.zeros(kinds.max(initial=-1) + 1, dtype=np.int64)
        firsts[kinds[::-1]] = rows[::-1]
        result[rows] = np.where(firsts[kinds] < rows, firsts[kinds], -1)
        return result


@dataclass(frozen=True)
class Extreme:
    """The least or the greatest number among the records that share some values with this one.

    Null where none of those that count has a number. Empty cells equal each other; a cell that has
    failed gives no number.

    Attributes:
        column: the column of the numbers.
        most: whether the greatest is wanted.
        among: the columns whose values they share.
        where: for other columns the values that a record must have to count; "" for none.
    """

    column: str
    most: bool
    among: tuple[str, ...]
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def compute(self, data: Data, table: str) -> pa.Array:
        """One number or null per row of `table`."""
        counts = self.counts(data, table)
        none = np.iinfo(np.int64).min if self.most else np.iinfo(np.int64).max
        result = np.full(len(counts), none)
        own = np.flatnonzero(counts)
        if len(own):
            result[own] = data.typed(table, self.column).take(pa.array(own)).to_numpy()
            # Most share their first value with none that counts, and are looked at no further.
            first = _numbers(data, table, self.among[0], np.arange(len(counts)))
            near = np.flatnonzero(np.isin(first, first[own]))
            rows, kinds = _alike(data, table, self.among, near)
            found = np.full(kinds.max(initial=-1) + 1, none)
            (np.maximum if self.most else np.minimum).at(found, kinds, result[rows])
            result[rows] = found[kinds]
        return pa.array(result, mask=result == none)

    def counts(self, data: Data, table: str) -> NDArray[np.bool_]:
        """Which rows of `table` have a number that counts."""
        counts = _mask(data, table, self.column, pc.is_valid)
        for column, values in self.where:
            counts &= one_of(data, table, column, values)
        return counts


def _mask(data: Data, table: str, column: str, test: Callable[[Any], Any]) -> NDArray[np.bool_]:
    """Where a column's values pass a test, which is put once per distinct value if they are few."""
    coded = data.coded(table, column)
    passes: NDArray[np.bool_] = np.asarray(
        test(data.typed(table, column) if coded is None else coded.values)
    )
    return passes if coded is None else passes[coded.codes]


def one_of(data: Data, table: str, column: str, values: tuple[str, ...]) -> NDArray[np.bool_]:
    """Where a column holds one of some values; "" stands for none."""
    wanted = pa.array([value or None for value in values], pa.string())
    return _mask(data, table, column, lambda held: pc.is_in(held, value_set=wanted))


def _alike(
    data: Data,
    table: str,
    columns: tuple[str, ...],
    rows: NDArray[np.int64],
    normalised: Callable[[Any], Any] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Those of some rows whose values in some columns another one of them has, too.

    Returns:
        The rows, and for each a number from 0 that is equal where all the values are.
    """
    # Equal values have equal hashes, so only rows that share theirs are looked at closely.
    hashes = np.zeros(len(rows), dtype=np.uint64)
    for column in columns:
        hashes *= np.uint64(0x9E3779B97F4A7C15)
        hashes += _numbers(data, table, column, rows, normalised).view(np.uint64)
    rows = rows[_shared(hashes)]
    kinds = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        values = data.typed(table, column).take(pa.array(rows))
        kinds = _numbered(kinds, whole(normalised(values) if normalised else values))
    return rows, kinds


def _numbers(
    data: Data,
    table: str,
    column: str,
    rows: NDArray[np.int64],
    normalised: Callable[[Any], Any] | None = None,
) -> NDArray[np.int64]:
    """A number for each of some rows, equal for equal values; cheap where they are numbered."""
    declared = data.package.tables[table]
    if not normalised:
        coded = data.coded(table, column)
        if coded is not None:
            kinds: NDArray[np.int64] = _kinds(coded.values)[coded.codes[rows]]
            return kinds
        key = next((key for key in declared.foreign_keys if key.field == column), None)
        if key and key.table in data.texts and key.key in data.texts[key.table].column_names:
            return data.link(table, column)[rows]
    values = data.typed(table, column)
    if len(rows) < len(values):
        values = values.take(pa.array(rows))
    if normalised:
        values = normalised(values)
    if not pa.types.is_string(values.type):
        days = values.cast(pa.int32()) if pa.types.is_date(values.type) else values
        floats = days.cast(pa.float64(), safe=False)
        return np.asarray(floats.fill_null(-1.0)).view(np.int64)
    return _kinds(whole(values))


def _kinds(values: pa.Array) -> NDArray[np.int64]:
    """A number per value, equal for equal values."""
    codes = values.dictionary_encode().indices.fill_null(-1)
    return np.asarray(codes).astype(np.int64)


def _shared(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The places of the numbers that occur more than once."""
    # Sorting is what takes long, so a coarse count leaves out most that occur but once.
    slots = (hashes % np.uint64(_SLOTS * len(hashes) + 1)).astype(np.int64)
    places = np.flatnonzero(np.bincount(slots)[slots] > 1)
    places = places[np.argsort(hashes[places])]
    same = hashes[places[1:]] == hashes[places[:-1]]
    shared = np.zeros(len(places), dtype=bool)
    shared[1:] |= same
    shared[:-1] |= same
    return np.sort(places[shared])


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
