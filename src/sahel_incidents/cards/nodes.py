"""A card in memory: names, texts and lists, each with the place where it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..problem import Problem, RuleInfo

Data = dict[str, Any]
"""A card as plain nested data: text, lists and dictionaries."""

Path = tuple[str | int, ...]
"""The way to a part of a card, such as `("casualties", 0, "killed")`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written: a file, and line and column from 1 where they are known."""

    file: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a card, on one line."""

    path: Path
    place: Place
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of a card."""

    path: Path
    place: Place
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping of a card: its values by name, and the place of each name."""

    path: Path
    place: Place
    values: dict[str, Node]
    names: dict[str, Place]


Node = Text | Items | Entries


class CardError(Exception):
    """A card is not well formed or not right; the data is as it was.

    Attributes:
        problems: everything found, in the order of the card, with the card's own lines.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{p.place}: {p.message}" for p in problems))
        self.problems = list(problems)


def problem(
    rule: RuleInfo,
    place: Place,
    message: str,
    suggestion: str | None = None,
    *,
    table: str | None = None,
    field: str | None = None,
    value: str | None = None,
) -> Problem:
    """A problem at a place in a card; the rest is as in `Problem`."""
    return Problem(
        rule.id,
        rule.severity,
        message,
        file=place.file,
        line=place.line,
        column=place.column,
        table=table,
        field=field,
        value=value,
        suggestion=suggestion,
    )


def nodes(data: Any, place: Callable[[Path], Place], path: Path = ()) -> Node:
    """Plain nested data as nodes, for a card that was not read from YAML.

    Args:
        data: texts, lists and dictionaries; None stands for an empty text.
        place: tells where the part at a path was written, for messages.
        path: where in the card the data lies.
    """
    if isinstance(data, dict):
        values = {name: nodes(value, place, (*path, name)) for name, value in data.items()}
        return Entries(path, place(path), values, {name: values[name].place for name in values})
    if isinstance(data, list):
        items = tuple(nodes(item, place, (*path, n)) for n, item in enumerate(data))
        return Items(path, place(path), items)
    return Text(path, place(path), "" if data is None else one_line(str(data)))


def plain(node: Node) -> Any:
    """A node as plain nested data; the reverse of `nodes`."""
    if isinstance(node, Entries):
        return {name: plain(value) for name, value in node.values.items()}
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return node.text


def one_line(text: str) -> str:
    """A text with each line break, and the spaces around it, made one space."""
    return re.sub(r"[ \t]*[\r\n]+[ \t]*", " ", text.strip("\r\n"))
