r"""A web address is well formed and public.

A link that cannot be opened, or that leads to somebody's own machine, is no source. So: http or
https, a host with a dot and no number in place of a name, no user or password, no spaces, control
characters, quotes or brackets of another kind than ( ) [ ].

Passes::

    {"url": "https://www.trtworld.com/article/a563a34cf7a0"}
    {"url": "http://news.abamako.com:8080/h/300565.html?x=[1]&y=%C3%A9#top"}
    {"url": "https://fr.wikipedia.org/wiki/Opération_Barkhane_(2014)"}
    {"url": null}

Fails::

    {"url": "https://localhost/a"}
    {"url": "http://192.168.0.1/a"}
    {"url": "http://[::1]/a"}
    {"url": "https://user:secret@example.org/"}
    {"url": "https://example.org@evil.net/"}
    {"url": "https://example.org/a b"}
    {"url": "https://example.org/a\u00a0b"}
    {"url": "https://example.org/\">"}
    {"url": "https://example.org/100%"}
    {"url": "https:///a"}
    {"url": "https://example..org/"}
    {"url": "javascript:alert(1)"}
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
NEEDS = ("url",)
FIELD = "url"


def holds(frame: pd.DataFrame) -> pd.Series:
    return matches(frame["url"], WELL_FORMED)


def explain(row: Row) -> Explanation:
    remedy = "copy the address from the browser, or correct it"
    return f"{quoted(row['url'])} {fault(row['url'])}", remedy
