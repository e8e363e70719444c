"""What was read from a workbook or a flat table: filled cells and their places."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from ..cards.nodes import Place, problem
from ..cells import quoted
from ..problem import Problem, RuleInfo, Severity
from .sheets import SHEETS

FORM = RuleInfo(
    "workbook-form",
    Severity.ERROR,
    "A workbook or table has the sheets and columns of the template, with plain texts and dates",
    "What stands under an unknown heading, or is computed by a formula, would be lost or could "
    "change unseen.",
)
RULES = (FORM,)

MAX_ROWS = 20_000
"""The most filled rows read of one sheet."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A filled cell: its text, and where it stands."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet: where it stands, and its filled cells by column."""

    place: Place
    cells: dict[str, Cell]

    def text(self, column: str) -> str:
        """A cell's text; empty where it is not filled."""
        return self.cells[column].text if column in self.cells else ""


@dataclass
class Book:
    """What was read, not yet tied together: rows by part of a card, and what was wrong."""

    lines: dict[str, list[Line]] = field(default_factory=lambda: {n: [] for n in SHEETS})
    problems: list[Problem] = field(default_factory=list)

    def fault(self, place: Place, message: str, remedy: str, value: str | None = None) -> None:
        """Note something that cannot be understood."""
        self.problems.append(problem(FORM, place, message, remedy, value=value))


def heading(
    cells: list[str], known: tuple[str, ...], places: list[Place], book: Book
) -> dict[int, str]:
    """The columns that a first row names, by their number from 0.

    A column whose heading is a fault is named "", and what stands below it is no further fault.
    """
    found: dict[int, str] = {}
    for number, text in enumerate(cells):
        column = re.sub(r"[\s_]+", "_", text.strip().lower())
        if not column:
            continue
        found_before = column in found.values()
        found[number] = column if column in known and not found_before else ""
        if found_before:
            book.fault(places[number], f"two columns are named {column}", "keep one of them")
        elif column not in known:
            near = difflib.get_close_matches(column, known, 1)
            remedy = f"did you mean {near[0]}?" if near else "delete it, or move it to note"
            book.fault(places[number], f"no column is named {quoted(text)}", remedy, text)
    return found


def plain(text: str) -> str:
    """A cell's text on one line, without spaces at its ends; every kind of space made plain."""
    return " ".join(text.split())
