r"""Text holds no invisible characters.

Zero-width characters, soft hyphens, marks that turn the direction of writing, tabs and other
control characters come along when text is copied from a page. Nobody sees them, yet the word is
another word for every search and comparison, and some make a text read otherwise than it is.
Joiners and variation selectors are refused too, where a script or a picture would use them: a word
stays readable without them. So are private-use characters, which each font shows as it likes.

Passes::

    {"text": "Opération à Boulikessi – « neutralisés »"}
    {"text": "جماعة نصرة الإسلام والمسلمين"}
    {"text": null}

Fails::

    {"text": "Bouli\u200bkessi"}
    {"text": "Bouli\u00adkessi"}
    {"text": "\ufeffBoulikessi"}
    {"text": "\u202eisseki"}
    {"text": "killed\t30"}
    {"text": "a\u2028b"}
    {"text": "\u2764\ufe0f"}
    {"text": "\uf8ff"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problem import Severity
from ..text import INVISIBLE, INVISIBLE_HERE, matches, named, write
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES: tuple[str, ...] = ()
NEEDS = ("*",)


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~matches(frame["text"], INVISIBLE)


def explain(row: Row) -> Explanation:
    text = row["text"]
    found: dict[str, int] = {}
    for match in INVISIBLE_HERE.finditer(text):
        found.setdefault(match.group(), match.start() + 1)
    shown = [f"{named(character)} at character {at}" for character, at in found.items()]
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    mended = INVISIBLE_HERE.sub(lambda match: " " if match.group().isspace() else "", text)
    return f"holds {', '.join(shown[:3])}{more}", write(mended.strip())
