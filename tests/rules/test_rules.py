"""Every rule holds on the sample rows of its own docstring, as the engine would run it.

A new rule needs no test here: a docstring with rows that pass and rows that fail is its test, and
a line in `rule_ids.txt` makes its id permanent.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sahel_incidents import rules
from sahel_incidents.cells import ARROW_TYPES
from sahel_incidents.columns import Column
from sahel_incidents.descriptor import open_package
from sahel_incidents.facts import Extreme, Leads, References, Used
from sahel_incidents.package import Field, Table
from sahel_incidents.rules import Rule

ROOT = Path(__file__).resolve().parents[2]
IDS = Path(__file__).with_name("rule_ids.txt")

RULES = pytest.mark.parametrize("rule", [pytest.param(r, id=i) for i, r in rules.load().items()])
TABLES = open_package(ROOT).tables

# The types of the facts that do not yield text; all others do.
FACT_TYPES: dict[type, pa.DataType] = {
    References: pa.int64(),
    Used: pa.bool_(),
    Leads: pa.bool_(),
    Extreme: pa.int64(),
}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by the real day, whatever day a build is set to."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def declared(table: Table, name: str) -> Field | None:
    """The field behind a column of a rule's frame; None for the text of any column, and a fact."""
    *steps, column = name.split(".")
    for step in steps:
        table = TABLES[table.reference(step).table]
    return table.field(column) if column in table.columns else None


def column_type(table: Table, name: str, fact: Column | None) -> pa.DataType:
    """The Arrow type that the engine gives a column of a rule's frame."""
    if fact is not None and type(fact) in FACT_TYPES:
        return FACT_TYPES[type(fact)]
    field = declared(table, name)
    return ARROW_TYPES[field.type] if field else pa.string()


def typed_frame(rule: Rule, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Sample rows as the engine's frame of the rule's columns."""
    table = TABLES[rule.info.tables[0]] if rule.info.tables else TABLES["incidents"]
    arrays = {}
    for name, fact in rule.columns.items():
        kind = column_type(table, name, fact)
        values = [row[name] for row in rows]
        if kind == pa.date32():
            values = [value and date.fromisoformat(value) for value in values]
        arrays[name] = pa.array(values, kind)
    return pa.table(arrays).to_pandas(types_mapper=pd.ArrowDtype)


def failing(rule: Rule, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sample rows that break the rule."""
    return [rows[index] for index in rule.failing(typed_frame(rule, rows))]


def empty(value: Any) -> bool:
    """Whether a sample value stands for an empty cell."""
    return value is None or value == ""


@RULES
def test_sample_rows_show_each_outcome(rule: Rule) -> None:
    """A reader of the docstring sees what passes, what fails, and what an empty cell does."""
    assert rule.passes, "the docstring needs a row that passes, under `Passes::`"
    assert rule.fails, "the docstring needs a row that fails, under `Fails::`"
    for row in (*rule.passes, *rule.fails):
        assert row.keys() == rule.columns.keys(), (
            f"a sample row must have exactly the columns the rule reads: {row}"
        )
    assert any(empty(value) for row in (*rule.passes, *rule.fails) for value in row.values()), (
        "show in a sample row what an empty cell (null) does"
    )


@RULES
def test_sample_rows_speak_the_vocabularies(rule: Rule) -> None:
    """A word that a schema does not know, or no longer knows, would make the rule idle."""
    table = TABLES[rule.info.tables[0]] if rule.info.tables else TABLES["incidents"]
    for name in rule.columns:
        field = declared(table, name)
        if field and field.vocabulary:
            for row in (*rule.passes, *rule.fails):
                known = empty(row[name]) or row[name] in field.vocabulary
                assert known, f"the vocabulary of {name} has no {row[name]}"


@RULES
def test_docstring_is_documentation(rule: Rule) -> None:
    """The first line is a short sentence; a reason follows it."""
    assert len(rule.info.title) <= 90
    assert rule.info.explanation.split("Passes::")[0].strip(), "say why the rule is there"


@RULES
def test_passing_rows_pass(rule: Rule) -> None:
    assert failing(rule, list(rule.passes)) == []


@RULES
def test_failing_rows_fail(rule: Rule) -> None:
    assert failing(rule, list(rule.fails)) == list(rule.fails)


@RULES
def test_rows_are_judged_one_by_one(rule: Rule) -> None:
    """A row's verdict does not depend on the rows beside it, nor on the frame's index."""
    rows = [*rule.fails, *rule.passes, *rule.fails]
    frame = typed_frame(rule, rows)
    frame.index = pd.Index(range(10, 10 + len(rows)))
    count = len(rule.fails)
    expected = [*range(10, 10 + count), *range(10 + len(rows) - count, 10 + len(rows))]
    assert rule.failing(frame).tolist() == expected


@RULES
def test_failing_rows_are_explained(rule: Rule) -> None:
    """Messages and suggestions speak to people, not of empty values."""
    frame = typed_frame(rule, list(rule.fails))
    for row in pa.Table.from_pandas(frame, preserve_index=False).to_pylist():
        message, suggestion = rule.explain(row)
        assert message.strip()
        for text in (message, suggestion or ""):
            assert not any(word in text for word in ("None", "nan", "<NA>")), text
            assert text == text.strip()
            assert "\n" not in text


@RULES
def test_empty_rows_never_raise(rule: Rule) -> None:
    """Nothing is known of these rows, or there are none: the verdict is free, a crash is not."""
    nothing = dict.fromkeys(rule.columns)
    rule.failing(typed_frame(rule, [nothing, nothing]))
    assert len(rule.failing(typed_frame(rule, []))) == 0


@RULES
def test_rule_names_what_exists(rule: Rule) -> None:
    """Its tables have the columns it reads, and the one it shows problems on."""
    for name in rule.info.tables:
        table = TABLES[name]
        assert rule.of_texts or rule.field in table.columns
        for column, fact in rule.columns.items():
            if fact is None or "." in column:
                assert declared(table, column), f"{name} has no column {column}"


def test_rule_ids_are_permanent() -> None:
    """Reports, notes and revisions cite rules by id."""
    listed = IDS.read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed)), f"keep {IDS.name} in order"
    removed = set(listed) - rules.load().keys()
    assert not removed, f"an id was removed or renamed: {sorted(removed)}"
    added = rules.load().keys() - set(listed)
    assert not added, f"add the new ids to {IDS.name}: {sorted(added)}"


def test_sample_row_may_take_several_lines() -> None:
    text = (
        'Passes::\n\n    {"a": 1,\n        "b": null}\n    {"a": 2, "b": 3}\n\nFails::\n\n    {}\n'
    )
    assert list(rules._rows(text, "Passes")) == [{"a": 1, "b": None}, {"a": 2, "b": 3}]
    assert list(rules._rows(text, "Fails")) == [json.loads("{}")]
