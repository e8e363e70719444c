"""A figure's low is not above its high.

Fewest above most is no range: the two are swapped, or one has a slip.

Passes::

    {"low": 30, "high": 40}
    {"low": 30, "high": 30}
    {"low": 31, "high": null}
    {"low": null, "high": null}

Fails::

    {"low": 40, "high": 30}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("low", "high")
FIELD = "low"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["low"] <= frame["high"]


def explain(row: Row) -> Explanation:
    low, high = row["low"], row["high"]
    return f"low {low} is above high {high}", f"write low {high}, high {low}, if they are swapped"
