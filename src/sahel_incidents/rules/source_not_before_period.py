"""A total is read in a source that is not older than the first day counted.

A source cannot count what happened after it was published: one of the two dates, or the source, is
the wrong one. Works of reference, which are brought up to date without a new date, are left out.

Passes::

    {"source_id.published_on": "2025-06-02", "source_id.kind": "news",
        "period_start": "2025-05-01"}
    {"source_id.published_on": "2025-06-02", "source_id.kind": "news", "period_start": null}
    {"source_id.published_on": "2020-01-01", "source_id.kind": "reference",
        "period_start": "2025-05-01"}

Fails::

    {"source_id.published_on": "2025-04-30", "source_id.kind": "news",
        "period_start": "2025-05-01"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("totals",)
NEEDS = ("source_id.published_on", "source_id.kind", "period_start")
FIELD = "source_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["source_id.published_on"] >= frame["period_start"]
    return right | (frame["source_id.kind"] == "reference")


def explain(row: Row) -> Explanation:
    published, start = row["source_id.published_on"], row["period_start"]
    return (
        f"the source was published on {published}, before the first day counted, {start}",
        "cite the source that gives this total, or mend the date that is wrong",
    )
