"""A part of a figure is no larger than the whole and counts the same harm.

A breakdown by place, sex, age or kind of victim tells how a figure is made up. If the part alone
is larger than the whole can be, or counts another harm, it belongs to another figure. A composite
such as killed_or_wounded may be split by the source into its kinds of harm.

Passes::

    {"low": 5, "part_of.high": 30, "harm": "killed", "part_of.harm": "killed"}
    {"low": 5, "part_of.high": null, "harm": "killed", "part_of.harm": "killed"}
    {"low": null, "part_of.high": 30, "harm": "killed", "part_of.harm": "killed"}
    {"low": 5, "part_of.high": 30, "harm": "wounded", "part_of.harm": "killed_or_wounded"}
    {"low": 5, "part_of.high": null, "harm": "killed", "part_of.harm": null}

Fails::

    {"low": 31, "part_of.high": 30, "harm": "killed", "part_of.harm": "killed"}
    {"low": 5, "part_of.high": 30, "harm": "wounded", "part_of.harm": "killed"}
    {"low": null, "part_of.high": null, "harm": "abducted", "part_of.harm": "killed_or_wounded"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("casualties", "totals")
NEEDS = ("low", "part_of.high", "harm", "part_of.harm")
FIELD = "part_of"

COMPOSITES = {
    "killed_or_wounded": ("killed", "wounded"),
    "killed_missing_or_captured": ("killed", "missing", "captured"),
    "neutralised": ("killed", "wounded", "captured"),
}


def holds(frame: pd.DataFrame) -> pd.Series:
    right = frame["part_of.harm"].isna()
    parts = frame[~right]
    harm, whole = parts["harm"], parts["part_of.harm"]
    fits = harm == whole
    for composite, kinds in COMPOSITES.items():
        fits |= (whole == composite) & harm.isin(kinds)
    right[parts.index] = (fits & (parts["low"] <= parts["part_of.high"])).fillna(True)
    return right


def explain(row: Row) -> Explanation:
    low, high, harm, whole = (row[name] for name in NEEDS)
    if low is not None and high is not None and low > high:
        remedy = "check both figures; a figure that is no share of another has no part_of"
        return f"the part is at least {low}, the whole at most {high}", remedy
    return (
        f"a figure of {harm} is no part of a figure of {whole}",
        "name the whole that counts the same harm, or empty part_of",
    )
