"""A confirmation, dispute or withdrawal is read in a document that can say so.

An encyclopaedia, gazetteer or dataset sums up what others published; that somebody confirmed a
figure is read in the report or the statement itself.

Passes::

    {"confirmation_source_id": "leral-undated-boulkessy", "confirmation_source_id.kind": "news"}
    {"confirmation_source_id": null, "confirmation_source_id.kind": null}

Fails::

    {"confirmation_source_id": "wikipedia-fr-undated-djibo-2025",
        "confirmation_source_id.kind": "reference"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("confirmation_source_id", "confirmation_source_id.kind")
FIELD = "confirmation_source_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["confirmation_source_id.kind"] != "reference"


def explain(row: Row) -> Explanation:
    return (
        f"{row['confirmation_source_id']} is a work of reference, which confirms nothing itself",
        "cite the report or statement it rests on, or write unconfirmed",
    )
