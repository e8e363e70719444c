"""An incident does not end before it starts.

The two days are swapped, or one has a slip.

Passes::

    {"date_start": "2025-06-01", "date_end": "2025-06-02"}
    {"date_start": "2025-06-01", "date_end": "2025-06-01"}
    {"date_start": "2025-06-01", "date_end": null}
    {"date_start": null, "date_end": "2025-06-02"}

Fails::

    {"date_start": "2025-06-02", "date_end": "2025-06-01"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incidents",)
NEEDS = ("date_start", "date_end")
FIELD = "date_end"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["date_start"] <= frame["date_end"]


def explain(row: Row) -> Explanation:
    first, last = (row[name] for name in NEEDS)
    remedy = f"write {last} and {first}, if they are swapped"
    return f"ends on {last}, but starts on {first}", remedy
