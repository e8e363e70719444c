"""`incidents validate`: one report on whether the data is sound."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import reports
from . import DATA_PROBLEMS, Progress, root_of

if TYPE_CHECKING:
    from ..problem import Report


@click.command
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(reports.FORMATS),
    help="The report's format; may be given several times, with --output DIR. Default: text.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Where the report goes: a file, or with several formats a folder, which then holds "
    "report.txt, report.json and so on. Default: the terminal.",
)
@click.option(
    "--since",
    metavar="STATE",
    help="Judge the data as a change of an earlier state (a branch, tag or commit of git, a folder "
    "or a release's .zip file): only what is new counts, and published records must not change in "
    "silence.",
)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help="Show at most so many problems of each rule; 0 shows all. Default: by format.",
)
def command(
    path: Path | None,
    formats: tuple[str, ...],
    output: Path | None,
    since: str | None,
    strict: bool,
    limit: int | None,
) -> None:
    """Check the whole data package.

    Looks at the descriptor, the bytes, the cells, the keys and every rule, in this order.

    PATH is the package's folder or a file in it; the whole package is always checked.

    \b
    Examples:
      incidents validate
      incidents validate path/to/package --strict
      incidents validate --since origin/main
      incidents validate --format html --output report.html
      incidents validate --format text --format json --format sarif --output reports/
    """
    formats = formats or ("text",)
    if len(formats) > 1 and output is None:
        raise click.UsageError("several formats need --output DIR")
    root = root_of(path)
    from ..store import check_clean
    from ..validate import validate

    check_clean(root)  # half-replaced tables are neither the old state nor the new
    with Progress() as progress:
        if since is None:
            report = validate(root, progress)
        else:
            from ..history.since import validate_since

            report = validate_since(root, since, progress)
    if output is None:
        click.echo(_render(report, formats[0], limit, strict, colour=_colour()), nl=False)
    else:
        _write(report, formats, output, limit, strict)
    if not report.sound(strict):
        click.get_current_context().exit(DATA_PROBLEMS)


def _write(
    report: Report, formats: tuple[str, ...], output: Path, limit: int | None, strict: bool
) -> None:
    from ..files import write_whole
    from ..problem import ToolError

    folder = len(formats) > 1 or output.is_dir()
    try:
        (output if folder else output.parent).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(f"cannot make {output}: {error.strerror}", "name another folder") from error
    for name in formats:
        target = output / f"report{reports.get(name).EXTENSION}" if folder else output
        write_whole(target, _render(report, name, limit, strict).encode("utf-8"))
        click.echo(f"{name} report: {target}", err=True)


def _render(
    report: Report, name: str, limit: int | None, strict: bool, colour: bool = False
) -> str:
    module = reports.get(name)
    shown = module.DEFAULT_LIMIT if limit is None else (limit or None)
    return module.render(report, limit=shown, colour=colour, strict=strict)


def _colour() -> bool:
    return (
        sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
