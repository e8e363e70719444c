"""What is known of all incidents and their sources before the first row is written."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from . import words
from .places import Country, Place
from .words import Picker, slug

FIRST, LAST_START, LAST = date(2012, 1, 1), date(2025, 11, 30), date(2025, 12, 31)
DAYS = [(FIRST + timedelta(day)).isoformat() for day in range((LAST - FIRST).days + 1)]
"""Every day of the time covered; a day is kept as its number in this list."""


class Outline(NamedTuple):
    """An incident: its id, where it was, its first and last day, and how well they are known."""

    id: str
    country: str
    place: Place
    start: int
    end: int
    precision: str


class Document(NamedTuple):
    """A source: its id, who published it, and on which day (None where that is not known)."""

    id: str
    publisher: str
    published: int | None


GAZETTEER = Document("gazetteer-undated", "Gazetteer", None)
"""The first incident's source: a work of reference. All coordinates come from it as well."""


def draw_outlines(rng: Random, countries: Mapping[str, Country], count: int) -> list[Outline]:
    """So many incidents, in the order of their ids."""
    country_of = Picker(rng, words.COUNTRIES)
    precision_of = Picker(rng, words.PRECISIONS)
    drawn: dict[str, Outline] = {}
    while len(drawn) < count:
        code, precision = country_of(), precision_of()
        place = countries[code].draw(rng)
        # The square root makes later years more frequent.
        day = FIRST + timedelta(int((LAST_START - FIRST).days * rng.random() ** 0.5))
        outline = draw_outline(rng, code, place, day, precision)
        drawn[outline.id] = outline
    return [drawn[id] for id in sorted(drawn)]


def draw_outline(rng: Random, country: str, place: Place, day: date, precision: str) -> Outline:
    """An incident at a place, on a day or in the month or year of that day."""
    start, end, stamp = _days(rng, day, precision)
    first, last = (start - FIRST).days, (end - FIRST).days
    return Outline(f"{country}-{stamp}-{place.slug}", country, place, first, last, precision)


def _days(rng: Random, day: date, precision: str) -> tuple[date, date, str]:
    """The first day, the last one, and the date as the id gives it."""
    if precision == "month":
        last = calendar.monthrange(day.year, day.month)[1]
        return day.replace(day=1), day.replace(day=last), day.isoformat()[:7]
    if precision == "year":
        return date(day.year, 1, 1), date(day.year, 12, 31), day.isoformat()[:4]
    longer = 0
    if precision == "approximate":
        longer = rng.randint(2, 9)
    elif rng.random() < 0.05:
        longer = rng.randint(1, 3)
    return day, day + timedelta(longer), day.isoformat()


def draw_documents(
    rng: Random, outlines: Sequence[Outline], batch: int | None = None
) -> Iterator[Document]:
    """For each incident a source of its own, published after it; the first is the gazetteer.

    Args:
        rng: the random choices.
        outlines: the incidents.
        batch: the number of the batch they are, which keeps the ids of batches apart; None where
            they are all.
    """
    publisher_of = Picker(rng, words.OUTLET_WEIGHTS)
    slugs = {name: slug(name) for name in words.OUTLETS}
    taken: Counter[str] = Counter()
    if not batch:
        yield GAZETTEER
    for outline in outlines if batch else outlines[1:]:
        publisher = publisher_of()
        published: int | None = min(outline.end + int(rng.expovariate(0.4)), len(DAYS) - 1)
        if rng.random() < 0.04:
            published = None
        id = f"{slugs[publisher]}-{'undated' if published is None else DAYS[published]}"
        if batch:
            id += f"-b{batch}"
        taken[id] += 1
        number = f"-{taken[id]}" if taken[id] > 1 else ""
        yield Document(id + number, publisher, published)


def draw_counts(rng: Random, incidents: int) -> Iterator[int]:
    """For each incident how many figures it has: one to three, twice as many in all."""
    for _ in range(incidents // 2):
        count = rng.randint(1, 3)
        yield count
        yield 4 - count
    if incidents % 2:
        yield 2
