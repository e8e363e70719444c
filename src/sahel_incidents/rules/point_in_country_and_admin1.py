"""A place's point lies in its first-level division, or else in its country.

Swapped coordinates and a lost minus sign put a place hundreds of kilometres away, and no other
check would notice. A point is judged by the division's polygon, where the division has one and
belongs to the country, and otherwise by the country's; some kilometres beyond a boundary are
accepted (see `sahel_incidents.geography`).

Passes::

    {"latitude": 14.0994, "longitude": -1.62554, "country": "BFA", "admin1": "BF-12"}
    {"latitude": 15.92, "longitude": 2.4, "country": "MLI", "admin1": null}
    {"latitude": 14.1, "longitude": null, "country": "BFA", "admin1": "BF-12"}
    {"latitude": 48.9, "longitude": 2.3, "country": null, "admin1": null}

Fails::

    {"latitude": 15.92, "longitude": -2.4, "country": "MLI", "admin1": "ML-9"}
    {"latitude": -1.62554, "longitude": 14.0994, "country": "BFA", "admin1": "BF-12"}
    {"latitude": 14.0994, "longitude": -1.62554, "country": "BFA", "admin1": "BF-03"}
    {"latitude": 14.0994, "longitude": -1.62554, "country": "NER", "admin1": "BF-12"}
    {"latitude": 48.9, "longitude": 2.3, "country": "NER", "admin1": null}
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from .. import geography
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("places",)
NEEDS = ("latitude", "longitude", "country", "admin1")
FIELD = "latitude"


def holds(frame: pd.DataFrame) -> pd.Series:
    latitude, longitude = (
        frame[name].to_numpy(dtype=float, na_value=np.nan) for name in ("latitude", "longitude")
    )
    country, admin1 = frame["country"].fillna(""), frame["admin1"].fillna("")
    wrong = np.zeros(len(frame), dtype=bool)
    rows_of: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for row, area in enumerate(zip(country, admin1, strict=True)):
        rows_of[area].append(row)
    for area, rows in rows_of.items():
        if ground := _ground(*area):
            wrong[rows] = geography.outside(ground, longitude[rows], latitude[rows])
    return frame.assign(right=~wrong)["right"]


def explain(row: Row) -> Explanation:
    latitude, longitude = row["latitude"], row["longitude"]
    ground = _ground(row["country"], row["admin1"])
    assert ground is not None, "a row without a ground to lie on cannot fail"
    message = f"the point {latitude}, {longitude} lies outside {_named(ground)}"
    if _fits(ground, longitude, latitude):
        return message, f"swap the two: write latitude {longitude}, longitude {latitude}"
    if _fits(ground, latitude, -longitude):
        return message, f"write longitude {-longitude}: with the other sign it fits"
    found = geography.where(longitude, latitude)
    if found is None:
        return message, "correct the point: it is in none of the countries covered"
    return message, f"the point lies in {_named(found)}: correct it, or the division"


def _ground(country: str | None, admin1: str | None) -> str | None:
    """The code whose polygon must hold the point; None where there is none to judge by."""
    if admin1 and geography.has_boundary(admin1):
        own = geography.admin1_codes()[admin1]
        if not country or country == own:
            return admin1
    return country if country and geography.has_boundary(country) else None


def _fits(ground: str, latitude: float, longitude: float) -> bool:
    if abs(latitude) > 90:
        return False
    return not geography.outside(ground, np.array([longitude]), np.array([latitude]))[0]


def _named(code: str) -> str:
    name = geography.admin1_names().get(code)
    return f"{code} ({name})" if name else code
