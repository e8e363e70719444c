"""An incident that waits for review is not on record already.

Two readers of two reports may enter one incident twice: under another spelling of the place, a day
later, with another toll. Its dead would then be counted twice. What speaks for it is weighed:
the place, the days between, who attacked whom, the figures, the type and the sources, as
docs/duplicates.md tells. Only candidates are judged: a reviewed incident has been compared. True
neighbours are known as such by a link between them, or by a revision judged_distinct.

Passes::

    {"incident_id": "MLI-2025-06-05-boulikessi", "twin": null}
    {"incident_id": null, "twin": null}

Fails::

    {"incident_id": "MLI-2025-06-02-boulkessi",
        "twin": "MLI-2025-06-01-boulikessi (same place, 1 day apart, both jnim on fama)"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..duplicates import LikelyTwin
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("incidents",)
NEEDS = ("incident_id",)
FACTS = {"twin": LikelyTwin()}
FIELD = "incident_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["twin"].isna()


def explain(row: Row) -> Explanation:
    return (
        f"may be the same incident as {row['twin']}",
        "merge the two; if they are two, link them in incident_links where they hang together, "
        "or add a revision judged_distinct that names both",
    )
