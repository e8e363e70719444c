"""A statement is read in a source that is not older than the statement.

What was said on a day cannot be printed before it: one of the two dates, or the source, is the
wrong one.

Passes::

    {"source_id.published_on": "2025-06-02", "stated_on": "2025-06-02"}
    {"source_id.published_on": null, "stated_on": "2025-06-02"}
    {"source_id.published_on": "2025-06-02", "stated_on": null}

Fails::

    {"source_id.published_on": "2025-06-01", "stated_on": "2025-06-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("statements",)
NEEDS = ("source_id.published_on", "stated_on")
FIELD = "stated_on"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["source_id.published_on"] >= frame["stated_on"]


def explain(row: Row) -> Explanation:
    published, stated = (row[name] for name in NEEDS)
    return (
        f"said on {stated}, but read in a source of {published}",
        "mend the date that is wrong, or cite the source in which the statement was read",
    )
