"""A first-level division is listed in ISO 3166-2 and belongs to the record's country.

Counts by region rest on this code. One that does not exist, or lies in another country, drops the
record from its region and puts it into another.

Passes::

    {"country": "MLI", "admin1": "ML-5"}
    {"country": "MLI", "admin1": null}
    {"country": null, "admin1": "BF-12"}
    {"country": null, "admin1": null}

Fails::

    {"country": "BFA", "admin1": "ML-5"}
    {"country": "MLI", "admin1": "ML-99"}
    {"country": "MLI", "admin1": "MO-5"}
    {"country": null, "admin1": "XX-1"}
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from .. import geography
from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("places", "incidents")
NEEDS = ("country", "admin1")
FIELD = "admin1"


def holds(frame: pd.DataFrame) -> pd.Series:
    country_of = geography.admin1_codes()
    listed = [f"{own} {code}" for code, own in country_of.items()]
    named = frame["country"].fillna("") + " " + frame["admin1"]
    return named.isna() | named.isin([*listed, *(f" {code}" for code in country_of)])


def explain(row: Row) -> Explanation:
    country, admin1 = row["country"], row["admin1"]
    names, country_of = geography.admin1_names(), geography.admin1_codes()
    if admin1 in country_of:
        other = country_of[admin1]
        return (
            f"{admin1} is {names[admin1]} in {other}, not in {country}",
            f"write country {other}, or a division of {country}",
        )
    here = [code for code in names if country in (None, country_of[code])]
    near = difflib.get_close_matches(admin1, here, 3, 0.6)
    choice = ", ".join(f"{code} ({names[code]})" for code in near)
    remedy = f"did you mean {choice}?" if near else "leave it empty where the list has no code"
    return f"{admin1} is not in ISO 3166-2", remedy
