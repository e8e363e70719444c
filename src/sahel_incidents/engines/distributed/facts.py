"""The global facts of `facts.py`, each found for a table in parts.

A fact is computed in pieces: what each part can say of the rows that concern it, added up where it
is wanted. The definitions are those of the facts themselves, which do the work wherever all that a
fact needs fits into one task.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ... import duplicates, judging, keys, rules
from ...columns import Column, Data, UnknownError, frame, whole
from ...duplicates import LikelyTwin
from ...facts import Extreme, FirstOf, Leads, Lookup, Named, References, Used
from ...judging import Finding
from ...package import Package
from ...tables import in_one_piece
from .exchange import NOWHERE, Sparse, Zone, gathered, hits
from .parts import KEYS, RECORDS, Context, Part, Seen, see

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Known(Data):
    """A package without its rows, with what is known of all of them.

    Computing a fact from it tells whether it can be known at all, and if not, why.

    Args:
        package: the opened package.
        texts: for each readable table its columns, without rows.
        dangling: the foreign keys, by table and column, that point to nothing somewhere.
        faulty: the columns, by table, in which a cell failed.
    """

    def __init__(
        self,
        package: Package,
        texts: dict[str, pa.Table],
        dangling: set[tuple[str, str]],
        faulty: set[tuple[str, str]],
    ) -> None:
        super().__init__(package, texts)
        self._dangling = dangling
        self.bad = {place: np.zeros(1, dtype=np.int64) for place in faulty}

    def link(self, table: str, column: str) -> NDArray[np.int64]:
        """See `Data`: no row, or one that points to nothing where any does."""
        rows = super().link(table, column)
        return np.full(1, NOWHERE) if (table, column) in self._dangling else rows


def why_unknown(known: Data, table: str, name: str, column: Column | None) -> str | None:
    """Why a column of a rule cannot be computed; None where it can."""
    try:
        if column is None:
            known.typed(table, name)
        else:
            column.compute(known, table)
    except UnknownError as unknown:
        return str(unknown)
    except KeyError as missing:
        return f"there is no column {missing}"
    return None


def needs(package: Package, table: str, column: Column) -> Iterator[tuple[str, str]]:
    """The columns, by table, that must be kept for a fact about a table."""
    if isinstance(column, Lookup):
        *steps, last = column.path.split(".")
        for step in steps:
            yield table, step
            table = package.tables[table].reference(step).table
        yield table, last
    elif isinstance(column, References):
        yield column.table, column.column
        yield from ((column.table, name) for name, _ in column.where)
    elif isinstance(column, Leads):
        yield table, column.column
    elif isinstance(column, FirstOf):
        yield from ((table, name) for name in column.columns)
    elif isinstance(column, Extreme):
        yield from ((table, name) for name in _columns_of(column))
    elif isinstance(column, Named):
        names = (column.table, column.record, *column.retired[:2], column.field)
        yield from ((table, name) for name in names if name)
    elif isinstance(column, LikelyTwin):
        yield from ((table, name) for name in (duplicates.ID, duplicates.STATUS, *duplicates.DAYS))


def default(column: Column) -> Any:
    """What a fact is for the rows of which nothing was found."""
    if isinstance(column, References):
        return 0
    return False if isinstance(column, Used | Leads) else None


@dataclass(frozen=True)
class _Given:
    """A fact that is computed already."""

    values: Any

    def compute(self, data: Data, table: str) -> Any:
        """The values."""
        return self.values


def dense(column: Column, found: Sparse, first: int, rows: int) -> pa.Array:
    """A fact for every row of a part, from the values of few rows of the table."""
    own = found.between(first, first + rows)
    if isinstance(column, References):
        counts = np.zeros(rows, dtype=np.int64)
        counts[own.rows - first] = own.values
        return pa.array(counts)
    if isinstance(column, Used | Leads):
        flags = np.zeros(rows, dtype=bool)
        flags[own.rows - first] = True
        return pa.array(flags)
    place = np.full(rows, -1, dtype=np.int64)
    place[own.rows - first] = np.arange(len(own.rows))
    return own.values.take(pa.array(place, mask=place < 0))


def judge_records(
    context: Context,
    part: Part,
    first: int,
    numbers: Sequence[int],
    facts: Sequence[tuple[Column, Sparse]],
    lookups: Sequence[tuple[str, NDArray[np.int64], list[tuple[int, int]], list[pa.Table]]],
) -> list[Seen]:
    """Judge the records of a part by the rules that need to know of others.

    Args:
        context: see `Context`.
        part: the part.
        first: the number of its first row in the table.
        numbers: which rules, by their place among all.
        facts: global facts with their values.
        lookups: for each path of foreign keys the rows it leads to, the rows of the shelves
            asked, and their answers.
    """
    table = context.package.tables[part.table]
    data = part.data(context)
    given: dict[Column, Any] = {
        column: dense(column, found, first, part.outline.rows) for column, found in facts
    }
    for path, rows, spans, pieces in lookups:
        place = gathered(rows, spans, pieces)
        values = pa.concat_tables(pieces)
        for name in values.column_names:
            found = values[name].take(pa.array(place, mask=place < 0))
            given[Lookup(f"{path}.{name}")] = found
    every = list(rules.load().values())
    seen = []
    for number in numbers:
        rule = every[number]
        columns: dict[str, Column | None] = {
            name: None if column is None else _Given(given[column])
            for name, column in rule.columns.items()
        }
        view = frame(data, table.name, columns)
        finding = judging.judge_view(data, table, rule, view, context.most)
        if finding:
            seen.append(see(table, part.text, finding, (RECORDS, number)))
    return seen


def through(
    rows: NDArray[np.int64], spans: Sequence[tuple[int, int]], links: Sequence[NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Follow a path one step further: the rows that rows of another table point to.

    Args:
        rows: row numbers of the other table, below 0 for none.
        spans: for each of some of its parts the rows.
        links: where the rows of these parts point to.
    """
    result = np.full(len(rows), -1, dtype=np.int64)
    for (first, end), link in zip(spans, links, strict=True):
        own = (rows >= first) & (rows < end)
        result[own] = link[rows[own] - first]
    return result


# Rows that repeat others


@dataclass(frozen=True)
class Hashes:
    """Numbers of rows, equal for rows that are alike."""

    numbers: NDArray[np.uint64]
    rows: NDArray[np.int64]

    def __sizeof__(self) -> int:
        """See `parts.Part`."""
        return int(self.numbers.nbytes + self.rows.nbytes)


def hashed(context: Context, part: Part, fact: FirstOf, first: int, buckets: int) -> list[Hashes]:
    """The rows of a part that may repeat others or be repeated, each with a number, in buckets."""
    import pandas as pd

    data = part.data(context)
    numbers = np.zeros(part.outline.rows, dtype=np.uint64)
    judged = np.zeros(part.outline.rows, dtype=bool)
    for column in fact.columns:
        values = data.typed(part.table, column)
        values = whole(fact.normalised(values) if fact.normalised else values)
        judged |= values.is_valid().to_numpy(zero_copy_only=False)
        if pa.types.is_string(values.type):
            encoded = values.dictionary_encode()
            distinct = pd.util.hash_array(
                encoded.dictionary.to_numpy(zero_copy_only=False), categorize=False
            )
            codes = encoded.indices.fill_null(len(distinct)).to_numpy()
            own = np.append(distinct, np.uint64(0))[codes]
        else:
            days = values.cast(pa.int32()) if pa.types.is_date(values.type) else values
            floats = np.asarray(days.cast(pa.float64(), safe=False).fill_null(-1.0))
            own = pd.util.hash_array(floats)
        numbers = numbers * np.uint64(0x9E3779B97F4A7C15) + own
    for column in fact.columns:
        judged[data.unreadable(part.table, column)] = False
    rows = np.flatnonzero(judged)
    numbers = numbers[rows]
    bucket = (numbers >> np.uint64(32)) % np.uint64(buckets)
    return [
        Hashes(numbers[bucket == number], rows[bucket == number] + first)
        for number in range(buckets)
    ]


def bucket(hashes: Sequence[Hashes], number: int) -> Hashes:
    """One of the buckets."""
    return hashes[number]


def alike(hashes: Sequence[Hashes]) -> NDArray[np.int64]:
    """The rows whose number another row has, too; ascending."""
    numbers = np.concatenate([one.numbers for one in hashes])
    rows = np.concatenate([one.rows for one in hashes])
    order = np.argsort(numbers, kind="stable")
    same = numbers[order][1:] == numbers[order][:-1]
    shared = np.zeros(len(rows), dtype=bool)
    shared[order[1:][same]] = True
    shared[order[:-1][same]] = True
    return np.sort(rows[shared])


def cells_of(part: Part, columns: Sequence[str], first: int, rows: NDArray[np.int64]) -> pa.Table:
    """The text of those of some rows of the table that lie in a part."""
    own = rows[(rows >= first) & (rows < first + part.outline.rows)] - first
    return part.text.select(list(columns)).take(pa.array(own))


def repetitions(
    context: Context,
    table: str,
    fact: FirstOf,
    rows: NDArray[np.int64],
    texts: Sequence[pa.Table],
) -> tuple[Sparse, Sparse]:
    """Of rows with equal numbers those that do repeat another.

    Args:
        context: see `Context`.
        table: the table's name.
        fact: what makes them alike.
        rows: the rows, ascending.
        texts: their cells, in pieces.

    Returns:
        For each row that repeats one the row that it repeats, and that row's key.
    """
    data = Data(context.package, {table: in_one_piece(pa.concat_tables(texts))})
    first = fact.rows(data, table)
    repeats = np.flatnonzero(first >= 0)
    named = data.keys(context.package.tables[table], first[repeats])
    originals = rows[first[repeats]]
    return Sparse(rows[repeats], originals), Sparse(rows[repeats], named)


def originals(found: tuple[Sparse, Sparse]) -> Sparse:
    """The rows that are repeated."""
    return found[0]


def names(found: tuple[Sparse, Sparse]) -> Sparse:
    """The keys of the rows that are repeated."""
    return found[1]


def parts_with(rows: NDArray[np.int64] | Sparse, firsts: Sequence[int]) -> tuple[int, ...]:
    """The parts, by the rows with which they begin, in which any of the rows lies."""
    return hits(rows.rows if isinstance(rows, Sparse) else rows, firsts)


def see_repeated(
    context: Context,
    part: Part,
    first: int,
    rule: str,
    columns: tuple[str, ...],
    found: Sequence[Sparse],
    order: tuple[int, ...],
) -> list[Seen]:
    """The rows of a part that repeat a key, as a finding.

    Args:
        context: see `Context`.
        part: the part.
        first: the number of its first row.
        rule: the id of the rule that forbids it.
        columns: the key.
        found: for rows of the table the rows that they repeat.
        order: the finding's place among others.
    """
    own = [one.between(first, first + part.outline.rows) for one in found]
    rows = np.concatenate([one.rows for one in own])
    repeated = np.concatenate([one.values for one in own])
    ascending = np.argsort(rows)
    rows, repeated = rows[ascending] - first, repeated[ascending]
    if not len(rows):
        return []
    info = next(info for info in keys.RULES if info.id == rule)
    shown = rows[: context.most]
    explained = keys.repeated(info, columns, repeated[: context.most])
    finding = Finding(info, columns[0], shown, explained, len(rows))
    return [see(context.package.tables[part.table], part.text, finding, (KEYS, *order))]


# The least and the greatest number of those alike


def zones(context: Context, part: Part, fact: Extreme) -> tuple[Zone | None, Zone | None]:
    """Between which first of the values that they share a part's rows lie, and those that count."""
    counts, shared = _counting(context, part, fact)
    return _zone(shared), _zone(shared.filter(pa.array(counts)))


def counting(context: Context, part: Part, fact: Extreme, zone: Zone) -> pa.Table:
    """The rows of a part that count and may share their values with rows in a zone."""
    counts, shared = _counting(context, part, fact)
    least, most = zone
    within = pc.and_(pc.greater_equal(shared, least), pc.less_equal(shared, most))
    rows = np.flatnonzero(counts & within.to_numpy())
    return part.text.select(_columns_of(fact)).take(pa.array(rows))


def extremes(
    context: Context, part: Part, fact: Extreme, first: int, others: Sequence[pa.Table]
) -> Sparse:
    """The least or greatest number for each row of a part that has one.

    Args:
        context: see `Context`.
        part: the part.
        fact: the fact.
        first: the number of the part's first row.
        others: the rows of other parts that may share their values with rows of this one.
    """
    text = in_one_piece(pa.concat_tables([part.text.select(_columns_of(fact)), *others]))
    values = fact.compute(Data(context.package, {part.table: text}), part.table)
    found = _sparse(values.slice(0, part.outline.rows))
    return replace(found, rows=found.rows + first)


def _columns_of(fact: Extreme) -> list[str]:
    names = (*fact.among, fact.column, *(name for name, _ in fact.where))
    return list(dict.fromkeys(names))


def _counting(
    context: Context, part: Part, fact: Extreme
) -> tuple[NDArray[np.bool_], pa.ChunkedArray]:
    """Which rows of a part count, and the first of the values that they share, as text."""
    data = part.data(context)
    shared = data.typed(part.table, fact.among[0]).cast(pa.string()).fill_null("")
    return fact.counts(data, part.table), shared


def _zone(values: pa.ChunkedArray) -> Zone | None:
    if not len(values):
        return None
    found = pc.min_max(values).as_py()
    return found["min"], found["max"]


# Chains that lead back to their start


def steps(link: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """The rows of a part that point to a row of their own table, and these."""
    rows = np.flatnonzero(link >= 0)
    return np.stack((rows + first, link[rows]))


class _Chain(Data):
    """One link and nothing else."""

    def __init__(self, link: NDArray[np.int64]) -> None:
        self._link = link

    def link(self, table: str, column: str) -> NDArray[np.int64]:
        """See `Data`."""
        return self._link


def cycles(pieces: Sequence[NDArray[np.int64]], fact: Leads) -> Sparse:
    """The rows that lie on a cycle; only those that take part in a chain are looked at."""
    rows, targets = np.concatenate(pieces, axis=1)
    involved = np.unique((rows, targets))
    link = np.full(len(involved), -1, dtype=np.int64)
    link[np.searchsorted(involved, rows)] = np.searchsorted(involved, targets)
    on = involved[np.asarray(fact.compute(_Chain(link), "").to_numpy(zero_copy_only=False))]
    return Sparse(on, np.ones(len(on), dtype=bool))


# Records named in plain words


def named_text(parts: Sequence[Part], fact: Named) -> pa.Table:
    """The cells that name records, of a whole table."""
    names = (fact.table, fact.record, *fact.retired[:2], fact.field)
    columns = list(dict.fromkeys(name for name in names if name))
    return in_one_piece(pa.concat_tables([part.text.select(columns) for part in parts]))


def wanted(context: Context, table: str, text: pa.Table, fact: Named) -> dict[str, set[str]]:
    """The keys of records, by table, that are named."""
    asked: dict[str, set[str]] = {}
    _Register(context.package, {table: text}, asked, None).compute(fact, table)
    return asked


def present(context: Context, part: Part, asked: dict[str, set[str]]) -> set[str]:
    """Those of the keys asked for that a part has."""
    table = context.package.tables[part.table]
    return part.data(context).present(table, asked.get(part.table, set()))


def unnamed(
    context: Context,
    table: str,
    text: pa.Table,
    fact: Named,
    readable: Sequence[str],
    others: Sequence[str],
    found: Sequence[set[str]],
) -> Sparse | str:
    """What is missing of the records that the rows of a table name; or why it is not known.

    Args:
        context: see `Context`.
        table: the table.
        text: its cells.
        fact: where the records are named.
        readable: the tables that could be read.
        others: for each of the sets of keys whose they are.
        found: the keys that are there.
    """
    there: dict[str, set[str]] = {name: set() for name in readable}
    for name, some in zip(others, found, strict=True):
        there[name] |= some
    try:
        words = _Register(context.package, {table: text}, {}, there).compute(fact, table)
    except UnknownError as unknown:
        return str(unknown)
    return _sparse(words)


class _Register(Data):
    """A table, and which records of all others there are."""

    def __init__(
        self,
        package: Package,
        texts: dict[str, pa.Table],
        asked: dict[str, set[str]],
        there: dict[str, set[str]] | None,
    ) -> None:
        super().__init__(package, texts)
        self._asked = asked
        self._there = there

    def compute(self, fact: Named, table: str) -> pa.Array:
        return fact.compute(self, table)

    def present(self, table: Any, keys: set[str]) -> set[str]:
        """See `Data`; the keys are noted."""
        self._asked[table.name] = keys
        if self._there is None:
            return set()
        if table.name not in self._there:
            raise UnknownError(f"the table {table.name} could not be read")
        return keys & self._there[table.name]


def _sparse(words: pa.Array) -> Sparse:
    """The values that are not null."""
    rows = np.flatnonzero(words.is_valid().to_numpy(zero_copy_only=False))
    return Sparse(rows, words.take(pa.array(rows)))


# Incidents that may be one


def waiting(context: Context, part: Part) -> tuple[NDArray[np.int64], set[str]]:
    """The days of a part's incidents that wait for review, two columns; and their ids."""
    data = part.data(context)
    waits = duplicates.waiting(data, part.table)
    ids = data.text(part.table, duplicates.ID).cast(pa.string()).filter(pa.array(waits))
    return duplicates.days(data, part.table)[waits], set(ids.to_pylist())


def at_those_times(
    context: Context,
    part: Part,
    first: int,
    waits: Sequence[tuple[NDArray[np.int64], set[str]]],
) -> NDArray[np.int64]:
    """The incidents of a part that one which waits for review may repeat, and those that wait."""
    data = part.data(context)
    chosen = duplicates.waiting(data, part.table)
    chosen |= duplicates.overlaps(
        duplicates.days(data, part.table), np.concatenate([days for days, _ in waits])
    )
    return np.flatnonzero(chosen) + first


def ids_of(part: Part, first: int, rows: NDArray[np.int64]) -> set[str]:
    """The ids of those of some incidents that are in a part."""
    return set(cells_of(part, (duplicates.ID,), first, rows)[duplicates.ID].to_pylist())


def of_those_ids(part: Part, first: int, ids: Sequence[set[str]]) -> NDArray[np.int64]:
    """The incidents of a part that have one of the ids, which occur more than once."""
    known = pa.array(sorted(set().union(*ids)), pa.string())
    own = pc.is_in(part.text[duplicates.ID].cast(pa.string()), value_set=known)
    return np.flatnonzero(own.to_numpy()) + first


def union(pieces: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """All the rows, ascending, each once."""
    return np.unique(np.concatenate(pieces))


def concerned(
    links: Sequence[NDArray[np.int64]], incidents: NDArray[np.int64], dangling: bool
) -> NDArray[np.int64]:
    """The rows of a part, from its first, that any of its links ties to one of the incidents.

    Args:
        links: the part's links to incidents.
        incidents: the incidents, ascending.
        dangling: whether rows that point to nothing are wanted, too.
    """
    kept = np.zeros(len(links[0]), dtype=bool)
    for link in links:
        kept |= np.isin(link, incidents)
        if dangling:
            kept |= link == NOWHERE
    return np.flatnonzero(kept)


def other_ends(links: Sequence[NDArray[np.int64]], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The incidents that rows of a part are tied to."""
    ends = np.concatenate([link[rows] for link in links])
    return np.unique(ends[ends >= 0])


def twins(
    context: Context,
    table: str,
    fact: LikelyTwin,
    names: Sequence[str],
    texts: Sequence[Sequence[pa.Table]],
    empty: dict[str, pa.Table],
    incidents: NDArray[np.int64],
) -> Sparse | str:
    """Find the likely twins among the incidents that come into question.

    Args:
        context: see `Context`.
        table: the table of incidents.
        fact: the fact.
        names: some tables.
        texts: for each the rows that matter, in pieces.
        empty: the other readable tables, without rows.
        incidents: the numbers of the incidents among the rows.
    """
    given = {
        name: in_one_piece(pa.concat_tables(pieces))
        for name, pieces in zip(names, texts, strict=True)
    }
    try:
        found = _sparse(fact.compute(Data(context.package, empty | given), table))
    except UnknownError as unknown:
        return str(unknown)
    except KeyError as missing:
        return f"there is no column {missing}"
    return replace(found, rows=incidents[found.rows])
