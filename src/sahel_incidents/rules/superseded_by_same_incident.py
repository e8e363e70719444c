"""A figure is replaced by a later figure of the same incident.

A correction concerns the same incident. A figure given for several places at once is no correction
of a figure for one of them: it belongs to the parent incident, beside the other.

Passes::

    {"incident_id.incident_id": "MLI-2025-06-01-boulikessi",
        "superseded_by.incident_id": "MLI-2025-06-01-boulikessi"}
    {"incident_id.incident_id": "MLI-2025-06-01-boulikessi", "superseded_by.incident_id": null}

Fails::

    {"incident_id.incident_id": "MLI-2025-06-01-boulikessi",
        "superseded_by.incident_id": "MLI-2025-06-05-boulikessi"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("casualties",)
NEEDS = ("incident_id.incident_id", "superseded_by.incident_id")
FIELD = "superseded_by"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["superseded_by.incident_id"] == frame["incident_id.incident_id"]


def explain(row: Row) -> Explanation:
    return (
        f"is replaced by a figure of another incident, {row['superseded_by.incident_id']}",
        f"name the later figure of {row['incident_id.incident_id']}, or empty superseded_by",
    )
