"""A web address has no tracking parameters.

They tell a site who shared a link and where, and nothing of the document. They identify the
person who submitted it, and make one page look like several.

Passes::

    {"url": "https://www.trtworld.com/article/a563a34cf7a0"}
    {"url": "https://zoneyetu.com/?p=28193&utmost=1"}
    {"url": null}

Fails::

    {"url": "https://example.org/a?utm_source=x&utm_medium=social"}
    {"url": "https://example.org/a?id=3&fbclid=IwAR0"}
    {"url": "https://example.org/a#xtor=RSS-3208"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cells import quoted
from ..problem import Severity
from ..text import matches
from ..urls import TRACKED, untracked
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.WARNING
TABLES = ("sources",)
NEEDS = ("url",)
FIELD = "url"


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~matches(frame["url"], TRACKED)


def explain(row: Row) -> Explanation:
    return f"{quoted(row['url'])} has tracking parameters", f"write {untracked(row['url'])}"
