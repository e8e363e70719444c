"""A figure names the actor that confirmed it if, and only if, it is confirmed.

"Confirmed" without a name is a rumour, and a name beside "unconfirmed" makes readers believe that
somebody vouched for the figure. A dispute or a withdrawal is cited in confirmation_source_id; it
has no confirmer.

Passes::

    {"confirmation": "confirmed", "confirmed_by": "fama"}
    {"confirmation": "unconfirmed", "confirmed_by": null}
    {"confirmation": "disputed", "confirmed_by": null}
    {"confirmation": null, "confirmed_by": null}

Fails::

    {"confirmation": "confirmed", "confirmed_by": null}
    {"confirmation": "unconfirmed", "confirmed_by": "fama"}
    {"confirmation": "withdrawn", "confirmed_by": "fama"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("confirmation", "confirmed_by")
FIELD = "confirmed_by"


def holds(frame: pd.DataFrame) -> pd.Series:
    return (frame["confirmation"] == "confirmed") == frame["confirmed_by"].notna()


def explain(row: Row) -> Explanation:
    if row["confirmed_by"] is None:
        remedy = "name the actor that confirmed this very figure, or write unconfirmed"
        return "confirmed, but by whom is not said", remedy
    return (
        f"the figure is {row['confirmation']}, yet {row['confirmed_by']} is named as confirming it",
        "empty confirmed_by, or write confirmed if that actor confirmed this very figure",
    )
