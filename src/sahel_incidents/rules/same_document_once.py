"""A document is entered once.

Two entries of one page make one origin look like two. Addresses are compared without what does not
change the page: scheme, `www.`, the host's case, a default port, tracking parameters, a fragment,
slashes at the end (see `sahel_incidents.urls.compared`).

Passes::

    {"url": "https://www.trtworld.com/article/a563a34cf7a0", "first": null}
    {"url": null, "first": null}

Fails::

    {"url": "http://trtworld.com/article/a563a34cf7a0/?utm_source=x", "first": "trt-2025-06-02"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cells import quoted
from ..facts import FirstOf
from ..problem import Severity
from ..urls import compared
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES = ("sources",)
NEEDS = ("url",)
FACTS = {"first": FirstOf(("url",), normalised=compared)}
FIELD = "url"


def holds(frame: pd.DataFrame) -> pd.Series:
    return frame["first"].isna()


def explain(row: Row) -> Explanation:
    first = row["first"]
    return (
        f"{quoted(row['url'])} is already the source {first}",
        f"refer to {first} and remove this one, or correct the address",
    )
