"""An act carried out from beginning to end: what it needs is asked before the lock is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..records import Records
from ..store import Tell, silent
from ..store.editing import Saved, editing
from .acts import Act
from .corrections import Correction, Published, Why, corrections, write_revisions

Change = Callable[[Records], Act]
"""Gives the records as they become; it is called twice, on the records as they are then."""

Ask = Callable[[list[Correction], Records], Why]
"""Asks for the reason of acts on published records; with the records as they become."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act did.

    Attributes:
        saved: the files that changed, and the report on the outcome.
        corrections: the acts on published records.
        revisions: the ids of their revisions, one each.
    """

    saved: Saved
    corrections: list[Correction]
    revisions: list[str]


def carry_out(
    root: Path, change: Change, ask: Ask, *, dry_run: bool = False, tell: Tell = silent
) -> Outcome:
    """Change records, with a revision for each published one, and save them if they are sound.

    Args:
        root: the package's folder.
        change: the change.
        ask: called only where a published record changes.
        dry_run: write nothing.
        tell: told what keeps the user waiting.

    Raises:
        Rejected: the change introduces an error; nothing was written.
        ToolError: the change is refused, or the folder cannot be written to.
    """
    with editing(root, tell=tell) as edit:
        records = edit.records
    published = Published.of(root, records)
    act = change(records)
    acts = _acts(records, act, published)
    why = ask(acts, act.after) if acts else Why("")
    with editing(root, tell=tell) as edit:
        act = change(edit.records)
        acts = _acts(edit.records, act, published)
        revisions = write_revisions(act.after, acts, why) if acts else []
        edit.records = act.after
        return Outcome(edit.save(dry_run=dry_run), acts, revisions)


def _acts(before: Records, act: Act, published: Published) -> list[Correction]:
    """What must be revised: as the act says, or else as its outcome shows."""
    if act.corrections:
        return [one for one in act.corrections if published.has(one.table, one.key)]
    return corrections(before, act.after, published)
