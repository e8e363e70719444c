"""The words of an issue form: lines `name: text`, and what they stand for in a card."""

from __future__ import annotations

from collections.abc import Sequence

from ..cards.layout import FIGURES, Part
from ..package import Field
from .form import Answer

WORDS = {
    "address": "url",
    "known as": "attribution",
    "party": "actor",
    "published": "published_on",
}
"""What the forms call the names of a card that are not plain words."""

Group = list[tuple[str, str, int]]
"""Lines of an answer that belong together: the name, the text and the line in the issue of each."""


def filled(answer: Answer) -> list[Group]:
    """The groups of lines of an answer in which more is filled in than the form did."""
    template = groups(answer.question.template.split("\n"), 1)
    prefilled = {(name, text) for group in template for name, text, _ in group}
    found = groups(answer.lines, answer.first_line)
    return [group for group in found if not {line[:2] for line in group} <= prefilled]


def groups(lines: Sequence[str], first_line: int) -> list[Group]:
    """The lines `name: text` that are filled in, in groups parted by empty lines.

    A line without a name continues the text before it.

    Args:
        lines: the lines of an answer.
        first_line: the line in the issue of the first.
    """
    found: list[Group] = [[]]
    for number, line in enumerate(lines, first_line):
        name, colon, text = (part.strip() for part in line.strip().lstrip("-* ").partition(":"))
        if not name and not colon:
            found.append([])
        elif colon and text:
            found[-1].append((name, text, number))
        elif not colon and found[-1]:
            above, begun, at = found[-1][-1]
            found[-1][-1] = (above, f"{begun} {name}", at)
        elif not colon:
            found[-1].append((name, "", number))
    return [group for group in found if group]


def names(part: Part) -> dict[str, str]:
    """The names in a part of a card, by the words they can be written with, in lower case."""
    known = {name.replace("_", " "): name for name in part.fields}
    known |= {word: name for word, name in WORDS.items() if name in part.fields}
    if part.name == FIGURES:
        harms = part.table.field("harm").categories
        known |= {category.label.lower(): category.value for category in harms}
    return known


def value(field: Field, text: str) -> str | None:
    """A text, or the value of the field's vocabulary with that label; None where there is none."""
    if not field.categories:
        return text
    values = {category.value.replace("_", " "): category.value for category in field.categories}
    values |= {category.label.lower(): category.value for category in field.categories}
    return values.get(text.lower().replace("_", " "))
