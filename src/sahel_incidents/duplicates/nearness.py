"""Which places are near each other, and which may be one place under two spellings.

Coordinates in circulation for one village differ by tens of kilometres, and many villages have
none, so a name counts beside the distance. Names of the Sahel reach us through several languages:
"Boulikessi" is also written Boulkessi and Boulkessy, "Eknewan" Eknewane and Eknawan. What such
spellings share is their consonants, so names are compared only where these agree, or where the
places lie close together; that keeps the work in proportion to the number of places.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, product
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ..columns import Data
from ..text import folded

NEAR_KM, ALIKE_NEAR_KM, ALIKE_KM = 10.0, 25.0, 60.0
"""How far apart two points may be: to be near, whatever the names; to be one place, if the names
look alike; and if they sound alike, too (46.8 km separate two points given for Boulikessi)."""

SLACK_KM = {"exact": 0.0, "settlement": 2.0, "area": 15.0}
"""What a point may be off, by its precision; a point that stands for a region counts as none."""

REGIONS = ("admin1", "country", "informal_region")
"""The kinds of place that hold others."""

SIMILAR, SIMILAR_NEARBY = 0.7, 0.8
"""How much of two names must agree (Ratcliff and Obershelp, 0 to 1): if the consonants do, and if
only the points are near."""

_EARTH_KM = 6371.0
_KM_PER_DEGREE = 111.2  # of latitude, mean
_SOUNDS = (
    ("ch", "x"),
    ("dj", "j"),
    ("ph", "f"),
    ("[cq]", "k"),
    ("z", "s"),
    ("l", "r"),
    (r"(.)\1+", r"\1"),
    ("[aeiouyhw]", ""),
)
"""Spellings that stand for one sound, or are often exchanged, in the order they are replaced."""


class Nearness(NamedTuple):
    """How two places lie to each other.

    Attributes:
        points: the weight of the evidence that they are one place.
        reason: the same in words.
        two: whether they are certainly two, as two villages with names of their own are.
    """

    points: int
    reason: str
    two: bool = False


SAME = Nearness(4, "same place")
_SAME_REGION = Nearness(1, "both placed only in the same region")
_SAME_COUNTRY = Nearness(0, "both without a place within the country")


@dataclass(frozen=True, slots=True)
class _Place:
    row: int
    name: str
    kind: str
    country: str
    admin1: str
    point: tuple[float, float] | None
    """Latitude and longitude, WGS 84 degrees."""
    slack: float
    names: tuple[tuple[str, str], ...]
    """The name and its aliases, folded, each with its skeleton."""


def near_places(data: Data) -> dict[tuple[int, int], Nearness]:
    """All pairs of places that may be one, or of which one may lie in the other.

    Args:
        data: with the tables `places` and `aliases`.

    Returns:
        For each pair of row numbers of `places`, the lower first, how they lie to each other; a
        place and itself included.

    Raises:
        UnknownError: one of the tables could not be read.
    """
    places = list(_places(data))
    found = {(place.row, place.row): _itself(place) for place in places}
    for a, b in _neighbours([place for place in places if place.kind not in REGIONS]):
        nearness = _compare(a, b)
        if nearness:
            found[min(a.row, b.row), max(a.row, b.row)] = nearness
    regions = defaultdict(list)
    for place in places:
        if place.kind == "admin1":
            regions[place.admin1].append(place)
    for place in places:
        if place.kind not in REGIONS and place.admin1:
            for region in regions.get(place.admin1, ()):
                inside = Nearness(1, f"{place.name} lies in {region.name}")
                found[min(place.row, region.row), max(place.row, region.row)] = inside
    return found


def skeleton(name: str) -> str:
    """The consonants of a folded name, with letters of one sound made one: "boulkessy" as "brks".

    A name without consonants is its own skeleton.
    """
    result = name
    for pattern, sound in _SOUNDS:
        result = re.sub(pattern, sound, result)
    return result or name


def alike(ours: str, theirs: str) -> float:
    """How much of two folded names agrees, from 0 to 1 (Ratcliff and Obershelp 1988)."""
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio()


def _itself(place: _Place) -> Nearness:
    if place.kind not in REGIONS:
        return SAME
    return _SAME_COUNTRY if place.kind == "country" else _SAME_REGION


def _neighbours(spots: list[_Place]) -> Iterator[tuple[_Place, _Place]]:
    """The pairs worth comparing: near by their points, or of one skeleton in one country."""
    from shapely import STRtree, points

    known = [spot for spot in spots if spot.point]
    # The tree measures in degrees, which are shorter eastwards than northwards. Shrunk as at 37
    # degrees north, beyond which none of the countries has land, it finds too many, never too few.
    shrunk = [(spot.point[1] * cos(radians(37)), spot.point[0]) for spot in known if spot.point]
    tree = STRtree(points(np.reshape(shrunk, (-1, 2))))
    reach = (ALIKE_NEAR_KM + 2 * max(SLACK_KM.values())) / _KM_PER_DEGREE
    for a, b in tree.query(tree.geometries, predicate="dwithin", distance=reach).T.tolist():
        if a < b:
            yield known[a], known[b]
    sounding: defaultdict[tuple[str, str], dict[int, _Place]] = defaultdict(dict)
    for spot in spots:
        for _, bones in spot.names:
            sounding[spot.country, bones][spot.row] = spot
    for group in sounding.values():
        yield from combinations(group.values(), 2)


def _compare(a: _Place, b: _Place) -> Nearness | None:
    if a.point and b.point:
        between = _distance(a.point, b.point)
        kilometres = max(0.0, between - a.slack - b.slack)
        apart = f"{a.name} and {b.name}, {between:.0f} km apart"
        nearby = kilometres <= ALIKE_NEAR_KM
        if kilometres <= ALIKE_KM and _spelt_alike(a, b, nearby):
            return Nearness(4 if nearby else 3, f"{apart}, spelt alike")
        return Nearness(1, apart, two=True) if kilometres <= NEAR_KM else None
    one_region = a.admin1 == b.admin1 or not a.admin1 or not b.admin1
    if one_region and _spelt_alike(a, b, False):
        return Nearness(3, f"{a.name} and {b.name} are spelt alike")
    return None


def _spelt_alike(a: _Place, b: _Place, nearby: bool) -> bool:
    for (ours, our_bones), (theirs, their_bones) in product(a.names, b.names):
        least = SIMILAR if our_bones == their_bones else SIMILAR_NEARBY
        if (nearby or least == SIMILAR) and alike(ours, theirs) >= least:
            return True
    return False


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The great-circle distance of two points in kilometres (haversine formula)."""
    (north_a, east_a), (north_b, east_b) = (map(radians, point) for point in (a, b))
    chord = sin((north_b - north_a) / 2) ** 2
    chord += cos(north_a) * cos(north_b) * sin((east_b - east_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(chord))


def _places(data: Data) -> Iterator[_Place]:
    other_names: dict[int, list[str]] = defaultdict(list)
    for row, alias in zip(
        data.link("aliases", "place_id").tolist(), _folded(data, "aliases", "alias"), strict=True
    ):
        if row >= 0:
            other_names[row].append(alias)
    columns = [
        data.typed("places", name).to_pylist()
        for name in (
            *("name", "kind", "country", "admin1"),
            *("latitude", "longitude", "coordinate_precision"),
        )
    ]
    names = _folded(data, "places", "name")
    for row, (name, kind, country, admin1, latitude, longitude, precision) in enumerate(
        zip(*columns, strict=True)
    ):
        placed = latitude is not None and longitude is not None and precision != "admin1"
        yield _Place(
            row,
            name or "",
            kind or "",
            country or "",
            admin1 or "",
            (latitude, longitude) if placed else None,
            SLACK_KM.get(precision, 0.0),
            tuple((spelt, skeleton(spelt)) for spelt in (names[row], *other_names[row]) if spelt),
        )


def _folded(data: Data, table: str, column: str) -> list[str]:
    result: list[str] = folded(data.text(table, column).cast(pa.string())).to_pylist()
    return result
