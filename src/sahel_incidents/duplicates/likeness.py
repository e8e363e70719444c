"""How much speaks for two records being one incident, point by point and in words.

Each piece of evidence adds points in proportion to how much more often it is seen between two
records of one incident than between two incidents, or takes points away where it is the other way
round, as in record linkage (Fellegi and Sunter, "A Theory for Record Linkage", Journal of the
American Statistical Association 64, 1969). The points were set by hand and measured: see
docs/duplicates.md.
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import NamedTuple

from . import tolls
from .nearness import Nearness
from .profiles import Profile

DAYS_APART = (3, 2, 1, -1, -2, -3)
"""Points by the number of days between two incidents; farther apart they are not compared."""

SAME_PERIOD = {"day": DAYS_APART[0], "approximate": 2, "month": 1, "year": 0}
"""Points where the two may have been on one day, by the less precise of the two dates."""

SAME_ATTACKER, KINDRED_ATTACKER, OTHER_ATTACKER = 2, 1, -3
SAME_TARGET, OTHER_TARGET = 1, -1
SAME_TYPE, SIMILAR_TITLE, OTHER_TYPE = 1, 0, -1
SAME_SOURCE, SAME_SOURCE_OF_TWO_PLACES = 1, -2

SIMILAR_WORDS = 0.6
"""The share of words that two titles have in common."""

REMAINING = SAME_SOURCE + tolls.MOST
"""The most that sources and figures can add."""


class Weight(NamedTuple):
    """Points for or against, and the reason in words; no words where nothing is to be said."""

    points: int
    reason: str = ""


def weigh(
    a: Profile, b: Profile, nearness: Nearness, figures: Weight
) -> tuple[int, tuple[str, ...]]:
    """The points for two records being one incident, and the reasons, the place first.

    Args:
        a: what is known of the one.
        b: and of the other.
        nearness: how their places lie to each other.
        figures: what their figures say.
    """
    weights = (
        Weight(nearness.points, nearness.reason),
        _dates(a, b),
        _actors(a, b),
        figures,
        _kinds(a, b),
        _sources(a, b, nearness),
    )
    return sum(w.points for w in weights), tuple(w.reason for w in weights if w.reason)


def _dates(a: Profile, b: Profile) -> Weight:
    days = max((b.start - a.end).days, (a.start - b.end).days, 0)
    if days:
        return Weight(DAYS_APART[days], f"{days} day{'s' if days > 1 else ''} apart")
    points, precision = min((SAME_PERIOD[x.precision], x.precision) for x in (a, b))
    same_day = precision == "day" and (a.start, a.end) == (b.start, b.end)
    return Weight(points, "same day" if same_day else "dates that overlap")


def _actors(a: Profile, b: Profile) -> Weight:
    points, words = 0, "both"
    both = a.attackers & b.attackers
    if both:
        points, words = SAME_ATTACKER, f"both {_listed(both)}"
    elif a.families & b.families:
        points, words = KINDRED_ATTACKER, f"affiliates {_listed(a.attackers | b.attackers)}"
    elif a.attackers and b.attackers:
        points = OTHER_ATTACKER
    targets = a.targets & b.targets
    if targets:
        points, words = points + SAME_TARGET, f"{words} on {_listed(targets)}"
    elif a.targets and b.targets:
        points += OTHER_TARGET
    return Weight(points, words if words != "both" else "")


def _kinds(a: Profile, b: Profile) -> Weight:
    if a.event_type == b.event_type:
        return Weight(SAME_TYPE)
    ours, theirs = (set(re.findall(r"[^\W\d]+", (x.title or "").casefold())) for x in (a, b))
    shared = len(ours & theirs) >= SIMILAR_WORDS * len(ours | theirs)
    return Weight(SIMILAR_TITLE, "titles alike") if shared else Weight(OTHER_TYPE)


def _sources(a: Profile, b: Profile, nearness: Nearness) -> Weight:
    both = sorted(filter(None, a.sources & b.sources))
    if not both:
        return Weight(0)
    if nearness.two:  # one text that tells of two villages: a raid went from one to the other
        return Weight(SAME_SOURCE_OF_TWO_PLACES)
    return Weight(SAME_SOURCE, f"both cite {both[0]}")


def _listed(names: Set[str]) -> str:
    return " and ".join(sorted(names))
