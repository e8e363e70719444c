"""A figure's low and high follow from its qualifier and value.

"Over 30" and "at least 60" are not the numbers 30 and 60. The bounds say what the words allow,
so that figures can be compared without reading them: exact n is low n, high n; at_least n is
low n, high empty; more_than n is low n+1; at_most n is high n; fewer_than n is high n-1; about n
and many have no bounds; a range has a low, a high and no value.

Passes::

    {"qualifier": "exact", "value": 30, "low": 30, "high": 30}
    {"qualifier": "more_than", "value": 30, "low": 31, "high": null}
    {"qualifier": "fewer_than", "value": 10, "low": null, "high": 9}
    {"qualifier": "range", "value": null, "low": 30, "high": 40}
    {"qualifier": "many", "value": null, "low": null, "high": null}
    {"qualifier": null, "value": null, "low": null, "high": null}

Fails::

    {"qualifier": "exact", "value": 30, "low": 30, "high": null}
    {"qualifier": "more_than", "value": 30, "low": 30, "high": null}
    {"qualifier": "about", "value": 30, "low": 30, "high": 30}
    {"qualifier": "about", "value": null, "low": null, "high": null}
    {"qualifier": "many", "value": 100, "low": null, "high": null}
    {"qualifier": "range", "value": null, "low": 30, "high": null}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("qualifier", "value", "low", "high")
FIELD = "qualifier"

# For each qualifier what is added to the value to give low and high; None where the bound is empty.
BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "exact": (0, 0),
    "at_least": (0, None),
    "more_than": (1, None),
    "at_most": (None, 0),
    "fewer_than": (None, -1),
    "about": (None, None),
}


def holds(frame: pd.DataFrame) -> pd.Series:
    value, low, high = frame["value"], frame["low"], frame["high"]
    right = frame["qualifier"].isna()
    right |= (frame["qualifier"] == "range") & value.isna() & low.notna() & high.notna()
    right |= (frame["qualifier"] == "many") & value.isna() & low.isna() & high.isna()
    for qualifier, (to_low, to_high) in BOUNDS.items():
        fits = (frame["qualifier"] == qualifier) & value.notna()
        for bound, add in ((low, to_low), (high, to_high)):
            fits &= bound.isna() if add is None else (bound == value + add).fillna(False)
        right |= fits
    return right


def explain(row: Row) -> Explanation:
    qualifier, value = row["qualifier"], row["value"]
    found = ", ".join(f"{name} {_shown(row[name])}" for name in ("value", "low", "high"))
    message = f"{qualifier} does not go with {found}"
    if qualifier == "range":
        return message, "a range has a low and a high, and no value"
    if qualifier == "many":
        return message, "leave value, low and high empty; keep the source's words in the note"
    if value is None:
        return message, f"{qualifier} needs a value: the number the source gives"
    bounds = (None if add is None else value + add for add in BOUNDS[qualifier])
    low, high = map(_shown, bounds)
    return message, f"write low {low}, high {high}"


def _shown(number: int | None) -> str:
    return "empty" if number is None else str(number)
