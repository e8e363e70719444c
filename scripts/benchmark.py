"""Measure the toolkit against other programs that do the same, on the same packages.

    python scripts/benchmark.py --quick
    python scripts/benchmark.py --only publishing,loading --write

Prints the page of results; `--write` puts it into docs/performance.md. The packages are made once
and kept in a folder for the next time. Ends with code 1 if a planted error is not reported, or
anything else is, and for packages of full size also if a goal is missed.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from subprocess import check_call, check_output

from benchmarks import cluster, contest, loading, publishing
from benchmarks.contest import FRICTIONLESS, SQL
from benchmarks.measure import Contender, Result, measure, size
from benchmarks.page import PARTS, USUAL, Findings, Goal, assembled, comparison, machine, render

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "performance.md"
FEWEST, QUICK, FULL = 10_000, 20_000, 500_000  # incidents
SEED = 1

OURS = "incidents validate"
ENGINES = {"incidents validate --engine dask --workers 2": ("--engine", "dask", "--workers", "2")}
# Further ways of ours to validate: the name in the results, and the options that choose it.
SLOW_RUNS = 2  # of what takes half a minute and more
HELP, CLICK = "python -m sahel_incidents --help", 'python -c "import click"'

# The SQL is made beforehand: a yardstick is not to wait for our own package to be imported.
WRITE_PLAN = """
import sys
from pathlib import Path
from benchmarks.plan import write
write(Path(sys.argv[1]), Path(sys.argv[2]))
"""
WRITE_SQL = """
import json, sys
from pathlib import Path
from benchmarks.sql import statements
from sahel_incidents.descriptor import open_package
print(json.dumps(list(statements(open_package(Path(sys.argv[1]))))))
"""
RUN_SQL = """
import json, sys
import duckdb
database = duckdb.connect()
database.execute("SET enable_progress_bar = false")  # it would be printed among the counts
counts = {}
for statement in json.load(open(sys.argv[1], encoding="utf-8")):
    found = database.execute(statement)
    if not statement.startswith(("SET", "CREATE")):
        for name, count in zip([column[0] for column in found.description], found.fetchone()):
            counts[name] = counts.get(name, 0) + int(count or 0)
print(json.dumps(counts))
"""
READ = """
import sys
from pathlib import Path
import {library}
paths = sorted(Path(sys.argv[1], "data").glob("*.csv"))
tables = [{library}.read_csv(path{options}) for path in paths]
"""


def main() -> None:
    """Read the arguments, measure, and show the results."""
    parser = argparse.ArgumentParser(
        description="Measure the toolkit against other programs that do the same.",
        epilog="example: python scripts/benchmark.py --only validation --incidents 100000",
    )
    parser.add_argument(
        "--only",
        metavar="PARTS",
        default=",".join(USUAL).lower(),
        help=f"which of {', '.join(PARTS).lower()} to run, divided by commas; default: %(default)s",
    )
    parser.add_argument(
        "--incidents",
        type=int,
        metavar="N",
        help=f"default: {FULL} to validate, {publishing.INCIDENTS} to publish and load",
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} incidents, fewer runs")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(PROJECT)}")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "sahel-incidents-benchmark",
        help="where the packages are kept; default: in the folder for temporary files",
    )
    parser.add_argument(
        "--package",
        type=Path,
        metavar="DIR",
        help="compare the programs on this package instead, whatever they find; prints the table",
    )
    parser.add_argument(
        "--ged",
        type=Path,
        metavar="FILE",
        help=f"for {PARTS[-1].lower()}: a file of UCDP GED, which is imported first",
    )
    given = parser.parse_args()
    if given.package:
        print(compare(given.package.absolute(), given.folder.absolute(), 1 if given.quick else 3))
        return
    titles = [one.strip().capitalize() for one in given.only.split(",")]
    if unknown := set(titles) - set(PARTS):
        parser.error(f"--only: there is no part {', '.join(sorted(unknown)).lower()}")
    if (PARTS[-1] in titles) != (given.ged is not None):
        parser.error(f"--only '{PARTS[-1].lower()}' and --ged FILE go together")
    incidents = QUICK if given.quick else given.incidents
    if incidents is not None and incidents < FEWEST:
        parser.error(f"--incidents: write at least {FEWEST}, as a hundredth is measured, too")
    parts: dict[str, str] = {}
    goals: list[Goal] = []
    for title in titles:
        text, found = run(title, given.folder.absolute(), incidents, given.quick, given.ged)
        parts[title] = text
        goals += found
    page = assembled(parts, PAGE.read_text(encoding="utf-8") if given.write else "")
    if given.write:
        PAGE.write_text(page, encoding="utf-8", newline="\n")
    print(page)
    if incidents is None and not all(goal.kept for goal in goals):
        sys.exit(1)


def run(
    title: str, folder: Path, incidents: int | None, quick: bool, ged: Path | None
) -> tuple[str, Sequence[Goal]]:
    """Measure one part.

    Args:
        title: that of the part.
        folder: where the packages are kept.
        incidents: the size of the package; None for the part's own.
        quick: whether to run everything less often.
        ged: the file of UCDP GED, for the part that needs one.

    Returns:
        The part's text, and its goals.

    Raises:
        RuntimeError: a program failed, or did not find what it must.
    """
    if title == "Publishing":
        root = package(folder, incidents or publishing.INCIDENTS, 0)
        published = publishing.benchmark(root, PROJECT / "LICENSE", runs=1 if quick else 3)
        return publishing.render(published), published.goals
    if title == "Loading":
        largest = incidents or publishing.INCIDENTS
        packages = {count: package(folder, count, 0) for count in (largest // 10, largest)}
        loaded = loading.benchmark(packages, runs=3 if quick else 9)
        return loading.render(loaded), loaded.goals
    if ged is not None and title == PARTS[-1]:
        return real_events(ged.absolute(), folder, runs=1 if quick else 5), ()
    if title == "Beyond memory":
        largest = incidents or cluster.SIZES[-1]
        sizes = [largest * count // cluster.SIZES[-1] for count in cluster.SIZES]
        scaled = cluster.benchmark(
            {count: package(folder, count, 0) for count in sizes}, PROJECT / "LICENSE"
        )
        return cluster.render(scaled), scaled.goals
    found = benchmark(folder, incidents or FULL, runs=3 if quick else 5)
    return render(found), found.goals


def benchmark(folder: Path, incidents: int, runs: int) -> Findings:
    """Measure validation.

    Args:
        folder: where the packages are kept, and the reports written.
        incidents: the size of the package; a tenth and a hundredth of it are measured as well.
        runs: how often each program is run; frictionless, which takes long, once.

    Raises:
        RuntimeError: a program failed, or did not find the planted errors and nothing else.
    """
    load = os.getloadavg()[0]
    errors = min(100_000, incidents // 5)
    clean, spoilt = package(folder, incidents, 0), package(folder, incidents, errors)
    smaller = {count: package(folder, count, 0) for count in (incidents // 100, incidents // 10)}
    scripts = {root: sql_script(root) for root in (clean, spoilt, *smaller.values())}
    spoilt_too = package(folder, incidents // 10, errors // 10)
    plans = {root: written_plan(root) for root in (clean, spoilt_too, *smaller.values())}
    bytes_of = {root: size(root) for root in (clean, spoilt, *smaller.values())}
    python = sys.executable

    def ours(name: str, root: Path, code: int) -> Contender:
        return validator(name, root, root.with_suffix(".json"), runs, (code,))

    def read(library: str, options: str = "") -> tuple[str, ...]:
        return python, "-c", READ.format(library=library, options=options), str(clean)

    planted = "incidents validate, with errors"
    main_results = measure(
        [
            ours(OURS, clean, 0),
            ours(planted, spoilt, 1),
            *(ours(name, clean, 0) for name in ENGINES),
            Contender(SQL, run_sql(scripts[clean]), runs),
            *libraries(plans[clean], min(runs, SLOW_RUNS)),
            Contender("pandas read", read("pandas"), runs),
            Contender("Polars read", read("polars", ", infer_schema=False"), runs),
            Contender(FRICTIONLESS, frictionless(clean), 1),
        ]
    )
    growth = measure([ours(str(count), root, 0) for count, root in smaller.items()])
    growth_of = {
        count: measure(
            [Contender(SQL, run_sql(scripts[root]), runs), *libraries(plans[root], runs)]
        )
        for count, root in smaller.items()
    }
    start_up = measure(
        [
            Contender(HELP, (python, "-m", "sahel_incidents", "--help"), 15),
            Contender(CLICK, (python, "-c", "import click"), 15),
        ]
    )
    with_errors = main_results.pop(planted)
    compare_with_planted(spoilt)
    expect(SQL, json.loads(main_results[SQL].output), 0)
    expect(f"{SQL}, with errors", json.loads(check_output(run_sql(scripts[spoilt]))), errors)
    for contender in libraries(plans[spoilt_too], 1):
        contest.check(contender.name, contest.counted(main_results[contender.name].output), {})
        counts = contest.counted(check_output(contender.command).decode())
        contest.check(contender.name, counts, contest.planted(spoilt_too))
    growth_of[incidents] = main_results
    catalogue = json.loads(plans[clean].read_text(encoding="utf-8"))["catalogue"]
    by_count = {int(count): result for count, result in growth.items()}
    by_count[incidents] = main_results[OURS]
    return Findings(
        load=load,
        incidents=incidents,
        rows=sum(json.loads(clean.with_suffix(".json").read_text())["rows"].values()),
        size=bytes_of[clean],
        main=main_results,
        errors=errors,
        planted=with_errors,
        growth=by_count,
        growth_of={
            name: {count: results[name] for count, results in growth_of.items()}
            for name in (SQL, *contest.LIBRARIES)
        },
        expressed=contest.expressed(main_results, catalogue),
        start_up=start_up,
        goals=goals(main_results, with_errors, by_count, start_up, bytes_of[clean]),
    )


def validator(name: str, root: Path, report: Path, runs: int, codes: tuple[int, ...]) -> Contender:
    """`incidents validate` on a package, with the options of `ENGINES` for that name."""
    command = (sys.executable, "-m", "sahel_incidents", "validate", str(root))
    options = ("--format", "json", "--output", str(report), "--limit", "0")
    return Contender(name, (*command, *options, *ENGINES.get(name, ())), runs, codes)


def libraries(plan: Path, runs: int) -> list[Contender]:
    """The programs of `contest.LIBRARIES`, on the package of a plan."""
    return [
        Contender(name, contest.command(module, plan), runs)
        for name, module in contest.LIBRARIES.items()
    ]


def compare(root: Path, folder: Path, runs: int) -> str:
    """Run all programs on one package, and show what they took and counted.

    Args:
        root: the package's folder.
        folder: where what the programs need is kept.
        runs: how often each is run.
    """
    beside = _made(folder) / "compared"
    report, bytes_of = beside.with_suffix(".json"), size(root)
    script, plan = sql_script(root, beside), written_plan(root, beside)
    results = measure(
        [
            *(validator(name, root, report, runs, (0, 1)) for name in (OURS, *ENGINES)),
            Contender(SQL, run_sql(script), runs),
            *libraries(plan, runs),
            Contender(FRICTIONLESS, frictionless(root), 1, (0, 1)),
        ]
    )
    lines = [comparison(results, bytes_of), "Problems counted, by rule:\n"]
    for name in (SQL, *contest.LIBRARIES):
        found = contest.counted(results[name].output)
        shown = ", ".join(f"{rule} {count:,}" for rule, count in found.items() if count)
        lines.append(f"- {name}: {shown or 'none'}")
    numbers = Counter(p["rule"] for p in json.loads(report.read_text(encoding="utf-8"))["problems"])
    shown = ", ".join(f"{rule} {count:,}" for rule, count in numbers.items())
    return "\n".join([*lines, f"- {OURS}: {shown or 'none'}"])


def frictionless(root: Path) -> tuple[str, ...]:
    """The command of frictionless for a package."""
    return sys.executable, "-m", "frictionless", "validate", str(root / "datapackage.json")


def real_events(ged: Path, folder: Path, runs: int) -> str:
    """Import a file of UCDP GED, run all programs on the package, and show what they took."""
    load = os.getloadavg()[0]
    root = _made(folder) / "ged"
    shutil.rmtree(root, ignore_errors=True)
    command = (sys.executable, "-m", "sahel_incidents", "import", "ucdp", str(ged))
    imported = measure([Contender("import", (*command, "--into", str(root)), 1)])["import"]
    events = sum(1 for _ in csv.DictReader((root / "data/incidents.csv").open(encoding="utf-8")))
    return (
        f"A file of UCDP GED, of {events:,} events, as a package of this model: `incidents import "
        f"ucdp FILE --into DIR` makes it in {imported.time:.1f} s, with "
        f"{imported.memory / 1e6:,.0f} MB of memory. "
        "On so few rows the start weighs most. SQL and Polars know only the tables of our own "
        "model, so they take sources for unused that only a table of the import refers to; "
        "dataframely counts the length of a text in bytes.\n\n"
        f"{compare(root, folder, runs)}\n\n"
        f"{machine()} Load average before the start: {load:.1f}.\n"
    )


def package(folder: Path, incidents: int, errors: int) -> Path:
    """An invented package of that size, made if it is not there from an earlier run."""
    script = PROJECT / "scripts" / "make_synthetic.py"
    makers = [script, *sorted((PROJECT / "scripts/synthetic").glob("*.py"))]
    makers += [PROJECT / "datapackage.json", *sorted((PROJECT / "schemas").glob("*.json"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in makers)).hexdigest()[:12]
    root = folder / f"{digest}-{incidents}-{errors}"
    if not root.exists():
        with tempfile.TemporaryDirectory(dir=_made(folder)) as unfinished:
            numbers = {"--incidents": incidents, "--seed": SEED, "--errors": errors}
            options = [str(part) for pair in numbers.items() for part in pair]
            check_call([sys.executable, str(script), *options, f"{unfinished}/package"])
            Path(unfinished, "package").rename(root)
    return root


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def written_plan(root: Path, beside: Path | None = None) -> Path:
    """What a package's schemas demand, in a file; see `benchmarks.plan`."""
    target = (beside or root).with_suffix(".plan.json")
    command = [sys.executable, "-c", WRITE_PLAN, str(root.absolute()), str(target.absolute())]
    check_call(command, cwd=PROJECT / "scripts")
    return target


def sql_script(root: Path, beside: Path | None = None) -> Path:
    """The checks of a package as SQL, in a file that holds a list of statements."""
    script = (beside or root).with_suffix(".sql.json")
    command = [sys.executable, "-c", WRITE_SQL, str(root.absolute())]
    script.write_bytes(check_output(command, cwd=PROJECT / "scripts"))
    return script


def run_sql(script: Path) -> tuple[str, ...]:
    """The command that runs such a file with DuckDB and prints the counts."""
    return sys.executable, "-c", RUN_SQL, str(script)


def compare_with_planted(root: Path) -> None:
    """Make sure that the report on a package names each planted error, and nothing else."""
    with open(root / "planted.csv", newline="", encoding="utf-8") as lines:
        planted = Counter(tuple(row.values()) for row in csv.DictReader(lines))
    columns = ("rule", "table", "record", "field", "line")
    report = json.loads(root.with_suffix(".json").read_text(encoding="utf-8"))
    found = Counter(tuple(str(p[name]) for name in columns) for p in report["problems"])
    if found != planted:
        missing, surplus = planted - found, found - planted
        raise RuntimeError(
            f"{missing.total()} planted errors not reported: {list(missing)[:3]}; "
            f"{surplus.total()} problems not planted: {list(surplus)[:3]}"
        )


def expect(name: str, counts: dict[str, int], number: int) -> None:
    """Make sure that a contender counted so many problems."""
    if sum(counts.values()) != number:
        shown = {check: count for check, count in counts.items() if count}
        raise RuntimeError(f"{name} counts {sum(counts.values())} problems, not {number}: {shown}")


def goals(
    results: dict[str, Result],
    with_errors: Result,
    growth: dict[int, Result],
    start_up: dict[str, Result],
    csv_bytes: int,
) -> list[Goal]:
    """What the project set itself, with the numbers measured."""
    ours = results[OURS]
    small, medium, large = (result.time for result in growth.values())
    faster = results[FRICTIONLESS].time / ours.time
    return [
        Goal(f"times faster than {FRICTIONLESS}", faster, 40, at_least=True),
        Goal(f"time, in times of {SQL}", ours.time / results[SQL].time, 1.5, 1),
        Goal("peak memory, in times of the CSV bytes", ours.memory / csv_bytes, 6, 3),
        Goal("time with errors, in times of without", with_errors.time / ours.time, 2),
        Goal("time for ten times the incidents, from a hundredth to a tenth", medium / small, 11),
        Goal("time for ten times the incidents, from a tenth to all", large / medium, 11),
        Goal(f"{HELP}, in times of {CLICK}", start_up[HELP].time / start_up[CLICK].time, 2.5),
    ]


if __name__ == "__main__":
    main()
