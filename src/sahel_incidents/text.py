"""Characters: finding those that no text should hold, and naming them to a person.

Imports nothing of ours. Patterns are RE2's, as Arrow's kernels run them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd

_INVISIBLE = (
    (0x0000, 0x0009),  # control characters but LF and CR: line breaks are judged with the bytes
    (0x000B, 0x000C),
    (0x000E, 0x001F),
    (0x007F, 0x009F),
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),
    (0x061C, 0x061C),  # from here on also the marks that turn the direction of writing
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),  # a Braille pattern without dots
    (0x3164, 0x3164),
    (0xE000, 0xF8FF),  # private use: shown as whatever the reader's font has there
    (0xFDD0, 0xFDEF),  # noncharacters
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xFFFE, 0xFFFF),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),  # tags and further variation selectors
    (0xF0000, 0x10FFFF),  # private use
)
# First and last code point of each run of characters that leave no certain mark on the page:
# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt of Unicode 16), and with it the
# control, separator, annotation and private-use characters and the noncharacters.

INVISIBLE = "[" + "".join(rf"\x{{{a:X}}}-\x{{{b:X}}}" for a, b in _INVISIBLE) + "]"
"""An RE2 class of the characters a reader cannot see, or cannot know."""

INVISIBLE_HERE = re.compile("[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in _INVISIBLE) + "]")
"""The same class for Python's `re`."""

_NAMELESS = {"Cc": "control character", "Co": "private-use character", "Cn": "noncharacter"}
_SHOWN = 1000
"""A mended cell is shown in full up to this many characters, as many as a note may have."""


def matches(texts: pd.Series, pattern: str) -> pd.Series:
    """Where a column of text matches a pattern anywhere; unknown where a cell is empty.

    Args:
        texts: Arrow-backed text, one cell per row.
        pattern: an RE2 pattern.

    Returns:
        Arrow-backed true or false with the index of `texts`.
    """
    import pandas as pd

    found = pc.match_substring_regex(pa.array(texts), pattern)
    return pd.Series(pd.arrays.ArrowExtensionArray(found), index=texts.index)


def folded(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Names without case, accents, spaces and punctuation: what two spellings may share.

    "Al-Qaïda" and "al qaida" become one. Letters of every script are kept.
    """
    apart = pc.utf8_normalize(texts, form="NFKD")
    return pc.utf8_lower(pc.replace_substring_regex(apart, r"[^\p{L}\p{N}]+", ""))


def named(character: str) -> str:
    """A character as a person can look it up: its code point and its Unicode name or sort."""
    sort = _NAMELESS.get(unicodedata.category(character), "")
    return f"U+{ord(character):04X} {unicodedata.name(character, sort)}".rstrip()


def write(mended: str) -> str:
    """The suggestion to write a mended cell instead, on one line; very long ones are not shown."""
    mended = re.sub(r"[\r\n]+", " ", mended)
    if not mended:
        return "leave the cell empty, or fill it"
    if len(mended) > _SHOWN:
        return f"mend it; the cell then has {len(mended):,} characters"
    return f"write: {mended}"
