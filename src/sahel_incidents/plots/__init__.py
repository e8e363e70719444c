"""Pictures of the dataset, as PNG or SVG. Each module of this folder is one kind of picture.

Colours are those of Okabe and Ito (2008), "Color universal design", which people with the common
kinds of colour blindness can tell apart; every colour goes with a shape, too. Same records, same
bytes: a picture holds no date and no random ids.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from ..records import Records

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png")

DOTS_PER_INCH = 150

INK = "#1a1a1a"
FAINT = "#6b6b6b"
LINE = "#c9c9c9"
BLACK, ORANGE, SKY, GREEN = "#000000", "#e69f00", "#56b4e9", "#009e73"
BLUE, VERMILION, PURPLE = "#0072b2", "#d55e00", "#cc79a7"


@contextmanager
def style() -> Iterator[None]:
    """The look of all pictures. Draw and save within it."""
    import matplotlib

    with matplotlib.rc_context(
        {
            # The first comes with matplotlib: the same on every machine. It is wider than most, so
            # what fits here fits in what a browser may take instead.
            "font.family": ["DejaVu Sans", "sans-serif"],
            "font.size": 9,
            "text.color": INK,
            "text.parse_math": False,  # a $ in a text is a $
            "axes.edgecolor": LINE,
            "axes.labelcolor": INK,
            "xtick.color": FAINT,
            "ytick.color": FAINT,
            "svg.fonttype": "none",  # text stays text: it can be searched and read aloud
            "svg.hashsalt": "sahel-incidents",
            "figure.facecolor": "white",
        }
    ):
        yield


def rendered(figure: Figure, form: str) -> bytes:
    """A picture's bytes in one of `FORMATS`."""
    stream = BytesIO()
    metadata = {"Date": None} if form == "svg" else {"Software": None}
    figure.savefig(stream, format=form, dpi=DOTS_PER_INCH, metadata=metadata)
    return stream.getvalue()


ATTACKERS: dict[str, tuple[str, str]] = {
    "Non-state armed groups": ("o", VERMILION),
    "State forces": ("s", BLUE),
    "State and foreign forces together": ("P", PURPLE),
    "Foreign forces and companies": ("D", SKY),
    "Volunteers and militias": ("^", GREEN),
    "Several of these": ("*", ORANGE),
    "Unidentified": ("X", FAINT),
}
"""Who attacked, with the shape and colour of it in every picture."""

_SIDES = {
    "non_state_armed_group": "Non-state armed groups",
    "state_force": "State forces",
    "foreign_force": "Foreign forces and companies",
    "private_military_company": "Foreign forces and companies",
    "militia": "Volunteers and militias",
}


def attackers(records: Records) -> dict[str, str]:
    """Who attacked in each incident, by its id: a key of `ATTACKERS`."""
    sides: defaultdict[str, set[str]] = defaultdict(set)
    for row in records.rows["participants"].values():
        actor = records.rows["actors"].get((row["actor_id"],))
        if row["role"] == "attacker" and actor and actor["kind"] in _SIDES:
            sides[row["incident_id"]].add(_SIDES[actor["kind"]])
    return {id: _together(sides[id]) for (id,) in records.rows["incidents"]}


def _together(sides: set[str]) -> str:
    if not sides:
        return "Unidentified"
    if sides == {"State forces", "Foreign forces and companies"}:
        return "State and foreign forces together"
    return sides.pop() if len(sides) == 1 else "Several of these"


def credit(figure: Figure, records: Records, said: str) -> None:
    """A line below a picture: what it must not be taken for, and where it comes from."""
    figure.text(0.01, 0.012, said, size=7, color=FAINT, va="bottom")
    figure.text(
        0.99,
        0.012,
        f"Sahel Incidents {records.package.version}",
        size=7,
        color=FAINT,
        va="bottom",
        ha="right",
    )
