"""The workbook: every value as it is, nothing that is computed, and other programs read it."""

from __future__ import annotations

import os
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from sahel_incidents import sheetml
from sahel_incidents.formats import BrokenArtifactError, xlsx
from sahel_incidents.problem import ToolError
from sahel_incidents.release import Release

FILE = "sahel-incidents.xlsx"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, shipped: Release) -> Path:
    """A folder with the workbook of the shipped data."""
    folder = tmp_path_factory.mktemp("release")
    xlsx.write(shipped, folder)
    return folder


@pytest.fixture(scope="module")
def book(folder: Path) -> Any:
    return openpyxl.load_workbook(folder / FILE)


def number_of(release: Release, table: str) -> int:
    """The number of a table's sheet in the workbook."""
    return list(release.every_table).index(table) + 2


def rewrite(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Change the files inside a workbook; None leaves one out."""
    with zipfile.ZipFile(path) as source:
        contents = {name: change(name, source.read(name)) for name in source.namelist()}
    with zipfile.ZipFile(path, "w") as target:
        for name, content in contents.items():
            if content is not None:
                target.writestr(name, content)


def test_what_is_written_passes_the_check(release: Release, tmp_path: Path) -> None:
    written = xlsx.write(release, tmp_path)
    assert [one.path for one in written] == [FILE] == [file.name for file in tmp_path.iterdir()]
    xlsx.check(release, tmp_path)


def test_the_same_release_gives_the_same_bytes(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = []
    for zone, mask in (("UTC", 0o022), ("Asia/Kathmandu", 0o077)):
        (tmp_path / zone[:3]).mkdir()
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        before = os.umask(mask)
        try:
            xlsx.write(release, tmp_path / zone[:3])
        finally:
            os.umask(before)
        contents.append((tmp_path / zone[:3] / FILE).read_bytes())
    monkeypatch.undo()
    time.tzset()
    assert contents[0] == contents[1]


def test_openpyxl_reads_every_value(release: Release, tmp_path: Path) -> None:
    xlsx.write(release, tmp_path)
    book = openpyxl.load_workbook(tmp_path / FILE)
    for name, rows in release.every_table.items():
        found = list(book[name].iter_rows(values_only=True))
        assert list(found[0]) == rows.column_names
        expected = zip(*(column.to_pylist() for column in rows.columns), strict=True)
        for row, values in zip(found[1:], expected, strict=True):
            for cell, value in zip(row, values, strict=True):
                assert_same(cell, value)


def assert_same(cell: Any, value: Any) -> None:
    """A cell as openpyxl gives it, and the value it must stand for."""
    if isinstance(cell, datetime):
        assert cell == datetime.combine(value, datetime.min.time())
        assert value >= date(1900, 3, 1)
    elif isinstance(value, date):
        assert cell == value.isoformat()
        assert value < date(1900, 3, 1)
    elif isinstance(value, int) and abs(value) >= 10**15:
        assert cell == str(value)
    elif isinstance(value, str):
        assert isinstance(cell, str)
        # openpyxl leaves the escapes of ECMA-376 as they are.
        assert re.sub("_x([0-9A-F]{4})_", lambda one: chr(int(one[1], 16)), cell) == value
    else:
        assert cell == value
        assert isinstance(cell, bool) == isinstance(value, bool)


def test_text_that_a_spreadsheet_would_run_stays_text(hostile: Release, tmp_path: Path) -> None:
    xlsx.write(hostile, tmp_path)
    with zipfile.ZipFile(tmp_path / FILE) as archive:
        for name in archive.namelist():
            assert not re.search(rb"<f[ >/]|<hyperlink|externalLink", archive.read(name)), name
    book = openpyxl.load_workbook(tmp_path / FILE)
    titles = [row[0] for row in book["incidents"].iter_rows(min_col=3, max_col=3)]
    assert "=1+1" in [cell.value for cell in titles]
    assert {cell.data_type for cell in titles} == {"s"}
    # Whoever edits such a cell is not given a formula either.
    assert {cell.number_format for cell in titles} == {"@"}


def test_each_sheet_has_a_frozen_heading_a_filter_and_widths(shipped: Release, book: Any) -> None:
    assert book.sheetnames == ["Codebook", *shipped.every_table]
    for name, rows in shipped.every_table.items():
        sheet = book[name]
        assert sheet.freeze_panes == "B2"
        last = f"{sheetml.letters(rows.num_columns - 1)}{rows.num_rows + 1}"
        assert sheet.auto_filter.ref == f"A1:{last}"
        assert sheet.dimensions == f"A1:{last}"
        assert all(1 < one.width < 65 for one in sheet.column_dimensions.values())
        assert sheet["A1"].font.bold
    assert book["incidents"]["D2"].number_format == "yyyy-mm-dd"


def test_the_codebook_comes_first(shipped: Release, book: Any) -> None:
    assert book.worksheets[0].title == "Codebook"
    rows = [
        {name: value or "" for name, value in zip(heading, row, strict=True)}
        for heading in [[cell.value for cell in book["Codebook"][1]]]
        for row in book["Codebook"].iter_rows(min_row=2, values_only=True)
    ]
    assert shipped.version in rows[0]["title"]
    assert "Creative Commons" in rows[0]["description"]
    told = {(row["table"], row["column"], row["value"]): row for row in rows}
    for name, table in shipped.declared.items():
        assert told[name, "", ""]["description"]
        for field in table.fields:
            row = told[name, field.name, ""]
            assert (row["description"], row["unit"]) == (field.description, field.unit)
            assert row["required"] == ("yes" if field.required else "no")
            for one in field.categories:
                assert told[name, field.name, one.value]["description"] == one.description


def test_it_is_dated_by_the_release(shipped: Release, book: Any) -> None:
    assert book.properties.created == datetime.combine(shipped.issued, datetime.min.time())
    assert book.properties.title == f"Sahel Incidents {shipped.version}"


def test_pandas_reads_it(shipped: Release, folder: Path) -> None:
    frame = pd.read_excel(folder / FILE, sheet_name="casualties")
    known = shipped.tables["casualties"]
    assert frame["value"].sum() == sum(filter(None, known["value"].to_pylist()))
    assert frame["said_by"].tolist() == known["said_by"].to_pylist()


def test_more_rows_than_a_sheet_can_have_go_on_in_the_next(
    shipped: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheetml, "MAX_ROWS", 31)
    xlsx.write(shipped, tmp_path)
    xlsx.check(shipped, tmp_path)
    book = openpyxl.load_workbook(tmp_path / FILE)
    parts = [name for name in book.sheetnames if name.startswith("casualties")]
    assert parts[:2] == ["casualties", "casualties (2)"]
    ids = [
        row[0]
        for name in parts
        for row in book[name].iter_rows(min_row=2, max_col=1, values_only=True)
    ]
    assert ids == shipped.tables["casualties"]["casualty_id"].to_pylist()
    assert max(book[name].max_row for name in parts) == 31


def test_a_text_too_long_for_a_cell_stops_the_tool(
    shipped: Release, changed: Callable[..., Release], tmp_path: Path
) -> None:
    rows = shipped.tables["actors"].num_rows

    def noted(text: str) -> Release:
        return changed({"actors": {"note": pa.array([None] * (rows - 1) + [text], pa.string())}})

    xlsx.write(noted("é" * 32_767), tmp_path)
    for text in ("é" * 32_768, "😀" * 16_384):
        with pytest.raises(ToolError, match="note holds 32,768 characters, too long"):
            xlsx.write(noted(text), tmp_path)


def test_a_folder_that_is_not_there_stops_the_tool(shipped: Release, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot write"):
        xlsx.write(shipped, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("casualties", rb'(<c r="H3" s="[0-9]+"><v>)[0-9]+', rb"\g<1>987"),
        ("casualties", rb'<c r="H3"( s="[0-9]+")><v>([0-9]+)</v>',
         rb'<c r="H3"\1 t="inlineStr"><is><t>\2</t></is>'),
        ("casualties", rb'<row r="4">.*?</row>', b""),
        ("casualties", rb"</row></sheetData>|</row>\s*</sheetData>",
         b'</row><row r="999"><c r="A999" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'),
        ("incidents", rb'(<c r="D2" s="[0-9]+"><v>)[0-9]+', rb"\g<1>45000"),
        ("sources", rb'(<c r="C2"[^>]*><is><t)>', rb"\1>Another "),
        ("figures_flat", rb't="b"><v>0', b't="b"><v>1'),
        ("figures_flat", rb'<c r="A5"', b'<c r="A6"'),
        ("figures_flat", rb'<c r="A1"[^>]*>.*?</c>', b'<c r="A1" t="b"><v>1</v></c>'),
    ],
)  # fmt: skip
def test_a_changed_cell_is_found(
    shipped: Release, folder: Path, tmp_path: Path, table: str, old: bytes, new: bytes
) -> None:
    (tmp_path / FILE).write_bytes((folder / FILE).read_bytes())
    own = f"xl/worksheets/sheet{number_of(shipped, table)}.xml"

    def change(name: str, content: bytes) -> bytes:
        if name != own:
            return content
        result, times = re.subn(old, new, content, count=1, flags=re.DOTALL)
        assert times == 1
        return result

    rewrite(tmp_path / FILE, change)
    with pytest.raises(BrokenArtifactError, match=FILE):
        xlsx.check(shipped, tmp_path)


def test_a_change_beyond_what_openpyxl_reads_is_found(
    shipped: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "_READ_BY_ANOTHER", 0)
    xlsx.write(shipped, tmp_path)
    xlsx.check(shipped, tmp_path)
    for table, column in (
        ("casualties", "value"),
        ("casualties", "confirmation"),
        ("incidents", "date_end"),
        ("places", "latitude"),
        ("sources", "url"),
    ):
        values = shipped.tables[table][column]
        place = shipped.tables[table].column_names.index(column)
        other = pa.array([None, *values.to_pylist()[:-1]], values.type)
        changed = shipped.tables[table].set_column(place, column, other)
        with pytest.raises(BrokenArtifactError, match=column):
            xlsx.check(replace(shipped, tables={**shipped.tables, table: changed}), tmp_path)


@pytest.mark.filterwarnings("ignore:Defined names")  # openpyxl, of a filter without its sheet
def test_a_damaged_missing_or_renamed_sheet_is_found(
    shipped: Release, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(BrokenArtifactError):
        xlsx.check(shipped, tmp_path)
    content = (folder / FILE).read_bytes()
    for broken in (b"", b"no workbook", content[:-100], content.replace(b"PK\x03\x04", b"PK", 1)):
        (tmp_path / FILE).write_bytes(broken)
        with pytest.raises(BrokenArtifactError):
            xlsx.check(shipped, tmp_path)
    for name, old, new in (
        ("xl/workbook.xml", b'name="casualties"', b'name="figures"'),
        ("xl/sharedStrings.xml", b"casualty_id", b"figure_id"),
        ("xl/worksheets/sheet3.xml", None, None),
    ):
        (tmp_path / FILE).write_bytes(content)
        rewrite(
            tmp_path / FILE,
            lambda at, xml, name=name, old=old, new=new: (  # type: ignore[misc]
                xml if at != name else None if old is None else xml.replace(old, new)
            ),
        )
        with pytest.raises(BrokenArtifactError):
            xlsx.check(shipped, tmp_path)


def test_the_sheets_are_well_formed(hostile: Release, tmp_path: Path) -> None:
    xlsx.write(hostile, tmp_path)
    with zipfile.ZipFile(tmp_path / FILE) as archive:
        assert archive.testzip() is None
        for number, rows in enumerate(hostile.every_table.values(), 2):
            root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
            numbers = [int(row.attrib["r"]) for row in root.iter(f"{MAIN}row")]
            assert numbers == list(range(1, rows.num_rows + 2))
