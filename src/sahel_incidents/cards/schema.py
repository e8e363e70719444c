"""The JSON Schema of cards, by which editors complete names and values and check them.

Derived from the tables' schemas; nothing is said twice. Draft 7, which the editors' YAML support
reads best (https://json-schema.org/draft-07). It cannot tell what a figure's phrase means, nor
whether a source is on record: `card_rows` can.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from ..package import Field, Package
from . import layout
from .layout import FIGURES, STATEMENTS, Part
from .phrases import EXAMPLES

Schema = dict[str, Any]


def address() -> str:
    """Where the shipped schema lies on this machine, as an address that editors can open."""
    with resources.as_file(
        resources.files("sahel_incidents") / "reference" / layout.SCHEMA
    ) as path:
        return path.resolve().as_uri()


def text(package: Package) -> str:
    """The schema as the content of a file."""
    return json.dumps(schema(package), indent=2, ensure_ascii=False) + "\n"


def schema(package: Package) -> Schema:
    """The JSON Schema of the cards of a package."""
    parts = layout.parts(package)
    top = _mapping(parts[""], package)
    for name, part in parts.items():
        if name:
            top["properties"][name] = {
                "title": part.table.title,
                "description": _purpose(part),
                "type": "array",
                "items": _item(part, package),
            }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Incident card",
        "description": "An incident with its participants, figures and statements.",
        **top,
    }


def _purpose(part: Part) -> str:
    if part.name in layout.SHARED:
        return f"{part.table.title} that are not on record yet, for this card to refer to."
    return f"{part.table.title} of the incident."


def _item(part: Part, package: Package) -> Schema:
    item = _mapping(part, package)
    if part.name == FIGURES:
        harms = layout.harms(package)
        harm = package.tables[FIGURES].field("harm")
        phrases = {
            category.value: {
                "title": category.label,
                "description": f"{category.description} A phrase, such as {EXAMPLES}.",
                "type": ["string", "integer"],
                "minimum": 0,
                "minLength": 1,
            }
            for category in harm.categories
        }
        item["properties"] = {**phrases, **item["properties"]}
        item["oneOf"] = [{"required": [name]} for name in harms]
    if part.name == STATEMENTS:
        # A statement that is on record needs only be named.
        named = {"required": ["id", "link"], "maxProperties": 2}
        item["anyOf"] = [named, {"required": item.pop("required")}]
    return item


def _mapping(part: Part, package: Package) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(layout.required(part)),
        "properties": {name: _value(part, name, field) for name, field in part.fields.items()},
    }


def _value(part: Part, name: str, field: Field) -> Schema:
    value: Schema = {"title": field.title, "description": _description(part, field)}
    if field.categories:
        value["enum"] = list(field.vocabulary)
        value["enumDescriptions"] = [f"{c.label}: {c.description}" for c in field.categories]
        return value
    if field.example:
        value["examples"] = [field.example]
    # What looks like a number is one to an editor, though a card holds nothing but texts.
    value["type"] = "number" if field.type == "number" else ["string", "number"]
    if field.type == "date":
        value |= {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "format": "date"}
    for constraint in ("minLength", "maxLength"):
        if constraint in field.constraints:
            value[constraint] = field.constraints[constraint]
    if field.type == "number":
        for constraint in ("minimum", "maximum"):
            if constraint in field.constraints:
                value[constraint] = field.constraints[constraint]
    if "pattern" in field.constraints:
        whole = field.constraints["pattern"]
        short = f"{layout.SHORT_FIGURE}|" if part.name == FIGURES and name == "id" else ""
        value["pattern"] = f"^(?:{short}{whole})$"
    return value


def _description(part: Part, field: Field) -> str:
    for key in part.table.foreign_keys:
        if key.field == field.name:
            added = f", or one that the card adds under {key.table}" * (key.table in layout.SHARED)
            return f"{field.description} An id of data/{key.table}.csv{added}."
    return field.description
