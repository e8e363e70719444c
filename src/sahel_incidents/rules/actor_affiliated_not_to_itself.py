"""An affiliation links two different actors.

No source says that of an actor; it is a slip, and whoever follows the links would go in a circle.

Passes::

    {"actor_id": "jnim", "related_actor_id": "al-qaeda"}
    {"actor_id": "jnim", "related_actor_id": null}

Fails::

    {"actor_id": "jnim", "related_actor_id": "jnim"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("affiliations",)
NEEDS = ("actor_id", "related_actor_id")
FIELD = "related_actor_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["actor_id"] != frame["related_actor_id"]


def explain(row: Row) -> Explanation:
    return f"{row['actor_id']} is linked to itself", "name the other actor, or remove the row"
