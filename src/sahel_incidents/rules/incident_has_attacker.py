"""Every incident has an attacker, be it an explicitly unidentified one.

Who did it is the first thing to ask of an attack. That nobody knows is an answer too, and it is
given by an actor of kind unidentified, so that it cannot be mistaken for an oversight.

Passes::

    {"incident_id": "MLI-2025-06-01-boulikessi", "attackers": 1}
    {"incident_id": "MLI-2025-06-01-boulikessi", "attackers": 3}
    {"incident_id": null, "attackers": 1}

Fails::

    {"incident_id": "MLI-2025-06-01-boulikessi", "attackers": 0}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import References
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incidents",)
NEEDS = ("incident_id",)
FACTS = {"attackers": References("participants", "incident_id", (("role", "attacker"),))}
FIELD = "incident_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["attackers"] >= 1


def explain(row: Row) -> Explanation:
    return (
        "no participant of the incident is its attacker",
        "add one to participants with the role attacker; an actor of kind unidentified if no "
        "source names one",
    )
