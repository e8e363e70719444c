"""An actor is entered once.

Two entries under one name, differing at most in case, accents and punctuation, split an actor's
record in two. Actors that do share a name are told apart in it.

Passes::

    {"name": "Wagner Group", "first": null}
    {"name": null, "first": null}

Fails::

    {"name": "wagner-group", "first": "wagner"}
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
TABLES = ("actors",)
NEEDS = ("name",)
FACTS = {"first": FirstOf(("name",), normalised=folded)}
FIELD = "name"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["first"].isna()


def explain(row: Row) -> Explanation:
    remedy = "merge the two, or say in the name which is meant: Name (country)"
    return f"{quoted(row['name'])} is already the actor {row['first']}", remedy
