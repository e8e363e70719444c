"""Several files of a package replaced together: all of them or none, whatever happens meanwhile.

A write goes in steps, each flushed to disk before the next:

1. the lock is taken, so that one process writes at a time;
2. the new files are staged in `.incidents/new`, the present ones kept in `.incidents/old`;
3. the caller's check judges `.incidents/new`, which then is the package as it would become;
4. a journal names the files to replace, with the hashes of their old and new content;
5. each staged file is renamed over the present one;
6. the journal goes, then what was staged and kept.

A process that dies before step 4 is done has changed nothing. After it, the next writer completes
the write or, where that cannot be done, undoes it. Method: a journal of intended renames, as in
SQLite's atomic commit (https://www.sqlite.org/atomiccommit.html); which flushes that needs, after
Pillai et al. 2014, "All File Systems Are Not Created Equal", OSDI.

Whoever only reads takes no lock; `check_clean` tells a reader of a write that was interrupted.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..descriptor import open_package
from ..files import write_whole
from ..package import DESCRIPTOR, check_path
from ..problem import DescriptorError, ToolError
from . import journal
from .journal import FOLDER, JOURNAL, LOCK, Move, Side, link

WAIT = 60.0
"""Seconds to wait for another writer before giving up."""

Check = Callable[[Path], None]
"""Judges, without writing to it, the folder of a package as it would become; raises to refuse."""

Tell = Callable[[str], None]
"""Told what keeps the user waiting, and what was made of an interrupted write."""

_QUIET = 1.0  # seconds of waiting that are not worth a message
_PATIENCE = 2.0  # seconds a reader grants a writer that is just replacing its files


def silent(_: str) -> None:
    """Tell nothing."""


def apply(
    root: Path,
    files: Mapping[str, bytes],
    *,
    check: Check | None = None,
    timeout: float = WAIT,
    tell: Tell = silent,
) -> None:
    """Replace several files of a package: see `writing` and `Writer.replace`."""
    with writing(root, timeout=timeout, tell=tell) as writer:
        writer.replace(files, check=check)


def recover(root: Path, *, timeout: float = WAIT, tell: Tell = silent) -> None:
    """Complete or undo an interrupted write, as every writer does first: see `writing`."""
    with writing(root, timeout=timeout, tell=tell):
        pass


def check_clean(root: Path) -> None:
    """Notice a write that was interrupted, of which some files may be replaced and others not.

    A write that is just being made is waited for, two seconds at most.

    Raises:
        ToolError: there is one.
    """
    deadline = time.monotonic() + _PATIENCE
    while os.path.lexists(root / JOURNAL):
        if time.monotonic() > deadline:
            raise ToolError(
                f"a write in {root} was interrupted: the tables may disagree with each other",
                "run: incidents fmt, which completes it first",
            )
        time.sleep(0.05)


@contextmanager
def writing(root: Path, *, timeout: float = WAIT, tell: Tell = silent) -> Iterator[Writer]:
    """Hold the right to change a package's files, after mending an interrupted write.

    Args:
        root: the folder that holds `datapackage.json`.
        timeout: seconds to wait for another writer. One that died does not hold the lock.
        tell: see `Tell`.

    Raises:
        ToolError: another process writes for longer than that; the folder cannot be written to;
            an interrupted write can neither be completed nor undone.
    """
    root = root.absolute()
    check_path(root, LOCK)
    with _failures(root, "nothing was changed"):
        (root / FOLDER).mkdir(exist_ok=True)
        lock = _acquire(root, timeout, tell)
    try:
        with _failures(root, "an interrupted write is completed as soon as that is mended"):
            _recover(root, tell)
        yield Writer(root)
    finally:
        lock.release()


class Writer:
    """The right to change a package's files; `writing` gives it.

    Attributes:
        root: the package's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def replace(
        self, files: Mapping[str, bytes], *, check: Check | None = None, dry_run: bool = False
    ) -> None:
        """Give files new content, all or nothing; those that have it already are not touched.

        A file keeps its permissions. On any failure, and on Ctrl-C, all is as it was.

        Args:
            files: content by path, relative to the package, with forward slashes.
            check: judges the package as it would become; what it raises is passed on.
            dry_run: only check.

        Raises:
            ToolError: a path is refused, the folder cannot be written to, or the disk is full.
        """
        begun: list[Move] = []
        with _failures(self.root, "nothing was changed"):
            try:
                staged = self._stage(files)
                if check is not None:
                    self._complete_package()
                    check(self.root / FOLDER / "new")
                if staged and not dry_run:
                    self._expect_unchanged(staged)
                    begun = staged
                    journal.write(self.root, begun)
                    journal.bring(self.root, begun, "new")
            except BaseException:
                self._undo(begun)
                raise
        with _failures(self.root, "the write itself is complete"):
            journal.clear(self.root)

    def _stage(self, files: Mapping[str, bytes]) -> list[Move]:
        moves = []
        for path, content in sorted(files.items()):
            old = journal.digest(self.root, journal.visible(path))
            move = Move(path, old, hashlib.sha256(content).hexdigest())
            if move.new == old:
                continue
            staged = self._place("new", path)
            write_whole(staged, content)
            if old is not None:
                present = self.root / path
                os.chmod(staged, stat.S_IMODE(present.stat().st_mode))
                link(present, self._place("old", path))
            moves.append(move)
        return moves

    def _complete_package(self) -> None:
        """Stage the descriptor and every file it lists, beside those that change."""
        for path in (DESCRIPTOR, *sorted(open_package(self.root).listed)):
            present, staged = self.root / path, self._place("new", path)
            if present.exists() and not staged.exists():
                link(present, staged)

    def _expect_unchanged(self, staged: list[Move]) -> None:
        """The check may have taken long, and a spreadsheet takes no lock."""
        if not journal.can_bring(self.root, staged, "new"):
            raise journal.changed_meanwhile(move.path for move in staged)

    def _place(self, side: Side, path: str) -> Path:
        place = self.root / FOLDER / side / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def _undo(self, begun: list[Move]) -> None:
        try:
            journal.bring(self.root, begun, "old")
            journal.clear(self.root)
        except OSError as error:
            raise ToolError(
                f"a write in {self.root} failed halfway and cannot be undone now: {error}",
                "check the folder's permissions and the disk, then run: incidents fmt, "
                "which completes or undoes it",
            ) from error


def _recover(root: Path, tell: Tell) -> None:
    try:
        moves = journal.read(root)
        outcome = _bring_either(root, moves)
    except DescriptorError as error:
        raise journal.broken(root, error.message) from error
    journal.clear(root)
    if moves:
        names = ", ".join(move.path for move in moves)
        tell(f"an interrupted write was {outcome}: {names}")


def _bring_either(root: Path, moves: list[Move]) -> str:
    outcomes: tuple[tuple[Side, str], ...] = (("new", "completed"), ("old", "undone"))
    for side, outcome in outcomes:
        if journal.can_bring(root, moves, side):
            journal.bring(root, moves, side)
            return outcome
    raise journal.broken(root, "its files were changed since")


def _acquire(root: Path, timeout: float, tell: Tell) -> FileLock:
    lock = FileLock(root / LOCK)
    try:
        lock.acquire(timeout=min(_QUIET, timeout))
    except Timeout:
        tell(f"another process is writing in {root}; waiting up to {timeout:.0f} seconds")
        try:
            lock.acquire(timeout=max(0.0, timeout - _QUIET))
        except Timeout:
            raise ToolError(
                f"another process has been writing in {root} for {timeout:.0f} seconds",
                "let it finish, or end it, and try again; nothing was changed",
            ) from None
    return lock


@contextmanager
def _failures(root: Path, state: str) -> Iterator[None]:
    """Turn a failing disk or a missing permission into an error with a remedy."""
    try:
        yield
    except OSError as error:
        raise ToolError(
            f"cannot write in {root}: {error}",
            f"check the folder's permissions and the free space (df -h); {state}",
        ) from error
