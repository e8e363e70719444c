"""Records changed under the lock, judged as they would become, and only then written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ..descriptor import open_package
from ..problem import Report
from ..records import Records
from ..validate import validate
from . import WAIT, Tell, Writer, silent, writing
from .journal import changed_meanwhile, digest


class Rejected(Exception):  # noqa: N818 (an outcome that is expected, not a fault)
    """The records as changed are not sound, so nothing was written.

    Attributes:
        report: of the package as it would have become; what was wrong before is marked known.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(f"{len(report.problems) - report.known} problems")
        self.report = report


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did.

    Attributes:
        files: the files that changed, or with `dry_run` would change, in their order.
        report: of the package as it became; what was wrong before is marked known. None where
            nothing changed.
    """

    files: tuple[str, ...]
    report: Report | None


class Editing:
    """A package's records while nobody else writes; `editing` opens it.

    Attributes:
        records: to be changed at will, or replaced by changed ones; only `save` writes.
    """

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        package = open_package(writer.root)
        self._digests = self._now(table.path for table in package.tables.values())
        self.records = Records.read(package)
        self._known = self.records.files()

    def save(self, *, dry_run: bool = False) -> Saved:
        """Write the tables whose records changed: all of them, or none.

        What was wrong before does not stand in the way; what the change introduces does.

        Args:
            dry_run: only judge.

        Raises:
            Rejected: the change introduces an error.
            ToolError: see `store.Writer.replace`; or another program changed a table meanwhile.
            ValueError: a cell holds a line break.
        """
        files = self.records.files()
        changed = {path: files[path] for path in files if files[path] != self._known[path]}
        if not changed:
            return Saved((), None)
        strange = [path for path, now in self._now(changed).items() if now != self._digests[path]]
        if strange:
            raise changed_meanwhile(strange)
        judged: list[Report] = []
        self._writer.replace(
            changed, check=lambda folder: judged.append(self._judge(folder)), dry_run=dry_run
        )
        if not dry_run:
            self._known = files
            self._digests.update(self._now(changed))
        return Saved(tuple(changed), judged[0])

    def _now(self, paths: Iterable[str]) -> dict[str, str | None]:
        return {path: digest(self._writer.root, path) for path in paths}

    def _judge(self, folder: Path) -> Report:
        report = replace(validate(folder), root=str(self._writer.root))
        if report.problems or report.skipped:
            report = report.compared_with(validate(self._writer.root), "the last save")
        if not report.sound():
            raise Rejected(report)
        return report


@contextmanager
def editing(root: Path, *, timeout: float = WAIT, tell: Tell = silent) -> Iterator[Editing]:
    """Open a package's records for a change; others wait until the block is left.

    So first gather all there is to ask a person, then open, change and save.

    Args:
        root: the folder that holds `datapackage.json`.
        timeout: seconds to wait for another writer.
        tell: told what keeps the user waiting, and what was made of an interrupted write.

    Raises:
        DescriptorError: a descriptor is broken or unsafe.
        ToolError: see `store.writing`; or a table is not well formed.
    """
    with writing(root, timeout=timeout, tell=tell) as writer:
        yield Editing(writer)
