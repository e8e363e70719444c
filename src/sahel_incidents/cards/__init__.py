"""Incident cards: one document that holds an incident with its figures, statements and parties.

A card stands for a set of rows. An incident's rows can be told as a card, and the card's rows put
in their place, without a loss. An incident owns its participants, figures and links. Sources,
actors and places are only referred to; a card can add but never change or remove them. A statement
may be about several incidents, and goes on when only one of their cards drops it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..problem import Problem, ToolError
from ..records import Key, Records, Row
from . import layout
from .checks import Coded
from .ids import nearest
from .layout import FIGURES, INCIDENTS, OWNER, STATEMENT_LINKS, STATEMENTS, Part
from .nodes import CardError, Data, Entries, Path, Place, nodes, plain
from .phrases import phrase
from .reading import read
from .rows import code
from .writing import write

__all__ = [
    "Card",
    "CardError",
    "Data",
    "Place",
    "apply",
    "dump",
    "enter",
    "incident_id",
    "load",
    "located",
    "to_card",
    "to_rows",
]


@dataclass(frozen=True)
class Card:
    """A card as it was read: its names and texts with their places. Nothing in it is judged yet.

    Attributes:
        name: the file it came from, for messages.
        root: its content.
    """

    name: str
    root: Entries

    @classmethod
    def of(cls, data: Data, name: str, place: Callable[[Path], Place] | None = None) -> Card:
        """A card from plain nested data, such as the answers to questions.

        Args:
            data: texts and lists of dictionaries of texts, by the names of a card. A value that is
                None or empty is as good as absent.
            name: where the data came from, for messages.
            place: tells where the part at a path such as `("casualties", 0, "killed")` was
                written, so that problems name that place: a row of a sheet, a question.
        """
        root = nodes(data, place or (lambda _: Place(name)))
        assert isinstance(root, Entries)
        return cls(name, root)

    @cached_property
    def data(self) -> Data:
        """Its content as plain nested data."""
        content: Data = plain(self.root)
        return content


def load(content: str | bytes, name: str) -> Card:
    """Read a card.

    Args:
        content: YAML, at most 1 MB; bytes must be UTF-8.
        name: the file it came from, for messages.

    Raises:
        CardError: it is not plain YAML (see `card_text`), with the first fault's line and column.
    """
    return Card(name, read(content, name))


def dump(card: Data, schema: str = layout.SCHEMA) -> str:
    """A card as text; `load` reads it as the same data.

    Args:
        card: the card's data; empty values are left out.
        schema: path or address of the JSON Schema, for the first line, which editors read.
    """
    return write(_filled(card), f"yaml-language-server: $schema={schema}")


def to_card(records: Records, incident_id: str) -> Data:
    """An incident as a card's data, empty cells left out.

    Raises:
        ToolError: there is no such incident, or a figure's columns contradict each other.
    """
    if (incident_id,) not in records.rows[INCIDENTS]:
        near = nearest(records, INCIDENTS, incident_id)
        raise ToolError(
            f"there is no incident {incident_id}",
            f"did you mean {near}?" if near else "look for it: incidents find",
        )
    card: Data = {}
    for name, part in layout.parts(records.package).items():
        if name == "":
            card |= _told(part, records.rows[INCIDENTS][incident_id,])
        elif name not in layout.SHARED:
            rows = sorted(_rows_of(records, incident_id, part), key=lambda item: item[0])
            items = [_item(part, row, incident_id) for _, row in rows]
            card |= {name: items} if items else {}
    return card


def to_rows(card: Card, records: Records) -> list[tuple[str, Row]]:
    """The rows a card stands for, each with its table.

    All rows of the incident itself, of its participants, figures, statements and links, and of the
    sources, actors and places that the card adds. Ids that it leaves out are assigned.

    Raises:
        CardError: the card is not right; all its problems, each with its place.
    """
    return code(card.root, records).rows


def incident_id(card: Card, records: Records) -> str:
    """The id of a card's incident: the one it gives, or the one it will be assigned.

    Raises:
        CardError: the card is not right.
    """
    return code(card.root, records).incident_id


def apply(card: Card, records: Records) -> Records:
    """The records with a card's incident added, or in the place of what it was.

    Raises:
        CardError: the card is not right; all its problems, each with its place.
    """
    # Rows are replaced, never changed, so they can be shared.
    tables = {name: dict(rows) for name, rows in records.rows.items()}
    after = Records(records.package, tables)
    enter(card, after)
    return after


def enter(card: Card, records: Records) -> str:
    """As `apply`, but in the records themselves, which a card that is not right leaves as they are.

    Returns:
        The incident's id.

    Raises:
        CardError: the card is not right; all its problems, each with its place.
    """
    coded = code(card.root, records)
    for table, key in list(_owned(records, coded.incident_id)):
        del records.rows[table][key]
    for table, row in coded.rows:
        records.put(table, row)
    return coded.incident_id


def located(problems: Iterable[Problem], card: Card, records: Records) -> list[Problem]:
    """Problems of the tables, shown at the place in the card from which each comes.

    Args:
        problems: what validation found in the records with the card.
        card: the card, which is right in itself.
        records: the records before the card was entered.

    Returns:
        The same problems; those of records that are not in the card are as they were.
    """
    coded = code(card.root, records)
    return [_located(found, coded, card.name) for found in problems]


def _located(found: Problem, coded: Coded, name: str) -> Problem:
    places = coded.places.get((found.table or "", found.record or ""))
    if places is None:
        return found
    place = places.get(found.field or "", places[""])
    return replace(found, file=place.file, line=place.line, column=place.column)


def _filled(data: Any) -> Any:
    """Data without its empty values, every other value as text."""
    if isinstance(data, dict):
        filled = {name: _filled(value) for name, value in data.items()}
        return {name: value for name, value in filled.items() if value not in ("", [], {})}
    if isinstance(data, list):
        return [item for item in map(_filled, data) if item not in ("", [], {})]
    return "" if data is None else str(data)


def _rows_of(records: Records, incident_id: str, part: Part) -> Iterator[tuple[Key, Row]]:
    if part.name != STATEMENTS:
        for key, row in records.rows[part.table.name].items():
            if row[OWNER] == incident_id:
                yield key, row
        return
    for link in records.rows[STATEMENT_LINKS].values():
        if link[OWNER] == incident_id:
            key = (link["statement_id"],)
            yield key, {**records.rows[STATEMENTS][key], "link": link["link"]}


def _item(part: Part, row: Row, incident_id: str) -> Data:
    if part.name != FIGURES:
        return _told(part, row)
    try:
        numbers = (int(row[name]) if row[name] else None for name in ("value", "low", "high"))
        told = phrase(row["qualifier"], *numbers)
    except ValueError as error:
        raise ToolError(
            f"the figure {row['casualty_id']} cannot be told: {error}", "run: incidents validate"
        ) from error
    short = {
        name: _short(text, incident_id)
        for name, text in _told(part, row).items()
        if name in _figure_names(part)
    }
    return {row["harm"]: told, **_told(part, row), **short}


def _short(figure: str, incident_id: str) -> str:
    """A figure's id as it stands in an incident's card: that of another incident in full."""
    rest = figure.removeprefix(f"{incident_id}-")
    return rest if re.fullmatch(layout.SHORT_FIGURE, rest) else figure


def _figure_names(part: Part) -> set[str]:
    """The names under which a figure's id stands."""
    keys = {key.field for key in part.table.foreign_keys if key.table == FIGURES}
    return {"id", *(part.names[column] for column in keys)}


def _told(part: Part, row: Row) -> Data:
    return {name: row[column.name] for name, column in part.fields.items() if row[column.name]}


def _owned(records: Records, incident_id: str) -> Iterator[tuple[str, Key]]:
    """The tables and keys of the rows that go when the incident does."""
    if (incident_id,) not in records.rows[INCIDENTS]:
        return
    yield INCIDENTS, (incident_id,)
    for table in layout.OWNED.values():
        for key, row in records.rows[table].items():
            if row[OWNER] == incident_id:
                yield table, key
    about: dict[str, set[str]] = {}
    for key, link in records.rows[STATEMENT_LINKS].items():
        about.setdefault(link["statement_id"], set()).add(link[OWNER])
        if link[OWNER] == incident_id:
            yield STATEMENT_LINKS, key
    for statement, incidents in about.items():
        if incidents == {incident_id}:
            yield STATEMENTS, (statement,)
