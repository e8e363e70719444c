"""`incidents merge-driver`: what git runs to merge a table that both sides changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import DATA_PROBLEMS, root_of

if TYPE_CHECKING:
    from ..merge import Clash, Merge
    from ..package import Table

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command
@click.argument("base", type=_FILE)
@click.argument("ours", type=_FILE)
@click.argument("theirs", type=_FILE)
@click.argument("path", type=click.Path(path_type=Path))
def command(base: Path, ours: Path, theirs: Path, path: Path) -> None:
    """Merge two versions of a table record by record, for git.

    BASE, OURS and THEIRS are files with the three versions; the outcome replaces OURS. PATH is the
    table's place in the repository. `incidents setup-git` makes git call this.

    A clash is left as a block between git's marks, named on the terminal, and costs exit code 1.

    \b
    Examples:
      incidents merge-driver %O %A %B %P
    """
    from ..descriptor import open_package
    from ..files import write_whole
    from ..merge import merge
    from ..problem import ToolError

    root = root_of(path.absolute().parent)
    inside = path.absolute().relative_to(root.absolute()).as_posix()
    tables = {table.path: table for table in open_package(root).tables.values()}
    if inside not in tables:
        raise ToolError(f"{path} is not a table of {root}", "merge it as text")
    table = tables[inside]
    try:
        versions = [file.read_bytes() for file in (base, ours, theirs)]
    except OSError as error:
        raise ToolError(
            f"cannot read {error.filename}: {error.strerror}", "run git merge"
        ) from None
    outcome = merge(table, *versions)
    write_whole(ours, outcome.content)
    for line in _notes(table, outcome):
        click.echo(line, err=True)
    if outcome.clashes:
        click.get_current_context().exit(DATA_PROBLEMS)


def _notes(table: Table, outcome: Merge) -> list[str]:
    lines = [
        f"{table.path}: {_named(item.key)} was changed on both sides: {', '.join(item.ours)} by "
        f"us, {', '.join(item.theirs)} by them; check that they still fit together"
        for item in outcome.joined
    ]
    for clash in outcome.clashes:
        lines += [f"{table.path}: {line}" for line in _conflict(clash)]
    if outcome.clashes:
        number = len(outcome.clashes)
        lines.append(
            f"{table.path}: {number} {'clash' if number == 1 else 'clashes'}; in each block keep "
            "one line and remove the other and the marks, then run: incidents fmt, "
            f"incidents validate, git add {table.path}"
        )
    return lines


def _conflict(clash: Clash) -> list[str]:
    name = _named(clash.key)
    if clash.theirs is None:
        return [f"{name} was removed by them and changed by us"]
    if clash.ours is None:
        return [f"{name} was removed by us and changed by them"]
    lines = [
        f"{name}, {field}: {clash.ours[field]!r} by us, {clash.theirs[field]!r} by them"
        + (f" (before: {clash.base[field]!r})" if clash.base else "")
        for field in clash.fields
    ]
    if clash.base is None:
        lines.append(f"{name} was added by both; if these are two records, give one a new id")
    return lines


def _named(key: tuple[str, ...]) -> str:
    return repr("|".join(key))[1:-1]
