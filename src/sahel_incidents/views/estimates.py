"""How far a figure is borne out: its grade. The rule is docs/methodology.md, "Grades".

"Over n" and "at least n" set no upper bound, and "many" none at all. That matters twice: figures
contradict each other only where their bounds do not meet, and agree only where the bounds, with an
open one cut off, still meet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

from ..records import Records, Row

RULE_VERSION = 1
"""The version of the rule that docs/methodology.md tells; both change together."""

ABOUT = 0.1
"""How far from n "about n" reaches, as a share of n."""

REACH = 1.5
"""How far an open bound reaches when figures are judged to be near each other, as a factor."""

_COMPARED = ("incident_id", "harm", "victims", "demographic")
_COMPILATION = "reference"

Bounds = tuple[float, float]
Origin = tuple[str, str]


class Grade(StrEnum):
    """How far a figure is borne out, the strongest first."""

    CONFIRMED = "confirmed"
    CORROBORATED = "corroborated"
    CONTESTED = "contested"
    UNCONFIRMED = "unconfirmed"


def grades(figures: Iterable[Row], records: Records) -> dict[str, Grade]:
    """The grade of each figure that has one, by its `casualty_id`.

    Args:
        figures: rows of `casualties`; an incident's figures must all be among them.
        records: where their sources are found.
    """
    live = [row for row in figures if _is_live(row)]
    alike: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in live:
        if not row["part_of"]:
            alike[tuple(row[column] for column in _COMPARED)].append(row)
    graded = {row["casualty_id"]: _by_itself(row) for row in live}
    for group in alike.values():
        for row in group:
            if graded[row["casualty_id"]] is not Grade.CONFIRMED:
                graded[row["casualty_id"]] = _beside(row, group, records)
    return graded


def origin(row: Row) -> Origin:
    """Who a figure comes from, in a form that is the same for the same origin."""
    if row["speaker_actor_id"]:
        return row["speaker_actor_id"], ""
    return row["said_by"].casefold(), row["relayed_by"].casefold()


def bounds(row: Row) -> Bounds | None:
    """The numbers of people that a figure's words allow, open ones infinite.

    None where the words set no bound at all.
    """
    if row["qualifier"] == "about":
        value = int(row["value"])
        return value * (1 - ABOUT), value * (1 + ABOUT)
    if not row["low"] and not row["high"]:
        return None
    return (
        int(row["low"]) if row["low"] else float("-inf"),
        int(row["high"]) if row["high"] else float("inf"),
    )


def _near(bounds: Bounds) -> Bounds:
    """Bounds of which none is open, by `REACH`."""
    low, high = bounds
    if high == float("inf"):
        return low, low * REACH
    return (high / REACH if low == float("-inf") else low), high


def _meet(one: Bounds, other: Bounds) -> bool:
    return max(one[0], other[0]) <= min(one[1], other[1])


def _is_live(row: Row) -> bool:
    return row["confirmation"] != "withdrawn" and not row["superseded_by"]


def _by_itself(row: Row) -> Grade:
    if row["confirmation"] == "confirmed":
        return Grade.CONFIRMED
    return Grade.CONTESTED if row["confirmation"] == "disputed" else Grade.UNCONFIRMED


def _beside(row: Row, group: list[Row], records: Records) -> Grade:
    """The grade of an unconfirmed figure beside those that count the same."""
    grade, own = _by_itself(row), bounds(row)
    if own is None or not _is_origin(row, group, records):
        return grade
    for other in group:
        theirs = bounds(other)
        if theirs is None or origin(other) == origin(row):
            continue
        if not _is_origin(other, group, records):
            continue
        if not _meet(own, theirs):
            grade = Grade.CONTESTED
        elif _meet(_near(own), _near(theirs)):
            return Grade.CORROBORATED
    return grade


def _is_origin(row: Row, group: list[Row], records: Records) -> bool:
    """Whether a figure speaks for itself, rather than repeat others."""
    source = records.rows["sources"].get((row["source_id"],), {})
    if source.get("cited_in") or source.get("kind") == _COMPILATION:
        return False
    outlet = row["relayed_by"].casefold()
    if not outlet or row["said_by"].casefold() != outlet:
        return True
    return not any(
        other["relayed_by"].casefold() == outlet != other["said_by"].casefold() for other in group
    )
