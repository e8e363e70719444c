"""An incident's country and first-level division are those of its place.

The two are kept with the incident for counting and with the place for the map. Where they differ,
one of them is wrong, and the incident is counted in one region and drawn in another.

Passes::

    {"country": "MLI", "admin1": "ML-5", "place_id.country": "MLI", "place_id.admin1": "ML-5"}
    {"country": "MLI", "admin1": "ML-5", "place_id.country": "MLI", "place_id.admin1": null}
    {"country": "MLI", "admin1": null, "place_id.country": "MLI", "place_id.admin1": "ML-5"}
    {"country": "MLI", "admin1": "ML-5", "place_id.country": null, "place_id.admin1": null}

Fails::

    {"country": "BFA", "admin1": null, "place_id.country": "MLI", "place_id.admin1": "ML-5"}
    {"country": "MLI", "admin1": "ML-6", "place_id.country": "MLI", "place_id.admin1": "ML-5"}
    {"country": "BFA", "admin1": "BF-12", "place_id.country": "MLI", "place_id.admin1": null}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incidents",)
NEEDS = ("country", "admin1", "place_id.country", "place_id.admin1")
FIELD = "place_id"

LEVELS = ("country", "admin1")


def holds(frame: pd.DataFrame) -> pd.Series:
    same = [(frame[level] == frame[f"place_id.{level}"]).fillna(True) for level in LEVELS]
    return same[0] & same[1]


def explain(row: Row) -> Explanation:
    pairs = [(level, row[level], row[f"place_id.{level}"]) for level in LEVELS]
    apart = [pair for pair in pairs if None not in pair and pair[1] != pair[2]]
    message = "; ".join(
        f"{level} is {own} for the incident and {place} for its place"
        for level, own, place in apart
    )
    return message, "correct the incident or its place, or refer to another place"
