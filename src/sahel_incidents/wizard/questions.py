"""Questions, and how answers to them are read: cleaned, chosen from a list, held against a field.

Nothing here knows a terminal. An answer that is not understood raises `UnclearError` with what to
answer instead, before anything is made of it.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import pyarrow as pa

from .. import clock
from ..cards import phrases
from ..cards.ids import CLOSE
from ..cells import judge
from ..package import Field
from ..problem import UnclearError
from ..rules.text_no_formula import TRIGGERS
from ..text import INVISIBLE_HERE, named
from . import dates
from .lookup import folded

T = TypeVar("T")

NONE = ""
"""The value of an empty answer to a question that may be left open."""

LEAVE_OPEN = "-"
"""The answer that leaves a question open although something is offered for it."""

_QUOTES = str.maketrans("“”„‟‘’‚‛", "\"\"\"\"''''")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was understood.

    Attributes:
        value: what is made of it.
        told: what the one who answered should know about that; often nothing.
    """

    value: Any
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that a question offers."""

    value: str
    label: str
    description: str = ""


Read = Callable[[str], Reply]
"""Reads a clean, filled answer; raises UnclearError."""

Complete = Callable[[str], Iterable[tuple[str, str]]]
"""Texts that may complete what was typed, each with a word on what it is."""


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        text: the question itself, in a line.
        read: how its answer is read.
        explanation: what helps to answer it.
        choices: the answers it offers; shown as a numbered list.
        complete: completions of what was typed.
        default: the answer that an empty one stands for.
        optional: whether it may be left open; the answer then is `NONE`.
        heading: what the questions from here on are about; empty where that has not changed.
    """

    text: str
    read: Read
    explanation: str = ""
    choices: tuple[Choice, ...] = ()
    complete: Complete | None = None
    default: str = ""
    optional: bool = False
    heading: str = field(default="", compare=False)

    def answered(self, text: str) -> Reply:
        """What an answer means.

        Raises:
            UnclearError: it is not understood.
        """
        clean, told = cleaned(text)
        if self.optional and (clean == LEAVE_OPEN or not (clean or self.default)):
            return Reply(NONE)
        if not clean and not self.default:
            raise UnclearError("an answer is needed here", "back goes back, save keeps a draft")
        reply = self.read(clean or self.default)
        return Reply(reply.value, (*told, *reply.told))


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """A text as it was meant to be typed, and what was changed of it.

    Line breaks and special spaces become plain spaces, characters that cannot be seen go, and the
    curved quotation marks of word processors become straight ones.
    """
    told = []
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"\s+", " ", _SPACES.sub(" ", text))
    if unseen := sorted(set(INVISIBLE_HERE.findall(text))):
        told.append(f"took out what cannot be seen: {', '.join(map(named, unseen))}")
        text = INVISIBLE_HERE.sub("", text)
    if (straight := text.translate(_QUOTES)) != text:
        told.append("wrote straight quotation marks for the curved ones")
        text = straight
    return text.strip(" "), tuple(told)


def choosing(choices: Sequence[Choice]) -> Read:
    """Reads one of some choices: its number, value, label, or the beginning of either."""

    def read(text: str) -> Reply:
        if text.isdecimal() and text.isascii():
            if 1 <= int(text) <= len(choices):
                return Reply(choices[int(text) - 1].value)
            raise UnclearError(f"there is no number {text}", f"answer 1 to {len(choices)}")
        wanted = folded(text)
        spelt = {c.value: (folded(c.value), folded(c.label)) for c in choices}
        fits = [value for value, names in spelt.items() if wanted in names] or [
            value
            for value, names in spelt.items()
            if wanted and any(name.startswith(wanted) for name in names)
        ]
        if len(fits) == 1:
            return Reply(fits[0])
        if fits:
            labels = " or ".join(c.label for c in choices if c.value in fits)
            raise UnclearError(f'"{text}" could be {labels}', "write more of it, or its number")
        known = {folded(c.label): c.label for c in choices}
        near = difflib.get_close_matches(wanted, known, 1, CLOSE)
        remedy = f"did you mean {known[near[0]]}?" if near else "answer a number of the list"
        raise UnclearError(f'"{text}" is none of the answers', remedy)

    return read


def vocabulary(field: Field, *leave_out: str) -> tuple[Choice, ...]:
    """The choices that a field's schema gives, in its order."""
    return tuple(
        Choice(category.value, category.label, category.description)
        for category in field.categories
        if category.value not in leave_out
    )


def text_of(field: Field) -> Read:
    """Reads a text that a field allows."""

    def read(text: str) -> Reply:
        if text[0] in TRIGGERS and field.type == "string":
            raise UnclearError(
                f'a text that begins with "{text[0]}" is run as a formula by spreadsheets',
                "begin with a word",
            )
        for fault in judge(field, pa.chunked_array([[text]], pa.string()), ("",)):
            message, remedy = fault.explain(text)
            raise UnclearError(message, remedy or "write it otherwise")
        return Reply(text)

    return read


def number_phrase(text: str) -> Reply:
    """Reads a figure's phrase, and tells how it was understood."""
    figure = phrases.parse(text)
    bounds = (figure.low, figure.high)
    if figure.qualifier == "exact":
        told = f"exactly {figure.value:,}"
    elif None not in bounds:
        told = f"{figure.low:,} to {figure.high:,}"
    elif figure.low is not None:
        told = f"{figure.low:,} or more"
    elif figure.qualifier == "about":
        told = f"about {figure.value:,}"
    else:
        told = "a number that is not stated"
    return Reply(text, (f"understood as {told}",))


def span(text: str) -> Reply:
    """Reads the days of something that has happened, and tells how they were understood."""
    found = dates.parse(text)
    _past(found.first)
    return Reply(found, (f"understood as {dates.shown(found)}",))


def day(text: str) -> Reply:
    """Reads one day that has come, as the text of a date cell; tells how it was understood."""
    found = dates.day(text)
    _past(found)
    return Reply(found.isoformat(), (f"understood as {dates.written(found)}",))


def _past(day: date) -> None:
    if day > clock.latest_day():
        raise UnclearError(
            f"{dates.written(day)} is in the future",
            "check the year, and the order of day and month",
        )
