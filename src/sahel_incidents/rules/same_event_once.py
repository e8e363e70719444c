"""A record of another dataset is the same as one incident at most.

Two incidents that are both "the same" as one event elsewhere are either one incident entered twice,
or one of the links says too much. Whoever compares the datasets would count the event twice.

Passes::

    {"relation": "same", "external_id": "274443", "first": null}
    {"relation": "contains", "external_id": "274443",
      "first": "BFA-2019-01-01-yirgou|ucdp_ged|274443"}

Fails::

    {"relation": "same", "external_id": "274443", "first": "BFA-2019-01-01-yirgou|ucdp_ged|274443"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cells import quoted
from ..facts import FirstOf
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("external_ids",)
NEEDS = ("relation", "external_id")
FACTS = {"first": FirstOf(("dataset", "external_id", "relation"))}
FIELD = "external_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return (frame["relation"] != "same") | frame["first"].isna()


def explain(row: Row) -> Explanation:
    other = row["first"].partition("|")[0]
    return (
        f"{quoted(row['external_id'])} is already the same as {other}",
        "if the two incidents are one, merge them; else say of one of them that it is part of the "
        "event, contains it or overlaps with it",
    )
