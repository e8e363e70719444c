"""A number lies within the range that its own origin gives for the same people.

A source that says 10 and, of the same dead, between 12 and 15 contradicts itself, or one of the
three was misread. Which one cannot be told from here, so all are kept as given. UCDP's data hold
such ranges: there the warning is about UCDP's own coding. A figure that was replaced
(`superseded_by`) sets no range any more, and need not lie in one.

Passes::

    {"qualifier": "exact", "superseded_by": null, "value": 12, "greatest_low": 10, "least_high": 15}
    {"qualifier": "exact", "superseded_by": null, "value": 12, "greatest_low": 12,
        "least_high": null}
    {"qualifier": "range", "superseded_by": null, "value": null, "greatest_low": 20,
        "least_high": 15}
    {"qualifier": "exact", "superseded_by": "MLI-2024-05-25-diallassagou-f13", "value": 19,
        "greatest_low": 21, "least_high": null}

Fails::

    {"qualifier": "exact", "superseded_by": null, "value": 12, "greatest_low": 14, "least_high": 20}
    {"qualifier": "exact", "superseded_by": null, "value": 12, "greatest_low": 5, "least_high": 8}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Extreme
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("casualties",)
NEEDS = ("qualifier", "superseded_by", "value")
SAME = (
    "incident_id",
    "harm",
    "victims",
    "demographic",
    "victim_actor_id",
    "said_by",
    "relayed_by",
    "source_id",
    "part_of",
)
SETS_A_RANGE = (
    ("qualifier", ("at_least", "more_than", "at_most", "fewer_than", "range")),
    ("superseded_by", ("",)),
)
FACTS = {
    "greatest_low": Extreme("low", most=True, among=SAME, where=SETS_A_RANGE),
    "least_high": Extreme("high", most=False, among=SAME, where=SETS_A_RANGE),
}
FIELD = "value"


def holds(frame: pd.DataFrame) -> pd.Series:
    within = (frame["value"] >= frame["greatest_low"]).fillna(True)
    within &= (frame["value"] <= frame["least_high"]).fillna(True)
    return within | (frame["qualifier"] != "exact") | frame["superseded_by"].notna()


def explain(row: Row) -> Explanation:
    value, low, high = row["value"], row["greatest_low"], row["least_high"]
    least = f"at least {low}" if low is not None and low > value else ""
    most = f"at most {high}" if high is not None and high < value else ""
    return (
        f"is {value}, but the same origin says {' and '.join(filter(None, (least, most)))}",
        "compare both with the source; where a later figure replaces an earlier one, say so in "
        "superseded_by",
    )
