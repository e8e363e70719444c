"""The shipped gazetteer: where a place named by a source may be, for a suggestion.

`reference/gazetteer.csv` holds towns and villages of the fourteen countries covered; its sources,
licences and gaps are in the README beside it. It is no authority: whoever records a place looks at
what is suggested, and a place that is not here exists all the same.

Names reach us through several languages, so a name is compared without case, accents, spaces and
punctuation, and with some letters of one sound made one: "Boulkessy" finds Boulikessi. How much of
two names agrees is Dice's coefficient of their pairs of letters (Dice 1945, Ecology 26(3)).

Coordinates are WGS 84 degrees. Imports nothing of ours and nothing slow.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

GEONAMES, UCDP = "geonames-undated", "ucdp-ged-undated"

SOURCES: dict[str, dict[str, str]] = {
    GEONAMES: {
        "source_id": GEONAMES,
        "publisher": "GeoNames",
        "title": "GeoNames geographical database",
        "url": "https://www.geonames.org/",
        "language": "en",
        "kind": "reference",
        "note": "Used for coordinates only. CC BY 4.0.",
    },
    UCDP: {
        "source_id": UCDP,
        "publisher": "Uppsala Conflict Data Program",
        "title": "UCDP Georeferenced Event Dataset (GED)",
        "url": "https://ucdp.uu.se/downloads/",
        "language": "en",
        "kind": "reference",
        "note": "Used for coordinates only. CC BY 4.0; cite Sundberg and Melander (2013), "
        "Introducing the UCDP Georeferenced Event Dataset, Journal of Peace Research 50(4).",
    },
}
"""The rows of `sources` that coordinates from here cite, by `source_id`; filled cells only."""

SEPARATOR = "|"
"""Between the names of one cell of `other_names`."""

_ALIKE = 0.5
"""How much of two names must agree. Lower brings places that only rhyme."""

_PREFIX = 0.9
"""What a name is worth that begins with the text: nearly as much as the text itself."""

_FIRST = ("BFA", "MLI", "NER")
# Of two places of one name, that in these countries is likelier to be meant.

_EARTH_KM = 6371.0
_SOUNDS = (
    ("dj", "j"),
    ("ph", "f"),
    ("[cq](?![eih])", "k"),
    ("ou|w", "u"),
    ("y", "i"),
    (r"(.)\1+", r"\1"),
)
# Spellings that French and English have for one sound, in the order they are replaced.


@dataclass(frozen=True, slots=True)
class Place:
    """A place that may be the one a source names; the columns are those of `places`.

    Attributes:
        name: its usual name.
        other_names: further spellings.
        kind: a value of `places.kind`.
        country: ISO 3166-1 alpha-3.
        admin1: ISO 3166-2; empty where the boundaries do not tell it.
        latitude: degrees north, as its source gives it.
        longitude: degrees east, as its source gives it.
        source_id: where the coordinates come from, a key of `SOURCES`.
    """

    name: str
    other_names: tuple[str, ...]
    kind: str
    country: str
    admin1: str
    latitude: str
    longitude: str
    source_id: str

    @property
    def point(self) -> tuple[float, float]:
        """Longitude and latitude in degrees."""
        return float(self.longitude), float(self.latitude)

    def cells(self) -> dict[str, str]:
        """The cells of a row of `places` that the gazetteer can fill; the id is not among them."""
        return {
            "name": self.name,
            "kind": self.kind,
            "country": self.country,
            "admin1": self.admin1,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "coordinate_precision": "settlement",  # neither source says how exact a site's is
            "coordinate_source_id": self.source_id,
        }


def suggest(text: str, country: str | None = None, limit: int = 8) -> list[Place]:
    """The places whose name is, begins with or is spelt much like a text, the likeliest first.

    Args:
        text: a name as somebody writes it.
        country: ISO 3166-1 alpha-3; where it is given, only places there.
        limit: the most places to return.
    """
    wanted = _sound(_folded(text))
    if not wanted:
        return []
    pairs = _pairs(wanted)
    names, postings = _index()
    shared: Counter[int] = Counter()
    for pair, count in pairs.items():
        for name, times in postings.get(pair, ()):
            shared[name] += min(count, times)
    scores: dict[int, float] = {}
    for name, common in shared.items():
        spelt, place = names[name]
        score = 2 * common / (pairs.total() + len(spelt) + 1)
        if spelt == wanted:
            score = 1.0
        elif len(wanted) > 1 and spelt.startswith(wanted):
            score = max(score, _PREFIX * (1 - (len(spelt) - len(wanted)) / 1000))
        if score >= _ALIKE:
            scores[place] = max(score, scores.get(place, 0.0))
    places = read()
    found = [place for place in scores if country in (None, places[place].country)]
    found.sort(key=lambda place: (-scores[place], places[place].country not in _FIRST, place))
    return [places[place] for place in found[:limit]]


def nearest(longitude: float, latitude: float) -> tuple[Place, float]:
    """The place of the gazetteer nearest to a point, and how far it is, in kilometres."""
    near = min(read(), key=lambda place: kilometres(place.point, (longitude, latitude)))
    return near, kilometres(near.point, (longitude, latitude))


def kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The great-circle distance of two points (longitude, latitude), by the haversine formula."""
    (east_a, north_a), (east_b, north_b) = (map(radians, point) for point in (a, b))
    chord = sin((north_b - north_a) / 2) ** 2
    chord += cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(chord))


@cache
def read() -> tuple[Place, ...]:
    """All places, in the order of the file."""
    with (files(__package__) / "reference" / "gazetteer.csv").open(encoding="utf-8") as lines:
        return tuple(map(_place, csv.DictReader(lines)))


def _place(row: dict[str, str]) -> Place:
    others = row.pop("other_names").split(SEPARATOR)
    return Place(other_names=tuple(filter(None, others)), **row)


@cache
def _index() -> tuple[list[tuple[str, int]], dict[str, list[tuple[int, int]]]]:
    """Every name as it sounds with its place's number, and for each pair of letters who has it."""
    names: list[tuple[str, int]] = []
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, place in enumerate(read()):
        for spelt in {_sound(_folded(name)) for name in (place.name, *place.other_names)} - {""}:
            for pair, times in _pairs(spelt).items():
                postings[pair].append((len(names), times))
            names.append((spelt, number))
    return names, dict(postings)


def _pairs(word: str) -> Counter[str]:
    """The pairs of neighbouring letters of a word, its two ends counted as letters."""
    bounded = f"^{word}$"
    return Counter(map("".join, pairwise(bounded)))


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if letter.isalnum()).lower()


def _sound(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = re.sub(pattern, sound, word)
    return word
