"""What a change may do to published records, to their figures and to the meaning of their ids.

A record counts as published if the earlier state has it and it does not belong to candidate
incidents only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..cards.ids import retired_ids
from ..problem import RuleInfo, Severity
from ..records import Records
from . import REVISIONS, Action, Change, Difference, FieldChange
from .findings import Finding, policy

VANISHED = policy(
    "id-vanished",
    Severity.ERROR,
    "A published record does not vanish",
    "Someone may have cited its id. A record that should not have been published is retracted, one "
    "that is the same as another is merged: `revisions` says so, with the day, the reason and the "
    "source, and the id stays resolvable. What goes with its incident, statement or total needs no "
    "revision of its own. For the same reason a published incident does not become a candidate "
    "again.",
)
LINK_VANISHED = policy(
    "link-vanished",
    Severity.WARNING,
    "A published link between records does not vanish in silence",
    "A participant, an affiliation or another row whose key is made of other records' ids has no "
    "id to cite, but taking it away changes what the dataset says. A revision of the row's key, "
    "its parts joined by |, says why.",
)
REUSED = policy(
    "id-reused",
    Severity.ERROR,
    "An id keeps its meaning",
    "An id that was retired is not given again. Nor does a published record come to stand for "
    "something else: where more than half of what tells it from others changes at once, each of "
    "these cells needs its revision, or the other thing its own id.",
)
FIGURE = policy(
    "figure-unrevised",
    Severity.ERROR,
    "A changed figure or confirmation has its revision",
    "A reader who cited a figure must find out when, why and on whose word it became another. A "
    "new row of `revisions` names the record and the column, tells the cell before and after, and "
    "cites a source; for a slip of our own, the figure's own source. A bound that only follows the "
    "changed value or qualifier, and the confirmer who comes with a changed confirmation, need no "
    "row of their own. A toll that its origin has raised is no correction: add a figure, and "
    "let superseded_by of the old one name it.",
)
INCIDENT = policy(
    "incident-unrevised",
    Severity.WARNING,
    "A published incident's kind, time and place change with a revision",
    "They decide into which count an incident falls. A new row of `revisions` says what was "
    "changed and why.",
)
RULES = (VANISHED, LINK_VANISHED, REUSED, FIGURE, INCIDENT)

OWNERS = ("incidents", "statements", "totals")
"""The tables whose records take what belongs to them along when they are retired."""

IDENTITY = {
    "incidents": ("title", "date_start", "country", "place_id", "event_type"),
    "places": ("name", "kind", "country"),
    "actors": ("name", "kind", "country"),
    "sources": ("publisher", "title", "url"),
    "casualties": ("incident_id", "harm", "victims", "said_by", "source_id"),
    "statements": ("kind", "said_by", "gist", "source_id"),
    "totals": ("title", "period_start", "harm", "victims", "said_by", "source_id"),
}
"""By table the columns that tell one record from another."""

FIGURE_COLUMNS = (
    "qualifier",
    "value",
    "low",
    "high",
    "harm",
    "victims",
    "demographic",
    "confirmation",
    "confirmed_by",
    "source_id",
)
INCIDENT_COLUMNS = ("date_start", "date_end", "country", "place_id", "event_type")


def _vanished(difference: Difference) -> Iterator[Finding]:
    retired = _retired(difference.new)
    for (name, key), change in difference.gone.items():
        if name == REVISIONS or not difference.was_published(change):
            continue
        if (name, change.record) in retired or _goes_with_owner(difference, change, retired):
            continue
        is_link = len(key) > 1
        yield Finding(
            LINK_VANISHED if is_link else VANISHED,
            f"{change.record} was published and is gone",
            "put it back; or add a row to revisions with the action retracted or merged, the day, "
            "the reason and the source",
            name,
            key,
        )
    yield from _lost_tables(difference)
    for change in difference.changes:
        status = change.field("status")
        if status and (status.old, status.new) == ("active", "candidate"):
            yield Finding(
                VANISHED,
                "a published incident became a candidate again",
                "write active; an incident that did not happen is retracted",
                change.table,
                change.key,
                "status",
                status.new,
            )


def _lost_tables(difference: Difference) -> Iterator[Finding]:
    """Tables whose records cannot be followed into the later state at all."""
    for name, table in difference.before.package.tables.items():
        later = difference.after.package.tables.get(name)
        if later is None:
            message = f"the table {name} is gone, with all its records"
        elif later.primary_key != table.primary_key:
            message = f"{name} has another primary key, so its records cannot be followed"
        else:
            continue
        yield Finding(VANISHED, message, "put it back, or agree on it with the maintainers first")


def _retired(records: Records) -> set[tuple[str, str]]:
    return retired_ids(records) if REVISIONS in records.rows else set()


def _goes_with_owner(difference: Difference, change: Change, retired: set[tuple[str, str]]) -> bool:
    """Whether a record that is gone belonged to another that is gone and was retired."""
    return any(
        key.table in OWNERS
        and (key.table, (change.row[key.field],)) in difference.gone
        and (key.table, change.row[key.field]) in retired
        for key in difference.before.package.tables[change.table].foreign_keys
        if key.field in change.row and key.table != change.table
    )


def _reused(difference: Difference) -> Iterator[Finding]:
    known = _retired(difference.old)
    for change in difference.changes:
        is_id = len(change.key) == 1
        if change.action is Action.ADD and is_id and (change.table, change.record) in known:
            yield Finding(
                REUSED,
                f"{change.record} was retired; an id is never given again",
                "give the new record another id",
                change.table,
                change.key,
                difference.after.package.tables[change.table].primary_key[0],
                change.record,
            )
        columns = IDENTITY.get(change.table, ())
        changed = [field for field in change.fields if field.field in columns]
        if 2 * len(changed) <= len(columns) or not difference.was_published(change):
            continue
        unsaid = [field for field in changed if _unrevised(change, field, source=False)]
        if unsaid:
            yield Finding(
                REUSED,
                f"{change.record} now means something else: "
                f"{', '.join(field.field for field in changed)} changed at once",
                "give the new thing its own id and put this record back; if it is the same thing, "
                f"add a revision for {', '.join(field.field for field in unsaid)}",
                change.table,
                change.key,
                unsaid[0].field,
                unsaid[0].new,
            )


def _figures(difference: Difference) -> Iterator[Finding]:
    for change in difference.changes:
        if "confirmation" not in change.row:
            continue
        changed = [field for field in change.fields if field.field in FIGURE_COLUMNS]
        if not changed or not difference.was_published(change):
            continue
        for field in changed:
            fault = None if _follows(change, field) else _unrevised(change, field, source=True)
            if fault:
                yield _finding(FIGURE, change, field, f"{_told(field)}: {fault}")


def _follows(change: Change, field: FieldChange) -> bool:
    """Whether a cell only follows another changed cell, which is judged itself."""
    if field.field in ("low", "high"):
        stated = change.row["qualifier"] == "range"
        return not stated and bool(change.field("value") or change.field("qualifier"))
    return field.field == "confirmed_by" and change.field("confirmation") is not None


def _told(field: FieldChange) -> str:
    told = f"{field.field} changed from {_quoted(field.old)} to {_quoted(field.new)}"
    if field.field not in ("low", "high"):
        return told
    return f"{told}, which {'narrows' if _narrows(field) else 'widens'} the figure"


def _quoted(cell: str) -> str:
    return f"`{cell}`" if cell else "empty"


def _narrows(field: FieldChange) -> bool:
    if not field.old or not field.new:
        return not field.old
    try:
        rises = int(field.new) > int(field.old)
    except ValueError:
        return False
    return rises == (field.field == "low")


def _incidents(difference: Difference) -> Iterator[Finding]:
    for change in difference.changes:
        if change.table == "incidents" and difference.was_published(change):
            for field in change.fields:
                fault = field.field in INCIDENT_COLUMNS and _unrevised(change, field, source=False)
                if fault:
                    yield _finding(INCIDENT, change, field, f"{_told(field)}: {fault}")


def _finding(rule: RuleInfo, change: Change, field: FieldChange, message: str) -> Finding:
    return Finding(
        rule,
        message,
        f"add a row to revisions: table {change.table}, record_id {change.record}, field "
        f"{field.field}, action {'confirmed or ' if field.field == 'confirmation' else ''}"
        f"corrected, old_value {_quoted(field.old)}, new_value {_quoted(field.new)}, with "
        "reason and source; or put the old value back",
        change.table,
        change.key,
        field.field,
        field.new,
    )


def _unrevised(change: Change, field: FieldChange, *, source: bool) -> str | None:
    """What is wanting in the new revisions of a cell; None where they tell the whole change.

    Several may follow each other; then each begins where the one before ended.
    """
    revisions = [row for row in change.revisions if row["field"] == field.field]
    if not revisions:
        return "no new revision says why"
    value = field.old
    for row in revisions:
        id = row["revision_id"]
        if source and not row["source_id"]:
            return f"{id} cites no source"
        if row["old_value"] != value:
            return f"{id} says that it was {_quoted(row['old_value'])}, not {_quoted(value)}"
        value = row["new_value"]
    if value != field.new:
        return f"{revisions[-1]['revision_id']} says that it became {_quoted(value)}"
    return None


POLICIES: tuple[Callable[[Difference], Iterator[Finding]], ...] = (
    _vanished,
    _reused,
    _figures,
    _incidents,
)
