"""No source was published or read in the future.

A date yet to come is a slip, often in the year or in the order of day and month.

Passes::

    {"published_on": "2025-06-02", "accessed_on": "2025-06-02"}
    {"published_on": null, "accessed_on": null}

Fails::

    {"published_on": "2999-06-02", "accessed_on": null}
    {"published_on": "2025-06-02", "accessed_on": "2999-06-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import explain_future, has_come
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("sources",)
NEEDS = ("published_on", "accessed_on")
FIELD = "published_on"


def holds(frame: pd.DataFrame) -> pd.Series:
    return has_come(frame["published_on"]) & has_come(frame["accessed_on"])


def explain(row: Row) -> Explanation:
    return explain_future(published_on=row["published_on"], accessed_on=row["accessed_on"])
