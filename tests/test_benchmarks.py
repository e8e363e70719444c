"""The programs that validation is measured against find what they say they look for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sahel_incidents.validate import catalogue

SCRIPTS = Path(__file__).parents[1] / "scripts"
INCIDENTS, ERRORS = 2000, 400

sys.path.insert(0, str(SCRIPTS))
from benchmarks import contest  # noqa: E402
from benchmarks.plan import write  # noqa: E402

sys.path.remove(str(SCRIPTS))

LIBRARIES = tuple(contest.LIBRARIES)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """A sound package and one with errors, by the number of errors."""
    folder = tmp_path_factory.mktemp("packages")
    made = {errors: folder / str(errors) for errors in (0, ERRORS)}
    for errors, root in made.items():
        numbers = ("--incidents", INCIDENTS, "--seed", 1, "--errors", errors)
        command = (sys.executable, SCRIPTS / "make_synthetic.py", *numbers, root)
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
        write(root, root / "plan.json")
    return made


def counted(name: str, root: Path) -> dict[str, int]:
    command = contest.command(contest.LIBRARIES[name], root / "plan.json")
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return contest.counted(run.stdout)


@pytest.mark.parametrize("name", LIBRARIES)
def test_counts_what_is_planted(packages: dict[int, Path], name: str) -> None:
    clean = counted(name, packages[0])
    contest.check(name, clean, {})
    planted = contest.planted(packages[ERRORS])
    spoilt = counted(name, packages[ERRORS])
    contest.check(name, spoilt, planted)
    assert sum(spoilt.values()) > ERRORS * 0.7
    assert clean.keys() == spoilt.keys()
    assert spoilt.keys() <= catalogue().keys()


@pytest.mark.parametrize("counts", [{"unused-place": 1}, {"unused-place": 3}, {}])
def test_wrong_counts_are_told(counts: dict[str, int]) -> None:
    with pytest.raises(RuntimeError, match="other problems than are planted"):
        contest.check("Polars expressions", {"unused-place": 0, **counts}, {"unused-place": 2})


def test_sql_names_are_rules() -> None:
    counts = {"cells": 0, "primary": 0, "foreign place_id": 0, "unused-place": 0}
    assert contest.rules_of(contest.SQL, counts) <= catalogue().keys()
    assert set(contest.BY_FRICTIONLESS) <= catalogue().keys()


def test_package_of_any_origin(packages: dict[int, Path], tmp_path: Path) -> None:
    options = ("--quick", "--folder", tmp_path, "--package", packages[ERRORS])
    command = (sys.executable, SCRIPTS / "benchmark.py", *options)
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    told = dict(line[2:].split(": ") for line in run.stdout.splitlines() if line.startswith("- "))
    assert told.keys() == {"incidents validate", contest.SQL, *contest.LIBRARIES}
    ours = dict(found.split(" ") for found in told["incidents validate"].split(", "))
    assert {rule: int(count) for rule, count in ours.items()} == contest.planted(packages[ERRORS])


def benchmark(folder: Path, *options: object) -> str:
    """What the script prints."""
    command = (sys.executable, SCRIPTS / "benchmark.py", "--folder", folder, *options)
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_real_events(tmp_path: Path) -> None:
    sample = Path(__file__).parent / "importing" / "ged_sample.csv"
    told = benchmark(tmp_path, "--quick", "--only", "real events", "--ged", sample)
    assert "## Real events" in told
    for name in ("incidents validate", contest.FRICTIONLESS, *contest.LIBRARIES):
        assert f"| {name} | " in told


def test_beyond_memory(tmp_path: Path) -> None:
    told = benchmark(tmp_path, "--only", "beyond memory", "--incidents", 10_000)
    table = told.partition("| rows | MB of CSV |")[2].partition("\n\n")[0]
    runs = [line.split(" | ") for line in table.splitlines()[2:]]
    assert [run[2] for run in runs] == ["2", "1", "2", "2"]
    assert all(int(run[3].replace(",", "")) > 100 for run in runs)  # tasks
    assert "with validation:" in told
