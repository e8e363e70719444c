"""A card written as YAML that reads as the same texts: short ones plain, long ones folded.

What other readers of YAML would take for a word with a meaning (`NO`, `null`) or could not show is
put in quotes. Numbers and dates stay bare, since people write them so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .nodes import Data

WIDTH = 96
"""Texts are folded so that a line has about so many characters."""

_PLAIN = re.compile(r"[^\W\d_][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*|[0-9][0-9.,+ to-]*|-[0-9.]+")
"""What may stand without quotes: a text begun by a letter, a number, a date, a range."""

_NOT_PLAIN = re.compile(r":(?:\s|\Z)|\s#|\A\s|\s\Z|[\ud800-\udfff\ufffe\uffff]")
_WORDS_WITH_A_MEANING = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
"""Texts that some version of YAML reads as something else."""

_FOLDABLE = re.compile(r"[^ \x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]+")


def write(data: Data, heading: str) -> str:
    """A card as text, which `read` reads as the same data.

    Args:
        data: names with texts, or with lists of mappings from names to texts.
        heading: a comment for the first line.
    """
    lines = [f"# {heading}"]
    for name, value in data.items():
        if isinstance(value, list):
            lines += ["", f"{name}:"]
            for item in value:
                lines += _item(item)
        else:
            lines += _entry(name, value, "")
    return "\n".join(lines) + "\n"


def _item(item: Data) -> Iterator[str]:
    indent = "  - "
    for name, value in item.items():
        yield from _entry(name, value, indent)
        indent = "    "


def _entry(name: str, text: str, indent: str) -> Iterator[str]:
    start = f"{indent}{name}:"
    long = len(start) + len(text) + 1 > WIDTH and " " in text
    if long and all(map(_FOLDABLE.fullmatch, text.split(" "))):
        yield f"{start} >-"
        yield from _folded(text, " " * (len(indent) + 2))
    elif (
        _PLAIN.fullmatch(text)
        and not _NOT_PLAIN.search(text)
        and text.lower() not in _WORDS_WITH_A_MEANING
    ):
        yield f"{start} {text}"
    else:
        yield f"{start} {_quoted(text)}"


def _folded(text: str, indent: str) -> Iterator[str]:
    line = indent
    for word in text.split(" "):
        if len(line) > len(indent) and len(line) + len(word) > WIDTH:
            yield line.rstrip(" ")
            line = indent
        line += f"{word} "
    yield line.rstrip(" ")


def _quoted(text: str) -> str:
    """A text in double quotes, with what cannot be seen or read escaped."""

    def escaped(character: str) -> str:
        if character in '"\\':
            return f"\\{character}"
        code = ord(character)
        if character.isprintable() or code in (0xA0, 0x202F):
            return character
        if code < 0x100:
            return f"\\x{code:02X}"
        return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"

    return '"' + "".join(map(escaped, text)) + '"'
