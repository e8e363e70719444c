"""A foreign CSV file as columns of text, row by row as far as rows are well formed.

Other than a table of ours, such a file may hold line breaks in its cells, end its lines with CR LF
and begin with a byte-order mark. A row that cannot be read is told with its place, and the others
are still known, so that whoever wants them can have them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from ..csvtext import NEWLINE, Lines, place_of, split_cells
from ..package import read_file
from ..problem import Problem, RuleInfo, Severity, ToolError

MAX_BYTES = 2 << 30
"""The largest file read, 2 GiB: several times the whole of UCDP GED."""

MAX_RECORD_BYTES = 40_000
"""The longest row read: ten times an honest one, and what fits a cell even if kept escaped."""

_BLOCK_BYTES = 16 << 20


def _rule(id: str, title: str, explanation: str) -> RuleInfo:
    return RuleInfo(id, Severity.ERROR, title, explanation)


FILE = _rule(
    "import-file",
    "The file to import is a plain, non-empty CSV file",
    "Anything else cannot be told apart from a table without rows.",
)
ENCODING = _rule(
    "import-encoding",
    "The file to import is UTF-8",
    "Another encoding turns names into mojibake, which nobody can mend later.",
)
RAGGED = _rule(
    "import-row",
    "Every row has as many cells as the header has names",
    "Where one is missing or too many, each cell behind it would be read under a wrong name.",
)
RULES = (FILE, ENCODING, RAGGED)


@dataclass
class Sheet:
    """What came of reading a file.

    Attributes:
        name: the file's name, for problems.
        columns: the header's names.
        text: the rows that are well formed, one column of text for each name.
        problems: what is wrong with the others, or with the file.
    """

    name: str
    columns: list[str] = field(default_factory=list)
    text: pa.Table | None = None
    problems: list[Problem] = field(default_factory=list)
    _lines: Lines | None = None
    _records: Sequence[int] | np.ndarray = ()

    def place(self, row: int, column: str | None) -> tuple[int, int | None]:
        """The physical line and character of a cell, or the line of a row."""
        assert self._lines is not None
        record = int(self._records[row])
        if column is None or column not in self.columns:
            return self._lines.line(record), None
        return self._lines.cell(record, self.columns.index(column))

    def let_go(self) -> None:
        """Free the memory of the file; only the problems are left."""
        self.text, self._lines, self._records = None, None, ()

    def report(
        self,
        rule: RuleInfo,
        place: tuple[int | None, int | None],
        message: str,
        suggestion: str,
        value: str | None = None,
        column: str | None = None,
        record: str | None = None,
    ) -> None:
        """Note a problem."""
        line, character = place
        shown = value if value is None or len(value) <= 200 else f"{value[:200]}…"
        self.problems.append(
            Problem(
                rule.id, rule.severity, message, file=self.name, line=line, column=character,
                record=record, field=column, value=shown, suggestion=suggestion,
            )
        )  # fmt: skip


def read(path: Path, fits: Callable[[Sheet], bool]) -> Sheet:
    """Read a file.

    Args:
        path: the file.
        fits: judges the header; where it does not fit, nothing below it is read.

    Returns:
        The rows; no text, and the reason among the problems, where no row can be known.

    Raises:
        ToolError: it is not there, or cannot be read.
    """
    sheet = Sheet(path.name)
    data = _bytes(path, sheet)
    if data is None:
        return sheet
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"\r\n" in data:
        data = data.replace(b"\r\n", b"\n")
    if b"\0" in data:
        line, _ = place_of(data, data.index(b"\0"))
        remedy = "save the file again as CSV in UTF-8 (not UTF-16, not a spreadsheet)"
        sheet.report(ENCODING, (line, None), f"{data.count(0):,} NUL bytes, the first here", remedy)
        return sheet
    if not data.endswith(b"\n"):
        data += b"\n"
    lines = Lines(data)
    starts = _record_starts(data, lines)
    header = data[: starts[1]].decode("utf-8", errors="replace").rstrip("\n")
    sheet.columns = [name.strip() for name in split_cells(header)]
    if not fits(sheet):
        return sheet
    good = _readable(data, starts, sheet, lines)
    if not good.any() and not sheet.problems:
        sheet.report(FILE, (1, None), "has a header and no rows", "download it again")
        return sheet
    _parse(data, starts, good, sheet, lines)
    sheet._lines = lines
    return sheet


def _bytes(path: Path, sheet: Sheet) -> bytes | None:
    try:
        data = read_file(path.parent, path.name, MAX_BYTES)
    except FileNotFoundError:
        raise ToolError(f"there is no file {path}", "name the CSV file to import") from None
    except IsADirectoryError:
        raise ToolError(f"{path} is not a plain file", "name the CSV file to import") from None
    except OverflowError as error:
        raise ToolError(
            f"{path} holds {error.args[0]:,} bytes; at most {MAX_BYTES:,} are read",
            "split it by year or country, and import the parts one by one",
        ) from None
    if not data.strip():
        sheet.report(FILE, (None, None), "is empty", "download it again")
        return None
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b")):
        remedy = "unpack it, or save the sheet as CSV in UTF-8"
        sheet.report(FILE, (None, None), "is an archive or a spreadsheet, no CSV", remedy)
        return None
    return data


def _record_starts(data: bytes, lines: Lines) -> np.ndarray:
    """Where each record begins, the header's first, then the file's length."""
    starts = lines.record_starts
    if starts[-1] != len(data):  # a quote was opened and never closed
        starts = np.append(starts, len(data))
    return starts


def _readable(data: bytes, starts: np.ndarray, sheet: Sheet, lines: Lines) -> np.ndarray:
    """The records (from 1, the header being 0) that are text of a sensible length."""
    good = np.ones(len(starts) - 1, dtype=bool)
    good[0] = False
    for record in np.flatnonzero(np.diff(starts) > MAX_RECORD_BYTES).tolist():
        if record == 0:
            continue
        length = int(starts[record + 1] - starts[record])
        sheet.report(
            RAGGED,
            (lines.line(record - 1), None),
            f"the row holds {length:,} bytes; at most {MAX_RECORD_BYTES:,} are read",
            "look for a quote that is opened and never closed",
        )
        good[record] = False
    first = np.frombuffer(data, dtype=np.uint8)[starts[:-1]]
    good &= first != NEWLINE  # blank lines say nothing
    if not _is_text(data):
        for record in np.flatnonzero(good).tolist():
            start = int(starts[record])
            try:
                data[start : starts[record + 1]].decode("utf-8")
            except UnicodeDecodeError as error:
                byte = data[start + error.start : start + error.start + 1]
                guess = byte.decode("windows-1252", errors="replace")
                before = data[start : start + error.start]
                # Counted from the row's own beginning: from the file's, many would take for ever.
                line = lines.line(record - 1) + before.count(b"\n")
                column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
                sheet.report(
                    ENCODING,
                    (line, column),
                    f"byte 0x{byte.hex().upper()} is not UTF-8",
                    f"save the file as UTF-8 (in Windows-1252 this byte would be {guess!r})",
                )
                good[record] = False
    return good


def _is_text(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        pa.array([data], pa.large_binary()).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    return True


def _parse(data: bytes, starts: np.ndarray, good: np.ndarray, sheet: Sheet, lines: Lines) -> None:
    """Read the cells of the good records; those with too few or too many cells are told."""
    width = len(sheet.columns)
    records = np.flatnonzero(good)
    ragged: list[pa.csv.InvalidRow] = []

    def keep(row: pa.csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    if len(records) == len(good) - 1:
        chosen: pa.Buffer = pa.py_buffer(memoryview(data)[int(starts[1]) :])
    else:
        chosen = pa.py_buffer(b"".join(data[starts[r] : starts[r + 1]] for r in records.tolist()))
    names = [f"c{number}" for number in range(width)]
    if not len(records):
        columns = [pa.array([], pa.string())] * width
        sheet.text, sheet._records = pa.table(columns, names=names), records
    else:
        try:
            sheet.text = pa.csv.read_csv(
                chosen,
                read_options=pa.csv.ReadOptions(
                    use_threads=False, block_size=_BLOCK_BYTES, column_names=names
                ),
                parse_options=pa.csv.ParseOptions(
                    newlines_in_values=b'"' in data, invalid_row_handler=keep,
                    ignore_empty_lines=False,
                ),
                convert_options=pa.csv.ConvertOptions(
                    check_utf8=False, column_types=dict.fromkeys(names, pa.string()),
                    null_values=[], strings_can_be_null=False,
                ),
            )  # fmt: skip
        except pa.ArrowInvalid:
            # All rows are ragged alike, or a quote divides the rest wrongly: tell rows apart here.
            _all_wrong(data, starts, records, sheet, lines)
            return
        if len(ragged) + sheet.text.num_rows != len(records):
            _all_wrong(data, starts, records, sheet, lines)
            return
        skipped = np.array([row.number - 1 for row in ragged], dtype=np.int64)
        for row, record in zip(ragged, records[skipped].tolist(), strict=True):
            last = record == len(good) - 1
            _ragged(sheet, lines.line(record - 1), row.actual_columns, width, row.text, last=last)
        sheet._records = np.delete(records, skipped) - 1
    sheet.text = sheet.text.rename_columns(sheet.columns)


def _all_wrong(
    data: bytes, starts: np.ndarray, records: np.ndarray, sheet: Sheet, lines: Lines
) -> None:
    """The file is not divided as CSV is; each row that shows it is told, and none is known."""
    width = len(sheet.columns)
    for record in records.tolist():
        text = data[starts[record] : starts[record + 1]].decode("utf-8", errors="replace")
        count = len(split_cells(text.rstrip("\n")))
        if count != width or text.count('"') % 2:
            _ragged(sheet, lines.line(record - 1), count, width, text, last=False)
    if not sheet.problems:
        odd = b"\r" if b"\r" in data else b'"'
        line, _ = place_of(data, max(data.find(odd), 0))
        what = "a carriage return without a line feed" if odd == b"\r" else "a quote in a cell"
        remedy = 'save the file with Unix line ends, and a quote inside a cell as "", in quotes'
        sheet.report(RAGGED, (line, None), f"{what} divides the rows wrongly", remedy)
    sheet.text = None


def _ragged(sheet: Sheet, line: int, count: int, width: int, text: str, *, last: bool) -> None:
    if text.count('"') % 2:
        message = "the row ends within a quoted cell"
        remedy = "the file is cut off here, or a quote is not closed: download it again"
    else:
        message = f"{count} cells where the header has {width} names"
        shifted = f"{count - width} cell{'s' * (count - width > 1)} too many shift the row"
        remedy = (
            f"{shifted}: find the unquoted comma or the column without a name"
            if count > width
            else "the file is cut off here, or a cell is missing: download it again"
            if last
            else "a cell is missing, so the row is shifted: compare it with the row before"
        )
    first = re.sub(r"\s+", " ", text)[:200]
    sheet.report(RAGGED, (line, None), message, remedy, first)
