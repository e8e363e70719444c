"""The tables in which many incidents are entered at once: their sheets and columns.

A workbook has a sheet for each part of a card, with the card's names for columns. What nests in a
card is tied together by the column `incident`: a word of the contributor's own, or the incident's
id. A figure's phrase stands in two columns, `harm` and `number`.

A flat table, a CSV file, has one figure to a row, with the columns of its incident, its parties and
its source beside it. All columns are derived from the tables' schemas.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..cards import layout
from ..cards.layout import FIGURES, INCIDENTS, OWNER, STATEMENTS, Part
from ..cards.phrases import EXAMPLES
from ..package import Field, Package

README, LISTS = "Read me", "Lists"
"""The sheets that hold no records: how it is done, and (hidden) what the drop-downs offer."""

SHEETS = {
    "": "Incidents",
    "participants": "Participants",
    FIGURES: "Figures",
    STATEMENTS: "Statements",
    "links": "Links",
    "external_ids": "Other datasets",
    "sources": "Sources",
    "actors": "Actors",
    "places": "Places",
}
"""The sheet of each part of a card."""

INCIDENT, HARM, NUMBER = "incident", "harm", "number"

EXAMPLE = "example:"
"""A row whose first cell begins so is an example and never read."""

PARTIES = {"attacker": "attacker", "target": "target"}
"""In a flat table, the columns for a party to the incident, and the role it has."""

NEW_PLACE = ("name", "kind")
"""What a flat table can say of a place that is not on record, as `place_name` and so on."""


def columns(part: Part) -> tuple[str, ...]:
    """The columns of a part's sheet, in order; a record's own id, which can be given, is last."""
    if part.name in layout.SHARED:
        return tuple(part.fields)
    phrase = (HARM, NUMBER) if part.name == FIGURES else ()
    id = ("id",) if part.name and part.id else ()
    return (INCIDENT, *phrase, *(name for name in part.fields if name != "id"), *id)


def flat_columns(package: Package) -> tuple[str, ...]:
    """The columns of a flat table, in order."""
    parts = layout.parts(package)
    parties = [name for role in PARTIES for name in (role, f"{role}_attribution")]
    figure = [name for name in columns(parts[FIGURES]) if name not in (INCIDENT, "id")]
    source = [f"source_{name}" for name in parts["sources"].fields if name != "id"]
    place = [f"place_{name}" for name in NEW_PLACE]
    return (*columns(parts[""]), *place, *parties, *figure, *source)


def field(package: Package, part: Part, column: str) -> Field | None:
    """The schema's field behind a column; None for the number, which stands for several."""
    if column == INCIDENT and part.name not in layout.SHARED:
        return package.tables[INCIDENTS].field(OWNER)
    if part.name == FIGURES and column == HARM:
        return part.table.field(HARM)
    return part.fields.get(column)


def describe(package: Package, part: Part, column: str) -> str:
    """What belongs into a column, for a note on its heading."""
    return "\n".join(_description(package, part, column))


def _description(package: Package, part: Part, column: str) -> Iterator[str]:
    known = field(package, part, column)
    if column == INCIDENT and part.name not in layout.SHARED:
        yield (
            "A word of your own that tells your incidents apart, such as boulikessi: the same on "
            "every sheet. It is not published. Or the full id that the incident shall have."
        )
    elif known is None:
        yield f"The number in the source's own words, one figure only. Examples: {EXAMPLES}."
    else:
        required = column == HARM or column in layout.required(part)
        yield f"{known.title}{' (required)' if required else ''}. {known.description}"
        if known.type == "date":
            yield "Write it as 2025-06-01."
        if part.name == FIGURES and column == "id":
            yield "Only needed where another figure refers to this one: f01, f02 and so on."
        for category in known.categories:
            yield f"- {category.value}: {category.label}. {category.description}".rstrip()
