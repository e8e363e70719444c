"""The text of rules and descriptions in its parts: paragraphs, and blocks of sample rows."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A paragraph, on one line, or a block of lines to be shown as they are."""

    text: str
    is_block: bool


def parts(text: str) -> Iterator[Part]:
    """The paragraphs of a text and its indented blocks, as a rule's docstring has them."""
    for piece in re.split(r"\n\s*\n", text.strip()):
        if re.match(r"\s", piece):
            yield Part(textwrap.dedent(piece).strip(), True)
        elif piece:
            yield Part(" ".join(piece.split()).replace("::", ":"), False)


def spans(text: str) -> Iterator[tuple[str, bool]]:
    """A paragraph's pieces, and of each whether it stands between backticks, as code."""
    for number, piece in enumerate(text.split("`")):
        if piece:
            yield piece, bool(number % 2)
