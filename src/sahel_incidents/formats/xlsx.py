"""XLSX: the data dictionary on the first sheet, then a sheet for each table.

Text stays text, whatever it begins with; nothing in the workbook is computed. What a spreadsheet
cannot hold unchanged is written as text, see `sheetml`. A table with more rows than a sheet can
have goes on in further sheets: `casualties`, `casualties (2)`.

xlsxwriter makes the workbook with the dictionary and each table's heading. The rows are put into
its sheets as XML that is made by columns, since one call for each cell would take minutes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from datetime import datetime, time
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from .. import dictionary, sheetml
from ..about import describe
from ..dictionary import Entry
from ..problem import ToolError
from ..release import Release
from . import BrokenArtifactError, Written, compare, reading

TITLE = "Excel workbook"
OPTION = ""

DICTIONARY = "Codebook"
"""The sheet of the data dictionary."""

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FORMATS = {"string": "@", "date": "yyyy-mm-dd"}
"""How a column's cells are shown, by its type; other types as a spreadsheet thinks best."""

_WIDEST, _LOOKED_AT = 60, 1_000
"""The most characters that a column is wide, and the rows looked at to tell."""

_READ_BY_ANOTHER = 200
"""The rows of each sheet that `check` reads with openpyxl, which takes minutes for a million."""


@dataclass(frozen=True)
class _Sheet:
    """A sheet and the rows on it.

    Attributes:
        name: what it is called.
        types: the type of each column's field.
        rows: the rows on it.
    """

    name: str
    types: list[str]
    rows: pa.Table


def write(release: Release, folder: Path) -> list[Written]:
    """Write the workbook.

    Raises:
        ToolError: a text is too long for a cell, the folder cannot be written to, or the disk is
            full.
    """
    path = folder / _file(release)
    sheets = list(_sheets(release))
    try:
        with (
            zipfile.ZipFile(io.BytesIO(_frame(release, sheets))) as frame,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book,
        ):
            for name in frame.namelist():
                # The sheets are numbered in their order; the first is the dictionary.
                number = re.fullmatch(r"xl/worksheets/sheet([0-9]+)\.xml", name)
                content = frame.read(name)
                with book.open(name, "w", force_zip64=True) as target:  # dated 1980, always
                    if number is None or number[1] == "1":
                        target.write(content)
                    else:
                        _put_rows(target, content, sheets[int(number[1]) - 2].rows)
    except OSError as error:
        raise ToolError(
            f"cannot write {path.name}: {error.strerror or error}",
            "check the folder's permissions and the free space (df -h)",
        ) from error
    return [Written(path.name, TITLE, _MEDIA_TYPE)]


def check(release: Release, folder: Path) -> None:
    """Read the workbook back: every value by columns, and the first rows with openpyxl.

    Raises:
        BrokenArtifactError: it does not hold what the release does.
    """
    path = folder / _file(release)
    sheets = list(_sheets(release))
    with reading(path.name):
        try:
            _compare_by_openpyxl(path, release, sheets)
            _compare_by_columns(path, sheets)
        except (KeyError, zipfile.BadZipFile) as error:
            raise BrokenArtifactError(path.name, f"cannot be read: {error}") from error


def _file(release: Release) -> str:
    return f"{release.package.name}.xlsx"


def _sheets(release: Release) -> Iterator[_Sheet]:
    most = sheetml.MAX_ROWS - 1
    for name, rows in release.every_table.items():
        types = [field.type for field in release.declared[name].fields]
        for number, start in enumerate(range(0, max(1, rows.num_rows), most), 1):
            called = name if number == 1 else f"{name} ({number})"
            yield _Sheet(called, types, rows.slice(start, most))


def _frame(release: Release, sheets: Sequence[_Sheet]) -> bytes:
    """The workbook without the tables' rows."""
    import xlsxwriter

    about = describe(release.descriptor)
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties(
        {
            "title": f"{about.title} {release.version}",
            "comments": about.text,
            "created": datetime.combine(release.issued, time()),
        }
    )
    heading = book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "num_format": "@"})
    shown = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    plain = book.add_format()
    _write_dictionary(book, heading, release)
    for sheet in sheets:
        made = book.add_worksheet(sheet.name)
        made.freeze_panes(1, 1)
        for number, (name, kind) in enumerate(
            zip(sheet.rows.column_names, sheet.types, strict=True)
        ):
            width = _width(name, sheet.rows.column(number))
            made.set_column(number, number, width, shown.get(kind, plain))
            made.write_string(0, number, name, heading)
        made.autofilter(0, 0, sheet.rows.num_rows, len(sheet.types) - 1)
    book.close()
    return target.getvalue()


def _width(name: str, values: pa.ChunkedArray) -> int:
    shown = values.slice(0, _LOOKED_AT).cast(pa.string())
    longest: int = pc.max(pc.utf8_length(shown)).as_py() or 0
    return min(_WIDEST, max(len(name) + 4, longest + 1))


def _dictionary(release: Release) -> Iterator[list[str]]:
    """The rows of the sheet of the data dictionary, the heading first."""
    yield [field.name for field in fields(Entry)]
    about = describe(release.descriptor)
    licences = ", ".join(f"{one.title} ({one.address})" for one in about.licences)
    terms = f"{about.text} Licence: {licences}. Cite as: {about.citation(release.issued)}"
    whole = Entry("", "", "", f"{about.title} {release.version}", terms)
    for entry in (whole, *dictionary.entries(release)):
        yield [_word(value) for value in astuple(entry)]


def _word(value: Any) -> str:
    return {None: "", True: "yes", False: "no"}[value] if not isinstance(value, str) else value


def _write_dictionary(book: Any, heading: Any, release: Release) -> None:
    sheet = book.add_worksheet(DICTIONARY)
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    table = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "bold": True})
    rows = list(_dictionary(release))
    widths = {"description": 90, "limits": 40, "key": 34, "title": 28, "type": 12, "required": 10}
    for number, name in enumerate(rows[0]):
        sheet.set_column(number, number, widths.get(name, 22))
        sheet.write_string(0, number, name, heading)
    for line, row in enumerate(rows[1:], 1):
        of_table = not row[1]
        for number, value in enumerate(row):
            if value:
                sheet.write_string(line, number, value, table if of_table else text)
    sheet.freeze_panes(1, 3)
    sheet.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)


def _put_rows(target: IO[bytes], sheet: bytes, rows: pa.Table) -> None:
    """Write a sheet's XML with a table's rows below its heading."""
    styles = [0] * rows.num_columns
    for first, last, style in re.findall(
        rb'<col min="([0-9]+)" max="([0-9]+)" [^>]*?style="([0-9]+)"', sheet
    ):
        styles[int(first) - 1 : int(last)] = [int(style)] * (int(last) - int(first) + 1)
    heading, end, rest = sheet.partition(b"</row>")
    reach = f"A1:{sheetml.letters(rows.num_columns - 1)}{rows.num_rows + 1}".encode("ascii")
    target.write(re.sub(rb'(<dimension ref=")[^"]*', rb"\g<1>" + reach, heading) + end)
    for xml in sheetml.write(rows, 2, styles):
        target.write(xml)
    target.write(b"</sheetData>" + rest.partition(b"</sheetData>")[2])


def _compare_by_columns(path: Path, sheets: Sequence[_Sheet]) -> None:
    with zipfile.ZipFile(path) as book:
        for number, sheet in enumerate(sheets, 2):
            done = 0
            with book.open(f"xl/worksheets/sheet{number}.xml") as stream:
                for found in _values(stream, sheet.rows.schema):
                    place = f"{path.name}, sheet {sheet.name}, below row {done + 1}"
                    compare(place, sheet.rows.slice(done, found.num_rows), found)
                    done += found.num_rows
            if done < sheet.rows.num_rows:
                raise BrokenArtifactError(path.name, f"sheet {sheet.name} lacks rows")


def _values(stream: IO[bytes], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of a sheet, some at a time."""
    first = 2
    for cells in sheetml.read(stream):
        below = cells.filter(pc.greater(cells["row"], 1))  # without the heading
        if below.num_rows:
            rows = below["row"][-1].as_py() + 1 - first
            filled = sheetml.by_column(below)
            columns = [
                sheetml.values(filled.get(sheetml.letters(number)), first, rows, field.type)
                for number, field in enumerate(schema)
            ]
            yield pa.table(columns, schema=schema)
            first += rows


def _compare_by_openpyxl(path: Path, release: Release, sheets: Sequence[_Sheet]) -> None:
    import openpyxl

    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        if book.sheetnames != [DICTIONARY, *(sheet.name for sheet in sheets)]:
            raise BrokenArtifactError(path.name, f"its sheets are {book.sheetnames}")
        told = [[_meant(value) or "" for value in row] for row in book[DICTIONARY].values]
        if told != list(_dictionary(release)):
            raise BrokenArtifactError(path.name, f"the sheet {DICTIONARY} differs")
        for sheet in sheets:
            beginning = sheet.rows.slice(0, _READ_BY_ANOTHER)
            known = zip(*(column.to_pylist() for column in beginning.columns), strict=True)
            expected = [tuple(sheet.rows.column_names), *known]
            found = book[sheet.name].iter_rows(max_row=len(expected), values_only=True)
            for row, values in zip_longest(found, expected, fillvalue=()):
                if [_meant(value) for value in row] != list(map(sheetml.shown, values)):
                    raise BrokenArtifactError(path.name, f"sheet {sheet.name} has {row}")


def _meant(value: Any) -> Any:
    """What a cell means: openpyxl adds a midnight to a day and leaves a text's escapes."""
    if isinstance(value, datetime):
        return value.date()
    return sheetml.unescaped(value) if isinstance(value, str) else value
