"""A table's bytes: reading them strictly, and judging them.

Faults here come in two kinds. A *blocking* fault (encoding, quoting, header, ragged rows) means
the cells are not known, and nothing later looks at the table. Any other departure from the
canonical form (see `csvtext`) leaves the cells readable; `incidents fmt` mends it.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from .csvtext import COMMA, NEWLINE, QUOTE, Lines, cell_starts, place_of, positions, split_cells
from .package import Field, Package, Table, read_file
from .problem import Problem, RuleInfo, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_FILE_BYTES = 1 << 30
"""The largest table read, 1 GiB: ten times what a git host accepts as one file."""

MAX_LINE_BYTES = 1 << 20
"""The longest line read, 1 MiB: thousands of times an honest row."""

MAX_EXTRA_COLUMNS = 50
"""Up to so many columns more than the schema's, each unknown one is named."""

_BLOCK_BYTES = 4 << 20  # measured: 1-8 MiB read equally fast; fewer chunks make kernels cheaper
_SAMPLED_BYTES = 4 << 20
_SAMPLES, _SAMPLE_BYTES = 4, 1 << 16
_FEW = 20
# From so many bytes, so many pieces of so many bytes tell which columns repeat few values: those
# with a distinct value to at least so many rows.
_ENCODED = pa.dictionary(pa.int32(), pa.string())
_FORMAT = "run: incidents fmt"
_MARKS = ("<<<<<<<", "=======", ">>>>>>>")
"""What git puts at the beginning of a line before, between and after the versions of a clash."""


def _rule(id: str, title: str, explanation: str) -> RuleInfo:
    return RuleInfo(id, Severity.ERROR, title, explanation)


FILE = _rule(
    "file-readable",
    "Every listed table is a plain, non-empty file of sensible size",
    "A missing or empty table would otherwise pass as a table without faults.",
)
ENCODING = _rule(
    "file-encoding",
    "A table is UTF-8, without a byte-order mark or NUL bytes",
    "Other encodings turn names into mojibake; a mark becomes part of the first column's name; "
    "programs disagree on where a cell with a NUL ends.",
)
LINES = _rule(
    "line-endings",
    "Lines end with LF alone, the last one too",
    "Mixed endings change the bytes without changing the data, and a lone CR splits a row in some "
    "programs only.",
)
QUOTING = _rule(
    "csv-quoting",
    "Quotes open and close a whole cell",
    "A stray or unclosed quote swallows the rows after it in some programs and not in others.",
)
HEADER = _rule(
    "csv-header",
    "The first line names the schema's columns, in its order",
    "Columns are read by these names; a misspelt or missing one would shift or lose data.",
)
CONFLICT = _rule(
    "file-conflict",
    "No clash of a merge is left in a table",
    "Between the marks of a merge stand two versions of one record. Which of them holds is for a "
    "person to say; until then the table has no certain rows.",
)
RAGGED = _rule(
    "csv-ragged-row",
    "Every line has as many cells as the header",
    "A missing or extra comma shifts every following cell of the row into the wrong column.",
)
CANONICAL = _rule(
    "canonical-form",
    "Rows stand in key order and only cells that need quotes have them",
    "One state has one byte sequence, so that a difference between two versions is a difference "
    "in the data.",
)
CELL_NEWLINE = _rule(
    "cell-newline",
    "No cell holds a line break",
    "A record is a line: what is reported on a line can be seen on that line, in any tool.",
)
RULES = (FILE, ENCODING, LINES, QUOTING, HEADER, CONFLICT, RAGGED, CANONICAL, CELL_NEWLINE)


@dataclass
class Reading:
    """What came of reading a table: its cells as text, unless they could not be known.

    Attributes:
        table: the table read.
        text: one column of text per field, in the schema's order, empty cells as empty text;
            None after a blocking fault.
        problems: the faults of its bytes.
        ordered: whether the primary keys strictly ascend (so that none occurs twice).
    """

    table: Table
    text: pa.Table | None = None
    problems: list[Problem] = attribute(default_factory=list)
    ordered: bool = False

    @property
    def rows(self) -> int:
        """The number of rows read."""
        return 0 if self.text is None else self.text.num_rows


@dataclass(frozen=True, slots=True)
class Order:
    """How rows follow each other by their primary key.

    Attributes:
        strict: whether the keys strictly ascend.
        descents: how many rows have a smaller key than the row before.
        first: the first of them, from 0; None where there is none.
    """

    strict: bool
    descents: int = 0
    first: int | None = None


def read_table(package: Package, table: Table) -> Reading:
    """Read a table's file and judge its bytes.

    Raises:
        ToolError: the file exists but cannot be read.
    """
    return judge_file(table, lambda: read_file(package.root, table.path, MAX_FILE_BYTES))


def judge_file(table: Table, read: Callable[[], bytes]) -> Reading:
    """Judge a table's bytes, wherever they come from.

    Args:
        table: the table.
        read: gives the bytes, or fails as `package.read_file` does.

    Raises:
        ToolError: the file exists but cannot be read.
    """
    reading = Reading(table)
    try:
        data = read()
    except FileNotFoundError:
        _report(reading, FILE, None, "there is no such file", "restore it, header and all")
        return reading
    except IsADirectoryError:
        _report(reading, FILE, None, "is not a plain file", "put the table's CSV file there")
        return reading
    except OverflowError as error:
        _report(
            reading,
            FILE,
            None,
            f"holds {error.args[0]:,} bytes; at most {MAX_FILE_BYTES:,} are read",
            "check what was written to it; a table that is meant to be so large is judged in "
            "blocks: incidents validate --engine dask",
        )
        return reading
    if not data:
        header = ",".join(table.columns)
        _report(reading, FILE, None, "is empty", f"write at least the header: {header}")
        return reading
    judged = _Bytes(reading, data)
    judged.encode_few()
    judged.judge()
    return reading


def judge_block(table: Table, data: bytes) -> Reading:
    """Judge the header and some of the lines below it as if they were the table, but for the order.

    Where no block of a file has a fault, the blocks' rows one after the other are the table's: no
    quote of one reaches into the next, and every record is a line.
    """
    reading = Reading(table)
    _Bytes(reading, data).judge_cells()
    return reading


def report_unreadable(reading: Reading, reason: str) -> None:
    """Report a file that is not of the format that its name says."""
    remedy = "write it anew from a table that is sound"
    _report(reading, FILE, None, f"cannot be read: {reason}", remedy)


def report_disorder(reading: Reading, descents: int, line: int) -> None:
    """Report that rows do not stand in the order of their keys.

    Args:
        reading: the table.
        descents: how many rows have a smaller key than the row before.
        line: where the first of them stands.
    """
    rows = "1 row stands" if descents == 1 else f"{descents:,} rows stand"
    key = ", ".join(reading.table.primary_key)
    message = f"{rows} before a row of smaller {key}; the first out of order is here"
    _report(reading, CANONICAL, (line, None), message, _FORMAT)


def report_partly_read(reading: Reading, size: int, line: int, *, too_long: bool) -> None:
    """Report that a file is too large to be looked at as a whole, as one with faults must be.

    Args:
        reading: the table, with the first faults found.
        size: the file's bytes.
        line: where the lines begin among which they are.
        too_long: whether one of these is longer than any that is read.
    """
    if too_long:
        message = f"a line from here on holds more than {MAX_LINE_BYTES:,} bytes"
        _report(reading, QUOTING, (line, None), message, "shorten the cells")
    _report(
        reading,
        FILE,
        None,
        f"holds {size:,} bytes, too many for a file that is not in canonical form: only the first "
        "faults are listed",
        f"mend them and validate again; up to {MAX_FILE_BYTES:,} bytes all would be listed",
    )


def _report(
    reading: Reading,
    rule: RuleInfo,
    place: tuple[int, int | None] | None,
    message: str,
    suggestion: str,
    value: str | None = None,
) -> None:
    line, column = place or (None, None)
    reading.problems.append(
        Problem(
            rule.id,
            rule.severity,
            message,
            file=reading.table.path,
            line=line,
            column=column,
            table=reading.table.name,
            value=value,
            suggestion=suggestion,
        )
    )


class _Bytes:
    """The judgement of one file's bytes, in the order in which faults hide one another."""

    def __init__(self, reading: Reading, data: bytes) -> None:
        self.reading = reading
        self.data = data
        self._breaks_lines = False
        self._encodes_few = False
        self._types = {field.name: _text_type(field) for field in reading.table.fields}

    def encode_few(self) -> None:
        """Hold every column once per distinct value that shows few in samples of a large file.

        By its schema alone it is not known of a column of words or references.
        """
        self._encodes_few = True

    def judge(self) -> None:
        self.judge_cells()
        if self.reading.text is not None:
            self._order(self.reading.text)

    def judge_cells(self) -> None:
        if not (self._encoding() and self._endings() and self._line_lengths() and self._quoting()):
            return
        if not self._header():
            return
        self.reading.text = self._parse()

    def _fault(
        self, rule: RuleInfo, position: int, message: str, suggestion: str, value: str | None = None
    ) -> None:
        _report(self.reading, rule, place_of(self.data, position), message, suggestion, value)

    def _encoding(self) -> bool:
        if self.data.startswith(b"\xef\xbb\xbf"):
            self._fault(ENCODING, 0, "begins with a byte-order mark", _FORMAT)
            self.data = self.data[3:]
        nul = self.data.find(b"\0")
        if nul >= 0:
            remedy = "save the file again as UTF-8 text (not UTF-16), and remove the NUL"
            self._fault(ENCODING, nul, f"{self.data.count(0):,} NUL bytes, the first here", remedy)
            return False
        if self.data.isascii():
            return True
        if _is_utf8(self.data):
            return True
        # In pieces, so that no second copy of a large file is held.
        start = 0
        while start < len(self.data):
            end = self.data.find(b"\n", start + MAX_LINE_BYTES) + 1 or len(self.data)
            try:
                self.data[start:end].decode("utf-8")
            except UnicodeDecodeError as error:
                position = start + error.start
                byte = self.data[position : position + 1]
                guess = byte.decode("windows-1252", errors="replace")
                self._fault(
                    ENCODING,
                    position,
                    f"byte 0x{byte.hex().upper()} is not UTF-8",
                    f"save the file as UTF-8 (in Windows-1252 this byte would be {guess!r})",
                )
                return False
            start = end
        return True

    def _endings(self) -> bool:
        if b"\r" in self.data:
            returns = self.data.count(b"\r")
            pairs = self.data.count(b"\r\n")
            if pairs < returns:
                lone = re.search(rb"\r(?!\n)", self.data)
                assert lone is not None
                self._fault(
                    LINES,
                    lone.start(),
                    f"{returns - pairs:,} carriage returns without a line feed, the first here",
                    "save the file with Unix line ends (LF), and remove line breaks from cells",
                )
                return False
            first = self.data.find(b"\r\n")
            self._fault(LINES, first, f"{pairs:,} lines end with CR LF", _FORMAT)
            self.data = self.data.replace(b"\r\n", b"\n")
        if not self.data.endswith(b"\n"):
            self._fault(LINES, len(self.data), "the last line is not ended", _FORMAT)
            self.data += b"\n"
        return True

    def _line_lengths(self) -> bool:
        # Hop from newline to newline over at most a line's limit at a time.
        start = 0
        while len(self.data) - start > MAX_LINE_BYTES:
            newline = self.data.rfind(b"\n", start, start + MAX_LINE_BYTES)
            if newline < 0:
                length = (self.data.find(b"\n", start) + 1 or len(self.data)) - start
                self._fault(
                    QUOTING,
                    start,
                    f"the line holds {length:,} bytes; at most {MAX_LINE_BYTES:,} are read",
                    "look for a quote that is opened and never closed, or shorten the cell",
                )
                return False
            start = newline + 1
        return True

    def _quoting(self) -> bool:
        """Judge every quote by its neighbours; report an unneeded one and a broken line too.

        In strict CSV (RFC 4180) the quotes of a file alternate: one opens, one closes, and a
        doubled quote inside a cell is a closing one directly followed by an opening one. So each
        opening quote stands after a comma, a line break or a closing quote, and each closing one
        before the like. The first quote that does not is the first fault.
        """
        quotes = positions(self.data, QUOTE)
        if not len(quotes):
            return True
        whole = np.frombuffer(self.data, dtype=np.uint8)
        opening, closing = quotes[0::2], quotes[1::2]
        before = whole[opening - 1]  # of the first byte: the last one, which ends a line
        after = whole[closing + 1]  # there is one: the last line is ended
        doubled = opening[1:] == closing[: len(opening) - 1] + 1
        good_open = (before == COMMA) | (before == NEWLINE)
        good_open[1:] |= doubled
        good_close = (after == COMMA) | (after == NEWLINE) | (after == QUOTE)
        remedy = 'close the quote at the end of its cell, and write a quote inside a cell as ""'
        stray, unclosed = _first(~good_open), _first(~good_close)
        if unclosed is None and len(opening) > len(closing):
            unclosed = len(opening) - 1
        if stray is not None and (unclosed is None or stray <= unclosed):
            self._fault(QUOTING, int(opening[stray]), "a quote in the middle of a cell", remedy)
            return False
        if unclosed is not None:
            begins = np.concatenate(([True], ~doubled))[: unclosed + 1]
            start = int(opening[: unclosed + 1][begins][-1])
            self._fault(QUOTING, start, "the quote opened here does not close its cell", remedy)
            return False
        self._quoted_cells(opening, closing, doubled)
        return not self._breaks_lines or self._record_lengths()

    def _quoted_cells(
        self, opening: NDArray[np.int64], closing: NDArray[np.int64], doubled: NDArray[np.bool_]
    ) -> None:
        """Report the quoted cells that break a line or need no quotes."""
        first = np.flatnonzero(np.concatenate(([True], ~doubled)))
        last = np.concatenate((first[1:] - 1, [len(opening) - 1]))
        starts, ends = opening[first], closing[last]
        texts = _pieces(self.data, starts, ends)
        newline_in = np.full(len(texts), -1)
        if (np.frombuffer(texts.buffers()[2], dtype=np.uint8) == NEWLINE).any():
            newline_in = np.asarray(pc.find_substring(texts, pattern=b"\n"))
        comma = np.asarray(pc.match_substring(texts, pattern=b",").to_numpy(False))
        unneeded = starts[(first == last) & (newline_in < 0) & ~comma]
        if len(unneeded):
            count = f"{len(unneeded):,} cells have" if len(unneeded) > 1 else "a cell has"
            self._fault(
                CANONICAL, int(unneeded[0]), f"{count} quotes without need, the first here", _FORMAT
            )
        breaks: list[tuple[int, str]] = []
        for broken in np.flatnonzero(newline_in >= 0).tolist():
            start, end = int(starts[broken]), int(ends[broken])
            shown = self.data[start + 1 : min(end, start + 201)]
            breaks.append((start + int(newline_in[broken]), shown.decode("utf-8", errors="ignore")))
        if breaks:
            self._breaks_lines = True
            newlines = positions(self.data, NEWLINE)
            before = np.searchsorted(newlines, [newline for newline, _ in breaks])
            starts = np.concatenate(([0], newlines + 1))[before]
            for line, start, (newline, cell) in zip(
                (before + 1).tolist(), starts.tolist(), breaks, strict=True
            ):
                place = line, len(self.data[start:newline].decode("utf-8")) + 1
                message, remedy = "the cell holds a line break", "write the cell on one line"
                _report(self.reading, CELL_NEWLINE, place, message, remedy, cell)

    def _record_lengths(self) -> bool:
        """Judge how long the records are where a record may be more than a line."""
        starts = Lines(self.data).record_starts
        lengths = np.diff(starts)
        longest = int(np.argmax(lengths))
        if lengths[longest] <= MAX_LINE_BYTES:
            return True
        self._fault(
            QUOTING,
            int(starts[longest]),
            f"the record holds {lengths[longest]:,} bytes; at most {MAX_LINE_BYTES:,} are read",
            "look for a quote that is opened too early or closed too late, or shorten the cells",
        )
        return False

    def _header(self) -> bool:
        expected = list(self.reading.table.columns)
        line = self.data[: self.data.index(b"\n")].decode("utf-8")
        found = split_cells(line)
        if found == expected:
            return True
        if line.startswith(_MARKS):
            self._conflict(1)
            return False
        for separator in (";", "\t"):
            if line.split(separator) == expected:
                self._fault(
                    HEADER,
                    0,
                    f"cells are separated by {separator!r}",
                    "save the file with commas between cells",
                )
                return False
        if len(found) > len(expected) + MAX_EXTRA_COLUMNS:
            message = f"{len(found):,} columns where the schema has {len(expected)}"
            self._fault(HEADER, 0, message, f"write the header: {','.join(expected)}")
            return False
        spans = cell_starts(line)
        for name in expected:
            if name not in found:
                near = difflib.get_close_matches(name, set(found) - set(expected), 1)
                self._fault(
                    HEADER,
                    0,
                    f'the column "{name}" is missing',
                    f'rename "{near[0]}" to "{name}"' if near else f'add the column "{name}"',
                )
        for index, name in enumerate(found):
            position = len(line[: spans[index][1] - 1].encode("utf-8"))
            if name not in expected:
                near = difflib.get_close_matches(name, set(expected) - set(found), 1)
                remedy = f'did you mean "{near[0]}"?' if near else "remove the column"
                self._fault(HEADER, position, f'the column "{name}" is unknown', remedy, name)
            elif name in found[:index]:
                self._fault(HEADER, position, f'the column "{name}" occurs twice', "keep one", name)
        if sorted(found) == sorted(expected):
            self._fault(
                HEADER,
                0,
                "the columns are not in the schema's order",
                f"{_FORMAT} (the order is: {','.join(expected)})",
            )
        return False

    def _parse(self) -> pa.Table | None:
        width = len(self.reading.table.columns)
        ragged: list[pa.csv.InvalidRow] = []

        def keep(row: pa.csv.InvalidRow) -> str:
            ragged.append(row)
            return "skip"

        if self._encodes_few and len(self.data) >= _SAMPLED_BYTES and not self._breaks_lines:
            self._find_few()
        text = self._parse_cells(self.data, keep, threads=True)
        if ragged:
            # Only a single thread knows the row numbers.
            ragged.clear()
            self._parse_cells(self.data, keep, threads=False)
        blank = self._blank_lines(text) if width > 1 else []
        for line in blank:
            _report(self.reading, RAGGED, (line, None), "a blank line", "remove it", "")
        lines = Lines(self.data) if ragged else None
        inside = False  # a block of a merge
        for row in ragged:
            assert lines is not None
            mark = row.text[: len(_MARKS[0])]
            if mark in _MARKS:
                if not inside:
                    self._conflict(lines.line(row.number - 2))
                inside = mark != _MARKS[-1] and (inside or mark == _MARKS[0])
                continue
            count = row.actual_columns
            remedy = (
                "put quotes around a cell that holds a comma, or remove the extra comma"
                if count > width
                else "add the missing commas: an empty cell still needs its comma"
            )
            _report(
                self.reading,
                RAGGED,
                (lines.line(row.number - 2), None),
                f"{count} cells where the header has {width}",
                remedy,
                row.text[:200],
            )
        return None if ragged or blank else in_one_piece(text)

    def _find_few(self) -> None:
        """Mark the columns of few distinct values as held once per value."""
        lines = [self.data[: self.data.index(b"\n") + 1]]
        for number in range(_SAMPLES):
            start = self.data.index(b"\n", len(self.data) // _SAMPLES * number) + 1
            lines.append(self.data[start : self.data.rfind(b"\n", 0, start + _SAMPLE_BYTES) + 1])
        sample = self._parse_cells(b"".join(lines), lambda row: "skip", threads=False)
        for name, cells in zip(sample.column_names, sample.columns, strict=True):
            if len(cells.unique()) * _FEW <= len(cells):
                self._types[name] = _ENCODED

    def _conflict(self, line: int) -> None:
        message = "a merge left a clash here, to be settled"
        remedy = (
            "keep one of the lines from <<<<<<< to >>>>>>>, remove the others and the marks, then "
            "run: incidents fmt"
        )
        _report(self.reading, CONFLICT, (line, None), message, remedy)

    def _blank_lines(self, text: pa.Table) -> list[int]:
        """The blank lines, which Arrow takes for rows of empty cells."""
        first_cells = text.column(0).cast(pa.string())
        if not pc.any(pc.equal(first_cells, "")).as_py():
            return []
        lines = Lines(self.data)
        first_bytes = np.frombuffer(self.data, dtype=np.uint8)[lines.record_starts[:-1]]
        return [lines.line(row - 1) for row in np.flatnonzero(first_bytes == NEWLINE).tolist()]

    def _parse_cells(
        self, data: bytes, invalid_row: Callable[[pa.csv.InvalidRow], str], *, threads: bool
    ) -> pa.Table:
        return pa.csv.read_csv(
            pa.py_buffer(data),
            memory_pool=_pool(),
            read_options=pa.csv.ReadOptions(use_threads=threads, block_size=_BLOCK_BYTES),
            parse_options=pa.csv.ParseOptions(
                ignore_empty_lines=False,
                # Makes the splitting into blocks slow, so only where a cell does break a line.
                newlines_in_values=self._breaks_lines,
                invalid_row_handler=invalid_row,
            ),
            convert_options=pa.csv.ConvertOptions(
                check_utf8=False,  # judged before, with the place of the fault
                column_types=self._types,
                null_values=[],
                strings_can_be_null=False,
            ),
        )

    def _order(self, text: pa.Table) -> None:
        reading = self.reading
        if not reading.table.primary_key:
            return
        order = order_of(text, reading.table.primary_key)
        reading.ordered = order.strict
        if order.first is not None:
            report_disorder(reading, order.descents, Lines(self.data).line(order.first))


def order_of(text: pa.Table, columns: Sequence[str]) -> Order:
    """How rows follow each other by the columns of a key, which are compared as text."""
    pairs = max(text.num_rows - 1, 0)
    descends = np.zeros(pairs, dtype=bool)
    ties = np.arange(pairs)  # rows that the columns so far do not tell from the next
    for column in columns:
        cells = text[column].cast(pa.string())
        later, earlier = cells.slice(1), cells.slice(0, pairs)
        if len(ties) < pairs:
            later, earlier = (part.take(pa.array(ties)) for part in (later, earlier))
        descends[ties] = pc.less(later, earlier).to_numpy()
        ties = ties[pc.equal(later, earlier).to_numpy()]
    rows = np.flatnonzero(descends)
    first = int(rows[0]) + 1 if len(rows) else None
    return Order(not len(ties) and not len(rows), len(rows), first)


def _first(wrong: NDArray[np.bool_]) -> int | None:
    """The first place that is wrong."""
    return int(np.argmax(wrong)) if wrong.any() else None


def _text_type(field: Field) -> pa.DataType:
    """Text; held once per distinct value where a column has few, which saves time and memory."""
    few = bool(field.vocabulary) or field.type in ("boolean", "date", "year", "integer")
    return _ENCODED if few else pa.string()


def in_one_piece(text: pa.Table) -> pa.Table:
    """The table with each column in one piece, with one list of values where it is encoded.

    A kernel builds the machine of its regular expression anew for every piece.
    """
    for index in range(text.num_columns):
        chunks = text.column(index).unify_dictionaries().chunks
        if len(chunks) > 1:
            one = pa.chunked_array([pa.concat_arrays(chunks, memory_pool=_pool())])
            text = text.set_column(index, text.field(index), one)
    return text


def _pieces(data: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> pa.BinaryArray:
    """The bytes between each start and end; these ascend, and no piece overlaps another."""
    offsets = np.column_stack((starts, ends)).astype(np.int32).ravel()  # a file has no 2^31 bytes
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    with_gaps = pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)
    return with_gaps.take(pa.array(np.arange(0, len(offsets), 2)))


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are valid UTF-8, without making a text of them."""
    buffers = [None, pa.py_buffer(np.array([0, len(data)], np.int32)), pa.py_buffer(data)]
    try:
        pa.Array.from_buffers(pa.string(), 1, buffers).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _pool() -> pa.MemoryPool:
    """The allocator for cells read by several threads.

    Measured: with jemalloc the reading takes half the processor time that Arrow's default takes,
    and less memory. Not every build of Arrow has it, and who has chosen another gets that.
    """
    if "ARROW_DEFAULT_MEMORY_POOL" in os.environ:
        return pa.default_memory_pool()
    try:
        return pa.jemalloc_memory_pool()
    except NotImplementedError:
        return pa.default_memory_pool()
