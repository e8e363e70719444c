"""A state confirms the losses of its own people, not those of another state's.

A force or government answers for its own soldiers, volunteers and contractors. What it says of
another country's forces is a claim like any other. A state body may also speak of foreign troops
on its soil, whose deaths its courts and hospitals deal with. Where either country is not known,
nothing is said.

Passes::

    {"confirmed_by": "fama", "confirmed_by.kind": "state_force", "confirmed_by.country": "MLI",
        "victims": "state_force", "victim_actor_id.country": "MLI"}
    {"confirmed_by": "fama", "confirmed_by.kind": "state_force", "confirmed_by.country": "MLI",
        "victims": "state_force", "victim_actor_id.country": null}
    {"confirmed_by": "mali-government", "confirmed_by.kind": "state_body",
        "confirmed_by.country": "MLI", "victims": "foreign_force", "victim_actor_id.country": "RUS"}
    {"confirmed_by": null, "confirmed_by.kind": null, "confirmed_by.country": null,
        "victims": "state_force", "victim_actor_id.country": "MLI"}

Fails::

    {"confirmed_by": "niger-armed-forces", "confirmed_by.kind": "state_force",
        "confirmed_by.country": "NER", "victims": "state_force", "victim_actor_id.country": "MLI"}
    {"confirmed_by": "fama", "confirmed_by.kind": "state_force", "confirmed_by.country": "MLI",
        "victims": "foreign_force", "victim_actor_id.country": "RUS"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = (
    "confirmed_by",
    "confirmed_by.kind",
    "confirmed_by.country",
    "victims",
    "victim_actor_id.country",
)
FIELD = "confirmed_by"

STATE_SIDE = ("state_force", "state_body", "foreign_force", "militia", "private_military_company")
THEIR_PEOPLE = ("state_force", "volunteer_or_militia", "foreign_force")


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["confirmed_by.country"] == frame["victim_actor_id.country"]
    abroad = frame[~right.fillna(True)]
    kind, victims = abroad["confirmed_by.kind"], abroad["victims"]
    judged = kind.isin(STATE_SIDE) & victims.isin(THEIR_PEOPLE)
    right[abroad.index] = ~judged | ((kind == "state_body") & (victims == "foreign_force"))
    return right


def explain(row: Row) -> Explanation:
    confirmer, country = row["confirmed_by"], row["victim_actor_id.country"]
    return (
        f"{confirmer} ({row['confirmed_by.country']}) does not answer for people of {country}",
        f"write unconfirmed, unless a body of {country} confirms the figure",
    )
