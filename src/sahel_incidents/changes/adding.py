"""New incidents added to the records: all that a card holds, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .. import cards
from ..cards import Card
from ..cards.checks import CONFLICT
from ..cards.layout import INCIDENTS
from ..cards.nodes import CardError, problem
from ..duplicates import LIKELY, Pair, near
from ..problem import Problem, ToolError
from ..records import Records, Row
from ..store import Tell, silent
from ..store.editing import Rejected, editing
from .corrections import Correction, Why, write_revisions


@dataclass(frozen=True, slots=True)
class Distinct:
    """A decision that a new incident is another than one on record, although they are alike."""

    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class Twin:
    """An incident on record, or another card's, that a new one looks like.

    Attributes:
        incident_id: its id.
        title: its title.
        card: the name of the card.
        new: the id of the card's incident.
        reasons: what speaks for it.
        likely: whether it is taken for a duplicate unless somebody decides otherwise.
    """

    incident_id: str
    title: str
    card: str
    new: str
    reasons: str
    likely: bool


class TwinsError(Exception):
    """New incidents may be on record already; nothing was written.

    Attributes:
        twins: those that are likely so.
    """

    def __init__(self, twins: Sequence[Twin]) -> None:
        super().__init__("; ".join(f"{t.new} looks like {t.incident_id}" for t in twins))
        self.twins = list(twins)


@dataclass(frozen=True, slots=True)
class Added:
    """What was added, or with `dry_run` would be.

    Attributes:
        incidents: the new incidents' ids, in the order of the cards.
        rows: the new rows, each with its table, in the package's order.
        resembling: incidents that a new one resembles, though less than a duplicate does, or is
            judged to be distinct from.
        warnings: what the validation says of the new rows that does not stand in the way.
    """

    incidents: tuple[str, ...]
    rows: tuple[tuple[str, Row], ...]
    resembling: tuple[Twin, ...]
    warnings: tuple[Problem, ...]


def add(
    root: Path,
    new: Sequence[Card],
    distinct: Sequence[Distinct] = (),
    *,
    dry_run: bool = False,
    tell: Tell = silent,
) -> Added:
    """Add the incidents of some cards: all of them, or none.

    Args:
        root: the package's folder.
        new: the cards.
        distinct: decisions on incidents that a card's incident resembles; they are recorded as
            revisions.
        dry_run: write nothing.
        tell: see `store.Tell`.

    Raises:
        CardError: a card is not right, or its incident is on record under its id.
        TwinsError: an incident is likely on record already.
        Rejected: the records would not be sound; the problems name the places in the cards.
        ToolError: a decision names an incident that none resembles; or see `editing`.
    """
    with editing(root, tell=tell) as edit:
        before = edit.records
        after = edit.records = _shallow(before)
        faults: list[Problem] = []
        incidents: list[str] = []
        twins: list[Twin] = []
        for card in new:
            try:
                incidents.append(_enter(card, after))
            except CardError as error:
                faults += error.problems
                continue
            twins += _twins(after, incidents[-1], card.name)
        if faults:
            raise CardError(faults)
        _record_decisions(after, twins, distinct)
        decided = {decision.other for decision in distinct}
        open_ = [twin for twin in twins if twin.likely and twin.incident_id not in decided]
        if open_:
            raise TwinsError(open_)
        try:
            saved = edit.save(dry_run=dry_run)
        except Rejected as error:
            found = _located(error.report.problems, new, before)
            raise Rejected(replace(error.report, problems=tuple(found))) from error
        problems = saved.report.problems if saved.report else ()
        warnings = _located((p for p in problems if not p.known), new, before)
        return Added(
            tuple(incidents), tuple(_new_rows(before, after)), tuple(twins), tuple(warnings)
        )


def _enter(card: Card, records: Records) -> str:
    id = cards.incident_id(card, records)
    if (id,) in records.rows[INCIDENTS]:
        place = card.root.values["id"].place if "id" in card.root.values else card.root.place
        raise CardError(
            [
                problem(
                    CONFLICT,
                    place,
                    f"{id} is on record already",
                    f"to change it: incidents edit {id} --card FILE; for another incident leave "
                    "the id out",
                )
            ]
        )
    return cards.enter(card, records)


def _twins(records: Records, id: str, card: str) -> list[Twin]:
    return [_twin(records, id, card, pair) for pair in near(records, id)]


def _twin(records: Records, id: str, card: str, pair: Pair) -> Twin:
    other = pair.second if pair.first == id else pair.first
    title = records.rows[INCIDENTS][other,]["title"]
    return Twin(other, title, card, id, str(pair), pair.points >= LIKELY)


def _record_decisions(
    records: Records, twins: Sequence[Twin], distinct: Sequence[Distinct]
) -> None:
    for decision in distinct:
        alike = [twin for twin in twins if twin.incident_id == decision.other]
        if not alike:
            raise ToolError(
                f"no new incident resembles {decision.other}",
                f"leave out --not-duplicate-of {decision.other}, or mend the id",
            )
        acts = [
            Correction(INCIDENTS, (twin.new,), "judged_distinct", other=twin.incident_id)
            for twin in alike
        ]
        write_revisions(records, acts, Why(decision.reason))


def _located(problems: Iterable[Problem], new: Sequence[Card], before: Records) -> list[Problem]:
    """Problems of the tables, shown at the places in the cards from which they come."""
    found = list(problems)
    records = _shallow(before)
    for card in new if found else ():
        found = cards.located(found, card, records)
        cards.enter(card, records)
    return found


def _shallow(records: Records) -> Records:
    """Records that can gain and lose rows, while the rows are shared."""
    return Records(records.package, {name: dict(rows) for name, rows in records.rows.items()})


def _new_rows(before: Records, after: Records) -> Iterable[tuple[str, Row]]:
    for table, rows in after.rows.items():
        for key, row in rows.items():
            if before.rows[table].get(key) != row:
                yield table, row
