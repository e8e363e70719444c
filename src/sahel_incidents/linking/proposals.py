"""Incidents of two packages that may be one: proposed for a person to decide, never linked alone.

Both packages are laid side by side as one, and compared by what finds near-duplicates within one
(`duplicates`): place, days, parties and tolls. Before that their parties are brought under common
names, since each dataset has its own: whatever fights for a state is that state, and an actor that
bears a name or alias of ours is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as pa

from ..columns import Data
from ..duplicates import WINDOW, candidates
from ..records import Records, Row
from ..text import folded

LEAST = 6
"""The least points of a proposal, measured on UCDP GED: see docs/ucdp.md."""

_COMPARED = (
    *("places", "aliases", "actors", "affiliations", "incidents"),
    *("participants", "casualties", "incident_links", "revisions"),
)
"""The tables that are compared."""

_THEIRS = "~"
"""Put before each key of the other package: it sorts after any of ours, and none begins so."""

_KIND_OF_PLACE = re.compile(
    " (village|town|city|camp|commune|department|cercle|region|province|district|locality|area"
    "|location|road|forest|well|valley|mine|border)$"
)
"""What UCDP puts behind a place's name."""

_STATE = ("state_force", "state_body")
"""The kinds of actor that count as their state."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An incident of ours that may be one of the other package.

    Attributes:
        incident_id: ours.
        other_id: the incident's id in the other package.
        points: the weight of the evidence, as for near-duplicates.
        reasons: the evidence in words.
    """

    incident_id: str
    other_id: str
    points: int
    reasons: tuple[str, ...]


def propose(ours: Records, theirs: Records, least: int = LEAST) -> list[Proposal]:
    """The pairs of incidents that may be one, by our ids, the likeliest of each first.

    Args:
        ours: the records of this package.
        theirs: those of the other.
        least: the points from which a pair is proposed.

    Raises:
        UnknownError: links of either package point to nothing.
    """
    at_one_time = _at_one_time(ours, theirs)
    if not at_one_time:
        return []
    data = Data(ours.package, dict(_side_by_side(ours, theirs, at_one_time)))
    mine = [not id.startswith(_THEIRS) for id in data.text("incidents", "incident_id").to_pylist()]
    found = [
        Proposal(
            pair.first,
            pair.second.removeprefix(_THEIRS),
            pair.points,
            tuple(reason.replace(_THEIRS, "") for reason in pair.reasons),
        )
        for pair in candidates(data, least, among=pa.array(mine).to_numpy(zero_copy_only=False))
        if not pair.first.startswith(_THEIRS) and pair.second.startswith(_THEIRS)
    ]
    return sorted(found, key=lambda one: (one.incident_id, -one.points, one.other_id))


def _at_one_time(ours: Records, theirs: Records) -> set[str]:
    """Their incidents that lie within the window of days around some of ours."""
    days: set[date] = set()
    for row in ours.rows["incidents"].values():
        days.update(_days(row, WINDOW))
    return {
        row["incident_id"]
        for row in theirs.rows["incidents"].values()
        if not days.isdisjoint(_days(row, 0))
    }


def _days(row: Row, around: int) -> Iterator[date]:
    try:
        start, end = (date.fromisoformat(row[name]) for name in ("date_start", "date_end"))
    except ValueError:  # reported by `validate`
        return
    for number in range(-around, (end - start).days + around + 1):
        yield start + timedelta(number)


def _side_by_side(
    ours: Records, theirs: Records, wanted: set[str]
) -> Iterator[tuple[str, pa.Table]]:
    """The tables of both packages as one, as text; of their incidents only those wanted."""
    common = _common_names(ours, theirs)
    for name in _COMPARED:
        table = ours.package.tables[name]
        keys = {key.field for key in table.foreign_keys}
        if len(table.primary_key) == 1:
            keys.update(table.primary_key)
        rows = list(ours.rows[name].values())
        for row in theirs.rows.get(name, {}).values():
            if "incident_id" not in row or row["incident_id"] in wanted:
                rows.append(
                    {
                        c: _THEIRS + value if value and c in keys else value
                        for c, value in row.items()
                    }
                )
        if name == "casualties":  # a part of the one may be the whole of the other
            rows = [{**row, "part_of": ""} for row in rows]
        if name == "places":
            rows = [{**row, "name": _KIND_OF_PLACE.sub("", row["name"])} for row in rows]
        if name == "participants":
            rows = [{**row, "actor_id": common.get(row["actor_id"], "")} for row in rows]
            rows = list(_sides(rows))
        columns = {
            c: pa.array([row.get(c, "") for row in rows], pa.string()) for c in table.columns
        }
        yield name, pa.table(columns)


def _sides(participants: Iterable[Row]) -> Iterator[Row]:
    """The parties; theirs on both sides, since not every dataset says who attacked."""
    for row in participants:
        if not row["incident_id"].startswith(_THEIRS):
            yield row
        else:
            yield from ({**row, "role": role} for role in ("attacker", "target"))


def _common_names(ours: Records, theirs: Records) -> dict[str, str]:
    """For each actor of both packages the one it counts as."""
    named = {name: row["actor_id"] for row in ours.rows["actors"].values() for name in _names(row)}
    for row in ours.rows["aliases"].values():
        if row["actor_id"]:
            named.setdefault(_folded(row["alias"]), row["actor_id"])
    states: dict[str, str] = {}
    common = {}
    for package, before in ((ours, ""), (theirs, _THEIRS)):
        for row in package.rows["actors"].values():
            id = before + row["actor_id"]
            if row["kind"] in _STATE and row["country"]:
                common[id] = states.setdefault(row["country"], id)
            elif before:
                common[id] = next((named[n] for n in _names(row) if n in named), id)
            else:
                common[id] = id
    return common


def _names(actor: Row) -> list[str]:
    """An actor's name, whole and without or as the abbreviation behind it."""
    name, _, short = actor["name"].partition(" (")
    return [_folded(text) for text in (actor["name"], name, short.rstrip(")")) if text]


def _folded(name: str) -> str:
    return str(folded(pa.chunked_array([[name]]))[0])
