"""`incidents setup-git`: git merges the tables record by record."""

from __future__ import annotations

import click

from . import root_of


@click.command
@click.option("--undo", is_flag=True, help="Take it back: git merges the tables as text again.")
def command(undo: bool) -> None:
    """Make git merge the tables record by record in this copy of the repository.

    Two branches that add records, or change different cells, then merge by themselves; a true
    clash stops with the record, the column and both values. Needed once in each copy.

    \b
    Examples:
      incidents setup-git
      incidents setup-git --undo
    """
    from ..descriptor import open_package
    from ..merge.git_driver import install, uninstall

    root = root_of(None)
    if undo:
        there = uninstall(root)
        click.echo("the merge driver is removed" if there else "there was no merge driver")
        return
    driver = install(open_package(root))
    click.echo(f"git merges the tables record by record, by running:\n  {driver}")
