"""An incident continues or avenges one that had begun before it ended.

continuation_of and reprisal_for lead back in time, from the later incident to the earlier. The
other way round, the two ids are swapped or a date is wrong.

Passes::

    {"relation": "continuation_of", "incident_id.date_end": "2025-06-05",
        "other_incident_id.date_start": "2025-06-01"}
    {"relation": "reprisal_for", "incident_id.date_end": "2025-06-05",
        "other_incident_id.date_start": null}
    {"relation": "coordinated_with", "incident_id.date_end": "2025-06-01",
        "other_incident_id.date_start": "2025-06-02"}

Fails::

    {"relation": "continuation_of", "incident_id.date_end": "2025-06-01",
        "other_incident_id.date_start": "2025-06-05"}
    {"relation": "reprisal_for", "incident_id.date_end": "2025-06-01",
        "other_incident_id.date_start": "2025-06-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incident_links",)
NEEDS = ("relation", "incident_id.date_end", "other_incident_id.date_start")
FIELD = "relation"

LEADING_BACK = ("continuation_of", "reprisal_for")


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["incident_id.date_end"] >= frame["other_incident_id.date_start"]
    return right | ~frame["relation"].isin(LEADING_BACK)


def explain(row: Row) -> Explanation:
    relation, end, start = (row[name] for name in NEEDS)
    return (
        f"{relation}, but the incident ended on {end} and the other began on {start}",
        "swap incident_id and other_incident_id, or mend the date that is wrong",
    )
