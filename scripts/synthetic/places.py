"""Invented places, inside the real regions of real countries."""

from __future__ import annotations

import json
from importlib.resources import files
from random import Random
from typing import NamedTuple

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from sahel_incidents.geography import admin1_codes, admin1_names

from . import words
from .words import slug

Row = dict[str, str]
"""A record's filled cells by column."""

SETTLEMENTS = 1700
"""How many settlements there are; with the regions, about 1,950 places."""
REGION_SHARE = 0.03  # of the incidents, known to the region only


class Place(NamedTuple):
    """A place: its part in an incident's id, and its row."""

    slug: str
    row: Row


class Country:
    """The places of a country.

    Args:
        rng: the random choices.
        code: the country, ISO 3166-1 alpha-3.
        count: how many settlements.
        grounds: the polygons of subdivisions, by code.
        gazetteer: the id of the source of coordinates.
        middles: how many middle syllables a name may have.
    """

    def __init__(
        self,
        rng: Random,
        code: str,
        count: int,
        grounds: dict[str, BaseGeometry],
        gazetteer: str,
        middles: int = 1,
    ) -> None:
        self._rng = rng
        self._code = code
        self._gazetteer = gazetteer
        self._slugs: set[str] = set()
        self._beginnings: set[str] = set()
        kind_of = words.Picker(rng, words.PLACE_KINDS)
        here = [region for region, owner in admin1_codes().items() if owner == code]
        self._regions = [
            Place(name, self._row(name, f"{admin1_names()[region]} region", "admin1", region))
            for region in here
            if (name := self._new_slug(f"{admin1_names()[region]} region"))
        ]
        drawable = [region for region in here if region in grounds]
        self._settlements: list[Place] = []
        while len(self._settlements) < count:
            parts = (words.STARTS, *[words.MIDDLES] * middles, words.ENDS, words.SECONDS)
            name = "".join(rng.choice(part) for part in parts)
            if own := self._new_slug(name):
                region = rng.choice(drawable)
                row = self._row(own, name, kind_of(), region)
                if rng.random() < 0.8:
                    row |= self._point(grounds[region])
                self._settlements.append(Place(own, row))

    def draw(self, rng: Random) -> Place:
        """One of the places, by chance."""
        regional = self._regions and rng.random() < REGION_SHARE
        return rng.choice(self._regions if regional else self._settlements)

    def _new_slug(self, name: str) -> str | None:
        """The slug of a name; None where it or its beginning is another's.

        Where no slug begins with another, the ids of figures sort as those of their incidents.
        """
        own = slug(name)
        parts = own.split("-")
        beginnings = {"-".join(parts[:count]) for count in range(1, len(parts) + 1)}
        if own in self._beginnings or beginnings & self._slugs:
            return None
        self._slugs.add(own)
        self._beginnings |= beginnings
        return own

    def _row(self, own: str, name: str, kind: str, region: str) -> Row:
        return {
            "place_id": f"{self._code.lower()}-{own}",
            "name": name,
            "kind": kind,
            "country": self._code,
            "admin1": region,
        }

    def _point(self, ground: BaseGeometry) -> Row:
        west, south, east, north = ground.bounds
        while True:
            longitude = self._rng.uniform(west, east)
            latitude = self._rng.uniform(south, north)
            if shapely.contains_xy(ground, longitude, latitude):
                return {
                    "latitude": f"{latitude:.4f}",
                    "longitude": f"{longitude:.4f}",
                    "coordinate_precision": "settlement",
                    "coordinate_source_id": self._gazetteer,
                }


def draw_countries(
    rng: Random, gazetteer: str, settlements: int = SETTLEMENTS
) -> dict[str, Country]:
    """Every country with its places, more of them where there are more incidents.

    Args:
        rng: the random choices.
        gazetteer: the id of the source of coordinates.
        settlements: about how many settlements there are in all.
    """
    text = (files("sahel_incidents") / "reference/boundaries.geojson").read_text(encoding="utf-8")
    grounds = {
        feature["properties"]["code"]: shape(feature["geometry"])
        for feature in json.loads(text)["features"]
        if feature["properties"]["code"] in admin1_codes()
    }
    shapely.prepare(list(grounds.values()))
    whole = sum(words.COUNTRIES.values())
    # Short names do for about 2,000 settlements of a country, and longer ones for ten times more.
    middles = 1 if settlements == SETTLEMENTS else 2
    return {
        code: Country(
            rng, code, max(8, int(settlements * weight / whole)), grounds, gazetteer, middles
        )
        for code, weight in words.COUNTRIES.items()
    }
