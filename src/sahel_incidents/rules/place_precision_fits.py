"""How an incident lies to its place fits the kind of place.

"At the place" and "near the place" mean something only for a town or a site: a region or a country
cannot be the spot. Where only a region or the country is known, the place is that region or
country, not its chief town.

Passes::

    {"place_precision": "near", "place_id.kind": "military_site"}
    {"place_precision": "admin1", "place_id.kind": "informal_region"}
    {"place_precision": "country", "place_id.kind": "country"}
    {"place_precision": "exact", "place_id.kind": null}
    {"place_precision": null, "place_id.kind": "country"}

Fails::

    {"place_precision": "exact", "place_id.kind": "admin1"}
    {"place_precision": "near", "place_id.kind": "country"}
    {"place_precision": "admin1", "place_id.kind": "settlement"}
    {"place_precision": "country", "place_id.kind": "settlement"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("incidents",)
NEEDS = ("place_precision", "place_id.kind")
FIELD = "place_precision"

SPOTS = ("settlement", "military_site", "site")
AREAS = ("admin1", "informal_region")
WHOLE = ("country",)
UNFIT = {
    "exact": AREAS + WHOLE,
    "near": AREAS + WHOLE,
    "admin1": SPOTS + WHOLE,
    "country": SPOTS + AREAS,
}
"""For each precision the kinds of place that it cannot be said of."""


def holds(frame: pd.DataFrame) -> pd.Series:
    unfit = [
        (frame["place_precision"] == precision) & frame["place_id.kind"].isin(kinds)
        for precision, kinds in UNFIT.items()
    ]
    return ~(unfit[0] | unfit[1] | unfit[2] | unfit[3])


def explain(row: Row) -> Explanation:
    precision, kind = row["place_precision"], row["place_id.kind"]
    fitting = " or ".join(name for name, kinds in UNFIT.items() if kind not in kinds)
    message = f"{precision} cannot be said of a place of kind {kind}"
    return message, f"write {fitting}, or refer to a place of another kind"
