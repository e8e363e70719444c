r"""A word is written in one script, with plain letters.

Some letters of other alphabets look like Latin ones. "Mali" with a Cyrillic a looks right, but no
search finds it and it counts as another name. The same goes for full-width letters, for
mathematical and circled ones, and for ligatures copied from a PDF. Words of different scripts
beside each other are fine. (The idea of Unicode Technical Standard 39, section 5, word by word and
only for the scripts that hold Latin look-alikes.)

Passes::

    {"text": "Opération à Boulikessi"}
    {"text": "JNIM (جماعة نصرة الإسلام والمسلمين)"}
    {"text": "Вагнер, Wagner"}
    {"text": "Jamāʿat nuṣrat al-islām"}
    {"text": null}

Fails::

    {"text": "M\u0430li"}
    {"text": "JNI\u039c"}
    {"text": "\u0412\u0430\u0433\u043d\u0065\u0440"}
    {"text": "\uff2a\uff2e\uff29\uff2d"}
    {"text": "\ud835\udc13oll"}
    {"text": "con\ufb02it"}
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from ..cells import quoted
from ..problem import Severity
from ..text import matches, named, write
from . import Explanation, Row

if TYPE_CHECKING:
    import pandas as pd

SEVERITY = Severity.ERROR
TABLES: tuple[str, ...] = ()
NEEDS = ("*",)

OTHER = r"[\p{Cyrillic}\p{Greek}\p{Coptic}\p{Armenian}\p{Cherokee}\p{Lisu}\p{Tifinagh}\p{Nko}]"
BETWEEN = r"[\p{M}\p{Lm}]*"  # accents and modifier letters belong to every script
STYLED = r"０-９Ａ-Ｚａ-ｚ⒜-ⓩﬀ-ﬆ𝐀-𝟿"
MIXED = rf"\p{{Latin}}{BETWEEN}{OTHER}|{OTHER}{BETWEEN}\p{{Latin}}|[{STYLED}]"

CYRILLIC = "асԁеһіјӏорԛѕԝхуАВСЕНІЈКМОРԚЅТԜХУ"
GREEK = "αινορυΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"
LIKE_CYRILLIC = "acdehijlopqswxyABCEHIJKMOPQSTWXY"
LIKE_GREEK = "aivopuABEHIKMNOPTXYZ"
TO_LATIN = str.maketrans(CYRILLIC + GREEK, LIKE_CYRILLIC + LIKE_GREEK)
FROM_LATIN = (str.maketrans(LIKE_CYRILLIC, CYRILLIC), str.maketrans(LIKE_GREEK, GREEK))


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~matches(frame["text"], MIXED)


def explain(row: Row) -> Explanation:
    text = row["text"]
    plain = re.sub(f"[{STYLED}]", lambda match: unicodedata.normalize("NFKC", match.group()), text)
    mended = re.sub(r"[^\W\d_]+", lambda match: _mended(match.group()), plain)
    odd = sorted({c for c in text if c not in mended and c.isalnum()})
    if odd:
        return f"{quoted(text)} holds {', '.join(map(named, odd[:3]))}", write(mended)
    return f"{quoted(text)} mixes scripts in a word", "write the word in one script"


def _mended(word: str) -> str:
    """The word in one script, where only look-alikes stand in the way; else as it is."""
    candidates = (word, *(word.translate(table) for table in (TO_LATIN, *FROM_LATIN)))
    return next((c for c in candidates if len(set(map(_script, c))) == 1), word)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
