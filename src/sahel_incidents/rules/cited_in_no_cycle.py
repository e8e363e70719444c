"""No source is quoted in itself, not even by way of others.

cited_in leads from a document that was not read to one that was. In a circle nothing was read.

Passes::

    {"cited_in": "zoneyetu-undated", "in_cycle": false}
    {"cited_in": null, "in_cycle": false}

Fails::

    {"cited_in": "zoneyetu-undated", "in_cycle": true}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Leads
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("sources",)
NEEDS = ("cited_in",)
FACTS = {"in_cycle": Leads("cited_in")}
FIELD = "cited_in"


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~frame["in_cycle"]


def explain(row: Row) -> Explanation:
    return (
        f"by way of {row['cited_in']} the source is quoted in itself",
        "empty cited_in in the source that was read",
    )
