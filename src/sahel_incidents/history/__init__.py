"""What changed between two states of the package, record by record, and what version it deserves.

A record is followed by its primary key. One that is gone is deleted, or merged where `revisions`
says so. Cells are compared as text, in the columns that both states have; a column that only one of
them has is a change of the schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ..records import Key, Records, Row, shown_key
from .both import read_both
from .schema_changes import Level, SchemaChange, compare_schemas
from .states import State

REVISIONS = "revisions"
_LOOKED_UP = ("incidents", "statement_incidents", REVISIONS)
"""The tables in which records are looked up that did not change themselves."""


class Action(StrEnum):
    """What happened to a record."""

    ADD = "add"
    MODIFY = "modify"
    DELETE = "delete"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One cell before and after, as written in the CSV; empty where the cell is."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One record that is not what it was.

    Attributes:
        action: what happened to it.
        table: its table.
        key: its primary key.
        row: the record after the change; before it, where it is gone.
        fields: the cells that changed, in the schema's order, of a record that was modified.
        into: the id of the record it was merged into; "" for any other action.
        revisions: the new rows of `revisions` about it, oldest first.
    """

    action: Action
    table: str
    key: Key
    row: Row
    fields: tuple[FieldChange, ...] = ()
    into: str = ""
    revisions: tuple[Row, ...] = ()

    @property
    def record(self) -> str:
        """The record's key as `revisions` writes it."""
        return shown_key(self.key)

    def field(self, name: str) -> FieldChange | None:
        """How a cell changed; None where it did not."""
        return next((field for field in self.fields if field.field == name), None)


@dataclass(frozen=True)
class Difference:
    """Two states and all that differs between them.

    Attributes:
        before: the earlier state.
        after: the later state.
        old: the earlier records; those that did not change may be wanting.
        new: the later records; likewise.
        changes: the records that differ, by table in the package's order, then by key.
        schemas: how the declarations differ.
        rules: the paths of the rule files that differ; none where a state holds no rules.
        unread: the tables that could not be read in one of the states, with the reason.
    """

    before: State
    after: State
    old: Records
    new: Records
    changes: tuple[Change, ...]
    schemas: tuple[SchemaChange, ...]
    rules: tuple[str, ...]
    unread: dict[str, str]

    @cached_property
    def gone(self) -> dict[tuple[str, Key], Change]:
        """The records that were deleted or merged, by table and key."""
        return {
            (change.table, change.key): change
            for change in self.changes
            if change.action in (Action.DELETE, Action.MERGE)
        }

    def was_published(self, change: Change) -> bool:
        """Whether the earlier state had the record, and as more than a draft."""
        old = self.old.rows.get(change.table, {}).get(change.key)
        return old is not None and self._owners_before.published(old)

    @cached_property
    def _owners_before(self) -> Owners:
        return Owners(self.old)


def compare(before: State, after: State) -> Difference:
    """Everything that differs between two states.

    A table that cannot be read in one of them is left out and named in `unread`.
    """
    old, new, unread = read_both(before, after, whole=_LOOKED_UP)
    paths = before.rules.keys() | after.rules.keys() if before.rules and after.rules else ()
    return Difference(
        before,
        after,
        old,
        new,
        changes=tuple(diff(old, new)),
        schemas=tuple(compare_schemas(before.package, after.package)),
        rules=tuple(
            sorted(path for path in paths if before.rules.get(path) != after.rules.get(path))
        ),
        unread=unread,
    )


def diff(before: Records, after: Records) -> list[Change]:
    """The records that differ, in tables that both states have with the same primary key."""
    revised = _new_revisions(before, after)
    changes: list[Change] = []
    for name, table in after.package.tables.items():
        earlier = before.package.tables.get(name)
        if earlier is None or not table.primary_key or earlier.primary_key != table.primary_key:
            continue
        if name not in before.rows or name not in after.rows:
            continue
        columns = [column for column in table.columns if column in earlier.columns]
        merged = _merged(after, name)
        old, new = before.rows[name], after.rows[name]
        for key in sorted(old.keys() | new.keys()):
            revisions = revised.get((name, shown_key(key)), ())
            if key not in old:
                changes.append(Change(Action.ADD, name, key, new[key], revisions=revisions))
            elif key not in new:
                into = merged.get(shown_key(key), "")
                action = Action.MERGE if into else Action.DELETE
                changes.append(Change(action, name, key, old[key], into=into, revisions=revisions))
            elif old[key] != new[key]:
                fields = tuple(
                    FieldChange(column, old[key][column], new[key][column])
                    for column in columns
                    if old[key][column] != new[key][column]
                )
                if fields:
                    changes.append(
                        Change(Action.MODIFY, name, key, new[key], fields, revisions=revisions)
                    )
    return changes


def _new_revisions(before: Records, after: Records) -> Mapping[tuple[str, str], tuple[Row, ...]]:
    """The revisions that the earlier state did not have, by the record they are about."""
    known = before.rows.get(REVISIONS, {})
    found: dict[tuple[str, str], tuple[Row, ...]] = {}
    rows = [row for key, row in after.rows.get(REVISIONS, {}).items() if key not in known]
    for row in sorted(rows, key=lambda row: (row["revised_on"], row["revision_id"])):
        about = (row["table"], row["record_id"])
        found[about] = (*found.get(about, ()), row)
    return found


def _merged(records: Records, table: str) -> dict[str, str]:
    """The ids of a table that were merged, and into which."""
    return {
        row["record_id"]: row["other_id"]
        for row in records.rows.get(REVISIONS, {}).values()
        if row["table"] == table and row["action"] == "merged" and row["other_id"]
    }


class Owners:
    """Finds the incidents to which a record belongs."""

    def __init__(self, *states: Records) -> None:
        """Look in several states, the first that knows a record having the word."""
        self._incidents: dict[Key, Row] = {}
        self._of_statement: dict[str, dict[Key, None]] = {}
        for records in reversed(states):
            self._incidents |= records.rows.get("incidents", {})
            for row in records.rows.get("statement_incidents", {}).values():
                found = self._of_statement.setdefault(row["statement_id"], {})
                found[row["incident_id"],] = None

    def incidents(self, row: Row) -> list[Row]:
        """The incidents of a record: itself, the one it names, or those its statement is about."""
        if "incident_id" in row:
            keys: list[Key] = [(row["incident_id"],)]
        else:
            keys = list(self._of_statement.get(row.get("statement_id", ""), {}))
        return [self._incidents[key] for key in keys if key in self._incidents]

    def published(self, row: Row) -> bool:
        """Whether a record is more than a draft: not all the incidents it belongs to are one."""
        incidents = self.incidents(row)
        return not incidents or any(incident["status"] == "active" for incident in incidents)


def deserved(difference: Difference) -> Level | None:
    """What a release of the later state deserves of the version number; None where nothing differs.

    By the recipe "Data Package version": a change that breaks a reader of the data is major, as is
    the end of a record that other tables may refer to; new records and looser constraints are
    minor; corrections and descriptions are patches.
    """
    levels = {change.level for change in difference.schemas}
    referred = {
        key.table
        for table in difference.before.package.tables.values()
        for key in table.foreign_keys
    }
    for change in difference.changes:
        if change.action is Action.ADD:
            levels.add(Level.PATCH if change.table == REVISIONS else Level.MINOR)
        elif change.action is Action.MODIFY or change.table not in referred:
            levels.add(Level.PATCH)
        else:
            levels.add(Level.MAJOR)
    if difference.rules:
        levels.add(Level.PATCH)
    return next((level for level in Level if level in levels), None)
