"""`incidents validate`: one report on whether the data is sound."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import reports
from . import DATA_PROBLEMS, ENGINES, Progress, dask_engine, memory_limit, root_of, size, workers

if TYPE_CHECKING:
    from ..engines.distributed import Distributed
    from ..problem import Report


class _Place(click.Path):
    """A path in the file system, or an address, which stays as it was written."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See `click.ParamType`."""
        if isinstance(value, str) and re.match(r"[a-z][a-z0-9+.-]+://.", value):
            return value
        return super().convert(value, param, ctx)


@click.command
@click.argument("path", required=False, type=_Place())
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
    help="Show at most so many problems of each rule; 0 shows all. Default: by format, and never "
    "more than 10,000. All are counted.",
)
@click.option(
    "--engine",
    type=ENGINES,
    default="embedded",
    help="What does the work: this process alone, with the whole package in memory, or several "
    "that Dask coordinates, for packages of any size. The report is the same.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="With --engine dask: the scheduler of a cluster that runs already, such as "
    "tcp://10.0.0.5:8786. Default: processes on this machine.",
)
@workers
@memory_limit
@click.option(
    "--block-size",
    metavar="SIZE",
    callback=size,
    help="With --engine dask: how much of a table is one task, such as 16MB. Default: a "
    "64th of the memory limit, at most 32MiB.",
)
def command(
    path: Path | str | None,
    formats: tuple[str, ...],
    output: Path | None,
    since: str | None,
    strict: bool,
    limit: int | None,
    engine: str,
    scheduler: str | None,
    workers: int | None,
    memory_limit: int | None,
    block_size: int | None,
) -> None:
    """Check the whole data package.

    Looks at the descriptor, the bytes, the cells, the keys and every rule, in this order.

    PATH is the package's folder or a file in it; the whole package is always checked. With
    --engine dask it may be an address, such as s3://bucket/package.

    \b
    Examples:
      incidents validate
      incidents validate path/to/package --strict
      incidents validate --since origin/main
      incidents validate --format html --output report.html
      incidents validate --format text --format json --format sarif --output reports/
      incidents validate --engine dask --workers 4 --memory-limit 2GB
      incidents validate --engine dask --scheduler tcp://10.0.0.5:8786
    """
    formats = formats or ("text",)
    if len(formats) > 1 and output is None:
        raise click.UsageError("several formats need --output DIR")
    chosen = _engine(engine, since, scheduler, workers, memory_limit, block_size)
    if isinstance(path, str):
        if not chosen:
            raise click.UsageError("a package at an address needs --engine dask")
        root = None
    else:
        root = root_of(path)
    from ..store import check_clean
    from ..validate import PER_RULE, validate

    most = PER_RULE if limit is None else limit or None
    if root:
        check_clean(root)  # half-replaced tables are neither the old state nor the new
    with Progress() as progress:
        if isinstance(path, str) and chosen:
            report = chosen.validate_address(path, progress, most)
        elif root and since is not None:
            from ..history.since import validate_since

            report = validate_since(root, since, progress)
        elif root:
            report = validate(root, progress, engine=chosen, most=most)
    if output is None:
        click.echo(_render(report, formats[0], limit, strict, colour=_colour()), nl=False)
    else:
        _write(report, formats, output, limit, strict)
    if not report.sound(strict):
        click.get_current_context().exit(DATA_PROBLEMS)


def _engine(
    name: str,
    since: str | None,
    scheduler: str | None,
    workers: int | None,
    memory: int | None,
    block: int | None,
) -> Distributed | None:
    """The engine that the options name; None for the embedded one."""
    of_dask = {
        "--scheduler": scheduler,
        "--workers": workers,
        "--memory-limit": memory,
        "--block-size": block,
    }
    given = [option for option, value in of_dask.items() if value is not None]
    if name != "dask":
        if given:
            raise click.UsageError(f"{given[0]} needs --engine dask")
        return None
    if since is not None:
        raise click.UsageError("--since compares states in memory: leave --engine dask out")
    if scheduler is not None and (workers or memory):
        raise click.UsageError("a cluster that runs already has its workers: see --scheduler")
    return dask_engine(scheduler, workers, memory, block)


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
