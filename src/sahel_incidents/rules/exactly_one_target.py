"""An alias names exactly one thing: an actor or a place.

An alias of nothing finds nothing; one of an actor and a place at once would lead a search astray.

Passes::

    {"alias": "GSIM", "actor_id": "jnim", "place_id": null}
    {"alias": "Tombouctou", "actor_id": null, "place_id": "mli-timbuktu"}

Fails::

    {"alias": "GSIM", "actor_id": null, "place_id": null}
    {"alias": "Tombouctou", "actor_id": "jnim", "place_id": "mli-timbuktu"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("aliases",)
NEEDS = ("alias", "actor_id", "place_id")
FIELD = "actor_id"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["actor_id"].notna() != frame["place_id"].notna()


def explain(row: Row) -> Explanation:
    alias, actor, place = (row[name] for name in NEEDS)
    if actor is None:
        return f"{alias} is an alias of nothing", "fill in actor_id or place_id"
    return f"{alias} is an alias of {actor} and of {place}", "empty actor_id or place_id"
