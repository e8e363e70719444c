"""A source has an address, or says where else it can be found.

What cannot be found again cannot be checked. A document that was read has its web address or an
archived copy; one known only from another document names that in `cited_in`. For one that is on
paper only, the note says so in the words "not on the web", and where it is kept.

Passes::

    {"url": "https://www.trtworld.com/article/a563a34cf7a0",
     "archive_url": null, "cited_in": null, "note": null}
    {"url": null, "archive_url": "https://archive.ph/a1b2c", "cited_in": null, "note": null}
    {"url": null, "archive_url": null, "cited_in": "zoneyetu-undated", "note": null}
    {"url": null, "archive_url": null, "cited_in": null,
     "note": "Not on the web; read on paper at the national library."}

Fails::

    {"url": null, "archive_url": null, "cited_in": null, "note": null}
    {"url": null, "archive_url": null, "cited_in": null, "note": "Carries the text of Reuters."}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from ..text import matches
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("sources",)
NEEDS = ("url", "archive_url", "cited_in", "note")
FIELD = "url"


def holds(frame: pd.DataFrame) -> pd.Series:
    addressed = frame["url"].notna() | frame["archive_url"].notna() | frame["cited_in"].notna()
    explained = matches(frame["note"].mask(addressed), "(?i)not on the web").fillna(False)
    return addressed | explained


def explain(row: Row) -> Explanation:
    return (
        "nothing says where this document can be found",
        "fill url; or cited_in, if it was only seen quoted; or write in the note: "
        "Not on the web; and where it is kept",
    )
