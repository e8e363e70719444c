"""A statement about an incident is not older than the incident.

Nobody can claim, deny or describe what has not happened yet. Warnings and background, which may be
older than the incident they belong to, are left out.

Passes::

    {"statement_id.stated_on": "2025-06-01", "statement_id.kind": "responsibility",
        "incident_id.date_start": "2025-06-01"}
    {"statement_id.stated_on": null, "statement_id.kind": "responsibility",
        "incident_id.date_start": "2025-06-01"}
    {"statement_id.stated_on": "2025-05-30", "statement_id.kind": "warning",
        "incident_id.date_start": "2025-06-01"}

Fails::

    {"statement_id.stated_on": "2025-05-30", "statement_id.kind": "responsibility",
        "incident_id.date_start": "2025-06-01"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("statement_incidents",)
NEEDS = ("statement_id.stated_on", "statement_id.kind", "incident_id.date_start")
FIELD = "incident_id"

MAY_COME_FIRST = ("warning", "context")


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["statement_id.stated_on"] >= frame["incident_id.date_start"]
    return right | frame["statement_id.kind"].isin(MAY_COME_FIRST)


def explain(row: Row) -> Explanation:
    stated, start = row["statement_id.stated_on"], row["incident_id.date_start"]
    return (
        f"the statement was made on {stated}, before the incident of {start}",
        "link the incident that was meant, or mend stated_on or date_start",
    )
