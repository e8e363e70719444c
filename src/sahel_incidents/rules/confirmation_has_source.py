"""A confirmation, dispute or withdrawal cites the document that says so; nothing else does.

Whether a figure was confirmed, disputed or taken back is itself a claim, so it too must be traced
to a document. An unconfirmed figure has none: silence, and a refusal to confirm, leave it as it is.

Passes::

    {"confirmation": "confirmed", "confirmation_source_id": "leral-undated-boulkessy"}
    {"confirmation": "disputed", "confirmation_source_id": "sahel-intelligence-undated-eknewan"}
    {"confirmation": "unconfirmed", "confirmation_source_id": null}
    {"confirmation": null, "confirmation_source_id": null}

Fails::

    {"confirmation": "confirmed", "confirmation_source_id": null}
    {"confirmation": "withdrawn", "confirmation_source_id": null}
    {"confirmation": "unconfirmed", "confirmation_source_id": "leral-undated-boulkessy"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("confirmation", "confirmation_source_id")
FIELD = "confirmation_source_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return (frame["confirmation"] != "unconfirmed") == frame["confirmation_source_id"].notna()


def explain(row: Row) -> Explanation:
    confirmation, source = row["confirmation"], row["confirmation_source_id"]
    if source is None:
        remedy = "name the source that says so (it may be source_id again), or write unconfirmed"
        return f"{confirmation}, but no document is cited for that", remedy
    return (
        f"the figure is unconfirmed, yet {source} is cited for a confirmation",
        "empty confirmation_source_id, or say in confirmation what that source says of the figure",
    )
