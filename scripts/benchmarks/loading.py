"""How long `load` takes, beside pandas reading the same tables with its defaults.

`load` checks every file against `SHA256SUMS`, and gives each column its declared type; pandas
guesses the types and checks nothing. Every table is made a frame.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from sahel_incidents.checksums import SUMS, digests, rendered

from .measure import Contender, Result
from .page import Goal

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


def contenders(root: Path, runs: int) -> list[Contender]:
    """The programs to measure. Writes `SHA256SUMS` into the package, as a release has it.

    Args:
        root: the folder of a package.
        runs: how often each is run.
    """
    (root / SUMS).unlink(missing_ok=True)
    (root / SUMS).write_text(rendered(digests(root)), encoding="utf-8")
    programs = {OURS: _LOAD, PANDAS: _READ}
    return [
        Contender(name, (sys.executable, "-c", program, str(root)), runs)
        for name, program in programs.items()
    ]


def goal(results: Mapping[str, Result]) -> Goal:
    """Whether the limit is kept."""
    ratio = results[OURS].time / results[PANDAS].time
    return Goal(f"time of load, in times of {PANDAS}", ratio, LIMIT)
