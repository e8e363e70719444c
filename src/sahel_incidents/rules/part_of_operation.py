"""An incident is part of an operation, not of another incident.

A parent record holds what was said of several places at once. Where an incident like any other is
named as the parent, the two ids are swapped, or the parent's type is not operation.

Passes::

    {"relation": "part_of", "other_incident_id.event_type": "operation"}
    {"relation": "part_of", "other_incident_id.event_type": null}
    {"relation": "continuation_of", "other_incident_id.event_type": "attack_on_position"}

Fails::

    {"relation": "part_of", "other_incident_id.event_type": "attack_on_position"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("incident_links",)
NEEDS = ("relation", "other_incident_id.event_type")
FIELD = "relation"


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["other_incident_id.event_type"] == "operation"
    return right | (frame["relation"] != "part_of")


def explain(row: Row) -> Explanation:
    return (
        f"part_of names as the whole an incident of type {row['other_incident_id.event_type']}",
        "swap the two ids, give the parent the event_type operation, or choose another relation",
    )
