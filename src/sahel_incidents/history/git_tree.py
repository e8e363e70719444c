"""The files of a commit, asked of git: never a shell, never a check-out.

So no filter, hook or link of the repository comes into play, and the work tree stays as it is.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from ..package import DESCRIPTOR
from ..problem import ToolError
from .unpacking import Entry, check_size

_PLAIN_MODES = ("100644", "100755", "100664")  # git's modes of a plain file; the last is historic
_OWN_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its full name, and the day it was made, in UTC."""

    name: str
    day: date


def described(name: str, near: Path) -> Commit:
    """The commit that a revision leads to.

    Args:
        name: the revision: a branch, a tag, a commit.
        near: the package's folder, in whose repository it is looked up.

    Raises:
        ToolError: git is not installed, or knows no such commit.
    """
    found = _resolve(name, near)
    shown = _git(near, "show", "--no-patch", "--no-show-signature", "--format=%ct", found)
    day = datetime.fromtimestamp(int(shown), UTC).date()
    return Commit(found, day)


def tags(near: Path) -> dict[str, str]:
    """The names of the repository's tags, each with the commit it leads to.

    Raises:
        ToolError: git is not installed, or there is no repository.
    """
    form = "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)"
    lines = _git(near, "for-each-ref", form, "refs/tags").decode("utf-8", "replace").splitlines()
    found = (line.split("\0") for line in lines)
    return {name: annotated or plain for name, plain, annotated in found}


def names_commit(name: str, near: Path) -> bool:
    """Whether a revision leads to a commit; not so where there is no git or no repository."""
    try:
        return bool(_commit_of(near, name))
    except ToolError:
        return False


@contextmanager
def commit(name: str, near: Path) -> Iterator[list[Entry]]:
    """The files of a commit, from the folder in it that is the package's today.

    Args:
        name: the revision: a branch, a tag, a commit.
        near: the package's folder, in whose repository it is looked up.

    Raises:
        ToolError: git is not installed, or knows no such commit or no such folder in it.
    """
    found = _resolve(name, near)
    prefix = os.fsdecode(_git(near, "rev-parse", "--show-prefix").rstrip(b"\n")).rstrip("/")
    tree = f"{found}:{prefix}"
    if _run(_command(near, "rev-parse", "--verify", "--quiet", tree)).returncode != 0:
        raise ToolError(f"{name} has no folder {prefix}", "name a commit that holds the package")
    listing = _git(near, "ls-tree", "-r", "-z", "--full-tree", tree)
    with _started(near, "cat-file", "--batch") as blobs:

        def reader(path: str, blob: bytes) -> Callable[[], bytes]:
            return lambda: _blob(blobs, name, path, blob)

        entries = []
        for line in listing.split(b"\0")[:-1]:
            head, _, raw = line.partition(b"\t")
            mode, _, blob = head.split(b" ")
            path = os.fsdecode(raw)
            entries.append(Entry(path, mode.decode() in _PLAIN_MODES, reader(path, blob)))
        yield entries


def _resolve(name: str, near: Path) -> str:
    """The commit that a revision names."""
    assert not name.startswith("-"), "git would take it for an option"
    _git(near, "rev-parse", "--git-dir")  # says so where there is no repository
    found = _commit_of(near, name)
    if found:
        return found
    message = (
        f"there is no state {name!r}: neither a branch, tag or commit of git, nor a folder that "
        f"holds a {DESCRIPTOR}, nor a .zip file"
    )
    if _git(near, "rev-parse", "--is-shallow-repository").strip() == b"true":
        raise ToolError(
            f"{message}; this copy of the repository is shallow, so git may not have it",
            "run: git fetch --unshallow --tags (with actions/checkout: fetch-depth: 0)",
        )
    if _commit_of(near, f"refs/remotes/origin/{name}"):
        raise ToolError(message, f"did you mean origin/{name}?")
    raise ToolError(message, "git branch --all and git tag list what there is; or run: git fetch")


def _commit_of(near: Path, revision: str) -> str:
    """The full name of the commit that a revision leads to; "" where git knows none."""
    if "\0" in revision:  # which cannot be passed to a program
        return ""
    done = _run(_command(near, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"))
    answer = done.stdout.decode("ascii", "replace").strip()
    return answer if done.returncode == 0 and re.fullmatch("[0-9a-f]{40,64}", answer) else ""


def _blob(blobs: subprocess.Popen[bytes], name: str, path: str, blob: bytes) -> bytes:
    """The bytes of one blob, from a running `git cat-file --batch`."""
    assert blobs.stdin is not None
    assert blobs.stdout is not None
    blobs.stdin.write(blob + b"\n")
    blobs.stdin.flush()
    answer = blobs.stdout.readline().split()
    if len(answer) != 3:
        raise ToolError(f"{name}: git has lost {path}", "run: git fsck; or make a fresh clone")
    size = int(answer[2])
    check_size(name, path, size)
    content = blobs.stdout.read(size)
    blobs.stdout.read(1)
    return content


def _command(folder: Path, *arguments: str) -> list[str]:
    # A replaced object would show another past than the one that was published.
    return ["git", "--no-replace-objects", "-C", str(folder), *arguments]


def _environment() -> dict[str, str]:
    """Ours, without what git sets for a hook: the folder given decides which repository it is."""
    kept = {key: value for key, value in os.environ.items() if key not in _OWN_VARIABLES}
    return kept | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def _git(folder: Path, *arguments: str) -> bytes:
    done = _run(_command(folder, *arguments))
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise ToolError(
            f"git cannot look into {folder}: {said}",
            "compare with a folder or a .zip file, or run this inside a clone of the repository",
        )
    return done.stdout


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=_environment(),
            check=False,
        )
    except FileNotFoundError as error:
        raise _no_git() from error


@contextmanager
def _started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    try:
        process = subprocess.Popen(
            _command(folder, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
    except FileNotFoundError as error:
        raise _no_git() from error
    with process:
        try:
            yield process
        finally:
            process.kill()


def _no_git() -> ToolError:
    return ToolError("git is not installed", "install git, or compare with a folder or a .zip file")
