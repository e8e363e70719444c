"""Every figure names its source, who said it, and whether it is confirmed.

This is the founding promise of the dataset: no number without someone who said it, a document in
which that can be read, and a flag that tells a claim from a confirmed toll. It holds whatever a
schema says about empty cells.

Passes::

    {"source_id": "trt-2025-06-02", "said_by": "two security sources",
        "confirmation": "unconfirmed"}

Fails::

    {"source_id": null, "said_by": "two security sources", "confirmation": "unconfirmed"}
    {"source_id": "trt-2025-06-02", "said_by": null, "confirmation": "unconfirmed"}
    {"source_id": "trt-2025-06-02", "said_by": "two security sources", "confirmation": null}
    {"source_id": null, "said_by": null, "confirmation": null}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("source_id", "said_by", "confirmation")
FIELD = "source_id"

HOW = {
    "source_id": "the source in which the figure was read",
    "said_by": "who made the claim, as the source names them",
    "confirmation": "unconfirmed, unless a body with standing confirmed this very figure",
}


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["source_id"].notna() & frame["said_by"].notna() & frame["confirmation"].notna()


def explain(row: Row) -> Explanation:
    empty = [name for name in NEEDS if row[name] is None]
    remedy = "; ".join(f"write in {name} {HOW[name]}" for name in empty)
    return f"the figure has no {' and no '.join(empty)}", remedy
