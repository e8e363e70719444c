"""Incidents recorded in each month, by who attacked. Records are counted, never people.

It shows what the dataset holds. How much happened is another matter, which it cannot tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..cards.layout import OWNER
from ..problem import ToolError
from ..records import Records, Row
from . import ATTACKERS, LINE, attackers, credit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE = (10.0, 4.2)  # inches


def draw(records: Records, incidents: Sequence[Row]) -> Figure:
    """The timeline of some incidents, rows of `incidents`, by the month of their first day.

    Raises:
        ToolError: there is none whose month is known.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    dated = [row for row in incidents if _month_is_known(row)]
    if not dated:
        raise ToolError("there is no such incident whose month is known", "choose others")
    sides = attackers(records)
    counted = Counter((row["date_start"][:7], sides[row[OWNER]]) for row in dated)
    months = list(_months(min(counted)[0], max(counted)[0]))
    picture = Figure(figsize=_SIZE)
    axes = picture.add_axes((0.055, 0.17, 0.935, 0.61))
    below = [0] * len(months)
    for side, (_, colour) in ATTACKERS.items():
        heights = [counted[month, side] for month in months]
        if any(heights):
            axes.bar(
                range(len(months)),
                heights,
                bottom=below,
                width=0.85,
                color=colour,
                edgecolor="white",
                linewidth=0.6,
                hatch=_HATCHES[side],
                label=f"{side} ({sum(heights):,})",
            )
            below = [a + b for a, b in zip(below, heights, strict=True)]
    years = [at for at, month in enumerate(months) if month.endswith("-01")] or [0]
    axes.set_xticks(years, [months[at][:4] for at in years])
    axes.set_xlim(-0.8, len(months) - 0.2)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("incidents recorded")
    axes.grid(axis="y", color=LINE, linewidth=0.5)
    axes.set_axisbelow(True)
    for name in ("left", "right", "top"):
        axes.spines[name].set_visible(False)
    picture.text(
        0.01,
        0.97,
        "Incidents recorded, by month and by who attacked",
        size=12,
        weight="bold",
        va="top",
    )
    picture.legend(
        loc="upper left",
        bbox_to_anchor=(0.004, 0.91),
        ncols=4,
        frameon=False,
        fontsize=8,
        handlelength=1.2,
        columnspacing=1.4,
    )
    left_out = len(incidents) - len(dated)
    credit(
        picture,
        records,
        "A selection, not a census: no rate or trend can be read from it."
        + (f" {left_out:,} more are not dated to the month." if left_out else ""),
    )
    return picture


_HATCHES = dict(zip(ATTACKERS, ("", "///", "xxx", "...", "\\\\\\", "++", "|||"), strict=True))
"""What tells the bars apart where colours do not."""


def _month_is_known(row: Row) -> bool:
    same = row["date_start"][:7] == row["date_end"][:7]
    return same or row["date_precision"] == "day"


def _months(first: str, last: str) -> Iterator[str]:
    """Each month from one to another, as 2025-06."""
    year, month = int(first[:4]), int(first[5:])
    while (text := f"{year:04}-{month:02}") <= last:
        yield text
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
