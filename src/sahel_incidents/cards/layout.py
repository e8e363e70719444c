"""What a card holds, told from the tables' schemas: its parts, and the names in them.

A card's names are the columns' without `_id`; a record's own id is `id`. What the card itself says
(the incident its rows belong to, a figure's four number columns) has no name in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..package import Field, Package, Table

SCHEMA = "card.schema.json"
"""The file name of the JSON Schema by which editors complete and check a card."""

INCIDENTS = "incidents"
OWNER = "incident_id"
"""The column by which a table's rows belong to an incident."""

FIGURES = "casualties"
STATEMENTS = "statements"
STATEMENT_LINKS = "statement_incidents"
OWNED = {
    "participants": "participants",
    FIGURES: FIGURES,
    "links": "incident_links",
    "external_ids": "external_ids",
}
"""The parts whose rows belong to the incident alone, and their tables."""

SHARED = {"sources": "sources", "actors": "actors", "places": "places"}
"""The parts that add records for every incident to refer to, and their tables."""

PHRASED = ("harm", "qualifier", "value", "low", "high")
"""The columns told by a figure's phrase, such as `killed: over 30`."""

SHORT_FIGURE = "f[0-9]{2,}"
"""The form of a figure's id without its incident, as it can stand in that incident's card."""


@dataclass(frozen=True)
class Part:
    """A part of a card: the incident itself, or one of its lists.

    Attributes:
        name: its name in the card; empty for the incident itself.
        table: the table of its rows.
        fields: the fields that can be written in it, by their names in the card, in the schema's
            order; a figure's phrase is not among them.
    """

    name: str
    table: Table
    fields: dict[str, Field]

    @cached_property
    def names(self) -> dict[str, str]:
        """The name in the card of each of the table's columns that has one."""
        return {field.name: name for name, field in self.fields.items()}

    @property
    def id(self) -> str:
        """The column that holds the record's own id; empty where a record has none."""
        return self.fields["id"].name if "id" in self.fields else ""


def parts(package: Package) -> dict[str, Part]:
    """The parts of a card by name, in the order in which a card is written."""
    tables = {"": INCIDENTS, **OWNED, **SHARED}
    order = ("", "participants", FIGURES, STATEMENTS, "links", "external_ids", *SHARED)
    tables[STATEMENTS] = STATEMENTS
    return {name: _part(package, name, tables[name]) for name in order}


def required(part: Part) -> Iterator[str]:
    """The names that must be filled by whoever writes a card; ids can be assigned."""
    assigned = {"id"} if part.name not in SHARED else set()
    if not part.name:
        assigned.add("date_end")  # an incident of one day ends when it starts
    for name, field in part.fields.items():
        if field.required and name not in assigned:
            yield name


def harms(package: Package) -> tuple[str, ...]:
    """The names under which a figure's phrase can stand: what happened to the victims."""
    return package.tables[FIGURES].field("harm").vocabulary


def _part(package: Package, name: str, table_name: str) -> Part:
    table = package.tables[table_name]
    hidden = {OWNER} if name else set()
    if name == FIGURES:
        hidden |= set(PHRASED)
    shown = [field for field in table.fields if field.name not in hidden]
    if name == STATEMENTS:
        shown.insert(1, package.tables[STATEMENT_LINKS].field("link"))
    return Part(name, table, {_name(table, field.name): field for field in shown})


def _name(table: Table, column: str) -> str:
    return "id" if table.primary_key == (column,) else column.removesuffix("_id")
