"""Rows of a spreadsheet as SpreadsheetML (ECMA-376 Part 1, 18.3), written and read by columns.

A library that is called once for each cell takes minutes for a million rows; Arrow's kernels take
seconds. Only the rows of a sheet are dealt with here, not the workbook around them.

A cell holds what a spreadsheet can hold without changing it: text as text, whatever it begins with;
numbers as numbers; flags as flags; days as days. Values beyond a spreadsheet's reach are written as
text: whole numbers of more than 15 digits, and days before March 1900, which its calendar has
wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .problem import ToolError

MAX_ROWS = 1_048_576
"""The most rows of a sheet, its heading included (Excel's specifications and limits)."""

MAX_CHARACTERS = 32_767
"""The most characters of a cell, in UTF-16 units (Excel's specifications and limits)."""

_BATCH = 16_384
"""Rows put into XML at once."""

_CHUNK = 16_000_000
"""Bytes of XML read at once, or somewhat more."""

_EPOCH = (date(1970, 1, 1) - date(1899, 12, 30)).days
"""What is added to days since 1970 to count as a spreadsheet does."""

_FIRST_DAY = date(1900, 3, 1)
"""A spreadsheet's calendar holds a 29 February 1900, so earlier days are a day off."""

_LARGEST = 10**15 - 1
"""A spreadsheet's numbers hold 15 digits."""

_UNWRITABLE = r"\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}"
"""Characters that XML 1.0 cannot hold, and the carriage return, which a reader would change."""

_LOOKS_ESCAPED = "_x([0-9A-Fa-f]{4})_"
"""A character by its number (ECMA-376 Part 1, 22.9.2.19)."""

_ESCAPED = re.compile(_LOOKS_ESCAPED)

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
"""In the order in which they are put in."""

_TYPE = ' t="(?P<type>[^"]*)"'
"""The attribute that says how a cell's content is meant."""

_CELL = (
    r"^(?P<column>[A-Z]+)(?P<row>[0-9]+)\"(?P<attributes>[^>]*)>"
    r"(?:<is><t[^>]*>|<v>)(?P<text>[^<]*)</"
)
"""What follows `<c r="` in a cell that holds something."""


def letters(number: int) -> str:
    """A column's name from its number, which counts from 0: A to Z, AA and so on."""
    name = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def write(table: pa.Table, first: int, styles: Sequence[int]) -> Iterator[bytes]:
    """A table's rows as XML, some at a time. Empty cells are left out.

    Args:
        table: columns of text, whole numbers (int64), numbers (double), flags or days (date32).
        first: the number of the first row in its sheet, from 1.
        styles: the number of each column's cell format in the workbook.

    Raises:
        ToolError: a text is longer than a cell of a spreadsheet can be.
    """
    for start in range(0, table.num_rows, _BATCH):
        yield _written(table.slice(start, _BATCH), first + start, styles)


def _written(batch: pa.Table, first: int, styles: Sequence[int]) -> bytes:
    numbers = pa.array(np.arange(first, first + batch.num_rows)).cast(pa.string())
    row: list[object] = ['<row r="', numbers, '">']
    for number, (name, style) in enumerate(zip(batch.column_names, styles, strict=True)):
        values = _flat(batch.column(number))
        cells = _cells(name, values, f'<c r="{letters(number)}', numbers, f'" s="{style}"')
        row.append(pc.fill_null(cells, ""))
    joined = pc.binary_join_element_wise(*row, "</row>\n", "")
    return b"".join(joined.cast(pa.binary()).to_pylist())


def _cells(
    name: str, values: pa.Array, begin: str, numbers: pa.Array, style: str
) -> pa.StringArray:
    """A column's cells, null where there is no value."""

    def number(text: pa.Array) -> pa.StringArray:
        return pc.binary_join_element_wise(begin, numbers, f"{style}><v>", text, "</v></c>", "")

    def text(text: pa.Array) -> pa.StringArray:
        opening = _opening(text)
        return pc.binary_join_element_wise(
            begin, numbers, f'{style} t="inlineStr"><is>', opening, text, "</t></is></c>", ""
        )

    if pa.types.is_string(values.type):
        _refuse_long(name, values)
        return text(_escape(values))
    if pa.types.is_boolean(values.type):
        shown = values.cast(pa.int8()).cast(pa.string())
        return pc.binary_join_element_wise(
            begin, numbers, f'{style} t="b"><v>', shown, "</v></c>", ""
        )
    days = pa.types.is_date(values.type)
    shown = pc.add(values.cast(pa.int32()), _EPOCH) if days else values
    cells = number(shown.cast(pa.string()))
    beyond = _beyond(values)
    if beyond is None or not pc.any(beyond).as_py():
        return cells
    return pc.if_else(beyond, text(values.cast(pa.string())), cells)


def _beyond(values: pa.Array) -> pa.BooleanArray | None:
    """Where a value is out of a spreadsheet's reach; None for a type that never is."""
    if pa.types.is_date(values.type):
        return pc.less(values, pa.scalar(_FIRST_DAY))
    if pa.types.is_integer(values.type):
        return pc.or_(pc.greater(values, _LARGEST), pc.less(values, -_LARGEST))
    return None


def _opening(text: pa.StringArray) -> object:
    """The tag before a text. One that begins or ends with a space must ask for it to be kept."""
    spaced = pc.match_substring_regex(text, r"\A\s|\s\z")
    if not pc.any(spaced).as_py():
        return "<t>"
    return pc.if_else(spaced, '<t xml:space="preserve">', "<t>")


def _escape(text: pa.StringArray) -> pa.StringArray:
    """The texts as the content of an XML element that means them.

    What XML cannot hold is written by its number, as `_x0001_`; so what looks like such an escape
    has its first character escaped itself.
    """
    looks_escaped = pc.match_substring_regex(text, _LOOKS_ESCAPED)
    if pc.any(looks_escaped).as_py():
        text = pc.if_else(looks_escaped, pc.replace_substring(text, "_x", "_x005F_x"), text)
    unwritable = pc.match_substring_regex(text, f"[{_UNWRITABLE}]")
    if pc.any(unwritable).as_py():
        found = pc.filter(text, unwritable)
        for character in pc.unique(pc.replace_substring_regex(found, f"[^{_UNWRITABLE}]", "")):
            for one in sorted(set(character.as_py())):
                text = pc.replace_substring(text, one, f"_x{ord(one):04X}_")
    for character, entity in _ENTITIES.items():
        if pc.any(pc.match_substring(text, character)).as_py():
            text = pc.replace_substring(text, character, entity)
    return text


def _refuse_long(name: str, text: pa.StringArray) -> None:
    # UTF-8 takes at least as many bytes as UTF-16 takes units.
    for value in pc.filter(text, pc.greater(pc.binary_length(text), MAX_CHARACTERS)):
        length = len(value.as_py().encode("utf-16-le")) // 2
        if length > MAX_CHARACTERS:
            raise ToolError(
                f"a cell of {name} holds {length:,} characters, too long for a spreadsheet, "
                f"which takes {MAX_CHARACTERS:,}: {value.as_py()[:60]!r}...",
                "shorten the text",
            )


def read(stream: IO[bytes]) -> Iterator[pa.Table]:
    """The filled cells of a sheet, some rows at a time.

    A reader made for what `write` writes, and as such no judge of whether other programs read it.

    Args:
        stream: the sheet's XML.

    Yields:
        Columns `column` (a name such as AB), `row` (int64, from 1), `type` (as the cell states it,
        "" for a number) and `text` (the content, its escapes undone), in the order of the file.

    Raises:
        ValueError: a cell is not as `write` writes it.
    """
    rest = b""
    while chunk := stream.read(_CHUNK):
        whole, end, rest = (rest + chunk).rpartition(b"</row>")
        if end:
            yield _cells_of(whole)


def _cells_of(xml: bytes) -> pa.Table:
    pieces = pc.split_pattern(pa.array([xml.decode("utf-8")], pa.large_string()), '<c r="')
    cells = pc.extract_regex(pieces.flatten()[1:], _CELL)
    if cells.null_count:
        raise ValueError(f"not a cell: {pieces.flatten()[1:][cells.is_null().index(True).as_py()]}")
    column, row, attributes, text = cells.flatten()
    return pa.table(
        {
            "column": column,
            "row": row.cast(pa.int64()),
            "type": _types(attributes),
            "text": _unescape(text),
        }
    )


def _types(attributes: pa.Array) -> pa.Array:
    """What cells state of their content, by their attributes; "" for a number."""
    distinct = attributes.dictionary_encode()
    found = pc.struct_field(pc.extract_regex(distinct.dictionary, _TYPE), 0)
    return pc.fill_null(found, "").take(distinct.indices)


def _unescape(text: pa.Array) -> pa.Array:
    """The texts that the contents of XML elements mean."""
    with_entities = pc.match_substring(text, "&")
    found = pc.filter(text, with_entities)
    for character, entity in reversed(_ENTITIES.items()):
        found = pc.replace_substring(found, entity, character)
    text = pc.replace_with_mask(text, with_entities, found)
    escaped = pc.match_substring(text, "_x")
    meant = [unescaped(one) for one in pc.filter(text, escaped).to_pylist()]
    return pc.replace_with_mask(text, escaped, pa.array(meant, text.type))


def by_column(cells: pa.Table) -> dict[str, pa.Table]:
    """The cells that `read` gives, apart by their column, each in the order of the file."""
    named = _flat(cells["column"].dictionary_encode())
    codes = named.indices.to_numpy().astype(np.int16)  # sorted in linear time
    ordered = cells.take(pa.array(np.argsort(codes, kind="stable")))
    ends = np.cumsum(np.bincount(codes, minlength=len(named.dictionary)))
    return {
        column: ordered.slice(start, end - start)
        for column, start, end in zip(named.dictionary.to_pylist(), [0, *ends], ends, strict=False)
    }


def values(cells: pa.Table | None, first: int, rows: int, kind: pa.DataType) -> pa.Array:
    """A column's values, out of its cells.

    Args:
        cells: the filled cells of one column in some rows; None where there is none.
        first: the number of the first of these rows, from 1.
        rows: how many rows.
        kind: the type of the column's values.

    Returns:
        A value for each row, null where there is no cell.

    Raises:
        ValueError: a cell holds something that is no value of that type, or holds it otherwise
            than `write` does.
    """
    if cells is None:
        return pa.nulls(rows, kind)
    found = _meant(_flat(cells["text"]).cast(pa.string()), _flat(cells["type"]), kind)
    at = _flat(cells["row"]).to_numpy() - first
    if len(at) and not (at[0] >= 0 and at[-1] < rows and (np.diff(at) > 0).all()):
        raise ValueError("a cell stands in a wrong row")
    place = np.full(rows, -1)
    place[at] = np.arange(len(found))
    return found.take(pa.array(place, mask=place < 0))


def shown(value: Any) -> Any:
    """What a spreadsheet holds for a value: the value itself, or the text that stands for it."""
    beyond = (
        value < _FIRST_DAY
        if isinstance(value, date)
        else isinstance(value, int) and abs(value) > _LARGEST
    )
    return str(value) if beyond else value


def unescaped(text: str) -> str:
    """A text with the characters that its escapes stand for, as `_x0041_` for A."""
    return _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text)


def _meant(text: pa.StringArray, stated: pa.Array, kind: pa.DataType) -> pa.Array:
    """The values that cells hold, by their text and by what their attributes state of it."""
    as_text = pc.equal(stated, "inlineStr")
    expected: object = ""
    if pa.types.is_string(kind):
        meant, expected = text, "inlineStr"
    elif pa.types.is_boolean(kind):
        meant, expected = text.cast(pa.int8()).cast(kind), "b"
    elif pa.types.is_date(kind):
        days = pc.subtract(_where(pc.invert(as_text), text).cast(pa.int32()), _EPOCH)
        meant = pc.coalesce(_where(as_text, text).cast(kind), days.cast(pa.int32()).cast(kind))
    else:
        meant = text.cast(kind)
    beyond = _beyond(meant)
    if beyond is not None:
        expected = pc.if_else(beyond, "inlineStr", "")
    if not pc.all(pc.equal(stated, expected), min_count=0).as_py():
        raise ValueError(f"a cell is not stored as a value of type {kind}")
    return meant


def _where(mask: pa.BooleanArray, text: pa.StringArray) -> pa.StringArray:
    return pc.if_else(mask, text, pa.scalar(None, pa.string()))


def _flat(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
