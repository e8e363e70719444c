"""A tie between actors does not end before it begins.

The two days are swapped, or one has a slip.

Passes::

    {"valid_from": "2017-03-02", "valid_to": "2025-06-02"}
    {"valid_from": "2017-03-02", "valid_to": "2017-03-02"}
    {"valid_from": "2017-03-02", "valid_to": null}
    {"valid_from": null, "valid_to": "2025-06-02"}

Fails::

    {"valid_from": "2025-06-02", "valid_to": "2017-03-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("affiliations",)
NEEDS = ("valid_from", "valid_to")
FIELD = "valid_to"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["valid_from"] <= frame["valid_to"]


def explain(row: Row) -> Explanation:
    first, last = (row[name] for name in NEEDS)
    remedy = f"write {last} and {first}, if they are swapped"
    return f"ends on {last}, but begins on {first}", remedy
