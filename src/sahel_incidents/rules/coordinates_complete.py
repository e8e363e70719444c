"""A place has a latitude, a longitude, their precision and their source, or none of the four.

Half a point is no point. A point without its precision would be drawn as if it were exact, and
one without its source cannot be checked or licensed.

Passes::

    {"latitude": 14.1, "longitude": -1.6,
     "coordinate_precision": "settlement", "coordinate_source_id": "ucdp-ged-undated"}
    {"latitude": null, "longitude": null,
     "coordinate_precision": null, "coordinate_source_id": null}

Fails::

    {"latitude": 14.1, "longitude": null,
     "coordinate_precision": "settlement", "coordinate_source_id": "ucdp-ged-undated"}
    {"latitude": 14.1, "longitude": -1.6,
     "coordinate_precision": null, "coordinate_source_id": "ucdp-ged-undated"}
    {"latitude": 14.1, "longitude": -1.6,
     "coordinate_precision": "settlement", "coordinate_source_id": null}
    {"latitude": null, "longitude": null,
     "coordinate_precision": "settlement", "coordinate_source_id": null}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("places",)
NEEDS = ("latitude", "longitude", "coordinate_precision", "coordinate_source_id")
FIELD = "latitude"


def holds(frame: pd.DataFrame) -> pd.Series:
    empty = frame[list(NEEDS)].isna()
    return empty.all(axis=1) | ~empty.any(axis=1)


def explain(row: Row) -> Explanation:
    missing = [name for name in NEEDS if row[name] is None]
    given = [name for name in NEEDS if row[name] is not None]
    message = f"{', '.join(given)} given without {', '.join(missing)}"
    return message, f"fill {', '.join(missing)}, or leave all four empty"
