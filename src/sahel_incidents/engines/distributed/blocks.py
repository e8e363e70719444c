"""Tables in blocks: a file cut into ranges of bytes, each of which holds whole lines.

A block holds the lines that begin in its range, so every line is in exactly one block and nobody
need look at a file as a whole to cut it. What is not the same as it was when the file was cut is
not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ... import cells, package
from ...columns import whole
from ...csvtext import NEWLINE, canonical
from ...package import Table
from ...problem import ToolError
from ...tables import (
    MAX_FILE_BYTES,
    MAX_LINE_BYTES,
    Reading,
    judge_block,
    judge_file,
    report_partly_read,
)

BLOCKSIZE = 32 << 20
"""Bytes of CSV to a block: judging one takes some ten times as much memory, for a second or so."""

_MORE = 1 << 16  # bytes read at once to find the end of a block's last line


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file is still the one that was cut into blocks."""

    size: int
    changed: int
    """When it was last written, in nanoseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of a table that begin in a range of its file's bytes; of Parquet the whole file.

    Attributes:
        table: the table's name.
        path: the file, relative to the package.
        start: where the range begins; the first one begins below the header.
        end: where it ends.
        stamp: the file as it was.
    """

    table: str
    path: str
    start: int
    end: int
    stamp: Stamp


class Folder(Protocol):
    """Where the files of a package are, as workers see it."""

    def stamp(self, path: str) -> Stamp:
        """A file's stamp; fails as `package.read_file` does."""

    def read(self, path: str, start: int, length: int, stamp: Stamp) -> bytes:
        """Some bytes of a file.

        Raises:
            ToolError: they cannot be read, or the file is another than it was.
        """

    def read_all(self, path: str) -> bytes:
        """A whole file, not larger than `MAX_FILE_BYTES`; fails as `package.read_file` does."""

    def below(self, folder: str) -> Iterable[str]:
        """The files in a folder of the package, as far as they can be known."""


@dataclass(frozen=True)
class LocalFolder:
    """A folder of this machine, or one that all machines share under the same name."""

    root: Path

    def stamp(self, path: str) -> Stamp:
        """See `Folder`."""
        with package.opened(self.root, path) as (_, status):
            return Stamp(status.st_size, status.st_mtime_ns)

    def read(self, path: str, start: int, length: int, stamp: Stamp) -> bytes:
        """See `Folder`."""
        try:
            with package.opened(self.root, path) as (stream, status):
                if Stamp(status.st_size, status.st_mtime_ns) != stamp:
                    raise changed(path)
                stream.seek(start)
                return stream.read(length)
        except (FileNotFoundError, IsADirectoryError):
            raise ToolError(
                f"a worker finds no file {self.root / path}",
                "keep the package in a folder that all workers see under the same name",
            ) from None

    def read_all(self, path: str) -> bytes:
        """See `Folder`."""
        return package.read_file(self.root, path, MAX_FILE_BYTES)

    def below(self, folder: str) -> Iterable[str]:
        """See `Folder`."""
        return package.files_below(self.root, self.root / folder)


def changed(path: str) -> ToolError:
    """A file is another than it was when it was cut."""
    return ToolError(f"{path} was changed while it was read", "try again when nobody writes")


def header(table: Table) -> bytes:
    """A table's first line in canonical form."""
    return canonical(table.columns, (), ())


def cut(folder: Folder, table: Table, blocksize: int) -> list[Block] | Reading:
    """Cut a table's file into blocks.

    Returns:
        The blocks; none where the first line is not the canonical header, so that the file must be
        read as a whole. Or what is to be said of a file that cannot be read at all.

    Raises:
        ToolError: the file exists but cannot be read.
    """

    def refused(read: Callable[[], bytes]) -> Reading:
        return judge_file(table, read)

    try:
        stamp = folder.stamp(table.path)
    except (FileNotFoundError, IsADirectoryError):
        return refused(lambda: folder.read_all(table.path))
    if not stamp.size:
        return refused(lambda: b"")
    if is_parquet(table.path):
        return [Block(table.name, table.path, 0, stamp.size, stamp)]
    first = header(table)
    head = folder.read(table.path, 0, len(first), stamp)
    if head != first:
        return [] if stamp.size <= MAX_FILE_BYTES else _large_without_header(folder, table, stamp)
    number = max(-(-(stamp.size - len(first)) // blocksize), 1)
    step = -(-(stamp.size - len(first)) // number)
    starts = range(len(first), stamp.size, step) if step else [len(first)]
    return [
        Block(table.name, table.path, start, min(start + step, stamp.size), stamp)
        for start in starts
    ]


def _large_without_header(folder: Folder, table: Table, stamp: Stamp) -> Reading:
    """What is wrong with the first line of a file that is too large to be read as a whole."""
    data = folder.read(table.path, 0, MAX_LINE_BYTES + 1, stamp)
    reading = judge_block(table, data[: data.find(b"\n") + 1] or data)
    reading.text = None
    report_partly_read(reading, stamp.size, 1, too_long=b"\n" not in data)
    return reading


def is_parquet(path: str) -> bool:
    """Whether a file holds rows as Parquet."""
    return path.endswith(".parquet")


class LongLineError(Exception):
    """A line is longer than any that is read."""


class FormatError(Exception):
    """A file is not of the format that its name says; the text is the reason."""


def lines(folder: Folder, table: Table, block: Block) -> bytes:
    """The lines of a block in CSV.

    Raises:
        LongLineError: one is longer than any that is read.
        FormatError: the file is no Parquet of this table.
        ToolError: they cannot be read, or the file is another than it was.
    """
    if is_parquet(block.path):
        return _lines_of_parquet(folder.read(block.path, 0, block.end, block.stamp), table)
    # The byte before tells whether a line begins with the range.
    data = folder.read(block.path, block.start - 1, block.end - block.start + 1, block.stamp)
    begin = data.find(NEWLINE) + 1
    if not begin and len(data) > MAX_LINE_BYTES:
        raise LongLineError
    if not begin or begin >= len(data):
        return b""
    pieces, at = [data[begin:]], block.end
    while not pieces[-1].endswith(b"\n"):
        more = folder.read(block.path, at, _MORE, block.stamp)
        if not more:
            break
        pieces.append(more[: more.find(NEWLINE) + 1] or more)
        at += len(more)
        if at - block.end > MAX_LINE_BYTES:
            raise LongLineError
    return b"".join(pieces)


def _lines_of_parquet(data: bytes, table: Table) -> bytes:
    """The rows of a Parquet file as lines of canonical CSV.

    An empty text is an empty cell, as null is: CSV does not tell them apart.
    """
    try:
        read = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"it is no Parquet file ({error})") from error
    if tuple(read.column_names) != table.columns:
        raise FormatError(f"its columns are not those of {table.name}, in their order")
    cells_of = []
    for field in table.fields:
        wanted, values = cells.ARROW_TYPES[field.type], read[field.name]
        if values.type != wanted and not (pa.types.is_string(wanted) and _is_text(values.type)):
            raise FormatError(f"{field.name} is of type {values.type}, not {wanted}")
        text = values.cast(pa.string()).cast(pa.large_string())
        cells_of.append(_quoted(pc.fill_null(text, "")))
    if not read.num_rows:
        return b""
    written = whole(pc.binary_join_element_wise(*cells_of, _large(",")))
    ended = pc.binary_join_element_wise(written, _large("\n"), _large(""))
    # The texts of an array stand one after the other.
    return bytes(ended.buffers()[2])[: int(pc.sum(pc.binary_length(ended)).as_py())]


def _quoted(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells with quotes where they need some."""
    needed = pc.match_substring_regex(text, '[,"\n\r]')
    if not pc.any(needed).as_py():
        return text
    quote = _large('"')
    doubled = pc.replace_substring(text, '"', '""')
    return pc.if_else(needed, pc.binary_join_element_wise(quote, doubled, quote, _large("")), text)


def _large(text: str) -> pa.Scalar:
    """A text of the type in which more than 2 GiB may stand one after the other."""
    return pa.scalar(text, pa.large_string())


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
