"""Many incidents at once, from a workbook (XLSX) or a flat table (CSV), as cards.

`sheets` says what the tables look like. Reading judges only whether a cell can be understood and
where it belongs. Each incident becomes a card, and whatever is wrong with a card is told at the
cell it comes from: `book.xlsx Figures!B7`, or `book.csv` and its line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from ..cards import Card, layout
from ..cards.layout import FIGURES, OWNER, Part
from ..cards.nodes import CardError, Data, Place
from ..cards.nodes import Path as CardPath
from ..cells import quoted
from ..package import Field, Package
from ..problem import ToolError
from . import sheets
from .book import Book, Line
from .sheets import HARM, INCIDENT, NUMBER

MAX_BYTES = 20_000_000
"""The largest file read."""

DEFAULTS = {"": {"status": "candidate"}, FIGURES: {"confirmation": "unconfirmed"}}
"""What an empty cell means: nobody has looked at the record yet; silence is no confirmation."""


def read(path: Path, package: Package) -> list[Card]:
    """The incidents of a workbook or a flat table, one card each, in their order.

    Args:
        path: a file ending in .xlsx or .csv.
        package: tells the columns and vocabularies.

    Raises:
        CardError: something in it cannot be understood; all that is, each with its place.
        ToolError: it is neither kind of file, or cannot be opened.
    """
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise ToolError(
            f"{path} is neither a workbook (.xlsx) nor a table (.csv)",
            "save it as .xlsx, without macros; incidents template writes one to fill in",
        )
    content = _content(path)
    if suffix == ".csv":
        from .flat_table import read_flat

        book = read_flat(content, path.name, package)
    else:
        from .spreadsheet import read_sheets

        book = read_sheets(content, path.name, package)
    return cards(book, path.name, package)


def cards(book: Book, name: str, package: Package) -> list[Card]:
    """The rows of a book tied together into cards.

    Raises:
        CardError: as `read`.
    """
    binder = _Binder(book, package)
    bound = binder.bind(name)
    if book.problems:
        raise CardError(book.problems)
    return bound


class _Binder:
    """Ties the rows of a book together."""

    def __init__(self, book: Book, package: Package) -> None:
        self._book = book
        self._parts = layout.parts(package)
        pattern = package.tables[layout.INCIDENTS].field(OWNER).constraints.get("pattern", ".+")
        self._id = re.compile(pattern)

    def bind(self, name: str) -> list[Card]:
        keys = self._keys(name)
        rows: dict[str, dict[str, list[Line]]] = {key: {} for key in keys}
        for part in self._parts:
            if not part or part in layout.SHARED:
                continue
            for line in self._book.lines[part]:
                key = self._owner(line, keys)
                if key:
                    rows[key].setdefault(part, []).append(line)
        used: set[tuple[str, str]] = set()
        bound = []
        for key, own in keys.items():
            bound.append((own, {**rows[key], **self._needed(own, rows[key], used)}))
        if bound:
            self._spare(bound[0][1], used)
        return [self._card(name, own, lists) for own, lists in bound]

    def _keys(self, name: str) -> dict[str, Line]:
        """The incidents by the word that ties the rows together."""
        keys: dict[str, Line] = {}
        for line in self._book.lines[""]:
            key = line.text(INCIDENT)
            if not key and len(self._book.lines[""]) > 1:
                remedy = "write a word of your own that tells this incident from the others"
                self._book.fault(line.place, f"{INCIDENT} is missing", remedy)
            elif key in keys:
                place, first = line.cells[INCIDENT].place, keys[key].place
                message = f"{quoted(key)} stands above already, in {_shown(first)}"
                self._book.fault(place, message, "give each incident one row and a word of its own")
            else:
                keys[key] = line
        if not keys and not self._book.problems:
            remedy = "fill in a row for it; rows that begin with example: are not read"
            self._book.fault(Place(name), "there is no incident in it", remedy)
        return keys

    def _owner(self, line: Line, keys: dict[str, Line]) -> str | None:
        """The key of the incident that a row belongs to; None where that is not known."""
        key = line.text(INCIDENT)
        if len(keys) == 1 and key in ("", *keys):
            return next(iter(keys))
        if key in keys and key:
            return key
        place = line.cells[INCIDENT].place if key else line.place
        near = difflib.get_close_matches(key, keys, 1)
        message = f"no incident is called {quoted(key)}" if key else f"{INCIDENT} is missing"
        sheet = sheets.SHEETS[""]
        remedy = f"did you mean {near[0]}?" if near else f"write the word used on the sheet {sheet}"
        self._book.fault(place, message, remedy, key or None)
        return None

    def _needed(
        self, own: Line, lists: dict[str, list[Line]], used: set[tuple[str, str]]
    ) -> dict[str, list[Line]]:
        """The new sources, actors and places that an incident's rows refer to, and those theirs."""
        wanted = set(self._references("", own))
        for part, lines in lists.items():
            wanted |= {ref for line in lines for ref in self._references(part, line)}
        needed: dict[str, list[Line]] = {}
        seen: set[tuple[str, str]] = set()
        while wanted - seen:
            part, id = min(wanted - seen)
            seen.add((part, id))
            for line in self._book.lines[part]:
                if line.text("id") == id:
                    needed.setdefault(part, []).append(line)
                    wanted |= set(self._references(part, line))
        used |= seen
        return needed

    def _references(self, name: str, line: Line) -> Iterator[tuple[str, str]]:
        part = self._parts[name]
        for key in part.table.foreign_keys:
            text = line.text(part.names.get(key.field, ""))
            if text and key.table in layout.SHARED:
                yield key.table, text

    def _spare(self, lists: dict[str, list[Line]], used: set[tuple[str, str]]) -> None:
        """Give what nothing refers to to the first incident, so that it is judged and not lost."""
        for part in layout.SHARED:
            spare = [line for line in self._book.lines[part] if (part, line.text("id")) not in used]
            if spare:
                lists[part] = [*lists.get(part, []), *spare]

    def _card(self, name: str, own: Line, lists: dict[str, list[Line]]) -> Card:
        places: dict[CardPath, Place] = {(): own.place}
        data = self._item(self._parts[""], own, (), places)
        key = data.pop(INCIDENT, "")
        if self._id.fullmatch(key):
            data["id"] = key
        for part in self._parts:
            for number, line in enumerate(lists.get(part, [])):
                item = self._item(self._parts[part], line, (part, number), places)
                if part not in layout.SHARED:
                    item.pop(INCIDENT, None)
                data.setdefault(part, []).append(item)
        return Card.of(data, name, lambda path: _nearest(path, places))

    def _item(self, part: Part, line: Line, path: CardPath, places: dict[CardPath, Place]) -> Data:
        """A row as an item of a card; labels of a vocabulary become its values."""
        places[path] = line.place
        item: Data = dict(DEFAULTS.get(part.name, {}))
        for column, cell in line.cells.items():
            name, text = column, cell.text
            if column in part.fields:
                text = value(part.fields[column], text)
            elif column == HARM:
                continue
            elif column == NUMBER:
                name = value(part.table.field(HARM), line.text(HARM)) or HARM
            item[name] = text
            places[(*path, name)] = cell.place
        if HARM in line.cells and NUMBER not in line.cells:
            harm = value(part.table.field(HARM), line.text(HARM))
            item[harm] = ""
            places[(*path, harm)] = line.cells[HARM].place
        return item


def value(known: Field, text: str) -> str:
    """A text, or the vocabulary's value whose label it is, whatever its case."""
    wanted = text.casefold().replace("_", " ")
    for category in known.categories:
        if wanted in (category.label.casefold(), category.value.replace("_", " ")):
            return category.value
    return text


def _nearest(path: CardPath, places: dict[CardPath, Place]) -> Place:
    while path not in places:
        path = path[:-1]
    return places[path]


def _shown(place: Place) -> str:
    return f"line {place.line}" if place.line else place.file.rpartition(" ")[2]


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ToolError(
            f"cannot read {path}: {error.strerror or error}", "check its name"
        ) from error
    if len(content) > MAX_BYTES:
        raise ToolError(
            f"{path} holds more than {MAX_BYTES:,} bytes", "give fewer incidents at a time"
        )
    return content
