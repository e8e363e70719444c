"""Pairs of incidents worth weighing: at or near one place, at one time or nearly so.

Nothing compares all with all. Places near each other are paired first, which is few work however
many incidents there are. Then each incident is looked up, in a sorted list, among those at or near
its place in a window of days. What is left is thinned out by what can be compared for a whole
column at once: place, date, type and attacker.

Incidents and actors are row numbers throughout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns import Data
from . import likeness
from .nearness import Nearness
from .profiles import Parties
from .tolls import spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW = len(likeness.DAYS_APART) - 1
"""How many days may lie between two incidents that are compared."""

_LENGTHS = (7, 62, 400, 100_000)
"""Incidents are looked up by their first day, among those that last no longer than so many days."""

_PRECISIONS = tuple(likeness.SAME_PERIOD)
_VAGUE = _PRECISIONS.index("month")
"""From this precision on two incidents are compared only if their dates overlap."""

_SPAN = 1 << 23
"""More days than there are from any date to any other."""

_AT_ONCE = 50_000
"""How many incidents are looked up at once."""

_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


def pairs(
    data: Data,
    near: Mapping[tuple[int, int], Nearness],
    parties: Parties,
    least: int,
    among: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """The pairs of incidents that can reach so many points.

    Args:
        data: the package's data.
        near: the pairs of places near each other, as `near_places` gives them.
        parties: the package's parties.
        least: how many points.
        among: for each incident whether it is asked about; of a pair, one must be. None for all.

    Returns:
        Three columns: the one incident, the other, and the points that place, date, type and
        parties may add, which are as many as they do or a little more.
    """
    types = pc.dictionary_encode(data.typed("incidents", "event_type").combine_chunks())
    kind = types.indices.fill_null(-1).to_numpy()
    outlines = _Outlines.of(data)
    weights = np.array([place.points for place in near.values()], dtype=np.int64)
    left = likeness.REMAINING + likeness.SAME_TARGET + likeness.SAME_ATTACKER
    found = [np.empty((0, 3), dtype=np.int64)]
    for a, b, nearness in outlines.meetings(near):
        if among is not None:
            asked = among[a] | among[b]
            a, b, nearness = a[asked], b[asked], nearness[asked]
        points = weights[nearness] + outlines.points(a, b)
        points += np.where(kind[a] == kind[b], likeness.SAME_TYPE, likeness.SIMILAR_TITLE)
        able = points + left >= least
        a, b, points = a[able], b[able], points[able]
        for holdings, same, other in (
            (parties.attackers, likeness.SAME_ATTACKER, likeness.OTHER_ATTACKER),
            (parties.targets, likeness.SAME_TARGET, likeness.OTHER_TARGET),
        ):
            common, known = holdings.shared(a, b)
            points += np.where(common, same, np.where(known, other, 0))
        able = points + likeness.REMAINING >= least
        found.append(np.column_stack((a, b, points))[able])
    return np.concatenate(found)


@dataclass(frozen=True)
class _Outlines:
    """Where and when incidents were, one number per incident.

    A place or precision that is not known is below 0; where a date is not, the end is before the
    start.
    """

    place: NDArray[np.int64]
    start: NDArray[np.int64]
    """Days since 1970."""
    end: NDArray[np.int64]
    precision: NDArray[np.int64]
    """Its number in the order of `likeness.SAME_PERIOD`, the most precise first."""

    @classmethod
    def of(cls, data: Data) -> _Outlines:
        days = when(*(data.typed("incidents", name) for name in ("date_start", "date_end")))
        precision = pc.index_in(
            data.typed("incidents", "date_precision"), value_set=pa.array(_PRECISIONS)
        )
        return cls(
            data.link("incidents", "place_id"),
            days[:, 0],
            days[:, 1],
            precision.fill_null(-1).to_numpy().astype(np.int64),
        )

    def meetings(
        self, near: Mapping[tuple[int, int], Nearness]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
        """The pairs of incidents at or near one place at one time, and the number of their places.

        They come in parts, so that few of them need be held at once.

        Args:
            near: the pairs of places near each other.
        """
        places, others, numbers = _both_ways(near)
        known = (self.place >= 0) & (self.end >= self.start)
        rows = np.flatnonzero(known & (self.precision >= 0))
        rows = rows[np.lexsort((self.start[rows], self.place[rows]))]
        length = np.searchsorted(_LENGTHS, self.end[rows] - self.start[rows])
        groups = [(most, rows[length == n]) for n, most in enumerate(_LENGTHS)]
        for n, (_, ours) in enumerate(groups):
            for part in np.array_split(ours, len(ours) // _AT_ONCE + 1):
                low, high = (np.searchsorted(places, self.place[part], side) for side in _SIDES)
                repeated, which = spread(low, high - low)
                for m, (most, theirs) in enumerate(groups[n:], start=n):
                    seeker, b = self._lookup(part[repeated], others[which], theirs, most)
                    a = part[repeated][seeker]
                    once = (a < b) | (m > n)  # in one group each pair is found from both sides
                    yield a[once], b[once], numbers[which][seeker][once]

    def _lookup(
        self,
        seekers: NDArray[np.int64],
        there: NDArray[np.int64],
        among: NDArray[np.int64],
        most: int,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The incidents at given places that overlap the days of given others, or nearly do.

        Args:
            seekers: incidents.
            there: for each the place where to look.
            among: what may be found: incidents in the order of place and first day.
            most: how many days these last at most.

        Returns:
            The position of the seeker in `seekers`, and the incident found.
        """
        when = self.place[among] * _SPAN + self.start[among]
        low = np.searchsorted(when, there * _SPAN + self.start[seekers] - WINDOW - most)
        high = np.searchsorted(when, there * _SPAN + self.end[seekers] + WINDOW, "right")
        seeker, position = spread(low, high - low)
        a, b = seekers[seeker], among[position]
        vague = np.maximum(self.precision[a], self.precision[b]) >= _VAGUE
        right = self.days_apart(a, b) <= np.where(vague, 0, WINDOW)
        right &= self.place[b] == there[seeker]
        return seeker[right], b[right]

    def days_apart(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many days lie between incidents; 0 where they overlap."""
        gap = np.maximum(self.start[b] - self.end[a], self.start[a] - self.end[b])
        days: NDArray[np.int64] = np.maximum(gap, 0)
        return days

    def points(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
        """The points that the dates of pairs of incidents add."""
        apart = self.days_apart(a, b)
        period = np.array(list(likeness.SAME_PERIOD.values()))
        together = period[np.maximum(self.precision[a], self.precision[b])]
        points: NDArray[np.int64] = np.where(apart, np.array(likeness.DAYS_APART)[apart], together)
        return points


def when(start: pa.ChunkedArray, end: pa.ChunkedArray) -> NDArray[np.int64]:
    """First and last days as days since 1970; where one is not known, the end is before the start.

    Args:
        start: dates.
        end: dates.
    """
    first, last = (days.cast(pa.int32()).cast(pa.int64()) for days in (start, end))
    return np.column_stack((first.fill_null(_SPAN).to_numpy(), last.fill_null(-_SPAN).to_numpy()))


def _both_ways(
    near: Mapping[tuple[int, int], Nearness],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Each pair of places both ways, in the order of the first, and its number."""
    one, other = np.array(list(near), dtype=np.int64).reshape(-1, 2).T
    number, turned = np.arange(len(one)), np.flatnonzero(one != other)
    places, others = np.append(one, other[turned]), np.append(other, one[turned])
    order = np.argsort(places, kind="stable")
    return places[order], others[order], np.append(number, number[turned])[order]
