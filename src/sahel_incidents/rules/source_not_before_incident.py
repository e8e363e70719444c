"""What is said of an incident is read in a source that is not older than the incident.

A source that was published before the incident cannot report it: one of the two dates, or the
source, is the wrong one. Works of reference, which are brought up to date without a new date, are
left out, and so are sources whose day is not known.

Passes::

    {"source_id.published_on": "2025-06-02", "source_id.kind": "news",
        "incident_id.date_start": "2025-06-01"}
    {"source_id.published_on": null, "source_id.kind": "news",
        "incident_id.date_start": "2025-06-01"}
    {"source_id.published_on": "2020-01-01", "source_id.kind": "reference",
        "incident_id.date_start": "2025-06-01"}

Fails::

    {"source_id.published_on": "2025-05-31", "source_id.kind": "news",
        "incident_id.date_start": "2025-06-01"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "participants", "incident_links")
NEEDS = ("source_id.published_on", "source_id.kind", "incident_id.date_start")
FIELD = "source_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["source_id.published_on"] >= frame["incident_id.date_start"]
    return right | (frame["source_id.kind"] == "reference")


def explain(row: Row) -> Explanation:
    published, start = row["source_id.published_on"], row["incident_id.date_start"]
    return (
        f"the source was published on {published}, before the incident of {start}",
        "cite the source that speaks of this incident, or mend the date that is wrong",
    )
