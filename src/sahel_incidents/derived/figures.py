"""The figures one by one: what the rule of grades says of them, and the table `figures_flat`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..cards.phrases import phrase
from ..grading import (
    GRADES,
    LINKS,
    NUMBERS,
    SECOND_HAND,
    TEXTS,
    Figures,
    Judged,
    judge,
    only_repeats,
)
from ..problem import ToolError
from .joined import Joined, decoded, encoded, taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLE = "casualties"

_WORDING = ("qualifier", *NUMBERS)
_SEPARATOR = ","  # in no value of the vocabulary, and in no number


def judged(joined: Joined) -> Judged:
    """What the rule of grades says of each row of `casualties`."""
    # Above 2**53, which is no number of people, neighbours may become one; grades bear it.
    numbers = {name: joined.column(TABLE, name).cast(pa.float64(), safe=False) for name in NUMBERS}
    return judge(
        Figures(
            texts={name: encoded(joined.column(TABLE, name)) for name in TEXTS},
            numbers={
                name: np.asarray(column.fill_null(float("nan"))) for name, column in numbers.items()
            },
            links={
                name: joined.column(TABLE, name).is_valid().to_numpy(zero_copy_only=False)
                for name in LINKS
            },
            repeats=_repeats(joined),
        )
    )


def worked_out(joined: Joined, judged: Judged) -> Mapping[str, pa.Array]:
    """The columns of `figures_flat` that repeat no other, by name."""
    return {
        "phrase": _phrases(joined),
        "origin": decoded(judged.origins),
        "only_repeats": pa.array(~judged.speaks),
        "confirmed": pc.equal(joined.column(TABLE, "confirmation"), "confirmed"),
        "grade": graded(judged.grades),
    }


def graded(codes: NDArray[np.int64]) -> pa.Array:
    """Grades by name; null where there is none."""
    return taken(pa.array([str(grade) for grade in GRADES], pa.string()), codes)


def _repeats(joined: Joined) -> NDArray[np.bool_]:
    """Where a figure's source only repeats others; asked once for each distinct answer."""
    cited_in, kind = (joined.at(TABLE, f"source_id.{name}") for name in SECOND_HAND)
    quoted = cited_in.is_valid().to_numpy(zero_copy_only=False).astype(np.int64)
    kinds = encoded(kind)
    answers = np.array(
        [
            [only_repeats(quotation, name) for name in (*kinds.values, None)]
            for quotation in (None, "somewhere")
        ]
    )
    repeats: NDArray[np.bool_] = answers[quoted, kinds.codes]
    return repeats


def _phrases(joined: Joined) -> pa.Array:
    """Each figure's number in words, put together once for each distinct wording."""
    cells = [joined.column(TABLE, name).cast(pa.string()).fill_null("") for name in _WORDING]
    wordings = encoded(pc.binary_join_element_wise(*cells, _SEPARATOR))
    phrases = pa.array([_phrase(*told.split(_SEPARATOR)) for told in wordings.values], pa.string())
    return taken(phrases, wordings.codes)


def _phrase(qualifier: str, *numbers: str) -> str:
    value, low, high = (int(number) if number else None for number in numbers)
    try:
        return phrase(qualifier, value, low, high)
    except ValueError as error:
        message = f"a figure in {TABLE} is not sound: {error}"
        raise ToolError(message, "run: incidents validate") from error
