"""An alias is another spelling than the record's own name.

The name is searched as well as the aliases, so an alias equal to it finds nothing more, and would
have to be changed with it.

Passes::

    {"alias": "Boulkessi", "actor_id.name": null, "place_id.name": "Boulikessi"}
    {"alias": "GSIM", "actor_id.name": "JNIM", "place_id.name": null}
    {"alias": "GSIM", "actor_id.name": null, "place_id.name": null}
    {"alias": null, "actor_id.name": null, "place_id.name": null}

Fails::

    {"alias": "Boulikessi", "actor_id.name": null, "place_id.name": "Boulikessi"}
    {"alias": "Wamaps", "actor_id.name": "Wamaps", "place_id.name": null}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("aliases",)
NEEDS = ("alias", "actor_id.name", "place_id.name")
FIELD = "alias"


def holds(frame: pd.DataFrame) -> pd.Series:
    same = [(frame["alias"] == frame[name]).fillna(False) for name in NEEDS[1:]]
    return ~(same[0] | same[1])


def explain(row: Row) -> Explanation:
    return f"{row['alias']} is the name itself", "remove the row"
