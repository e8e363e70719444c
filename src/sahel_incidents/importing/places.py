"""The places of UCDP's events: what sort each is, in which division it lies, where its point is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from ..cards.ids import slug
from ..geography import admin1_codes, admin1_names, has_boundary, outside
from ..text import folded
from .texts import Mender

DECIMALS = 6  # of a degree, as many as a place may have

PRECISIONS = {1: "exact", 2: "near", 3: "admin1", 4: "admin1", 5: "admin1", 6: "country",
              7: "admin1"}  # fmt: skip
"""UCDP's `where_prec` as `place_precision`. Of 7, a sea or an airspace, only the area is known."""

_AREAS = {3: "informal_region", 4: "admin1", 5: "informal_region", 6: "country",
          7: "informal_region"}  # fmt: skip
_SETTLEMENT = re.compile(r"\b(village|town|city|locality|hamlet)\b", re.IGNORECASE)
_MILITARY = re.compile(r"\b(military|army|gendarmerie) (camp|base|post|barracks)\b", re.IGNORECASE)
_LEVEL = re.compile(r"\s+(region|province|state|department|district|prefecture|county)$")


@dataclass(frozen=True, slots=True)
class Spot:
    """What UCDP says of where an event took place.

    Attributes:
        name: the place of the coordinates.
        country: the event's country (alpha-3).
        division: the first-order division, as UCDP names it.
        latitude: in degrees.
        longitude: in degrees.
        precision: `where_prec`.
    """

    name: str
    country: str
    division: str
    latitude: float
    longitude: float
    precision: int

    @property
    def kind(self) -> str:
        """What sort of place it is."""
        if self.precision in _AREAS:
            return _AREAS[self.precision]
        if _MILITARY.search(self.name):
            return "military_site"
        return "settlement" if _SETTLEMENT.search(self.name) else "site"


def rows(spots: Iterable[Spot], source: str, mend: Mender) -> list[Mapping[str, str]]:
    """For each spot its place, as a row of `places`; equal places have one id."""
    given = list(spots)
    divisions = [_division(spot.country, spot.division) for spot in given]
    latitudes, longitudes = (
        np.round([getattr(spot, axis) for spot in given], DECIMALS) + 0.0
        for axis in ("latitude", "longitude")
    )
    in_division = _inside(divisions, latitudes, longitudes)
    in_country = _inside([spot.country for spot in given], latitudes, longitudes)
    found: list[dict[str, str]] = []
    for number, spot in enumerate(given):
        kind = spot.kind
        held = in_division[number] and kind != "country"
        found.append(
            {
                "name": mend(spot.name, 200),
                "kind": kind,
                "country": spot.country if in_country[number] else "",
                "admin1": divisions[number] if held and in_country[number] else "",
                "latitude": _degrees(float(latitudes[number])),
                "longitude": _degrees(float(longitudes[number])),
                "coordinate_precision": "admin1" if spot.precision in _AREAS else "settlement",
                "coordinate_source_id": source,
            }
        )
    return _named(found, [spot.country for spot in given])


def _named(found: list[dict[str, str]], countries: list[str]) -> list[Mapping[str, str]]:
    """The places with ids; those that differ in anything have different ones."""
    starts = [
        f"{country.lower()}-{slug(place['name']) or 'place'}"
        for place, country in zip(found, countries, strict=True)
    ]
    wholes = [tuple(place.values()) for place in found]
    distinct = sorted(set(zip(starts, wholes, strict=True)))
    shared = Counter(start for start, _ in distinct)
    numbers: Counter[str] = Counter()
    ids = {}
    for start, whole in distinct:
        numbers[start] += 1
        ids[start, whole] = start if shared[start] == 1 else f"{start}-{numbers[start]}"
    # A numbered id may be another place's own name ("Zone 2").
    taken: dict[str, tuple[str, tuple[str, ...]]] = {}
    for place, id in sorted(ids.items(), key=lambda item: (shared[item[0][0]] > 1, item[0])):
        while id in taken:
            id = f"{id}-b"
        taken[id] = place
        ids[place] = id
    return [
        {"place_id": ids[start, whole], **place}
        for start, whole, place in zip(starts, wholes, found, strict=True)
    ]


def _inside(codes: list[str], latitudes: np.ndarray, longitudes: np.ndarray) -> np.ndarray:
    """Which points lie in their country or division, as far as its bounds are known."""
    result = np.array([bool(code) for code in codes])
    areas = np.array(codes, dtype=object)
    for code in set(codes) - {""}:
        if has_boundary(code):
            at = np.flatnonzero(areas == code)
            result[at] = ~outside(code, longitudes[at], latitudes[at])
    return result


@cache
def _division(country: str, name: str) -> str:
    """The ISO 3166-2 code of a division that UCDP names; empty where the list has none."""
    return _divisions().get((country, _folded(_LEVEL.sub("", name.strip()))), "")


@cache
def _divisions() -> dict[tuple[str, str], str]:
    names, countries = admin1_names(), admin1_codes()
    return {(countries[code], _folded(name)): code for code, name in names.items()}


def _folded(name: str) -> str:
    return str(folded(pa.chunked_array([[name]], pa.string()))[0].as_py())


def _degrees(value: float) -> str:
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
