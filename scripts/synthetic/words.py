"""What invented records are made of, and how often each thing comes up.

Weights are shares of a hundred, or near it. Names of forces, groups, places and outlets are
numbered or made of syllables: none stands for a real one, but for countries and their regions.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Picker(Generic[T]):
    """Random choices by weight; the weights are added up once."""

    def __init__(self, rng: Random, weights: Mapping[T, float]) -> None:
        self._rng = rng
        self._values = list(weights)
        self._sums = list(accumulate(weights.values()))

    def __call__(self) -> T:
        """One of the values, by chance."""
        # What `Random.choices` does for one value, at a third of the time.
        place = bisect(self._sums, self._rng.random() * self._sums[-1], 0, len(self._sums) - 1)
        return self._values[place]


@cache
def slug(name: str) -> str:
    """A name as part of an id: "Sé Koura" as "se-koura"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _ranked(names: Iterable[str]) -> dict[str, float]:
    """Weights by rank, as a few outlets carry most reports (Zipf's law)."""
    return {name: 1 / rank for rank, name in enumerate(names, start=1)}


COUNTRIES = {
    "BEN": 3.0,
    "BFA": 30.0,
    "CIV": 1.0,
    "DZA": 1.0,
    "GHA": 0.5,
    "GIN": 0.5,
    "LBY": 2.0,
    "MLI": 34.0,
    "MRT": 0.5,
    "NER": 14.0,
    "NGA": 9.0,
    "SEN": 0.5,
    "TCD": 3.0,
    "TGO": 1.0,
}

STARTS = (
    *("Bou", "Tin", "Sé", "Gar", "Dou", "Kor", "Ma"),
    *("Ti", "In", "Da", "Nio", "Ouro", "Ban", "Fa"),
)
MIDDLES = ("", "li", "ra", "ko", "mba", "ne", "sso", "gou", "ta", "dja")
ENDS = ("kessi", "dougou", "ra", "be", "na", "sala", "tou", "ka", "re", "wal", "zaye", "ni")
SECONDS = ("",) * 9 + (" Koura", " Peulh", " Djoulaba")
PLACE_KINDS = {"settlement": 85.0, "military_site": 10.0, "site": 5.0}

PRECISIONS = {"day": 93.0, "approximate": 4.0, "month": 2.5, "year": 0.5}
DATE_NOTES = (
    "Two of the sources give the day after.",
    "The sources disagree by some days, none says why.",
    "Le jour est déduit du texte, qui parle d'un mardi.",
)

EVENTS = {
    "attack_on_civilians": 30.0,
    "attack_on_position": 17.0,
    "ambush": 12.0,
    "clash": 12.0,
    "explosive_device": 11.0,
    "abduction": 8.0,
    "air_or_drone_strike": 7.0,
    "shelling": 2.0,
    "other": 1.0,
}
PHRASES = {
    "attack_on_civilians": ("attack on a village", "attaque contre un village"),
    "attack_on_position": ("attack on a military post", "attaque d'un poste militaire"),
    "ambush": ("ambush on a convoy", "embuscade contre un convoi"),
    "clash": ("clash between a patrol and armed men", "accrochage avec des hommes armés"),
    "explosive_device": ("vehicle hits a roadside bomb", "un véhicule saute sur un engin explosif"),
    "abduction": ("people taken away by armed men", "des habitants enlevés"),
    "air_or_drone_strike": ("strike from the air", "frappe aérienne"),
    "shelling": ("rockets fired at a town", "tirs de roquettes"),
    "other": ("armed men burn a school", "une école incendiée"),
}
"""For each type what a title calls it, in English and in French."""

_ARMED_VICTIMS = {
    "state_force": 50.0,
    "non_state_armed_group": 18.0,
    "volunteer_or_militia": 15.0,
    "civilian": 10.0,
    "mixed": 4.0,
    "foreign_force": 3.0,
}
VICTIMS = dict.fromkeys(EVENTS, _ARMED_VICTIMS) | {
    "attack_on_civilians": {"civilian": 90.0, "volunteer_or_militia": 6.0, "mixed": 4.0},
    "abduction": {"civilian": 95.0, "unknown": 5.0},
    "air_or_drone_strike": {"non_state_armed_group": 70.0, "civilian": 30.0},
    "other": {"civilian": 80.0, "unknown": 20.0},
}
"""For each type of incident whose losses its figures count."""

SENTENCES = (
    (
        "Armed men on motorcycles came to {place} in the early morning.",
        "A column of several vehicles reached {place} at nightfall, from two sides.",
        "Des hommes armés sont arrivés à {place} en fin d'après-midi.",
        "The road to {place} was cut for a day.",
        "{place} was attacked for the second time that year.",
    ),
    (
        "They stayed for about an hour and left with cattle.",
        "Shops, a dispensary and two vehicles were burned.",
        "Plusieurs maisons ont été brûlées et le marché pillé.",
        "A patrol met resistance and called for support from the air.",
        "The telephone network had been down since the day before.",
    ),
    (
        "",
        " Many families fled to the next town.",
        " No reinforcement was reported.",
        " Les forces de sécurité ont ratissé la zone.",
        " The market opened again a week later, under guard.",
    ),
)
"""A summary takes one sentence of each group."""

QUALIFIERS = {
    "exact": 60.0,
    "at_least": 21.0,
    "about": 6.0,
    "more_than": 6.0,
    "range": 3.0,
    "many": 2.0,
    "fewer_than": 1.5,
    "at_most": 0.5,
}
CONFIRMATIONS = {"unconfirmed": 84.0, "confirmed": 12.0, "disputed": 3.0, "withdrawn": 1.0}
SPEAKERS = {
    ("the general staff of the armed forces", "official"): 20.0,
    ("the ministry of security", "official"): 6.0,
    ("the governor of the region", "official"): 6.0,
    ("a spokesman of the group", "armed_group"): 10.0,
    ("two security sources", "security_source"): 14.0,
    ("a military source, who asked not to be named", "security_source"): 8.0,
    ("an officer of the gendarmerie", "security_source"): 4.0,
    ("a local elected official", "local_source"): 9.0,
    ("le maire de la commune, joint par téléphone", "local_source"): 4.0,
    ("several residents", "local_source"): 8.0,
    ("a survivor, reached by telephone", "witness"): 4.0,
    ("des témoins", "witness"): 3.0,
    ("the regional hospital", "medical"): 4.0,
    ("the mission of the United Nations", "un"): 4.0,
    ("a human-rights organisation", "ngo"): 6.0,
    ("une organisation de la société civile", "ngo"): 2.0,
    ("a correspondent of the outlet", "journalist"): 3.0,
    ("a conflict-monitoring project", "academic"): 2.0,
    ("not named", "unknown"): 3.0,
}
"""What a source calls the speaker, and of what kind that is."""

RELAYS = {
    "": 60.0,
    "Agence du Nord": 14.0,
    "Agence des Dunes": 12.0,
    "Agence Trans-Sahel": 8.0,
    "Radio du Fleuve": 6.0,
}
HEDGES = ("reportedly", "provisionally", "allegedly")
NOTES = {
    "": 70.0,
    "The page gives the number in its headline only.": 7.0,
    "'une dizaine de morts', says the text; the number is in the caption.": 5.0,
    "The report counts both villages, and does not say how many in each.": 5.0,
    "Le bilan est donné comme provisoire.": 5.0,
    'The source speaks of "several dozen", then names the number.': 4.0,
    "Given on the day after the attack.": 4.0,
}

_KINDS_OF_OUTLET = {
    "Courrier": "news",
    "Radio": "news",
    "Agence": "wire",
    "Gazette": "news",
    "Journal": "news",
    "Observatoire": "ngo",
    "Ministère": "official",
    "Canal": "social",
    "Institut": "academic",
}
_SEATS = ("du Nord", "des Dunes", "Trans-Sahel", "du Fleuve", "de la Région", "des Plateaux")
OUTLETS = {f"{head} {seat}": kind for seat in _SEATS for head, kind in _KINDS_OF_OUTLET.items()}
"""For each outlet the kind of its documents."""
OUTLET_WEIGHTS = _ranked(OUTLETS)
