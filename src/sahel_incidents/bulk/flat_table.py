"""The rows of a flat table: a CSV file with one figure to a row, and its incident beside it."""

from __future__ import annotations

import csv
import io

from ..cards import layout
from ..cards.layout import FIGURES
from ..cards.nodes import Place
from ..cells import quoted
from ..package import Package
from . import sheets
from .book import Book, Cell, Line, heading, plain
from .sheets import EXAMPLE, HARM, INCIDENT, NUMBER

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}


def read_flat(content: bytes, name: str, package: Package) -> Book:
    """The rows of a flat table, parted into incidents, parties, figures, sources and places.

    Separated by commas, semicolons or tabs, as spreadsheets of different languages write them.
    """
    book = Book()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        book.fault(Place(name), "it is not UTF-8", 'save it as "CSV UTF-8"')
        return book
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        top = next(lines, [])
        width = len(top)
        known = sheets.flat_columns(package)
        names = heading(top, known, [Place(name, 1)] * width, book)
        if any(top) and INCIDENT not in names.values():
            remedy = "start from a table with all columns: incidents template incidents.csv"
            book.fault(Place(name, 1), f"no column is named {quoted(INCIDENT)}", remedy)
            return book
        before = lines.line_num
        incidents: dict[str, dict[str, Cell]] = {}
        for cells in lines:
            place = Place(name, before + 1)
            before = lines.line_num
            if len(cells) != width and any(cells):
                message = f"{len(cells)} cells, but {width} columns"
                mark = _SEPARATORS[separator]
                book.fault(place, message, f"put a text that holds a {mark} in double quotes")
                continue
            filled = {
                column: Cell(plain(cells[number]), place)
                for number, column in names.items()
                if column and number < len(cells) and plain(cells[number])
            }
            if filled and not cells[0].strip().lower().startswith(EXAMPLE):
                _part_flat(Line(place, filled), incidents, book, package)
    except csv.Error as error:
        book.fault(Place(name, lines.line_num), f"it is not well formed: {error}", "save it anew")
    return book


def _part_flat(
    line: Line, incidents: dict[str, dict[str, Cell]], book: Book, package: Package
) -> None:
    """Spread one row of a flat table over the parts."""
    parts = layout.parts(package)
    key = line.cells.get(INCIDENT)
    if key is None:
        remedy = "write the same word in every row of one incident"
        book.fault(line.place, f"{INCIDENT} is missing", remedy)
        return
    own = {name: line.cells[name] for name in sheets.columns(parts[""]) if name in line.cells}
    told = incidents.get(key.text)
    if told is None:
        incidents[key.text] = own
        book.lines[""].append(Line(line.place, own))
    else:
        for name, cell in own.items():
            if name in told and told[name].text != cell.text:
                where = f"line {told[name].place.line}"
                message = f"{name} is {quoted(cell.text)} here and {told[name].text} in {where}"
                book.fault(cell.place, message, "say it once for an incident; leave it empty below")
            told.setdefault(name, cell)
    for role in sheets.PARTIES:
        attribution = f"{role}_attribution"
        if role in line.cells:
            cells = {INCIDENT: key, "actor": line.cells[role]}
            cells["role"] = Cell(sheets.PARTIES[role], line.place)
            cells |= {"attribution": line.cells[attribution]} if attribution in line.cells else {}
            cells |= {"source": line.cells["source"]} if "source" in line.cells else {}
            if not _told(book, "participants", cells):
                book.lines["participants"].append(Line(line.place, cells))
    if HARM in line.cells or NUMBER in line.cells:
        columns = sheets.columns(parts[FIGURES])
        figure = {name: line.cells[name] for name in columns if name in line.cells}
        book.lines[FIGURES].append(Line(line.place, figure))
    _new(line, book, "sources", "source", tuple(n for n in parts["sources"].fields if n != "id"))
    _new(line, book, "places", "place", sheets.NEW_PLACE, beside=("country", "admin1"))


def _new(
    line: Line,
    book: Book,
    part: str,
    column: str,
    names: tuple[str, ...],
    beside: tuple[str, ...] = (),
) -> None:
    """Add the source or place that a row of a flat table describes."""
    cells = {
        name: line.cells[f"{column}_{name}"] for name in names if f"{column}_{name}" in line.cells
    }
    if not cells:
        return
    id = line.cells.get(column)
    if id is None:
        example = {"source": "rfi-2025-06-02", "place": "mli-boulikessi"}[column]
        book.fault(line.place, f"{column} is missing", f"give the new one an id such as {example}")
        return
    cells |= {name: line.cells[name] for name in beside if name in line.cells}
    cells["id"] = id
    if not _told(book, part, cells):
        book.lines[part].append(Line(line.place, cells))


def _told(book: Book, part: str, cells: dict[str, Cell]) -> bool:
    """Whether an earlier row said just the same."""
    texts = {name: cell.text for name, cell in cells.items()}
    return any(texts == {n: c.text for n, c in line.cells.items()} for line in book.lines[part])
