"""A figure is confirmed by the side whose people they are, or by an official inquiry.

Who may confirm: the side whose people were harmed; for all victims but a state's enemies a state
body (a ministry, prosecutor, court, commission or public hospital); for all victims an
international body such as the United Nations; and a hospital run by a charity for the people it
received itself. Media, unidentified actors, communities and other organisations report and
investigate: what they find is a figure of its own, however well founded. That a party confirms
its enemy's losses is judged by no-confirmation-of-enemy-losses.

Passes::

    {"confirmed_by": "fama", "confirmed_by.kind": "state_force", "victims": "state_force",
        "speaker_actor_id": null, "speaker_kind": "security_source"}
    {"confirmed_by": "mali-government", "confirmed_by.kind": "state_body", "victims": "civilian",
        "speaker_actor_id": "mali-government", "speaker_kind": "official"}
    {"confirmed_by": "msf", "confirmed_by.kind": "ngo", "victims": "civilian",
        "speaker_actor_id": "msf", "speaker_kind": "medical"}
    {"confirmed_by": "fama", "confirmed_by.kind": "state_force", "victims": "non_state_armed_group",
        "speaker_actor_id": "fama", "speaker_kind": "official"}
    {"confirmed_by": null, "confirmed_by.kind": null, "victims": "civilian",
        "speaker_actor_id": null, "speaker_kind": "witness"}

Fails::

    {"confirmed_by": "fama", "confirmed_by.kind": "state_force", "victims": "civilian",
        "speaker_actor_id": "fama", "speaker_kind": "official"}
    {"confirmed_by": "reuters", "confirmed_by.kind": "media", "victims": "state_force",
        "speaker_actor_id": null, "speaker_kind": "security_source"}
    {"confirmed_by": "reuters", "confirmed_by.kind": "media", "victims": "non_state_armed_group",
        "speaker_actor_id": null, "speaker_kind": null}
    {"confirmed_by": "msf", "confirmed_by.kind": "ngo", "victims": "civilian",
        "speaker_actor_id": null, "speaker_kind": "medical"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("confirmed_by", "confirmed_by.kind", "victims", "speaker_actor_id", "speaker_kind")
FIELD = "confirmed_by"

ARMED_GROUP = "non_state_armed_group"
NOT_FIGHTING_THE_STATE = (
    "civilian",
    "state_force",
    "volunteer_or_militia",
    "foreign_force",
    "mixed",
    "unknown",
)

# For each kind of actor the victims whose losses it may confirm; kinds not listed confirm nothing.
# A state_force may also be deployed abroad: its people are then counted as foreign_force.
STANDING: dict[str, tuple[str, ...]] = {
    "state_force": ("state_force", "volunteer_or_militia", "foreign_force"),
    "state_body": NOT_FIGHTING_THE_STATE,
    "militia": ("volunteer_or_militia",),
    "foreign_force": ("foreign_force",),
    "private_military_company": ("foreign_force",),
    "international_body": (*NOT_FIGHTING_THE_STATE, ARMED_GROUP),
    ARMED_GROUP: (ARMED_GROUP,),
}


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["confirmed_by.kind"].isna() | frame["victims"].isna()
    named = frame[~right]
    kind, victims = named["confirmed_by.kind"], named["victims"]
    own = {f"{kind} {victims}" for kind, those in STANDING.items() for victims in those}
    enemies = kind.isin(STANDING) & ((kind == ARMED_GROUP) != (victims == ARMED_GROUP))
    hospital = (named["speaker_kind"] == "medical") & (kind == "ngo")
    hospital &= named["speaker_actor_id"] == named["confirmed_by"]
    right[named.index] = (kind + " " + victims).isin(own) | enemies | hospital.fillna(False)
    return right


def explain(row: Row) -> Explanation:
    kind, victims = row["confirmed_by.kind"], row["victims"]
    able = ", ".join(kind for kind, those in STANDING.items() if victims in those)
    return (
        f"{row['confirmed_by']} ({kind}) has no standing to confirm losses of {victims}",
        f"write unconfirmed, unless another confirms the figure (for {victims}: {able})",
    )
