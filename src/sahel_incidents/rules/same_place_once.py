"""A place is entered once.

Two entries of one kind under one name in one division, differing at most in case, accents and
punctuation, split a place's incidents in two. Villages do share names, also within a division:
then the names say which is meant.

Passes::

    {"name": "Boulikessi", "first": null}
    {"name": null, "first": null}

Fails::

    {"name": "BOULIKESSI", "first": "mli-boulikessi"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cells import quoted
from ..facts import FirstOf
from ..problem import Severity
from ..text import folded
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("places",)
NEEDS = ("name",)
FACTS = {"first": FirstOf(("name", "kind", "country", "admin1"), normalised=folded)}
FIELD = "name"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["first"].isna()


def explain(row: Row) -> Explanation:
    remedy = "merge the two, or say in the name which is meant: Name (commune)"
    return f"{quoted(row['name'])} is already the place {row['first']}", remedy
