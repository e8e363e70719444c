"""The figures of incidents, compared by the million.

Incidents are row numbers; a figure is its number in `Tolls`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .. import cells
from ..columns import Data

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIMILAR = ((10, 3), (4, 2), (1, 1))
"""Points for figures nearly equal, by the least number counted: small tolls agree by chance."""

MOST = SIMILAR[0][1]
"""The most that figures can add."""

OTHER = -3
"""Points where incidents have figures of one kind, and none that could be the same."""

NEARLY_EQUAL, COMPATIBLE = 0.85, 0.6
"""Shares of the larger figure that the smaller one has."""

_ANYONE = ("mixed", "unknown")
_INCOMPARABLE = -99


class Best(NamedTuple):
    """For each pair of incidents the figures that agree best; 0 points where none compare.

    Attributes:
        points: what they say about the two being one.
        ours: the figure of the first incident; -1 where none compare.
        theirs: the figure of the second.
    """

    points: NDArray[np.int64]
    ours: NDArray[np.int64]
    theirs: NDArray[np.int64]


@dataclass(frozen=True)
class Tolls:
    """The figures of some incidents that can be compared, in the order of their incidents.

    Parts of others are left out, and figures that give no number or nought.

    Attributes:
        incident: whose figure it is.
        harm: what was done, numbered.
        victims: to whom, numbered.
        anyone: whether the victims may be of any kind.
        number: the value, or the middle of a range.
        low: the lower bound, 0 where it is open.
        high: the upper bound, infinite where it is open.
        harms: the names of what `harm` numbers.
    """

    incident: NDArray[np.int64]
    harm: NDArray[np.int64]
    victims: NDArray[np.int64]
    anyone: NDArray[np.bool_]
    number: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    harms: list[str]

    @classmethod
    def of(cls, data: Data, incidents: NDArray[np.int64]) -> Tolls:
        """The figures of some incidents."""
        link = data.link("casualties", "incident_id")
        wanted = np.zeros(data.rows("incidents"), dtype=bool)
        wanted[incidents] = True
        rows = np.flatnonzero((link >= 0) & wanted[link])
        rows = rows[np.argsort(link[rows], kind="stable")]
        value, low, high = (
            taken(data, "casualties", name, rows).cast(pa.float64()).to_numpy(zero_copy_only=False)
            for name in ("value", "low", "high")
        )
        middle = np.where(np.isnan(low) | np.isnan(high), np.fmax(low, high), (low + high) / 2)
        number = np.where(np.isnan(value), middle, value)
        whole = number > 0
        for name in ("part_of", "demographic"):
            whole &= taken(data, "casualties", name, rows).is_null().to_numpy(zero_copy_only=False)
        harm, victims = (
            taken(data, "casualties", name, rows[whole]).fill_null("").dictionary_encode()
            for name in ("harm", "victims")
        )
        return cls(
            link[rows[whole]],
            harm.indices.to_numpy().astype(np.int64),
            victims.indices.to_numpy().astype(np.int64),
            pc.is_in(victims.dictionary, pa.array(_ANYONE)).take(victims.indices).to_numpy(False),
            number[whole],
            np.nan_to_num(low[whole], nan=0.0),
            np.nan_to_num(high[whole], nan=np.inf, posinf=np.inf),
            harm.dictionary.to_pylist(),
        )

    def points(self, x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
        """What pairs of figures say about being one; far below 0 where they count other things."""
        smaller = np.minimum(self.number[x], self.number[y])
        larger = np.maximum(self.number[x], self.number[y])
        similar = np.select([larger >= least for least, _ in SIMILAR], [p for _, p in SIMILAR], 0)
        overlap = (self.low[x] <= self.high[y]) & (self.low[y] <= self.high[x])
        compatible = overlap | (smaller >= larger * COMPATIBLE)
        points = np.where(smaller >= larger * NEARLY_EQUAL, similar, np.where(compatible, 0, OTHER))
        same_victims = self.victims[x] == self.victims[y]
        comparable = same_victims | self.anyone[x] | self.anyone[y]
        return np.where(comparable & (self.harm[x] == self.harm[y]), points, _INCOMPARABLE)

    def best(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> Best:
        """What of two incidents' figures agrees best: sources differ, and one may copy another.

        Args:
            a: incidents.
            b: for each the other of the pair.
        """
        (low_a, of_a), (low_b, of_b) = (self._figures(rows) for rows in (a, b))
        pair, number = spread(np.zeros(len(a), dtype=np.int64), of_a * of_b)
        x = low_a[pair] + number // of_b[pair]
        y = low_b[pair] + number % of_b[pair]
        points = self.points(x, y)
        result = Best(*(np.full(len(a), empty, dtype=np.int64) for empty in (0, -1, -1)))
        order = np.lexsort((points, pair))
        last = order[np.append(np.diff(pair[order]) > 0, True)] if len(order) else order
        last = last[points[last] > _INCOMPARABLE]
        for column, values in zip(result, (points, x, y), strict=True):
            column[pair[last]] = values[last]
        return result

    def words(self, x: int, y: int) -> str:
        """Two figures side by side, such as "killed 60 and 58"."""
        return f"{self.harms[self.harm[x]]} {self.number[x]:g} and {self.number[y]:g}"

    def _figures(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        low = np.searchsorted(self.incident, rows, "left")
        return low, np.searchsorted(self.incident, rows, "right") - low


def taken(data: Data, table: str, column: str, rows: NDArray[np.int64]) -> pa.Array:
    """The values of some rows of a column; only these are read, which may be few of very many."""
    declared = data.package.tables[table]
    text = data.text(table, column).take(pa.array(rows))
    values = cells.typed(declared.field(column), text, declared.missing_values)
    whole = values.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def spread(
    low: NDArray[np.int64], count: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ranges written out: for each of their numbers which range it is of, and the number."""
    which = np.repeat(np.arange(len(low)), count)
    before = np.repeat(np.cumsum(count) - count, count)
    return which, np.arange(len(which)) - before + low[which]
