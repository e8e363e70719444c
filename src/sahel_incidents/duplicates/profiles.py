"""What of an incident is compared with another, gathered from the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from ..columns import Data
from .tolls import spread, taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDRED = ("part_of", "successor_of", "affiliated_with", "auxiliary_of", "front_of")
"""The affiliations that make two actors' names likely to be given for one another."""

NOBODY = "unidentified"
"""The kind of actor that may be anyone."""

CIVILIANS = "civilians"
"""The kind of actor of which the victims of one incident have many names."""


@dataclass(slots=True)
class Profile:
    """What of an incident is compared; None where a cell is faulty.

    Attributes:
        place: the row of its place.
        attackers: who did it, where that is known.
        families: of the attackers, as `Parties` numbers them.
        targets: who was attacked; civilians of whatever name are one.
        sources: what its participants and figures are cited from.
    """

    id: str | None
    title: str | None
    start: date
    end: date
    precision: str
    event_type: str | None
    place: int
    attackers: set[str] = field(default_factory=set)
    families: set[int] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    sources: set[str | None] = field(default_factory=set)


@dataclass(frozen=True)
class Holdings:
    """What incidents have, as numbers, to see which have some in common.

    Attributes:
        keys: for each thing of each incident the incident times `span`, plus the thing; ascending.
        span: more than any of the things.
    """

    keys: NDArray[np.int64]
    span: int

    @classmethod
    def of(cls, incidents: NDArray[np.int64], things: NDArray[np.int64]) -> Holdings:
        """From pairs of an incident and a thing, in any order."""
        span = int(things.max(initial=0)) + 1
        return cls(np.unique(incidents * span + things), span)

    def shared(
        self, a: NDArray[np.int64], b: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """For pairs of incidents whether they have one in common, and whether both have any."""
        low, high = (np.searchsorted(self.keys, rows * self.span) for rows in (a, a + 1))
        theirs, end = (np.searchsorted(self.keys, rows * self.span) for rows in (b, b + 1))
        which, position = spread(low, high - low)
        sought = b[which] * self.span + self.keys[position] % self.span
        common = np.zeros(len(a), dtype=bool)
        place = np.searchsorted(self.keys, sought)
        inside = place < len(self.keys)
        common[which[inside][self.keys[place[inside]] == sought[inside]]] = True
        return common, (high > low) & (end > theirs)


@dataclass(frozen=True)
class Parties:
    """Who attacked whom, over all incidents.

    Attributes:
        family: for each actor the number of all that hang together with it by affiliations.
        kinds: the kind of each actor.
        attackers: the families of attackers that are known, by incident.
        targets: the numbers of those attacked, by incident; civilians have one.
    """

    family: NDArray[np.int64]
    kinds: list[str | None]
    attackers: Holdings
    targets: Holdings

    @classmethod
    def of(cls, data: Data) -> Parties:
        """The parties of a package; references that point to nothing are left out."""
        family = _families(data)
        kinds = data.typed("actors", "kind").to_pylist()
        target = np.array([-1 if kind == CIVILIANS else n for n, kind in enumerate(kinds)])
        known = np.array([kind != NOBODY for kind in kinds], dtype=bool)
        incident, actor = (data.link("participants", n) for n in ("incident_id", "actor_id"))
        rows = np.flatnonzero((incident >= 0) & (actor >= 0))
        rows = rows[known[actor[rows]]]
        in_role = []
        for role, number in (("attacker", family), ("target", target + 1)):
            right = pc.equal(data.typed("participants", "role"), role).fill_null(False)
            own = rows[right.to_numpy()[rows]]
            in_role.append(Holdings.of(incident[own], number[actor[own]]))
        return cls(family, kinds, *in_role)


def profiles(data: Data, parties: Parties, rows: NDArray[np.int64]) -> dict[int, Profile]:
    """The profiles of some incidents, by their row.

    Args:
        data: the package's data.
        parties: its parties.
        rows: incidents with dates, in ascending order.
    """
    names = ("incident_id", "title", "date_start", "date_end", "date_precision", "event_type")
    places = data.link("incidents", "place_id")[rows].tolist()
    records = zip(*_columns(data, "incidents", names, rows), places, strict=True)
    result = {row: Profile(*record) for row, record in zip(rows.tolist(), records, strict=True)}
    _add_participants(data, parties, rows, result)
    for profile, (source,) in _of(data, "casualties", ("source_id",), rows, result):
        profile.sources.add(source)
    return result


def _add_participants(
    data: Data, parties: Parties, rows: NDArray[np.int64], result: dict[int, Profile]
) -> None:
    actors = data.link("participants", "actor_id")
    names = ("actor_id", "role", "source_id")
    cited = _of(data, "participants", names, rows, result, actors)
    for profile, (actor, role, source, row) in cited:
        profile.sources.add(source)
        kind = parties.kinds[row] if row >= 0 else NOBODY
        if kind == NOBODY:
            continue
        if role == "attacker":
            profile.attackers.add(actor)
            profile.families.add(int(parties.family[row]))
        elif role == "target":
            profile.targets.add(CIVILIANS if kind == CIVILIANS else actor)


def _of(
    data: Data,
    table: str,
    names: tuple[str, ...],
    rows: NDArray[np.int64],
    result: dict[int, Profile],
    *more: NDArray[np.int64],
) -> Iterator[tuple[Profile, tuple[Any, ...]]]:
    """The records of a table that belong to some incidents, each with the incident's profile.

    Args:
        data: the package's data.
        table: a table with the column `incident_id`.
        names: the columns wanted.
        rows: the incidents.
        result: their profiles.
        more: further columns, over the whole table.
    """
    incident = data.link(table, "incident_id")
    wanted = np.zeros(data.rows("incidents"), dtype=bool)
    wanted[rows] = True
    own = np.flatnonzero((incident >= 0) & wanted[incident])
    columns = (*_columns(data, table, names, own), *(column[own].tolist() for column in more))
    for row, *record in zip(incident[own].tolist(), *columns, strict=True):
        yield result[row], tuple(record)


def _columns(
    data: Data, table: str, names: tuple[str, ...], rows: NDArray[np.int64]
) -> list[list[Any]]:
    return [taken(data, table, name, rows).to_pylist() for name in names]


def _families(data: Data) -> NDArray[np.int64]:
    """For each actor the lowest row of all it is affiliated with, directly or through others."""
    related = defaultdict(set)
    ends = (data.link("affiliations", n).tolist() for n in ("actor_id", "related_actor_id"))
    relations = data.typed("affiliations", "relation").to_pylist()
    for one, other, relation in zip(*ends, relations, strict=True):
        if relation in KINDRED and one >= 0 and other >= 0:
            related[one].add(other)
            related[other].add(one)
    family = np.arange(data.rows("actors"))
    reached: set[int] = set()
    for actor in sorted(related):
        waiting = [actor]
        while waiting:
            found = waiting.pop()
            if found not in reached:
                reached.add(found)
                family[found] = actor
                waiting.extend(related[found])
    return family
