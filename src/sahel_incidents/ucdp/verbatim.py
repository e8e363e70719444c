r"""Text of another dataset kept as it is, in cells that the rules on text accept.

What the rules refuse (a space at an end, a line break, damage by a wrong encoding) is not ours to
mend where UCDP's own cell is kept. Such a text is written as a JSON string in ASCII: in quotes,
with the characters in question as `\\u00e9` and the like. Every text that begins with a quote is.
"""

from __future__ import annotations

import json
from collections.abc import Container

import pyarrow as pa

_QUOTE = '"'


def escaped(text: str, refused: Container[str]) -> str:
    """The text as a cell.

    Args:
        text: any text; the empty one is a value, too.
        refused: the texts that no cell may hold as they are.
    """
    if not text or text.startswith(_QUOTE) or text in refused:
        return json.dumps(text)
    return text


def unescaped(cells: pa.Array) -> pa.Array:
    """The texts of some cells; null where a cell is empty."""
    return pa.array(
        (
            json.loads(cell) if cell and cell.startswith(_QUOTE) else cell
            for cell in cells.to_pylist()
        ),
        pa.string(),
    )
