"""`incidents template`: a workbook or table to fill in, for incidents in bulk."""

from __future__ import annotations

from pathlib import Path

import click

from . import root_of


@click.command
@click.argument("file", default="incidents.xlsx", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
def command(file: Path, force: bool) -> None:
    """Write an empty workbook in which several incidents can be entered at once.

    FILE ends in .xlsx for a workbook with drop-downs and explanations, or in .csv for one flat
    table with a figure to a row. Default: incidents.xlsx. `incidents add FILE` reads it.

    \b
    Examples:
      incidents template
      incidents template attacks-of-june.xlsx
      incidents template attacks-of-june.csv
    """
    if file.suffix.lower() not in (".xlsx", ".csv"):
        raise click.UsageError(f"{file} ends in neither .xlsx nor .csv")
    from ..bulk import template
    from ..descriptor import open_package
    from ..files import write_whole
    from ..problem import ToolError
    from ..records import Records

    if file.exists() and not force:
        raise ToolError(f"{file} is there already", "name another file, or add --force")
    records = Records.read(open_package(root_of(None)))
    write = template.workbook if file.suffix.lower() == ".xlsx" else template.flat
    write_whole(file, write(records))
    click.echo(f"written: {file}")
    click.echo(f"fill it in, then check it: incidents add --dry-run {file}")
