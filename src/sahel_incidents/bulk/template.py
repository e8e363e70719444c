"""The empty workbook or table for incidents in bulk, with drop-downs, notes and examples.

Everything in it comes from the tables' schemas and the records: columns, explanations, what the
drop-downs offer, and the example, which is the text that the dataset began with.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator
from typing import Any

from ..cards import layout, to_card
from ..cards.layout import FIGURES, INCIDENTS, Part
from ..cards.nodes import Data
from ..geography import admin1_codes
from ..package import Field
from ..records import Records
from . import sheets
from .sheets import EXAMPLE, HARM, INCIDENT, NUMBER

EXAMPLE_INCIDENT, EXAMPLE_SOURCE = "MLI-2025-06-01-boulikessi", "zoneyetu-undated"
"""The example: what the founding text says of its incident."""

ROWS = 2_000
"""How far down the drop-downs reach."""

OFFERED = 5_000
"""The most records that a drop-down offers; more cannot be scrolled through."""

_EXAMPLE_WORD = "boulikessi"
_MADE = datetime.datetime(2025, 1, 1)  # a constant: the same file each time
_HEADING = {"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "num_format": "@"}
_REQUIRED = {**_HEADING, "bg_color": "#FCE4D6"}
_GREY = {"font_color": "#808080", "italic": True, "num_format": "@"}
_WIDE = ("title", "summary", "gist", "note", "date_note", "url", "archive_url")

_GUIDE = (
    "How to fill in this workbook",
    "",
    "1. Write a source for everything: a page that you read yourself. If it is new, describe it on "
    "the sheet Sources first.",
    "2. Give each incident one row on the sheet Incidents. The column incident takes a word of "
    "your own, such as boulikessi, which ties the rows of the other sheets to it.",
    "3. Give each figure one row on the sheet Figures, with who said it and where you read it. "
    "Write the number as the source words it: over 30, at least 60, 30-40, about 100, many. "
    "Figures that contradict each other all stand, side by side.",
    "4. Name the parties on the sheet Participants, and tell what was said without a number on the "
    "sheet Statements.",
    "5. Parties and places that no drop-down offers go to the sheets Actors and Places, with an "
    "id of their own: jnim, mli-boulikessi.",
    "",
    "Headings in orange must be filled in. Point at a heading to read what belongs under it.",
    "Leave a cell empty where nothing is known. An empty cell is honest; a guess is not.",
    "Dates are written as 2025-06-01. Formulas and sums are not read.",
    f"Grey rows begin with {EXAMPLE} and are never read. You may delete them.",
    "",
    "Name no victim, no witness and no private person. Send nothing told to you in confidence.",
    "",
    "Then check it with: incidents add --dry-run FILE.xlsx",
    "And add it with: incidents add FILE.xlsx",
)


def workbook(records: Records) -> bytes:
    """The content of the empty workbook, the same bytes for the same records."""
    import xlsxwriter

    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"title": "Incidents to add", "created": _MADE})
    _Writer(book, records).write()
    book.close()
    return target.getvalue()


def flat(records: Records) -> bytes:
    """The content of the empty flat table: its heading and one row of the example."""
    columns = sheets.flat_columns(records.package)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180, as spreadsheets expect it
    writer.writerow(columns)
    row = _flat_example(records)
    if row:
        writer.writerow([row.get(column, "") for column in columns])
    return ("\ufeff" + text.getvalue()).encode("utf-8")  # without the mark Excel guesses


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, records: Records) -> None:
        self._book = book
        self._records = records
        self._package = records.package
        self._parts = layout.parts(records.package)
        self._example = _example(records)
        self._ranges: dict[str, str] = {}
        self._text = book.add_format({"num_format": "@"})
        self._heading = book.add_format(_HEADING)
        self._required = book.add_format(_REQUIRED)
        self._grey = book.add_format(_GREY)

    def write(self) -> None:
        self._guide()
        made = {part: self._book.add_worksheet(name) for part, name in sheets.SHEETS.items()}
        self._lists()
        for part, sheet in made.items():
            self._sheet(sheet, self._parts[part])
        made[""].activate()

    def _guide(self) -> None:
        sheet = self._book.add_worksheet(sheets.README)
        sheet.set_column(0, 0, 100, self._book.add_format({"text_wrap": True, "valign": "top"}))
        title = self._book.add_format({"bold": True, "font_size": 14})
        for row, line in enumerate(_GUIDE):
            sheet.write_string(row, 0, line, *([title] if row == 0 else []))

    def _lists(self) -> None:
        """The hidden sheet with what the drop-downs offer, a column for each."""
        sheet = self._book.add_worksheet(sheets.LISTS)
        sheet.hide()
        for number, (name, offered) in enumerate(self._offers()):
            sheet.write_string(0, number, name)
            for row, text in enumerate(offered, 1):
                sheet.write_string(row, number, text)
            letter = _letters(number)
            self._ranges[name] = f"={sheets.LISTS}!${letter}$2:${letter}${len(offered) + 1}"

    def _offers(self) -> Iterator[tuple[str, list[str]]]:
        yield "admin1", sorted(admin1_codes())
        for table in layout.SHARED:
            column = self._package.tables[table].primary_key[0]
            ids = [row[column] for row in self._records.rows[table].values()]
            if 0 < len(ids) <= OFFERED:
                yield table, sorted(ids)
        for part in self._parts.values():
            for column in sheets.columns(part):
                known = sheets.field(self._package, part, column)
                if known and known.categories:
                    yield _vocabulary(part, column), list(known.vocabulary)

    def _sheet(self, sheet: Any, part: Part) -> None:
        columns = sheets.columns(part)
        must = {*layout.required(part), HARM, NUMBER}
        sheet.freeze_panes(1, 1)
        for number, column in enumerate(columns):
            wide = 40 if column in _WIDE else 18
            sheet.set_column(number, number, wide, self._text)
            shown = self._required if column in must else self._heading
            sheet.write_string(0, number, column, shown)
            note = sheets.describe(self._package, part, column)
            size = {"width": 380, "height": min(600, 40 + 16 * _lines(note))}
            sheet.write_comment(0, number, note, {**size, "author": "", "font_size": 9})
            self._offer(sheet, part, column, number)
        for row, item in enumerate(self._example.get(part.name, []), 1):
            for number, column in enumerate(columns):
                text = item.get(column, "")
                text = f"{EXAMPLE} {text}" if number == 0 else text
                if text:
                    sheet.write_string(row, number, text, self._grey)

    def _offer(self, sheet: Any, part: Part, column: str, number: int) -> None:
        known = sheets.field(self._package, part, column)
        if column == INCIDENT or known is None:
            return
        name = _offered(part, column, known)
        if name not in self._ranges:
            return
        closed = bool(known.categories)
        sheet.data_validation(
            1,
            number,
            ROWS,
            number,
            {
                "validate": "list",
                "source": self._ranges[name],
                "ignore_blank": True,
                # What is not on record yet can be added on its own sheet.
                "error_type": "stop" if closed else "information",
                "error_title": known.title[:32],
                "error_message": "Choose from the list; the note on the heading explains it."
                if closed
                else "This is not on record. If it is new, describe it on its own sheet.",
            },
        )


def _offered(part: Part, column: str, known: Field) -> str:
    """The list that a column's drop-down offers."""
    if known.categories:
        return _vocabulary(part, column)
    if column == "admin1":
        return "admin1"
    return {key.field: key.table for key in part.table.foreign_keys}.get(known.name, "")


def _vocabulary(part: Part, column: str) -> str:
    return f"{part.table.name}.{column}"


def _example(records: Records) -> dict[str, list[Data]]:
    """The rows of the example by part of a card, as the columns of its sheet name them."""
    if (EXAMPLE_INCIDENT,) not in records.rows[INCIDENTS]:
        return {}
    card = to_card(records, EXAMPLE_INCIDENT) | {"status": "candidate"}  # as every new one
    parts = layout.parts(records.package)
    rows: dict[str, list[Data]] = {"": [card]}
    for name in ("participants", FIGURES, layout.STATEMENTS):
        rows[name] = [item for item in card.get(name, []) if item["source"] == EXAMPLE_SOURCE]
    for item in rows[FIGURES]:
        harm = next(name for name in item if name in layout.harms(records.package))
        item |= {HARM: harm, NUMBER: item[harm]}
    actors = {item["actor"] for item in rows["participants"]}
    for name, ids in (
        ("sources", [EXAMPLE_SOURCE]), ("actors", sorted(actors)), ("places", [card["place"]])
    ):  # fmt: skip
        part = parts[name]
        table = records.rows[name]
        found = [table[(id,)] for id in ids if (id,) in table]
        rows[name] = [{n: row[f.name] for n, f in part.fields.items()} for row in found]
    for items in rows.values():
        for item in items:
            item[INCIDENT] = _EXAMPLE_WORD
    return rows


def _flat_example(records: Records) -> Data:
    rows = _example(records)
    if not rows or not rows[FIGURES]:
        return {}
    figure, source = rows[FIGURES][0], rows["sources"][0]
    row = {**rows[""][0], **figure, INCIDENT: f"{EXAMPLE} {_EXAMPLE_WORD}"}
    for item in rows["participants"]:
        row[item["role"]] = item["actor"]
        row[f"{item['role']}_attribution"] = item["attribution"]
    return row | {f"source_{name}": text for name, text in source.items()}


def _letters(number: int) -> str:
    """A column's name from its number, from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _lines(note: str) -> int:
    return sum(1 + len(line) // 60 for line in note.split("\n"))
