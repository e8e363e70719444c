"""Records as plain text by key: what is shown, edited, compared, merged and written back.

Here a table is a dictionary from primary key to row, and a row a dictionary from column to cell,
both as text. Nothing is judged; that is the work of `validate`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .csvtext import canonical
from .package import Package, Table, read_file
from .problem import ToolError
from .tables import MAX_FILE_BYTES

Key = tuple[str, ...]
Row = dict[str, str]


@dataclass
class Records:
    """All records of a package.

    Attributes:
        package: the package they belong to.
        rows: for each table its rows by primary key, in the order of the file.
    """

    package: Package
    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)

    @classmethod
    def read(cls, package: Package) -> Records:
        """The records in a package's files.

        Raises:
            ToolError: a table is missing or is not well formed; `incidents validate` says where.
        """
        return cls.of(package, {table.path: _content(package, table) for table in _tables(package)})

    @classmethod
    def of(cls, package: Package, files: Mapping[str, bytes]) -> Records:
        """The records in some files' bytes, by path; a table whose file is absent is empty.

        Raises:
            ToolError: a table is not well formed.
        """
        records = cls(package)
        for table in _tables(package):
            rows = _rows(table, files[table.path]) if table.path in files else ()
            records.rows[table.name] = {key_of(table, row): row for row in rows}
        return records

    def copy(self) -> Records:
        """An independent copy."""
        rows = {name: {k: dict(r) for k, r in table.items()} for name, table in self.rows.items()}
        return Records(self.package, rows)

    def put(self, table: str, row: Mapping[str, str]) -> Key:
        """Add a row, or replace the one with its key; columns that are not given are empty."""
        declared = self.package.tables[table]
        whole = {column: row.get(column, "") for column in declared.columns}
        key = key_of(declared, whole)
        self.rows[table][key] = whole
        return key

    def files(self) -> dict[str, bytes]:
        """Each table's file in canonical form, by path.

        Raises:
            ValueError: a cell holds a line break.
        """
        return {
            table.path: canonical(
                table.columns,
                table.primary_key,
                (list(row.values()) for row in self.rows[table.name].values()),
            )
            for table in _tables(self.package)
        }


def key_of(table: Table, row: Mapping[str, str]) -> Key:
    """A row's primary key."""
    return tuple(row[column] for column in table.primary_key)


def shown_key(key: Key) -> str:
    """A primary key as people and `revisions` write it, its parts joined by "|"."""
    return "|".join(key)


def _tables(package: Package) -> Iterator[Table]:
    return iter(package.tables.values())


def _content(package: Package, table: Table) -> bytes:
    try:
        return read_file(package.root, table.path, MAX_FILE_BYTES)
    except (FileNotFoundError, IsADirectoryError, OverflowError) as error:
        raise _broken(table, str(error)) from error


def _rows(table: Table, content: bytes) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = next(lines, [])
        if sorted(header) != sorted(table.columns):
            raise ValueError("its header does not name the schema's columns")
        for cells in lines:
            row = dict(zip(header, cells, strict=True))
            yield {column: row[column] for column in table.columns}
    except (ValueError, csv.Error) as error:
        raise _broken(table, str(error)) from error


def _broken(table: Table, reason: str) -> ToolError:
    return ToolError(f"{table.path} cannot be read: {reason}", "run: incidents validate")
