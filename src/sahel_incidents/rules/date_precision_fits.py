"""An incident's days say what its date precision says.

The days bound when it can have happened: a whole month for month, a whole year for year, more than
one day for approximate. "June 2025" written as 1 June would be read as that day.

Passes::

    {"date_precision": "day", "date_start": "2025-06-01", "date_end": "2025-06-01"}
    {"date_precision": "month", "date_start": "2024-02-01", "date_end": "2024-02-29"}
    {"date_precision": "month", "date_start": "2025-05-01", "date_end": "2025-06-30"}
    {"date_precision": "year", "date_start": "2025-01-01", "date_end": "2025-12-31"}
    {"date_precision": "approximate", "date_start": "2025-05-25", "date_end": "2025-05-26"}
    {"date_precision": "month", "date_start": null, "date_end": null}
    {"date_precision": null, "date_start": "2025-06-01", "date_end": "2025-06-01"}

Fails::

    {"date_precision": "month", "date_start": "2025-06-01", "date_end": "2025-06-01"}
    {"date_precision": "month", "date_start": "2025-02-01", "date_end": "2025-02-27"}
    {"date_precision": "year", "date_start": "2025-01-01", "date_end": "2025-06-30"}
    {"date_precision": "year", "date_start": "2025-02-01", "date_end": "2025-12-31"}
    {"date_precision": "approximate", "date_start": "2025-06-01", "date_end": "2025-06-01"}
"""

from __future__ import annotations

from calendar import monthrange
from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incidents",)
NEEDS = ("date_precision", "date_start", "date_end")
FIELD = "date_precision"


def holds(frame: pd.DataFrame) -> pd.Series:
    right = (frame["date_precision"] == "day").fillna(True)
    vague = frame[~right]
    precision, start, end = (vague[name] for name in NEEDS)
    whole_months = (start.dt.day == 1) & end.dt.is_month_end
    whole_years = whole_months & (start.dt.month == 1) & (end.dt.month == 12)
    fits = (precision == "month") & whole_months
    fits |= (precision == "year") & whole_years
    fits |= (precision == "approximate") & (start != end)
    right[vague.index] = fits.fillna(True)
    return right


def explain(row: Row) -> Explanation:
    precision, start, end = (row[name] for name in NEEDS)
    message = f"{precision} does not go with {start} to {end}"
    if precision == "approximate":
        return message, "write the first and the last day it can have been, or day if it is known"
    first = f"{start:%Y-%m}-01" if precision == "month" else f"{start:%Y}-01-01"
    last = _last_of_month(end) if precision == "month" else f"{end:%Y}-12-31"
    return message, f"write date_start {first} and date_end {last}, or day if the day is known"


def _last_of_month(day: date) -> str:
    return f"{day:%Y-%m}-{monthrange(day.year, day.month)[1]}"
