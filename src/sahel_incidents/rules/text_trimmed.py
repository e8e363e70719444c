r"""Text neither begins nor ends with a space.

Nobody sees the space, yet the name with it is another name to every program. No-break spaces and
the like count too.

Passes::

    {"text": "two security sources"}
    {"text": "« neutralisés »"}
    {"text": null}

Fails::

    {"text": " two security sources"}
    {"text": "two security sources "}
    {"text": "two security sources\u00a0"}
    {"text": "\u3000JNIM"}
    {"text": " "}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..cells import quoted
from ..problem import Severity
from ..text import matches, write
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES: tuple[str, ...] = ()
NEEDS = ("*",)


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~matches(frame["text"], r"\A\p{Zs}|\p{Zs}\z")


def explain(row: Row) -> Explanation:
    text = row["text"]
    ends = (text != text.lstrip(), "begins"), (text != text.rstrip(), "ends")
    where = " and ".join(end for found, end in ends if found)
    return f"{quoted(text)} {where} with a space", write(text.strip())
