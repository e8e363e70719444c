"""Validation, stage by stage: descriptor, bytes, cells, keys, rules.

A stage looks only at what the stages before it found readable. A table whose bytes are not well
formed is left alone, a cell that is not of its type is judged no further, and a check that would
need either is listed as skipped: no fault is reported twice, and none passes in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import cells, keys, package, tables
from .columns import Data, UnknownError, combinations, frame, whole
from .csvtext import Lines
from .descriptor import open_package
from .package import Field, ForeignKey, Package, Table
from .problem import Problem, Report, RuleInfo, Skipped
from .rules import Rule
from .rules import load as load_rules
from .rules import prepare as prepare_rules
from .tables import Reading, read_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its steps are done, and how many there are."""

_WORKERS = 2  # Arrow's kernels run without Python's lock; more gain nothing on few large columns

_ODD_STARTS = " =+-@"
# A cell of text that any rule on text could object to: one that begins or ends unusually, or holds
# a character that is neither printable ASCII, nor an accented letter of the languages at hand, nor
# common punctuation. Letters with which mis-decoded text begins (as in "SÃ©gou") count as unusual.
# All other cells, nearly all, are not looked at again.
_UNUSUAL = (
    rf"\A[{re.escape(_ODD_STARTS)}\x{{A0}}]"
    r"|[ \x{A0}]\z|â€"
    r"|[^ -~\x{A0}-\x{AC}\x{AE}-\x{C1}\x{C6}-\x{D7}\x{DA}-\x{17F}\x{2010}-\x{2027}]"
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
    return validate_package(open_package(root), progress)


def validate_package(opened: Package, progress: Progress | None = None) -> Report:
    """Validate a package that is already open; see `validate`."""
    return _Validation(opened, progress or (lambda stage, done, total: None)).run()


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
            importing = pool.submit(prepare_rules)
            self.read(pool)
            readable = [
                table
                for table in self.package.tables.values()
                if self.readings[table.name].text is not None
            ]
            data = Data(self.package, {t.name: self.text(t.name) for t in readable})
            found = _Findings(data, self.problems)
            self.each("cells", readable, partial(self.judge_cells, pool, data, found))
            self.each("keys", readable, partial(self.judge_keys, pool, data, found))
            importing.result()
            rules = list(load_rules().values())
            self.skip_absent_tables(rules)
            self.each("rules", readable, partial(self.judge_rules, pool, rules, data, found))
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
                found.add(table, _Finding(fault.rule, fault.field.name, fault.rows, explained))
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
                faults = (outcome.rule, outcome.field, outcome.rows, outcome.explanations)
                found.add(table, _Finding(*faults))

    def skip_absent_tables(self, rules: list[Rule]) -> None:
        for rule in rules:
            for name in rule.info.tables:
                if name not in self.package.tables:
                    reason = "the package has no such table"
                    self.skipped.append(Skipped(rule.info.id, name, reason))

    def judge_rules(
        self,
        pool: ThreadPoolExecutor,
        rules: list[Rule],
        data: Data,
        found: _Findings,
        table: Table,
    ) -> None:
        of_records = [rule for rule in rules if table.name in rule.info.tables]
        for outcome in pool.map(partial(_judge_records, data, table), of_records):
            if isinstance(outcome, Skipped):
                self.skipped.append(outcome)
            elif outcome is not None:
                found.add(table, outcome)
        data.forget(table.name)
        of_texts = [rule for rule in rules if rule.of_texts]
        texts = [field for field in table.fields if is_free_text(table, field)]
        for findings in pool.map(partial(_judge_text, data, table, of_texts), texts):
            for finding in findings:
                found.add(table, finding)


@dataclass(frozen=True, slots=True)
class _Finding:
    """Rows of a table that break one rule, with a message and suggestion for each."""

    rule: RuleInfo
    field: str
    rows: NDArray[np.int64]
    explained: list[cells.Explanation]


def _judge_records(data: Data, table: Table, rule: Rule) -> _Finding | Skipped | None:
    """Judge a table's records by a rule."""
    assert rule.field is not None
    try:
        found = combinations(data, table.name, rule.columns)
        view = frame(data, table.name, rule.columns) if found is None else found[0]
    except UnknownError as unknown:
        return Skipped(rule.info.id, table.name, str(unknown))
    except KeyError as column:
        return Skipped(rule.info.id, table.name, f"there is no column {column}")
    if found is not None:
        view = _rows_of_failing(rule, *found)
    return _judge_view(data, table, rule, rule.field, rule.own_columns, view)


def _rows_of_failing(rule: Rule, view: Any, numbers: NDArray[np.int64]) -> Any:
    """The records whose combination of values breaks a rule, as a frame, by their rows."""
    fails = np.zeros(len(view), dtype=bool)
    fails[rule.failing(view)] = True
    rows = np.flatnonzero(fails[numbers]) if fails.any() else np.empty(0, dtype=np.int64)
    return view.take(numbers[rows]).set_index(rows)


def _judge_text(data: Data, table: Table, rules: list[Rule], field: Field) -> list[_Finding]:
    """Judge a column of words by every rule on text."""
    view = _unusual(data.text(table.name, field.name))
    if not len(view):
        return []
    found = (_judge_view(data, table, rule, field.name, (field.name,), view) for rule in rules)
    return [finding for finding in found if finding is not None]


def _judge_view(
    data: Data, table: Table, rule: Rule, field: str, own: tuple[str, ...], view: Any
) -> _Finding | None:
    """Judge the rows of a frame, but for those in which one of the rule's own columns failed."""
    failing = rule.failing(view)
    for column in own:
        bad = data.bad.get((table.name, column))
        if bad is not None:
            failing = failing[~failing.isin(bad)]
    if not len(failing):
        return None
    explained = [rule.explain(row) for row in _plain_rows(view.loc[failing])]
    return _Finding(rule.info, field, failing.to_numpy(), explained)


def is_free_text(table: Table, field: Field) -> bool:
    """Whether a column holds words, rather than a value whose form or target is already judged."""
    referring = {key.field for key in table.foreign_keys}
    return field.type == "string" and not field.vocabulary and field.name not in referring


def _unusual(text: pa.ChunkedArray) -> Any:
    """The cells of a text column that a rule on text may object to, under the name `text`."""
    import pandas as pd

    if pa.types.is_dictionary(text.type):
        encoded = whole(text.unify_dictionaries())
        rows = np.flatnonzero(_is_unusual(encoded.dictionary)[encoded.indices.to_numpy()])
    else:
        rows = np.flatnonzero(np.concatenate([np.empty(0, bool), *map(_is_unusual, text.chunks)]))
    cells_found = pa.table({"text": text.take(pa.array(rows)).cast(pa.string())})
    return cells_found.to_pandas(types_mapper=pd.ArrowDtype).set_index(pd.Index(rows))


def _is_unusual(text: pa.StringArray) -> NDArray[np.bool_]:
    if _is_printable_ascii(text):  # ids, addresses, many names: only their ends matter
        starts = (pc.starts_with(text, character) for character in _ODD_STARTS)
        mask = reduce(pc.or_, starts, pc.ends_with(text, " "))
    else:
        mask = pc.match_substring_regex(text, _UNUSUAL)
    return np.asarray(mask.to_numpy(zero_copy_only=False))


def _is_printable_ascii(text: pa.StringArray) -> bool:
    characters = text.buffers()[2]
    if characters is None or characters.size == 0:
        return True
    codes = np.frombuffer(characters, dtype=np.uint8)
    return bool(codes.min() >= 0x20 and codes.max() < 0x7F)


def _plain_rows(view: Any) -> Iterator[dict[str, Any]]:
    """The rows of a frame as plain Python values, None where empty."""
    return iter(pa.Table.from_pandas(view, preserve_index=False).to_pylist())


class _Findings:
    """What was found, by table; given its place in the file once all is known."""

    def __init__(self, data: Data, problems: list[Problem]) -> None:
        self._data = data
        self._problems = problems
        self._found: dict[str, list[_Finding]] = {}

    def add(self, table: Table, finding: _Finding) -> None:
        """Note that rows of a table break a rule."""
        self._found.setdefault(table.name, []).append(finding)

    def locate(self) -> None:
        """Turn all that was noted into problems; each table's file is read once more for it."""
        for name, found in self._found.items():
            table = self._data.package.tables[name]
            raw = package.read_file(self._data.package.root, table.path, tables.MAX_FILE_BYTES)
            lines = Lines(raw)
            index = {column: number for number, column in enumerate(table.columns)}
            for finding in found:
                rule, field, rows = finding.rule, finding.field, finding.rows
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
                    rows.tolist(), values, records, finding.explained, strict=True
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
