"""Every place is referred to.

A place where nothing happened may be a second entry under another spelling. Its aliases do not
count: they only describe it.

Passes::

    {"place_id": "mli-timbuktu", "used": true}
    {"place_id": null, "used": true}

Fails::

    {"place_id": "mli-timbuktu", "used": false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Used
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("places",)
NEEDS = ("place_id",)
FACTS = {"used": Used(ignoring=("aliases",))}
FIELD = "place_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["used"]


def explain(row: Row) -> Explanation:
    return f"no record refers to {row['place_id']}", "refer to it, or remove it"
