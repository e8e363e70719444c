"""The period of a total does not end before it starts.

The two days are swapped, or one has a slip.

Passes::

    {"period_start": "2025-05-01", "period_end": "2025-06-02"}
    {"period_start": "2025-05-01", "period_end": "2025-05-01"}
    {"period_start": "2025-05-01", "period_end": null}
    {"period_start": null, "period_end": "2025-06-02"}

Fails::

    {"period_start": "2025-06-02", "period_end": "2025-05-01"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("totals",)
NEEDS = ("period_start", "period_end")
FIELD = "period_end"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["period_start"] <= frame["period_end"]


def explain(row: Row) -> Explanation:
    first, last = (row[name] for name in NEEDS)
    remedy = f"write {last} and {first}, if they are swapped"
    return f"ends on {last}, but starts on {first}", remedy
