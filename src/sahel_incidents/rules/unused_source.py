"""Every source is referred to.

A source that no figure, statement or other record cites says nothing about any incident: its
figures were not entered, or it was left behind when they were removed.

Passes::

    {"source_id": "trt-2025-06-02", "used": true}
    {"source_id": null, "used": true}

Fails::

    {"source_id": "trt-2025-06-02", "used": false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Used
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("sources",)
NEEDS = ("source_id",)
FACTS = {"used": Used()}
FIELD = "source_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["used"]


def explain(row: Row) -> Explanation:
    return f"nothing refers to {row['source_id']}", "enter what it says, or remove it"
