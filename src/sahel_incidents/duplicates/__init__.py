"""Near-duplicates: two records that may be one incident, and why.

Nothing compares all with all. Places near each other are paired first, which is few work however
many incidents there are; then each incident is looked up, in a sorted list, among those at or near
its place in a window of days; what is left is thinned out by type, parties and figures, and only
then are two records weighed against each other (`likeness`).

Two records that are linked, or part of one operation, are known to be distinct, and so are those
of which a revision says `judged_distinct`. The method and how well it does: docs/duplicates.md.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns import Data, UnknownError
from ..records import Records
from .likeness import SAME_SOURCE, Weight, weigh
from .nearness import near_places
from .pairing import WINDOW as WINDOW
from .pairing import pairs, when
from .profiles import Parties, profiles
from .tolls import Tolls

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIKELY = 8
"""The least points at which two records are called possible duplicates."""

ID, STATUS, DAYS = "incident_id", "status", ("date_start", "date_end")
"""The columns of an incident that tell which it is, whether it was reviewed, and when it was."""

READ = (
    *("places", "aliases", "actors", "affiliations", "revisions"),
    *("participants", "casualties", "incident_links"),
)
"""The tables that are read beside the incidents: of those that refer to incidents only the rows
about an incident that is looked at, of the others all."""

WORTH_A_LOOK = 5
"""The least points at which one who adds an incident is shown another."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one incident; the first has the lower key.

    Attributes:
        first: an incident's id.
        second: the other's.
        points: the weight of the evidence; `LIKELY` and more is a possible duplicate.
        reasons: the evidence in words.
    """

    first: str
    second: str
    points: int
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.reasons)


def candidates(
    data: Data, least: int = LIKELY, among: NDArray[np.bool_] | None = None
) -> list[Pair]:
    """All pairs of incidents that may be one, in the order of their ids.

    Args:
        data: the package's data.
        least: the points from which a pair is given.
        among: for each incident whether it is asked about; of a pair, one must be. None for all.

    Raises:
        UnknownError: a table that is needed could not be read, or links point to nothing.
    """
    near = near_places(data)
    parties = Parties.of(data)
    a, b, points = pairs(data, near, parties, least, among).T
    tolls = Tolls.of(data, np.unique((a, b)))
    best = tolls.best(a, b)
    able = np.flatnonzero(points + best.points + SAME_SOURCE >= least)
    records = profiles(data, parties, np.unique((a[able], b[able])))
    ties, distinct = _ties(data), _judged_distinct(data)
    found = []
    for row, other, points_of_figures, x, y in np.column_stack((a, b, *best))[able].tolist():
        ours, theirs = records[row], records[other]
        ids = sorted({ours.id or "", theirs.id or ""})
        if "" in ids or len(ids) == 1:  # a key that is missing or repeated is reported as such
            continue
        if frozenset(ids) in distinct or not ties[row].isdisjoint(ties[other]):
            continue
        nearness = near[min(ours.place, theirs.place), max(ours.place, theirs.place)]
        words = tolls.words(x, y) if x >= 0 and points_of_figures >= 0 else ""
        total, reasons = weigh(ours, theirs, nearness, Weight(points_of_figures, words))
        if total >= least:
            found.append(Pair(ids[0], ids[1], total, reasons))
    return sorted(found, key=lambda pair: (pair.first, pair.second))


def near(records: Records, incident_id: str) -> list[Pair]:
    """The incidents that one of the records may repeat, the likeliest first.

    Also those that are probably others are given, down to `WORTH_A_LOOK`, since they are what a
    person wants to see before adding one more.

    Args:
        records: with the incident, as it would be after adding it.
        incident_id: which.

    Raises:
        KeyError: there is no such incident.
    """
    data = Data(records.package, _around(records, incident_id))
    pairs = candidates(data, WORTH_A_LOOK)
    own = [pair for pair in pairs if incident_id in (pair.first, pair.second)]
    return sorted(own, key=lambda pair: -pair.points)


@dataclass(frozen=True)
class LikelyTwin:
    """The incident that one not yet reviewed most likely repeats, with the reasons.

    A text such as "MLI-2025-06-01-boulikessi (same place, 1 day apart)"; null where there is none,
    and for an incident that was reviewed. Of two that wait, the one with the higher key is named.
    """

    def compute(self, data: Data, table: str) -> pa.Array:
        """One text or null per row of `table`, which is `incidents`."""
        twins: list[str | None] = [None] * data.rows(table)
        ids = data.text(table, ID).cast(pa.string())
        waits = waiting(data, table)
        open_ids = set(ids.filter(pa.array(waits)).to_pylist())
        if not open_ids:
            return pa.array(twins, pa.string())
        best: dict[str, tuple[int, str]] = {}
        for pair in candidates(data, among=waits):
            own, other = pair.second, pair.first
            if own not in open_ids:
                own, other = other, own
            if own in open_ids and (own not in best or best[own][0] < pair.points):
                best[own] = pair.points, f"{other} ({pair})"
        rows = pc.index_in(pa.array(list(best), pa.string()), value_set=ids.combine_chunks())
        for row, (_, twin) in zip(rows.to_pylist(), best.values(), strict=True):
            twins[row] = twin
        return pa.array(twins, pa.string())


def waiting(data: Data, table: str) -> NDArray[np.bool_]:
    """For each row of the table of incidents whether it was not reviewed yet."""
    waits = pc.equal(data.typed(table, STATUS), "candidate").fill_null(False)
    return np.asarray(waits.to_numpy())


def days(data: Data, table: str) -> NDArray[np.int64]:
    """For each row of the table of incidents its first and its last day, as days since 1970.

    Where one is not known, the last is before the first.
    """
    return when(*(data.typed(table, name) for name in DAYS))


def overlaps(ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each of our days whether they are so near any of theirs that the two are compared."""
    known = theirs[theirs[:, 0] <= theirs[:, 1]]
    known = known[np.argsort(known[:, 0])]
    if not len(known):
        return np.zeros(len(ours), dtype=bool)
    latest = np.maximum.accumulate(known[:, 1])
    # Of theirs that begin early enough one must end late enough.
    begun = np.searchsorted(known[:, 0], ours[:, 1] + WINDOW, "right")
    reached = latest[np.maximum(begun - 1, 0)] >= ours[:, 0] - WINDOW
    return (ours[:, 0] <= ours[:, 1]) & (begun > 0) & reached


def _ties(data: Data) -> defaultdict[int, set[tuple[str, int]]]:
    """For each linked incident what it shares with those it is known to be distinct from.

    Two incidents are distinct if a link joins them, or if both are part of a third.
    """
    ends = [data.link("incident_links", name) for name in ("incident_id", "other_incident_id")]
    if any((rows == -2).any() for rows in ends):
        raise UnknownError("incident_links has references that point to nothing")
    relations = data.typed("incident_links", "relation").to_pylist()
    ties: defaultdict[int, set[tuple[str, int]]] = defaultdict(set)
    for number, (one, other, relation) in enumerate(zip(*ends, relations, strict=True)):
        for row in (int(one), int(other)):
            ties[row].add(("link", number))
        if relation == "part_of":
            ties[int(one)].add(("whole", int(other)))
    return ties


def _judged_distinct(data: Data) -> set[frozenset[str]]:
    """The pairs of incidents that a revision says are two."""
    columns = ("table", "action", "record_id", "other_id")
    revisions = zip(*(data.typed("revisions", name).to_pylist() for name in columns), strict=True)
    return {
        frozenset((record, other))
        for table, action, record, other in revisions
        if (table, action) == ("incidents", "judged_distinct")
    }


def _around(records: Records, incident_id: str) -> dict[str, pa.Table]:
    """The tables of the records as text, with only the incidents that one may repeat.

    They are those at about its time, and those linked to them.
    """
    rows = {name: list(table.values()) for name, table in records.rows.items()}
    kept = _at_one_time(records, incident_id)
    ends = ("incident_id", "other_incident_id")
    links = [row for row in rows["incident_links"] if not kept.isdisjoint(row[end] for end in ends)]
    rows["incident_links"] = links
    kept = kept.union(row[end] for row in links for end in ends)
    for table in ("incidents", "participants", "casualties"):
        rows[table] = [row for row in rows[table] if row["incident_id"] in kept]
    return {
        name: pa.table(
            {
                column: pa.array([row[column] for row in rows[name]], pa.string())
                for column in table.columns
            }
        )
        for name, table in records.package.tables.items()
    }


def _at_one_time(records: Records, incident_id: str) -> set[str]:
    """The incidents within the window of days around one; none where its dates are no dates."""
    own = records.rows["incidents"][incident_id,]
    window = timedelta(WINDOW)
    try:
        first = (date.fromisoformat(own["date_start"]) - window).isoformat()
        last = (date.fromisoformat(own["date_end"]) + window).isoformat()
    except (ValueError, OverflowError):
        return set()
    return {
        row["incident_id"]
        for row in records.rows["incidents"].values()
        if row["date_start"] <= last and row["date_end"] >= first
    }
