"""The sides of UCDP's events as actors: their kinds, their countries, and who is part of whom.

UCDP GED gives a side a name and an id and no kind. A government is told by its name. Of the others
the region's self-defence groups and communities are known by their ids; whoever else fights is an
armed group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..cards.ids import slug
from .texts import Mender

_GOVERNMENT = "Government of "
_TOGETHER = ", "
"""What stands between the names of actors that fight as one side."""

MILITIAS = {
    607: "Fulani", 705: "Zaghawa", 937: "Tuareg", 1012: "Arab", 1013: "Kounta", 1219: "Dogon",
    1314: "Djerma (Zherma)", 3157: "Ganda Iso", 3998: "Toubou", 6503: "Daoussak (Tuareg)",
    6769: "Dozos (Mali)", 6857: "Koglweogo", 7092: "Dan na Ambassagou",
    8259: "Banibangou Vigilance Committee",
}  # fmt: skip
"""Self-defence groups, hunters and communities in arms, by UCDP's id, as they occur to 2023."""

_SPELT = {"Ivory Coast": "CIV", "United States of America": "USA", "United Kingdom": "GBR",
          "Russia (Soviet Union)": "RUS", "Gambia": ""}  # fmt: skip
"""Countries in UCDP's names of governments that the vocabulary of countries spells otherwise."""

VICTIMS = {
    "state_force": "state_force",
    "foreign_force": "foreign_force",
    "militia": "volunteer_or_militia",
    "non_state_armed_group": "non_state_armed_group",
}
"""What the dead of an actor of each kind are counted as."""


@dataclass(frozen=True, slots=True)
class Side:
    """An actor, as UCDP names it and as a row of `actors`."""

    name: str
    row: Mapping[str, str]


def sides(
    names: Mapping[int, str], countries: Mapping[str, str], covered: frozenset[str], mend: Mender
) -> dict[int, Side]:
    """The actors of some sides, by UCDP's id.

    Args:
        names: UCDP's ids and names.
        countries: the countries that an actor can have (alpha-3), with their names.
        covered: those that the package covers.
        mend: makes names fit for cells.
    """
    codes = {name: code for code, name in countries.items()} | _SPELT
    found = {}
    taken: set[str] = set()
    for id, name in sorted(names.items()):
        of_state = name.startswith(_GOVERNMENT)
        country = codes.get(name.removeprefix(_GOVERNMENT), "") if of_state else ""
        if of_state:
            kind = "state_force" if country in covered else "foreign_force"
        else:
            kind = "militia" if id in MILITIAS else "non_state_armed_group"
        actor = slug(name) or "actor"
        while actor in taken:
            actor = f"{actor}-{id}"
        taken.add(actor)
        found[id] = Side(
            name,
            {
                "actor_id": actor, "name": mend(name, 200), "kind": kind, "country": country,
                "note": f"UCDP's actor {id}.",
            },
        )  # fmt: skip
    return found


def memberships(found: Mapping[int, Side], source: str) -> list[dict[str, str]]:
    """The ties that the names of sides tell: who is part of several that fight as one.

    Only members that are an actor of their own in the file are tied to the side.
    """
    ids = {side.name: side.row["actor_id"] for side in found.values()}
    return [
        {
            "actor_id": ids[member], "relation": "part_of", "related_actor_id": ids[side.name],
            "source_id": source,
        }
        for side in found.values()
        for member in side.name.split(_TOGETHER)
        if member != side.name and member in ids
    ]  # fmt: skip
