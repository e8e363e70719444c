"""`incidents fmt`: the tables in their canonical form."""

from __future__ import annotations

import click

from . import DATA_PROBLEMS, root_of


@click.command
@click.option("--check", is_flag=True, help="Change nothing; fail if a table would change.")
def command(check: bool) -> None:
    """Put every table into canonical form.

    Mends the order of rows and columns, line ends, needless quotes and a byte-order mark; never
    what a cell says.

    \b
    Examples:
      incidents fmt
      incidents fmt --check
    """
    from ..csvtext import reformatted
    from ..descriptor import open_package
    from ..package import read_file
    from ..store import apply, check_clean, recover
    from ..tables import MAX_FILE_BYTES

    root = root_of(None)
    (check_clean if check else recover)(root)
    package = open_package(root)
    changed: dict[str, bytes] = {}
    broken: list[str] = []
    for table in package.tables.values():
        try:
            before = read_file(package.root, table.path, MAX_FILE_BYTES)
            after = reformatted(table, before)
        except (ValueError, FileNotFoundError, IsADirectoryError, OverflowError) as error:
            broken.append(f"{table.path}: cannot be formatted: {error}")
            continue
        if after != before:
            changed[table.path] = after
    if broken:
        for line in broken:
            click.echo(line, err=True)
        click.echo("nothing was changed; run: incidents validate", err=True)
        click.get_current_context().exit(DATA_PROBLEMS)
    if changed and not check:
        apply(root, changed)
    for path in changed:
        click.echo(f"{path}: {'would be formatted' if check else 'formatted'}")
    if not changed:
        click.echo(f"{len(package.tables)} tables are in canonical form")
    elif check:
        click.get_current_context().exit(DATA_PROBLEMS)
