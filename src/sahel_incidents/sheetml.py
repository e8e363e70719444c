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
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .problem import ToolError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_ROWS = 1_048_576
"""The most rows of a sheet, its heading included (Excel's specifications and limits)."""

MAX_CHARACTERS = 32_767
"""The most characters of a cell, in UTF-16 units (Excel's specifications and limits)."""

_BATCH = 16_384
"""Rows put into XML at once."""

_CHUNK = 8_000_000
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

_KEEPING = b'<t xml:space="preserve">'
"""The tag before a text that begins or ends with a space."""

_TAGS_OF_CELL = 4
"""More than the tags that follow that of a cell before its content ends."""

_MOST_LETTERS = 3
"""The most letters of a column's name."""

_PADDING = b"\0" * 64
"""As many bytes as are looked at behind the end, or more."""


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
    between: dict[str, pa.StringArray] = {}

    def opening(tags: str) -> pa.StringArray:
        """What stands in the cells of each row between their column and their content."""
        if tags not in between:
            between[tags] = pc.binary_join_element_wise(numbers, tags, "")
        return between[tags]

    row: list[object] = ['<row r="', opening('">')]
    for number, (name, style) in enumerate(zip(batch.column_names, styles, strict=True)):
        begin, stated = f'<c r="{letters(number)}', f'" s="{style}"'
        row.append(_cells(name, _flat(batch.column(number)), begin, opening, stated))
    joined = pc.binary_join_element_wise(
        *row, "</row>\n", "", null_handling="replace", null_replacement=""
    )
    return _bytes_of(joined).tobytes()


def _cells(
    name: str, values: pa.Array, begin: str, opening: Callable[[str], pa.Array], stated: str
) -> pa.StringArray:
    """A column's cells, null where there is no value.

    Args:
        name: the column's name in the table.
        values: its values.
        begin: how each cell begins, up to the column's letters.
        opening: what follows in each row, given the tags after the row's number.
        stated: the attributes that all cells of the column have.
    """

    def number(text: pa.Array) -> pa.StringArray:
        tags = opening(f"{stated}><v>")
        return pc.binary_join_element_wise(begin, tags, text, "</v></c>", "")

    def text(text: pa.Array) -> pa.StringArray:
        tags = opening(f'{stated} t="inlineStr"><is><t>')
        spaced = _spaced(text)
        if spaced is not None:
            keeping = opening(f'{stated} t="inlineStr"><is><t xml:space="preserve">')
            tags = pc.if_else(spaced, keeping, tags)
        return pc.binary_join_element_wise(begin, tags, text, "</t></is></c>", "")

    if pa.types.is_string(values.type):
        _refuse_long(name, values)
        return text(_escape(values))
    if pa.types.is_boolean(values.type):
        shown = pc.if_else(values, "1</v></c>", "0</v></c>")
        tags = opening(f'{stated} t="b"><v>')
        return pc.binary_join_element_wise(begin, tags, shown, "")
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


def _spaced(text: pa.StringArray) -> pa.BooleanArray | None:
    """Where a text begins or ends with a space, which it must ask for to keep; None for nowhere."""
    ends = np.frombuffer(text.buffers()[1], np.int32)[text.offset :][: len(text) + 1]
    starts, stops = ends[:-1], ends[1:]
    there = stops > starts
    data = np.frombuffer(text.buffers()[2] or b"", np.uint8)
    outer = data[np.concatenate([starts[there], stops[there] - 1])]
    if not (outer <= ord(" ")).any():
        return None
    return pc.match_substring_regex(text, r"\A\s|\s\z")


def _escape(text: pa.StringArray) -> pa.StringArray:
    """The texts as the content of an XML element that means them.

    What XML cannot hold is written by its number, as `_x0001_`; so what looks like such an escape
    has its first character escaped itself.
    """
    whole = _bytes_of(text)
    raw = whole.tobytes()  # searched at once, which is far quicker than text by text
    if b"_x" in raw:
        looks_escaped = pc.match_substring_regex(text, _LOOKS_ESCAPED)
        if pc.any(looks_escaped).as_py():
            text = pc.if_else(looks_escaped, pc.replace_substring(text, "_x", "_x005F_x"), text)
    if b"\xef\xbf" in raw or (whole < ord(" ")).any():
        unwritable = pc.match_substring_regex(text, f"[{_UNWRITABLE}]")
        found = pc.filter(text, unwritable)
        for character in pc.unique(pc.replace_substring_regex(found, f"[^{_UNWRITABLE}]", "")):
            for one in sorted(set(character.as_py())):
                text = pc.replace_substring(text, one, f"_x{ord(one):04X}_")
    for character, entity in _ENTITIES.items():
        if character.encode() in raw:
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
    """The cells in whole rows.

    A text holds no `<`, so each one begins a tag: the tags are found at once, and it is seen to
    that those of each cell are the ones that `write` puts there, in that order.
    """
    data = np.frombuffer(xml + _PADDING, np.uint8)
    words = np.ndarray(len(xml) + 1, "<u8", data, strides=(1,))  # the eight bytes from each place
    tags = np.flatnonzero(data == ord("<"))
    cells = np.flatnonzero(_begins(words[tags], b"<c "))
    tags = np.append(tags, [len(xml)] * _TAGS_OF_CELL)

    def expect(right: NDArray[np.bool_]) -> None:
        if not right.all():
            at = int(tags[cells[right.argmin()]])
            raise ValueError(f"not a cell: {xml[at : at + 80].decode('utf-8', 'replace')}")

    begin, inner = tags[cells], tags[cells + 1]
    content = words[inner]
    as_text = _begins(content, b"<is><t")
    opening, ending = tags[cells + 1 + as_text], tags[cells + 2 + as_text]
    start = opening + len(b"<t>")
    expect(_begins(words[begin], b'<c r="'))
    expect(as_text | _begins(content, b"<v>"))
    expect(~as_text | (opening == inner + len(b"<is>")))
    expect(_begins(words[ending], b"</"))
    plain = ~as_text | _begins(content, b"<is><t>")
    if not plain.all():
        keeping = opening[~plain]
        plain[~plain] = [xml.startswith(_KEEPING, at) for at in keeping.tolist()]
        expect(plain)
        start += (len(_KEEPING) - len(b"<t>")) * (data[start - 1] == ord(" "))
    name = begin + len(b'<c r="')
    number = name + 1
    for _ in range(_MOST_LETTERS - 1):
        number += _within(data[number], "AZ")
    row, stop = _number(words[number], number)
    expect(_within(data[name], "AZ") & (stop > number) & (data[stop] == ord('"')))
    expect((stop < inner) & (data[inner - 1] == ord(">")) & (start <= ending))
    if not xml.isascii():
        xml.decode("utf-8")  # or it is not text; no byte of a tag is part of another character
    return pa.table(
        {
            "column": _pieces(data, name, number),
            "row": pa.array(row),
            "type": _types(_pieces(data, stop + 1, inner - 1)),
            "text": _unescape(_pieces(data, start, ending)),
        }
    )


def _begins(words: NDArray[np.uint64], expected: bytes) -> NDArray[np.bool_]:
    """Whether some words of eight bytes begin with certain bytes."""
    unlike = words ^ np.uint64(int.from_bytes(expected, "little"))
    begins: NDArray[np.bool_] = unlike << np.uint64(64 - 8 * len(expected)) == 0
    return begins


def _within(data: NDArray[np.uint8], ends: str) -> NDArray[np.bool_]:
    """Whether each byte is one of a range, such as those from A to Z."""
    first, last = map(ord, ends)
    return data - np.uint8(first) <= last - first  # below the first, it wraps around


def _number(
    words: NDArray[np.uint64], places: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The number whose digits some words begin with.

    Args:
        words: eight bytes from each place.
        places: where they stand.

    Returns:
        The numbers, and the places behind their digits.
    """
    number, place = np.zeros_like(places), places.copy()
    going = np.ones(len(places), dtype=bool)
    for further in range(len(str(MAX_ROWS))):
        byte = (words >> np.uint64(8 * further)).astype(np.uint8)
        going &= _within(byte, "09")
        if not going.any():
            break
        digit = byte - np.uint8(ord("0"))
        number = (
            number * 10 + digit if going.all() else np.where(going, number * 10 + digit, number)
        )
        place += going
    return number, place


def _pieces(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> pa.LargeStringArray:
    """Parts of some bytes as texts, each from its start to its end."""
    # Arrow copies them: every other one of the texts that lie between all starts and ends.
    bounds = np.stack([starts, ends], axis=1).reshape(-1)
    between = pa.LargeStringArray.from_buffers(
        max(0, len(bounds) - 1), pa.py_buffer(bounds), pa.py_buffer(data)
    )
    return between.take(pa.array(np.arange(0, len(bounds), 2)))


def _types(attributes: pa.Array) -> pa.Array:
    """What cells state of their content, by their attributes; "" for a number."""
    distinct = attributes.dictionary_encode()
    found = pc.struct_field(pc.extract_regex(distinct.dictionary, _TYPE), 0)
    return pc.fill_null(found, "").take(distinct.indices)


def _unescape(text: pa.Array) -> pa.Array:
    """The texts that the contents of XML elements mean."""
    raw = _bytes_of(text).tobytes()
    if b"&" in raw:
        with_entities = pc.match_substring(text, "&")
        found = pc.filter(text, with_entities)
        for character, entity in reversed(_ENTITIES.items()):
            found = pc.replace_substring(found, entity, character)
        text = pc.replace_with_mask(text, with_entities, found)
    if b"_x" in raw:
        escaped = pc.match_substring(text, "_x")
        meant = [unescaped(one) for one in pc.filter(text, escaped).to_pylist()]
        text = pc.replace_with_mask(text, escaped, pa.array(meant, text.type))
    return text


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


def _bytes_of(text: pa.Array) -> NDArray[np.uint8]:
    """The bytes of all texts, one behind the other."""
    wide = pa.types.is_large_string(text.type)
    _, bounds, data = text.buffers()
    if data is None or not len(text):
        return np.zeros(0, np.uint8)
    ends = np.frombuffer(bounds, np.int64 if wide else np.int32)
    first, last = ends[text.offset], ends[text.offset + len(text)]
    return np.frombuffer(data, np.uint8)[first:last]
