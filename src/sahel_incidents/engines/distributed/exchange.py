"""What parts of tables tell each other: links, values behind links, counts, rows that are alike.

Nothing is sorted or shuffled. Consecutive parts of a table that others refer to are put on one
*shelf*, with the columns that others need. A part asks the shelves among whose keys its own may
be; what comes back are row numbers and, later, values of these rows. Rows are numbered through the
whole table, from 0.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ... import cells, keys
from ...columns import Data, plain_reference, whole
from ...facts import one_of
from ...judging import Finding
from ...tables import in_one_piece
from .parts import KEYS, Context, Part, Seen, see

if TYPE_CHECKING:
    from numpy.typing import NDArray

Zone = tuple[str, str]
"""The least and the greatest key of some rows, as text."""

EMPTY, NOWHERE = -1, -2
"""In a link: the cell is empty; it points to nothing."""

_ASKING, _ASKED = "asking", "asked"


@dataclass(frozen=True)
class Shelf:
    """Consecutive rows of a table, with the columns that others need.

    Attributes:
        table: the table's name.
        first: the number of the first row.
        text: the cells.
        bad: the rows, from the shelf's first, by column, whose cell failed.
        ascending: the columns of plain text whose cells ascend, so that a key is soon found.
    """

    table: str
    first: int
    text: pa.Table
    bad: Mapping[str, NDArray[np.int64]]
    ascending: tuple[str, ...] = ()

    def __sizeof__(self) -> int:
        """See `parts.Part`."""
        return int(self.text.nbytes)

    @property
    def end(self) -> int:
        """The number of the row after the last."""
        return self.first + int(self.text.num_rows)


@dataclass(frozen=True)
class Asked:
    """The distinct keys in a column of a part.

    Attributes:
        values: the keys as they stand, ascending.
        codes: for each row the number of its key.
        bounds: for each shelf which of the keys it is asked for.
    """

    values: pa.Array
    codes: NDArray[np.int64]
    bounds: list[tuple[int, int]]

    def __sizeof__(self) -> int:
        """See `parts.Part`."""
        return int(self.values.nbytes + self.codes.nbytes)


@dataclass(frozen=True, slots=True)
class LinkOutline:
    """What is known of a part's link without holding it.

    Attributes:
        dangling: how many rows point to nothing.
        hits: the parts of the other table that rows point to.
    """

    dangling: int
    hits: tuple[int, ...]


@dataclass(frozen=True)
class Sparse:
    """Values of few rows of a table.

    Attributes:
        rows: the row numbers, ascending.
        values: a value for each.
    """

    rows: NDArray[np.int64]
    values: Any

    def between(self, first: int, end: int) -> Sparse:
        """Those from one row to before another."""
        low, high = np.searchsorted(self.rows, (first, end))
        return Sparse(self.rows[low:high], self.values[low:high])

    def __sizeof__(self) -> int:
        """See `parts.Part`."""
        return int(self.rows.nbytes + self.values.nbytes)


def overlap(one: Zone, other: Zone) -> bool:
    """Whether a key may be in both of two zones."""
    return one[0] <= other[1] and other[0] <= one[1]


def lend(part: Part, columns: Sequence[str], first: int) -> Shelf:
    """A part, which begins at a row, as a shelf of its own."""
    bad = {column: part.bad[column] for column in set(columns) & part.bad.keys()}
    return Shelf(part.table, first, part.text.select(list(columns)), bad)


def shelve(shelves: Sequence[Shelf]) -> Shelf:
    """Put consecutive rows of a table on one shelf."""
    first = shelves[0].first
    bad: dict[str, list[NDArray[np.int64]]] = {}
    for shelf in shelves:
        for column, rows in shelf.bad.items():
            bad.setdefault(column, []).append(rows + (shelf.first - first))
    text = in_one_piece(pa.concat_tables([shelf.text for shelf in shelves]))
    together = {column: np.concatenate(pieces) for column, pieces in bad.items()}
    ascending = tuple(name for name in text.column_names if _ascends(whole(text[name])))
    return Shelf(shelves[0].table, first, text, together, ascending)


def _ascends(cells_there: pa.Array) -> bool:
    if not pa.types.is_string(cells_there.type):
        return False
    pairs = pc.less_equal(cells_there[:-1], cells_there[1:])
    return bool(pc.all(pairs, min_count=0).as_py())


def find(context: Context, column: str, part: Part, shelf: Shelf) -> NDArray[np.int64]:
    """For each row of a part the row of the only shelf that its foreign key points to."""
    return _link(context, part.table, column, part.text[column], shelf)


def ask(context: Context, column: str, part: Part, zones: Sequence[Zone]) -> Asked:
    """The distinct keys in a column of a part, and which shelves may have them."""
    cells_there = part.text[column]
    if not pa.types.is_dictionary(cells_there.type):
        cells_there = cells_there.dictionary_encode()
    encoded = whole(cells_there.unify_dictionaries())
    order = np.asarray(pc.sort_indices(encoded.dictionary)).astype(np.int64)
    values = encoded.dictionary.take(pa.array(order))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    codes = rank[encoded.indices.to_numpy()]
    if not plain_reference(context.package, part.table, column):
        return Asked(values, codes, [(0, len(values))] * len(zones))
    known = values.to_pylist()
    bounds = [(bisect_left(known, least), bisect_right(known, most)) for least, most in zones]
    return Asked(values, codes, bounds)


def asks(asked: Asked) -> list[int]:
    """The shelves that are asked for anything."""
    return [number for number, (low, high) in enumerate(asked.bounds) if low < high]


def answer(
    context: Context, table: str, column: str, asked: Asked, number: int, shelf: Shelf
) -> NDArray[np.int64]:
    """The rows of a shelf that have the keys it is asked for."""
    low, high = asked.bounds[number]
    keys_asked = asked.values[low:high]
    key = context.package.tables[table].reference(column).key
    if key in shelf.ascending and plain_reference(context.package, table, column):
        # Both ascend: measured, a fourteenth of the time that a table of hashes takes.
        known = whole(shelf.text[key])
        place = np.asarray(pc.search_sorted(known, keys_asked)).astype(np.int64)
        there = known.take(pa.array(np.minimum(place, len(known) - 1)))
        return np.where(pc.equal(there, keys_asked), place + shelf.first, NOWHERE)
    return _link(context, table, column, keys_asked, shelf)


def settle(
    context: Context,
    table: str,
    column: str,
    asked: Asked,
    numbers: Sequence[int],
    answers: Sequence[NDArray[np.int64]],
) -> NDArray[np.int64]:
    """For each row of a part the row that its foreign key points to, from the shelves' answers."""
    result = np.full(len(asked.values), NOWHERE, dtype=np.int64)
    declared = context.package.tables[table]
    result[np.asarray(cells.is_missing(asked.values, declared.missing_values))] = EMPTY
    for number, rows in zip(numbers, answers, strict=True):  # of two records the first counts
        low, high = asked.bounds[number]
        part = result[low:high]
        result[low:high] = np.where(part == NOWHERE, rows, part)
    return result[asked.codes]


def _link(context: Context, table: str, column: str, text: Any, shelf: Shelf) -> NDArray[np.int64]:
    """Follow a foreign key as if these cells and the shelf were all there is."""
    package = context.package
    declared = package.tables[table]
    key = declared.reference(column)
    asking = replace(declared, name=_ASKING, foreign_keys=(replace(key, table=_ASKED),))
    asked = replace(package.tables[key.table], name=_ASKED, foreign_keys=())
    alone = replace(package, tables={_ASKING: asking, _ASKED: asked})
    data = Data(alone, {_ASKING: pa.table({column: text}), _ASKED: shelf.text})
    rows = data.link(_ASKING, column)
    return np.where(rows >= 0, rows + shelf.first, rows)


def outline_of_link(link: NDArray[np.int64], firsts: Sequence[int]) -> LinkOutline:
    """What is known of a link to a table whose parts begin at these rows."""
    return LinkOutline(int((link == NOWHERE).sum()), hits(link, firsts))


def hits(rows: NDArray[np.int64], firsts: Sequence[int]) -> tuple[int, ...]:
    """The parts, by the rows with which they begin, in which rows lie."""
    numbers = np.unique(np.searchsorted(firsts, rows[rows >= 0], "right") - 1)
    return tuple(numbers.tolist())


def fetch(
    context: Context, rows: NDArray[np.int64], shelf: Shelf, columns: Sequence[str]
) -> pa.Table:
    """Values of a shelf's rows, one row for each row number that lies on it.

    A cell that failed is no value to judge another record by.
    """
    wanted = rows[(rows >= shelf.first) & (rows < shelf.end)] - shelf.first
    table = context.package.tables[shelf.table]
    values = {}
    for column in columns:
        text = shelf.text[column].take(pa.array(wanted))
        typed = whole(cells.typed(table.field(column), text, table.missing_values))
        if column in shelf.bad:
            failed = pa.array(np.isin(wanted, shelf.bad[column]))
            typed = pc.if_else(failed, pa.scalar(None, typed.type), typed)
        values[column] = typed
    return pa.table(values)


def gathered(
    rows: NDArray[np.int64], spans: Sequence[tuple[int, int]], pieces: Sequence[Any]
) -> NDArray[np.int64]:
    """Where in the pieces, one after the other, the value of each row number is; -1 for none.

    Args:
        rows: row numbers of another table, below 0 for none.
        spans: for each piece the rows of its shelf.
        pieces: what `fetch` gave for each.
    """
    place = np.full(len(rows), -1, dtype=np.int64)
    at = 0
    for (first, end), piece in zip(spans, pieces, strict=True):
        place[(rows >= first) & (rows < end)] = np.arange(at, at + len(piece))
        at += len(piece)
    return place


def count(
    context: Context,
    part: Part,
    link: NDArray[np.int64],
    where: Sequence[tuple[str, str]],
) -> Sparse:
    """How many rows of a part point to each row of another table.

    Args:
        context: see `Context`.
        part: the part.
        link: its link.
        where: the values that other columns must have to count.
    """
    keep = link >= 0
    data = part.data(context)
    for column, value in where:
        keep &= one_of(data, part.table, column, (value,))
    rows, numbers = np.unique(link[keep], return_counts=True)
    return Sparse(rows, numbers)


def add_up(first: int, end: int, counts: Sequence[Sparse]) -> Sparse:
    """The sum of counts from one row to before another."""
    own = [count.between(first, end) for count in counts]
    rows, place = np.unique(np.concatenate([one.rows for one in own]), return_inverse=True)
    numbers = np.zeros(len(rows), dtype=np.int64)
    np.add.at(numbers, place, np.concatenate([one.values for one in own]))
    return Sparse(rows, numbers)


def pick(first: int, end: int, pieces: Sequence[Sparse]) -> Sparse:
    """Values from one row to before another, which no two of the pieces share."""
    own = [piece.between(first, end) for piece in pieces]
    rows = np.concatenate([one.rows for one in own])
    values = pa.concat_arrays([one.values for one in own])
    order = np.argsort(rows, kind="stable")
    return Sparse(rows[order], values.take(pa.array(order)))


def dangling_values(
    context: Context, column: str, part: Part, link: NDArray[np.int64], most: int
) -> list[str]:
    """The first of a part's references that point to nothing."""
    rows = np.flatnonzero(link == NOWHERE)[:most]
    return [str(value) for value in part.text[column].take(pa.array(rows)).to_pylist()]


def neighbours(
    column: str, shelf: Shelf, values: Sequence[str]
) -> tuple[list[str] | None, list[tuple[list[str], list[str]]]]:
    """The keys of a shelf next to each of some misspelt ones.

    Returns:
        All keys, where they are few; and for each value those before and those from it on.
    """
    known = sorted(set(shelf.text[column].to_pylist()))
    near = []
    for value in values:
        at = bisect_left(known, value)
        near.append((known[max(at - keys.NEIGHBOURS, 0) : at], known[at : at + keys.NEIGHBOURS]))
    return (known if len(known) <= keys.FEW_KEYS else None), near


def suggestions(
    values: Sequence[str],
    found: Sequence[tuple[list[str] | None, list[tuple[list[str], list[str]]]]],
) -> list[str | None]:
    """For each misspelt key the one most like it, from what the shelves have next to it."""
    few = [known for known, _ in found]
    if None not in few:
        every = sorted({key for known in few for key in known or ()})
        return [keys.nearest(value, keys.alike(value, every)) for value in values]
    result = []
    for number, value in enumerate(values):
        before = sorted({key for _, near in found for key in near[number][0]})
        after = sorted({key for _, near in found for key in near[number][1]})
        candidates = before[-keys.NEIGHBOURS :] + after[: keys.NEIGHBOURS]
        result.append(keys.nearest(value, candidates))
    return result


def see_dangling(
    context: Context,
    number: int,
    part: Part,
    link: NDArray[np.int64],
    near: Sequence[str | None],
    order: tuple[int, ...],
) -> list[Seen]:
    """A part's references that point to nothing, as a finding.

    Args:
        context: see `Context`.
        number: which foreign key of the table.
        part: the part.
        link: where its rows point to.
        near: for the first of these references the keys that may be meant.
        order: the finding's place among others.
    """
    table = context.package.tables[part.table]
    key = table.foreign_keys[number]
    rows = np.flatnonzero(link == NOWHERE)
    shown = rows[: context.most]
    values = [str(value) for value in part.text[key.field].take(pa.array(shown)).to_pylist()]
    told = [*near, *([None] * (len(values) - len(near)))]
    explained = [keys.dangling(value, like, key) for value, like in zip(values, told, strict=False)]
    finding = Finding(keys.FOREIGN, key.field, shown, explained, len(rows))
    return [see(table, part.text, finding, (KEYS, *order))]
