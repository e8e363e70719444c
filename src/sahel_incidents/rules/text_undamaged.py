r"""Text has not been damaged by a wrong encoding.

A file in one encoding, read as another, turns an accent into two odd characters (mojibake) or into
the replacement character. The damaged name is another name, and at some point nobody can tell any
more what stood there. Looked for are the pairs that UTF-8 read as Windows-1252 makes of Latin and
Arabic letters and of typographic marks; no language writes them.

Passes::

    {"text": "Opération à Boulikessi"}
    {"text": "SÃO TOMÉ, Âge"}
    {"text": null}

Fails::

    {"text": "OpÃ©ration"}
    {"text": "lâ€™armÃ©e"}
    {"text": "Ø§Ù„Ø¥Ø³Ù„Ø§Ù…"}
    {"text": "Op\ufffdration"}
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

SECOND = "[\\x{A0}-\\x{BF}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"  # the bytes 80 to BF in Windows-1252
DAMAGED = rf"\x{{FFFD}}|[ÂÃ]{SECOND}|(?:[ØÙ]{SECOND}){{2}}|â€"


def holds(frame: pd.DataFrame) -> pd.Series:
    return ~matches(frame["text"], DAMAGED)


def explain(row: Row) -> Explanation:
    text = row["text"]
    message = f"{quoted(text)} was read in a wrong encoding"
    try:
        return message, write(text.encode("windows-1252").decode("utf-8"))
    except UnicodeError:
        return message, "copy it from its source again, and save the file as UTF-8"
