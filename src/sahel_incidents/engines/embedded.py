"""Validation in one process: the whole package in memory, as columns of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pyarrow as pa

from .. import judging, keys, package, tables
from ..columns import Data, UnknownError
from ..csvtext import Lines
from ..judging import Counts, Finding, Progress
from ..package import Field, ForeignKey, Package, Table
from ..problem import Problem, Report, Skipped
from ..rules import Rule
from ..rules import load as load_rules
from ..rules import prepare as prepare_rules
from ..tables import Reading, read_table

_WORKERS = 2  # Arrow's kernels run without Python's lock; more gain nothing on few large columns


@dataclass(frozen=True)
class Embedded:
    """The engine for packages that fit into one machine's memory."""

    @property
    def parted(self) -> bool:
        """See `engines.Engine`."""
        return False

    def validate(self, opened: Package, progress: Progress, most: int | None) -> Report:
        """Judge a package, stage by stage.

        Args:
            opened: the package.
            progress: called as the work advances.
            most: so many problems of each rule are held; None for all.

        Raises:
            ToolError: a file cannot be read.
        """
        return _Validation(opened, progress, most).run()


class _Validation:
    def __init__(self, opened: Package, progress: Progress, most: int | None) -> None:
        self.package = opened
        self.progress = progress
        self.most = most
        self.problems: list[Problem] = []
        self.skipped: list[Skipped] = []
        self.readings: dict[str, Reading] = {}

    def run(self) -> Report:
        self.problems.extend(self.package.unlisted())
        with _workers() as pool:
            # Importing pandas and pandera takes as long as reading 100 MB: meanwhile.
            importing = pool.submit(prepare_rules)
            self.read(pool)
            readable = [
                table
                for table in self.package.tables.values()
                if self.readings[table.name].text is not None
            ]
            data = Data(self.package, {t.name: self.text(t.name) for t in readable})
            found = _Findings(data)
            self.judge_cells(pool, readable, data, found)
            self.judge_keys(pool, readable, data, found)
            importing.result()
            self.judge_rules(pool, readable, data, found)
        counts: Counts = Counter((one.rule, one.table) for one in self.problems)
        return judging.report(
            self.package,
            {name: reading.rows for name, reading in self.readings.items()},
            [*self.problems, *found.located()],
            counts + found.counts,
            self.skipped,
            self.most,
        )

    def each(self, stage: str, items: list[Table], step: Callable[[Table], None]) -> None:
        for done, item in enumerate(items):
            self.progress(stage, done, len(items))
            step(item)
        self.progress(stage, len(items), len(items))

    def text(self, table: str) -> pa.Table:
        text = self.readings[table].text
        assert text is not None
        return text

    def read(self, pool: ThreadPoolExecutor) -> None:
        everything = self.package.tables
        sizes = {t.name: package.size_of(self.package.root, t.path) for t in everything.values()}
        # The largest first, so that none of them is left for one worker alone in the end.
        read = {
            name: pool.submit(read_table, self.package, everything[name])
            for name in sorted(sizes, key=sizes.__getitem__, reverse=True)
        }
        for done, (name, table) in enumerate(everything.items()):
            reading = read.pop(name).result()
            self.progress("reading", done + 1, len(everything))
            self.readings[name] = reading
            self.problems.extend(reading.problems)
            if reading.text is None:
                self.skipped.append(judging.unreadable(table))

    # The tasks of a stage, of all tables, are laid out for the workers at once, so that neither of
    # them waits for the other at the end of each table; what comes of them is gathered by table.

    def judge_cells(
        self, pool: ThreadPoolExecutor, readable: list[Table], data: Data, found: _Findings
    ) -> None:
        def judge(table: Table, field: Field) -> list[Finding]:
            findings, bad = judging.judge_cells(data, table, field, self.most)
            if bad is not None:
                data.bad[table.name, field.name] = bad
            return findings

        def gather(table: Table) -> None:
            for findings in judged.pop(table.name):
                found.add(table, *findings.result())

        judged = {t.name: [pool.submit(judge, t, field) for field in t.fields] for t in readable}
        self.each("cells", readable, gather)

    def judge_keys(
        self, pool: ThreadPoolExecutor, readable: list[Table], data: Data, found: _Findings
    ) -> None:
        def follow(table: Table, key: ForeignKey) -> None:
            with suppress(UnknownError):  # reported when the key is judged
                data.link(table.name, key.field)

        def judge(table: Table) -> None:
            for link in followed.pop(table.name):
                link.result()
            for outcome in keys.judge(data, table, self.readings[table.name].ordered, self.most):
                if isinstance(outcome, Skipped):
                    self.skipped.append(outcome)
                else:
                    found.add(table, judging.finding_of(outcome))

        followed = {
            t.name: [pool.submit(follow, t, key) for key in t.foreign_keys] for t in readable
        }
        self.each("keys", readable, judge)

    def judge_rules(
        self, pool: ThreadPoolExecutor, readable: list[Table], data: Data, found: _Findings
    ) -> None:
        rules = list(load_rules().values())
        self.skipped.extend(judging.without_table(self.package, rules))
        of_texts = [rule for rule in rules if rule.of_texts]

        def gather(table: Table) -> None:
            records, texts = judged.pop(table.name)
            for judgement in records:
                outcome = judgement.result()
                if isinstance(outcome, Skipped):
                    self.skipped.append(outcome)
                elif outcome is not None:
                    found.add(table, outcome)
            data.forget(table.name)
            for findings in texts:
                found.add(table, *findings.result())

        judged = {
            t.name: (
                [
                    pool.submit(self.judge_records, data, t, rule)
                    for rule in rules
                    if t.name in rule.info.tables
                ],
                [
                    pool.submit(judging.judge_text, data, t, of_texts, field, self.most)
                    for field in t.fields
                    if judging.is_free_text(t, field)
                ],
            )
            for t in readable
        }
        self.each("rules", readable, gather)

    def judge_records(self, data: Data, table: Table, rule: Rule) -> Finding | Skipped | None:
        try:
            return judging.judge_records(data, table, rule, self.most)
        except UnknownError as unknown:
            return Skipped(rule.info.id, table.name, str(unknown))
        except KeyError as column:
            return Skipped(rule.info.id, table.name, f"there is no column {column}")


@contextmanager
def _workers() -> Iterator[ThreadPoolExecutor]:
    """The threads that do the work; when it is broken off, what waits is not begun any more."""
    pool = ThreadPoolExecutor(_WORKERS)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


class _Findings:
    """What was found, by table; given its place in the file once all is known."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._found: dict[str, list[Finding]] = {}
        self.counts: Counts = Counter()

    def add(self, table: Table, *findings: Finding) -> None:
        """Note that rows of a table break rules."""
        self._found.setdefault(table.name, []).extend(findings)
        for finding in findings:
            self.counts[finding.rule.id, table.name] += finding.total

    def located(self) -> list[Problem]:
        """All that was noted as problems; each table's file is read once more for it."""
        problems = []
        for name, found in self._found.items():
            if not found:
                continue
            table = self._data.package.tables[name]
            raw = package.read_file(self._data.package.root, table.path, tables.MAX_FILE_BYTES)
            lines = Lines(raw)
            index = {column: number for number, column in enumerate(table.columns)}
            for finding in found:
                values, records = judging.values_and_records(
                    self._data.texts[name], table, finding.field, finding.rows
                )
                for number, row in enumerate(finding.rows.tolist()):
                    place = table.path, *lines.cell(row, index[finding.field])
                    problems.append(
                        judging.problem(
                            table, finding, number, values[number], records[number], place
                        )
                    )
        return problems
