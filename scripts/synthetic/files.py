"""Writing invented packages: every table in canonical form, without holding all rows."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import TextIO

from sahel_incidents.package import DESCRIPTOR, Package, Table

from .errors import Planted
from .places import Row
from .records import Case

PROJECT = Path(__file__).parents[2]
KEYED = frozenset({"incidents", "casualties", "participants", "incident_links"})
"""The tables whose rows come in the order of the incidents they belong to."""
PLANTED = "planted.csv"
"""The file, beside the descriptor, that lists the planted errors."""


def copy_descriptor(out: Path) -> None:
    """The project's own descriptor and schemas, under a name that cannot be taken for its own."""
    (out / "data").mkdir(parents=True)
    shutil.copytree(PROJECT / "schemas", out / "schemas")
    descriptor = json.loads((PROJECT / DESCRIPTOR).read_text(encoding="utf-8"))
    descriptor |= {
        "name": "synthetic-incidents",
        "title": "Synthetic incidents",
        "description": "Invented records, to test the tools with. Nothing in them happened.",
    }
    text = json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n"
    (out / DESCRIPTOR).write_text(text, encoding="utf-8", newline="\n")


class Writer:
    """The files of a package.

    Incidents, and what is keyed by them, come in the order of their keys and are written at once.
    The lines of the other tables are kept until the end, and sorted.

    Args:
        package: the package, opened; its tables need not exist yet.
        stack: closes the files.
    """

    def __init__(self, package: Package, stack: ExitStack) -> None:
        self._root = package.root
        self._ordered = {
            name: _Ordered(table, stack.enter_context(_open(package.file(table))))
            for name, table in package.tables.items()
        }
        self._kept: dict[str, _Kept] = {}
        self._planted: list[tuple[str, str, str, str, int]] = []
        self._planted_later: dict[str, Planted] = {}

    def write(self, case: Case, planted: Planted | None) -> None:
        """Write an incident's rows, one of which may hold a planted error."""
        self._write("incidents", [case.incident], planted)
        self._write("casualties", case.casualties, planted)
        key = self._ordered["participants"].table.primary_key
        parts = sorted(case.participants, key=lambda row: [row[column] for column in key])
        self._write("participants", parts, planted)
        self._write("incident_links", [case.link] if case.link else [], planted)
        self.keep("sources", [case.source])
        if planted and planted.row is case.source:
            self._planted_later[case.source["source_id"]] = planted
        if case.statement:
            self.keep("statements", [case.statement])
            keys = {**case.statement, **case.incident}
            self.keep("statement_incidents", [keys | {"link": "explicit"}])

    def _write(self, table: str, rows: Iterable[Row], planted: Planted | None) -> None:
        ordered = self._ordered[table]
        for row in rows:
            ordered.add(row)
            if planted and planted.row is row:
                self._note(planted, ordered.table, ordered.line)

    def keep(self, table: str, rows: Iterable[Row]) -> None:
        """Take rows of a table whose order is not known before the end."""
        if table not in self._kept:
            self._kept[table] = _Kept(self._ordered[table].table)
        for row in rows:
            self._kept[table].add(row)

    def copy(self, table: str, part: Path) -> None:
        """Take the rows of a file of a table, which come after those written so far."""
        out = self._ordered[table].out
        out.flush()
        with open(part, "rb") as rows:
            rows.readline()
            shutil.copyfileobj(rows, out.buffer, 1 << 20)

    def append(self, table: str, lines: Iterable[bytes]) -> None:
        """Take lines of a table in the order of their keys."""
        out = self._ordered[table].out
        out.flush()
        out.buffer.writelines(lines)

    def finish(self) -> None:
        """Write the rows that were kept, and the list of planted errors if there are any."""
        for name, kept in self._kept.items():
            lines = kept.sorted()
            self._ordered[name].out.writelines(lines)
            if name == "sources" and self._planted_later:
                for line, text in enumerate(lines, start=2):
                    if planted := self._planted_later.get(text[: text.index(",")]):
                        self._note(planted, kept.table, line)
        if self._planted:
            rows = sorted(self._planted, key=lambda error: (error[1], error[4]))
            with _open(self._root / PLANTED) as out:
                writer = csv.writer(out, lineterminator="\n")
                writer.writerow(("rule", "table", "record", "field", "line"))
                writer.writerows(rows)

    def _note(self, planted: Planted, table: Table, line: int) -> None:
        record = "|".join(planted.row[name] for name in table.primary_key)
        self._planted.append((planted.rule, table.name, record, planted.field, line))


def _open(path: Path) -> TextIO:
    return open(path, "w", encoding="utf-8", newline="", buffering=1 << 20)


class _Ordered:
    """A table whose rows come in the order of their keys, written one by one."""

    def __init__(self, table: Table, out: TextIO) -> None:
        self.table = table
        self.out = out
        self.line = 1  # of the row last written; the header's to begin with
        self._columns = table.columns
        # The csv module quotes as the canonical form does, while no cell holds a line break.
        self._write = csv.writer(out, lineterminator="\n").writerow
        self._write(self._columns)

    def add(self, row: Row) -> None:
        self.line += 1
        self._write(map(row.get, self._columns, repeat("")))


class _Kept:
    """The lines of a table, kept until they can be put in order.

    They sort as their keys do: a line begins with its key, and the comma after it sorts before
    every character that an id holds.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._columns = table.columns
        self._lines: list[str] = []
        self._write = csv.writer(self, lineterminator="\n").writerow

    def write(self, line: str) -> None:
        """Keep a line; the csv module calls this."""
        self._lines.append(line)

    def add(self, row: Row) -> None:
        self._write(map(row.get, self._columns, repeat("")))

    def sorted(self) -> list[str]:
        return sorted(self._lines)
