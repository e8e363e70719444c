"""The data package: what it declares, and the files in it. `descriptor` opens one.

Sole owner of paths. Nothing is read before its path is known to be a plain file inside the
package's folder: no remote address, no absolute path, no `..`, no symbolic link, no archive.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from .problem import DescriptorError, Problem, RuleInfo, Severity, ToolError

DESCRIPTOR = "datapackage.json"

UNLISTED = RuleInfo(
    "unlisted-file",
    Severity.ERROR,
    "Every file in data/ and schemas/ is listed in datapackage.json",
    "A file that no descriptor names is never validated, yet it would travel with the package.",
)
RULES = (UNLISTED,)


@dataclass(frozen=True, slots=True)
class Category:
    """One value of a vocabulary, with its label and meaning."""

    value: str
    label: str
    description: str


@dataclass(frozen=True)
class Field:
    """One column as its schema declares it."""

    name: str
    type: str
    format: str
    title: str
    description: str
    example: str
    constraints: dict[str, Any]
    categories: tuple[Category, ...]
    unit: str = ""
    """What a number counts or measures."""

    @property
    def required(self) -> bool:
        """Whether an empty cell is an error."""
        return bool(self.constraints.get("required"))

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The values allowed by the field's categories; empty where any value is allowed."""
        return tuple(category.value for category in self.categories)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Column `field` of a table holds keys of column `key` in `table`."""

    field: str
    table: str
    key: str


@dataclass(frozen=True)
class Table:
    """One table: where its rows lie and what its schema says of them."""

    name: str
    title: str
    path: str
    """Relative to the package's folder, with forward slashes."""
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    missing_values: tuple[str, ...]
    parts: tuple[str, ...] = ()
    """The files that hold the rows one after the other, `path` the first; empty where one does."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names in the schema's order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """The field of that name; raises KeyError where there is none."""
        return self._fields[name]

    @cached_property
    def _fields(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    def reference(self, column: str) -> ForeignKey:
        """The foreign key of a column; raises KeyError where it has none."""
        return self._references[column]

    @cached_property
    def _references(self) -> dict[str, ForeignKey]:
        return {key.field: key for key in self.foreign_keys}


@dataclass(frozen=True)
class Package:
    """An opened data package."""

    root: Path
    name: str
    version: str
    tables: dict[str, Table]
    listed: frozenset[str]
    """Every path a descriptor names, relative to the root."""

    def file(self, table: Table) -> Path:
        """The file that holds a table's rows."""
        return self.root / table.path

    def unlisted(self, below: Callable[[str], Iterable[str]] | None = None) -> Iterator[Problem]:
        """A problem for each file beside the listed ones, in the folders that hold them.

        Args:
            below: gives the files in a folder, for a package that is elsewhere.
        """
        files = below or (lambda folder: files_below(self.root, self.root / folder))
        for folder in sorted({str(PurePosixPath(path).parent) for path in self.listed}):
            if folder == ".":
                continue
            for path in sorted(files(folder)):
                if path not in self.listed:
                    yield Problem(
                        UNLISTED.id,
                        UNLISTED.severity,
                        f"no descriptor lists the file {path}",
                        file=path,
                        suggestion=f"list it as a resource in {DESCRIPTOR}, or remove it",
                    )


def find_root(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds a `datapackage.json`.

    Raises:
        ToolError: there is none.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if os.path.lexists(folder / DESCRIPTOR):
            return folder
    raise ToolError(
        f"no {DESCRIPTOR} in {start} or any folder above it",
        "go to the folder of the data package, or name it: incidents --package DIR ...",
    )


def read_file(root: Path, path: str, limit: int) -> bytes:
    """The bytes of a plain file inside the package.

    Raises:
        FileNotFoundError: there is no such file.
        IsADirectoryError: there is something else than a plain file in its place.
        OverflowError: it holds more than `limit` bytes.
        ToolError: it cannot be read (no permission, a failing disk).
    """
    with opened(root, path) as (stream, status):
        if status.st_size > limit:
            raise OverflowError(status.st_size)
        return stream.read()


def size_of(root: Path, path: str) -> int:
    """The bytes that a file inside the package seems to hold; 0 where nothing can be told of it."""
    try:
        return (root / path).lstat().st_size
    except OSError:
        return 0


@contextmanager
def opened(root: Path, path: str) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """A plain file inside the package, open for reading, and its status.

    Raises:
        FileNotFoundError: there is no such file.
        IsADirectoryError: there is something else than a plain file in its place.
        ToolError: it cannot be read (no permission, a failing disk).
    """
    file = root / path
    try:
        # Opened without following a link, and without blocking on a pipe in the file's place.
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as stream:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise IsADirectoryError(file)
            yield stream, status
    except (FileNotFoundError, IsADirectoryError):
        raise
    except OSError as error:
        raise ToolError(
            f"cannot read {path}: {error.strerror or error}",
            "check that the file and its folder may be read (ls -l), then try again",
        ) from error


def check_path(root: Path, path: str) -> None:
    """Refuse a path that could lead out of the package or to something else than a plain file.

    Raises:
        DescriptorError: the path is unsafe.
    """

    def refuse(reason: str) -> DescriptorError:
        return DescriptorError(
            f"{path!r}: {reason}",
            "name a plain file inside the package's folder, such as data/incidents.csv",
        )

    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path):
        raise refuse("is an address or a drive; nothing remote is ever opened")
    parts = path.split("/")
    if path.startswith(("/", "~")) or "\\" in path or "$" in path or "\0" in path:
        raise refuse("is not a plain relative path")
    if any(part in ("", ".", "..") for part in parts):
        raise refuse("has an empty, '.' or '..' part")
    step = root
    for part in parts:
        step = step / part
        if os.path.islink(step):
            raise refuse(f"{step.relative_to(root).as_posix()} is a symbolic link")


def files_below(root: Path, folder: Path) -> Iterator[str]:
    """The files in a folder and its folders, links too, by their path in the package."""
    for path in folder.rglob("*") if os.path.isdir(folder) else ():
        if os.path.islink(path) or not os.path.isdir(path):
            # A name may hold bytes that are no text.
            name = os.fsencode(path.relative_to(root)).decode("utf-8", "backslashreplace")
            yield name.replace(os.sep, "/")


def whole_cell(pattern: str) -> str:
    """A pattern that matches the whole cell: Table Schema patterns are XML Schema's, anchored."""
    return rf"\A(?:{pattern})\z"
