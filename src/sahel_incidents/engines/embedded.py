"""Validation in one process: the whole package in memory, as columns of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

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
        with ThreadPoolExecutor(_WORKERS) as pool:
            # Importing pandas and pandera takes as long as reading 100 MB: meanwhile.
            importing = pool.submit(prepare_rules)
            self.read(pool)
            readable = [
                table
                for table in self.package.tables.values()
                if self.readings[table.name].text is not None
            ]
            data = Data(self.package, {t.name: self.text(t.name) for t in readable})
            found = _Findings(data, self.most)
            self.each("cells", readable, partial(self.judge_cells, pool, data, found))
            self.each("keys", readable, partial(self.judge_keys, pool, data, found))
            importing.result()
            rules = list(load_rules().values())
            self.skipped.extend(judging.without_table(self.package, rules))
            self.each("rules", readable, partial(self.judge_rules, pool, rules, data, found))
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
        everything = self.package.tables.values()
        read = pool.map(partial(read_table, self.package), everything)
        for done, (table, reading) in enumerate(zip(everything, read, strict=True)):
            self.progress("reading", done + 1, len(everything))
            self.readings[table.name] = reading
            self.problems.extend(reading.problems)
            if reading.text is None:
                self.skipped.append(judging.unreadable(table))

    def judge_cells(
        self, pool: ThreadPoolExecutor, data: Data, found: _Findings, table: Table
    ) -> None:
        def judge(field: Field) -> None:
            findings, bad = judging.judge_cells(data, table, field, self.most)
            outcomes[field.name] = findings
            if bad is not None:
                data.bad[table.name, field.name] = bad

        outcomes: dict[str, list[Finding]] = {}
        list(pool.map(judge, table.fields))
        for column in table.columns:
            found.add(table, *outcomes[column])

    def judge_keys(
        self, pool: ThreadPoolExecutor, data: Data, found: _Findings, table: Table
    ) -> None:
        def follow(key: ForeignKey) -> None:
            with suppress(UnknownError):  # reported when the key is judged
                data.link(table.name, key.field)

        list(pool.map(follow, table.foreign_keys))
        for outcome in keys.judge(data, table, self.readings[table.name].ordered, self.most):
            if isinstance(outcome, Skipped):
                self.skipped.append(outcome)
            else:
                found.add(table, finding_of(outcome))

    def judge_rules(
        self,
        pool: ThreadPoolExecutor,
        rules: list[Rule],
        data: Data,
        found: _Findings,
        table: Table,
    ) -> None:
        of_records = [rule for rule in rules if table.name in rule.info.tables]
        for outcome in pool.map(partial(self.judge_records, data, table), of_records):
            if isinstance(outcome, Skipped):
                self.skipped.append(outcome)
            elif outcome is not None:
                found.add(table, outcome)
        data.forget(table.name)
        of_texts = [rule for rule in rules if rule.of_texts]
        texts = [field for field in table.fields if judging.is_free_text(table, field)]
        judge = partial(judging.judge_text, data, table, of_texts, most=self.most)
        for findings in pool.map(judge, texts):
            found.add(table, *findings)

    def judge_records(self, data: Data, table: Table, rule: Rule) -> Finding | Skipped | None:
        try:
            return judging.judge_records(data, table, rule, self.most)
        except UnknownError as unknown:
            return Skipped(rule.info.id, table.name, str(unknown))
        except KeyError as column:
            return Skipped(rule.info.id, table.name, f"there is no column {column}")


def finding_of(faults: keys.KeyFaults) -> Finding:
    """Faults of a key as a finding."""
    return Finding(faults.rule, faults.field, faults.rows, faults.explanations, faults.total)


class _Findings:
    """What was found, by table; given its place in the file once all is known."""

    def __init__(self, data: Data, most: int | None) -> None:
        self._data = data
        self._most = most
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
