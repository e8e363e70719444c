"""The grades and origins of figures that are at hand as records."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..grading import (
    GRADES,
    LINKS,
    NUMBERS,
    SECOND_HAND,
    TEXTS,
    UNGRADED,
    Figures,
    Grade,
    Judged,
    Text,
    judge,
    only_repeats,
)
from ..records import Records, Row


def grades(figures: Iterable[Row], records: Records) -> dict[str, Grade]:
    """The grade of each figure that has one, by its `casualty_id`.

    Args:
        figures: rows of `casualties`; an incident's figures must all be among them.
        records: where their sources are found.
    """
    rows = list(figures)
    return {
        row["casualty_id"]: GRADES[grade]
        for row, grade in zip(rows, _judged(rows, records).grades.tolist(), strict=True)
        if grade != UNGRADED
    }


def origins(figures: Iterable[Row], records: Records) -> dict[str, str]:
    """Whom each figure comes from that does not only repeat others, by its `casualty_id`.

    Args:
        figures: rows of `casualties`; an incident's figures must all be among them.
        records: where their sources are found.
    """
    rows = list(figures)
    judged = _judged(rows, records)
    return {
        row["casualty_id"]: judged.origins.values[code]
        for row, code, speaks in zip(
            rows, judged.origins.codes.tolist(), judged.speaks.tolist(), strict=True
        )
        if speaks
    }


def _judged(rows: list[Row], records: Records) -> Judged:
    return judge(
        Figures(
            texts={name: Text.of(row[name] for row in rows) for name in TEXTS},
            numbers={
                name: np.array([float(row[name] or "nan") for row in rows]) for name in NUMBERS
            },
            links={name: np.array([bool(row[name]) for row in rows], bool) for name in LINKS},
            repeats=np.array([_repeats(row, records) for row in rows], bool),
        )
    )


def _repeats(row: Row, records: Records) -> bool:
    source = records.rows["sources"].get((row["source_id"],), {})
    return only_repeats(*(source.get(name) for name in SECOND_HAND))
