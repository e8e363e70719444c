"""How many incidents and figures are recorded, by what they are. People are never added up.

Figures of one incident contradict and overlap each other, and the incidents are a selection. So
what is counted here is records: how much is written down, of whom, and how well it is borne out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..cards.layout import FIGURES, INCIDENTS, OWNER
from ..grading import Grade
from ..records import Records, Row
from .estimates import grades, origins

UNGRADED = "ungraded"
"""Stands for the grade of a figure that has none: it was withdrawn or replaced."""

UNDATED = "not known"
UNRECORDED = "none recorded"

_ORIGINS = ("none", "1", "2", "3 or more")


@dataclass(frozen=True)
class Line:
    """One row of a table of counts.

    Attributes:
        label: what is counted.
        incidents: how many incidents are so, or hold a figure that is so.
        figures: how many figures are so, or belong to an incident that is so.
        across: those figures by a second dimension, a number for each of its labels.
    """

    label: str
    incidents: int
    figures: int
    across: dict[str, int]


@dataclass(frozen=True)
class Table:
    """Counts by one dimension.

    Attributes:
        title: what the rows are.
        across: the labels of the second dimension, in order.
        lines: the rows.
        repeats: whether an incident stands in more than one row.
    """

    title: str
    across: list[str]
    lines: list[Line]
    repeats: bool


class Counts:
    """Some incidents and their figures, ready to be counted by any of `DIMENSIONS`."""

    def __init__(self, records: Records, incidents: Iterable[str]) -> None:
        """Args: records: all of them. incidents: the ids of those to count."""
        self.records = records
        wanted = set(incidents)
        self.incidents = [r for r in records.rows[INCIDENTS].values() if r[OWNER] in wanted]
        self.figures: defaultdict[str, list[Row]] = defaultdict(list)
        for row in records.rows[FIGURES].values():
            if row[OWNER] in wanted:
                self.figures[row[OWNER]].append(row)
        every = [row for rows in self.figures.values() for row in rows]
        self.grades = grades(every, records)
        self.origins = origins(every, records)
        self.parties: defaultdict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
        for row in records.rows["participants"].values():
            actor = records.rows["actors"].get((row["actor_id"],))
            if row[OWNER] in wanted and actor:
                self.parties[row[OWNER], row["role"]][row["actor_id"]] = actor

    def label(self, table: str, column: str, value: str) -> str:
        """A value of a vocabulary in words; a value outside it as it stands."""
        for category in self.records.package.tables[table].field(column).categories:
            if category.value == value:
                return category.label
        return value

    def table(self, by: str, across: str = "grade") -> Table:
        """Count by one dimension, and the figures by a second, too.

        Args:
            by: a key of `DIMENSIONS`.
            across: a key of `DIMENSIONS` that is one of figures.
        """
        first, second = DIMENSIONS[by], DIMENSIONS[across]
        incidents: Counter[str] = Counter()
        figures: Counter[str] = Counter()
        cells: defaultdict[str, Counter[str]] = defaultdict(Counter)
        repeats = False
        for incident in self.incidents:
            own = self.figures[incident[OWNER]]
            if first.of_figures:
                placed = [(label, row) for row in own for label in first.labels(self, row)]
                labels = {label for label, _ in placed}
            else:
                labels = set(first.labels(self, incident))
                placed = [(label, row) for row in own for label in labels]
            repeats |= len(labels) > 1
            incidents.update(labels)
            for label, row in placed:
                figures[label] += 1
                cells[label].update(second.labels(self, row))
        found = sum(cells.values(), Counter())
        return Table(
            first.title,
            second.ordered(self, found) if second is not first else [],
            [
                Line(label, incidents[label], figures[label], dict(cells[label]))
                for label in first.ordered(self, incidents)
            ],
            repeats,
        )


@dataclass(frozen=True)
class Dimension:
    """A way to tell records apart.

    Attributes:
        title: what its labels are.
        labels: those of a figure or of an incident.
        of_figures: whether it is figures that it tells apart, not incidents.
        order: gives the labels in the order to show. By default the most frequent comes first.
    """

    title: str
    labels: Callable[[Counts, Row], list[str]]
    of_figures: bool = False
    order: Callable[[Counts], Iterable[str]] | None = None

    def ordered(self, counts: Counts, found: Counter[str]) -> list[str]:
        """The labels that were found, in the order to show."""
        if self.order is None:
            return sorted(found, key=lambda label: (-found[label], label))
        known = list(self.order(counts))
        return [label for label in known if label in found] + sorted(found.keys() - set(known))


def _period(row: Row, length: int) -> list[str]:
    """The month (7 characters) or year (4) of an incident: of its first day, if that is known."""
    start, end = row["date_start"][:length], row["date_end"][:length]
    exact = start == end or row["date_precision"] == "day"
    return [start if exact else UNDATED]


def _parties(role: str, kind: bool = False) -> Callable[[Counts, Row], list[str]]:
    def labels(counts: Counts, row: Row) -> list[str]:
        actors = counts.parties[row[OWNER], role].values()
        names = (counts.label("actors", "kind", a["kind"]) if kind else a["name"] for a in actors)
        return sorted(set(names)) or [UNRECORDED]

    return labels


def _origins(counts: Counts, row: Row) -> list[str]:
    """From how many origins the figures of an incident come, whatever they count.

    What only repeats others is none, as for the grades.
    """
    own = {counts.origins.get(figure["casualty_id"]) for figure in counts.figures[row[OWNER]]}
    return [_ORIGINS[min(len(own - {None}), len(_ORIGINS) - 1)]]


def _grade(counts: Counts, row: Row) -> list[str]:
    return [str(counts.grades.get(row["casualty_id"], UNGRADED))]


def _vocabulary(title: str, table: str, column: str, *, ordered: bool = False) -> Dimension:
    def labels(counts: Counts, row: Row) -> list[str]:
        return [counts.label(table, column, row[column])]

    def order(counts: Counts) -> Iterable[str]:
        return [one.label for one in counts.records.package.tables[table].field(column).categories]

    return Dimension(title, labels, table == FIGURES, order if ordered else None)


DIMENSIONS: dict[str, Dimension] = {
    "country": _vocabulary("Country", INCIDENTS, "country"),
    "year": Dimension("Year", lambda _, row: _period(row, 4), order=lambda _: ()),
    "month": Dimension("Month", lambda _, row: _period(row, 7), order=lambda _: ()),
    "event-type": _vocabulary("Type of incident", INCIDENTS, "event_type"),
    "attacker-kind": Dimension("Kind of attacker", _parties("attacker", kind=True)),
    "attacker": Dimension("Attacker", _parties("attacker")),
    "target": Dimension("Target", _parties("target")),
    "origins": Dimension("Origins of the figures", _origins, order=lambda _: _ORIGINS),
    "harm": _vocabulary("Harm", FIGURES, "harm", ordered=True),
    "victims": _vocabulary("Victims", FIGURES, "victims", ordered=True),
    "confirmation": _vocabulary("Confirmation", FIGURES, "confirmation", ordered=True),
    "grade": Dimension("Grade", _grade, True, lambda _: [*map(str, Grade), UNGRADED]),
}
"""What records can be counted by."""
