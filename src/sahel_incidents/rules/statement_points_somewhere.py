"""A statement is linked to an incident, unless its kind may stand alone.

Who claimed, denied or described something spoke of an incident. Without the link nobody who looks
at that incident finds the statement. Warnings of what may come, background and condemnations can
stand alone.

Passes::

    {"kind": "responsibility", "incidents": 1}
    {"kind": "warning", "incidents": 0}
    {"kind": "condemnation", "incidents": 0}
    {"kind": "context", "incidents": 2}
    {"kind": null, "incidents": 1}

Fails::

    {"kind": "responsibility", "incidents": 0}
    {"kind": "denial", "incidents": 0}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import References
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("statements",)
NEEDS = ("kind",)
FACTS = {"incidents": References("statement_incidents", "statement_id")}
FIELD = "kind"

MAY_STAND_ALONE = ("warning", "context", "condemnation")


def holds(frame: pd.DataFrame) -> pd.Series:
    return (frame["incidents"] >= 1) | frame["kind"].isin(MAY_STAND_ALONE)


def explain(row: Row) -> Explanation:
    return (
        f"a statement of kind {row['kind']} is linked to no incident",
        "add to statement_incidents the incident it is about; where the source does not say which, "
        "each that may be meant, as probable or possible",
    )
