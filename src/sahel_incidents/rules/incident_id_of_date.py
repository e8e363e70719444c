"""An incident's id begins with its country and its date, as far as the id gives one.

Ids are readable: MLI-2025-06-01-boulikessi is taken for Mali on 1 June 2025. Once published an id
stays as it is, even when the date is corrected, so this is only a warning.

Passes::

    {"incident_id": "MLI-2025-06-01-boulikessi", "country": "MLI", "date_start": "2025-06-01"}
    {"incident_id": "MLI-2025-05-soumpi", "country": "MLI", "date_start": "2025-05-25"}
    {"incident_id": "MLI-2025-soumpi", "country": "MLI", "date_start": "2025-05-25"}
    {"incident_id": "MLI-2025-06-01-boulikessi", "country": null, "date_start": null}
    {"incident_id": null, "country": "MLI", "date_start": "2025-06-01"}

Fails::

    {"incident_id": "MLI-2025-06-01-boulikessi", "country": "BFA", "date_start": "2025-06-01"}
    {"incident_id": "MLI-2025-06-01-boulikessi", "country": "MLI", "date_start": "2025-06-05"}
    {"incident_id": "MLI-2025-06-soumpi", "country": "MLI", "date_start": "2025-05-25"}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..problem import Severity
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("incidents",)
NEEDS = ("incident_id", "country", "date_start")
FIELD = "incident_id"

_PARTS = re.compile(r"^[A-Z]{3}-(?P<date>[0-9]{4}(?:-[0-9]{2}){0,2})-")


def holds(frame: pd.DataFrame) -> pd.Series:
    id = frame["incident_id"]
    date = frame["date_start"].astype(id.dtype)
    right = id.str.slice(len("MLI-"), len("MLI-2025-06-01")) == date
    # Most ids give the day. In the others the date is cut out, which takes longer.
    rest = id[~right.fillna(True)]
    given, date = rest.str.extract(_PARTS.pattern)["date"], date[rest.index]
    right[rest.index] = (given == date.str.slice(stop=7)) | (given == date.str.slice(stop=4))
    return right & (id.str.slice(stop=len("MLI")) == frame["country"])


def explain(row: Row) -> Explanation:
    id, country, date = (row[name] for name in NEEDS)
    parts = _PARTS.match(id)
    given = parts["date"] if parts else ""
    fitting = f"{country}-{str(date)[: len(given)]}-{_PARTS.sub('', id)}"
    return (
        f"the incident is of {date} in {country}, which its id does not say",
        f"mend date_start or country; or, if the id was never published, write {fitting}",
    )
