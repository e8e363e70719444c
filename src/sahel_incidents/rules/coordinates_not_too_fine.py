"""A coordinate has at most six decimals.

Six decimals of a degree are a tenth of a metre. More come from a conversion, not from a source,
and claim a precision that no gazetteer and no witness has.

Passes::

    {"latitude": 14.79832, "longitude": -1.302596}
    {"latitude": 14.0, "longitude": 179.999999}
    {"latitude": null, "longitude": null}

Fails::

    {"latitude": 14.0994444444, "longitude": -1.62554}
    {"latitude": 14.1, "longitude": -1.6255412}
    {"latitude": null, "longitude": 2.85112001}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("places",)
NEEDS = ("latitude", "longitude")
FIELD = "latitude"

DECIMALS = 6


def holds(frame: pd.DataFrame) -> pd.Series:
    fine = [(frame[name] - frame[name].round(DECIMALS)).abs() > 1e-12 for name in NEEDS]
    return ~(fine[0].fillna(False) | fine[1].fillna(False))


def explain(row: Row) -> Explanation:
    given = {name: row[name] for name in NEEDS if row[name] is not None}
    rounded = {name: round(value, DECIMALS) for name, value in given.items()}
    fine = [name for name in given if given[name] != rounded[name]]
    message = " and ".join(f"{name} {given[name]}" for name in fine)
    remedy = ", ".join(f"{name} {rounded[name]}" for name in fine)
    return f"{message}: more than {DECIMALS} decimals", f"write {remedy}, or fewer decimals still"
