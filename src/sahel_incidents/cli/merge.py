"""`incidents merge`: two records that turned out to be one."""

from __future__ import annotations

import click

from . import carry_out_or_exit, complete_ids

_TABLES = ("incidents", "casualties", "statements", "totals", "sources", "actors", "places")


@click.command
@click.argument("id", shell_complete=complete_ids(*_TABLES))
@click.argument("into_id", shell_complete=complete_ids(*_TABLES))
@click.option("--reason", default="", help="Why they are one, in a sentence.")
@click.option(
    "--source",
    default="",
    help="Id of the source that shows it; none for a slip of our own.",
    shell_complete=complete_ids("sources"),
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def command(id: str, into_id: str, reason: str, source: str, dry_run: bool) -> None:
    """Merge the record ID into INTO_ID: two incidents, sources, actors or places that are one.

    Whatever refers to ID refers to INTO_ID afterwards. An incident's participants, figures,
    statements and links move; what the other one has already is not doubled. A moved figure gets
    an id of its new incident, and the old id leads there: incidents show OLD_ID.

    The cells of INTO_ID itself (title, date, summary) stay as they are: incidents edit.

    \b
    Examples:
      incidents merge MLI-2025-06-01-boulkessy MLI-2025-06-01-boulikessi \\
          --reason "one attack, entered under two spellings"
    """
    from ..changes import acts

    carry_out_or_exit(lambda records: acts.merge(records, id, into_id), reason, source, dry_run)
