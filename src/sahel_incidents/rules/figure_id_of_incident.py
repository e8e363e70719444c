"""A figure's id is its incident's id, followed by -f and a number.

A figure is cited by its id alone; the id says which incident it belongs to.

Passes::

    {"casualty_id": "MLI-2025-05-soumpi-f01", "incident_id.incident_id": "MLI-2025-05-soumpi"}
    {"casualty_id": "MLI-2025-05-soumpi-f107", "incident_id.incident_id": "MLI-2025-05-soumpi"}
    {"casualty_id": "MLI-2025-05-soumpi-f01", "incident_id.incident_id": null}

Fails::

    {"casualty_id": "MLI-2025-05-soumpi-f01", "incident_id.incident_id": "MLI-2025-05-23-dioura"}
    {"casualty_id": "MLI-2025-05-soumpi-f01", "incident_id.incident_id": "MLI-2025-05-soumpi-f01"}
    {"casualty_id": "MLI-2025-05-soumpi-f01", "incident_id.incident_id": "MLI-2025-05"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties",)
NEEDS = ("casualty_id", "incident_id.incident_id")  # looked up, so null where it dangles
FIELD = "casualty_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["casualty_id"].str.slice(stop=-len("-f01")) == frame["incident_id.incident_id"]
    # Cutting a fixed length is fast and settles nearly all; the number may have more digits.
    rest = frame[~right.fillna(True)]
    cut = rest["casualty_id"].str.replace(r"-f[0-9]+$", "", regex=True)
    right[rest.index] = cut == rest["incident_id.incident_id"]
    return right


def explain(row: Row) -> Explanation:
    incident, number = row["incident_id.incident_id"], row["casualty_id"].rpartition("-")[2]
    return (
        f"the figure is about {incident}, which its id does not say",
        f"write {incident}-{number}, or the next free number, or mend incident_id",
    )
