"""How far a figure is borne out: its origin and its grade. See docs/methodology.md, "Grades".

"Over n" and "at least n" set no upper bound, and "many" none at all. That matters twice: figures
contradict each other only where their bounds do not meet, and agree only where the bounds, with an
open one cut off, still meet.

Works on whole columns. How many figures of a group meet a figure is counted by where its bounds
fall among theirs, in sorted order, so that a group of many figures is no slower than many groups.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

RULE_VERSION = 1
"""The version of the rule that docs/methodology.md tells; both change together."""

ABOUT = 0.1
"""How far from n "about n" reaches, as a share of n."""

REACH = 1.5
"""How far an open bound reaches when figures are judged to be near each other, as a factor."""

COMPARED = ("incident_id", "harm", "victims", "demographic")
"""The columns that figures must share to be compared."""

TEXTS = (*COMPARED, "said_by", "relayed_by", "speaker_actor_id", "qualifier", "confirmation")
NUMBERS = ("value", "low", "high")
LINKS = ("part_of", "superseded_by")
"""The columns of a figure that the rule reads; of a link only whether there is one."""

SECOND_HAND = ("cited_in", "kind")
"""The columns of a figure's source by which `only_repeats` judges."""

_NOBODY_NAMED = ", no origin named"
"""Ends `said_by` where an outlet gives a number, or is quoted for it, and nobody else is named."""

_COMPILATION = "reference"


class Grade(StrEnum):
    """How far a figure is borne out, the strongest first."""

    CONFIRMED = "confirmed"
    CORROBORATED = "corroborated"
    CONTESTED = "contested"
    UNCONFIRMED = "unconfirmed"


GRADES = tuple(Grade)
UNGRADED = -1
"""Stands for the grade of a figure that was withdrawn or replaced."""

_CONFIRMED, _CORROBORATED, _CONTESTED, _UNCONFIRMED = range(len(GRADES))


@dataclass(frozen=True)
class Text:
    """A column of text, in which each distinct value is held once.

    Attributes:
        codes: for each row the place of its value in `values`; -1 where the cell is empty.
        values: the distinct values.
    """

    codes: NDArray[np.int64]
    values: Sequence[str]

    @classmethod
    def of(cls, cells: Iterable[str]) -> Text:
        """A column of cells, in which an empty text is an empty cell."""
        places: dict[str, int] = {"": -1}
        codes = [places.setdefault(cell, len(places) - 1) for cell in cells]
        return cls(np.array(codes, dtype=np.int64), [value for value in places if value])

    def where(self, value: str) -> NDArray[np.bool_]:
        """The rows that hold a value."""
        if value not in self.values:
            return np.zeros(len(self.codes), dtype=bool)
        rows: NDArray[np.bool_] = self.codes == self.values.index(value)
        return rows


@dataclass(frozen=True)
class Figures:
    """The columns of `casualties` that the rule reads, all of one length.

    Attributes:
        texts: those of `TEXTS`.
        numbers: those of `NUMBERS`, in people; NaN where the cell is empty.
        links: for those of `LINKS`, whether the cell is filled.
        repeats: whether the figure's source only repeats others, by `only_repeats`.
    """

    texts: dict[str, Text]
    numbers: dict[str, NDArray[np.float64]]
    links: dict[str, NDArray[np.bool_]]
    repeats: NDArray[np.bool_]

    @property
    def live(self) -> NDArray[np.bool_]:
        """The figures that were neither withdrawn nor replaced."""
        withdrawn = self.texts["confirmation"].where("withdrawn")
        live: NDArray[np.bool_] = ~withdrawn & ~self.links["superseded_by"]
        return live


@dataclass(frozen=True)
class Judged:
    """What the rule says of each figure.

    Attributes:
        grades: the place of its grade in `GRADES`, the strongest 0; `UNGRADED` where it has none.
        origins: whom it comes from, see `origin`.
        speaks: whether it speaks for itself, rather than repeat others.
    """

    grades: NDArray[np.int64]
    origins: Text
    speaks: NDArray[np.bool_]


def only_repeats(cited_in: str | None, kind: str | None) -> bool:
    """Whether a source is none of its own: quoted in another, or a work of reference."""
    return bool(cited_in) or kind == _COMPILATION


def origin(speaker_actor_id: str, said_by: str, relayed_by: str) -> str:
    """Whom a figure comes from, in words that are the same for the same origin.

    That is the actor who speaks or, for a speaker who is none, the words for the speaker and for
    who carried it first, in small letters.
    """
    if speaker_actor_id:
        return speaker_actor_id
    return " | ".join(_folded(text) for text in (said_by, relayed_by) if text)


def judge(figures: Figures) -> Judged:
    """The grade and origin of each figure; an incident's figures must all be among them."""
    texts, live = figures.texts, figures.live
    groups = _together(*(texts[name].codes for name in COMPARED))
    origins = _origins(figures)
    compared = live & ~figures.links["part_of"]
    speaks = ~figures.repeats & ~_outlet_beside_its_sources(figures, groups, compared)
    grades = np.full(len(live), UNGRADED, dtype=np.int64)
    grades[live] = _UNCONFIRMED
    grades[live & texts["confirmation"].where("disputed")] = _CONTESTED
    low, high = _bounds(figures)
    rows = np.flatnonzero(compared & speaks & ~np.isnan(low))
    rows = rows[_shared(groups[rows])]
    agreed, contradicted = _beside(groups[rows], origins.codes[rows], low[rows], high[rows])
    grades[rows[contradicted]] = _CONTESTED
    grades[rows[agreed]] = _CORROBORATED
    grades[live & texts["confirmation"].where("confirmed")] = _CONFIRMED
    return Judged(grades, origins, speaks)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


def _origins(figures: Figures) -> Text:
    """Each figure's origin, worked out once for every distinct speaker and carrier."""
    columns = [figures.texts[name] for name in ("speaker_actor_id", "said_by", "relayed_by")]
    kinds = _together(*(column.codes for column in columns))
    _, firsts, inverse = np.unique(kinds, return_index=True, return_inverse=True)
    told = (
        origin(*("" if code < 0 else column.values[code] for column, code in spoken))
        for spoken in (
            [(column, int(column.codes[row])) for column in columns] for row in firsts.tolist()
        )
    )
    distinct = Text.of(told)
    return Text(distinct.codes[inverse], distinct.values)


def _outlet_beside_its_sources(
    figures: Figures, groups: NDArray[np.int64], compared: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Where an outlet is its own speaker, beside a figure in which it quotes somebody."""
    said = figures.texts["said_by"]
    names = [value.removesuffix(_NOBODY_NAMED) for value in said.values]
    ended = [value.endswith(_NOBODY_NAMED) for value in said.values]
    nobody_named = np.array([*ended, False])[said.codes]
    speaker, carrier = _alike(Text(said.codes, names), figures.texts["relayed_by"])
    own = nobody_named | ((carrier >= 0) & (speaker == carrier))
    quoting = compared & (carrier >= 0) & ~own
    pairs = _together(np.tile(groups, 2), np.concatenate([speaker, carrier]))
    speaking, carried = np.split(pairs, 2)
    beside: NDArray[np.bool_] = own & np.isin(speaking, carried[quoting])
    return beside


def _alike(one: Text, other: Text) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two columns' codes, made comparable: equal where the texts are, but for small letters."""
    places: dict[str, int] = {}
    both = []
    for column in (one, other):
        codes = [places.setdefault(_folded(value), len(places)) for value in column.values]
        both.append(np.array([*codes, -1], dtype=np.int64)[column.codes])
    return both[0], both[1]


def _bounds(figures: Figures) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The numbers of people that a figure's words allow, open ones infinite.

    Both are NaN where the words set no bound at all.
    """
    value, low, high = (figures.numbers[name] for name in NUMBERS)
    about = figures.texts["qualifier"].where("about")
    bounded = ~np.isnan(low) | ~np.isnan(high)
    nothing = np.where(bounded, np.inf, np.nan)
    lower = np.where(about, value * (1 - ABOUT), np.where(np.isnan(low), -nothing, low))
    upper = np.where(about, value * (1 + ABOUT), np.where(np.isnan(high), nothing, high))
    return lower, upper


def _beside(
    groups: NDArray[np.int64],
    origins: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where a figure of another origin agrees with a figure, and where one contradicts it."""
    own = _together(groups, origins)

    near_low = np.where(np.isneginf(low), high / REACH, low)
    near_high = np.where(np.isposinf(high), low * REACH, high)
    near = _meeting(groups, near_low, near_high) - _meeting(own, near_low, near_high)
    meeting = _meeting(groups, low, high) - _meeting(own, low, high)
    every = np.bincount(groups)[groups] - np.bincount(own)[own]
    return near > 0, every > meeting


def _meeting(
    kinds: NDArray[np.int64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.int64]:
    """For each figure how many of its kind have bounds that meet its own, itself included.

    These are all of the kind without those that end below it and those that begin above it.
    """
    _, places = np.unique(np.concatenate([low, high]), return_inverse=True)
    step = int(places.max(initial=0)) + 2
    begins, ends = (kinds * step + half for half in np.split(places, 2))
    in_begins, in_ends = np.sort(begins), np.sort(ends)
    below = np.searchsorted(in_ends, begins) - np.searchsorted(in_ends, kinds * step)
    not_above = np.searchsorted(in_begins, ends, "right") - np.searchsorted(in_begins, kinds * step)
    meeting: NDArray[np.int64] = not_above - below
    return meeting


def _together(*columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers from 0 that are equal for two rows exactly where all the columns are."""
    result = np.zeros(len(columns[0]), dtype=np.int64)
    for codes in columns:
        width = int(codes.max(initial=-1)) + 2
        _, result = np.unique(result * width + codes + 1, return_inverse=True)
    return result


def _shared(kinds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a number from 0 occurs more than once."""
    shared: NDArray[np.bool_] = np.bincount(kinds)[kinds] > 1
    return shared
