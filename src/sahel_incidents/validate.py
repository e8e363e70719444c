"""Validation, stage by stage: descriptor, bytes, cells, keys, rules.

A stage looks only at what the stages before it found readable. A table whose bytes are not well
formed is left alone, a cell that is not of its type is judged no further, and a check that would
need either is listed as skipped: no fault is reported twice, and none passes in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import cells, keys, package, tables
from .columns import Data, UnknownError, frame
from .package import Field, ForeignKey, Package, Table, open_package
from .problem import Problem, Report, RuleInfo, Skipped
from .rules import Rule
from .rules import load as load_rules
from .tables import Lines, Reading, read_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_T = TypeVar("_T")

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its steps are done, and how many there are."""

_WORKERS = 2  # Arrow's kernels run without Python's lock; more gain nothing on few large columns

# A cell of text that any rule on text could object to: one that begins or ends unusually, or holds
# a character that is neither printable ASCII, nor an accented letter of the languages at hand, nor
# common punctuation. Letters with which mis-decoded text begins (as in "SÃ©gou") count as unusual.
# All other cells, nearly all, are not looked at again.
_UNUSUAL = (
    r"\A[ =+\-@\x{A0}]|[ \x{A0}]\z|â€"
    r"|[^ -~\x{A0}-\x{AC}\x{AE}-\x{C1}\x{C4}-\x{D7}\x{DA}-\x{17F}\x{2010}-\x{2027}]"
)


def catalogue() -> dict[str, RuleInfo]:
    """Every rule and check there is, by id: of files, cells and keys, then the rules."""
    checks = (*package.RULES, *tables.RULES, *cells.RULES, *keys.RULES)
    return {info.id: info for info in (*checks, *(rule.info for rule in load_rules().values()))}


def validate(root: Path, progress: Progress | None = None) -> Report:
    """Validate the data package in a folder.

    Args:
        root: the folder that holds `datapackage.json`.
        progress: called as the work advances.

    Returns:
        The report: all problems, in the order of file, line, column and rule.

    Raises:
        DescriptorError: a descriptor is broken or unsafe.
        ToolError: a file cannot be read.
    """
    return _Validation(open_package(root), progress or (lambda stage, done, total: None)).run()


class _Validation:
    def __init__(self, opened: Package, progress: Progress) -> None:
        self.package = opened
        self.progress = progress
        self.problems: list[Problem] = []
        self.skipped: list[Skipped] = []
        self.readings: dict[str, Reading] = {}

    def run(self) -> Report:
        self.problems.extend(self.package.unlisted())
        with ThreadPoolExecutor(_WORKERS) as pool:
            # Importing pandas and pandera takes as long as reading 100 MB: meanwhile.
            importing = pool.submit(_import_heavy)
            everything = list(self.package.tables.values())
            self.each("reading", everything, self.read)
            readable = [table for table in everything if self.readings[table.name].text is not None]
            data = Data(self.package, {t.name: self.text(t.name) for t in readable})
            found = _Findings(data, self.problems)
            self.each("cells", readable, partial(self.judge_cells, pool, data, found))
            self.each("keys", readable, partial(self.judge_keys, pool, data, found))
            importing.result()
            rules = list(load_rules().values())
            self.skip_absent_tables(rules)
            self.each("rules", readable, partial(self.judge_rules, rules, data, found))
        found.locate()
        return Report(
            package=self.package.name,
            version=self.package.version,
            root=str(self.package.root),
            rows={name: reading.rows for name, reading in self.readings.items()},
            problems=tuple(sorted(self.problems, key=_place)),
            skipped=tuple(self.skipped),
            rules=catalogue(),
        )

    def each(self, stage: str, items: list[_T], step: Callable[[_T], None]) -> None:
        for done, item in enumerate(items):
            self.progress(stage, done, len(items))
            step(item)
        self.progress(stage, len(items), len(items))

    def text(self, table: str) -> pa.Table:
        text = self.readings[table].text
        assert text is not None
        return text

    def read(self, table: Table) -> None:
        reading = read_table(self.package, table)
        self.readings[table.name] = reading
        self.problems.extend(reading.problems)
        if reading.text is None:
            reason = "the file could not be read as a table"
            self.skipped.append(Skipped("cells", table.name, reason))

    def judge_cells(
        self, pool: ThreadPoolExecutor, data: Data, found: _Findings, table: Table
    ) -> None:
        def judge(field: Field) -> list[cells.CellFaults]:
            return list(cells.judge(field, data.text(table.name, field.name), table.missing_values))

        for faults in pool.map(judge, table.fields):
            for fault in faults:
                text = data.text(table.name, fault.field.name).take(pa.array(fault.rows))
                explained = [fault.explain(str(value)) for value in text.to_pylist()]
                found.add(fault.rule, table, fault.field.name, fault.rows, explained)
                bad = data.bad.get((table.name, fault.field.name))
                rows = fault.rows if bad is None else np.union1d(bad, fault.rows)
                data.bad[table.name, fault.field.name] = rows

    def judge_keys(
        self, pool: ThreadPoolExecutor, data: Data, found: _Findings, table: Table
    ) -> None:
        def follow(key: ForeignKey) -> None:
            with suppress(UnknownError):  # reported when the key is judged
                data.link(table.name, key.field)

        list(pool.map(follow, table.foreign_keys))
        for outcome in keys.judge(data, table, self.readings[table.name].ordered):
            if isinstance(outcome, Skipped):
                self.skipped.append(outcome)
            else:
                found.add(
                    outcome.rule, outcome.table, outcome.field, outcome.rows, outcome.explanations
                )

    def skip_absent_tables(self, rules: list[Rule]) -> None:
        for rule in rules:
            for name in rule.info.tables:
                if name not in self.package.tables:
                    reason = "the package has no such table"
                    self.skipped.append(Skipped(rule.info.id, name, reason))

    def judge_rules(self, rules: list[Rule], data: Data, found: _Findings, table: Table) -> None:
        for rule in rules:
            if rule.field is None or table.name not in rule.info.tables:
                continue
            try:
                view = frame(data, table.name, rule.columns)
            except UnknownError as unknown:
                self.skipped.append(Skipped(rule.info.id, table.name, str(unknown)))
            except KeyError as column:
                reason = f"there is no column {column}"
                self.skipped.append(Skipped(rule.info.id, table.name, reason))
            else:
                self.judge_view(data, found, rule, table, rule.field, view)
        data.forget(table.name)
        for field in filter(partial(is_free_text, table), table.fields):
            view = _unusual(data.text(table.name, field.name))
            for rule in rules if len(view) else ():
                if rule.of_texts:
                    self.judge_view(data, found, rule, table, field.name, view)

    def judge_view(
        self, data: Data, found: _Findings, rule: Rule, table: Table, field: str, view: Any
    ) -> None:
        failing = rule.failing(view)
        own = (field,) if rule.of_texts else rule.own_columns
        for column in own:
            bad = data.bad.get((table.name, column))
            if bad is not None:
                failing = failing[~failing.isin(bad)]
        if len(failing):
            explained = [rule.explain(row) for row in _plain_rows(view.loc[failing])]
            found.add(rule.info, table, field, failing.to_numpy(), explained)


def _import_heavy() -> None:
    import pandas  # noqa: F401
    import pandera.pandas  # noqa: F401


def is_free_text(table: Table, field: Field) -> bool:
    """Whether a column holds words, rather than a value whose form or target is already judged."""
    referring = {key.field for key in table.foreign_keys}
    return field.type == "string" and not field.vocabulary and field.name not in referring


def _unusual(text: pa.ChunkedArray) -> Any:
    """The cells of a text column that a rule on text may object to, under the name `text`."""
    import pandas as pd

    rows = np.flatnonzero(pc.match_substring_regex(text, _UNUSUAL).to_numpy())
    cells_found = pa.table({"text": text.take(pa.array(rows))})
    return cells_found.to_pandas(types_mapper=pd.ArrowDtype).set_index(pd.Index(rows))


def _plain_rows(view: Any) -> Iterator[dict[str, Any]]:
    """The rows of a frame as plain Python values, None where empty."""
    return iter(pa.Table.from_pandas(view, preserve_index=False).to_pylist())


class _Findings:
    """Faults by table, column and row, given their place in the file once all are known."""

    def __init__(self, data: Data, problems: list[Problem]) -> None:
        self._data = data
        self._problems = problems
        self._found: dict[
            str, list[tuple[RuleInfo, str, NDArray[np.int64], Iterable[cells.Explanation]]]
        ] = {}

    def add(
        self,
        rule: RuleInfo,
        table: Table,
        field: str,
        rows: NDArray[np.int64],
        explained: Iterable[cells.Explanation],
    ) -> None:
        """Note that rows break a rule, with a message and suggestion for each."""
        self._found.setdefault(table.name, []).append((rule, field, rows, explained))

    def locate(self) -> None:
        """Turn all that was noted into problems; each table's file is read once more for it."""
        for name, found in self._found.items():
            table = self._data.package.tables[name]
            raw = package.read_file(self._data.package.root, table.path, tables.MAX_FILE_BYTES)
            lines = Lines(raw)
            index = {column: number for number, column in enumerate(table.columns)}
            for rule, field, rows, explained in found:
                chosen = pa.array(rows)
                values = self._data.text(name, field).take(chosen).to_pylist()
                parts = [
                    self._data.text(name, column).take(chosen).to_pylist()
                    for column in table.primary_key
                ]
                # A table without a primary key has no records to name.
                records = (
                    ["|".join(map(str, key)) for key in zip(*parts, strict=True)]
                    if parts
                    else [""] * len(rows)
                )
                for row, value, record, (message, suggestion) in zip(
                    rows.tolist(), values, records, explained, strict=True
                ):
                    line, column = lines.cell(row, index[field])
                    self._problems.append(
                        Problem(
                            rule=rule.id,
                            severity=rule.severity,
                            message=message,
                            file=table.path,
                            line=line,
                            column=column,
                            table=name,
                            record=record or None,
                            field=field,
                            value=str(value),
                            suggestion=suggestion,
                        )
                    )


def _place(problem: Problem) -> tuple[str, int, int, str]:
    return problem.file, problem.line or 0, problem.column or 0, problem.rule
