"""A validation by the workers of a cluster: the same stages, in the same order, on parts of tables.

Here nothing is held but summaries: what is to be known of each part, how many problems there are,
and in the end the problems that are shown. Whether a check can be made at all is asked of an empty
package that knows what is faulty, so it is decided by the checks themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from ... import duplicates, judging, keys, rules
from ...columns import Column, UnknownError
from ...duplicates import LikelyTwin
from ...facts import Extreme, FirstOf, Leads, Lookup, Named, References, Used
from ...judging import Counts, Progress
from ...package import Package, Table
from ...problem import Problem, Report, RuleInfo, Skipped
from ...rules import Rule
from ...tables import MAX_FILE_BYTES, Reading, judge_block, report_disorder, report_partly_read
from . import exchange, facts, parts
from .blocks import Block, Folder, cut, header, is_parquet
from .exchange import LinkOutline, Sparse, Zone
from .facts import Known
from .parts import Context, Counted, Irregular, Outline

_ON_A_SHELF = 8
"""So many consecutive parts answer questions together."""

_AT_ONCE = 16
"""So many pieces one task adds up."""

_ROWS_IN_A_BUCKET = 4_000_000
"""So many rows one task compares by their hashes, 16 bytes each and some for sorting."""

_NO_COUNTS = Sparse(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
_NO_WORDS = Sparse(np.empty(0, dtype=np.int64), pa.array([], pa.string()))

Future = Any
"""What a task will have made; only its number is held here."""


class Pool(Protocol):
    """What carries out tasks."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Have a function called; among the arguments, and in lists of them, may be futures."""

    def results(
        self, futures: Sequence[Future], told: Callable[[int], None] | None = None
    ) -> list[Any]:
        """What tasks have made, once all have; `told` hears how many are done."""


@dataclass(eq=False)
class _Part:
    """A part of a table, as it is known here."""

    made: Future
    outline: Outline
    path: str
    block: Block | None
    first: int = 0
    """The number of its first row in the table."""
    above: int = 0
    """How many rows stand above it in what its lines are counted in."""
    sources: list[tuple[Future, list[Counted]]] = attribute(default_factory=list)
    links: dict[str, tuple[Future, LinkOutline]] = attribute(default_factory=dict)

    @property
    def end(self) -> int:
        """The number of the row after the last."""
        return self.first + self.outline.rows


@dataclass(eq=False)
class _Span:
    """Consecutive parts of a table."""

    first: int
    end: int
    numbers: range
    zones: dict[str, Zone]
    shelf: Future = None


@dataclass(eq=False)
class _File:
    """A file with rows of a table, as it is known here."""

    declared: Table
    """The table as if this were its only file."""
    readable: bool = False
    whole: bool = False
    """Whether it was read as a whole."""
    parts: list[_Part] = attribute(default_factory=list)


@dataclass(eq=False)
class _Table:
    """A table, as it is known here."""

    table: Table
    files: list[_File]
    readable: bool = False
    ordered: bool = False
    parts: list[_Part] = attribute(default_factory=list)
    spans: list[_Span] = attribute(default_factory=list)

    @property
    def rows(self) -> int:
        return self.parts[-1].end if self.parts else 0

    @property
    def firsts(self) -> list[int]:
        return [part.first for part in self.parts]

    def spans_of(self, hits: Sequence[int]) -> list[_Span]:
        """The spans in which some of the parts are."""
        return [span for span in self.spans if not set(hits).isdisjoint(span.numbers)]


class Run:
    """One validation.

    Args:
        opened: the package.
        folder: where workers find its files.
        pool: the workers.
        progress: called as the work advances.
        most: so many problems of each rule are wanted; None for all.
        blocksize: about so many bytes of a file are one block.
    """

    def __init__(
        self,
        opened: Package,
        folder: Folder,
        pool: Pool,
        progress: Progress,
        most: int | None,
        blocksize: int,
    ) -> None:
        self.package = opened
        self.folder = folder
        self.pool = pool
        self.progress = progress
        self.most = most
        self.blocksize = blocksize
        self.rules = list(rules.load().values())
        self.texts = {name: _without_rows(table) for name, table in opened.tables.items()}
        self.tables = {
            name: _Table(table, [_File(replace(table, path=path, parts=())) for path in paths])
            for name, table in opened.tables.items()
            if (paths := table.parts or (table.path,))
        }
        self.problems: list[Problem] = list(opened.unlisted(folder.below))
        self.counts: Counts = Counter((one.rule, one.table) for one in self.problems)
        self.skipped: list[Skipped] = []
        self.found: dict[tuple[str, Column], list[Future] | str] = {}
        alone, kept = self._plan()
        self.context = pool.submit(Context, opened, folder, most, kept, alone)

    def run(self) -> Report:
        """Go through all stages."""
        self.read()
        readable = [table for table in self.tables.values() if table.readable]
        self.follow_links(readable)
        dangling = {
            (table.table.name, column)
            for table in readable
            for part in table.parts
            for column, (_, link) in part.links.items()
            if link.dangling
        }
        faulty = {
            (table.table.name, column)
            for table in readable
            for part in table.parts
            for column in part.outline.faulty
        }
        texts = {table.table.name: self.texts[table.table.name] for table in readable}
        self.known = Known(self.package, texts, dangling, faulty)
        self.each("keys", readable, self.judge_keys)
        self.skipped.extend(judging.without_table(self.package, self.rules))
        self.each("rules", readable, self.judge_rules)
        self.finish(readable)
        return judging.report(
            self.package,
            {name: table.rows for name, table in self.tables.items()},
            self.problems,
            self.counts,
            self.skipped,
            self.most,
        )

    def each(self, stage: str, tables: list[_Table], step: Callable[[_Table], None]) -> None:
        """Take a step for each table, and tell so."""
        for done, table in enumerate(tables):
            self.progress(stage, done, len(tables))
            step(table)
        self.progress(stage, len(tables), len(tables))

    # Before anything is read

    def _plan(self) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
        """For each table the rules that a part answers by itself, and the columns to be kept."""
        known = Known(self.package, self.texts, set(), set())
        alone: dict[str, tuple[str, ...]] = {}
        kept: dict[str, set[str]] = {name: set() for name in self.tables}
        for name, state in self.tables.items():
            own = [rule for rule in self.rules if name in rule.info.tables]
            alone[name] = tuple(
                rule.info.id
                for rule in own
                if not any(rule.columns.values()) and _computable(known, name, rule)
            )
            kept[name] |= {*state.table.primary_key, *parts.referred_to(self.package, name)}
            kept[name] |= {key.field for key in state.table.foreign_keys}
            for _, columns in keys.uniquenesses(state.table, ordered=False):
                kept[name] |= set(columns)
            for rule in own:
                if rule.info.id in alone[name]:
                    continue
                kept[name] |= {rule.field or ""}
                for column, fact in rule.columns.items():
                    if fact is None:
                        kept[name].add(column)
                    elif facts.why_unknown(known, name, column, fact) is None:
                        for table, needed in facts.needs(self.package, name, fact):
                            kept[table].add(needed)
        return alone, {
            name: tuple(c for c in state.table.columns if c in kept[name])
            for name, state in self.tables.items()
        }

    # Reading

    def read(self) -> None:
        """Judge all blocks by themselves, and the files that are not in plain form as wholes."""
        files = [file for state in self.tables.values() for file in state.files]
        cuts = [cut(self.folder, file.declared, self.blocksize) for file in files]
        blocks = [
            (number, block)
            for number, found in enumerate(cuts)
            if not isinstance(found, Reading)
            for block in found
        ]
        made = [self.pool.submit(parts.read_block, self.context, block) for _, block in blocks]
        outlines = self.results(
            "reading", [self.pool.submit(parts.outline_of, part) for part in made]
        )
        of_file: dict[int, list[tuple[Block, Future, Outline | Irregular]]] = defaultdict(list)
        for (number, block), part, outline in zip(blocks, made, outlines, strict=True):
            of_file[number].append((block, part, outline))
        del made
        wholes = []
        for number, (file, found) in enumerate(zip(files, cuts, strict=True)):
            own = of_file.pop(number, [])
            if isinstance(found, Reading):
                self.tell(*judging.first_of_each_rule(found.problems, self.most))
            elif own and all(isinstance(known, Outline) for *_, known in own):
                file.readable = True
                for block, part, known in own:
                    assert isinstance(known, Outline)
                    file.parts.append(_Part(part, known, file.declared.path, block))
            elif is_parquet(file.declared.path):
                for *_, known in own:
                    assert isinstance(known, Irregular)
                    self.tell(known.problems, known.counts)
            elif own and own[0][0].stamp.size > MAX_FILE_BYTES:
                self.refuse_large(file.declared, own)
            else:
                wholes.append(file)
        self.read_wholes(wholes)
        for state in self.tables.values():
            if all(file.readable for file in state.files):
                self.arrange(state)
            else:
                self.skipped.append(judging.unreadable(state.table))

    def read_wholes(self, files: Sequence[_File]) -> None:
        """Read files that are not in plain form as wholes, and cut them into parts by rows."""
        made = [
            self.pool.submit(parts.read_whole, self.context, file.declared.name, file.declared.path)
            for file in files
        ]
        told = self.pool.results(
            [self.pool.submit(parts.outline_of_whole, whole) for whole in made]
        )
        cuts = []
        for file, whole, (rows, problems, counts) in zip(files, made, told, strict=True):
            self.tell(problems, counts)
            if rows is None:
                continue
            file.readable = file.whole = True
            name, path = file.declared.name, file.declared.path
            number = -(-self.folder.stamp(path).size // self.blocksize)
            step = max(-(-rows // max(number, 1)), 1)
            for first in range(0, max(rows, 1), step):
                part = self.pool.submit(parts.part_of_whole, self.context, name, whole, first, step)
                cuts.append((file, part))
        outlines = self.pool.results([self.pool.submit(parts.outline_of, part) for _, part in cuts])
        for (file, part), outline in zip(cuts, outlines, strict=True):
            file.parts.append(_Part(part, outline, file.declared.path, None))

    def refuse_large(
        self, table: Table, blocks: Sequence[tuple[Block, Future, Outline | Irregular]]
    ) -> None:
        """Report the first fault of a file that is too large to be read as a whole."""
        above = 0
        for block, _, known in blocks:
            if isinstance(known, Irregular):
                self.tell([_moved(one, above) for one in known.problems], known.counts)
                reading = Reading(table)
                report_partly_read(
                    reading, block.stamp.size, above + 2, too_long=not known.problems
                )
                self.tell(*judging.first_of_each_rule(reading.problems, None))
                return
            above += known.rows

    def arrange(self, state: _Table) -> None:
        """Number a table's rows, put its parts into spans, and judge the order of its rows."""
        state.readable = True
        every = [part for file in state.files for part in file.parts]
        filled = [part for part in every if part.outline.rows] or every[:1]
        state.parts = filled
        at = 0
        for file in state.files:
            # Rows in Parquet have no lines; theirs are those of the table as one file of CSV.
            start = 0 if is_parquet(file.declared.path) else at
            file.parts = [part for part in file.parts if part in filled]
            for part in file.parts:
                part.first, part.above = at, at - start
                at += part.outline.rows
                part.sources.append((part.made, part.outline.found))
        self.judge_order(state)
        for start in range(0, len(filled), _ON_A_SHELF):
            own = filled[start : start + _ON_A_SHELF]
            zones: dict[str, Zone] = {}
            for part in own:
                for column, (least, most) in part.outline.zones.items():
                    low, high = zones.get(column, (least, most))
                    zones[column] = min(low, least), max(high, most)
            numbers = range(start, start + len(own))
            state.spans.append(_Span(own[0].first, own[-1].end, numbers, zones))

    def judge_order(self, state: _Table) -> None:
        """Judge how rows follow each other, in parts and from each to the next."""
        state.ordered, last = True, None
        for file in state.files:
            descents: int = 0
            first: int | None = None
            for number, part in enumerate(file.parts):
                order, ends = part.outline.order, part.outline.ends
                own, begins = order.descents, order.first
                if ends is not None:
                    state.ordered &= order.strict and (last is None or last < ends[0])
                    if last is not None and ends[0] < last:
                        own, begins = own + 1, 0
                    last = ends[1]
                if file.whole:  # which has been judged as such, but for where it begins
                    own = int(not number and begins == 0)
                if own:
                    descents += own
                    first = part.above + (begins or 0) if first is None else first
            if first is not None:
                reading = Reading(file.declared)
                report_disorder(reading, descents, first + 2)
                self.tell(*judging.first_of_each_rule(reading.problems, None))

    # Keys

    def follow_links(self, readable: list[_Table]) -> None:
        """Find for each foreign key of each part the rows it points to."""
        looked_up = self._looked_up()
        for state in readable:
            columns = sorted(
                {*parts.referred_to(self.package, state.table.name)} | looked_up[state.table.name]
            )
            for span in state.spans if columns else ():
                lent = [
                    self.pool.submit(exchange.lend, part.made, columns, part.first)
                    for part in (state.parts[number] for number in span.numbers)
                ]
                span.shelf = self.pool.submit(exchange.shelve, lent)
        links: list[tuple[_Part, str, _Table, Future]] = []
        asking: list[tuple[_Part, str, _Table, str, Future]] = []
        for state in readable:
            for key in state.table.foreign_keys:
                other = self.tables[key.table]
                if not other.readable:
                    continue
                for part in state.parts:
                    if len(other.spans) == 1:
                        found = self.pool.submit(
                            exchange.find, self.context, key.field, part.made, other.spans[0].shelf
                        )
                        links.append((part, key.field, other, found))
                        continue
                    zones = [span.zones.get(key.key, ("", "")) for span in other.spans]
                    asked = self.pool.submit(
                        exchange.ask, self.context, key.field, part.made, zones
                    )
                    asking.append((part, key.field, other, state.table.name, asked))
        wanted = self.results(
            "asking", [self.pool.submit(exchange.asks, asked) for *_, asked in asking]
        )
        for (part, column, other, name, asked), numbers in zip(asking, wanted, strict=True):
            answers = [
                self.pool.submit(
                    exchange.answer,
                    *(self.context, name, column, asked, number, other.spans[number].shelf),
                )
                for number in numbers
            ]
            links.append(
                (
                    part,
                    column,
                    other,
                    self.pool.submit(
                        exchange.settle, self.context, name, column, asked, numbers, answers
                    ),
                )
            )
        del asking
        outlines = self.results(
            "linking",
            [
                self.pool.submit(exchange.outline_of_link, link, other.firsts)
                for *_, other, link in links
            ],
        )
        for (part, column, _, link), outline in zip(links, outlines, strict=True):
            part.links[column] = link, outline

    def _looked_up(self) -> dict[str, set[str]]:
        """The columns, by table, that rules look up from elsewhere."""
        found: dict[str, set[str]] = defaultdict(set)
        for rule in self.rules:
            for name in rule.info.tables:
                if name not in self.tables:
                    continue
                for column in rule.columns.values():
                    if isinstance(column, Lookup) and _resolvable(self.package, name, column):
                        table, last = list(facts.needs(self.package, name, column))[-1]
                        found[table].add(last)
        return found

    def judge_keys(self, state: _Table) -> None:
        """Judge a table's primary, unique and foreign keys."""
        table = state.table
        for number, (rule, columns) in enumerate(keys.uniquenesses(table, state.ordered)):
            if columns:
                self.judge_uniqueness(state, rule, columns, number)
        for number, key in enumerate(table.foreign_keys):
            try:
                self.known.link(table.name, key.field)
            except UnknownError as reason:
                told = f"{key.field}: {reason}"
                self.skipped.append(Skipped(keys.FOREIGN.id, table.name, told))
                continue
            self.judge_references(state, number)

    def judge_uniqueness(
        self, state: _Table, rule: RuleInfo, columns: tuple[str, ...], number: int
    ) -> None:
        """Find the rows that repeat a key."""
        found = self.repetitions(state, FirstOf(columns))
        rows = [self.pool.submit(facts.originals, one) for one in found]
        concerned = self.pool.results(
            [self.pool.submit(facts.parts_with, one, state.firsts) for one in rows]
        )
        for index in sorted({hit for hits in concerned for hit in hits}):
            part = state.parts[index]
            own = [one for one, hits in zip(rows, concerned, strict=True) if index in hits]
            self.see(
                part,
                self.pool.submit(
                    facts.see_repeated,
                    self.context,
                    part.made,
                    part.first,
                    rule.id,
                    columns,
                    own,
                    (1, number),
                ),
            )

    def judge_references(self, state: _Table, number: int) -> None:
        """Report the references that point to nothing, the first with what may be meant."""
        key = state.table.foreign_keys[number]
        wrong = [part for part in state.parts if part.links[key.field][1].dangling]
        if not wrong:
            return
        room, values = keys.SEARCH_LIMIT, []
        for part in wrong:
            share = min(room, part.links[key.field][1].dangling)
            room -= share
            if share:
                values.append(
                    self.pool.submit(
                        exchange.dangling_values,
                        self.context,
                        key.field,
                        part.made,
                        part.links[key.field][0],
                        share,
                    )
                )
        first = [value for some in self.pool.results(values) for value in some]
        near = [
            self.pool.submit(exchange.neighbours, key.key, span.shelf, first)
            for span in self.tables[key.table].spans
        ]
        (told,) = self.pool.results([self.pool.submit(exchange.suggestions, first, near)])
        at = 0
        for part in wrong:
            link, outline = part.links[key.field]
            own = told[at : at + outline.dangling]
            at += len(own)
            self.see(
                part,
                self.pool.submit(
                    exchange.see_dangling, self.context, number, part.made, link, own, (2, number)
                ),
            )

    # Rules

    def judge_rules(self, state: _Table) -> None:
        """Judge a table's records by the rules that need to know of others."""
        name = state.table.name
        numbers: list[int] = []
        for number, rule in enumerate(self.rules):
            if name not in rule.info.tables:
                continue
            if reason := self.unknown(state, rule):
                self.skipped.append(Skipped(rule.info.id, name, reason))
            elif any(rule.columns.values()):
                numbers.append(number)
        if not numbers:
            return
        columns = {
            column
            for number in numbers
            for column in self.rules[number].columns.values()
            if column is not None
        }
        ordered = sorted(columns, key=repr)
        lookups = [column for column in ordered if isinstance(column, Lookup)]
        others = [column for column in ordered if not isinstance(column, Lookup)]
        for index, part in enumerate(state.parts):
            span = next(n for n, span in enumerate(state.spans) if index in span.numbers)
            given = [[column, self.fact(state, column)[span]] for column in others]
            taken = list(self.look_up(state, part, lookups))
            self.see(
                part,
                self.pool.submit(
                    facts.judge_records, self.context, part.made, part.first, numbers, given, taken
                ),
            )

    def unknown(self, state: _Table, rule: Rule) -> str | None:
        """Why a rule cannot be judged; None where it can."""
        for name, column in rule.columns.items():
            if reason := facts.why_unknown(self.known, state.table.name, name, column):
                return reason
            # Of these two it depends on the rows whether they can be known.
            if isinstance(column, Named | LikelyTwin):
                found = self.compute(state, column)
                if isinstance(found, str):
                    return found
        return None

    def fact(self, state: _Table, column: Column) -> list[Future]:
        """A global fact that can be known: the values for each span of a table's parts."""
        found = self.compute(state, column)
        assert not isinstance(found, str)
        return found

    def compute(self, state: _Table, column: Column) -> list[Future] | str:
        """A global fact for each span of a table's parts, or why it is not known."""
        place = state.table.name, column
        if place not in self.found:
            self.found[place] = self._compute(state, column)
        return self.found[place]

    def _compute(self, state: _Table, column: Column) -> list[Future] | str:
        if isinstance(column, References):
            return self.count(state, [column])
        if isinstance(column, Used):
            ignored = column.ignoring
            return self.count(
                state,
                [
                    References(other.table.name, key.field)
                    for other in self.tables.values()
                    for key in other.table.foreign_keys
                    if key.table == state.table.name and other.table.name not in ignored
                ],
            )
        if isinstance(column, FirstOf):
            found = self.repetitions(state, column)
            return self.in_spans(state, [self.pool.submit(facts.names, one) for one in found])
        if isinstance(column, Extreme):
            return self.find_extremes(state, column)
        if isinstance(column, Leads):
            pairs = [
                self.pool.submit(facts.steps, part.links[column.column][0], part.first)
                for part in state.parts
            ]
            return [self.pool.submit(facts.cycles, pairs, column)] * len(state.spans)
        found_here = (
            self.find_named(state, column)
            if isinstance(column, Named)
            else self.find_twins(state, column)
            if isinstance(column, LikelyTwin)
            else None
        )
        assert found_here is not None, f"unknown kind of fact: {column}"
        if isinstance(found_here, str):
            return found_here
        return [found_here] * len(state.spans)

    def look_up(self, state: _Table, part: _Part, lookups: Sequence[Lookup]) -> Iterator[list[Any]]:
        """What `facts.judge_records` needs to look values up for the rows of a part."""
        wanted: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for lookup in lookups:
            *steps, last = lookup.path.split(".")
            wanted[tuple(steps)].append(last)
        for path, columns in wanted.items():
            rows, outline = part.links[path[0]]
            other = self.tables[state.table.reference(path[0]).table]
            for step in path[1:]:
                following = self.tables[other.table.reference(step).table]
                hit = [other.parts[number] for number in outline.hits]
                spans = [[one.first, one.end] for one in hit]
                links = [one.links[step][0] for one in hit]
                rows = self.pool.submit(facts.through, rows, spans, links)
                (outline,) = self.pool.results(
                    [self.pool.submit(exchange.outline_of_link, rows, following.firsts)]
                )
                other = following
            shelves = other.spans_of(outline.hits) or other.spans[:1]
            pieces = [
                self.pool.submit(exchange.fetch, self.context, rows, span.shelf, columns)
                for span in shelves
            ]
            yield [".".join(path), rows, [[s.first, s.end] for s in shelves], pieces]

    def count(self, state: _Table, references: Sequence[References]) -> list[Future]:
        """How often rows are referred to, for each span of a table's parts."""
        counted: list[list[Future]] = [[] for _ in state.spans]
        for reference in references:
            for part in self.tables[reference.table].parts:
                link, outline = part.links[reference.column]
                if not outline.hits:
                    continue
                where = list(reference.where)
                made = self.pool.submit(exchange.count, self.context, part.made, link, where)
                for number, span in enumerate(state.spans):
                    if not set(outline.hits).isdisjoint(span.numbers):
                        counted[number].append(made)
        return [
            self.reduced(exchange.add_up, span, pieces) if pieces else _NO_COUNTS
            for span, pieces in zip(state.spans, counted, strict=True)
        ]

    def in_spans(self, state: _Table, pieces: Sequence[Future]) -> list[Future]:
        """Values of few rows, for each span of a table's parts."""
        if not pieces:
            return [_NO_WORDS] * len(state.spans)
        return [self.reduced(exchange.pick, span, pieces) for span in state.spans]

    def reduced(
        self, function: Callable[..., Any], span: _Span, pieces: Sequence[Future]
    ) -> Future:
        """Have pieces put together, not too many at once."""
        while True:
            groups = [pieces[at : at + _AT_ONCE] for at in range(0, len(pieces), _AT_ONCE)]
            made = [
                self.pool.submit(function, span.first, span.end, list(group)) for group in groups
            ]
            if len(made) == 1:
                return made[0]
            pieces = made

    def repetitions(self, state: _Table, fact: FirstOf) -> list[Future]:
        """The rows that repeat others, in pieces."""
        buckets = max(-(-state.rows // _ROWS_IN_A_BUCKET), 1)
        made = [
            self.pool.submit(facts.hashed, self.context, part.made, fact, part.first, buckets)
            for part in state.parts
        ]
        alike = []
        for number in range(buckets):
            own = [self.pool.submit(facts.bucket, one, number) for one in made]
            alike.append(self.pool.submit(facts.alike, own))
        concerned = self.pool.results(
            [self.pool.submit(facts.parts_with, rows, state.firsts) for rows in alike]
        )
        columns = list(dict.fromkeys((*fact.columns, *state.table.primary_key)))
        found = []
        for rows, hits in zip(alike, concerned, strict=True):
            if not hits:
                continue
            texts = []
            for number in hits:
                part = state.parts[number]
                texts.append(self.pool.submit(facts.cells_of, part.made, columns, part.first, rows))
            found.append(
                self.pool.submit(
                    facts.repetitions, self.context, state.table.name, fact, rows, texts
                )
            )
        return found

    def find_extremes(self, state: _Table, fact: Extreme) -> list[Future]:
        """The least or greatest numbers of rows alike, for each span of a table's parts."""
        context = self.context
        zones = self.pool.results(
            [self.pool.submit(facts.zones, context, part.made, fact) for part in state.parts]
        )
        found = []
        for part, (own, _) in zip(state.parts, zones, strict=True):
            others = [
                self.pool.submit(facts.counting, context, other.made, fact, own)
                for other, (_, theirs) in zip(state.parts, zones, strict=True)
                if other is not part and own and theirs and exchange.overlap(own, theirs)
            ]
            found.append(
                self.pool.submit(facts.extremes, context, part.made, fact, part.first, others)
            )
        return [
            self.reduced(exchange.pick, span, [found[number] for number in span.numbers])
            for span in state.spans
        ]

    def find_named(self, state: _Table, fact: Named) -> Future | str:
        """What is missing of the records that rows name in plain words."""
        name = state.table.name
        made = [part.made for part in state.parts]
        text = self.pool.submit(facts.named_text, made, fact)
        asked = self.pool.submit(facts.wanted, self.context, name, text, fact)
        (keys_asked,) = self.pool.results([self.pool.submit(_tables_asked, asked)])
        others = [
            (other, part)
            for other in keys_asked
            if self.tables[other].readable
            for part in self.tables[other].parts
        ]
        there = [
            self.pool.submit(facts.present, self.context, part.made, asked) for _, part in others
        ]
        readable = [other for other, table in self.tables.items() if table.readable]
        names = [other for other, _ in others]
        return self._known(
            self.pool.submit(facts.unnamed, self.context, name, text, fact, readable, names, there)
        )

    def find_twins(self, state: _Table, fact: LikelyTwin) -> Future | str:
        """The incidents that others, which wait for review, may repeat."""
        submit, name = self.pool.submit, state.table.name
        waits = [submit(facts.waiting, self.context, part.made) for part in state.parts]
        waiting = self.pool.results([submit(_any_wait, one) for one in waits])
        if not any(waiting):
            return _NO_WORDS
        waits = [one for one, some in zip(waits, waiting, strict=True) if some]
        chosen = [
            submit(facts.at_those_times, self.context, part.made, part.first, waits)
            for part in state.parts
        ]
        incidents = submit(facts.union, chosen)
        if not state.ordered:  # an id may occur twice, and references mean the first
            ids = [submit(facts.ids_of, part.made, part.first, incidents) for part in state.parts]
            chosen = [
                submit(facts.of_those_ids, part.made, part.first, ids) for part in state.parts
            ]
            incidents = submit(facts.union, chosen)
        others = [self.tables[other] for other in duplicates.READ if other in self.tables]
        others = [other for other in others if other.readable]
        rows: dict[tuple[str, int], Future] = {}
        ends = [incidents]
        for other in others:
            columns = [key.field for key in other.table.foreign_keys if key.table == name]
            for part in other.parts if columns else ():
                links = [part.links[column][0] for column in columns]
                tying = len(columns) > 1  # rows that tie incidents to each other
                own = submit(facts.concerned, links, incidents, tying)
                rows[other.table.name, part.first] = own
                if tying:
                    ends.append(submit(facts.other_ends, links, own))
        incidents = submit(facts.union, ends)
        names, texts = [], []
        for other in (state, *others):
            pieces = []
            for part in other.parts:
                own = incidents if other is state else rows.get((other.table.name, part.first))
                # Rows of other tables are numbered from their part's first.
                at = part.first if other is state else 0
                pieces.append(
                    submit(parts.whole_rows, self.context, part.made, part.block, own, at)
                )
            names.append(other.table.name)
            texts.append(pieces)
        empty = {
            other: self.texts[other]
            for other, table in self.tables.items()
            if table.readable and other not in names
        }
        return self._known(
            submit(facts.twins, self.context, name, fact, names, texts, empty, incidents)
        )

    def _known(self, found: Future) -> Future | str:
        """What was found, or why it is not known."""
        (reason,) = self.pool.results([self.pool.submit(_reason, found)])
        return found if reason is None else str(reason)

    # The problems

    def see(self, part: _Part, found: Future) -> None:
        """Note a source of findings; what is in it will be asked later."""
        part.sources.append((found, []))

    def finish(self, readable: list[_Table]) -> None:
        """Count all that was found, and have the problems that are shown put into words."""
        later = [
            (part, number)
            for state in readable
            for part in state.parts
            for number, (_, found) in enumerate(part.sources)
            if number and not found
        ]
        told = self.results(
            "judging",
            [self.pool.submit(parts.counted, part.sources[n][0]) for part, n in later],
        )
        for (part, number), found in zip(later, told, strict=True):
            part.sources[number] = part.sources[number][0], found
        chosen = self.choose(readable)
        tasks = []
        for state in readable:
            for file in state.files:
                own = [(part, chosen[id(part)]) for part in file.parts if chosen[id(part)]]
                tasks += self.place(file, own)
        located = [one for some in self.results("placing", tasks) for one in some]
        located.sort(key=lambda one: one[0])
        self.problems += [one for _, one in located]

    def place(
        self, file: _File, chosen: Sequence[tuple[_Part, list[tuple[int, int, int]]]]
    ) -> list[Future]:
        """Have findings in parts of a file turned into problems."""
        sources = [[source for source, _ in part.sources] for part, _ in chosen]
        if chosen and file.whole:
            name, path = file.declared.name, file.declared.path
            firsts = [part.above for part, _ in chosen]
            wanted = [own for _, own in chosen]
            place = parts.place_in_whole
            return [self.pool.submit(place, self.context, name, path, firsts, sources, wanted)]
        return [
            self.pool.submit(
                parts.place_in_block, self.context, part.block, part.above, own_sources, wanted
            )
            for (part, wanted), own_sources in zip(chosen, sources, strict=True)
        ]

    def choose(self, readable: list[_Table]) -> dict[int, list[tuple[int, int, int]]]:
        """Which findings of each part are shown, and how many rows of each.

        Of each rule the first problems by file and row are wanted; a few more may be chosen.
        """
        chosen: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        room: dict[str, int] = {}
        every = [(part, state.table.name) for state in readable for part in state.parts]
        for part, name in sorted(every, key=lambda one: (one[0].path, one[0].above)):
            taken: Counter[str] = Counter()
            for source, (_, found) in enumerate(part.sources):
                for number, one in enumerate(found):
                    self.counts[one.rule, name] += one.total
                    left = one.total if self.most is None else room.get(one.rule, self.most)
                    rows = min(one.total, left)
                    if rows:
                        chosen[id(part)].append((source, number, rows))
                        taken[one.rule] += rows
            if self.most is not None:
                for rule, rows in taken.items():
                    room[rule] = max(room.get(rule, self.most) - rows, 0)
        return chosen

    # Helpers

    def tell(self, problems: Sequence[Problem], counts: Counts) -> None:
        """Note problems with a table's bytes."""
        self.problems += problems
        self.counts += counts

    def results(self, stage: str, futures: Sequence[Future]) -> list[Any]:
        """What tasks have made, with word of how many are done."""
        total = len(futures)
        return self.pool.results(futures, lambda done: self.progress(stage, done, total))


def _without_rows(table: Table) -> pa.Table:
    text = judge_block(table, header(table)).text
    assert text is not None
    return text


def _computable(known: Known, table: str, rule: Rule) -> bool:
    """Whether all columns of a rule are there."""
    reasons = (facts.why_unknown(known, table, *item) for item in rule.columns.items())
    return not any(reasons)


def _resolvable(package: Package, table: str, lookup: Lookup) -> bool:
    try:
        other, last = list(facts.needs(package, table, lookup))[-1]
        return last in package.tables[other].columns
    except KeyError:
        return False


def _moved(problem: Problem, lines: int) -> Problem:
    """The same problem so many lines below."""
    return problem if problem.line is None else replace(problem, line=problem.line + lines)


def _tables_asked(asked: dict[str, set[str]]) -> list[str]:
    return [table for table, keys_ in asked.items() if keys_]


def _any_wait(waits: tuple[Any, set[str]]) -> bool:
    return bool(len(waits[0]))


def _reason(found: Sparse | str) -> str | None:
    return found if isinstance(found, str) else None
