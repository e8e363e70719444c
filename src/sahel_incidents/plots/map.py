"""A map of incidents: one mark each at its place, by who attacked.

No mark is larger for more dead: that would rank incidents by figures that cannot be compared.
Incidents at one place stand around its point, on a ring no wider than the marks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import cos, pi, radians, sin
from typing import TYPE_CHECKING

from ..cards.layout import OWNER
from ..geography import borders
from ..problem import ToolError
from ..records import Records, Row
from . import ATTACKERS, FAINT, attackers, credit

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 9.0  # inches
_MARGIN = 1.2  # degrees around the outermost incidents
_RING = 0.011  # the radius of a ring, as a share of the map's width
_LETTER = 0.006  # half the width of a letter of a country's name, likewise
_LAND, _SEA = "#f5f2ec", "#ffffff"


def draw(records: Records, incidents: Sequence[Row]) -> Figure:
    """The map of some incidents, rows of `incidents`.

    Raises:
        ToolError: none of them has coordinates.
    """
    from matplotlib.figure import Figure

    places = records.rows["places"]
    at: defaultdict[tuple[float, float], list[Row]] = defaultdict(list)
    for row in incidents:
        place = places.get((row["place_id"],), {})
        if place.get("latitude") and place.get("longitude"):
            at[float(place["longitude"]), float(place["latitude"])].append(row)
    if not at:
        raise ToolError("none of these incidents has coordinates", "choose others")
    west, east = min(x for x, _ in at) - _MARGIN, max(x for x, _ in at) + _MARGIN
    south, north = min(y for _, y in at) - _MARGIN, max(y for _, y in at) + _MARGIN
    stretch = 1 / cos(radians((south + north) / 2))
    height = min((north - south) / (east - west) * stretch * 0.98 * _WIDTH, 1.4 * _WIDTH) + 1.2
    picture = Figure(figsize=(_WIDTH, height))
    axes = picture.add_axes((0.01, 0.75 / height, 0.98, 1 - 1.2 / height))
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(stretch, adjustable="box")
    axes.set_facecolor(_SEA)
    axes.set_xticks([])
    axes.set_yticks([])
    _borders(axes, records)
    counted = _marks(axes, at, attackers(records))
    _legend(picture, counted)
    shown = sum(counted.values())
    picture.text(
        0.01,
        1 - 0.12 / height,
        f"{shown:,} of the incidents recorded, by who attacked",
        size=12,
        weight="bold",
        va="top",
    )
    missing = len(incidents) - shown
    credit(
        picture,
        records,
        "A selection, not a census. "
        + (f"{missing:,} more without coordinates are not shown. " if missing else "")
        + "Borders: geoBoundaries, Natural Earth; no position on any territory.",
    )
    return picture


def _borders(axes: Axes, records: Records) -> None:
    """The countries, with their names where they lie within the map."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from shapely import box, get_parts

    labels = {
        c.value: c.label for c in records.package.tables["incidents"].field("country").categories
    }
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    frame = box(west, south, east, north)
    for code, ground in borders().items():
        if not ground.intersects(frame):
            continue
        for part in get_parts(ground):
            ring = Path(part.exterior.coords)
            axes.add_patch(
                PathPatch(ring, facecolor=_LAND, edgecolor=FAINT, linewidth=0.6, zorder=1)
            )
        seen = ground.intersection(frame)
        if seen.area > 0.015 * frame.area:
            name = labels.get(code, code).upper()
            middle = seen.representative_point()
            room = _LETTER * (east - west) * len(name)
            axes.text(
                min(max(middle.x, west + room), east - room),
                middle.y,
                name,
                size=8,
                color=FAINT,
                alpha=0.8,
                ha="center",
                va="center",
                zorder=2,
            )


def _marks(
    axes: Axes, at: dict[tuple[float, float], list[Row]], sides: dict[str, str]
) -> Counter[str]:
    """Draw the marks, and count them by side."""
    counted: Counter[str] = Counter()
    west, east = axes.get_xlim()
    for (x, y), rows in at.items():
        radius = _RING * (east - west) if len(rows) > 1 else 0
        for turn, row in enumerate(sorted(rows, key=lambda row: row[OWNER])):
            angle = 2 * pi * turn / len(rows)
            side = sides[row[OWNER]]
            marker, colour = ATTACKERS[side]
            axes.plot(
                x + radius * cos(angle),
                y + radius * sin(angle),
                marker,
                markersize=8 if marker == "*" else 6.5,
                markerfacecolor=colour,
                markeredgecolor="white",
                markeredgewidth=0.6,
                zorder=3,
            )
            counted[side] += 1
    return counted


def _legend(picture: Figure, counted: Counter[str]) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], marker=marker, color=colour, linestyle="", label=f"{side} ({counted[side]:,})"
        )
        for side, (marker, colour) in ATTACKERS.items()
        if counted[side]
    ]
    picture.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.004, 0.25 / picture.get_figheight()),
        ncols=4,
        frameon=False,
        fontsize=8,
        handletextpad=0.2,
        columnspacing=1.2,
    )
