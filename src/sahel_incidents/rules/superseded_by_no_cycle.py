"""No figure is replaced by itself, not even by way of others.

Following superseded_by leads to the latest figure of an origin. In a circle there is none, and
whoever takes only the latest figures loses them all.

Passes::

    {"superseded_by": "MLI-2025-06-01-boulikessi-f18", "in_cycle": false}
    {"superseded_by": null, "in_cycle": false}

Fails::

    {"superseded_by": "MLI-2025-06-01-boulikessi-f18", "in_cycle": true}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Leads
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("superseded_by",)
FACTS = {"in_cycle": Leads("superseded_by")}
FIELD = "superseded_by"


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~frame["in_cycle"]


def explain(row: Row) -> Explanation:
    return (
        f"by way of {row['superseded_by']} the figure replaces itself",
        "empty superseded_by in the latest of these figures",
    )
