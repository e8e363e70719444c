"""Invented packages: valid, the same each time, and with errors exactly where they are planted."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sahel_incidents import tables
from sahel_incidents.csvtext import reformatted
from sahel_incidents.descriptor import open_package
from sahel_incidents.reports import json as json_report
from sahel_incidents.validate import validate

SCRIPTS = Path(__file__).parents[1] / "scripts"
SCRIPT = SCRIPTS / "make_synthetic.py"
INCIDENTS, ERRORS = 2000, 400


def make(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def made(out: Path, incidents: int, seed: int, errors: int = 0) -> Path:
    run = make("--incidents", incidents, "--seed", seed, "--errors", errors, out)
    assert run.returncode == 0, run.stderr
    return out


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("clean") / "package", INCIDENTS, seed=1)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("spoilt") / "package", INCIDENTS, seed=1, errors=ERRORS)


def test_valid(clean: Path) -> None:
    report = validate(clean)
    assert report.problems == ()
    assert report.skipped == ()


def test_sizes(clean: Path) -> None:
    rows = validate(clean).rows
    assert rows["incidents"] == INCIDENTS
    assert rows["casualties"] == 2 * INCIDENTS
    assert rows["sources"] == INCIDENTS


def test_canonical(clean: Path) -> None:
    for table in open_package(clean).tables.values():
        data = (clean / table.path).read_bytes()
        assert reformatted(table, data) == data, table.name


def test_every_error_found_and_nothing_else(spoilt: Path) -> None:
    with open(spoilt / "planted.csv", newline="", encoding="utf-8") as lines:
        planted = Counter(tuple(row) for row in list(csv.reader(lines))[1:])
    report = validate(spoilt)
    found = Counter((p.rule, p.table, p.record, p.field, str(p.line)) for p in report.problems)
    assert planted.total() == ERRORS
    assert found - planted == Counter(), "problems without a planted error"
    assert planted - found == Counter(), "planted errors not found"
    assert report.skipped == ()
    assert len({(rule, table, field) for rule, table, _, field, _ in planted}) >= 40
    assert len({(table, line) for _, table, _, _, line in planted}) == ERRORS


def test_columns_of_few_values_change_nothing(
    spoilt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = validate(spoilt)
    monkeypatch.setattr(tables, "_SAMPLED_BYTES", 0)  # as if every file were large
    sampled = validate(spoilt)
    monkeypatch.setattr(tables, "_FEW", 1)
    encoded = validate(spoilt)
    told = [json_report.render(report, limit=None) for report in (plain, sampled, encoded)]
    assert told[0] == told[1] == told[2]


def counted_by_sql(package: Path) -> dict[str, int]:
    """What the SQL that the benchmark compares with counts in a package."""
    code = (
        "import subprocess, sys; from pathlib import Path; import benchmark; "
        "script = benchmark.sql_script(Path(sys.argv[1])); "
        "sys.exit(subprocess.call(benchmark.run_sql(script)))"
    )
    command = [sys.executable, "-c", code, str(package)]
    run = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    counts: dict[str, int] = json.loads(run.stdout)
    return counts


def test_sql_agrees(clean: Path, spoilt: Path) -> None:
    assert sum(counted_by_sql(clean).values()) == 0
    assert sum(counted_by_sql(spoilt).values()) == ERRORS


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first, second = (made(tmp_path / name, 100, seed=7, errors=25) for name in "ab")
    assert contents(first) == contents(second)
    assert contents(first) != contents(made(tmp_path / "c", 100, seed=8, errors=25))


@pytest.mark.parametrize("incidents", [100, 101])
def test_small(tmp_path: Path, incidents: int) -> None:
    report = validate(made(tmp_path / "package", incidents, seed=3))
    assert report.problems == ()
    assert report.rows["casualties"] == 2 * incidents


def test_batches(tmp_path: Path) -> None:
    package = tmp_path / "package"
    code = (
        "import sys; from pathlib import Path; from synthetic.batches import write_batches\n"
        "if __name__ == '__main__': write_batches(Path(sys.argv[1]), 2000, 5, 150)"
    )
    script = tmp_path / "script.py"
    script.write_text(code, encoding="utf-8")
    subprocess.run(
        [sys.executable, script, package], env=os.environ | {"PYTHONPATH": str(SCRIPTS)}, check=True
    )
    report = validate(package)
    assert report.problems == ()
    assert report.skipped == ()
    assert report.rows["incidents"] == report.rows["sources"] == 2000
    assert report.rows["casualties"] == 4000
    assert not list(package.glob(".*"))


def test_same_batches_same_bytes(tmp_path: Path) -> None:
    packages = [tmp_path / name for name in "abc"]
    for package, seed in zip(packages, (7, 7, 8), strict=True):
        run = make("--incidents", 100, "--seed", seed, "--batches", package)
        assert run.returncode == 0, run.stderr
    first, second, other = map(contents, packages)
    assert first == second != other


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--incidents", 10, "--seed", 1), "write a number from 100"),
        (("--incidents", 100, "--seed", 1, "--errors", 26), "write a number from 0 to 25"),
        (("--incidents", 100, "--seed", 1, "--batches", "--errors", 1), "not for a package"),
        (("--incidents", 100), "--seed"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[object, ...], told: str) -> None:
    run = make(*arguments, tmp_path / "package")
    assert run.returncode == 2
    assert told in run.stderr


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    run = make("--incidents", 100, "--seed", 1, tmp_path)
    assert run.returncode == 2
    assert "not an empty folder" in run.stderr
    assert contents(tmp_path) == {"kept.txt": b"mine"}


def test_help_has_an_example() -> None:
    assert "example: python scripts/make_synthetic.py" in make("--help").stdout
