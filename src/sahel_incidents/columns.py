"""Global facts become columns, so that every rule looks at one row at a time.

Whatever a rule wants to know of other rows (another table's date, how often something refers to a
record, whether a key occurs twice) is computed once for a whole column, by one of the `facts`, and
attached to the row. A rule then is a condition over one row, and runs the same on a whole frame and
on any part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import cells
from .package import Package, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray


class UnknownError(Exception):
    """A column cannot be computed, because what it is computed from is faulty."""


_MOST_COMBINATIONS = 4
"""In times of the rows: for more possible combinations of values each row is judged by itself."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column with few distinct values.

    Attributes:
        values: the values, each at least once; null among them where a row may hold none.
        codes: for each row the place of its value.
    """

    values: pa.Array
    codes: NDArray[np.integer[Any]]


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
        self._coded: dict[tuple[str, str], Coded | None] = {}

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

    def coded(self, table: str, column: str) -> Coded | None:
        """A column's values, each but once; None for a column that is not held so."""
        key = (table, column)
        if key not in self._coded:
            declared = self.package.tables[table]
            text = self.text(table, column)
            found = cells.coded(declared.field(column), text, declared.missing_values)
            self._coded[key] = None if found is None else Coded(*found)
        return self._coded[key]

    def unreadable(self, table: str, column: str) -> NDArray[np.int64]:
        """The rows whose cell failed and has no value."""
        bad = self.bad.get((table, column), np.empty(0, dtype=np.int64))
        if not len(bad):
            return bad
        empty: NDArray[np.bool_] = (
            self.typed(table, column).take(pa.array(bad)).is_null().to_numpy()
        )
        return bad[empty]

    def forget(self, table: str) -> None:
        """Let go of a table's typed columns, which are cheap to compute again."""
        for key in list(self._typed):  # other threads may add to it meanwhile
            if key[0] == table:
                del self._typed[key]

    def keys(self, table: Table, rows: NDArray[np.int64]) -> pa.Array:
        """The primary keys of some records, their parts joined by "|"."""
        text = self.texts[table.name].select(list(table.primary_key)).take(pa.array(rows))
        parts = [whole(text[name].cast(pa.string())) for name in table.primary_key]
        return pc.binary_join_element_wise(*parts, "|")

    def present(self, table: Table, keys: set[str]) -> set[str]:
        """Those of some primary keys, their parts joined by "|", that a table has.

        Raises:
            UnknownError: the table could not be read.
        """
        parts = [self.text(table.name, name).cast(pa.string()) for name in table.primary_key]
        joined = pc.binary_join_element_wise(*parts, "|")
        wanted = pa.array(sorted(keys), pa.string())
        return set(wanted.filter(pc.is_in(wanted, value_set=whole(joined))).to_pylist())

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
        declared = self.package.tables[table]
        plain = plain_reference(self.package, table, column)
        read = self.text if plain else self.typed
        values, targets = read(table, column), read(reference.table, reference.key)
        if plain and pa.types.is_dictionary(values.type):
            return self._find_distinct(values, targets, declared.missing_values)
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
        present = whole(present.cast(targets.type))
        starts = np.concatenate(
            ([True], np.asarray(pc.not_equal(present[1:], present[:-1]).to_numpy(False)))
        )
        runs = present if starts.all() else present.filter(pa.array(starts))
        result[filled] = _rows_of(runs, whole(targets))[np.cumsum(starts) - 1]
        return result

    def _find_distinct(
        self, keys: pa.ChunkedArray, targets: pa.ChunkedArray, missing_values: tuple[str, ...]
    ) -> NDArray[np.int64]:
        """`link` for a column that is held once per distinct key."""
        encoded = whole(keys.unify_dictionaries())
        distinct = encoded.dictionary
        rows = _rows_of(distinct, whole(targets.cast(pa.string())))
        rows[np.asarray(cells.is_missing(distinct, missing_values))] = -1
        return rows[np.asarray(encoded.indices)] if len(encoded) else np.empty(0, dtype=np.int64)

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


def plain_reference(package: Package, table: str, column: str) -> bool:
    """Whether a foreign key can be compared as it stands, cell by cell.

    Plain text need not be made into values first, where both tables mean the same by empty.
    """
    key = package.tables[table].reference(column)
    own, other = package.tables[table], package.tables[key.table]
    return own.missing_values == other.missing_values and all(
        (field.type, field.format) == ("string", "default")
        for field in (own.field(column), other.field(key.key))
    )


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


def whole(values: pa.ChunkedArray) -> pa.Array:
    """The same values in one piece."""
    if isinstance(values, pa.ChunkedArray) and values.num_chunks == 1:
        return values.chunk(0)  # which combining would copy
    piece = values.combine_chunks()
    return pa.concat_arrays(piece.chunks) if isinstance(piece, pa.ChunkedArray) else piece


class Column(Protocol):
    """A global fact, computed for every row of a table."""

    def compute(self, data: Data, table: str) -> pa.ChunkedArray | pa.Array:
        """One value per row of `table`; raises `UnknownError` where it cannot be known."""


@runtime_checkable
class CodedColumn(Column, Protocol):
    """A global fact that may have few distinct values, known without looking at every row."""

    def coded(self, data: Data, table: str) -> Coded | None:
        """What `compute` gives, each value but once; None where they are not known so."""


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


def combinations(
    data: Data, table: str, columns: Mapping[str, Column | None]
) -> tuple[Any, NDArray[np.int64]] | None:
    """Each combination of values that the named columns of a table take, as a row of a frame.

    A condition over one row need be judged only once per combination.

    Args:
        data: the package's data.
        table: the table whose rows are wanted.
        columns: as for `frame`.

    Returns:
        The frame, as `frame` gives it but in no order, and for each record its row in it; None
        where the combinations are too many, or some column's values.

    Raises:
        UnknownError: a column cannot be computed.
    """
    import pandas as pd

    found: dict[str, Coded] = {}
    for name, column in columns.items():
        coded: Coded | None = None
        if column is None:
            coded = data.coded(table, name)
        elif isinstance(column, CodedColumn):
            coded = column.coded(data, table)
        if coded is None:
            return None
        found[name] = coded
    numbers = np.zeros(data.rows(table), dtype=np.int64)
    chosen: dict[str, NDArray[np.int64]] = {}
    count = 1
    most = _MOST_COMBINATIONS * len(numbers) + 1
    for name, coded in found.items():
        width = len(coded.values)
        if count * width > most:
            return None
        numbers = numbers * width + coded.codes
        taken = np.zeros(count * width, dtype=bool)
        taken[numbers] = True
        kinds = np.flatnonzero(taken)
        numbers = (np.cumsum(taken, dtype=np.int32) - 1)[numbers].astype(np.int64)
        chosen = {other: codes[kinds // width] for other, codes in chosen.items()}
        chosen[name] = kinds % width
        count = len(kinds)
    arrays = {name: coded.values.take(pa.array(chosen[name])) for name, coded in found.items()}
    return pa.table(arrays).to_pandas(types_mapper=pd.ArrowDtype), numbers
