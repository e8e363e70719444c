"""The results as a page of Markdown."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from . import contest
from .measure import Result

PARTS = ("Validation", "Publishing", "Loading", "Beyond memory", "Real events")
"""The titles of the parts, in their order."""

USUAL = PARTS[:3]
"""Those that run where no others are asked for."""

LIBRARIES = (
    *("pyarrow", "pandas", "pandera", "frictionless", "duckdb", "polars", "dataframely"),
    *("pointblank", "click"),
)


@dataclass(frozen=True)
class Goal:
    """A limit that a number must keep.

    Attributes:
        title: what the number is.
        number: as measured.
        limit: the most it may be or, for `at_least`, the least.
        aim: what would be better still; None where nothing more is aimed at.
        at_least: whether more is better.
    """

    title: str
    number: float
    limit: float
    aim: float | None = None
    at_least: bool = False

    @property
    def kept(self) -> bool:
        """Whether the limit is kept."""
        return self.number >= self.limit if self.at_least else self.number <= self.limit

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of a table that says so: title, number, limit, aim, verdict."""
        bound = "at least" if self.at_least else "at most"
        aim = "" if self.aim is None else f"{self.aim:g}"
        kept = "kept" if self.kept else "**missed**"
        return self.title, f"{self.number:.2f}", f"{bound} {self.limit:g}", aim, kept


@dataclass(frozen=True)
class Findings:
    """All that was measured.

    Attributes:
        load: how many other processes were busy before the start, on average over a minute.
        incidents: how many incidents the package has.
        rows: its rows, of all tables.
        size: the bytes of its tables.
        main: the results on the clean package by contender, ours first.
        errors: how many errors are planted in the other package.
        planted: our result on that package.
        growth: our results by number of incidents, ascending.
        growth_of: those of other programs, by name and number of incidents.
        expressed: which of our checks other programs express, by name.
        start_up: the results of commands that do nothing.
        goals: the limits, and whether they are kept.
    """

    load: float
    incidents: int
    rows: int
    size: int
    main: dict[str, Result]
    errors: int
    planted: Result
    growth: dict[int, Result]
    growth_of: dict[str, dict[int, Result]]
    expressed: dict[str, contest.Expressed]
    start_up: dict[str, Result]
    goals: Sequence[Goal]


def render(found: Findings) -> str:
    """The part of the page on validation."""
    parts = [
        _INTRODUCTION.format(
            incidents=found.incidents, rows=found.rows, megabytes=found.size / 1e6
        ),
        "### Goals\n",
        table(("", "measured", "limit", "aim", ""), [goal.cells for goal in found.goals]),
        "### On the same package\n",
        comparison(found.main, found.size),
        _CONTENDERS,
        contest.render(found.expressed, found.main, _ours(found)),
        "### With errors\n",
        f"{found.errors:,} errors of mixed kinds are planted in the same package. All of them are "
        "reported, with the right rule, record, column and line, and nothing else: the benchmark "
        f"compares the report with the list. That takes {found.planted.time:.1f} s instead of "
        f"{_ours(found).time:.1f} s, and {found.planted.memory / 1e6:,.0f} MB of memory.\n",
        "### Growth\n",
        table(
            ("incidents", "seconds", "microseconds per incident", "peak memory, MB"),
            (
                (
                    f"{count:,}",
                    f"{result.time:.2f}",
                    f"{result.time / count * 1e6:.1f}",
                    f"{result.memory / 1e6:,.0f}",
                )
                for count, result in found.growth.items()
            ),
        ),
        _growth_of(found),
        "On a small package the start weighs most: pandas and pandera have to be imported.\n",
        _TRIED,
        "### Start-up\n",
        table(
            ("command", "milliseconds"),
            ((f"`{name}`", f"{r.time * 1000:.0f}") for name, r in found.start_up.items()),
        ),
        f"{machine()} Load average before the start: {found.load:.1f}.\n",
    ]
    return "\n".join(parts)


def _ours(found: Findings) -> Result:
    return next(iter(found.main.values()))


def _growth_of(found: Findings) -> str:
    return "The others, in seconds:\n\n" + table(
        ("incidents", *found.growth_of),
        (
            (f"{count:,}", *(f"{results[count].time:.2f}" for results in found.growth_of.values()))
            for count in found.growth
        ),
    )


def comparison(results: dict[str, Result], csv_bytes: int) -> str:
    """The table of what programs took, ours first.

    Args:
        results: by the programs' names.
        csv_bytes: those of the package's tables.
    """
    ours = next(iter(results.values()))
    header = ("", "seconds", "fastest to slowest", "runs", "time, ours = 1", "peak memory, MB")
    return table(
        (*header, "memory, CSV bytes = 1"),
        (
            (
                name,
                f"{result.time:.2f}",
                f"{min(result.seconds):.2f} to {max(result.seconds):.2f}",
                str(len(result.seconds)),
                f"{result.time / ours.time:.2f}",
                f"{result.memory / 1e6:,.0f}",
                f"{result.memory / csv_bytes:.1f}",
            )
            for name, result in results.items()
        ),
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def machine() -> str:
    """The machine and the versions, in one paragraph."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}; {versions}."
    )


def _processor() -> str:
    if sys.platform == "linux":
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
        if found:
            return found.group(1)
    return platform.machine()


_TOP = """# Performance

Written by `scripts/benchmark.py --write`; do not edit it by hand. The numbers of each part are of
one run of that script, on the machine named at its end.

The packages are invented ones, made by `scripts/make_synthetic.py`. Times are wall times of whole
processes, start-up included, the median of the runs, with the files in the system's cache. Memory
is the peak resident set of a process.
"""

_INTRODUCTION = """`incidents validate`, of {incidents:,} incidents: {rows:,} rows, {megabytes:,.0f}
MB of CSV.
"""

_CONTENDERS = """What each of them does:

- **incidents validate**: all stages (descriptor, bytes, cells, keys, every rule), and a JSON
  report of every problem.
- **incidents validate --engine dask --workers 2**: the same, by two processes, which have to be
  started; the memory is that of the largest process.
- **DuckDB SQL**: the cells, the keys and most rules, hand-written as SQL
  (`scripts/benchmarks/rules.sql`). It reads every column as text and counts the problems of each
  check; it does not say where they are, nor judges the bytes. On the package with errors it counts
  as many as are planted.
- **Polars expressions**, **dataframely**, **pointblank**, **pandera on pandas**: the cells as each
  takes them from the schemas, the keys and the rules as far as each can express them
  (`scripts/benchmarks/with_*.py`). They count, as the SQL does.
- **frictionless validate**: `frictionless validate datapackage.json`: the cells and the keys, but
  neither the vocabularies (`categories`), which it does not enforce, nor any rule.
- **pandas read** and **Polars read**: nothing but reading every table, with the defaults of
  `pandas.read_csv`, and as text by `polars.read_csv`. They check nothing: a floor for the others.
"""

_TRIED = """### What was tried

Not measured anew by the script: processor seconds of single steps, on 2.8 million rows, measured
one by one on two busy cores before and after a change, so only their ratios mean something. All
together took 10.7 processor seconds before and 7.2 after, start-up included, and 1,350 MB before
and 1,140 MB after (medians of three runs in turn).

- *Splitting into cells, 2.6 to 1.4*: what several threads read comes from jemalloc, in place of
  Arrow's default allocator, which lets go of memory only to ask for it again.
- *Cells, 0.67 to 0.39*: empty cells are marked without a copy of the column; characters are counted
  only where the bytes are too many; an address is followed no further than its form asks.
- *Judging by rules, 1.1 to 0.65*: once per combination of values, where a rule's columns have few;
  and over columns in one piece, as a regular expression is compiled anew for each piece.
- *Texts, 0.63 to 0.37*: columns that show few values in samples of a large file are held once per
  value, whatever their schema says; their look-ups gain by it, too.
- *Quotes, 0.50 to 0.32*: Arrow searches all quoted cells, in place of a loop in Python.
- *Encoding, 0.18 to 0.06*: Arrow judges UTF-8 without making a text of it.
- *Order, 0.18 to 0.06*: keys are compared column by column, the later columns only in the rows that
  the earlier ones do not tell apart.
- *Points, 0.18 to 0.06*: a polygon is grown by its tolerance only if a point lies outside it.
- *pandera*: its import (0.25) and the larger one that comes with its first check (0.1) take place
  while the tables are read, no longer in the midst of the rules.

Of no use, or too little: large pages for Arrow's default allocator (no gain); a longer delay before
it gives memory back (a tenth less time, a tenth more memory); jemalloc for all of Arrow (the frames
took longer); the system's allocator (no gain); blocks of 1 or 16 MiB (no clear difference); one
look-up for all references to one table (0.1 of 1.1, for a hash table built once instead of twice).

A second round on the same package took its wall time from 6.8 to 4.8 s (medians of three runs in
turn), its processor time from 9.2 to 7.9 s; the seconds in which only one thread could work fell
from 3.0 to 1.1.

- *Records alike*: rows are grouped by numbers that they already have, of their values, links or
  hashes, which are counted coarsely before any are sorted; values are compared only where the
  numbers are equal. The rule number-in-its-range, which looks for such groups twice, took 1.2
  processor seconds and takes 0.1.
- *Waiting*: what a stage has to do for all tables is laid out at once, and the largest files are
  read first.
- *With errors*: the nearest key is sought among fewer, with the same outcome, in a quarter of the
  time; keys are kept in the order of the file before they are sorted; a cell's column is found by
  one split of its line.

Of no use: large pages for any allocator (a fifth of the page faults, the same time); fewer arenas;
no garbage collection during the imports (a hundredth).

What is left, roughly, of eight processor seconds: splitting into cells 1.6, references 0.8, imports
0.7, columns put into one piece 0.4, reading bytes 0.3, quotes 0.3; a third of all is the system's,
half of that clearing memory.
"""

_HOW = """## To repeat it

```
make benchmark                                       # all of it; writes this page
python scripts/benchmark.py --only publishing,loading --write  # some parts; the others stay
python scripts/benchmark.py --quick                  # small packages; prints the page
python scripts/benchmark.py --incidents N
python scripts/benchmark.py --only "beyond memory"   # half an hour, after half an hour's making
python scripts/benchmark.py --only "real events" --ged FILE
```

The goals are meant for the sizes named here; on a small package the start outweighs the work.
"""


def assembled(parts: Mapping[str, str], former: str) -> str:
    """The page, for `docs/performance.md`.

    Args:
        parts: the parts that were measured, by title.
        former: the page as it was; of parts that were not measured it keeps what it says.
    """
    told = {
        title: text
        for title, text in re.findall(r"^## (.+)\n\n((?:(?!^## ).*\n)*)", former, re.MULTILINE)
        if title in PARTS
    }
    told |= parts
    sections = [f"## {title}\n\n{told[title].strip()}\n" for title in PARTS if title in told]
    return "\n".join([_TOP, *sections, _HOW])
