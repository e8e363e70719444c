"""What the derived tables are: `datapackage.json` and `schemas/` of this folder, filled in.

Beside what Table Schema knows, a resource and a field may say here

- `from`, of a resource: the table of which each row gives one row;
- `from`, of a field: the column it repeats, as a path from there (`place_id.name`). Type,
  vocabulary, unit and, unless it says otherwise, title and description are that column's;
- `as`: the column (`estimates.grade`) whose vocabulary it has;
- `for_each`: the column of a vocabulary; there is one field for each value, and `{value}` and
  `{label}` in its name and texts stand for it. Such fields that follow each other stay together;
- `hxl`: its tag in the Humanitarian Exchange Language (https://hxlstandard.org, version 1.1).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from ..descriptor import open_package
from ..package import DESCRIPTOR, Field, Package, Table

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Column:
    """One column of a derived table.

    Attributes:
        field: what it is.
        path: the column it repeats, as a path from the table that the rows come from; "" where it
            is worked out.
        hxl: its tag in the Humanitarian Exchange Language.
        value: the value of a vocabulary that it is for; "" where it is for none.
        template: its name as declared, such as `{value}_low`.
    """

    field: Field
    path: str
    hxl: str
    value: str
    template: str


@cache
def shipped() -> Package:
    """The declaration as it stands; its version is that of the rules."""
    return open_package(_FOLDER)


@cache
def _raw(path: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads((_FOLDER / path).read_text(encoding="utf-8"))
    return document


def origin_of(table: str) -> str:
    """The table of which each row gives one row of a derived table; "" where there is none."""
    return str(_resource(table).get("from", ""))


def description_of(table: str) -> str:
    """What a row of a derived table is."""
    return str(_resource(table)["description"])


def columns(package: Package, table: str) -> list[Column]:
    """The columns of a derived table, filled in from what a package declares."""
    declared = shipped().tables[table]
    raw = _raw(_resource(table)["schema"])["fields"]
    pairs = zip(declared.fields, raw, strict=True)
    result: list[Column] = []
    for vocabulary, run in groupby(pairs, key=lambda pair: pair[1].get("for_each")):
        told = list(run)
        if vocabulary is None:
            result += (_column(package, table, field, own) for field, own in told)
        else:
            result += _repeated(package, table, vocabulary, told)
    return result


def declared(package: Package) -> dict[str, Table]:
    """The derived tables of a package, by name; their paths are those in a release."""
    return {
        name: replace(table, fields=tuple(column.field for column in columns(package, name)))
        for name, table in shipped().tables.items()
    }


def _resource(table: str) -> Mapping[str, Any]:
    resources = _raw(DESCRIPTOR)["resources"]
    return next(resource for resource in resources if resource["name"] == table)


def _repeated(
    package: Package, table: str, vocabulary: str, told: Sequence[tuple[Field, Mapping[str, Any]]]
) -> Iterator[Column]:
    """For each value of a vocabulary the columns declared for every value."""
    for category in _field(package, vocabulary).categories:
        words = {"value": category.value, "label": category.label}
        for field, own in told:
            named = replace(
                field,
                name=field.name.format(**words),
                title=field.title.format(**words),
                description=field.description.format(**words),
            )
            column = _column(package, table, named, own)
            yield replace(
                column,
                hxl=column.hxl.format(**words),
                value=category.value,
                template=field.name,
            )


def _column(package: Package, table: str, field: Field, own: Mapping[str, Any]) -> Column:
    path = own.get("from", "")
    if path:
        field = _copied(package, table, field, path, own)
    if "as" in own:
        field = replace(field, categories=_field(package, own["as"]).categories)
    return Column(field, path, own.get("hxl", ""), "", field.name)


def _copied(package: Package, table: str, field: Field, path: str, own: Mapping[str, Any]) -> Field:
    """A field that repeats a column of another table."""
    *steps, name = path.split(".")
    source = package.tables[origin_of(table)]
    required = True
    for step in steps:
        required &= source.field(step).required
        source = package.tables[source.reference(step).table]
    base = source.field(name)
    way = f"From {source.name}.{name}, by {' and '.join(steps)}." if steps else ""
    description = field.description if "description" in own else base.description
    return replace(
        base,
        name=field.name,
        title=field.title if "title" in own else base.title,
        description=f"{description} {way or f'As in {source.name}.'}",
        constraints={
            **{key: value for key, value in base.constraints.items() if key != "unique"},
            "required": required and base.required,
        },
    )


def _field(package: Package, path: str) -> Field:
    """A column of the package or of a derived table."""
    table, name = path.split(".")
    return (package.tables.get(table) or shipped().tables[table]).field(name)
