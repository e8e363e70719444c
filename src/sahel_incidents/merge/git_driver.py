"""Telling git to merge the tables record by record: the driver `incidents` of a repository.

Which files the driver is for is part of the project, in `.gitattributes`; the command that does
the work is part of each person's copy, in git's own configuration, because git runs nothing that a
repository brings along. See "Defining a custom merge driver" in gitattributes(5).

Git is left with a sensible answer where the tool is missing. A copy in which the driver was never
set up merges the tables as text, as git does without any driver. A copy in which it was, but where
the tool has since gone or cannot read a table, merges the table as text too, and always stops, for
a person to look at it: git would take a driver that fails for one that kept our side.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from ..package import Package
from ..problem import ToolError

NAME = "incidents"
_SECTION = f"merge.{NAME}"


def install(package: Package) -> str:
    """Set the driver up for the repository that holds a package.

    Returns:
        The command git will run.

    Raises:
        ToolError: git is missing, the package is in no repository, or `.gitattributes` does not
            name the driver for each table.
    """
    _require_attributes(package)
    command = driver_command()
    _git(package.root, "config", "--local", f"{_SECTION}.name", "tables, record by record")
    _git(package.root, "config", "--local", f"{_SECTION}.driver", command)
    return command


def uninstall(root: Path) -> bool:
    """Take the driver out of the repository that holds a folder; whether there was one.

    Raises:
        ToolError: git is missing, or the folder is in no repository.
    """
    _git(root, "rev-parse", "--git-dir")
    if not _run(root, "config", "--local", "--get", f"{_SECTION}.driver").stdout:
        return False
    _git(root, "config", "--local", "--remove-section", _SECTION)
    return True


def driver_command() -> str:
    """What git hands to the shell; %O, %A, %B and %P are git's (gitattributes(5))."""
    # -P: a folder of the repository is never taken for a Python package.
    python = shlex.quote(sys.executable).replace("%", "%%")
    return (
        f"{python} -P -m sahel_incidents merge-driver %O %A %B %P; code=$?; "
        "test $code -le 1 && exit $code; "
        "git merge-file -L ours -L base -L theirs %A %O %B; "
        "echo %P': merged as text; look at it, then run: incidents validate' >&2; exit 1"
    )


def _require_attributes(package: Package) -> None:
    paths = [table.path for table in package.tables.values()]
    answer = _git(package.root, "check-attr", "-z", "merge", "--", *paths).split("\0")
    for path, value in zip(answer[0::3], answer[2::3], strict=False):
        if value != NAME:
            raise ToolError(
                f".gitattributes does not name the merge driver of {path}",
                f"add the line: data/*.csv merge={NAME}",
            )


def _git(root: Path, *arguments: str) -> str:
    done = _run(root, *arguments)
    if done.returncode:
        raise ToolError(
            f"git {arguments[0]} failed: {done.stderr.strip()}",
            "run it in a copy of the repository made by: git clone",
        )
    return done.stdout


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, encoding="utf-8"
        )
    except OSError as error:
        raise ToolError(f"git cannot be run: {error.strerror}", "install git") from error
