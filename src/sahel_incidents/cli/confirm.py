"""`incidents confirm`: a figure that a body with standing has confirmed."""

from __future__ import annotations

import click

from . import carry_out_or_exit, complete_ids


@click.command
@click.argument("figure_id", shell_complete=complete_ids("casualties", "totals"))
@click.option(
    "--by",
    required=True,
    metavar="ACTOR",
    help="Id of the actor that confirmed it.",
    shell_complete=complete_ids("actors"),
)
@click.option(
    "--source",
    required=True,
    help="Id of the source that says so.",
    shell_complete=complete_ids("sources"),
)
@click.option("--reason", default="", help="A sentence for the revisions. Default: who and where.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def command(figure_id: str, by: str, source: str, reason: str, dry_run: bool) -> None:
    """Mark a figure as confirmed: by whom, and in which source.

    Confirmed means that a named body with standing (the side whose people they are, an official or
    United Nations investigation, a hospital or morgue) confirmed this very figure. A party's claim
    about its enemy's losses is never confirmed by that party.

    \b
    Examples:
      incidents confirm MLI-2025-06-01-boulikessi-f05 --by fama --source ortm-2025-06-07
    """
    from ..changes import acts

    carry_out_or_exit(
        lambda records: acts.confirm(records, figure_id, by, source),
        reason or f"Confirmed by {by} in {source}.",
        source,
        dry_run,
    )
