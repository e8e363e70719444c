"""What a policy finds in a difference, and where that stands in the later state's files."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from ..csvtext import Lines
from ..package import DESCRIPTOR, Table, read_file
from ..problem import Problem, RuleInfo, Severity
from ..records import Key, shown_key
from ..tables import MAX_FILE_BYTES
from . import Difference


def policy(id: str, severity: Severity, title: str, explanation: str) -> RuleInfo:
    """What is known of a policy; its id begins with `change-`."""
    return RuleInfo(f"change-{id}", severity, title, explanation)


@dataclass(frozen=True, slots=True)
class Finding:
    """A policy that a change breaks, and where; `file` only where no table is meant."""

    rule: RuleInfo
    message: str
    suggestion: str | None
    table: str | None = None
    key: Key | None = None
    field: str | None = None
    value: str | None = None
    file: str = DESCRIPTOR


class Places:
    """Finds the physical line and column of a record's cell in the later state's files."""

    def __init__(self, difference: Difference) -> None:
        self._package = difference.after.package
        self._tables = difference.before.package.tables | self._package.tables
        self._files: dict[str, tuple[Lines, list[str], dict[Key, int]]] = {}

    def problem(self, finding: Finding) -> Problem:
        """The finding with its place."""
        table = self._tables[finding.table] if finding.table else None
        line, column = None, None
        if table and finding.table in self._package.tables and finding.key is not None:
            line, column = self._place(table, finding.key, finding.field)
        return Problem(
            rule=finding.rule.id,
            severity=finding.rule.severity,
            message=finding.message,
            file=table.path if table else finding.file,
            line=line,
            column=column,
            table=finding.table,
            record=shown_key(finding.key) if finding.key is not None else None,
            field=finding.field,
            value=finding.value,
            suggestion=finding.suggestion,
        )

    def _place(self, table: Table, key: Key, field: str | None) -> tuple[int | None, int | None]:
        if table.name not in self._files:
            self._files[table.name] = self._read(table)
        lines, header, rows = self._files[table.name]
        if key not in rows:
            return None, None
        return lines.cell(rows[key], header.index(field) if field else 0)

    def _read(self, table: Table) -> tuple[Lines, list[str], dict[Key, int]]:
        data = read_file(self._package.root, table.path, MAX_FILE_BYTES)
        # The bytes are well formed, or the records would not have been read.
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader)
        places = [header.index(column) for column in table.primary_key]
        keys = {tuple(cells[i] for i in places): row for row, cells in enumerate(reader)}
        return Lines(data), header, keys
