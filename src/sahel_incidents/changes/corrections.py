"""Changes of published records, each with its row in `revisions`: what, when, why, on whose word.

A record is published if the last commit of git has it as more than a draft; outside of git, if it
is there and more than a draft. What was never published can change without a trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..clock import latest_day
from ..history import REVISIONS, Action, Change, Owners, diff
from ..history.states import opened
from ..problem import ToolError
from ..records import Key, Records, Row, shown_key

LAST_COMMIT = "HEAD"


@dataclass(frozen=True, slots=True)
class Why:
    """The reason of a change, and the id of the source that made it necessary; "" for a slip."""

    reason: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """One act on one record, to be written as a revision if the record is published.

    Attributes:
        table: the record's table.
        key: its primary key before the act.
        action: as in the vocabulary of `revisions.action`.
        field: the column that changed; "" where the whole record is meant.
        old: the cell before.
        new: the cell after.
        other: the key, as `revisions` writes it, of the record it was merged into.
        source: the source to cite where the change has none: that of the record itself.
    """

    table: str
    key: Key
    action: str
    field: str = ""
    old: str = ""
    new: str = ""
    other: str = ""
    source: str = ""

    @property
    def told(self) -> str:
        """The act in a line."""
        record = f"{self.table} {shown_key(self.key)}"
        if self.other:
            return f"{record}: {self.action} into {self.other}"
        if not self.field:
            return f"{record}: {self.action}"
        old, new = (f"`{cell}`" if cell else "empty" for cell in (self.old, self.new))
        return f"{record}: {self.field} {self.action} from {old} to {new}"


class Published:
    """Tells which records are published.

    Args:
        before: the records of the published state.
    """

    def __init__(self, before: Records) -> None:
        self._rows = before.rows
        self._owners = Owners(before)

    @classmethod
    def of(cls, root: Path, present: Records) -> Published:
        """As the last commit of the package's repository has it; without one, as it lies there."""
        try:
            with opened(LAST_COMMIT, root) as state:
                return cls(Records.read(state.package))
        except ToolError:
            return cls(present)

    def has(self, table: str, key: Key) -> bool:
        """Whether a record is published."""
        row = self._rows.get(table, {}).get(key)
        return row is not None and self._owners.published(row)


def corrections(before: Records, after: Records, published: Published) -> list[Correction]:
    """The acts that lead from one state of published records to the other.

    One for each changed cell, except those that only follow another: the bounds and the confirmer.

    Raises:
        ToolError: a published record with an id of its own is gone, which only an act of its own
            (retract, merge) may bring about.
    """
    found: list[Correction] = []
    for change in diff(before, after):
        if change.table == REVISIONS or not published.has(change.table, change.key):
            continue
        if change.action is Action.MODIFY:
            found += _corrected(change)
        elif change.action is not Action.ADD:
            if len(change.key) == 1:
                raise ToolError(
                    f"{change.record} is published and cannot be left out",
                    "put it back. If it should never have been entered: incidents retract "
                    f"{change.record}; if its speaker took it back: confirmation: withdrawn; if "
                    "the same origin gave a newer figure: superseded_by",
                )
            found.append(Correction(change.table, change.key, "retracted"))
    return found


def _corrected(change: Change) -> Iterator[Correction]:
    changed = {field.field for field in change.fields}
    follows: set[str] = set()
    if {"value", "qualifier"} & changed and change.row["qualifier"] != "range":
        follows |= {"low", "high"}
    if "confirmation" in changed:
        follows |= {"confirmed_by", "confirmation_source_id"}
    own_source = change.row["source_id"] if "confirmation" in change.row else ""
    for field in change.fields:
        if field.field not in follows:
            confirmed = (field.field, field.new) == ("confirmation", "confirmed")
            yield Correction(
                change.table,
                change.key,
                "confirmed" if confirmed else "corrected",
                field.field,
                field.old,
                field.new,
                source=own_source,
            )


def write_revisions(records: Records, acts: Iterable[Correction], why: Why) -> list[str]:
    """Add a revision for each act, dated today.

    Args:
        records: the records after the change, to which the revisions are added.
        acts: the acts, on published records only.
        why: their reason, which must not be empty.

    Returns:
        The ids of the revisions.
    """
    today = (latest_day() - timedelta(days=1)).isoformat()
    written = []
    last = max((_number(row) for row in records.rows[REVISIONS].values()), default=0)
    for number, act in enumerate(acts, last + 1):
        row = {
            "revision_id": f"R-{number:04}",
            "revised_on": today,
            "table": act.table,
            "record_id": shown_key(act.key),
            "field": act.field,
            "action": act.action,
            "old_value": act.old,
            "new_value": act.new,
            "other_id": act.other,
            "reason": why.reason,
            "source_id": why.source or act.source,
        }
        records.put(REVISIONS, row)
        written.append(row["revision_id"])
    return written


def _number(revision: Row) -> int:
    digits = revision["revision_id"].removeprefix("R-")
    return int(digits) if digits.isdecimal() else 0
