"""A revision names a record, and a column of it, that exist.

The history of a record is found by its table and id. A record that was merged or retracted is gone
from its table; the revision that says so keeps its id known. other_id names a record of the same
table.

Passes::

    {"table": "incidents", "record_id": "MLI-2025-05-soumpi", "field": "date_end",
        "other_id": null, "missing": null, "other_missing": null}
    {"table": null, "record_id": null, "field": null,
        "other_id": null, "missing": null, "other_missing": null}

Fails::

    {"table": "incident", "record_id": "MLI-2025-05-soumpi", "field": null,
        "other_id": null, "missing": "table", "other_missing": null}
    {"table": "incidents", "record_id": "MLI-2025-05-soumpy", "field": null,
        "other_id": null, "missing": "record", "other_missing": null}
    {"table": "incidents", "record_id": "MLI-2025-05-soumpi", "field": "date",
        "other_id": null, "missing": "field", "other_missing": null}
    {"table": "incidents", "record_id": "MLI-2025-05-soumpi", "field": null,
        "other_id": "MLI-2025-05-soumpy", "missing": null, "other_missing": "record"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Named
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("revisions",)
NEEDS = ("table", "record_id", "field", "other_id")
RETIRED = ("record_id", "action", ("merged", "retracted"))
FACTS = {
    "missing": Named("table", "record_id", RETIRED, "field"),
    "other_missing": Named("table", "other_id", RETIRED),
}
FIELD = "record_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["missing"].isna() & frame["other_missing"].isna()


def explain(row: Row) -> Explanation:
    table, record, field, other = (row[name] for name in NEEDS)
    if row["missing"] == "table":
        return f"there is no table {table}", "write the name of a resource in datapackage.json"
    if row["missing"] == "field":
        return f"{table} has no column {field}", f"write a column of {table}, or empty field"
    gone = record if row["missing"] == "record" else other
    return (
        f"{table} has no record {gone}",
        "mend the id; a record that is gone needs a revision that says merged or retracted",
    )
