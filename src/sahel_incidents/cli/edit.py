"""`incidents edit`: an incident's card, opened, changed and put in the incident's place."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import DATA_PROBLEMS, ask_why, complete_ids, refuse, root_of, tell_outcome

if TYPE_CHECKING:
    from ..cards import Card
    from ..changes.changing import Outcome
    from ..records import Records


@click.command
@click.argument("id", shell_complete=complete_ids("incidents"))
@click.option(
    "--card",
    "file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Take the changed card from this file, - for standard input, instead of an editor.",
)
@click.option("--reason", default="", help="Why published records change, in a sentence.")
@click.option(
    "--source",
    default="",
    help="Id of the source that made it necessary; none for a slip of our own.",
    shell_complete=complete_ids("sources"),
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def command(id: str, file: Path | None, reason: str, source: str, dry_run: bool) -> None:
    """Change an incident: its card opens in your editor ($VISUAL or $EDITOR).

    ID is the incident's, or that of one of its figures. A card left as it was changes nothing.
    Where published records change, each changed cell gets a row in the revisions, with the reason
    and the source. A published figure or statement is not left out of a card: it is retracted, or
    marked withdrawn, or superseded by a newer one.

    What you wrote is never lost: if it cannot be saved, the card is kept, and said where.

    \b
    Examples:
      incidents edit MLI-2025-06-01-boulikessi
      incidents show MLI-2025-06-01-boulikessi --format card > card.yaml
      incidents edit MLI-2025-06-01-boulikessi --card card.yaml --reason "a misreading of ours"
    """
    from .. import cards
    from ..descriptor import open_package
    from ..problem import ToolError
    from ..records import Records
    from ..store import check_clean
    from ..views import resolve

    root = root_of(None)
    check_clean(root)
    records = Records.read(open_package(root))
    incident = resolve.incident_of(resolve.get(records, id))
    if not incident:
        raise ToolError(f"{id} is not on an incident's card", "name an incident or a figure")
    edit = _Edit(root, records, incident, reason, source, dry_run)
    if file is not None:
        content = sys.stdin.buffer.read() if str(file) == "-" else _content(file)
        if not edit.save(content, "standard input" if str(file) == "-" else str(file)):
            click.get_current_context().exit(DATA_PROBLEMS)
        return
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise ToolError(
            "no editor is set",
            f"set EDITOR, or run: incidents show {incident} --format card > card.yaml, change it, "
            f"and run: incidents edit {incident} --card card.yaml",
        )
    _in_editor(edit, editor, cards.dump(cards.to_card(records, incident)))


class _Edit:
    """One incident to be changed, as it was when its card was written."""

    def __init__(
        self, root: Path, records: Records, incident: str, reason: str, source: str, dry_run: bool
    ) -> None:
        from .. import cards

        self.incident = incident
        self._root, self._records, self._dry_run = root, records, dry_run
        self._ask = ask_why(reason, source)
        self._shown = cards.to_card(records, incident)

    def save(self, content: bytes, name: str) -> bool:
        """Put a card in the incident's place; what stands in the way is shown.

        Returns:
            Whether all went well.
        """
        from .. import cards
        from ..store.editing import Rejected

        try:
            card = cards.load(content, name)
            tell_outcome(self._carry_out(card), dry_run=self._dry_run)
        except cards.CardError as error:
            refuse(error.problems)
            return False
        except Rejected as error:
            refuse(cards.located(error.report.problems, card, self._records), error.report)
            return False
        return True

    def _carry_out(self, card: Card) -> Outcome:
        from .. import cards
        from ..changes.acts import Act
        from ..changes.changing import carry_out
        from ..problem import ToolError

        def change(records: Records) -> Act:
            if cards.to_card(records, self.incident) != self._shown:
                raise ToolError(
                    f"{self.incident} was changed by someone else meanwhile",
                    "open it again and make your changes in what it is now",
                )
            if cards.incident_id(card, records) != self.incident:
                raise ToolError(
                    f"the card is not that of {self.incident}",
                    f"write id: {self.incident}, which stays even if date or place change; a new "
                    "incident is entered with incidents add",
                )
            return Act(cards.apply(card, records))

        return carry_out(self._root, change, self._ask, dry_run=self._dry_run, tell=_tell)


def _in_editor(edit: _Edit, editor: str, shown: str) -> None:
    from ..problem import ToolError

    handle, path = tempfile.mkstemp(prefix=f"{edit.incident}-", suffix=".yaml")
    file = Path(path)
    with open(handle, "w", encoding="utf-8") as stream:
        stream.write(shown)
    saved = False
    try:
        while not saved:
            try:
                done = subprocess.run([*shlex.split(editor), path], check=False)
            except OSError as error:
                raise ToolError(f"{editor} cannot be started: {error}", "set EDITOR") from error
            if done.returncode:
                raise ToolError(f"{editor} failed", "nothing was changed; try again")
            content = file.read_bytes()
            if content == shown.encode("utf-8"):
                click.echo("nothing changed")
                saved = True
            else:
                saved = _saved(edit, content, path)
            if not saved and not (
                sys.stdin.isatty() and click.confirm("Open it again?", default=True, err=True)
            ):
                click.get_current_context().exit(DATA_PROBLEMS)
    finally:
        if saved or file.read_bytes() == shown.encode("utf-8"):
            file.unlink()
        else:
            click.echo(
                f"your card is kept; go on with: incidents edit {edit.incident} --card {path}",
                err=True,
            )


def _saved(edit: _Edit, content: bytes, path: str) -> bool:
    """As `_Edit.save`; at a terminal a refusal is only told, so that it can be mended."""
    from ..problem import ToolError

    try:
        return edit.save(content, path)
    except ToolError as error:
        if not sys.stdin.isatty():
            raise
        click.echo(f"error: {error.message}\n  -> {error.remedy}", err=True)
        return False


def _content(file: Path) -> bytes:
    from ..problem import ToolError

    try:
        return file.read_bytes()
    except OSError as error:
        raise ToolError(f"cannot read {file}: {error.strerror}", "name the card's file") from error


def _tell(text: str) -> None:
    click.echo(text, err=True)
