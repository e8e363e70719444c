"""The cells of an XLSX file as texts, from a file that anybody may have sent.

Nothing in it is run, computed or followed. Refused are macros, more than `MAX_UNPACKED` bytes when
unpacked, XML with entities, and formulas: the value that a program stored beside a formula may be
old, and a sum is no figure that anybody stated.
"""

from __future__ import annotations

import datetime
import io
import math
import warnings
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..cards import layout
from ..cards.nodes import Place
from ..package import Package
from . import sheets
from .book import MAX_ROWS, Book, Cell, Line, heading, plain

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

MAX_UNPACKED = 100_000_000
MAX_PARTS = 1_000
"""The most files in the archive that a workbook is."""

_MACRO_PARTS = ("vbaproject", "activex", "xl/macrosheets", "customui")
_LAST_ROW = 1_048_576  # of any sheet in Excel
_RIGHT = 200  # no template has so many columns


def read_sheets(content: bytes, name: str, package: Package) -> Book:
    """The rows of a workbook by part of a card, with whatever in it cannot be taken as text."""
    book = Book()
    here = Place(name)
    refusal = _refusal(content)
    if refusal:
        book.fault(here, *refusal)
        return book
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drop-downs and styles, which do not matter here
            opened = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=False, keep_links=False
            )
            for sheet in opened.worksheets:
                _read_sheet(sheet, name, book, package)
    except Exception as error:  # a damaged file fails in any way, deep in the library
        book.fault(here, f"it cannot be read: {type(error).__name__}", "save it anew as .xlsx")
        return book
    present = {sheet.title for sheet in opened.worksheets}
    if sheets.SHEETS[""] not in present:
        remedy = "fill in the sheets of the template: incidents template"
        book.fault(here, f"it has no sheet {sheets.SHEETS['']}", remedy)
    return book


def _refusal(content: bytes) -> tuple[str, str] | None:
    """Why a file is not opened at all, and what to do; None for an honest workbook."""
    again = "save it anew as .xlsx"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                return "it is far larger when unpacked than any honest workbook", again
            for part in parts:
                lowered = part.filename.lower()
                if any(word in lowered for word in _MACRO_PARTS):
                    return "it holds macros or controls", f"{again}, without macros"
                if lowered.endswith((".xml", ".rels")):
                    text = archive.read(part)
                    if b"macroEnabled" in text and lowered == "[content_types].xml":
                        return "it holds macros", f"{again}, without macros"
                    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
                        return f"its part {part.filename} is not plain XML in UTF-8", again
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError):
        return "it is no workbook, is damaged or is encrypted", f"{again}, without a password"
    return None


def _read_sheet(sheet: ReadOnlyWorksheet, name: str, book: Book, package: Package) -> None:
    title = str(sheet.title)
    if title in (sheets.README, sheets.LISTS):
        return
    parts = {shown: part for part, shown in sheets.SHEETS.items()}
    rows = _filled_rows(sheet)
    top = next(rows, None)
    if top is None:
        return
    if title not in parts:
        remedy = "delete it, or move what it holds to a sheet of the template"
        book.fault(_place(name, title, 1, 1), f"no sheet is named {title}", remedy)
        return
    part = parts[title]
    known = sheets.columns(layout.parts(package)[part])
    number, first = top
    places = [_place(name, title, number, column) for column in range(1, len(first) + 1)]
    texts = [str(cell.value) if cell.value is not None else "" for cell in first]
    names = heading(texts, known, places, book)
    for count, (number, cells) in enumerate(rows, 1):
        if count > MAX_ROWS:
            remedy = "split it into several workbooks"
            book.fault(
                _place(name, title, number, 1), f"more than {MAX_ROWS:,} filled rows", remedy
            )
            return
        if plain(str(cells[0].value or "")).lower().startswith(sheets.EXAMPLE):
            continue
        line = Line(_place(name, title, number, 1), {})
        for index, cell in enumerate(cells):
            place = _place(name, title, number, index + 1)
            text = _text(cell, place, book)
            if text and names.get(index):
                line.cells[names[index]] = Cell(text, place)
            elif text and index not in names:
                remedy = "delete it, or write it under one of the headings"
                book.fault(place, "this cell has no heading", remedy, text[:80])
        if line.cells:
            book.lines[part].append(line)


def _filled_rows(sheet: ReadOnlyWorksheet) -> Iterator[tuple[int, Any]]:
    """The rows that hold anything, with their numbers."""
    sheet.reset_dimensions()  # what the file says of them need not be true
    rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=_RIGHT)
    empty: Any = None  # rows left out of the file are all one object: a million cost nothing
    for number, cells in enumerate(rows, 1):
        if cells is empty:
            continue
        if any(cell.value is not None for cell in cells):
            yield number, cells
        else:
            empty = cells


def _text(cell: Any, place: Place, book: Book) -> str:
    """A cell as text; a fault where it is none."""
    content = cell.value
    if content is None:
        return ""
    if cell.data_type == "f":
        remedy = "write the number or text itself, as the source has it"
        book.fault(place, "it holds a formula", remedy, str(content)[:80])
        return ""
    if cell.data_type == "e":
        book.fault(place, f"it holds the error {content}", "write the text itself")
        return ""
    if isinstance(content, bool):
        return str(content).lower()
    if isinstance(content, datetime.datetime):
        if content.time() == datetime.time():
            return content.date().isoformat()
        book.fault(place, "it holds a time of day", "write the day only, and the time in a note")
        return ""
    if isinstance(content, datetime.time | datetime.timedelta):
        book.fault(
            place, "it holds a time or a duration", "format the cell as text and write it anew"
        )
        return ""
    if isinstance(content, float):
        whole = math.isfinite(content) and content == int(content)
        return str(int(content)) if whole else repr(content)
    return plain(str(content))


def _place(name: str, sheet: str, row: int, column: int) -> Place:
    from openpyxl.utils import get_column_letter

    return Place(f"{name} {sheet}!{get_column_letter(column)}{row}")
