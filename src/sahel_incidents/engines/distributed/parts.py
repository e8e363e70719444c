"""Judging a part of a table by itself, on a worker: its bytes, cells, texts and many rules.

A part is a block of a table's file or, of a file that is not in plain form, some of its rows. All
of it that other stages need is kept; the rest can be read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ... import judging, keys, rules
from ...columns import Data
from ...csvtext import Lines
from ...judging import Counts, Finding
from ...package import Package, Table
from ...problem import Problem
from ...tables import (
    Order,
    Reading,
    judge_block,
    judge_file,
    order_of,
    report_unreadable,
)
from .blocks import Block, Folder, FormatError, LongLineError, header, lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS, KEYS, RECORDS, TEXTS = range(4)
"""The stages, in the order in which what they find is reported where it stands in one place."""


@dataclass(frozen=True)
class Context:
    """What every task knows.

    Attributes:
        package: the opened package.
        folder: where its files are.
        most: so many problems of each rule are wanted; None for all.
        kept: for each table the columns that later stages need.
        alone: for each table the rules that need nothing but a row's own cells.
    """

    package: Package
    folder: Folder
    most: int | None
    kept: Mapping[str, tuple[str, ...]]
    alone: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding with what is shown of its rows.

    Attributes:
        finding: the finding; its rows are counted from the part's first.
        order: the stage, then the step in it.
        values: the cells shown.
        records: the rows' keys.
    """

    finding: Finding
    order: tuple[int, ...]
    values: list[str]
    records: list[str]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a finding has, without the rows."""

    rule: str
    order: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class Outline:
    """What is known of a part without holding it.

    Attributes:
        rows: how many rows it has.
        order: how they follow each other.
        ends: the first and the last key, None where it has no rows or no key.
        zones: the least and greatest text of each column that others may refer to.
        faulty: the columns in which a cell failed.
        found: what was found.
    """

    rows: int
    order: Order
    ends: tuple[str, str] | None
    zones: Mapping[str, tuple[str, str]]
    faulty: tuple[str, ...]
    found: list[Counted]


@dataclass(frozen=True)
class Part:
    """Some rows of a table, judged by themselves.

    Attributes:
        table: the table's name.
        text: the columns that later stages need, as they stand.
        bad: the rows, by column, whose cell failed.
        seen: what was found.
        outline: what is to be known of it elsewhere.
    """

    table: str
    text: pa.Table
    bad: Mapping[str, NDArray[np.int64]]
    seen: list[Seen]
    outline: Outline

    def __sizeof__(self) -> int:
        """The bytes of its rows: by them Dask decides what to spill, and where to do what."""
        return int(self.text.nbytes)

    def data(self, context: Context) -> Data:
        """The part as if it were the package."""
        data = Data(context.package, {self.table: self.text})
        data.bad = {(self.table, column): rows for column, rows in self.bad.items()}
        return data


@dataclass(frozen=True)
class Irregular:
    """A block that is more or less than lines with cells; the problems with its bytes."""

    problems: list[Problem]
    counts: Counts


@dataclass(frozen=True)
class Whole:
    """A table that one task has read as a whole.

    Attributes:
        text: its cells; None where they could not be known.
        problems: the faults of its bytes, the first of each rule.
        counts: how many there are.
    """

    text: pa.Table | None
    problems: list[Problem]
    counts: Counts

    def __sizeof__(self) -> int:
        """See `Part`."""
        return 0 if self.text is None else int(self.text.nbytes)


def read_block(context: Context, block: Block) -> Part | Irregular:
    """Judge a block of a table, its bytes first."""
    table = context.package.tables[block.table]
    try:
        data = lines(context.folder, table, block)
    except LongLineError:
        return Irregular([], Counter())
    except FormatError as error:
        broken = Reading(replace(table, path=block.path))
        report_unreadable(broken, str(error))
        return Irregular(*judging.first_of_each_rule(broken.problems, context.most))
    reading = judge_block(replace(table, path=block.path), header(table) + data)
    if reading.problems or reading.text is None:
        return Irregular(*judging.first_of_each_rule(reading.problems, context.most))
    return judge_part(context, table, reading.text, context.kept[table.name])


def whole_rows(
    context: Context, part: Part, block: Block | None, rows: NDArray[np.int64] | None, first: int
) -> pa.Table:
    """Some rows of a part with all their columns, for which its block is read once more.

    Args:
        context: see `Context`.
        part: the part.
        block: its block; None where the part has all columns.
        rows: the rows; those of other parts are left out. None for all.
        first: the number of the part's first row.
    """
    table = context.package.tables[part.table]
    own = np.arange(part.outline.rows)
    if rows is not None:
        own = rows[(rows >= first) & (rows < first + part.outline.rows)] - first
    text = part.text
    if block is not None:
        data = lines(context.folder, table, block) if len(own) else b""
        read = judge_block(table, header(table) + data).text
        assert read is not None
        text = _encoded(context.package, table, read)
    return text.take(pa.array(own))


def read_whole(context: Context, name: str, path: str) -> Whole:
    """Read and judge a file of a table as the embedded engine does."""
    table = replace(context.package.tables[name], path=path)
    reading: Reading = judge_file(table, lambda: context.folder.read_all(table.path))
    problems, counts = judging.first_of_each_rule(reading.problems, context.most)
    return Whole(reading.text, problems, counts)


def outline_of_whole(whole: Whole) -> tuple[int | None, list[Problem], Counts]:
    """The number of rows, None where they could not be read; and the faults of the bytes."""
    rows = None if whole.text is None else whole.text.num_rows
    return rows, whole.problems, whole.counts


def part_of_whole(context: Context, name: str, whole: Whole, first: int, rows: int) -> Part:
    """Judge some rows of a table that was read as a whole."""
    table = context.package.tables[name]
    assert whole.text is not None
    return judge_part(context, table, whole.text.slice(first, rows), table.columns)


def judge_part(context: Context, table: Table, text: pa.Table, kept: Sequence[str]) -> Part:
    """Judge rows as far as they can be judged by themselves."""
    most = context.most
    data = Data(context.package, {table.name: text})
    found: list[tuple[Finding, tuple[int, ...]]] = []
    for number, field in enumerate(table.fields):
        findings, bad = judging.judge_cells(data, table, field, most)
        found += [(finding, (CELLS, number)) for finding in findings]
        if bad is not None:
            data.bad[table.name, field.name] = bad
    for faults in keys.empty(data, table, most):
        found.append((judging.finding_of(faults), (KEYS, 0)))
    every = list(rules.load().values())
    for number, rule in enumerate(every):
        if rule.info.id in context.alone[table.name]:
            finding = judging.judge_records(data, table, rule, most)
            if finding:
                found.append((finding, (RECORDS, number)))
    of_texts = [rule for rule in every if rule.of_texts]
    for number, field in enumerate(table.fields):
        if judging.is_free_text(table, field):
            findings = judging.judge_text(data, table, of_texts, field, most)
            found += [(finding, (TEXTS, number)) for finding in findings]
    seen = [see(table, text, finding, order) for finding, order in found]
    bad_rows = {column: rows for (_, column), rows in data.bad.items()}
    outline = _outline(context, table, text, bad_rows, seen)
    own = _encoded(context.package, table, text.select(list(kept)))
    return Part(table.name, own, bad_rows, seen, outline)


def _encoded(package: Package, table: Table, text: pa.Table) -> pa.Table:
    """Hold every column once per distinct value, but for keys, whose values hardly repeat.

    So the columns of all parts of a table are of the same kind. Measured: what is kept takes a
    third of the memory, and so of the disk and of the way to it.
    """
    keys_of_it = {*table.primary_key, *referred_to(package, table.name)}
    for place, name in enumerate(text.column_names):
        column = text[name]
        if name in keys_of_it:
            column = column.cast(pa.string())
        elif not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        text = text.set_column(place, name, column)
    return text


def see(table: Table, text: pa.Table, finding: Finding, order: tuple[int, ...]) -> Seen:
    """Add what is shown of a finding's rows.

    Args:
        table: the table.
        text: the finding's column and those of the primary key.
        finding: the finding.
        order: see `Seen`.
    """
    return Seen(
        finding, order, *judging.values_and_records(text, table, finding.field, finding.rows)
    )


def counted(seen: list[Seen]) -> list[Counted]:
    """Findings without their rows."""
    return [Counted(one.finding.rule.id, one.order, one.finding.total) for one in seen]


def _outline(
    context: Context,
    table: Table,
    text: pa.Table,
    bad: Mapping[str, NDArray[np.int64]],
    seen: list[Seen],
) -> Outline:
    order, ends = Order(strict=True), None
    if table.primary_key:
        order = order_of(text, table.primary_key)
        if text.num_rows:
            ends = _key(text, table, 0), _key(text, table, text.num_rows - 1)
    zones = {}
    if text.num_rows:
        for column in referred_to(context.package, table.name):
            least = pc.min_max(text[column].cast(pa.string())).as_py()
            zones[column] = least["min"], least["max"]
    return Outline(text.num_rows, order, ends, zones, tuple(bad), counted(seen))


def _key(text: pa.Table, table: Table, row: int) -> str:
    """A row's key as one text that orders as the tuple of its parts."""
    # NUL, which no cell holds, sorts before every character, as a tuple's boundary does.
    return "\0".join(text[column][row].as_py() for column in table.primary_key)


def referred_to(package: Package, table: str) -> list[str]:
    """The columns of a table that foreign keys refer to."""
    return sorted(
        {
            key.key
            for other in package.tables.values()
            for key in other.foreign_keys
            if key.table == table
        }
    )


def outline_of(part: Part | Irregular) -> Outline | Irregular:
    """What is known of a part without holding it."""
    return part if isinstance(part, Irregular) else part.outline


def place_in_block(
    context: Context,
    block: Block,
    above: int,
    sources: Sequence[Part | list[Seen]],
    chosen: Sequence[tuple[int, int, int]],
) -> list[tuple[tuple[int, ...], Problem]]:
    """Turn findings in a block into problems, each with its place in the file.

    Args:
        context: see `Context`.
        block: the block.
        above: how many rows stand above it.
        sources: where the findings are.
        chosen: which are wanted, by source and number in it, and how many rows of each.

    Returns:
        The problems, each with the order of its finding.
    """
    table = context.package.tables[block.table]
    place = Lines(header(table) + lines(context.folder, table, block))
    return _place(table, block.path, place, 0, above, sources, chosen)


def place_in_whole(
    context: Context,
    name: str,
    path: str,
    firsts: Sequence[int],
    sources: Sequence[Sequence[Part | list[Seen]]],
    chosen: Sequence[Sequence[tuple[int, int, int]]],
) -> list[tuple[tuple[int, ...], Problem]]:
    """The same for a file that is read as a whole, part by part."""
    table = context.package.tables[name]
    place = Lines(context.folder.read_all(path))
    found = []
    for first, of_part, wanted in zip(firsts, sources, chosen, strict=True):
        found += _place(table, path, place, first, 0, of_part, wanted)
    return found


def _place(
    table: Table,
    path: str,
    place: Lines,
    above: int,
    lines_above: int,
    sources: Sequence[Part | list[Seen]],
    chosen: Sequence[tuple[int, int, int]],
) -> list[tuple[tuple[int, ...], Problem]]:
    index = {column: number for number, column in enumerate(table.columns)}
    found = []
    for source, number, rows in chosen:
        given = sources[source]
        seen = (given.seen if isinstance(given, Part) else given)[number]
        finding = seen.finding
        for position, row in enumerate(finding.rows[:rows].tolist()):
            line, column = place.cell(row + above, index[finding.field])
            where = path, line + lines_above, column
            value, record = seen.values[position], seen.records[position]
            one = judging.problem(table, finding, position, value, record, where)
            found.append((seen.order, one))
    return found
