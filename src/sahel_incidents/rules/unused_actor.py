"""Every actor is referred to.

An actor that takes part in nothing, is nobody's victim, speaks nowhere and is linked to no other
actor may be a second entry under another spelling. Its aliases do not count: they only describe it.

Passes::

    {"actor_id": "jnim", "used": true}
    {"actor_id": null, "used": true}

Fails::

    {"actor_id": "jnim", "used": false}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Used
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("actors",)
NEEDS = ("actor_id",)
FACTS = {"used": Used(ignoring=("aliases",))}
FIELD = "actor_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["used"]


def explain(row: Row) -> Explanation:
    return f"no record refers to {row['actor_id']}", "refer to it, or remove it"
