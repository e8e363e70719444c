"""A change in plain words, as a reviewer would tell it to another."""

from __future__ import annotations

from collections.abc import Iterable

from ..cards.phrases import phrase
from ..package import Field, Table
from ..records import Row
from . import Action, Change, Difference, FieldChange, Owners

LENGTH = 160
"""Characters of a cell's text that a sentence quotes."""

NUMBER = ("qualifier", "value", "low", "high")
"""The columns that one phrase, such as "over 30", tells together."""

_NOUNS = {
    "incidents": "incident",
    "places": "place",
    "actors": "actor",
    "affiliations": "affiliation",
    "aliases": "alias",
    "sources": "source",
    "participants": "participant",
    "incident_links": "link",
    "external_ids": "id in another dataset",
    "casualties": "figure",
    "statements": "statement",
    "statement_incidents": "link of the statement",
    "totals": "total",
    "total_countries": "country of the total",
    "revisions": "revision",
}
_NAMES = ("title", "name", "gist", "alias")
"""The column that says in words what a record is, the first that its table has."""


class Teller:
    """Tells the changes of one difference.

    Args:
        difference: its records give the names that ids stand for.
    """

    def __init__(self, difference: Difference) -> None:
        self._tables = difference.before.package.tables | difference.after.package.tables
        self._owners = Owners(difference.new, difference.old)

    def subject(self, change: Change) -> str:
        """What the change is about: the incident by place and day, or else the kind of record."""
        titles = [incident["title"] for incident in self._owners.incidents(change.row)]
        if not titles:
            return self._tables[change.table].title
        more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
        return _short(_heading(titles[0])) + more

    def sentence(self, change: Change) -> str:
        """The whole change: its subject, what happened to which record, and why."""
        return f"{self.subject(change)}: {self.predicate(change)}"

    def predicate(self, change: Change) -> str:
        """What happened to which record, and why; without the subject."""
        table = self._tables[change.table]
        record = f"{_NOUNS.get(change.table, change.table)} {self._label(change)}"
        if change.action is Action.ADD:
            told = f"{record} added{_after_colon(self._summary(table, change.row))}"
        elif change.action is Action.MODIFY:
            told = f"{record} {self._modified(table, change)}"
        elif change.action is Action.MERGE:
            told = f"{record} merged into {change.into}"
        else:
            told = f"{record} deleted{_after_colon(self._summary(table, change.row))}"
        return told + _reasons(change.revisions)

    def _label(self, change: Change) -> str:
        """The record's id; a figure's without its incident, and with the harm it counts."""
        row = change.row
        incident = row.get("incident_id", "")
        if change.table == "incidents":
            return incident
        own = [part for part in change.key if part != incident] or list(change.key)
        label = "|".join(own).removeprefix(f"{incident}-")
        return f"{label} {self._value(change.table, 'harm', row)}" if "harm" in row else label

    def _summary(self, table: Table, row: Row) -> str:
        """What a record says, in a phrase."""
        if "qualifier" in row:
            parts = [
                _number(row),
                self._value(table.name, "victims", row),
                _origin(row),
                f"source {row['source_id']}",
                self._value(table.name, "confirmation", row),
            ]
            return ", ".join(part for part in parts if part)
        name = next((row[name] for name in _NAMES if row.get(name)), "")
        draft = " (a candidate, not yet published)" if row.get("status") == "candidate" else ""
        return _short(name) + draft

    def _modified(self, table: Table, change: Change) -> str:
        before = change.row | {field.field: field.old for field in change.fields}
        parts = []
        fields: Iterable[FieldChange] = change.fields
        if "qualifier" in change.row and any(field.field in NUMBER for field in fields):
            parts.append(_renumbered(before, change.row))
            fields = [field for field in fields if field.field not in NUMBER]
        for field in fields:
            name = table.field(field.field).title
            old, new = (
                self._value(change.table, field.field, row) or "empty"
                for row in (before, change.row)
            )
            parts.append(f"{_lower(name)} changed from {old} to {new}")
        origin = f" ({_origin(change.row)})" if "said_by" in change.row else ""
        return "; ".join(parts) + origin

    def _value(self, table: str, column: str, row: Row) -> str:
        """A cell in words: a value of a vocabulary by its label, a text in quotes."""
        cell = row[column]
        field: Field = self._tables[table].field(column)
        for category in field.categories:
            if category.value == cell:
                return _lower(category.label)
        return f'"{_short(cell)}"' if " " in cell else _short(cell)


def _renumbered(before: Row, after: Row) -> str:
    old, new = _number(before), _number(after)
    if old != new:
        return f"changed from {old} to {new}"
    return f"kept its words, {new}, with bounds changed from {_bounds(before)} to {_bounds(after)}"


def _number(row: Row) -> str:
    """The figure's phrase; the bare columns where they do not go together."""
    try:
        value, low, high = (int(row[name]) if row[name] else None for name in NUMBER[1:])
        return phrase(row["qualifier"], value, low, high)
    except ValueError:
        shown = f"{row['qualifier']} {row['value']}".strip()
        return f"{shown} with bounds {_bounds(row)}"


def _bounds(row: Row) -> str:
    return f"{row['low'] or 'open'} to {row['high'] or 'open'}"


def _origin(row: Row) -> str:
    said = f"said by {_short(row['said_by'])}" if row.get("said_by") else "no speaker"
    return f"{said}, relayed by {_short(row['relayed_by'])}" if row.get("relayed_by") else said


def _reasons(revisions: Iterable[Row]) -> str:
    told = [f"{row['revision_id']}: {_short(row['reason'])}" for row in revisions]
    return f" [{'; '.join(told)}]" if told else ""


def _heading(title: str) -> str:
    """The place and day with which an incident's title begins."""
    return title.split(":")[0].strip() or title


def _after_colon(text: str) -> str:
    return f": {text}" if text else ""


def _lower(text: str) -> str:
    """A title or label inside a sentence; an abbreviation stays as it is."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _short(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}…"
