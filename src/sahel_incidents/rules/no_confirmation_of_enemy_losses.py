"""No party to the conflict confirms the losses of those it fights.

Every side has reason to overstate what it did to its enemy and to call its civilian victims
fighters. So a state, its forces, militias and allies never confirm losses of an armed group, and
an armed group confirms none but its own. Their claims stay in the data, as unconfirmed figures.

Passes::

    {"confirmed_by": "fama", "confirmed_by.kind": "state_force", "victims": "state_force",
        "victim_actor_id": "fama"}
    {"confirmed_by": "jnim", "confirmed_by.kind": "non_state_armed_group",
        "victims": "non_state_armed_group", "victim_actor_id": null}
    {"confirmed_by": null, "confirmed_by.kind": null, "victims": "non_state_armed_group",
        "victim_actor_id": "jnim"}

Fails::

    {"confirmed_by": "fama", "confirmed_by.kind": "state_force",
        "victims": "non_state_armed_group", "victim_actor_id": null}
    {"confirmed_by": "jnim", "confirmed_by.kind": "non_state_armed_group",
        "victims": "state_force", "victim_actor_id": "fama"}
    {"confirmed_by": "jnim", "confirmed_by.kind": "non_state_armed_group",
        "victims": "non_state_armed_group", "victim_actor_id": "islamic-state-sahel"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("confirmed_by", "confirmed_by.kind", "victims", "victim_actor_id")
FIELD = "confirmed_by"

ARMED_GROUP = "non_state_armed_group"
STATE_SIDE = ("state_force", "state_body", "foreign_force", "militia", "private_military_company")


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["confirmed_by.kind"].isna() | frame["victims"].isna()
    named = frame[~right]
    by_group = named["confirmed_by.kind"] == ARMED_GROUP
    of_group = named["victims"] == ARMED_GROUP
    of_other = (named["victim_actor_id"] != named["confirmed_by"]).fillna(False)
    enemy = named["confirmed_by.kind"].isin(STATE_SIDE) & of_group
    enemy |= by_group & (~of_group | of_other)
    right[named.index] = ~enemy
    return right


def explain(row: Row) -> Explanation:
    confirmer, victims, whose = row["confirmed_by"], row["victims"], row["victim_actor_id"]
    people = f"{victims} ({whose})" if whose else victims
    message = f"{confirmer} ({row['confirmed_by.kind']}) cannot confirm losses of {people}"
    remedy = "write unconfirmed, and empty confirmed_by and confirmation_source_id"
    if victims == row["confirmed_by.kind"]:
        remedy += f"; if {whose} is a branch of {confirmer}, write {confirmer} in victim_actor_id"
    return message, remedy
