"""`incidents add`: new incidents, from a card, a table, an issue, or by asking."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import DATA_PROBLEMS, INTERRUPTED, root_of

if TYPE_CHECKING:
    from ..cards import Card
    from ..changes.adding import Added, Distinct, Twin
    from ..problem import Problem
    from ..records import Records

TABLES = (".xlsx", ".csv")


@click.command
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--from-issue",
    "issue",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Make a card of an issue's text, opened with the form for incidents.",
)
@click.option("--dry-run", is_flag=True, help="Check, and show the rows; write nothing.")
@click.option(
    "--draft",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where a draft is kept. Default: incident-draft.yaml in this folder.",
)
@click.option(
    "--not-duplicate-of",
    "others",
    metavar="ID",
    multiple=True,
    help="It is another incident than ID, although they look alike; needs --because.",
)
@click.option("--because", metavar="REASON", help="How that is known; it is recorded.")
def command(
    file: Path | None,
    issue: Path | None,
    dry_run: bool,
    draft: Path | None,
    others: tuple[str, ...],
    because: str | None,
) -> None:
    """Add incidents that are not on record yet.

    FILE is an incident card, a draft of one, or a table (.xlsx as `incidents template` writes it,
    or .csv); - reads a card from standard input. Without FILE you are asked, question by question;
    what you answered is kept as a draft until the incident is added.

    All is checked with all the data before anything is written.

    \b
    Examples:
      incidents add
      incidents add card.yaml --dry-run
      incidents add incidents.xlsx
      incidents add --from-issue issue.md
      incidents add card.yaml --not-duplicate-of MLI-2025-06-01-boulikessi --because "Two days on."
    """
    from ..changes.adding import Distinct

    if file and issue:
        raise click.UsageError("name a FILE or an issue, not both")
    if bool(others) != bool(because):
        raise click.UsageError("--not-duplicate-of ID and --because REASON go together")
    root = root_of(None)
    distinct = [Distinct(other, because or "") for other in others]
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if file is None and issue is None:
        if not at_terminal:
            raise click.UsageError(
                "there is no terminal to ask at; name a card (incidents add card.yaml), or - for "
                "standard input"
            )
        if dry_run:
            raise click.UsageError(
                "--dry-run needs a FILE; you are shown the card before it is added"
            )
        _ask(root, draft, None)
    elif issue is not None:
        _from_issue(root, issue, draft, distinct, dry_run)
    elif file is not None:
        cards = _read(root, file)
        if at_terminal and not dry_run and str(file) != "-" and _is_draft(file):
            _ask(root, draft or file, cards[0])
        else:
            _add(root, cards, distinct, dry_run)


def _read(root: Path, file: Path) -> list[Card]:
    from ..cards import load
    from ..cards.nodes import CardError
    from ..descriptor import open_package

    try:
        if file.suffix.lower() in TABLES:
            from ..bulk import read

            return read(file, open_package(root))
        return [load(_content(file), "standard input" if str(file) == "-" else str(file))]
    except CardError as error:
        _refuse(error.problems)
        raise click.exceptions.Exit(DATA_PROBLEMS) from error


def _content(file: Path) -> bytes:
    from ..cards.reading import MAX_BYTES
    from ..problem import ToolError

    try:
        with click.open_file(os.fspath(file), "rb") as stream:
            content: bytes = stream.read(MAX_BYTES + 1)
            return content
    except OSError as error:
        raise ToolError(
            f"cannot read {file}: {error.strerror or error}", "name a card that is there"
        ) from error


def _is_draft(file: Path) -> bool:
    from ..wizard.drafts import is_draft

    return file.suffix.lower() not in TABLES and is_draft(_content(file))


def _records(root: Path) -> Records:
    from ..descriptor import open_package
    from ..records import Records
    from ..store import check_clean

    check_clean(root)
    return Records.read(open_package(root))


def _add(root: Path, cards: Sequence[Card], distinct: Sequence[Distinct], dry_run: bool) -> None:
    from dataclasses import replace

    from .. import reports
    from ..cards.nodes import CardError
    from ..changes.adding import TwinsError, add
    from ..store.editing import Rejected

    if not cards:
        click.echo("there is no incident in it: nothing was added", err=True)
        raise click.exceptions.Exit(DATA_PROBLEMS)
    try:
        added = add(root, cards, distinct, dry_run=dry_run, tell=_tell)
    except CardError as error:
        _refuse(error.problems)
    except TwinsError as error:
        for twin in error.twins:
            click.echo(_told(twin), err=True)
        click.echo(
            "  -> if it is that one: incidents edit ID. If it is another: --not-duplicate-of ID "
            '--because "REASON"\nnothing was added',
            err=True,
        )
    except Rejected as error:
        text = reports.get("text")
        introduced = replace(
            error.report,
            problems=tuple(p for p in error.report.problems if not p.known),
            skipped=tuple(c for c in error.report.skipped if not c.known),
        )
        click.echo(text.render(introduced, limit=text.DEFAULT_LIMIT), nl=False)
        click.echo("nothing was added", err=True)
    else:
        _tell_added(added, dry_run)
        return
    raise click.exceptions.Exit(DATA_PROBLEMS)


def _from_issue(
    root: Path, issue: Path, draft: Path | None, distinct: Sequence[Distinct], dry_run: bool
) -> None:
    from ..cards import Card
    from ..cards.nodes import CardError
    from ..issues import card as issue_card
    from ..wizard import drafts

    records = _records(root)
    try:
        told = issue_card.draft(_content(issue), str(issue), records)
    except CardError as error:
        _refuse(error.problems)
        raise click.exceptions.Exit(DATA_PROBLEMS) from error
    for remark in told.remarks:
        click.echo(f"remark: {_visible(remark)}", err=True)
    known = told.card.get("id", "")
    if told.problems or known:
        _show_problems(told.problems)
        if dry_run:
            click.echo("no draft was written, as --dry-run asks", err=True)
            raise click.exceptions.Exit(DATA_PROBLEMS if told.problems else 0)
        path = draft or drafts.free_path(Path.cwd())
        drafts.keep(path, told.card)
        go_on = f"edit {known} --card {path}" if known else f"add {path}"
        click.echo(f"the card as far as it goes: {path}\n  -> mend it, then: incidents {go_on}")
        raise click.exceptions.Exit(DATA_PROBLEMS if told.problems else 0)
    _add(root, [Card.of(told.card, str(issue), told.place)], distinct, dry_run)


def _ask(root: Path, draft: Path | None, start: Card | None) -> None:
    from ..changes.adding import add
    from ..wizard import drafts
    from ..wizard.conversation import Conversation, End
    from ..wizard.terminal import open_terminal

    conversation = Conversation(
        open_terminal(),
        _records(root),
        draft or drafts.free_path(Path.cwd()),
        lambda card, distinct: add(root, [card], distinct, tell=_tell),
        lambda text: click.edit(text, extension=".yaml"),
    )
    end = conversation.run(start.data if start else None)
    if conversation.added:
        _tell_added(conversation.added, dry_run=False)
    if end is End.INTERRUPTED:
        raise click.exceptions.Exit(INTERRUPTED)


def _tell_added(added: Added, dry_run: bool) -> None:
    if dry_run:
        table = ""
        for name, row in added.rows:
            if name != table:
                click.echo(f"{name}:")
                table = name
            for mark, (column, cell) in enumerate(c for c in row.items() if c[1]):
                click.echo(f"  {' ' if mark else '+'} {column}: {_visible(cell)}")
    for twin in added.resembling:
        click.echo(f"note: {_told(twin)}", err=True)
    for problem in added.warnings:
        _show_problem(f"{problem.place}: {problem.severity}: ", problem)
    for id in added.incidents:
        click.echo(f"{id}: {'would be added' if dry_run else 'added'}")


def _refuse(problems: Sequence[Problem]) -> None:
    _show_problems(problems)
    click.echo("nothing was added", err=True)


def _show_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        _show_problem(f"{problem.place}: ", problem)


def _show_problem(start: str, problem: Problem) -> None:
    click.echo(_visible(f"{start}{problem.message}"), err=True)
    if problem.suggestion:
        click.echo(f"  -> {_visible(problem.suggestion)}", err=True)


def _told(twin: Twin) -> str:
    return _visible(
        f"{twin.card}: {twin.new} looks like {twin.incident_id} ({twin.title}): {twin.reasons}"
    )


def _visible(text: str) -> str:
    from ..reports.common import visible

    return visible(text)


def _tell(text: str) -> None:
    click.echo(text, err=True)
