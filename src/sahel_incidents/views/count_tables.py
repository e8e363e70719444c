"""Tables of counts to read: for the terminal and in markdown."""

from __future__ import annotations

from collections.abc import Iterator

from ..reports.common import visible
from .counts import Line, Table

SEVERAL = "An incident may stand in several rows; do not add them up."

_GAP = "  "
_LONGEST = 44
_SHORTEST = 12


def text(table: Table, width: int) -> str:
    """A table for the terminal.

    Columns that do not fit follow below, beside the labels once more.

    Args:
        table: what to show.
        width: characters to a line.
    """
    heads, rows = _heads(table), [_cells(table, line) for line in table.lines]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    most = max(_SHORTEST, width - sum(widths[1:3]) - 2 * len(_GAP))
    label = widths[0] = min(widths[0], _LONGEST, most)
    lines: list[str] = []
    for columns in _that_fit(widths, width - label):
        for cells in (heads, *rows):
            first = cells[0] if len(cells[0]) <= label else cells[0][: label - 1] + "…"
            beside = (cells[at].rjust(widths[at]) for at in columns)
            lines.append(_GAP.join((first.ljust(label), *beside)))
        lines.append("")
    if table.repeats:
        lines[-1:] = [SEVERAL, ""]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def markdown(table: Table) -> str:
    """A table in GitHub's markdown."""
    rows = [_heads(table), *(_cells(table, line) for line in table.lines)]
    lines = [f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows]
    lines.insert(1, f"|---|{'---:|' * (len(rows[0]) - 1)}")
    if table.repeats:
        lines += ["", SEVERAL]
    return "".join(f"{line}\n" for line in lines)


def _heads(table: Table) -> list[str]:
    return [table.title, "incidents", "figures", *map(visible, table.across)]


def _cells(table: Table, line: Line) -> list[str]:
    numbers = line.incidents, line.figures, *(line.across.get(label, 0) for label in table.across)
    return [visible(line.label), *(f"{number:,}" for number in numbers)]


def _that_fit(widths: list[int], room: int) -> Iterator[list[int]]:
    """The columns after the first, in groups as wide as there is room for."""
    group: list[int] = []
    left = room
    for at, width in enumerate(widths[1:], 1):
        needed = len(_GAP) + width
        if group and needed > left:
            yield group
            group, left = [], room
        group.append(at)
        left -= needed
    if group:
        yield group
