"""The command `incidents`: parsing, prompting, printing and exit codes, nothing else.

Each module of this package is one command, found by its name; it holds a click command called
`command`, and imports what is slow only when it runs.

Exit codes: 0 sound, 1 data problems, 2 wrong usage, 3 the tool could not do its work.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from pathlib import Path
from typing import NoReturn

import click

from ..problem import ToolError

DATA_PROBLEMS = 1
TOOL_FAILURE = 3
INTERRUPTED = 130  # what a shell reports for Ctrl-C


class Commands(click.Group):
    """The commands, one module of this package each."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands' names."""
        return sorted(module.name for module in pkgutil.iter_modules(__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found = importlib.import_module(f"{__name__}.{cmd_name}").command
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
