"""`incidents retract`: a record that should not have been published."""

from __future__ import annotations

import click

from . import carry_out_or_exit, complete_ids


@click.command
@click.argument(
    "id",
    shell_complete=complete_ids("incidents", "casualties", "statements", "totals", "sources"),
)
@click.option("--reason", default="", help="Why, in a sentence.")
@click.option(
    "--source",
    default="",
    help="Id of the source that made it necessary; none for a slip of our own.",
    shell_complete=complete_ids("sources"),
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def command(id: str, reason: str, source: str, dry_run: bool) -> None:
    """Take out the record with this ID, which should never have been entered.

    An incident takes along its participants, figures and links, and the statements that are about
    nothing else. The id is not given again, and `incidents show ID` says what became of it.

    A figure whose speaker took it back is not retracted: it stays, with confirmation: withdrawn
    (incidents edit). Two records of one thing are merged: incidents merge.

    \b
    Examples:
      incidents retract MLI-2025-05-soumpi-f02 --reason "a misreading of 'wounded'" \\
          --source allafrica-2025-06-04
      incidents retract MLI-2025-05-soumpi --dry-run
    """
    from ..changes import acts

    carry_out_or_exit(lambda records: acts.retract(records, id), reason, source, dry_run)
