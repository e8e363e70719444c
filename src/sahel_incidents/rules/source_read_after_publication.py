"""A source was read no earlier than it was published.

What was read existed already: one of the two days has a slip.

Passes::

    {"published_on": "2025-06-02", "accessed_on": "2025-06-10"}
    {"published_on": "2025-06-02", "accessed_on": "2025-06-02"}
    {"published_on": "2025-06-02", "accessed_on": null}
    {"published_on": null, "accessed_on": "2025-06-10"}

Fails::

    {"published_on": "2025-06-10", "accessed_on": "2025-06-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("sources",)
NEEDS = ("published_on", "accessed_on")
FIELD = "accessed_on"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["published_on"] <= frame["accessed_on"]


def explain(row: Row) -> Explanation:
    first, last = (row[name] for name in NEEDS)
    return (
        f"read on {last}, but published on {first}",
        "mend the day that is wrong; empty it where it is not known",
    )
