"""How long validation by several processes takes, how much memory each needs, and how both grow.

Invented packages of 1, 10 and 50 million rows are validated by workers of 2 GB of memory, the
second by one and by two; and the second is published in parts. The largest has 9 GB and takes half
an hour to make, so this part of the benchmark runs only where it is asked for.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .measure import size
from .page import Goal, machine, table
from .processes import Usage, run

SIZES = (180_000, 1_800_000, 9_000_000)
"""As many incidents as make 1, 10 and 50 million rows."""

MEMORY = 2 << 30
"""The limit of each worker, in bytes."""

WORKERS = 2
_MANY = 100
_ROWS = 1_000_000_000
_LARGER = 8
"""So many times the usual size of a block, for a larger package."""
_PER_TASK = 0.001
"""Seconds that Dask's scheduler needs for a task, as its documentation has it."""

# The command, but for one thing: the tasks are counted.
_VALIDATE = """
import json, sys
from pathlib import Path
from sahel_incidents.engines.distributed import Distributed, cluster
from sahel_incidents.validate import PER_RULE, validate

def main():
    root, workers, memory, target = sys.argv[1:]
    submit, tasks = cluster.Workers.submit, 0
    def counting(self, function, *arguments):
        nonlocal tasks
        tasks += 1
        return submit(self, function, *arguments)
    cluster.Workers.submit = counting
    engine = Distributed(number=int(workers), memory=int(memory))
    report = validate(Path(root), engine=engine, most=PER_RULE)
    told = {"tasks": tasks, "rows": sum(report.rows.values()), "sound": report.sound(strict=True)}
    Path(target).write_text(json.dumps(told))

if __name__ == "__main__":
    main()
"""


@dataclass(frozen=True)
class Run:
    """A validation.

    Attributes:
        workers: how many processes did the work.
        rows: the rows of the package.
        bytes_of: its bytes.
        tasks: how many tasks there were.
        usage: what it took.
    """

    workers: int
    rows: int
    bytes_of: int
    tasks: int
    usage: Usage


@dataclass(frozen=True)
class Findings:
    """What was measured.

    Attributes:
        load: how many other processes were busy before the start, on average over a minute.
        runs: the validations by `WORKERS` workers, by size.
        alone: the one of the middle size by one worker.
        published: publishing the package of that size in parts.
    """

    load: float
    runs: list[Run]
    alone: Run
    published: Usage

    @property
    def goals(self) -> list[Goal]:
        """What the project set itself, with the numbers measured."""
        largest = max(one.usage.largest for one in (*self.runs, self.alone))
        return [
            Goal("memory of the largest process, in GB", largest / 1e9, MEMORY / 1e9),
            Goal(
                "time by one worker, in times of by two",
                self.alone.usage.seconds / self.runs[1].usage.seconds,
                1.5,
                at_least=True,
            ),
        ]


def benchmark(packages: Mapping[int, Path], license: Path) -> Findings:
    """Validate packages and publish one.

    Args:
        packages: three of them, by size, ascending.
        license: the licence to publish it under.

    Raises:
        RuntimeError: a package was not found sound, or not published.
    """
    load = os.getloadavg()[0]
    roots = list(packages.values())
    runs = [_validated(root, WORKERS) for root in roots]
    return Findings(load, runs, _validated(roots[1], 1), _published(roots[1], license))


def _validated(root: Path, workers: int) -> Run:
    script, target = root.with_suffix(".validate.py"), root.with_suffix(".tasks.json")
    script.write_text(_VALIDATE, encoding="utf-8")
    target.unlink(missing_ok=True)
    command = [sys.executable, str(script), str(root), str(workers), str(MEMORY), str(target)]
    usage = run(command)
    told = json.loads(target.read_bytes()) if usage.code == 0 else {"sound": False}
    if not told["sound"]:
        raise RuntimeError(f"{root} was not found sound")
    sys.stderr.write(f"{told['rows']:,} rows, {workers} workers: {usage.seconds:.1f} s\n")
    return Run(workers, told["rows"], size(root), told["tasks"], usage)


def _published(root: Path, license: Path) -> Usage:
    version = json.loads((root / "datapackage.json").read_bytes())["version"]
    output = root.with_name(f"{root.name}-parts")
    shutil.rmtree(output, ignore_errors=True)
    shutil.copy(license, root / "LICENSE")
    command = (sys.executable, "-m", "sahel_incidents", "publish", version, "--draft", "--parts")
    engine = ("--engine", "dask", "--workers", str(WORKERS), "--memory-limit", f"{MEMORY}")
    try:
        usage = run((*command, *engine, "--output", str(output.absolute())), root)
    finally:
        shutil.rmtree(output, ignore_errors=True)
        (root / "LICENSE").unlink()
    if usage.code:
        raise RuntimeError(f"{root} was not published")
    sys.stderr.write(f"published: {usage.seconds:.1f} s\n")
    return usage


def render(found: Findings) -> str:
    """The part of the page."""
    titles = (
        *("rows", "MB of CSV", "workers", "tasks", "seconds", "microseconds per row"),
        *("largest process, MB", "all together, MB"),
    )
    every = sorted([*found.runs, found.alone], key=lambda one: (one.rows, one.workers))
    rows = [
        (
            f"{one.rows:,}",
            f"{one.bytes_of / 1e6:,.0f}",
            f"{one.workers}",
            f"{one.tasks:,}",
            f"{one.usage.seconds:.1f}",
            f"{one.usage.seconds / one.rows * 1e6:.1f}",
            f"{one.usage.largest / 1e6:,.0f}",
            f"{one.usage.together / 1e6:,.0f}",
        )
        for one in every
    ]
    middle = found.runs[1]
    took = found.published
    published = (
        "`incidents publish VERSION --parts --engine dask` of the package of "
        f"{middle.rows:,} rows, with validation: {took.seconds:.0f} s; "
        f"{took.largest / 1e6:,.0f} MB in the largest process, {took.together / 1e6:,.0f} MB in "
        "all together.\n"
    )
    return "\n".join(
        [
            _INTRODUCTION.format(workers=WORKERS, memory=MEMORY / 1e9),
            table(("", "measured", "limit", "aim", ""), [goal.cells for goal in found.goals]),
            table(titles, rows),
            published,
            _predicted(found),
            f"{machine()} Load average before the start: {found.load:.1f}.\n",
        ]
    )


def _predicted(found: Findings) -> str:
    """What is to be expected on many workers, from what was measured on one and two."""
    one, two, largest = found.alone, found.runs[1], found.runs[-1]
    work = 2 * (one.usage.seconds - two.usage.seconds)
    fixed = max(2 * two.usage.seconds - one.usage.seconds, 0.0)
    per_row = largest.usage.seconds * WORKERS / largest.rows
    # Some tasks for each part, and some for each part and shelf: of two sizes these are known.
    each = (largest.tasks / largest.rows - two.tasks / two.rows) / (largest.rows - two.rows)
    alone = two.tasks / two.rows - each * two.rows

    def told(rows: int, larger: int) -> tuple[str, ...]:
        tasks = alone * rows / larger + each * rows**2 / larger**2
        shared, scheduling = per_row * rows / _MANY, tasks * _PER_TASK
        return (
            f"{rows:,}",
            f"{larger * 32} MiB",
            f"{tasks:,.0f}",
            f"{shared:,.0f}",
            f"{scheduling:,.0f}",
            f"{fixed + max(shared, scheduling):,.0f}",
        )

    titles = ("rows", "blocks", "tasks", "work shared, s", "scheduling, s", "to expect, s")
    cases = [(rows, larger) for rows in (largest.rows, _ROWS) for larger in (1, _LARGER)]
    return _PREDICTION.format(
        fixed=fixed,
        work=work,
        rows=two.rows,
        seconds=largest.usage.seconds,
        table=table(titles, [told(*case) for case in cases]),
    )


_INTRODUCTION = """`incidents validate --engine dask --workers {workers}`, each worker with \
{memory:.1f} GB, on packages that grow beyond the memory of the workers. How it works, and what it \
needs: [cluster](cluster.md).
"""

_PREDICTION = """### On a hundred workers

Not measured but computed, by a model of two terms: what does not get shorter with more workers, and
what they share. From one worker and two on {rows:,} rows, the first is {fixed:.1f} s and the second
{work:.0f} s. The largest package took {seconds:.0f} s, so that is what a row costs where memory is
short. The scheduler, of which there is one, needs a millisecond for a task; the number of tasks
follows from those of the two larger packages.

{table}
Work and scheduling take place at the same time, so the longer of them counts. What sets the limit:

- **The scheduler.** There are some tasks for each part and, where references lie in no order (those
  to sources here), some for each part and each shelf, eight parts, of the table referred to. These
  grow with the square of the rows. Blocks of 256 MiB (`--block-size 256MiB`, with 16 GB for each
  worker) make an eighth of the first and a sixty-fourth of the second.
- **What one task must hold**, whatever the number of workers: rows that repeat a value (16 bytes
  for each of four million rows, then the cells of those that are alike: one value under ten million
  rows is some 2 GB), chains of references within a table (16 bytes a row), incidents near one that
  waits for review, and revisions. These are the skewed keys of the table in
  [cluster](cluster.md).
- **The network.** Nothing is shuffled. A part sends the distinct keys that it asks for, as text,
  and gets a row number for each and the values behind them.
"""
