"""Judging records, whichever engine holds them: cells, rules, texts, and the report of it all.

What is here looks at one table, or at any part of one, and knows nothing of where it came from. An
engine brings the rows and what other rows must be known of them, and says where in a file they
stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import cells, keys, package, tables
from .columns import Data, combinations, frame, whole
from .package import Field, Package, Table
from .problem import Problem, Report, RuleInfo, Skipped
from .rules import Rule
from .rules import load as load_rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its steps are done, and how many there are."""

Counts = Counter[tuple[str, str | None]]
"""How many problems were found, by rule and table."""

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


@dataclass(frozen=True, slots=True)
class Finding:
    """Rows of a table that break one rule.

    Attributes:
        rule: the rule.
        field: the column on which it is shown.
        rows: the row numbers, ascending; only the first where there are very many.
        explained: for each of them a message and, where one is known, a suggestion.
        total: how many rows break the rule.
    """

    rule: RuleInfo
    field: str
    rows: NDArray[np.int64]
    explained: list[cells.Explanation]
    total: int


def finding_of(faults: keys.KeyFaults) -> Finding:
    """Faults of a key as a finding."""
    return Finding(faults.rule, faults.field, faults.rows, faults.explanations, faults.total)


def catalogue() -> dict[str, RuleInfo]:
    """Every rule and check there is, by id: of files, cells and keys, then the rules."""
    checks = (*package.RULES, *tables.RULES, *cells.RULES, *keys.RULES)
    return {info.id: info for info in (*checks, *(rule.info for rule in load_rules().values()))}


def judge_cells(
    data: Data, table: Table, field: Field, most: int | None
) -> tuple[list[Finding], NDArray[np.int64] | None]:
    """Judge a column's cells by their type and constraints.

    Args:
        data: the table's text.
        table: the table.
        field: the column.
        most: so many rows of each finding are explained; None for all.

    Returns:
        What was found, and the rows with any fault; None where there is none.
    """
    found: list[Finding] = []
    bad: NDArray[np.int64] | None = None
    column = data.text(table.name, field.name)
    for fault in cells.judge(field, column, table.missing_values):
        shown = fault.rows[:most]
        values = column.take(pa.array(shown)).to_pylist()
        explained = [fault.explain(str(value)) for value in values]
        found.append(Finding(fault.rule, field.name, shown, explained, len(fault.rows)))
        bad = fault.rows if bad is None else np.union1d(bad, fault.rows)
    return found, bad


def judge_records(data: Data, table: Table, rule: Rule, most: int | None) -> Finding | None:
    """Judge a table's records by a rule.

    Args:
        data: with the rows whose cells failed.
        table: the table.
        rule: a rule on records.
        most: so many rows are explained; None for all.

    Raises:
        UnknownError: a column that the rule needs cannot be computed.
        KeyError: the table has no such column.
    """
    found = combinations(data, table.name, rule.columns)
    if found is None:
        view = frame(data, table.name, rule.columns)
    else:
        view = _rows_of_failing(rule, *found)
    return judge_view(data, table, rule, view, most)


def _rows_of_failing(rule: Rule, view: Any, numbers: NDArray[np.int64]) -> Any:
    """The records whose combination of values breaks a rule, as a frame, by their rows."""
    fails = np.zeros(len(view), dtype=bool)
    fails[rule.failing(view)] = True
    rows = np.flatnonzero(fails[numbers]) if fails.any() else np.empty(0, dtype=np.int64)
    return view.take(numbers[rows]).set_index(rows)


def judge_view(data: Data, table: Table, rule: Rule, view: Any, most: int | None) -> Finding | None:
    """Judge records by a rule whose columns are given.

    Args:
        data: with the rows whose cells failed.
        table: the table.
        rule: a rule on records.
        view: the frame with the rule's columns, one row per record.
        most: so many rows are explained; None for all.
    """
    assert rule.field is not None
    return _judge(data, table, rule, rule.field, rule.own_columns, view, most)


def judge_text(
    data: Data, table: Table, rules: list[Rule], field: Field, most: int | None
) -> list[Finding]:
    """Judge a column of words by every rule on text."""
    view = _unusual(data.text(table.name, field.name))
    if not len(view):
        return []
    own = (field.name,)
    found = (_judge(data, table, rule, field.name, own, view, most) for rule in rules)
    return [finding for finding in found if finding is not None]


def _judge(
    data: Data,
    table: Table,
    rule: Rule,
    field: str,
    own: tuple[str, ...],
    view: Any,
    most: int | None,
) -> Finding | None:
    """Judge the rows of a frame, but for those in which one of the rule's own columns failed."""
    failing = rule.failing(view)
    for column in own:
        bad = data.bad.get((table.name, column))
        if bad is not None:
            failing = failing[~failing.isin(bad)]
    if not len(failing):
        return None
    shown = failing[:most]
    explained = [rule.explain(row) for row in _plain_rows(view.loc[shown])]
    return Finding(rule.info, field, shown.to_numpy(), explained, len(failing))


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


def unreadable(table: Table) -> Skipped:
    """That nothing in a table was judged."""
    return Skipped("cells", table.name, "the file could not be read as a table")


def without_table(opened: Package, rules: Iterable[Rule]) -> Iterator[Skipped]:
    """The rules on tables that the package does not have."""
    for rule in rules:
        for name in rule.info.tables:
            if name not in opened.tables:
                yield Skipped(rule.info.id, name, "the package has no such table")


def values_and_records(
    text: pa.Table, table: Table, field: str, rows: NDArray[np.int64]
) -> tuple[list[str], list[str]]:
    """The cells of some rows as they stand, and the rows' primary keys, parts joined by "|".

    Args:
        text: the table's text, with these columns.
        table: the table; without a primary key it has no records to name.
        field: the column.
        rows: which rows.
    """
    chosen = pa.array(rows)
    values = [str(value) for value in text[field].take(chosen).to_pylist()]
    parts = [text[column].take(chosen).to_pylist() for column in table.primary_key]
    if not parts:
        return values, [""] * len(rows)
    return values, ["|".join(map(str, key)) for key in zip(*parts, strict=True)]


def problem(
    table: Table,
    finding: Finding,
    number: int,
    value: str,
    record: str,
    place: tuple[str, int, int],
) -> Problem:
    """A finding's row as a problem.

    Args:
        table: the table.
        finding: what was found.
        number: which of its rows.
        value: the cell.
        record: the row's primary key; "" where it has none.
        place: the file, the line and the character in it.
    """
    message, suggestion = finding.explained[number]
    file, line, column = place
    return Problem(
        rule=finding.rule.id,
        severity=finding.rule.severity,
        message=message,
        file=file,
        line=line,
        column=column,
        table=table.name,
        record=record or None,
        field=finding.field,
        value=value,
        suggestion=suggestion,
    )


def first_of_each_rule(
    problems: Iterable[Problem], most: int | None
) -> tuple[list[Problem], Counts]:
    """Of some problems the first of each rule, in the report's order; and how many there were."""
    held: Counter[str] = Counter()
    counts: Counts = Counter()
    kept = []
    for one in sorted(problems, key=_place):
        counts[one.rule, one.table] += 1
        held[one.rule] += 1
        if most is None or held[one.rule] <= most:
            kept.append(one)
    return kept, counts


def report(
    opened: Package,
    rows: dict[str, int],
    problems: Iterable[Problem],
    counts: Counts,
    skipped: Iterable[Skipped],
    most: int | None,
) -> Report:
    """The report of a validation.

    Args:
        opened: the package.
        rows: the number of rows read, by table.
        problems: those found, among them the first `most` of each rule.
        counts: how many were found.
        skipped: the checks that were not made.
        most: so many problems of each rule are held; None for all.
    """
    kept, _ = first_of_each_rule(problems, most)
    held = Counter((one.rule, one.table) for one in kept)
    return Report(
        package=opened.name,
        version=opened.version,
        root=str(opened.root),
        rows=rows,
        problems=tuple(kept),
        skipped=tuple(skipped),
        rules=catalogue(),
        beyond={key: n - held[key] for key, n in counts.items() if n > held[key]},
    )


def _place(problem: Problem) -> tuple[str, int, int, str]:
    return problem.file, problem.line or 0, problem.column or 0, problem.rule
