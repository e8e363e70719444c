"""Tables in several files, as CSV or Parquet, and packages at an address."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sahel_incidents.descriptor import open_package
from sahel_incidents.engines.distributed import run
from sahel_incidents.engines.distributed.remote import RemoteFolder, fetch_descriptor
from sahel_incidents.problem import DescriptorError, Problem, Report, ToolError
from sahel_incidents.typed import read_tables
from sahel_incidents.validate import validate

Judge = Callable[..., Report]
ROOT = Path(__file__).parents[2]
SIZE = 50_000


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented package without errors in its bytes, and with a few in its records."""
    out = tmp_path_factory.mktemp("invented") / "package"
    script = ROOT / "scripts" / "make_synthetic.py"
    options = ("--incidents", "200", "--seed", "4")
    subprocess.run([sys.executable, str(script), *options, str(out)], check=True)
    path = out / "data" / "casualties.csv"
    path.write_text(path.read_text().replace(",official,", ",nobody,"), encoding="utf-8")
    path = out / "data" / "incidents.csv"  # rows that repeat others, and are out of order
    header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join((header, *rows, *rows[50:150:10])), encoding="utf-8")
    return out


def parted(package: Path, out: Path, write: Callable[[Path, str], list[str]]) -> Path:
    """A copy of a package, in which each table lies in the files that a function writes."""
    shutil.copytree(package, out)
    descriptor = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        resource["path"] = write(out, resource["name"])
        (out / "data" / f"{resource['name']}.csv").unlink()
    (out / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    return out


def in_csv(folder: Path, name: str) -> list[str]:
    """Write a table as up to three files of CSV."""
    text = (folder / "data" / f"{name}.csv").read_text(encoding="utf-8")
    header, *rows = text.splitlines(keepends=True)
    (folder / "data" / name).mkdir()
    paths = [f"data/{name}/part-{number:05}.csv" for number in range(3 if rows[2:] else 1)]
    for number, path in enumerate(paths):
        own = rows[number * len(rows) // len(paths) : (number + 1) * len(rows) // len(paths)]
        (folder / path).write_text("".join((header, *own)), encoding="utf-8")
    return paths


def in_parquet(folder: Path, name: str) -> list[str]:
    """Write a table as two files of Parquet."""
    table = pa.table(read_tables(replace_only(folder, name))[name])
    paths = [f"parquet/{name}/part-{number:05}.parquet" for number in range(2)]
    (folder / "parquet" / name).mkdir(parents=True)
    half = table.num_rows // 2
    pq.write_table(table.slice(0, half), folder / paths[0])
    pq.write_table(table.slice(half), folder / paths[1])
    return paths


def replace_only(folder: Path, name: str) -> Any:
    opened = open_package(ROOT)
    return replace(opened, root=folder, tables={name: opened.tables[name]})


def without_places(problem: Problem) -> tuple[object, ...]:
    kept = replace(problem, file="", line=None, column=None)
    return tuple(getattr(kept, name) for name in kept.__slots__)


def found(report: Report) -> list[str]:
    """The problems of records, wherever they stand."""
    return sorted(
        repr(without_places(one)) for one in report.problems if one.rule != "canonical-form"
    )


def test_parts_in_csv(invented: Path, tmp_path: Path, in_blocks: Judge) -> None:
    expected = validate(invented)
    package = parted(invented, tmp_path / "package", in_csv)
    report = in_blocks(package, 20_000)
    assert found(report) == found(expected)
    assert report.rows == expected.rows
    assert report.skipped == expected.skipped
    for problem in report.problems:  # each place is that of the value, in the part's own file
        if problem.line and problem.field and problem.value:
            lines = (package / problem.file).read_text(encoding="utf-8").splitlines()
            line = lines[problem.line - 1]
            assert line[problem.column - 1 :].lstrip('"').startswith(problem.value)  # type: ignore[operator]
    (order,) = (one for one in report.problems if one.rule == "canonical-form")
    assert order.file == "data/incidents/part-00002.csv"


def test_a_part_that_is_not_in_plain_form(invented: Path, tmp_path: Path, in_blocks: Judge) -> None:
    package = parted(invented, tmp_path / "package", in_csv)
    before = in_blocks(package, 20_000)
    part = package / "data" / "casualties" / "part-00001.csv"
    part.write_bytes(part.read_bytes().replace(b"\n", b"\r\n"))
    report = in_blocks(package, 20_000)
    assert found(report) == sorted([*found(before), *(x for x in found(report) if "CR LF" in x)])
    part.write_bytes(b"\xff" + part.read_bytes())
    report = in_blocks(package, 20_000)
    assert report.rows["casualties"] == 0
    assert ("cells", "casualties") in {(one.check, one.table) for one in report.skipped}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped package; its cells can be written as Parquet."""
    out = tmp_path_factory.mktemp("sound") / "package"
    out.mkdir()
    shutil.copy(ROOT / "datapackage.json", out)
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, out / name)
    path = out / "data" / "sources.csv"
    text = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(text[:9] + text[10:]), encoding="utf-8")  # one that others refer to
    return out


def test_parts_in_parquet(sound: Path, tmp_path: Path, in_blocks: Judge) -> None:
    expected = validate(sound)
    package = parted(sound, tmp_path / "package", in_parquet)
    report = in_blocks(package, SIZE)
    assert found(report) == found(expected)
    assert report.rows == expected.rows
    assert report.skipped == expected.skipped
    places = {(one.table, one.record, one.field): one.line for one in expected.problems}
    for problem in report.problems:  # lines as those of the table as one file of CSV
        assert problem.file.endswith(".parquet")
        assert problem.line == places[problem.table, problem.record, problem.field]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PAR1 and nothing more", "it is no Parquet file"),
        (pa.table({"other": [1]}), "its columns are not those of aliases, in their order"),
        (None, "there is no such file"),
        (
            pa.table({"alias": [1], "language": ["fr"], "actor_id": ["x"], "place_id": ["y"]}),
            "alias is of type int64, not string",
        ),
    ],
    ids=["broken", "columns", "missing", "type"],
)
def test_what_is_no_parquet_of_the_table(
    sound: Path, tmp_path: Path, in_blocks: Judge, content: Any, told: str
) -> None:
    package = parted(sound, tmp_path / "package", in_parquet)
    path = package / "parquet" / "aliases" / "part-00001.parquet"
    path.unlink()
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        pq.write_table(content, path)
    report = in_blocks(package, SIZE)
    (problem,) = (one for one in report.problems if one.rule == "file-readable")
    assert problem.file == "parquet/aliases/part-00001.parquet"
    assert told in problem.message
    assert report.skipped


def test_the_embedded_engine_says_which_reads_parts(invented: Path, tmp_path: Path) -> None:
    package = parted(invented, tmp_path / "package", in_csv)
    with pytest.raises(DescriptorError) as raised:
        validate(package)
    assert raised.value.remedy == "run: incidents validate --engine dask"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ([], "a list of paths"),
        ([1], "a list of paths"),
        (["data/a.csv", "data/a.csv"], "names a file twice"),
        (["data/a.csv", "../a.csv"], "has an empty, '.' or '..' part"),
        (["https://example.org/a.csv"], "nothing remote is ever opened"),
        (["data/a.txt"], "must end with .csv"),
    ],
)
def test_wrong_lists_of_parts(tmp_path: Path, path: list[Any], told: str) -> None:
    resource = {"name": "t", "path": path, "schema": {"fields": [], "primaryKey": "id"}}
    descriptor = {"name": "n", "version": "1", "resources": [resource]}
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    with pytest.raises(DescriptorError, match=told):
        open_package(tmp_path, parted=True)


# At an address


@pytest.fixture
def stored(invented: Path) -> Iterator[str]:
    """The address of a copy of the invented package, in a store of this process."""
    files = fsspec.filesystem("memory")
    files.put(f"{invented}/", "/bucket/package", recursive=True)
    yield "memory://bucket/package"
    files.rm("/bucket", recursive=True)


def judged_at(address: str, at_once: Any, into: Path) -> Report:
    folder = RemoteFolder(address)
    fetch_descriptor(folder, into)
    return run.Run(open_package(into), folder, at_once, lambda *_: None, None, SIZE).run()


def test_a_package_in_a_store(invented: Path, stored: str, tmp_path: Path, at_once: Any) -> None:
    expected = validate(invented)
    report = judged_at(stored, at_once, tmp_path)
    assert replace(report, root=expected.root) == expected
    fsspec.filesystem("memory").pipe("/bucket/package/data/more.csv", b"x\n")
    report = judged_at(stored, at_once, tmp_path)
    assert [p.file for p in report.problems if p.rule == "unlisted-file"] == ["data/more.csv"]


def test_what_the_store_does_not_have(stored: str, tmp_path: Path, at_once: Any) -> None:
    files = fsspec.filesystem("memory")
    files.rm("/bucket/package/data/places.csv")
    report = judged_at(stored, at_once, tmp_path)
    assert ("file-readable", "data/places.csv") in {(p.rule, p.file) for p in report.problems}
    files.rm("/bucket/package/schemas/places.json")
    (tmp_path / "schemas" / "places.json").unlink()
    with pytest.raises(DescriptorError, match="no such file"):
        judged_at(stored, at_once, tmp_path)
    files.rm("/bucket/package/datapackage.json")
    with pytest.raises(ToolError, match=r"no datapackage\.json at memory://bucket/package"):
        judged_at(stored, at_once, tmp_path)


def test_a_file_that_changes_in_the_store(stored: str) -> None:
    folder = RemoteFolder(stored)
    before = folder.stamp("data/places.csv")
    assert folder.read("data/places.csv", 0, 9, before) == b"place_id,"
    fsspec.filesystem("memory").pipe("/bucket/package/data/places.csv", b"x\n")
    with pytest.raises(ToolError, match="was changed while it was read"):
        folder.read("data/places.csv", 0, 9, before)


def test_a_descriptor_leads_nowhere_else(stored: str, tmp_path: Path) -> None:
    files = fsspec.filesystem("memory")
    files.pipe("/bucket/secret.json", b"{}")
    resource = {"name": "t", "path": "data/t.csv", "schema": "../secret.json"}
    text = json.dumps({"name": "n", "version": "1", "resources": [resource]})
    files.pipe("/bucket/package/datapackage.json", text.encode())
    fetch_descriptor(RemoteFolder(stored), tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["datapackage.json"]
    assert not (tmp_path.parent / "secret.json").exists()


def run_cli(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sahel_incidents", "validate", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"},
    )


def test_on_the_command_line(invented: Path) -> None:
    options = ("--engine", "dask", "--workers", 1)
    done = run_cli(invented.as_uri(), *options, "--format", "json")
    expected = json.loads(run_cli(invented, "--format", "json").stdout)
    assert done.returncode == 1
    assert json.loads(done.stdout) == expected


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("s3://bucket/package",), 2, "a package at an address needs --engine dask"),
        (("--workers", "2"), 2, "--workers needs --engine dask"),
        (("--engine", "dask", "--since", "main"), 2, "leave --engine dask out"),
        (("--engine", "dask", "--memory-limit", "much"), 2, "write it as 2GB or 512MiB"),
        (("--engine", "dask", "--workers", "0"), 2, "--workers"),
        (
            ("--engine", "dask", "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"),
            2,
            "has its workers",
        ),
        (("--engine", "dask", "file:///nowhere-at-all"), 3, "no datapackage.json at file:"),
        (("--engine", "dask", "nothing://x/y"), 3, "cannot read nothing://x/y"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], code: int, told: str) -> None:
    done = run_cli(*arguments)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr
