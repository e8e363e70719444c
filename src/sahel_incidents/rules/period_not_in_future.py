"""No total counts days in the future.

Only what has happened can be counted: a running count ends with the day of its source.

Passes::

    {"period_start": "2025-06-02", "period_end": "2025-06-02"}
    {"period_start": null, "period_end": null}

Fails::

    {"period_start": "2999-06-02", "period_end": null}
    {"period_start": "2025-06-02", "period_end": "2999-06-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import explain_future, has_come
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("totals",)
NEEDS = ("period_start", "period_end")
FIELD = "period_start"


def holds(frame: pd.DataFrame) -> pd.Series:
    return has_come(frame["period_start"]) & has_come(frame["period_end"])


def explain(row: Row) -> Explanation:
    return explain_future(period_start=row["period_start"], period_end=row["period_end"])
