"""No incident happened in the future.

A date yet to come is a slip, often in the year. Where only the month or the year is known, the last
day it can have been may still lie ahead, within this year.

Passes::

    {"date_start": "2025-06-01", "date_end": "2025-06-01", "date_precision": "day"}
    {"date_start": null, "date_end": null, "date_precision": "day"}

Fails::

    {"date_start": "2999-06-01", "date_end": "2999-06-01", "date_precision": "day"}
    {"date_start": "2025-06-01", "date_end": "2999-06-01", "date_precision": "day"}
    {"date_start": "2025-01-01", "date_end": "2999-12-31", "date_precision": "year"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import explain_future, has_come, latest_day
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incidents",)
NEEDS = ("date_start", "date_end", "date_precision")
FIELD = "date_start"


def holds(frame: pd.DataFrame) -> pd.Series:
    vague = frame["date_precision"].isin(("month", "year"))
    this_year = frame["date_end"].dt.year <= latest_day().year
    return has_come(frame["date_start"]) & (has_come(frame["date_end"]) | (vague & this_year))


def explain(row: Row) -> Explanation:
    return explain_future(date_start=row["date_start"], date_end=row["date_end"])
