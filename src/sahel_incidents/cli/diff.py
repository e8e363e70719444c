"""`incidents diff`: what changed between two states, in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import root_of

if TYPE_CHECKING:
    from ..history import Difference


@click.command
@click.argument("before")
@click.argument("after", required=False)
@click.option(
    "--format",
    "name",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    help="How to show it. Default: text.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write. Default: the terminal.",
)
def command(before: str, after: str | None, name: str, output: Path | None) -> None:
    """Show what changed between two states of the data, record by record.

    BEFORE and AFTER are each a branch, a tag or a commit of git, a folder that holds a
    datapackage.json, or a release's .zip file. A version number such as 1.0.0 names a release: the
    tag v1.0.0, else what was built of it in dist/. AFTER is by default the package as it lies here.

    Differences are no problem: the exit code is 0. `incidents validate --since` judges them.

    \b
    Examples:
      incidents diff main
      incidents diff 1.0.0 1.1.0
      incidents diff v1.0.0 --format markdown --output changes.md
      incidents diff sahel-incidents-1.0.0.zip ./unpacked
    """
    from ..files import write_whole
    from ..history import compare
    from ..history.difference import FORMATS
    from ..history.states import in_folder, opened

    root = root_of(None)
    with opened(before, root) as earlier:
        if after is None:
            difference = compare(earlier, in_folder("the working tree", root))
        else:
            with opened(after, root) as later:
                difference = compare(earlier, later)
    shown = FORMATS[name](_readable(difference))
    if output is None:
        click.echo(shown, nl=False)
    else:
        write_whole(output, shown.encode("utf-8"))
        click.echo(f"{name} written: {output}", err=True)


def _readable(difference: Difference) -> Difference:
    """The difference; raises ToolError where a table could not be compared."""
    from ..problem import ToolError

    for table, reason in difference.unread.items():
        raise ToolError(f"{table} cannot be compared: {reason}", "run: incidents validate")
    return difference
