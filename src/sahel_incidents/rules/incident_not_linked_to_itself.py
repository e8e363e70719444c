"""A link between incidents joins two different ones.

An incident is no part, sequel or reprisal of itself: one of the two ids is a slip.

Passes::

    {"incident_id": "MLI-2025-06-05-boulikessi", "other_incident_id": "MLI-2025-06-01-boulikessi"}
    {"incident_id": "MLI-2025-06-05-boulikessi", "other_incident_id": null}

Fails::

    {"incident_id": "MLI-2025-06-05-boulikessi", "other_incident_id": "MLI-2025-06-05-boulikessi"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incident_links",)
NEEDS = ("incident_id", "other_incident_id")
FIELD = "other_incident_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["incident_id"] != frame["other_incident_id"]


def explain(row: Row) -> Explanation:
    return f"{row['incident_id']} is linked to itself", "name the other incident, or remove the row"
