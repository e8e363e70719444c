"""The command `incidents`: parsing, prompting, printing and exit codes, nothing else.

Each module of this package is one command, found by its name (`merge_driver` is offered as
`merge-driver`); it holds a click command called `command`, and imports what is slow only when it
runs.

Exit codes: 0 sound, 1 data problems, 2 wrong usage, 3 the tool could not do its work.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ..problem import ToolError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..changes.changing import Ask, Change, Outcome
    from ..changes.corrections import Correction, Why
    from ..engines.distributed import Distributed
    from ..problem import Problem, Report
    from ..records import Records

DATA_PROBLEMS = 1
TOOL_FAILURE = 3
INTERRUPTED = 130  # what a shell reports for Ctrl-C


ENGINES = click.Choice(("embedded", "dask"))

_MODULES = {
    module.name.rstrip("_").replace("_", "-"): module.name
    for module in pkgutil.iter_modules(__path__)
}
"""The module of each command; `import_` holds `import`, which Python takes for its own."""


class Commands(click.Group):
    """The commands, one module of this package each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names."""
        return sorted(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in _MODULES:
            return None
        module = importlib.import_module(f"{__name__}.{_MODULES[cmd_name]}")
        found = module.command
        assert isinstance(found, click.Command)
        return found


@click.group(
    cls=Commands,
    epilog="Exit codes: 0 sound, 1 data problems, 2 wrong usage, 3 the tool could not do its work.",
)
@click.option(
    "--package",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The data package's folder. Default: the nearest folder, from here upwards, that holds "
    "a datapackage.json.",
)
@click.version_option(package_name="sahel-incidents", prog_name="incidents")
@click.pass_context
def main(ctx: click.Context, package: Path | None) -> None:
    """Keep the Sahel Incidents dataset true: every figure with its source and confirmation.

    \b
    Examples:
      incidents validate
      incidents validate --format json --output report.json
      incidents rules bounds-follow-qualifier
      incidents fmt --check
    """
    ctx.obj = package


def root_of(given: Path | None) -> Path:
    """The package's folder: that of a given path, or of `--package`, or the nearest upwards.

    Raises:
        ToolError: no datapackage.json is there.
    """
    from ..package import DESCRIPTOR, find_root

    if given is not None:
        return find_root(given if given.is_dir() else given.parent)
    chosen = click.get_current_context().obj
    if chosen is None:
        return find_root(Path.cwd())
    assert isinstance(chosen, Path)
    if not os.path.lexists(chosen / DESCRIPTOR):
        raise ToolError(f"no {DESCRIPTOR} in {chosen}", "name the folder that holds it")
    return chosen


def complete_ids(
    *tables: str,
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Shell completion for the ids of some tables' records."""

    def complete(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
        from dataclasses import replace

        from click.shell_completion import CompletionItem

        from ..descriptor import open_package
        from ..package import find_root
        from ..records import Records

        try:
            package = open_package(ctx.find_root().params.get("package") or find_root(Path.cwd()))
            needed = {name: package.tables[name] for name in tables}
            records = Records.read(replace(package, tables=needed))
        except ToolError:
            return []
        return [
            CompletionItem(key[0], help=row.get("title") or row.get("name"))
            for table in tables
            for key, row in records.rows[table].items()
            if key[0].startswith(begun)
        ]

    return complete


def _day(_: click.Context, parameter: click.Parameter, text: str) -> str:
    """A date as far as it is given."""
    from datetime import date

    if not text:
        return ""
    try:
        if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
            raise ValueError
        date.fromisoformat(text + "-01" * ((10 - len(text)) // 3))
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no date: write 2025, 2025-06 or 2025-06-01", param=parameter
        ) from None
    return text


def selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options that choose incidents, and passes them on as one `query`."""

    @wraps(command)
    def run(
        *args: object,
        place: str,
        actor: str,
        first: str,
        last: str,
        country: str,
        source: str,
        **others: object,
    ) -> None:
        from ..views.search import Query

        query = Query("", place, actor, first, last, country, source)
        command(*args, query=query, **others)

    for option in reversed(_SELECTION):
        run = option(run)
    return run


_SELECTION = (
    click.option(
        "--place",
        default="",
        help="Its id, name or another spelling; a region or country stands for all in it.",
        shell_complete=complete_ids("places"),
    ),
    click.option(
        "--actor",
        default="",
        help="A party to the incident: its id, name or another spelling.",
        shell_complete=complete_ids("actors"),
    ),
    click.option(
        "--from", "first", default="", callback=_day, help="The first day, month or year."
    ),
    click.option("--to", "last", default="", callback=_day, help="The last day, month or year."),
    click.option("--country", default="", help="Its name or its code, such as MLI."),
    click.option(
        "--source",
        default="",
        help="A source's id, or words of its publisher, title or address.",
        shell_complete=complete_ids("sources"),
    ),
)


def ask_why(reason: str, source: str) -> Ask:
    """Gives the reason and source of a change: the given ones, or those that a person types."""

    def ask(acts: list[Correction], after: Records) -> Why:
        from ..changes.corrections import Why
        from ..views.resolve import expect

        if source:
            expect(after, "sources", source)
        if reason:
            return Why(reason, source)
        if not sys.stdin.isatty():
            raise click.UsageError(
                "published records change, and their readers must learn why: give --reason, and "
                "--source unless it was a slip of our own"
            )
        click.echo("Published records change:", err=True)
        for act in acts:
            click.echo(f"  {act.told}", err=True)
        told = click.prompt("Why, in a sentence", err=True)
        cited = source
        while not cited:
            cited = click.prompt(
                "Id of the source that made it necessary (empty: a slip of our own)",
                default="",
                show_default=False,
                err=True,
            )
            if not cited:
                break
            try:
                expect(after, "sources", cited)
            except ToolError as error:
                click.echo(f"  {error.message}\n  -> {error.remedy}", err=True)
                cited = ""
        return Why(" ".join(told.split()), cited)

    return ask


def tell_outcome(outcome: Outcome, *, dry_run: bool = False) -> None:
    """What a change did, and what it leaves to look after."""
    from ..reports.common import visible

    if not outcome.saved.files:
        click.echo("nothing changed")
        return
    for act, revision in zip(outcome.corrections, outcome.revisions, strict=True):
        click.echo(f"{revision}  {visible(act.told)}")
    click.echo(f"{'would change' if dry_run else 'changed'}: {', '.join(outcome.saved.files)}")
    for problem in outcome.saved.report.problems if outcome.saved.report else ():
        if not problem.known:
            click.echo(f"{problem.severity}: {visible(_told(problem))}", err=True)


def _told(problem: Problem) -> str:
    remedy = f" -> {problem.suggestion}" if problem.suggestion else ""
    return f"{problem.place}: {problem.message}{remedy}"


def refuse(problems: Iterable[Problem], report: Report | None = None) -> None:
    """Show what stands in the way of a change, without what was wrong before."""
    from ..reports.common import visible

    for problem in problems:
        if not problem.known:
            click.echo(visible(f"{problem.place}: {problem.message}"), err=True)
            if problem.suggestion:
                click.echo(f"  -> {visible(problem.suggestion)}", err=True)
    for skipped in report.skipped if report else ():
        if not skipped.known:
            click.echo(f"{skipped.table}: {skipped.check} not checked: {skipped.reason}", err=True)
    click.echo("nothing was changed", err=True)


def carry_out_or_exit(change: Change, reason: str, source: str, dry_run: bool) -> None:
    """Carry out a change and say what it did, or show what stands in its way and fail."""
    from ..changes.changing import carry_out
    from ..store.editing import Rejected

    try:
        outcome = carry_out(
            root_of(None),
            change,
            ask_why(reason, source),
            dry_run=dry_run,
            tell=lambda text: click.echo(text, err=True),
        )
    except Rejected as rejected:
        refuse(rejected.report.problems, rejected.report)
        click.get_current_context().exit(DATA_PROBLEMS)
    tell_outcome(outcome, dry_run=dry_run)


def size(_: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """A number of bytes, written as 2GB, 512 MiB or 1.5G."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([kMGT]?)(i?)B?", text.strip())
    size = found and float(found[1]) * (1024 if found[3] else 1000) ** " kMGT".index(
        found[2] or " "
    )
    if not size or size < 1 or size > 1 << 60:
        raise click.BadParameter(f"{text!r} is no size: write it as 2GB or 512MiB", param=parameter)
    return int(size)


workers = click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(min=1, max=1024),
    help="With --engine dask: how many processes to start here. Default: one per core.",
)

memory_limit = click.option(
    "--memory-limit",
    metavar="SIZE",
    callback=size,
    help="With --engine dask: the memory that each of its processes may take, such as 2GB. What "
    "does not fit is kept on the disk. Default: an even share of what there is.",
)


def dask_engine(
    scheduler: str | None, workers: int | None, memory: int | None, block: int | None = None
) -> Distributed:
    """The engine on Dask, which tells on stderr where its work can be watched."""
    from ..engines.distributed import Distributed

    return Distributed(
        scheduler, workers, memory, block, tell=lambda text: click.echo(text, err=True)
    )


class Progress:
    """A line on the terminal that says how far long work is; none where it is short."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        self._since = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` steps of a stage are made."""
        if self._shown and time.monotonic() - self._since > 1:
            click.echo(f"\r\033[K{stage} {done}/{total}", err=True, nl=False)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            click.echo("\r\033[K", err=True, nl=False)


def run() -> NoReturn:
    """Run the command line; never a traceback, and the exit codes of the design."""
    try:
        code = main.main(prog_name="incidents", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("\ninterrupted: nothing was changed", err=True)
        code = INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except ToolError as error:
        code = _fail(error.message, error.remedy)
    except MemoryError:
        code = _fail("the memory does not suffice", "close other programs, or use another machine")
    except OSError as error:
        code = _lost_output(error)
    except Exception as error:
        if os.environ.get("INCIDENTS_TRACEBACK"):
            raise
        code = _fail(
            f"a fault in the tool itself: {type(error).__name__}: {error}",
            "please report it, with what INCIDENTS_TRACEBACK=1 shows",
        )
    # Nothing is left to do, and unloading large libraries would take a while.
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


def _lost_output(error: OSError) -> int:
    if isinstance(error, BrokenPipeError):  # `incidents ... | head`: the reader has seen enough
        return TOOL_FAILURE
    return _fail(
        f"cannot write the output: {error.strerror or error}",
        "check the free space (df -h) and where the output goes",
    )


def _fail(message: str, remedy: str) -> int:
    click.echo(f"error: {message}\n  -> {remedy}", err=True)
    return TOOL_FAILURE
