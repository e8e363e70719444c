"""The engine that works in blocks reports what the embedded one does, whatever the data."""

from __future__ import annotations

import csv
import io
import json
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sahel_incidents import reports
from sahel_incidents.csvtext import canonical
from sahel_incidents.descriptor import open_package
from sahel_incidents.engines.distributed import blocks, run
from sahel_incidents.engines.distributed.blocks import LocalFolder
from sahel_incidents.problem import Report, Severity, ToolError

Judge = Callable[..., Report]
MakePackage = Callable[..., Path]

TESTS = Path(__file__).parents[1]
CASES = sorted(path.parent for path in (TESTS / "cases").glob("*/change.json"))
AT_ONCE = 5
WHOLE = 100_000_000
SCRIPT = TESTS.parent / "scripts" / "make_synthetic.py"

pytestmark = pytest.mark.usefixtures("small_groups")


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by the real day, whatever day a build is set to."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.mark.parametrize("first", range(0, len(CASES), AT_ONCE))
def test_cases(
    first: int, tmp_path: Path, copy_shipped: Callable[[Path], Path], judged: Judge
) -> None:
    """Some cases at a time, in one package: a change may get in the way of another."""
    package = copy_shipped(tmp_path)
    edit = runpy.run_path(str(TESTS / "test_cases.py"))["edit"]
    for case in CASES[first : first + AT_ONCE]:
        for change in json.loads((case / "change.json").read_text(encoding="utf-8")):
            with suppress(AssertionError):  # the record to be changed was taken out before
                edit(package, change)
    # Other sizes for each, so that borders of blocks fall elsewhere.
    report = judged(package, 90_000 + 997 * first, 30_000 + 499 * first)
    assert report.problems


def test_shipped_package_in_tiny_blocks(
    tmp_path: Path, copy_shipped: Callable[[Path], Path], judged: Judge
) -> None:
    assert judged(copy_shipped(tmp_path), WHOLE, 15_000).problems == ()


# Errors planted in an invented package


def invent(out: Path, *arguments: object) -> Path:
    command = [sys.executable, str(SCRIPT), *map(str, arguments), str(out)]
    subprocess.run(command, check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("spoilt") / "package"
    return invent(out, "--incidents", 300, "--seed", 11, "--errors", 75)


def test_planted_errors(spoilt: Path, judged: Judge) -> None:
    assert judged(spoilt, WHOLE, 25_000).total >= 75


@pytest.mark.parametrize("most", [1, 3])
def test_very_many_problems_are_counted_and_the_first_held(
    spoilt: Path, tmp_path: Path, judged: Judge, most: int
) -> None:
    package = shutil.copytree(spoilt, tmp_path / "package")
    for name in ("casualties", "participants"):  # of two tables with the same fault
        path = package / "data" / f"{name}.csv"
        lines = path.read_bytes().replace(b",attacker,", b",villain,").splitlines(keepends=True)
        path.write_bytes(b"".join(line.replace(b",killed,", b",slain,") for line in lines))
    everything = judged(package, 30_000)
    first = judged(package, 30_000, most=most)
    assert first.total == everything.total == len(everything.problems)
    assert first.by_rule() == everything.by_rule()
    assert set(first.by_rule().values()) != set(range(most + 1))
    for severity in Severity:
        assert first.count(severity) == everything.count(severity)
    expected = []
    for problem in everything.problems:
        if sum(one.rule == problem.rule for one in expected) < most:
            expected.append(problem)
    assert list(first.problems) == expected
    for name in reports.FORMATS:  # a limit gives the same page, whether the rest was held or not
        render = reports.get(name).render
        if name not in ("junit", "html", "sarif"):
            assert render(first, limit=most) == render(everything, limit=most)
        assert render(first, limit=None)


# Anything at all done to an invented package

TABLES = ("incidents", "casualties", "sources", "participants", "places", "actors", "statements")


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return invent(tmp_path_factory.mktemp("invented") / "package", "--incidents", 100, "--seed", 5)


def _spoil(package: Path, draw: st.DataObject) -> None:
    """Change some records at random: repeat, drop and move rows, change and exchange cells."""
    name = draw.draw(st.sampled_from(TABLES), label="table")
    table = open_package(package).tables[name]
    path = package / table.path
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    number = st.integers(0, len(rows) - 1)
    kind = draw.draw(
        st.sampled_from(("cell", "exchange", "column", "repeat", "drop", "move", "waits")),
        label="kind",
    )
    column = draw.draw(st.integers(0, len(header) - 1), label="column")
    row, other = draw.draw(number, label="row"), draw.draw(number, label="other")
    if kind == "cell":
        text = st.sampled_from(
            ("", "?", "nobody-at-all", "2025-13-01", " x", "é", '"', "=1", "a,b")
        )
        rows[row][column] = draw.draw(text, label="text")
    elif kind == "exchange":
        rows[row][column] = rows[other][column]
    elif kind == "column":
        for one in rows[min(row, other) : max(row, other)]:
            one[column] = rows[row][column]
    elif kind == "repeat":
        rows.insert(other, rows[row])
    elif kind == "drop":
        del rows[min(row, other) : min(row, other) + 5]
    elif kind == "move":
        rows.insert(other, rows.pop(row))
    elif "status" in header:
        for one in rows[min(row, other) :][:30]:
            one[header.index("status")] = "candidate"
    lines = [canonical(header, (), [one]).partition(b"\n")[2] for one in rows]
    path.write_bytes(canonical(header, (), ()) + b"".join(lines))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(draw=st.data())
def test_records_changed_at_random(
    invented: Path, tmp_path_factory: pytest.TempPathFactory, judged: Judge, draw: st.DataObject
) -> None:
    package = shutil.copytree(invented, tmp_path_factory.mktemp("changed") / "package")
    for _ in range(draw.draw(st.integers(1, 6), label="changes")):
        _spoil(package, draw)
    most = draw.draw(st.sampled_from((None, None, 2)), label="most")
    judged(package, draw.draw(st.integers(6_000, 30_000), label="blocksize"), most=most)
    shutil.rmtree(package)


def test_twins_across_blocks(invented: Path, tmp_path: Path, judged: Judge) -> None:
    package = shutil.copytree(invented, tmp_path / "package")
    path = package / "data" / "incidents.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    waiting = [row.replace(",active,", ",candidate,", 1) for row in rows[5:60:5]]
    renamed = [f"{row.partition(',')[0]}-again,{row.partition(',')[2]}" for row in waiting]
    repeated = [rows[7], rows[50]]
    path.write_text("\n".join((header, *rows, *renamed, *repeated)) + "\n", encoding="utf-8")
    report = judged(package, WHOLE, 12_000, 5_000)
    assert report.by_rule()["near-duplicate-incident"] >= 5


# Tiny tables: bytes, cells and keys


def schema(*fields: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    named = [{"name": f, "type": "string"} if isinstance(f, str) else f for f in fields]
    return {"fields": named, **more}


def refers(field: str, table: str, key: str) -> dict[str, Any]:
    return {"fields": [field], "reference": {"resource": table, "fields": [key]}}


PLAIN = b"id,note\na,one\nb,two\nc,three\n"
BYTES = {
    "plain": PLAIN,
    "one_row": b"id,note\na,one\n",
    "header_only": b"id,note\n",
    "empty": b"",
    "nothing": None,
    "last_line_not_ended": PLAIN[:-1],
    "header_not_ended": b"id,note",
    "byte_order_mark": b"\xef\xbb\xbf" + PLAIN,
    "windows": PLAIN.replace(b"\n", b"\r\n"),
    "one_windows_line": PLAIN.replace(b"two\n", b"two\r\n"),
    "lone_return": PLAIN.replace(b"two", b"t\rwo"),
    "nul": PLAIN.replace(b"three", b"thr\0ee"),
    "not_utf8": PLAIN.replace(b"three", b"thr\xe9e"),
    "accents": PLAIN.replace(b"three", "trois été".encode()),
    "quote_never_closed": PLAIN.replace(b"two", b'"two'),
    "quote_in_a_cell": PLAIN.replace(b"two", b't"wo'),
    "quotes_needed": PLAIN.replace(b"two", b'"t,w ""o"""'),
    "quotes_not_needed": PLAIN.replace(b"two", b'"two"'),
    "line_break_in_a_cell": PLAIN.replace(b"two", b'"two\nor ""more""\nlines"'),
    "a_cell_like_a_row": PLAIN.replace(b"two", b'"two\nx,y\nz"'),
    "quotes_that_balance_in_each_line": PLAIN.replace(b"two", b'"a"\n"b"'),
    "too_many_cells": PLAIN.replace(b"two", b"two,"),
    "too_few_cells": PLAIN.replace(b"b,two", b"b"),
    "blank_line": PLAIN.replace(b"b,two\n", b"b,two\n\n"),
    "clash": PLAIN.replace(b"b,two\n", b"<<<<<<< a\nb,two\n=======\nb,three\n>>>>>>> b\n"),
    "columns_in_another_order": b"note,id\none,a\ntwo,b\n",
    "quoted_header": b'"id",note\na,one\n',
    "unknown_column": b"id,notes\na,one\n",
    "semicolons": PLAIN.replace(b",", b";"),
    "out_of_order": b"id,note\nc,1\na,2\nb,3\na,4\nd,5\nc,6\n",
    "repeated": b"id,note\na,1\na,2\nb,3\nb,4\nb,5\n",
    "empty_keys": b"id,note\n,1\n,2\na,3\n",
    "empty_cells": b"id,note\na,\nb,\n",
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes(name: str, make_package: MakePackage, judged: Judge) -> None:
    tables = {"t": (schema("id", "note", primaryKey="id"), BYTES[name])}
    judged(make_package(tables), WHOLE, 1, 2, 7, 9, 20)


def test_a_folder_in_a_files_place(make_package: MakePackage, judged: Judge) -> None:
    root = make_package(
        {"t": (schema("id", primaryKey="id"), None), "u": (schema("x", primaryKey="x"), b"x\n1\n")}
    )
    (root / "data" / "t.csv").mkdir()
    assert judged(root, 1).skipped


@pytest.mark.parametrize("cell", [(1 << 20) - 8, (1 << 20) + 8])
def test_a_line_as_long_as_any(cell: int, make_package: MakePackage, judged: Judge) -> None:
    long = b"id,note\na,1\nb," + b"x" * cell + b"\nc,3\n"
    judged(
        make_package({"t": (schema("id", "note", primaryKey="id"), long)}), 100_000, 600_000, WHOLE
    )


def test_a_table_of_one_column(make_package: MakePackage, judged: Judge) -> None:
    judged(make_package({"t": (schema("id", primaryKey="id"), b"id\na\n\nb\n\n")}), WHOLE, 1, 3)


letters = st.sampled_from(("", "a", "b", "c", "é", "N/A", "a,b", "01", "1", "10", "2", "+1"))


@settings(max_examples=30)
@given(
    parents=st.lists(st.tuples(letters, letters, letters), max_size=12),
    children=st.lists(st.tuples(letters, letters, letters, letters), max_size=16),
    typed=st.booleans(),
    missing=st.sampled_from(([""], ["", "N/A"])),
    ordered=st.booleans(),
    blocksize=st.integers(1, 40),
)
def test_keys_of_tiny_tables(
    parents: list[tuple[str, ...]],
    children: list[tuple[str, ...]],
    typed: bool,
    missing: list[str],
    ordered: bool,
    blocksize: int,
    make_package: MakePackage,
    judged: Judge,
) -> None:
    kind = "integer" if typed else "string"
    parent = schema(
        {"name": "id", "type": kind},
        {"name": "up", "type": kind},
        {"name": "note", "type": "string", "constraints": {"unique": True}},
        primaryKey="id",
        foreignKeys=[refers("up", "", "id")],
        missingValues=missing,
    )
    child = schema(
        "a",
        "b",
        {"name": "parent", "type": kind},
        "note",
        primaryKey=["a", "b"],
        uniqueKeys=[["parent", "note"], ["parent", "b"]],
        foreignKeys=[refers("parent", "parent", "id"), refers("note", "parent", "note")],
    )
    root = make_package(
        {
            "child": (child, _csv("a,b,parent,note", children, ordered)),
            "parent": (parent, _csv("id,up,note", parents, ordered)),
        }
    )
    judged(root, blocksize)
    shutil.rmtree(root)


def _csv(header: str, rows: list[tuple[str, ...]], ordered: bool) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerows(
        sorted(set(rows)) if ordered else rows
    )
    return f"{header}\n{out.getvalue()}".encode()


def test_misspelt_keys_among_few_and_many(make_package: MakePackage, judged: Judge) -> None:
    for number in (30, 3000):
        known = b"id\n" + b"".join(b"place-%05d\n" % (7 * one) for one in range(number))
        wrong = b"id,up\n" + b"".join(
            b"r%04d,place-%05d\n" % (one, 7 * one % 20_000 + one % 3) for one in range(500)
        )
        referring = schema("id", "up", primaryKey="id", foreignKeys=[refers("up", "known", "id")])
        root = make_package(
            {"wrong": (referring, wrong), "known": (schema("id", primaryKey="id"), known)}
        )
        report = judged(root, WHOLE, len(known) // 5)
        assert any("did you mean" in str(problem.suggestion) for problem in report.problems)


# Files that are too large to be read as wholes, or change


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every file of more than 20 bytes for a large one."""
    for module in (run, blocks):
        monkeypatch.setattr(module, "MAX_FILE_BYTES", 20)


@pytest.mark.usefixtures("large")
def test_a_large_table_is_judged_in_blocks(make_package: MakePackage, in_blocks: Judge) -> None:
    table = schema("id", {"name": "n", "type": "integer"}, primaryKey="id")
    root = make_package({"t": (table, b"id,n\na,1\nb,x\nc,3\nb,4\nd,y\n")})
    report = in_blocks(root, 6)
    assert [(p.rule, p.line) for p in report.problems] == [
        ("cell-type", 3),
        ("canonical-form", 5),
        ("key-primary-repeated", 5),
        ("cell-type", 6),
    ]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"id,note\na,one\nb,two\nc,th\0ree\nd\n", "file-encoding", 4),
        (b"id,note\na,one\nb,two\nc,three\nd\n", "csv-ragged-row", 5),
        (b"\xef\xbb\xbfid,note\na,one\nb,two\nc,three\n", "file-encoding", 1),
        (b"id,notes\na,one\nb,two\nc,three\nd,four\n", "csv-header", 1),
        (b'id,note\na,one\nb,two\nc,"thr\nee"\nd,four\n', "csv-quoting", 4),
    ],
)
def test_of_a_large_table_the_first_fault_is_named(
    content: bytes, rule: str, line: int, make_package: MakePackage, in_blocks: Judge
) -> None:
    table = schema("id", "note", primaryKey="id")
    report = in_blocks(make_package({"t": (table, content)}), 7)
    places = [(problem.rule, problem.line) for problem in report.problems]
    assert (rule, line) in places
    assert ("file-readable", None) in places
    assert report.skipped
    assert report.rows == {"t": 0}


def test_a_file_that_changes_is_not_read(make_package: MakePackage) -> None:
    root = make_package({"t": (schema("id", primaryKey="id"), b"id\na\nb\n")})
    folder = LocalFolder(root)
    before = folder.stamp("data/t.csv")
    (root / "data" / "t.csv").write_bytes(b"id\na\nb\nc\n")
    with pytest.raises(ToolError, match="was changed while it was read"):
        folder.read("data/t.csv", 0, 5, before)
    (root / "data" / "t.csv").unlink()
    with pytest.raises(ToolError, match="a worker finds no file"):
        folder.read("data/t.csv", 0, 5, before)
