"""The shipped geography: which subdivisions exist, and what ground they cover.

Two small files in `reference/` answer (their sources, licences and gaps are in its README):
`admin1.csv` lists the ISO 3166-2 codes in use, `boundaries.geojson` holds the polygons of the
countries and of their first-level subdivisions. Where a subdivision is younger than the
polygons, `admin1.csv` names the older polygon that contains it.

Coordinates are WGS 84 degrees throughout.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # both are slow to import, and most commands never ask about a point
    import numpy as np
    from numpy.typing import NDArray
    from shapely import STRtree
    from shapely.geometry.base import BaseGeometry

TOLERANCE_KM = {"country": 5.0, "admin1": 10.0}
"""How far beyond a boundary a point is still accepted, by level of the boundary.

Chosen on the 4,211 events of UCDP GED for Mali, Burkina Faso and Niger: of the points that fall
outside their own country or region, those nearer than this (at most 3.0 and 5.5 km) are real
places near a border, and those farther (at least 63 and 81 km) are coding errors. The tolerance
is taken in degrees of latitude; eastwards and westwards it shrinks with the cosine of the
latitude, to four fifths on the northern coast of Algeria.
"""

_KM_PER_DEGREE = 111.2  # of latitude, mean


class _Boundary(NamedTuple):
    country: str
    level: str
    shape: BaseGeometry


def admin1_codes() -> dict[str, str]:
    """Every subdivision usable as `admin1`: ISO 3166-2 code -> ISO 3166-1 alpha-3 country."""
    return {row["code"]: row["country"] for row in _admin1()}


def admin1_names() -> dict[str, str]:
    """Every subdivision usable as `admin1`: ISO 3166-2 code -> name as ISO 3166-2 gives it."""
    return {row["code"]: row["name"] for row in _admin1()}


def has_boundary(code: str) -> bool:
    """Whether `outside` can judge this country (alpha-3) or subdivision (ISO 3166-2)."""
    return code in _judged()


def outside(
    code: str, longitude: NDArray[np.float64], latitude: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which points lie outside a country or subdivision, by more than `TOLERANCE_KM`.

    `longitude` and `latitude` are arrays of one shape, in degrees; the answer has that shape.
    A point with an empty (NaN) coordinate is not outside: there is nothing to judge.

    Raises KeyError for a code that has no boundary.
    """
    import numpy as np
    import shapely

    # Growing a polygon takes far longer than asking it, and few points lie near a boundary.
    judged: NDArray[np.bool_] = ~(np.isnan(longitude) | np.isnan(latitude))
    shapely.prepare(_judged()[code].shape)
    beyond: NDArray[np.bool_] = judged & ~shapely.contains_xy(
        _judged()[code].shape, longitude, latitude
    )
    if beyond.any():
        beyond[beyond] = ~shapely.contains_xy(
            _accepted_ground(code), longitude[beyond], latitude[beyond]
        )
    return beyond


def where(longitude: float, latitude: float) -> str | None:
    """The code of the subdivision that holds a point, for a suggestion; no tolerance.

    It is the country's code where several of today's subdivisions share the polygon (Gao and
    Ménaka, say), and None outside the countries covered.
    """
    import shapely

    codes, tree = _subdivision_tree()
    hits = tree.query(shapely.Point(longitude, latitude), predicate="intersects")
    if not hits.size:
        return None
    polygon = codes[min(hits)]
    sharing = [row["code"] for row in _admin1() if row["polygon"] == polygon]
    return sharing[0] if len(sharing) == 1 else _boundaries()[polygon].country


def borders() -> dict[str, BaseGeometry]:
    """The ground of each country, as polygons in degrees, by its code (alpha-3)."""
    return {code: b.shape for code, b in _boundaries().items() if b.level == "country"}


@cache
def _admin1() -> list[dict[str, str]]:
    """The rows of `admin1.csv`, by code."""
    with (files(__package__) / "reference" / "admin1.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@cache
def _boundaries() -> dict[str, _Boundary]:
    """The features of `boundaries.geojson`, by their code."""
    from shapely.geometry import shape

    text = (files(__package__) / "reference" / "boundaries.geojson").read_text(encoding="utf-8")
    return {
        feature["properties"]["code"]: _Boundary(
            feature["properties"]["country"],
            feature["properties"]["level"],
            shape(feature["geometry"]),
        )
        for feature in json.loads(text)["features"]
    }


@cache
def _judged() -> dict[str, _Boundary]:
    """The boundary of each code a record may carry; a younger subdivision has an older polygon."""
    countries = {code: b for code, b in _boundaries().items() if b.level == "country"}
    return countries | {
        row["code"]: _boundaries()[row["polygon"]] for row in _admin1() if row["polygon"]
    }


@cache
def _accepted_ground(code: str) -> BaseGeometry:
    """The polygon of a code grown by its tolerance, prepared for many points."""
    import shapely

    boundary = _judged()[code]
    ground = boundary.shape.buffer(TOLERANCE_KM[boundary.level] / _KM_PER_DEGREE)
    shapely.prepare(ground)
    return ground


@cache
def _subdivision_tree() -> tuple[list[str], STRtree]:
    """The codes of the subdivision polygons, and an index over the polygons in that order."""
    import shapely

    subdivisions = {code: b.shape for code, b in _boundaries().items() if b.level == "admin1"}
    return list(subdivisions), shapely.STRtree(list(subdivisions.values()))
