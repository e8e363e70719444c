"""Dates as people write them: "1 June 2025", "1er juin 2025", "30 May to 1 June 2025", "2025-06".

English and French are understood. What could be read in two ways ("1/6/25") or leaves something out
("early June") is refused, with what to write instead: a wrong guess would move the incident.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from ..problem import UnclearError

EXAMPLES = "1 June 2025, 1er juin 2025, 2025-06-01, 30 May to 1 June 2025, June 2025"
"""Dates to learn from."""

MAX_LENGTH = 80
"""The longest date read; longer ones are sentences."""

_MONTHS = (
    "january|jan|janvier|janv",
    "february|feb|fevrier|fevr|fev",
    "march|mar|mars",
    "april|apr|avril|avr",
    "may|mai",
    "june|jun|juin",
    "july|jul|juillet|juil",
    "august|aug|aout",
    "september|sept|sep|septembre",
    "october|oct|octobre",
    "november|nov|novembre",
    "december|dec|decembre",
)
_WEEKDAYS = (
    "monday|mon|lundi",
    "tuesday|tue|mardi",
    "wednesday|wed|mercredi",
    "thursday|thu|jeudi",
    "friday|fri|vendredi",
    "saturday|sat|samedi",
    "sunday|sun|dimanche",
)
_NUMBER = {word: n for n, words in enumerate(_MONTHS, 1) for word in words.split("|")}
_WEEKDAY = {word: n for n, words in enumerate(_WEEKDAYS) for word in words.split("|")}

_W = rf"(?:(?:le )?({'|'.join(_WEEKDAY)})\.?,? )?"  # a day of the week
_D = r"(?:the |le )?([0-9]{1,2})(?:st|nd|rd|th|er|e)?"
_M = rf"({'|'.join(sorted(_NUMBER, key=len, reverse=True))})\.?"
_Y = r"([0-9]{4})"
_ISO = r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
_SINGLE = rf"{_W}{_D} (?:of )?{_M},? (?:de )?{_Y}"
_AMERICAN = rf"{_W}{_M} {_D},? {_Y}"
_TO = r" ?(?: to | and | until | till | through | au | et | a |-) ?"
_FROM = r"(?:from |between |du |entre |de )?"
_SLASHED = r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{2}|[0-9]{4})"

_RELATIVE = re.compile(
    r"\b(?:today|yesterday|tomorrow|last|this|next|ago|hier|aujourd'hui|avant-hier|dernier|derniere"
    r"|il y a|recently|recemment)\b"
)
_PART = re.compile(r"\b(?:early|mid|middle|late|end|beginning|start|debut|mi|milieu|fin|courant)\b")
_ABOUT = re.compile(r"\b(?:about|around|circa|ca|vers|environ|approximately|autour|towards)\b")


@dataclass(frozen=True, slots=True)
class Span:
    """The days a date names.

    Attributes:
        first: the first day.
        last: the last day; the first again where one day is named.
        precision: day, month or year: what was named. Days may be known and be several.
    """

    first: date
    last: date
    precision: str


class DateError(UnclearError):
    """A date is not understood, or could mean two days."""


def parse(text: str) -> Span:
    """Read a date, a month, a year, or a span of any of them.

    Raises:
        DateError: it is not understood, or could mean two things.
    """
    text = " ".join(text.split())
    if len(text) > MAX_LENGTH:
        raise DateError("that is too long for a date", f"write it as in: {EXAMPLES}")
    words = _normalised(text)
    span = _one(words) or _several(words)
    if span is None:
        raise _refusal(text, words)
    if span.first > span.last:
        raise DateError(f"the span ends on {written(span.last)}, before it begins", "turn it round")
    return span


def day(text: str) -> date:
    """Read a date that is one day, such as that of a publication.

    Raises:
        DateError: it is not understood, or is not one day.
    """
    span = parse(text)
    if span.precision != "day" or span.first != span.last:
        raise DateError(f'"{text}" is not one day', "write the day, or nothing if it is not known")
    return span.first


def written(day: date) -> str:
    """A day as text: "1 June 2025"."""
    return f"{day.day} {_name(day.month)} {day.year}"


def shown(span: Span) -> str:
    """A span as text that `parse` reads as the same."""
    first, last = span.first, span.last
    if span.precision == "year":
        return f"{first.year}" if first.year == last.year else f"{first.year} to {last.year}"
    if span.precision == "month":
        start, end = (f"{_name(d.month)} {d.year}" for d in (first, last))
        return start if start == end else f"{start} to {end}"
    return written(first) if first == last else f"{written(first)} to {written(last)}"


def _name(month: int) -> str:
    return _MONTHS[month - 1].split("|")[0].capitalize()


def _normalised(text: str) -> str:
    """Lower case, without accents, with plain spaces, hyphens and apostrophes."""
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in letters if not unicodedata.combining(c)).lower()
    bare = re.sub("[\u2010-\u2015\u2212]", "-", bare).replace("\u2019", "'")
    return " ".join(bare.split()).strip(" .")


def _one(words: str) -> Span | None:
    """A single day, month or year."""
    if found := re.fullmatch(_ISO, words):
        return _days(found[1], found[2], found[3])
    if found := re.fullmatch(_SINGLE, words):
        return _days(found[4], found[3], found[2], found[1])
    if found := re.fullmatch(_AMERICAN, words):
        return _days(found[4], found[2], found[3], found[1])
    if found := re.fullmatch(rf"{_M},? (?:of |de )?{_Y}", words):
        return _month(found[2], found[1])
    if found := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})", words):
        return _month(found[1], found[2])
    if found := re.fullmatch(_Y, words):
        return Span(_date(found[1], "1", "1"), _date(found[1], "12", "31"), "year")
    if found := re.fullmatch(_SLASHED, words):
        return _slashed(found)
    return None


def _several(words: str) -> Span | None:
    """A span of days, months or years; the month and year may be given at its end only."""
    if found := re.fullmatch(rf"{_FROM}{_W}{_D}{_TO}{_W}{_D} {_M},? {_Y}", words):
        first = _days(found[6], found[5], found[2], found[1])
        return Span(first.first, _days(found[6], found[5], found[4], found[3]).last, "day")
    if found := re.fullmatch(rf"{_FROM}{_M} {_D}{_TO}{_D},? {_Y}", words):
        first = _days(found[4], found[1], found[2])
        return Span(first.first, _days(found[4], found[1], found[3]).last, "day")
    if found := re.fullmatch(rf"{_FROM}{_W}{_D} {_M}{_TO}{_W}{_D} {_M},? {_Y}", words):
        first = _days(found[7], found[3], found[2], found[1])
        return Span(first.first, _days(found[7], found[6], found[5], found[4]).last, "day")
    if found := re.fullmatch(rf"{_FROM}{_M}{_TO}{_M},? {_Y}", words):
        return Span(_month(found[3], found[1]).first, _month(found[3], found[2]).last, "month")
    for cut in re.finditer(_TO, words):
        before, after = (
            _one(re.sub(f"^{_FROM}", "", words[: cut.start()])),
            _one(words[cut.end() :]),
        )
        if before and after and before.precision == after.precision:
            return Span(before.first, after.last, before.precision)
    return None


def _days(year: str, month: str, day: str, weekday: str | None = None) -> Span:
    found = _date(year, month, day)
    if weekday and _WEEKDAY[weekday] != found.weekday():
        right = _WEEKDAYS[found.weekday()].split("|")[0].capitalize()
        raise DateError(
            f"{written(found)} was a {right}, not a {weekday.capitalize()}",
            "check the day in the source, then write it without the day of the week",
        )
    return Span(found, found, "day")


def _month(year: str, month: str) -> Span:
    first = _date(year, month, "1")
    return Span(first, first.replace(day=monthrange(first.year, first.month)[1]), "month")


def _date(year: str, month: str, day: str) -> date:
    number = _NUMBER.get(month) or int(month)
    if not 1 <= number <= 12:
        raise DateError(f"there is no month {number}", f"write it as in: {EXAMPLES}")
    if not 1900 <= int(year) <= 2200:
        raise DateError(f"the year {year} is out of reach", "check the year")
    last = monthrange(int(year), number)[1]
    if not 1 <= int(day) <= last:
        raise DateError(f"{_name(number)} {year} has no day {int(day)}", f"it has 1 to {last}")
    return date(int(year), number, int(day))


def _slashed(found: re.Match[str]) -> Span:
    """A date in numbers, where day and month may change places."""
    year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
    readings = []
    for day, month in ((found[1], found[2]), (found[2], found[1])):
        try:
            reading = _date(year, month, day)
        except DateError:
            continue
        if reading not in readings:
            readings.append(reading)
    if len(readings) == 1 and len(found[3]) == 4:
        return Span(readings[0], readings[0], "day")
    meant = " or ".join(map(written, readings)) or EXAMPLES
    say = "could be two days" if len(readings) > 1 else "is not plainly one day"
    raise DateError(f'"{found[0]}" {say}', f"write {meant}")


def _refusal(text: str, words: str) -> DateError:
    if not words:
        return DateError("the date is missing", f"write it as in: {EXAMPLES}")
    if _RELATIVE.search(words):
        return DateError(
            f'"{text}" depends on when it is read', f"write the date itself, as in: {EXAMPLES}"
        )
    if _PART.search(words):
        return DateError(
            f'"{text}" names no days',
            "write the first and the last day it can have been (11 May to 20 May 2025), or the "
            "month (May 2025); the source's words go into the note on the date",
        )
    if _ABOUT.search(words):
        return DateError(
            f'"{text}" is not certain',
            "write the first and the last day it can have been, as in 30 May to 2 June 2025",
        )
    if re.fullmatch(rf"{_W}(?:{_D} {_M}|{_M}(?: {_D})?)", words):
        return DateError(f'"{text}" lacks the year', f"write it as in: {EXAMPLES}")
    return DateError(f'"{text}" is not understood as a date', f"write it as in: {EXAMPLES}")
