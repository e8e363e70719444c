"""`incidents link`: which of our incidents another dataset records, too."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import DATA_PROBLEMS, refuse, root_of

if TYPE_CHECKING:
    from ..linking import Linking


@click.group
def command() -> None:
    """Link incidents to those of another dataset.

    \b
    Examples:
      incidents import ucdp GEDEvent_v24_1.csv --into ucdp
      incidents link ucdp ucdp --output proposals.csv
      incidents link ucdp ucdp --decided proposals.csv
    """


@command.command
@click.argument("package", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--least",
    type=click.IntRange(min=1),
    help="Propose pairs with at least so many points of evidence. Default: a measured bound.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the proposals to this CSV file, to be decided with a spreadsheet.",
)
@click.option(
    "--decided",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Store the links decided in this file.",
)
@click.option("--dry-run", is_flag=True, help="With --decided: only say what would change.")
def ucdp(
    package: Path, least: int | None, output: Path | None, decided: Path | None, dry_run: bool
) -> None:
    """Propose which events of UCDP GED our incidents are, and store what a person decides.

    PACKAGE is a folder that `incidents import ucdp` made. Incidents and events are compared by
    place, days, parties and tolls; what may be one is listed, the likeliest first. Nothing is
    linked until somebody has compared the two and written into the column `decision` of the
    output: same, part_of, contains or overlaps, read as a sentence from our incident to the event;
    or no. With --decided these links go into the table external_ids. Rows left empty are proposed
    again.

    \b
    Examples:
      incidents link ucdp ucdp
      incidents link ucdp ucdp --output proposals.csv
      incidents link ucdp ucdp --decided proposals.csv --dry-run
    """
    if decided and (output or least):
        raise click.UsageError("--decided goes without --output and --least")
    if dry_run and not decided:
        raise click.UsageError("--dry-run goes with --decided")
    from ..linking import Linking
    from ..store import check_clean

    root = root_of(None)
    check_clean(root)
    linking = Linking.open(root, package, "ucdp_ged")
    if decided:
        _decide(linking, decided, dry_run)
    else:
        _propose(linking, least, output)


def _propose(linking: Linking, least: int | None, output: Path | None) -> None:
    from ..files import write_whole
    from ..linking import LEAST, told
    from ..reports.common import visible

    proposals = linking.proposals(least or LEAST)
    incidents = dict.fromkeys(one.incident_id for one in proposals)
    if output:
        write_whole(output, linking.sheet(proposals))
    else:
        external = linking.external
        ours = told(linking.ours, incidents)
        theirs = told(linking.theirs, {one.other_id for one in proposals})
        for id, own in groupby(proposals, key=lambda one: one.incident_id):
            click.echo(f"{id}\n  {visible(ours[id])}")
            for one in own:
                reasons = visible("; ".join(one.reasons))
                click.echo(f"  ? {external[one.other_id]}, {one.points} points: {reasons}")
                click.echo(f"    {visible(theirs[one.other_id])}")
    total = len(linking.ours.rows["incidents"])
    click.echo(f"{len(proposals)} proposals for {len(incidents)} of {total} incidents", err=True)
    if output and proposals:
        click.echo(
            f"{output}: fill in the column decision, then run: incidents link ucdp PACKAGE "
            f"--decided {output}",
            err=True,
        )


def _decide(linking: Linking, decided: Path, dry_run: bool) -> None:
    from ..store.editing import Rejected

    try:
        outcome = linking.decide(
            decided.read_bytes(),
            str(decided),
            dry_run=dry_run,
            tell=lambda text: click.echo(text, err=True),
        )
    except Rejected as rejected:
        refuse(rejected.report.problems, rejected.report)
        raise click.exceptions.Exit(DATA_PROBLEMS) from rejected
    if isinstance(outcome, list):
        refuse(outcome)
        raise click.exceptions.Exit(DATA_PROBLEMS)
    added, saved = outcome
    if not saved.files:
        click.echo("nothing changed")
        return
    links = "1 link" if added == 1 else f"{added} links"
    click.echo(f"{links} {'would be ' if dry_run else ''}added: {', '.join(saved.files)}")
