"""A total names the countries it covers.

A figure over a region says nothing to a reader who does not know which countries were counted, and
it cannot be held against the incidents of any of them.

Passes::

    {"total_id": "T-burkina-jnim-2025-05-11", "countries": 1}
    {"total_id": null, "countries": 3}

Fails::

    {"total_id": "T-burkina-jnim-2025-05-11", "countries": 0}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import References
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("totals",)
NEEDS = ("total_id",)
FACTS = {"countries": References("total_countries", "total_id")}
FIELD = "total_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["countries"] >= 1


def explain(row: Row) -> Explanation:
    return "the total covers no country", "add a row to total_countries for each country it covers"
