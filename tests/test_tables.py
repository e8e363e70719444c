"""Bytes: every hazard of a table's file gives a problem at its place, and nothing else happens."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents import tables
from sahel_incidents.csvtext import Lines, canonical, cell_starts, reformatted, split_cells
from sahel_incidents.descriptor import open_package
from sahel_incidents.package import Table
from sahel_incidents.problem import Problem
from sahel_incidents.tables import Reading

COLUMNS = ("id", "a", "b")
HEADER = b"id,a,b\n"
SPECTRUM = Path(__file__).with_name("csv_spectrum")

Place = tuple[str, int | None, int | None]
ReadBytes = Callable[..., Reading]


def schema(columns: tuple[str, ...] = COLUMNS, key: tuple[str, ...] = ("id",)) -> dict[str, Any]:
    fields = [{"name": name, "type": "string"} for name in columns]
    return {"fields": fields, "primaryKey": list(key)}


@pytest.fixture
def read_bytes(make_package: Callable[..., Path], tmp_path: Path) -> ReadBytes:
    """Read a table's bytes; without bytes, whatever is in the file's place."""

    def read(
        content: bytes | None,
        columns: tuple[str, ...] = COLUMNS,
        key: tuple[str, ...] = ("id",),
    ) -> Reading:
        package = open_package(make_package({"t": (schema(columns, key), content)}, tmp_path))
        return tables.read_table(package, package.tables["t"])

    return read


@pytest.fixture(scope="module")
def table(make_package: Callable[..., Path]) -> Table:
    return open_package(make_package({"t": (schema(), HEADER)})).tables["t"]


def places(reading: Reading) -> list[Place]:
    return [(problem.rule, problem.line, problem.column) for problem in reading.problems]


def rows(reading: Reading) -> list[list[str]]:
    assert reading.text is not None
    columns = [reading.text[name].cast("string").to_pylist() for name in reading.text.column_names]
    return [list(row) for row in zip(*columns, strict=True)]


def written(*table_rows: list[str], **options: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", **options).writerows([list(COLUMNS), *table_rows])
    return out.getvalue().encode()


BLOCKING: dict[str, tuple[bytes, list[Place]]] = {
    "empty": (b"", [("file-readable", None, None)]),
    "unterminated quote": (HEADER + b'1,"x,y\n2,x,y\n', [("csv-quoting", 2, 3)]),
    "unterminated after a doubled quote": (HEADER + b'1,"x""\n', [("csv-quoting", 2, 3)]),
    "quote at the end": (HEADER + b'1,x,"', [("line-endings", 2, 6), ("csv-quoting", 2, 5)]),
    "quote inside a cell": (HEADER + b'1,x"y,z\n', [("csv-quoting", 2, 4)]),
    "quote after a space": (HEADER + b'1, "x",y\n', [("csv-quoting", 2, 4)]),
    "text after a quote": (HEADER + b'1,"x"y,z\n', [("csv-quoting", 2, 3)]),
    "stray quote before an open one": (HEADER + b'1,x"y,"z"a\n', [("csv-quoting", 2, 4)]),
    "quotes in the header": (b'"id,a,b\n1,2,3\n', [("csv-quoting", 1, 1)]),
    "semicolons": (b"id;a;b\n1;x;y\n", [("csv-header", 1, 1)]),
    "tabs": (b"id\ta\tb\n1\tx\ty\n", [("csv-header", 1, 1)]),
    "NUL": (HEADER + b"1,x,y\n2,\xc3\xa9\0,y\n3,\0,z\n", [("file-encoding", 3, 4)]),
    "UTF-16": ((HEADER + b"1,x,y\n").decode().encode("utf-16"), [("file-encoding", 1, 4)]),
    "UTF-16, no mark": ((HEADER + b"1,x,y\n").decode().encode("utf-16-le"),
                        [("file-encoding", 1, 2)]),
    "Latin-1": (HEADER + b"1,x,y\n2,M\xe9naka,y\n", [("file-encoding", 3, 4)]),
    "cut UTF-8": (HEADER + b"1,x,\xc3\n", [("file-encoding", 2, 5)]),
    "surrogate in UTF-8": (HEADER + b"1,\xed\xa0\x80,y\n", [("file-encoding", 2, 3)]),
    "overlong UTF-8": (HEADER + b"1,\xc0\xaf,y\n", [("file-encoding", 2, 3)]),
    "CR only": (b"id,a,b\r1,x,y\r", [("line-endings", 1, 7)]),
    "CR before CR LF": (HEADER + b"1,x,y\r\r\n", [("line-endings", 2, 6)]),
    "CR in a cell": (HEADER + b"1,x\ry,z\n", [("line-endings", 2, 4)]),
    "CR in a quoted cell": (HEADER + b'1,"x\ry",z\n', [("line-endings", 2, 5)]),
    "a clash of a merge": (
        HEADER + b"1,x,y\n<<<<<<< ours\n2,x,y\n=======\n2,x,z\n>>>>>>> theirs\n3,x,y\n",
        [("file-conflict", 3, None)],
    ),
    "two clashes": (
        HEADER + b"<<<<<<< a\n=======\n1,x,y\n>>>>>>> b\n<<<<<<< a\n1,x,z\n=======\n>>>>>>> b\n",
        [("file-conflict", 2, None), ("file-conflict", 6, None)],
    ),
    "a clash in the header": (b"<<<<<<< a\n" + HEADER, [("file-conflict", 1, None)]),
    "a forgotten mark": (HEADER + b"1,x,y\n=======\n", [("file-conflict", 3, None)]),
    "short row": (HEADER + b"1,x,y\n2,x\n3,x,y\n", [("csv-ragged-row", 3, None)]),
    "long row": (HEADER + b"1,x,y,z\n", [("csv-ragged-row", 2, None)]),
    "trailing comma": (HEADER + b"1,x,y,\n", [("csv-ragged-row", 2, None)]),
    "blank line": (HEADER + b"1,x,y\n\n2,x,y\n", [("csv-ragged-row", 3, None)]),
    "blank line at the end": (HEADER + b"1,x,y\n\n", [("csv-ragged-row", 3, None)]),
    "blank lines only": (HEADER + b"\n\n", [("csv-ragged-row", 2, None),
                                            ("csv-ragged-row", 3, None)]),
    "line of spaces": (HEADER + b"   \n", [("csv-ragged-row", 2, None)]),
    "blank first line": (b"\n" + HEADER, [("csv-header", 1, 1)] * 3 + [("csv-header", 1, 1)]),
    "short row after a long cell": (
        HEADER + b'1,"x\n\ny",z\n2,x\n3,x,y,z\n',
        [("cell-newline", 2, 5), ("csv-ragged-row", 5, None), ("csv-ragged-row", 6, None)],
    ),
    "column missing": (b"id,a\n1,x\n", [("csv-header", 1, 1)]),
    "column unknown": (b"id,a,b,c\n1,x,y,z\n", [("csv-header", 1, 8)]),
    "column misspelt": (b"id,a,bb\n1,x,y\n", [("csv-header", 1, 1), ("csv-header", 1, 6)]),
    "column twice": (b"id,a,b,a\n1,x,y,z\n", [("csv-header", 1, 8)]),
    "columns in another order": (b"id,b,a\n1,x,y\n", [("csv-header", 1, 1)]),
    "columns in capitals": (b"ID,a,b\n1,x,y\n", [("csv-header", 1, 1), ("csv-header", 1, 1)]),
    "unknown after a wide column": ("idé,a,c\n".encode(), [("csv-header", 1, 1)] * 3
                                    + [("csv-header", 1, 7)]),
    "no header": (b"1,x,y\n", [("csv-header", 1, 1)] * 4
                  + [("csv-header", 1, 3), ("csv-header", 1, 5)]),
    "mark alone": (b"\xef\xbb\xbf", [("file-encoding", 1, 1), ("line-endings", 1, 1)]
                   + [("csv-header", 1, 1)] * 4),
}  # fmt: skip
"""Bytes after which the cells are not known."""

READABLE: dict[str, tuple[bytes, list[Place], list[list[str]]]] = {
    "sound": (HEADER + b'1,x,y\n2,"x,1","y""z"\n', [], [["1", "x", "y"], ["2", "x,1", 'y"z']]),
    "header only": (HEADER, [], []),
    "all cells empty": (HEADER + b",,\n", [], [["", "", ""]]),
    "read as text": (HEADER + b"007,NA,null\n1e5,None, x \n", [],
                     [["007", "NA", "null"], ["1e5", "None", " x "]]),
    "byte-order mark": (b"\xef\xbb\xbf" + HEADER + b"1,x,y\n", [("file-encoding", 1, 1)],
                        [["1", "x", "y"]]),
    "CR LF": (b"id,a,b\r\n1,x,y\r\n", [("line-endings", 1, 7)], [["1", "x", "y"]]),
    "mixed line ends": (HEADER + b"1,x,y\r\n2,x,y\n", [("line-endings", 2, 6)],
                        [["1", "x", "y"], ["2", "x", "y"]]),
    "no last line end": (HEADER + b"1,x,y", [("line-endings", 2, 6)], [["1", "x", "y"]]),
    "header without line end": (b"id,a,b", [("line-endings", 1, 7)], []),
    "needless quotes": (HEADER + b'1,x,y\n2,"x","y"\n', [("canonical-form", 3, 3)],
                        [["1", "x", "y"], ["2", "x", "y"]]),
    "needless quotes around nothing": (HEADER + b'1,"",y\n', [("canonical-form", 2, 3)],
                                       [["1", "", "y"]]),
    "needless quotes in the header": (b'id,"a",b\n', [("canonical-form", 1, 4)], []),
    "unsorted": (HEADER + b"2,x,y\n1,x,y\n3,x,y\n", [("canonical-form", 3, None)],
                 [["2", "x", "y"], ["1", "x", "y"], ["3", "x", "y"]]),
    "sorted by letters, not bytes": (HEADER + "é,x,y\nz,x,y\n".encode(),
                                     [("canonical-form", 3, None)],
                                     [["é", "x", "y"], ["z", "x", "y"]]),
    "line break in a cell": (HEADER + b'1,"x\ny",z\n2,x,y\n', [("cell-newline", 2, 5)],
                             [["1", "x\ny", "z"], ["2", "x", "y"]]),
    "CR LF in a cell": (HEADER + b'1,"x\r\ny",z\r\n',
                        [("line-endings", 2, 5), ("cell-newline", 2, 5)], [["1", "x\ny", "z"]]),
    "two cells of several lines": (HEADER + b'1,"\n\n","\xc3\xa9\n"\n',
                                   [("cell-newline", 2, 4), ("cell-newline", 4, 5)],
                                   [["1", "\n\n", "é\n"]]),
}  # fmt: skip
"""Bytes that depart from the canonical form at most."""


@pytest.mark.parametrize("name", BLOCKING)
def test_bytes_that_block(read_bytes: ReadBytes, name: str) -> None:
    content, expected = BLOCKING[name]
    reading = read_bytes(content)
    assert sorted(places(reading), key=repr) == sorted(expected, key=repr)
    assert reading.text is None
    assert reading.rows == 0


@pytest.mark.parametrize("name", READABLE)
def test_bytes_that_can_be_read(read_bytes: ReadBytes, name: str) -> None:
    content, expected, cells = READABLE[name]
    reading = read_bytes(content)
    assert places(reading) == expected
    assert rows(reading) == cells


@pytest.mark.parametrize("name", [*BLOCKING, *READABLE])
def test_a_problem_says_what_to_do(read_bytes: ReadBytes, name: str) -> None:
    for problem in read_bytes((BLOCKING | READABLE)[name][0]).problems:
        assert problem.file == "data/t.csv"
        assert problem.table == "t"
        assert problem.message
        assert problem.suggestion


def suggestions(reading: Reading) -> list[str | None]:
    return [problem.suggestion for problem in reading.problems]


def test_what_is_suggested(read_bytes: ReadBytes) -> None:
    assert "'é'" in str(suggestions(read_bytes(BLOCKING["Latin-1"][0])))
    assert suggestions(read_bytes(b"")) == ["write at least the header: id,a,b"]
    misspelt = read_bytes(b"identity,a,b\n", columns=("identify", "a", "b"), key=("a",))
    assert suggestions(misspelt) == [
        'rename "identity" to "identify"',
        'did you mean "identify"?',
    ]


def test_a_row_as_the_csv_module_writes_it_with_a_carriage_return(read_bytes: ReadBytes) -> None:
    content = written(["1", "x\ry", "z"])
    assert b'"' not in content, "the csv module has learnt to quote a carriage return"
    assert places(read_bytes(content)) == [("line-endings", 2, 4)]


def test_a_missing_file(read_bytes: ReadBytes) -> None:
    reading = read_bytes(None)
    assert [p.message for p in reading.problems] == ["there is no such file"]
    assert reading.text is None


def test_a_folder_in_its_place(read_bytes: ReadBytes, tmp_path: Path) -> None:
    (tmp_path / "data" / "t.csv").mkdir(parents=True)
    assert places(read_bytes(None)) == [("file-readable", None, None)]


def test_a_pipe_in_its_place_does_not_hang(read_bytes: ReadBytes, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    os.mkfifo(tmp_path / "data" / "t.csv")
    assert [p.message for p in read_bytes(None).problems] == ["is not a plain file"]


def test_a_file_of_two_gigabytes(read_bytes: ReadBytes, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "t.csv").open("wb") as file:
        file.truncate(2 << 30)
    reading = read_bytes(None)
    assert places(reading) == [("file-readable", None, None)]
    assert "2,147,483,648 bytes" in reading.problems[0].message


def test_a_file_that_may_not_be_read(
    make_package: Callable[..., Path],
    tmp_path: Path,
    failure_without_permission: Callable[[Path], str],
) -> None:
    root = make_package({"t": (schema(), HEADER)}, tmp_path)
    (root / "data" / "t.csv").chmod(0)
    said = failure_without_permission(root)
    assert said.startswith("cannot read data/t.csv: Permission denied -> check")


@pytest.mark.parametrize("size", [tables.MAX_LINE_BYTES + 1, 10_000_000])
def test_a_huge_cell(read_bytes: ReadBytes, size: int) -> None:
    reading = read_bytes(HEADER + b"1,x,y\n2," + b"x" * size + b",y\n")
    assert places(reading) == [("csv-quoting", 3, 1)]
    assert f"{size + 5:,} bytes" in reading.problems[0].message


def test_a_cell_of_the_largest_size(read_bytes: ReadBytes) -> None:
    cell = "é" * (tables.MAX_LINE_BYTES // 2 - 10)
    assert rows(read_bytes(HEADER + f"1,{cell},y\n".encode())) == [["1", cell, "y"]]


def test_a_huge_cell_of_many_lines(read_bytes: ReadBytes) -> None:
    content = HEADER + b'1,"' + b"x\n" * 5_000_000 + b'",y\n'
    reading = read_bytes(content)
    assert places(reading) == [("cell-newline", 2, 5), ("csv-quoting", 2, 1)]
    assert reading.text is None


def test_many_cells_of_several_lines(read_bytes: ReadBytes) -> None:
    # Were each place counted from the file's beginning, this would take minutes.
    count = 100_000
    reading = read_bytes(HEADER + b"".join(b'%06d,"x\ny",z\n' % n for n in range(count)))
    assert places(reading) == [("cell-newline", 2 + 2 * n, 10) for n in range(count)]
    assert reading.rows == count


def test_a_header_of_very_many_columns(read_bytes: ReadBytes) -> None:
    reading = read_bytes(b"id,a,b" + b"," * 500_000 + b"\n")
    assert places(reading) == [("csv-header", 1, 1)]
    assert reading.problems[0].message == "500,003 columns where the schema has 3"


def test_a_fault_far_into_a_file(read_bytes: ReadBytes) -> None:
    line = b"1,%b,y\n" % ("é" * 50).encode()
    count = 2 * tables.MAX_LINE_BYTES // len(line)
    reading = read_bytes(HEADER + line * count + b"1,\xff,y\n")
    assert places(reading) == [("file-encoding", count + 2, 3)]


def test_ragged_rows_in_many_blocks(read_bytes: ReadBytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_BLOCK_BYTES", 500)
    chosen = random.Random(1)
    content, expected, line = HEADER, [], 2
    for _ in range(2000):
        kind = chosen.choice(["good", "good", "good", "several lines", "short", "blank"])
        if kind in ("short", "blank"):
            expected.append(("csv-ragged-row", line, None))
        content += {"good": b"1,x,y\n", "several lines": b'1,"x\n\n",y\n', "short": b"1,x\n",
                    "blank": b"\n"}[kind]  # fmt: skip
        line += 3 if kind == "several lines" else 1
    found = [place for place in places(read_bytes(content)) if place[0] == "csv-ragged-row"]
    assert sorted(found) == expected


def test_what_a_ragged_row_says(read_bytes: ReadBytes) -> None:
    reading = read_bytes(HEADER + b"1,x,y,z\n2,x\n\n")
    assert sorted((p.line, p.message, p.value) for p in reading.problems) == [
        (2, "4 cells where the header has 3", "1,x,y,z"),
        (3, "2 cells where the header has 3", "2,x"),
        (4, "a blank line", ""),
    ]


RECORD = r'(?:"(?:[^"]|"")*"|[^",\n]*)(?:,(?:"(?:[^"]|"")*"|[^",\n]*))*\n'
WELL_FORMED = re.compile(f"(?:{RECORD})*")
"""RFC 4180 as one regular expression: what our verdict on quotes is held against."""


@settings(max_examples=600)
@given(st.text('a,"\né', max_size=24).map(lambda body: body + "\n"))
def test_quotes_and_rows_are_read_as_rfc_4180_says(
    make_package: Callable[..., Path], body: str
) -> None:
    content = b"id,a\n" + body.encode()
    package = open_package(make_package({"t": (schema(("id", "a")), content)}))
    reading = tables.read_table(package, package.tables["t"])
    found = {problem.rule for problem in reading.problems}
    assert ("csv-quoting" in found) == (WELL_FORMED.fullmatch(body) is None)
    if "csv-quoting" in found:
        return
    reader = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    expected, ragged, line = [], [], 1
    for row in reader:
        if len(row) != 2:
            ragged.append(line)
        expected.append(row)
        line = reader.line_num + 1
    found_lines = {p.line for p in reading.problems if p.rule == "csv-ragged-row"}
    assert found_lines == set(ragged)
    if not ragged:
        assert rows(reading) == expected[1:]


ANY_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=8
)
CELLS = st.one_of(ANY_TEXT, st.text('a,"b ', max_size=6))
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS).map(list), max_size=8)


@settings(max_examples=300)
@given(ROWS, st.sampled_from([("id",), ("a", "id"), ("id", "a", "b")]))
def test_the_canonical_form_is_sound(
    make_package: Callable[..., Path], table_rows: list[list[str]], key: tuple[str, ...]
) -> None:
    content = canonical(COLUMNS, key, table_rows)
    package = open_package(make_package({"t": (schema(key=key), content)}))
    reading = tables.read_table(package, package.tables["t"])
    assert reading.problems == []
    assert sorted(rows(reading)) == sorted(table_rows)
    assert rows(reading) == list(csv.reader(io.StringIO(content.decode(), newline="")))[1:]
    assert canonical(COLUMNS, key, rows(reading)) == content
    keys = [tuple(row[COLUMNS.index(name)] for name in key) for row in table_rows]
    assert reading.ordered == (len(set(keys)) == len(keys))


@settings(max_examples=200)
@given(ROWS)
def test_rows_out_of_order_are_found(
    make_package: Callable[..., Path], table_rows: list[list[str]]
) -> None:
    content = canonical(COLUMNS, (), table_rows)
    package = open_package(make_package({"t": (schema(key=("a", "b")), content)}))
    reading = tables.read_table(package, package.tables["t"])
    keys = [(row[1].encode(), row[2].encode()) for row in table_rows]
    late = [n for n in range(1, len(keys)) if keys[n] < keys[n - 1]]
    expected = [("canonical-form", late[0] + 2, None)] if late else []
    assert places(reading) == expected


@pytest.mark.parametrize("cell", ["a\nb", "a\r", "\n"])
def test_the_canonical_form_has_no_line_break_in_a_cell(cell: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        canonical(COLUMNS, ("id",), [["1", cell, "y"]])


def test_quotes_only_where_needed() -> None:
    content = canonical(COLUMNS, ("id",), [["2", 'a"b', "x,y"], ["1", "", " '; "]])
    assert content == b'id,a,b\n1,, \'; \n2,"a""b","x,y"\n'


@settings(max_examples=300)
@given(st.lists(CELLS, min_size=2, max_size=6), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_a_record_is_split_as_the_csv_module_does(record: list[str], quoting: int) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=quoting).writerow(record)
    text = out.getvalue().removesuffix("\n")
    assert split_cells(text) == record
    starts = cell_starts(text)
    assert len(starts) == len(record)
    assert [below for below, _ in starts] == [0] * len(record)


@settings(max_examples=300)
@given(
    st.lists(
        st.lists(st.one_of(CELLS, st.text('a\n,"é', max_size=5)), min_size=3, max_size=3),
        min_size=1,
        max_size=5,
    ),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_the_place_of_a_cell_is_where_it_stands(
    table_rows: list[list[str]], marked: bool, ending: str, quoting: int
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=ending, quoting=quoting)
    writer.writerows([list(COLUMNS), *table_rows])
    text = out.getvalue()
    lines = Lines((b"\xef\xbb\xbf" if marked else b"") + text.encode())
    physical = text.split("\n")
    for number, row in enumerate(table_rows):
        for index, cell in enumerate(row):
            line, column = lines.cell(number, index)
            rest = "\n".join(physical[line - 1 :])[column - 1 :]
            quoted = '"' + cell.replace('"', '""') + '"'
            assert rest.startswith((quoted + ",", quoted + ending) if rest[:1] == '"' else cell)
            assert column == 1 or physical[line - 1][column - 2] == ","


@settings(max_examples=200)
@given(ROWS, st.booleans(), st.sampled_from(["\n", "\r\n"]), st.permutations(COLUMNS))
def test_formatting_mends_the_form_and_keeps_the_cells(
    table: Table, table_rows: list[list[str]], marked: bool, ending: str, order: list[str]
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow(order)
    writer.writerows([row[COLUMNS.index(name)] for name in order] for row in table_rows)
    content = (b"\xef\xbb\xbf" if marked else b"") + out.getvalue().encode()
    mended = reformatted(table, content)
    assert mended == reformatted(table, mended)
    again = csv.reader(io.StringIO(mended.decode(), newline=""), strict=True)
    composed = [[unicodedata.normalize("NFC", cell) for cell in row] for row in table_rows]
    assert sorted(again) == sorted([list(COLUMNS), *composed])


@pytest.mark.parametrize(
    "content",
    [b"", b'id,a,b\n1,"x,y\n', b"id,a\n", HEADER + b"1,x\n", HEADER + b'1,"x\ny",z\n', b"\xff"],
)
def test_what_cannot_be_formatted_is_refused(table: Table, content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several faults, each in its own words
        reformatted(table, content)


SPECTRUM_PROBLEMS: dict[str, list[Place]] = {
    "comma_in_quotes": [("line-endings", 2, 41)],
    "empty": [("line-endings", 3, 6), ("canonical-form", 2, 3)],
    "empty_crlf": [("line-endings", 1, 6), ("line-endings", 3, 6), ("canonical-form", 2, 3)],
    "escaped_quotes": [],
    "json": [],
    "location_coordinates": [("line-endings", 2, 56), ("csv-quoting", 2, 22)],
    "newlines": [("cell-newline", 3, 12), ("canonical-form", 5, None)],
    "newlines_crlf": [("line-endings", 1, 6), ("cell-newline", 3, 12), ("canonical-form", 5, None)],
    "quotes_and_newlines": [("cell-newline", 2, 7)],
    "simple": [],
    "simple_crlf": [("line-endings", 1, 6)],
    "utf8": [("line-endings", 3, 6)],
}


def test_every_spectrum_case_is_run() -> None:
    assert {path.stem for path in (SPECTRUM / "csvs").iterdir()} == set(SPECTRUM_PROBLEMS)


@pytest.mark.parametrize("name", SPECTRUM_PROBLEMS)
def test_csv_spectrum(read_bytes: ReadBytes, name: str) -> None:
    content = (SPECTRUM / "csvs" / f"{name}.csv").read_bytes()
    expected = json.loads((SPECTRUM / "json" / f"{name}.json").read_text(encoding="utf-8"))
    columns = tuple(content.decode().splitlines()[0].split(","))
    reading = read_bytes(content, columns, columns[:1])
    assert places(reading) == SPECTRUM_PROBLEMS[name]
    if reading.text is not None:
        found = [dict(zip(columns, row, strict=True)) for row in rows(reading)]
        # A line break inside a cell is reported, and kept as LF.
        plain = [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in expected]
        assert found == plain


def test_problems_are_equal_by_rule_and_place(read_bytes: ReadBytes) -> None:
    first, second = (read_bytes(HEADER + b"1,x\n").problems[0] for _ in range(2))
    assert first == second
    assert first != Problem(first.rule, first.severity, first.message, first.file, 9)
