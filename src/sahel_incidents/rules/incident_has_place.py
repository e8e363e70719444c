"""Every incident names a place, be it only a region or a country.

An incident without a place cannot be mapped, counted by region or told from others of its day.
Where no more is known, the region or the country is itself a place.

Passes::

    {"place_id": "mli-boulikessi"}

Fails::

    {"place_id": null}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incidents",)
NEEDS = ("place_id",)
FIELD = "place_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["place_id"].notna()


def explain(row: Row) -> Explanation:
    return "the incident has no place", "name the nearest known place, the region or the country"
