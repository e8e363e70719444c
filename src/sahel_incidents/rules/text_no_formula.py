r"""Text does not begin as a formula would.

A spreadsheet runs a cell that begins with = + - or @, also after spaces or in full width, as a
formula, when somebody opens the CSV file. That can change what they see, or send their data away
(OWASP: CSV injection). So such a cell is not published at all, rather than altered for some users.

Passes::

    {"text": "30 soldiers, +/- 5"}
    {"text": "– a dash"}
    {"text": null}

Fails::

    {"text": "=1+1"}
    {"text": "+223 20 22"}
    {"text": "-2.4"}
    {"text": "@fama_mali"}
    {"text": "  =1+1"}
    {"text": "\uff1d1+1"}
"""

from __future__ import annotations

import re
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

TRIGGERS = "=+@＝＋－＠-"


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~matches(frame["text"], rf"\A[\s\p{{Z}}]*[{TRIGGERS}]")


def explain(row: Row) -> Explanation:
    text = row["text"]
    rest = re.sub(rf"\A[\s{TRIGGERS}]+", "", text).rstrip()
    message = f"{quoted(text)} begins as a formula"
    if text.strip()[0] in "@＠" and rest:
        return message, f"put a word before it, such as: the account @{rest}"[:200]
    return message, write(rest)
