"""`incidents import`: another dataset as a package of this model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import DATA_PROBLEMS, Progress, root_of

if TYPE_CHECKING:
    from ..importing import Imported
    from ..problem import Problem

_SHOWN = 20
"""So many problems are shown of a file that is refused; of rows left out, all."""


@click.group
def command() -> None:
    """Make a package of this model of another dataset.

    \b
    Examples:
      incidents import ucdp GEDEvent_v24_1.csv --into ucdp-24.1 --release 24.1
    """


def _release(_: click.Context, parameter: click.Parameter, text: str) -> str:
    from ..importing import known_release

    if text and not known_release(text):
        raise click.BadParameter(
            f"{text!r} is no release whose columns are known: write 24.1; 19.1 to 26.1 are known",
            param=parameter,
        )
    return text


@command.command("ucdp")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder of the new package. It must not be there, or be empty.",
)
@click.option(
    "--release",
    default="",
    metavar="NUMBER",
    callback=_release,
    help="UCDP's number of the release, such as 24.1, for the citation; the file does not say it.",
)
@click.option(
    "--keep-going",
    is_flag=True,
    help="Leave out the rows that cannot be imported, list them all, and import the others. The "
    "exit code still is 1 if any was left out.",
)
def ucdp(file: Path, into: Path, release: str, keep_going: bool) -> None:
    """Make a package of FILE, a CSV file of UCDP GED, versions 19.1 to 26.1.

    Each event becomes an incident; UCDP's estimates become figures that UCDP says; every article
    it cites becomes a source. UCDP's ids and codes are kept, and a release of the package gives
    them back (ucdp/ged.csv). The schemas are those of the package you are in. What becomes what,
    and what is lost: docs/ucdp.md.

    Exit codes: 1 if rows cannot be imported, 3 if the file cannot be read or the folder be made.

    \b
    Examples:
      incidents import ucdp GEDEvent_v24_1.csv --into ucdp-24.1 --release 24.1
      incidents import ucdp mali.csv --into mali --keep-going
      incidents --package ucdp-24.1 validate
    """
    from ..importing import RejectedError, import_ged

    try:
        with Progress() as progress:
            done = import_ged(
                root_of(None),
                file,
                into,
                release=release,
                keep_going=keep_going,
                progress=progress,
            )
    except RejectedError as error:
        _list(error.problems, len(error.problems) if keep_going else _SHOWN)
        click.echo("nothing was imported", err=True)
        click.get_current_context().exit(DATA_PROBLEMS)
    _list(done.left_out, len(done.left_out))
    _tell(done, into)
    if done.left_out:
        click.get_current_context().exit(DATA_PROBLEMS)


def _list(problems: list[Problem], limit: int) -> None:
    """Show problems, each with its place and remedy."""
    from ..reports.common import visible

    for problem in problems[:limit]:
        click.echo(visible(f"{problem.place}: {problem.message}"), err=True)
        if problem.suggestion:
            click.echo(f"  -> {visible(problem.suggestion)}", err=True)
    if len(problems) > limit:
        more = len(problems) - limit
        click.echo(f"and {more:,} more; --keep-going lists all and imports the rest", err=True)


def _tell(done: Imported, into: Path) -> None:
    """What was made, and what to know of it."""
    rows = done.rows
    click.echo(
        f"{into}: {rows['incidents']:,} incidents, {rows['casualties']:,} figures, "
        f"{rows['sources']:,} sources, {rows['actors']:,} actors, {rows['places']:,} places"
    )
    left = len({problem.line for problem in done.left_out})
    for count, told in (
        (left, "rows were left out, listed above"),
        (done.whole, "citations could not be taken apart and stand whole in the title of a source"),
        (
            done.astray,
            "places have a point outside their country, which they therefore do not name",
        ),
    ):
        if count:
            click.echo(f"{count:,} {told}")
    kept = ", ".join(f"{name} {count:,}" for name, count in done.kept.items() if count)
    if kept:
        click.echo(f"cells kept as UCDP writes them, since the tables say it otherwise: {kept}")
    warnings = done.report.by_rule()
    for rule, count in sorted(warnings.items()):
        click.echo(f"{count:,} warnings: {done.report.rules[rule].title} ({rule})")
    if warnings:
        click.echo(f"they are about UCDP's coding; see them all: incidents validate {into}")
