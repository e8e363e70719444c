"""No figure is a part of itself, not even by way of others.

Parts lead up to one whole. In a circle there is none, and whoever leaves out parts so as not to
count people twice leaves out all of them.

Passes::

    {"part_of": "MLI-2025-06-01-boulikessi-f01", "in_cycle": false}
    {"part_of": null, "in_cycle": false}

Fails::

    {"part_of": "MLI-2025-06-01-boulikessi-f01", "in_cycle": true}
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
NEEDS = ("part_of",)
FACTS = {"in_cycle": Leads("part_of")}
FIELD = "part_of"


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~frame["in_cycle"]


def explain(row: Row) -> Explanation:
    return (
        f"by way of {row['part_of']} the figure is a part of itself",
        "empty part_of in the figure that is the whole",
    )
