"""A confirmation, dispute or withdrawal is not older than the incident.

What was published before the incident cannot speak of its victims: the date or the source is the
wrong one.

Passes::

    {"confirmation_source_id.published_on": "2025-06-02", "incident_id.date_start": "2025-06-01"}
    {"confirmation_source_id.published_on": "2025-06-01", "incident_id.date_start": "2025-06-01"}
    {"confirmation_source_id.published_on": null, "incident_id.date_start": "2025-06-01"}

Fails::

    {"confirmation_source_id.published_on": "2025-05-31", "incident_id.date_start": "2025-06-01"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties",)
NEEDS = ("confirmation_source_id.published_on", "incident_id.date_start")
FIELD = "confirmation_source_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["confirmation_source_id.published_on"] >= frame["incident_id.date_start"]


def explain(row: Row) -> Explanation:
    published, start = (row[name] for name in NEEDS)
    return (
        f"the source was published on {published}, before the incident of {start}",
        "cite the source that speaks of this incident, or mend the date that is wrong",
    )
