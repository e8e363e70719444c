"""The tables' data dictionary: what each table, column and value is, one entry after the other.

For whoever prints it whole: the codebook, and the codebook inside a workbook or a database. Nothing
is said here that the descriptors and schemas do not say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import derived
from .package import Field, Table
from .release import Release

CONSTRAINTS = {
    "pattern": "of the form `{}`",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "enum": "one of {}",
    "unique": "unlike every other row's",
}
"""What a constraint of Table Schema asks, in words; `required` is told apart."""


@dataclass(frozen=True)
class Entry:
    """What is said of a table, of one of its columns, or of one value of a column's vocabulary.

    Attributes:
        table: the table's name.
        column: the column's name; empty for the table itself.
        value: the value; empty for the table or the column itself.
        title: its name for people.
        description: what it means.
        type: a column's type; empty otherwise.
        required: whether a column's cell is never empty; None for what is not a column.
        unit: what a column's numbers count or measure, where they have a unit.
        example: a value a column may hold.
        limits: what a column's value must be like besides, in words.
        key: a column's part in the keys, in words.
    """

    table: str
    column: str
    value: str
    title: str
    description: str
    type: str = ""
    required: bool | None = None
    unit: str = ""
    example: str = ""
    limits: str = ""
    key: str = ""


def descriptions(release: Release) -> dict[str, str]:
    """What a row is of each table, by the table's name."""
    resources = {one["name"]: one for one in release.descriptor["resources"]}
    return {
        name: resources[name].get("description", "")
        if name in resources
        else derived.description_of(name)
        for name in release.declared
    }


def entries(release: Release) -> Iterator[Entry]:
    """The entries of each table: itself, then its columns, each followed by its values.

    Only what the release declares is looked at, not its rows.
    """
    described = descriptions(release)
    for table in release.declared.values():
        yield Entry(table.name, "", "", table.title, described[table.name])
        for field in table.fields:
            yield column_entry(table, field)
            for category in field.categories:
                yield Entry(
                    table.name, field.name, category.value, category.label, category.description
                )


def column_entry(table: Table, field: Field) -> Entry:
    """The entry of one column."""
    return Entry(
        table=table.name,
        column=field.name,
        value="",
        title=field.title,
        description=field.description,
        type=type_of(field),
        required=field.required,
        unit=field.unit,
        example=field.example,
        limits=limits(field),
        key=key(table, field.name),
    )


def type_of(field: Field) -> str:
    """A column's type, with its format where it has one: `string (uri)`."""
    return field.type if field.format == "default" else f"{field.type} ({field.format})"


def limits(field: Field) -> str:
    """What a column's values must be like beside their type and vocabulary, in words."""
    asked = []
    for name, words in CONSTRAINTS.items():
        value = field.constraints.get(name)
        if value is None or value is False:
            continue
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        asked.append(words.format(shown))
    return "; ".join(asked)


def key(table: Table, column: str) -> str:
    """A column's part in the table's keys, in words: `primary key`, `refers to places.place_id`."""
    parts = []
    if column in table.primary_key:
        parts.append("primary key" if len(table.primary_key) == 1 else "part of the primary key")
    parts += [f"part of a unique key with {', '.join(unique)}" for unique in table.unique_keys
              if column in unique]  # fmt: skip
    parts += [
        f"refers to {reference.table}.{reference.key}"
        for reference in table.foreign_keys
        if reference.field == column
    ]
    return "; ".join(parts)
