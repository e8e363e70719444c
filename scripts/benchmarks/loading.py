"""How long `load` takes, beside pandas reading the same tables with its defaults.

`load` checks every file against `SHA256SUMS`, and gives each column its declared type; pandas
guesses the types and checks nothing. Every table is made a frame.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sahel_incidents.checksums import SUMS, digest, rendered

from .measure import Contender, Result, measure, size
from .page import Goal, machine, table

OURS, PANDAS = "load, every table", "pandas.read_csv, every table"
LIMIT = 1.5
"""The most that `load` may take, in times of pandas."""

_LOAD = """
import sys
import sahel_incidents as si
ds = si.load(sys.argv[1])
tables = [ds[name] for name in ds.package.tables]
"""
_READ = """
import sys
from pathlib import Path
import pandas
tables = [pandas.read_csv(path) for path in sorted(Path(sys.argv[1], "data").glob("*.csv"))]
"""


@dataclass(frozen=True)
class Findings:
    """What was measured.

    Attributes:
        load: how many other processes were busy before the start, on average over a minute.
        sizes: the bytes of each package's tables, by its number of incidents.
        results: the results of both programs on each.
    """

    load: float
    sizes: Mapping[int, int]
    results: Mapping[int, Mapping[str, Result]]

    @property
    def goals(self) -> list[Goal]:
        """Whether the limit is kept, on the largest package."""
        return [_goal(self.results[max(self.results)])]


def benchmark(packages: Mapping[int, Path], runs: int) -> Findings:
    """Load packages as releases.

    Args:
        packages: the folders of packages, by their number of incidents.
        runs: how often each program is run.

    Raises:
        RuntimeError: a program failed.
    """
    load = os.getloadavg()[0]
    sizes = {count: size(root) for count, root in packages.items()}
    results = {count: measure(contenders(root, runs)) for count, root in packages.items()}
    return Findings(load, sizes, results)


def contenders(root: Path, runs: int) -> list[Contender]:
    """The programs to measure. Writes `SHA256SUMS` into the package, as a release has it.

    Args:
        root: the folder of a package.
        runs: how often each is run.
    """
    files = [root / "datapackage.json", *root.glob("schemas/*"), *root.glob("data/*")]
    sums = {path.relative_to(root).as_posix(): digest(path) for path in files}
    (root / SUMS).write_text(rendered(sums), encoding="utf-8")
    programs = {OURS: _LOAD, PANDAS: _READ}
    return [
        Contender(name, (sys.executable, "-c", program, str(root)), runs)
        for name, program in programs.items()
    ]


def render(found: Findings) -> str:
    """The part of the page on loading."""
    parts = [
        _INTRODUCTION,
        table(("", "measured", "limit", "aim", ""), [goal.cells for goal in found.goals]),
        table(
            ("incidents", "MB of CSV", "", "seconds", "fastest to slowest", "runs",
             "time, pandas = 1", "peak memory, MB"),
            [
                (
                    f"{count:,}",
                    f"{found.sizes[count] / 1e6:,.0f}",
                    name,
                    f"{result.time:.2f}",
                    f"{min(result.seconds):.2f} to {max(result.seconds):.2f}",
                    str(len(result.seconds)),
                    f"{result.time / of_both[PANDAS].time:.2f}",
                    f"{result.memory / 1e6:,.0f}",
                )
                for count, of_both in found.results.items()
                for name, result in of_both.items()
            ],
        ),
        f"{machine()} Load average before the start: {found.load:.1f}.\n",
    ]  # fmt: skip
    return "\n".join(parts)


def _goal(results: Mapping[str, Result]) -> Goal:
    ratio = results[OURS].time / results[PANDAS].time
    return Goal(f"time of load, in times of {PANDAS}", ratio, LIMIT)


_INTRODUCTION = """`si.load()` of a release's folder, and a frame of each table of the data package:
every file is checked against `SHA256SUMS`, and every column has its declared type, with categories
and days. Beside it `pandas.read_csv` of the same tables as somebody would type it, without further
arguments: it guesses the types, leaves days and categories as text, and checks nothing.
"""
