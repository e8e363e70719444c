"""The address of an archived copy is well formed, public and not the document's own.

The copy is there for the day on which the document's own page is gone. See the rule
url-well-formed for the form.

Passes::

    {"archive_url": "https://archive.ph/2025/http://example.org/a", "url": "http://example.org/a"}
    {"archive_url": "https://archive.ph/a1b2c", "url": null}
    {"archive_url": null, "url": "https://example.org/a"}
    {"archive_url": null, "url": null}

Fails::

    {"archive_url": "https://example.org/a", "url": "https://example.org/a"}
    {"archive_url": "https://web.archive.org/web/2025/https://example.org/a b", "url": null}
    {"archive_url": "http://127.0.0.1:8000/copy", "url": null}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cells import quoted
from ..problem import Severity
from ..text import matches
from ..urls import WELL_FORMED, fault
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("sources",)
NEEDS = ("archive_url", "url")
FIELD = "archive_url"


def holds(frame: pd.DataFrame) -> pd.Series:
    another = (frame["archive_url"] != frame["url"]).fillna(True)
    return matches(frame["archive_url"], WELL_FORMED) & another


def explain(row: Row) -> Explanation:
    archived = row["archive_url"]
    if archived == row["url"]:
        return f"{quoted(archived)} is the address of the document itself", "leave it empty"
    remedy = "copy the address from the browser, or correct it"
    return f"{quoted(archived)} {fault(archived)}", remedy
