r"""Text is in Unicode's normal form NFC.

The same letter can be written as one character or as a letter and a loose accent. Both look alike,
but no program takes one for the other: a search for a name finds half of its records.

Passes::

    {"text": "Opération à Boulikessi"}
    {"text": "جماعة نصرة الإسلام"}
    {"text": null}

Fails::

    {"text": "Ope\u0301ration"}
    {"text": "5 \u212a"}
    {"text": "a\u0323\u0307 and a\u0307\u0323"}
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

from ..problem import Severity
from ..text import matches, named, write
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES: tuple[str, ...] = ()
NEEDS = ("*",)

# Every text in another form holds a character from U+0300 on; the punctuation and currency signs
# among those are in order, and common.
SUSPECT = r"[^\x00-\x{2FF}\x{2010}-\x{2027}\x{2030}-\x{20CF}]"


def holds(frame: pd.DataFrame) -> pd.Series:
    text = frame["text"]
    right = np.ones(len(text), dtype=bool)
    rows = np.flatnonzero(matches(text, SUSPECT).fillna(False))
    right[rows] = [unicodedata.is_normalized("NFC", cell) for cell in text.iloc[rows]]
    return frame.assign(right=right)["right"]


def explain(row: Row) -> Explanation:
    text = row["text"]
    mended = unicodedata.normalize("NFC", text)
    first = next(a for a, b in zip(text, mended + "\0", strict=False) if a != b)
    loose = sorted({c for c in text if unicodedata.combining(c)}) or [first]
    return f"is not in the form NFC: {', '.join(map(named, loose[:3]))}", write(mended)
