"""No record was revised in the future.

A date yet to come is a slip; the history of a record could not be told in order.

Passes::

    {"revised_on": "2025-06-02"}
    {"revised_on": null}

Fails::

    {"revised_on": "2999-06-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import explain_future, has_come
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("revisions",)
NEEDS = ("revised_on",)
FIELD = "revised_on"


def holds(frame: pd.DataFrame) -> pd.Series:
    return has_come(frame["revised_on"])


def explain(row: Row) -> Explanation:
    return explain_future(revised_on=row["revised_on"])
