"""The lowest, the best supported and the highest number for each incident, harm and victims.

The rule is told in the descriptions of the columns, in `schemas/estimates.json`; its version is
that of `datapackage.json` beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..grading import Judged
from .figures import TABLE, graded
from .joined import Joined, encoded, taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NONE = -1  # stands for a number that is not stated; no number of people is below 0
_ANY = np.iinfo(np.int64).max  # above every number of people
_COUNTED = "active"


@dataclass(frozen=True)
class Estimates:
    """The estimates, one row for each incident, harm and victims, ordered by them.

    Attributes:
        incidents: the row of each one's incident in `incidents`.
        table: its columns as declared.
    """

    incidents: NDArray[np.int64]
    table: pa.Table


@dataclass(frozen=True)
class _Numbers:
    """What each figure's words say, in people; `_NONE` where they say nothing."""

    number: NDArray[np.int64]
    upper: NDArray[np.int64]
    low_open: NDArray[np.bool_]
    high_open: NDArray[np.bool_]
    ceilings: NDArray[np.bool_]  # the words say how many at most: up to 44, 30 to 40


def estimate(joined: Joined, judged: Judged) -> Estimates:
    """Derive the table `estimates`.

    Args:
        joined: the package's tables.
        judged: what the rule of grades says of each row of `casualties`.
    """
    incidents = joined.link(TABLE, "incident_id")
    harms, victims = (_alphabetical(joined.column(TABLE, name)) for name in ("harm", "victims"))
    numbers = _numbers(joined)
    rows = np.flatnonzero(_counts(joined))
    # The figure that best comes from stands first among those of one incident, harm and victims.
    # Figures are ordered by their ids, so their place is the last thing to tell them apart.
    rows = rows[
        np.lexsort(
            (
                rows,
                numbers.number[rows],
                numbers.ceilings[rows],
                -_published(joined)[rows],
                ~judged.speaks[rows],
                judged.grades[rows],
                numbers.number[rows] == _NONE,
                victims[rows],
                harms[rows],
                incidents[rows],
            )
        )
    ]
    keys = np.stack([incidents[rows], harms[rows], victims[rows]])
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    starts, groups = np.flatnonzero(new), np.cumsum(new) - 1
    firsts = rows[starts]
    best = numbers.number[firsts]
    figure = np.where(best == _NONE, -1, firsts)
    stated = np.where(numbers.number == _NONE, _ANY, numbers.number)
    low = _least(stated[rows], starts)
    ids = joined.column(TABLE, "casualty_id")
    return Estimates(
        incidents[firsts],
        pa.table(
            {
                **{
                    name: taken(joined.column(TABLE, name), firsts)
                    for name in ("incident_id", "harm", "victims")
                },
                "low": _nullable(np.where(low == _ANY, _NONE, low)),
                "best": _nullable(best),
                "high": _nullable(-_least(-numbers.upper[rows], starts)),
                "low_open": _any(numbers.low_open[rows], starts),
                "high_open": _any(numbers.high_open[rows], starts),
                "grade": graded(np.where(figure < 0, -1, judged.grades[firsts])),
                "best_figure": taken(ids, figure),
                "figures": pa.array(np.bincount(groups, minlength=len(starts))),
                "origins": _origins(groups, rows, judged, len(starts)),
            }
        ),
    )


def _counts(joined: Joined) -> NDArray[np.bool_]:
    """The figures that estimates rest on."""
    kept = pc.and_(
        pc.not_equal(joined.column(TABLE, "confirmation"), "withdrawn"),
        pc.equal(joined.at(TABLE, "incident_id.status"), _COUNTED),
    )
    for name in ("superseded_by", "part_of", "demographic"):
        kept = pc.and_(kept, joined.column(TABLE, name).is_null())
    counts: NDArray[np.bool_] = kept.fill_null(False).to_numpy(zero_copy_only=False)
    return counts


def _numbers(joined: Joined) -> _Numbers:
    value, low, high = (
        np.asarray(joined.column(TABLE, name).fill_null(_NONE)) for name in ("value", "low", "high")
    )
    qualifiers = joined.column(TABLE, "qualifier")
    about, ceilings = (
        pc.is_in(qualifiers, pa.array(names)).to_numpy(zero_copy_only=False)
        for names in (["about"], ["at_most", "fewer_than", "range"])
    )
    stated = np.where(about, value, _NONE)
    return _Numbers(
        number=np.where(low != _NONE, low, np.where(high != _NONE, high, stated)),
        upper=np.maximum(np.maximum(low, high), stated),
        low_open=low == _NONE,
        high_open=high == _NONE,
        ceilings=ceilings,
    )


def _published(joined: Joined) -> NDArray[np.int64]:
    """The day each figure's source was published, as a number; undated ones come first."""
    days = joined.at(TABLE, "source_id.published_on").cast(pa.int32()).cast(pa.int64())
    return np.asarray(days.fill_null(np.iinfo(np.int32).min))


def _alphabetical(values: pa.Array) -> NDArray[np.int64]:
    """Numbers that order rows as their texts do."""
    text = encoded(values)
    places = np.argsort(np.argsort(np.array(text.values, dtype=object)))
    return np.append(places, -1)[text.codes]


def _least(values: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The least value from each start to the next."""
    return np.minimum.reduceat(values, starts) if len(starts) else values


def _any(values: NDArray[np.bool_], starts: NDArray[np.int64]) -> pa.Array:
    """Whether any value is true from each start to the next."""
    return pa.array(np.logical_or.reduceat(values, starts) if len(starts) else values)


def _nullable(values: NDArray[np.int64]) -> pa.Array:
    return pa.array(values, mask=values == _NONE)


def _origins(
    groups: NDArray[np.int64], rows: NDArray[np.int64], judged: Judged, length: int
) -> pa.Array:
    """How many origins speak in each group."""
    speaks = judged.speaks[rows]
    pairs = np.stack([groups[speaks], judged.origins.codes[rows][speaks]])
    return pa.array(np.bincount(np.unique(pairs, axis=1)[0], minlength=length))
