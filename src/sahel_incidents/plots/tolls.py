"""Rival tolls: each figure of one incident on a line of its own, with who said it and where.

Nothing is added, averaged or chosen. A mark stands at the number said; an arrow shows that the
words leave a bound open, a bar a range, a dashed line "about".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from ..cards.layout import FIGURES, INCIDENTS, OWNER
from ..grading import ABOUT, Grade
from ..package import Field
from ..problem import ToolError
from ..records import Records, Row
from ..reports.common import visible
from ..views.estimates import grades
from ..views.page_words import Words, day, number
from . import BLUE, FAINT, GREEN, INK, LINE, VERMILION, credit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKS = {
    Grade.CONFIRMED: ("s", BLUE),
    Grade.CORROBORATED: ("^", GREEN),
    Grade.CONTESTED: ("D", VERMILION),
    Grade.UNCONFIRMED: ("o", INK),
    None: ("x", FAINT),
}
_GROUPED = ("harm", "victims")
_WIDTH = 10.0  # inches, as are all lengths below
_TEXT = 5.3
_LINE = 0.165
_PADDING = 0.16
_HEADING = 0.36
_ABOVE = 0.8
_BELOW = 0.75
_CHARACTERS = 70


@dataclass(frozen=True)
class _Entry:
    """A figure, or the heading of a group of figures, with the lines of text beside it."""

    row: Row | None
    lines: list[str]

    @property
    def height(self) -> float:
        return _PADDING + _LINE * len(self.lines) if self.row else _HEADING


def draw(records: Records, incident: str, harms: Collection[str] = ()) -> Figure:
    """The picture of an incident's figures.

    Args:
        records: all records.
        incident: its id.
        harms: values of `casualties.harm`; only figures of these are drawn. Empty: all.

    Raises:
        ToolError: there is no such incident, or it has no figures to draw.
    """
    from matplotlib.figure import Figure

    row = records.rows[INCIDENTS].get((incident,))
    if row is None:
        raise ToolError(f"no incident has the id {incident}", "incidents find lists them")
    every = [one for one in records.rows[FIGURES].values() if one[OWNER] == incident]
    graded = grades(every, records)
    figures = [one for one in every if not harms or one["harm"] in harms]
    if not figures:
        raise ToolError(f"{incident} has no such figures", "incidents show tells what it has")
    entries = list(_entries(records, figures))
    height = _ABOVE + _BELOW + sum(entry.height for entry in entries)
    picture = Figure(figsize=(_WIDTH, height))
    picture.text(0.01, 1 - 0.12 / height, visible(row["title"]), size=12, weight="bold", va="top")
    axes = picture.add_axes(
        (_TEXT / _WIDTH, _BELOW / height, 0.97 - _TEXT / _WIDTH, 1 - (_ABOVE + _BELOW) / height)
    )
    _frame(axes, sum(entry.height for entry in entries), _largest(figures))
    top = 0.0
    for entry in entries:
        _write(axes, entry, top)
        if entry.row:
            grade = graded.get(entry.row["casualty_id"])
            _mark(axes, entry.row, grade, top + entry.height / 2)
        top += entry.height
    _legend(picture, set(map(graded.get, (one["casualty_id"] for one in figures))), height)
    credit(
        picture,
        records,
        "Each line is what one origin said. Figures overlap and contradict: never add them up.",
    )
    return picture


def _entries(records: Records, figures: list[Row]) -> Iterator[_Entry]:
    """The lines from top to bottom: what counts the same together, parts below their whole."""
    words = Words(records)
    parts = defaultdict(list)
    groups: dict[tuple[str, ...], list[Row]] = {}
    ids = {row["casualty_id"] for row in figures}
    for row in figures:
        if row["part_of"] in ids:
            parts[row["part_of"]].append(row)
        else:
            groups.setdefault((row["harm"], row["victims"]), []).append(row)
    fields = [records.package.tables[FIGURES].field(name) for name in _GROUPED]
    for group in sorted(groups, key=lambda group: [*map(_rank, fields, group)]):
        rows = sorted(groups[group], key=_position)
        harm, victims = (words.label(FIGURES, name, rows[0]) for name in _GROUPED)
        yield _Entry(None, [f"{harm}: {victims.lower()}"])
        for row, depth in _with_parts(rows, parts):
            yield _Entry(row, _text(records, words, row, depth))


def _rank(field: Field, value: str) -> int:
    """Where a value stands in its vocabulary."""
    known = field.vocabulary
    return known.index(value) if value in known else len(known)


def _with_parts(
    rows: list[Row], parts: dict[str, list[Row]], depth: int = 0
) -> Iterator[tuple[Row, int]]:
    for row in rows:
        yield row, depth
        own = sorted(parts.get(row["casualty_id"], ()), key=_position)
        yield from _with_parts(own, parts, depth + 1)


def _position(row: Row) -> tuple[bool, float, str]:
    """Where a figure stands among its like: by the number said, those without one at the end."""
    said = row["value"] or row["low"] or row["high"]
    return not said, float(said or 0), row["casualty_id"]


def _text(records: Records, words: Words, row: Row, depth: int) -> list[str]:
    """Who said it and where it can be read."""
    by = f" ({row['relayed_by']})" if row["relayed_by"] not in ("", row["said_by"]) else ""
    kind = ""
    if depth:
        kind = "".join(
            f", {words.label(FIGURES, column, row).lower()}"
            for column in ("victims", "demographic")
            if row[column]
        )
    hedge = f", {row['hedge']}" if row["hedge"] else ""
    fate = ", replaced" if row["superseded_by"] else ""
    fate = ", withdrawn" if row["confirmation"] == "withdrawn" else fate
    source = records.rows["sources"].get((row["source_id"],), {})
    on = day(source["published_on"]) if source.get("published_on") else "undated"
    indent = "    " * depth
    said = wrap(
        visible(f"{number(row)}{kind}{hedge}{fate}: {row['said_by']}{by}"),
        _CHARACTERS,
        initial_indent=indent,
        subsequent_indent=indent,
    )
    return [*said, visible(f"{indent}{source.get('publisher', row['source_id'])}, {on}")]


def _largest(figures: list[Row]) -> int:
    return max(int(row[name] or 0) for row in figures for name in ("value", "low", "high"))


def _frame(axes: Axes, height: float, largest: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(height, 0)
    axes.set_xlim(-0.02 * max(largest, 1), 1.18 * max(largest, 1))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    axes.set_xlabel("people", loc="right")
    axes.set_yticks([])
    axes.grid(axis="x", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


def _write(axes: Axes, entry: _Entry, top: float) -> None:
    """The text to the left of the axes; lengths from the top and the left edge, in inches."""
    where = axes.get_yaxis_transform()
    left = -(_TEXT - 0.1) / (0.97 * _WIDTH - _TEXT)
    if entry.row is None:
        axes.text(
            left, top + _HEADING - 0.08, entry.lines[0], transform=where, weight="bold", va="bottom"
        )
        return
    *said, source = entry.lines
    middle = top + _PADDING / 2
    for at, line in enumerate(said):
        axes.text(left, middle + at * _LINE, line, transform=where, va="top", size=8.5)
    last = middle + len(said) * _LINE
    axes.text(left, last, source, transform=where, va="top", size=7, color=FAINT)


def _mark(axes: Axes, row: Row, grade: Grade | None, at: float) -> None:
    """The mark of a figure, at its number; `at` is where its line lies."""
    marker, colour = _MARKS[grade]
    low, high = (float(row[name]) if row[name] else None for name in ("low", "high"))
    if row["qualifier"] == "many":
        axes.text(0, at, "no number", size=8, style="italic", color=FAINT, va="center")
        return
    if row["qualifier"] == "about":
        value = float(row["value"])
        reach = value * ABOUT
        axes.plot([value - reach, value + reach], [at, at], color=colour, linestyle=":", zorder=2)
        points = [value]
    elif row["qualifier"] == "range":
        points = [bound for bound in (low, high) if bound is not None]
        axes.plot(points, [at] * len(points), color=colour, linewidth=2.5, zorder=2)
    else:
        points = [float(row["value"])]
        end = {"at_least": 1, "more_than": 1, "at_most": -1, "fewer_than": -1}
        if row["qualifier"] in end:
            _arrow(axes, points[0], at, end[row["qualifier"]], colour)
    axes.plot(points, [at] * len(points), marker, color=colour, markersize=6, zorder=3)


def _arrow(axes: Axes, start: float, at: float, direction: int, colour: str) -> None:
    """An arrow that begins at a number and leads up or down from it."""
    left, right = axes.get_xlim()
    tip = start + direction * 0.09 * (right - left)
    axes.annotate(
        "",
        xy=(max(tip, 0), at),
        xytext=(start, at),
        arrowprops={"arrowstyle": "->", "color": colour, "linewidth": 1.2, "shrinkA": 0},
    )


def _legend(picture: Figure, found: set[Grade | None], height: float) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], marker=marker, color=colour, linestyle="", label=grade or "ungraded")
        for grade, (marker, colour) in _MARKS.items()
        if grade in found
    ]
    picture.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.004, 1 - 0.36 / height),
        ncols=len(handles),
        frameon=False,
        fontsize=8,
        handletextpad=0.2,
        columnspacing=1.4,
    )
