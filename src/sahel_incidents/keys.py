"""Keys: whether records can be told apart, and whether references point to something."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from . import cells
from .columns import Data, UnknownError
from .facts import FirstOf
from .package import ForeignKey, Table
from .problem import RuleInfo, Severity, Skipped

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _rule(id: str, title: str, explanation: str) -> RuleInfo:
    return RuleInfo(f"key-{id}", Severity.ERROR, title, explanation)


EMPTY = _rule(
    "primary-empty",
    "No part of a primary key is empty",
    "A record without its full key cannot be cited, linked or corrected.",
)
PRIMARY = _rule(
    "primary-repeated",
    "A primary key occurs once",
    "Two records under one key: whoever cites it cannot say which is meant.",
)
UNIQUE = _rule(
    "unique-repeated",
    "A value that must be unique occurs once",
    "The schema declares this column, or these together, unique.",
)
FOREIGN = _rule(
    "foreign-missing",
    "A reference points to a record that exists",
    "A figure whose source, incident or actor is not in the data cannot be traced.",
)
RULES = (EMPTY, PRIMARY, UNIQUE, FOREIGN)

SEARCH_LIMIT = 200
"""For so many dangling references per column the nearest key is looked for; it is slow work."""

FEW_KEYS = 2000
"""A misspelt key is compared with up to so many keys of the other table."""

_LIKE = 0.7
"""How like a misspelt key another one is at least, from 0 to 1, to be what was meant."""

NEIGHBOURS = 50
"""Where there are more, it is compared with so many before and after it."""


@dataclass(frozen=True, slots=True)
class KeyFaults:
    """Rows that break one key.

    Attributes:
        rule: which kind of key.
        table: the table.
        field: the column the problem is shown on.
        rows: the row numbers, from 0, ascending; only the first where there are very many.
        explanations: for each of them its message and, where known, a suggestion.
        total: how many rows there are.
    """

    rule: RuleInfo
    table: Table
    field: str
    rows: NDArray[np.int64]
    explanations: list[cells.Explanation]
    total: int


def judge(
    data: Data, table: Table, ordered: bool, most: int | None = None
) -> Iterator[KeyFaults | Skipped]:
    """Judge a table's primary, unique and foreign keys.

    Args:
        data: the package's data.
        table: a readable table.
        ordered: whether its primary keys are known to ascend strictly as text.
        most: so many rows of each fault are explained; None for all.

    Yields:
        The faults of each key, and the keys that could not be judged.
    """
    yield from empty(data, table, most)
    for rule, columns in uniquenesses(table, ordered):
        first = FirstOf(columns).rows(data, table.name)
        rows = np.flatnonzero(first >= 0)
        if len(rows):
            shown = rows[:most]
            yield KeyFaults(
                rule, table, columns[0], shown, repeated(rule, columns, first[shown]), len(rows)
            )
    for reference in table.foreign_keys:
        yield from _dangling(data, table, reference, most)


def empty(data: Data, table: Table, most: int | None) -> Iterator[KeyFaults]:
    """The rows in which a part of the primary key is empty."""
    for column in table.primary_key:
        if not table.field(column).required:
            rows = np.flatnonzero(
                cells.is_missing(
                    data.text(table.name, column).cast("string"), table.missing_values
                ).to_numpy()
            )
            if len(rows):
                message = (f"{column} is part of the key, but empty", "fill it in")
                shown = rows[:most]
                yield KeyFaults(EMPTY, table, column, shown, [message] * len(shown), len(rows))


def uniquenesses(table: Table, ordered: bool) -> list[tuple[RuleInfo, tuple[str, ...]]]:
    """The columns whose values together may not occur twice, and the rule that says so."""
    found = []
    # Text that ascends does not repeat; other values may be written in several ways (1, 01).
    if not (ordered and all(table.field(name).type == "string" for name in table.primary_key)):
        found.append((PRIMARY, table.primary_key))
    single = tuple((f.name,) for f in table.fields if f.constraints.get("unique"))
    return found + [(UNIQUE, columns) for columns in single + table.unique_keys]


def repeated(
    rule: RuleInfo, columns: tuple[str, ...], firsts: NDArray[np.int64]
) -> list[cells.Explanation]:
    """What to say of rows that repeat the values of earlier ones, which are given."""
    names = ", ".join(columns)
    if rule == PRIMARY:
        remedy = "give this record a key of its own, or remove the repetition"
    else:
        remedy = "change one of the two, or remove the repetition"
    return [
        (f"the same {names} as in row {original + 1} of the table", remedy)
        for original in firsts.tolist()
    ]


def _dangling(
    data: Data, table: Table, key: ForeignKey, most: int | None
) -> Iterator[KeyFaults | Skipped]:
    try:
        rows = np.flatnonzero(data.link(table.name, key.field) == -2)
    except UnknownError as reason:
        yield Skipped(FOREIGN.id, table.name, f"{key.field}: {reason}")
        return
    if not len(rows):
        return
    text = data.text(table.name, key.field)
    candidates = _Candidates(data, key)
    shown = rows[:most]
    explanations: list[cells.Explanation] = []
    for row in shown.tolist():
        value = str(text[row])
        near = nearest(value, candidates.to(value)) if len(explanations) < SEARCH_LIMIT else None
        explanations.append(dangling(value, near, key))
    yield KeyFaults(FOREIGN, table, key.field, shown, explanations, len(rows))


def dangling(value: str, near: str | None, key: ForeignKey) -> cells.Explanation:
    """What to say of a reference that points to nothing, and of the key that may be meant."""
    remedy = f"did you mean {near}?" if near else f"add it to {key.table}, or mend the reference"
    return f"{cells.quoted(value)} is not in {key.table}", remedy


def nearest(value: str, keys: list[str]) -> str | None:
    """The key most like a misspelt one; None where none is near.

    The one that `difflib.get_close_matches` finds, without measuring those that cannot be it.
    """
    matcher = difflib.SequenceMatcher(b=value)
    bounds = []
    for key in keys:
        matcher.set_seq1(key)
        if matcher.real_quick_ratio() >= _LIKE:
            bounds.append((matcher.quick_ratio(), key))
    best, found = _LIKE, ""
    for bound, key in sorted(bounds, reverse=True):
        if bound < best:
            break
        matcher.set_seq1(key)
        best, found = max((best, found), (matcher.ratio(), key))
    return found or None


def alike(value: str, keys: list[str]) -> list[str]:
    """Of the keys of a table, in order, those that a misspelt one is compared with.

    All where they are few, else those that begin or sort alike.
    """
    if len(keys) <= FEW_KEYS:
        return keys
    at = bisect_left(keys, value)
    return keys[max(at - NEIGHBOURS, 0) : at + NEIGHBOURS]


class _Candidates:
    """The keys that a misspelt one is compared with."""

    def __init__(self, data: Data, key: ForeignKey) -> None:
        self._data = data
        self._key = key

    @cached_property
    def _keys(self) -> list[str]:
        keys = self._data.text(self._key.table, self._key.key).to_pylist()
        return sorted(dict.fromkeys(keys))  # they stand in order already, or nearly

    def to(self, value: str) -> list[str]:
        """Those for one."""
        return alike(value, self._keys)
