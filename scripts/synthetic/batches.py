"""Invented packages larger than memory: batches of incidents, each made by a process of its own.

A batch is the incidents of one country and some months that follow each other, so it is a run of
the package in the order of keys. It is written as a small package, the batches one after the other
are the tables keyed by incidents, and the other tables are the batches' lines merged. Each batch
draws from random numbers of its own, so how many processes there are does not show.
"""

from __future__ import annotations

import calendar
import heapq
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

from sahel_incidents.descriptor import open_package
from sahel_incidents.package import Package

from . import words
from .files import KEYED, Writer, copy_descriptor
from .outline import (
    FIRST,
    GAZETTEER,
    LAST_START,
    Outline,
    draw_documents,
    draw_outline,
)
from .places import Country, Row, draw_countries
from .records import World
from .words import Picker

BATCH = 100_000
"""About how many incidents a batch has."""

INCIDENTS_OF_A_SETTLEMENT = 1000
_FEWEST_SETTLEMENTS = 200

Months = tuple[date, date]
"""The first day of some months, and the last day."""


@dataclass(frozen=True)
class Plan:
    """A package to be made: how many incidents, from which seed."""

    incidents: int
    seed: int

    def countries(self) -> dict[str, Country]:
        """The countries with their places, the same whenever they are drawn."""
        settlements = max(self.incidents // INCIDENTS_OF_A_SETTLEMENT, _FEWEST_SETTLEMENTS)
        return draw_countries(Random(f"{self.seed} places"), GAZETTEER.id, settlements)


class Batch(NamedTuple):
    """Some incidents to be made: which batch, the number of the first, how many, where and when."""

    number: int
    first: int
    size: int
    country: str
    months: Months


class Made(NamedTuple):
    """A batch that was made: the places and actors its incidents name."""

    places: dict[str, Row]
    actors: dict[str, Row]


def write_batches(
    out: Path,
    incidents: int,
    seed: int,
    batch: int = BATCH,
    told: Callable[[int], None] | None = None,
) -> None:
    """Write a package of invented incidents batch by batch.

    Args:
        out: the folder, new or empty.
        incidents: how many incidents.
        seed: the same seed, the same bytes.
        batch: about how many incidents a batch has; another number, other bytes.
        told: called with the number of incidents made so far.
    """
    plan = Plan(incidents, seed)
    batches = list(_batches(incidents, batch))
    places: dict[str, Row] = {}
    actors: dict[str, Row] = {}
    copy_descriptor(out)
    package = open_package(out)
    # Not forked: a process that is forked from one with threads may hang.
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory(prefix=".batches-", dir=out) as temporary,
        ExitStack() as stack,
    ):
        parts = [Path(temporary, str(one.number)) for one in batches]
        writer = Writer(package, stack)
        workers = stack.enter_context(ProcessPoolExecutor(os.cpu_count(), mp_context=context))
        for one, part, made in zip(
            batches, parts, workers.map(_make, [plan] * len(parts), batches, parts), strict=True
        ):
            places |= made.places
            actors |= made.actors
            for name in KEYED:
                table = package.tables[name]
                writer.copy(name, part / table.path)
                (part / table.path).unlink()
            if told:
                told(one.first + one.size)
        for name in package.tables.keys() - KEYED:
            _merge(package, name, parts, writer)
        writer.keep("places", places.values())
        writer.keep("actors", actors.values())
        writer.finish()


def _merge(package: Package, name: str, parts: Sequence[Path], writer: Writer) -> None:
    """Merge the lines of a table from all batches."""
    with ExitStack() as stack:
        runs = [stack.enter_context(open(part / package.tables[name].path, "rb")) for part in parts]
        for run in runs:
            run.readline()
        writer.append(name, heapq.merge(*runs))


def _make(plan: Plan, batch: Batch, out: Path) -> Made:
    """Make a batch's package, without its places and actors; a process of the pool calls this."""
    rng = Random(f"{plan.seed} batch {batch.number}")
    countries = _countries(plan)
    outlines = _outlines(rng, countries[batch.country], batch)
    documents = list(draw_documents(rng, outlines, batch.number))
    world = World(rng, outlines, documents, batch.first)
    copy_descriptor(out)
    with ExitStack() as stack:
        writer = Writer(open_package(out), stack)
        for case in world.cases():
            writer.write(case, None)
        writer.finish()
    return Made(
        {row["place_id"]: row for row in world.places},
        {row["actor_id"]: row for row in world.actors},
    )


@cache
def _countries(plan: Plan) -> dict[str, Country]:
    return plan.countries()


def _outlines(rng: Random, country: Country, batch: Batch) -> list[Outline]:
    """A batch's incidents, in the order of their ids."""
    precision_of = Picker(rng, words.PRECISIONS)
    begin, end = batch.months
    drawn: dict[str, Outline] = {}
    while len(drawn) < batch.size:
        precision = precision_of()
        place = country.draw(rng)
        day = begin + timedelta(rng.randrange((end - begin).days + 1))
        # The id of one of which only the year is known comes after those of December.
        if precision != "year" or (day.year, 12) == (end.year, end.month):
            outline = draw_outline(rng, batch.country, place, day, precision)
            drawn[outline.id] = outline
    return [drawn[id] for id in sorted(drawn)]


def _batches(incidents: int, size: int) -> Iterator[Batch]:
    """The batches of so many incidents, in the order of their keys."""
    months = list(_months())
    shares = [
        (country, month, weight * _share(month))
        for country, weight in sorted(words.COUNTRIES.items())
        for month in months
    ]
    whole = sum(share for *_, share in shares)
    # Rounded where they end, so that in all they are as many as wanted.
    ends = [round(incidents * end / whole) for end in accumulate(share for *_, share in shares)]
    number = first = 0
    begin = months[0][0]
    for index, ((country, month, _), end) in enumerate(zip(shares, ends, strict=True)):
        last = index + 1 == len(shares) or shares[index + 1][0] != country
        if last or end - first >= size:
            if end > first:
                yield Batch(number, first, end - first, country, (begin, month[1]))
                number, first = number + 1, end
            begin = months[0][0] if last else shares[index + 1][1][0]


def _months() -> Iterator[Months]:
    """The months in which incidents begin."""
    begin = FIRST
    while begin <= LAST_START:
        end = begin.replace(day=calendar.monthrange(begin.year, begin.month)[1])
        yield begin, min(end, LAST_START)
        begin = end + timedelta(1)


def _share(months: Months) -> float:
    """How many of all incidents begin in some months: later ones are more frequent."""
    whole = (LAST_START - FIRST).days + 1
    begin, end = ((day - FIRST).days for day in months)
    return ((end + 1) / whole) ** 2 - (begin / whole) ** 2
