"""Every incident is traced to a source, by a participant, a figure or a statement.

The incidents table cites nothing itself: what is known of an incident is known through those who
said it. An incident that none of them refers to is a claim of our own.

Passes::

    {"incident_id": "MLI-2025-06-01-boulikessi", "participants": 2, "figures": 0, "statements": 0}
    {"incident_id": null, "participants": 0, "figures": 1, "statements": 0}
    {"incident_id": "MLI-2025-06-01-boulikessi", "participants": 0, "figures": 0, "statements": 1}

Fails::

    {"incident_id": "MLI-2025-06-01-boulikessi", "participants": 0, "figures": 0, "statements": 0}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import References
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incidents",)
NEEDS = ("incident_id",)
FACTS = {
    "participants": References("participants", "incident_id"),
    "figures": References("casualties", "incident_id"),
    "statements": References("statement_incidents", "incident_id"),
}
FIELD = "incident_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["participants"] + frame["figures"] + frame["statements"] >= 1


def explain(row: Row) -> Explanation:
    return (
        "nothing tells from which source the incident is known",
        "add a participant, a figure or a statement with its source, or remove the incident",
    )
