"""No statement was made in the future.

A date yet to come is a slip, often in the year or in the order of day and month.

Passes::

    {"stated_on": "2025-06-02"}
    {"stated_on": null}

Fails::

    {"stated_on": "2999-06-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import explain_future, has_come
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("statements",)
NEEDS = ("stated_on",)
FIELD = "stated_on"


def holds(frame: pd.DataFrame) -> pd.Series:
    return has_come(frame["stated_on"])


def explain(row: Row) -> Explanation:
    return explain_future(stated_on=row["stated_on"])
