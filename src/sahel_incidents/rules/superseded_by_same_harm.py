"""A figure is replaced by a later figure of the same harm.

An origin that corrects its number of dead gives another number of dead. Where the harm differs,
superseded_by most likely names the wrong figure.

Passes::

    {"harm": "killed", "superseded_by.harm": "killed"}
    {"harm": "killed", "superseded_by.harm": null}

Fails::

    {"harm": "missing", "superseded_by.harm": "killed"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("casualties", "totals")
NEEDS = ("harm", "superseded_by.harm")
FIELD = "superseded_by"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["superseded_by.harm"] == frame["harm"]


def explain(row: Row) -> Explanation:
    return (
        f"a figure of {row['harm']} is replaced by one of {row['superseded_by.harm']}",
        "name the later figure of the same harm, or empty superseded_by",
    )
