"""How the tables hang together, drawn from their foreign keys: as SVG and as Mermaid.

In the SVG each table is a box with its key columns, one below the other. To the right of the boxes
runs one line for each table that others refer to. A reference is a stroke from its column to the
line of the table it refers to, with a dot where it meets it; lines that merely cross have none. So
any number of tables is laid out without a line running through a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ..package import ForeignKey, Table

_BOX, _LANE, _ROW, _HEAD, _GAP = 236, 30, 20, 26, 14
"""In user units: a box's width, the lines' distance, the heights of a column, of a name and the
gap between boxes."""

_TOP, _SIDE = 8, 4

COLOURS = 7
"""How many colours the style sheet has for lines: classes `lane-0`, `lane-1` and so on."""


@dataclass(frozen=True)
class _Line:
    """What a box shows of one column: its name, what it is to the table, what it refers to."""

    column: str
    is_key: bool
    required: bool
    references: tuple[ForeignKey, ...]


def ordered(tables: Mapping[str, Table]) -> list[Table]:
    """The tables, each after those it refers to, otherwise in their order; cycles are broken."""
    result: dict[str, Table] = {}

    def add(table: Table, path: tuple[str, ...]) -> None:
        for key in table.foreign_keys:
            if key.table not in path:
                add(tables[key.table], (*path, key.table))
        result.setdefault(table.name, table)

    for table in tables.values():
        add(table, (table.name,))
    return list(result.values())


def mermaid(tables: Mapping[str, Table]) -> str:
    """An entity-relationship diagram in Mermaid (https://mermaid.js.org), key columns only."""
    lines = ["erDiagram"]
    for table in tables.values():
        lines.append(f"    {table.name} {{")
        for line in _lines(table):
            marks = ["PK"] if line.is_key else []
            marks += ["FK"] if line.references else []
            kind = table.field(line.column).type
            lines.append(f"        {kind} {line.column} {', '.join(marks)}".rstrip())
        lines.append("    }")
    for table in tables.values():
        for key in table.foreign_keys:
            # Many rows refer to exactly one, or to none or one.
            one = "||" if table.field(key.field).required else "o|"
            lines.append(f'    {table.name} }}o--{one} {key.table} : "{key.field}"')
    return "\n".join(lines) + "\n"


def svg(tables: Mapping[str, Table], title: str) -> str:
    """The drawing, to stand inside a page whose style sheet has its classes.

    Args:
        tables: the tables by name.
        title: what the drawing shows, for those who do not see it.
    """
    boxes = ordered(tables)
    lanes = _lanes(boxes)
    body: list[str] = []
    ends: dict[str, list[float]] = {name: [] for name in lanes}
    y = _TOP
    for table in boxes:
        lines = _lines(table)
        height = _HEAD + _ROW * len(lines) + 6
        body.append(_box(table, lines, y, height))
        if table.name in lanes:
            at = y + _HEAD / 2
            ends[table.name].append(at)
            body.append(_stroke(lanes, table.name, at, "home"))
        for number, line in enumerate(lines):
            at = y + _HEAD + _ROW * (number + 0.5)
            for key in line.references:
                ends[key.table].append(at)
                body.append(_stroke(lanes, key.table, at, "full" if line.required else "may"))
        y += height + _GAP
    uprights = [_upright(lanes, name, min(at), max(at)) for name, at in ends.items()]
    labels = [_label(lanes, name, min(at)) for name, at in ends.items()]
    width = _x(len(lanes)) + _SIDE
    return (
        f'<svg class="diagram" viewBox="0 0 {width:g} {y:g}" role="img" '
        f'aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n'
        + "\n".join([*uprights, *body, *labels])
        + "\n</svg>"
    )


def _lines(table: Table) -> list[_Line]:
    """The columns that a box shows: those of the primary key, then those that refer elsewhere."""
    referring = [key.field for key in table.foreign_keys]
    shown = dict.fromkeys((*table.primary_key, *referring))
    return [
        _Line(
            column,
            column in table.primary_key,
            table.field(column).required,
            tuple(key for key in table.foreign_keys if key.field == column),
        )
        for column in shown
    ]


def _lanes(boxes: Sequence[Table]) -> dict[str, int]:
    """The tables that others refer to, each with the number of its line, from the left.

    The line of a table further down is further left, so that its strokes cross fewer lines.
    """
    targets = {key.table for table in boxes for key in table.foreign_keys}
    named = [table.name for table in boxes if table.name in targets]
    return {name: number for number, name in enumerate(reversed(named))}


def _x(lane: int) -> float:
    return _SIDE + _BOX + _LANE * (lane + 0.75)


def _box(table: Table, lines: Sequence[_Line], y: float, height: float) -> str:
    texts = [
        f'<text class="name" x="{_SIDE + 12}" y="{y + 18:g}">{escape(table.name)}</text>',
        *(
            f'<text class="{"key" if line.is_key else "column"}" x="{_SIDE + 12}" '
            f'y="{y + _HEAD + _ROW * (number + 0.5) + 4:g}">{escape(line.column)}</text>'
            for number, line in enumerate(lines)
        ),
    ]
    return (
        f'<a href="#{escape(table.name)}"><rect class="box" x="{_SIDE}" y="{y:g}" '
        f'width="{_BOX}" height="{height:g}" rx="6"/>\n' + "\n".join(texts) + "</a>"
    )


def _stroke(lanes: Mapping[str, int], target: str, y: float, kind: str) -> str:
    """A stroke from a box to a line; `kind` is home, full or may."""
    start, end, colour = _SIDE + _BOX, _x(lanes[target]), lanes[target] % COLOURS
    mark = (
        f'<path class="arrow" d="M{start:g},{y:g} l9,-5 v10 z"/>'
        if kind == "home"
        else f'<circle class="dot" cx="{end:g}" cy="{y:g}" r="3.5"/>'
    )
    return (
        f'<g class="lane-{colour}"><path class="stroke {kind}" d="M{start:g},{y:g} H{end:g}"/>'
        f"{mark}</g>"
    )


def _upright(lanes: Mapping[str, int], target: str, top: float, bottom: float) -> str:
    x, colour = _x(lanes[target]), lanes[target] % COLOURS
    return f'<g class="lane-{colour}"><path class="stroke" d="M{x:g},{top:g} V{bottom:g}"/></g>'


def _label(lanes: Mapping[str, int], target: str, top: float) -> str:
    """The name beside the upper end of a line, from top to bottom."""
    x, colour = _x(lanes[target]), lanes[target] % COLOURS
    return (
        f'<g class="lane-{colour}"><text class="lane-name" '
        f'transform="translate({x + 6:g},{top + 8:g}) rotate(90)">{escape(target)}</text></g>'
    )
