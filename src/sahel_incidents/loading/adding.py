"""Adding figures, where that counts nobody twice.

Two figures may count the same people if they are of one incident (rival claims, or a part and its
whole) or if one incident is part of the other. Then nothing is added: which of them to take is for
a person to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from ..problem import ToolError

Tables = Callable[[str], pd.DataFrame]
"""Gives a table of a release by its name."""

_ID = "casualty_id"
_SHOWN = 10
"""How many reasons an error's message tells; its attribute holds them all."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a figure cannot be added.

    Attributes:
        figure: its id.
        other: the figure that may count the same people; empty where it is for itself alone.
        why: the reason, as a phrase that follows their ids.
    """

    figure: str
    other: str
    why: str

    def __str__(self) -> str:
        both = f"{self.figure} and {self.other}" if self.other else self.figure
        return f"{both}: {self.why}"


class CannotAddError(ToolError):
    """Figures that may count the same people, or do not count the same thing.

    Attributes:
        reasons: all of them.
    """

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        told = [f"- {reason}" for reason in reasons[:_SHOWN]]
        if len(reasons) > _SHOWN:
            told.append(f"- and {len(reasons) - _SHOWN:,} more: see the error's .reasons")
        super().__init__(
            "\n".join(["these figures cannot be added", *told]),
            "choose one figure of one harm for each incident, and no incident with its parts",
        )
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of figures, by what their words allow.

    Attributes:
        low: the fewest people that they allow together; a figure that sets no lower bound
            ("up to 44", "about 60", "many") adds nothing to it.
        high: the most people; None where any of them sets no upper bound ("over 30").
        n: how many figures were added.
        unbounded: those whose words set no bound at all ("about 60", "many"), by id.
    """

    low: int
    high: int | None
    n: int
    unbounded: tuple[str, ...] = ()

    @property
    def high_open(self) -> bool:
        """Whether there is no upper bound."""
        return self.high is None

    def __str__(self) -> str:
        if self.high is None:
            told = f"at least {self.low:,}, no upper bound"
        else:
            told = f"{self.low:,}" if self.low == self.high else f"{self.low:,} to {self.high:,}"
        without = f"; without a bound: {', '.join(self.unbounded)}" if self.unbounded else ""
        return f"{told} ({self.n:,} figure{'s' * (self.n != 1)}{without})"


def add(tables: Tables, figures: pd.DataFrame | pd.Series | Iterable[str]) -> Sum:
    """Add figures; see `Dataset.sum_figures`."""
    ids = _ids(figures)
    chosen = _rows(tables, ids)
    reasons = tuple(_reasons(tables("incident_links"), ids, chosen))
    if reasons:
        raise CannotAddError(reasons)
    low, high = chosen["low"], chosen["high"]
    without = chosen[_ID][low.isna() & high.isna()]
    return Sum(
        low=int(low.sum()),
        high=None if high.isna().any() else int(high.sum()),
        n=len(chosen),
        unbounded=tuple(without),
    )


def _ids(figures: pd.DataFrame | pd.Series | Iterable[str]) -> pd.Series:
    if isinstance(figures, str):
        figures = [figures]
    if isinstance(figures, pd.DataFrame):
        if _ID not in figures.columns:
            raise ToolError(f"the frame has no column {_ID}", "add it, or give a list of ids")
        figures = figures[_ID]
    return pd.Series(list(figures), dtype="string", name=_ID)


def _rows(tables: Tables, ids: pd.Series) -> pd.DataFrame:
    """The rows of the figures, each once."""
    table = tables("casualties")
    chosen = table[table[_ID].isin(ids)]
    unknown = ids[~ids.isin(chosen[_ID])]
    if len(unknown):
        first = unknown.iloc[0]
        if tables("totals")["total_id"].eq(first).any():
            raise ToolError(
                f"{first} is a total, which overlaps with incidents in ways nobody has stated",
                "add figures of incidents only",
            )
        raise ToolError(
            f"there is no figure {first!r} in this release"
            + (f", nor {len(unknown) - 1:,} more of those given" if len(unknown) > 1 else ""),
            "si.update(frame, ...) tells what became of figures of another version",
        )
    return chosen


def _reasons(links: pd.DataFrame, ids: pd.Series, chosen: pd.DataFrame) -> Iterator[Reason]:
    for id in ids[ids.duplicated()].unique():
        yield Reason(str(id), "", "given more than once")
    for id in chosen[_ID][chosen["confirmation"] == "withdrawn"]:
        yield Reason(id, "", "was withdrawn by whoever gave it")
    replaced = chosen[chosen["superseded_by"].notna()]
    for id, other in zip(replaced[_ID], replaced["superseded_by"], strict=True):
        yield Reason(id, "", f"was replaced by {other}")
    of_each_harm = chosen.drop_duplicates("harm")
    kinds = list(zip(of_each_harm[_ID], of_each_harm["harm"], strict=True))
    for id, harm in kinds[1:]:
        yield Reason(kinds[0][0], id, f"one counts {kinds[0][1]}, one {harm}")
    yield from _of_one_incident(chosen)
    yield from _of_parent_and_part(links, chosen)


def _of_one_incident(chosen: pd.DataFrame) -> Iterator[Reason]:
    several = chosen[chosen["incident_id"].duplicated(keep=False)]
    for incident, rows in several.groupby("incident_id", sort=False):
        whole = dict(zip(rows[_ID], rows["part_of"], strict=True))
        one, *others = whole
        for other in others:
            if other in _wholes(one, whole) or one in _wholes(other, whole):
                why = "one is part of the other"
            else:
                why = f"both are of {incident}: rival claims, or such as may overlap"
            yield Reason(one, other, why)


def _wholes(figure: str, whole: dict[str, str]) -> set[str]:
    """What a figure is part of, as far as it was chosen, too."""
    found: set[str] = set()
    while isinstance(figure := whole.get(figure, ""), str) and figure not in found:
        found.add(figure)
    return found


def _of_parent_and_part(links: pd.DataFrame, chosen: pd.DataFrame) -> Iterator[Reason]:
    links = links[links["relation"] == "part_of"]
    parents: defaultdict[str, list[str]] = defaultdict(list)
    for part, parent in zip(links["incident_id"], links["other_incident_id"], strict=True):
        parents[part].append(parent)
    figure_of = dict(zip(chosen["incident_id"], chosen[_ID], strict=True))
    for part in [incident for incident in figure_of if incident in parents]:
        seen, ahead = {part}, list(parents[part])
        while ahead:
            parent = ahead.pop()
            if parent in seen:
                continue
            seen.add(parent)
            ahead += parents.get(parent, ())
            if parent in figure_of:
                why = f"{part} is part of {parent}"
                yield Reason(figure_of[part], figure_of[parent], why)
