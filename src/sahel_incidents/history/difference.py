"""A difference as text for a terminal, as Markdown for a reviewer's page, and as JSON.

Cells come from strangers, so every text goes through what the reports use to make it harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..reports.common import count, shown_message, to_json, visible, without_commands
from ..reports.markdown import MAX_CHARACTERS, as_text
from . import Action, Change, Difference, deserved
from .schema_changes import SchemaChange
from .wording import Teller

FORMAT = "sahel-incidents-diff"
FORMAT_VERSION = 1
"""Grows only when a reader of the former version could misunderstand the new one."""

_VERBS = {
    Action.ADD: "added",
    Action.MODIFY: "modified",
    Action.DELETE: "deleted",
    Action.MERGE: "merged",
}


def text(difference: Difference) -> str:
    """The difference for a person at a terminal, by what the changes are about."""
    blocks = [[_title(difference)]]
    blocks += [[heading, *(f"  {line}" for line in lines)] for heading, lines in _told(difference)]
    blocks.append([f"{_summary(difference)}."])
    lines = (visible(line) for line in _joined(blocks))
    return without_commands("\n".join(lines) + "\n")


def markdown(difference: Difference, characters: int | None = MAX_CHARACTERS) -> str:
    """The difference as GitHub Flavored Markdown.

    Args:
        difference: what to tell.
        characters: how long the text may become before the rest is counted instead of told, by
            default what a comment may hold; None for any length.
    """
    head = [f"### {as_text(_title(difference))}", "", f"{as_text(_summary(difference))}.", ""]
    lines: list[str] = []
    for heading, told in _told(difference):
        lines += [f"#### {as_text(heading)}", "", *(f"- {as_text(line)}" for line in told), ""]
    if characters is None:
        return "\n".join([*head, *lines])
    room = characters - sum(len(line) + 1 for line in head) - 200
    kept: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            left = count(sum(line.startswith("- ") for line in lines[len(kept) :]), "change")
            kept += ["", f"**Cut for want of room:** {left}; `incidents diff` shows all.", ""]
            break
        kept.append(line)
    return "\n".join([*head, *kept])


def json(difference: Difference) -> str:
    """The difference as one JSON object, one change to a line; cells stand as they are."""
    teller = Teller(difference)
    level = deserved(difference)
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "before": {"name": difference.before.name, "version": difference.before.package.version},
        "after": {"name": difference.after.name, "version": difference.after.package.version},
        "counts": {
            action: sum(change.action is action for change in difference.changes)
            for action in Action
        },
        "deserves": level,
        "rules": difference.rules,
    }
    lists: dict[str, Iterable[object]] = {
        "changes": (_change(change, teller) for change in difference.changes),
        "schemas": map(_schema, difference.schemas),
    }
    members = [f'"{key}": {to_json(value)}' for key, value in head.items()]
    for key, values in lists.items():
        items = ",\n".join(map(to_json, values))
        members.append(f'"{key}": [\n{items}\n]' if items else f'"{key}": []')
    return "{\n" + ",\n".join(members) + "\n}\n"


FORMATS: dict[str, Callable[[Difference], str]] = {
    "text": text,
    "json": json,
    "markdown": markdown,
}
"""Every format of a difference by its name."""


def _title(difference: Difference) -> str:
    before, after = (
        f"{state.name} (version {state.package.version})"
        for state in (difference.before, difference.after)
    )
    return f"What changed from {before} to {after}"


def _summary(difference: Difference) -> str:
    tallies = []
    for action, verb in _VERBS.items():
        number = sum(change.action is action for change in difference.changes)
        if number:
            tallies.append(f"{number:,} {verb}")
    parts = [f"{count(len(difference.changes), 'record')} changed"]
    if tallies:
        parts[0] += f" ({', '.join(tallies)})"
    if difference.schemas:
        parts.append(count(len(difference.schemas), "schema change"))
    if difference.rules:
        parts.append(count(len(difference.rules), "changed rule file"))
    level = deserved(difference)
    return "; ".join(parts) + (f"; a release deserves a {level} version" if level else "")


def _told(difference: Difference) -> list[tuple[str, list[str]]]:
    """Everything that changed: what it is about, and what happened to it, in words."""
    teller = Teller(difference)
    by_subject: dict[str, list[str]] = {}
    for change in difference.changes:
        by_subject.setdefault(teller.subject(change), []).append(_predicate(change, teller))
    told = list(by_subject.items())
    if difference.schemas:
        told.append(("Schemas", [shown_message(_schema_words(one)) for one in difference.schemas]))
    if difference.rules:
        told.append(("Rules", [f"{path} differs" for path in difference.rules]))
    return told


def _predicate(change: Change, teller: Teller) -> str:
    return f"{change.action.upper():<6}  {teller.predicate(change)}"


def _schema_words(change: SchemaChange) -> str:
    name = f"{change.table}.{change.field}" if change.field else change.table
    return f"{name} {change.text} ({change.level})"


def _schema(change: SchemaChange) -> dict[str, object]:
    return {
        "table": change.table,
        "field": change.field,
        "level": change.level,
        "change": change.text,
    }


def _change(change: Change, teller: Teller) -> dict[str, object]:
    return {
        "action": change.action,
        "table": change.table,
        "record": change.record,
        "fields": [
            {"field": field.field, "old": field.old, "new": field.new} for field in change.fields
        ],
        "into": change.into or None,
        "revisions": [row["revision_id"] for row in change.revisions],
        "row": change.row,
        "words": teller.sentence(change),
    }


def _joined(blocks: Iterable[list[str]]) -> list[str]:
    """The lines of all blocks, an empty line between two."""
    lines: list[str] = []
    for block in blocks:
        lines += ["", *block] if lines else block
    return lines
