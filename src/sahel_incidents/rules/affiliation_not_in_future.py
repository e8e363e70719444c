"""No tie between actors begins or ends in the future.

A date yet to come is a slip, often in the year. While a tie holds, its last day is left empty.

Passes::

    {"valid_from": "2017-03-02", "valid_to": null}

Fails::

    {"valid_from": "2999-03-02", "valid_to": null}
    {"valid_from": null, "valid_to": "2999-03-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clock import explain_future, has_come
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("affiliations",)
NEEDS = ("valid_from", "valid_to")
FIELD = "valid_from"


def holds(frame: pd.DataFrame) -> pd.Series:
    return has_come(frame["valid_from"]) & has_come(frame["valid_to"])


def explain(row: Row) -> Explanation:
    return explain_future(valid_from=row["valid_from"], valid_to=row["valid_to"])
