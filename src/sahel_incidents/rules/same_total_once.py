"""A total of one origin is entered once.

Ten sites that carry one agency are one origin. The same total entered from two of them would look
like two voices that agree, and corroborate itself.

Passes::

    {"said_by": "JNIM", "same_as": null}

Fails::

    {"said_by": "JNIM", "same_as": "T-burkina-jnim-2025-05-11"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import FirstOf
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("totals",)
NEEDS = ("said_by",)
SAME = (
    "title",
    "perpetrators",
    "period_start",
    "period_end",
    "harm",
    "victims",
    "demographic",
    "victim_actor_id",
    "qualifier",
    "value",
    "low",
    "high",
    "said_by",
    "relayed_by",
    "part_of",
)
FACTS = {"same_as": FirstOf(SAME)}
FIELD = "said_by"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["same_as"].isna()


def explain(row: Row) -> Explanation:
    return (
        f"the same figure of the same origin ({row['said_by']}) stands in {row['same_as']}",
        "remove one of the two; if two different speakers are meant, say so in said_by",
    )
