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


@dataclass(frozen=True, slots=True)
class KeyFaults:
    """Rows that break one key.

    Attributes:
        rule: which kind of key.
        table: the table.
        field: the column the problem is shown on.
        rows: the row numbers, from 0, ascending.
        explanations: for each row its message and, where known, a suggestion.
    """

    rule: RuleInfo
    table: Table
    field: str
    rows: NDArray[np.int64]
    explanations: list[cells.Explanation]


def judge(data: Data, table: Table, ordered: bool) -> Iterator[KeyFaults | Skipped]:
    """Judge a table's primary, unique and foreign keys.

    Args:
        data: the package's data.
        table: a readable table.
        ordered: whether its primary keys are known to ascend strictly as text.

    Yields:
        The faults of each key, and the keys that could not be judged.
    """
    for column in table.primary_key:
        if not table.field(column).required:
            rows = np.flatnonzero(
                cells.is_missing(
                    data.text(table.name, column).cast("string"), table.missing_values
                ).to_numpy()
            )
            if len(rows):
                message = (f"{column} is part of the key, but empty", "fill it in")
                yield KeyFaults(EMPTY, table, column, rows, [message] * len(rows))
    # Text that ascends does not repeat; other values may be written in several ways (1, 01).
    if not (ordered and all(table.field(name).type == "string" for name in table.primary_key)):
        yield from _repeated(data, table, PRIMARY, table.primary_key)
    single = tuple((f.name,) for f in table.fields if f.constraints.get("unique"))
    for columns in single + table.unique_keys:
        yield from _repeated(data, table, UNIQUE, columns)
    for reference in table.foreign_keys:
        yield from _dangling(data, table, reference)


def _repeated(
    data: Data, table: Table, rule: RuleInfo, columns: tuple[str, ...]
) -> Iterator[KeyFaults]:
    first = FirstOf(columns).rows(data, table.name)
    rows = np.flatnonzero(first >= 0)
    if not len(rows):
        return
    names = ", ".join(columns)
    if rule is PRIMARY:
        remedy = "give this record a key of its own, or remove the repetition"
    else:
        remedy = "change one of the two, or remove the repetition"
    explanations: list[cells.Explanation] = [
        (f"the same {names} as in row {original + 1} of the table", remedy)
        for original in first[rows].tolist()
    ]
    yield KeyFaults(rule, table, columns[0], rows, explanations)


def _dangling(data: Data, table: Table, key: ForeignKey) -> Iterator[KeyFaults | Skipped]:
    try:
        rows = np.flatnonzero(data.link(table.name, key.field) == -2)
    except UnknownError as reason:
        yield Skipped(FOREIGN.id, table.name, f"{key.field}: {reason}")
        return
    if not len(rows):
        return
    text = data.text(table.name, key.field)
    nearest = _Nearest(data, key)
    explanations: list[cells.Explanation] = []
    for row in rows.tolist():
        value = str(text[row])
        near = nearest.to(value) if len(explanations) < SEARCH_LIMIT else None
        remedy = (
            f"did you mean {near}?" if near else f"add it to {key.table}, or mend the reference"
        )
        explanations.append((f"{cells.quoted(value)} is not in {key.table}", remedy))
    yield KeyFaults(FOREIGN, table, key.field, rows, explanations)


class _Nearest:
    """The key most like a misspelt one, among those that begin or sort alike."""

    def __init__(self, data: Data, key: ForeignKey) -> None:
        self._data = data
        self._key = key

    @cached_property
    def _keys(self) -> list[str]:
        return sorted(set(self._data.text(self._key.table, self._key.key).to_pylist()))

    def to(self, value: str) -> str | None:
        """The nearest key, or None where none is near."""
        keys = self._keys
        if len(keys) > 2000:
            at = bisect_left(keys, value)
            keys = keys[max(at - 50, 0) : at + 50]
        near = difflib.get_close_matches(value, keys, 1, 0.7)
        return near[0] if near else None
