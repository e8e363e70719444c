"""The JSON report, parsed and held against its published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sahel_incidents import reports
from sahel_incidents.problem import Report

SCHEMA = json.loads(
    (Path(reports.__file__).parent / "report.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def parsed(report: Report, limit: int | None = None, strict: bool = False) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(
        reports.get("json").render(report, limit=limit, strict=strict)
    )
    VALIDATOR.validate(data)
    return data


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", ["sound", "mixed", "hostile", "many"])
@pytest.mark.parametrize("limit", [None, 0, 3])
def test_valid(name: str, limit: int | None, request: pytest.FixtureRequest) -> None:
    parsed(request.getfixturevalue(name), limit)


def test_the_schema_refuses_what_it_does_not_know(mixed: Report) -> None:
    data = parsed(mixed)
    data["problems"][0]["severity"] = "fatal"
    data["surprise"] = 1
    assert len(list(VALIDATOR.iter_errors(data))) == 2


def test_sound(sound: Report) -> None:
    data = parsed(sound)
    assert data["sound"] is True
    assert data["counts"] == {"errors": 0, "warnings": 0, "skipped": 0}
    assert data["rows"] == sound.rows
    assert data["problems"] == data["skipped"] == []
    assert [rule["id"] for rule in data["rules"]] == list(sound.rules)


def test_mixed(mixed: Report) -> None:
    data = parsed(mixed)
    assert data["sound"] is False
    assert data["counts"] == {"errors": 3, "warnings": 1, "skipped": 3}
    assert data["problems"][0] == {
        "rule": "cell-category",
        "severity": "error",
        "file": "data/casualties.csv",
        "line": 12,
        "column": 45,
        "table": "casualties",
        "record": "MLI-2025-06-01-boulikessi-f01",
        "field": "harm",
        "value": "killd",
        "message": "`killd` is not a known word",
        "suggestion": "did you mean `killed`?",
    }
    unlisted = data["problems"][2]
    assert unlisted["line"] is unlisted["column"] is unlisted["table"] is unlisted["value"] is None
    assert data["skipped"][1] == {
        "check": "citation-ends",
        "table": "sources",
        "reason": "data/sources.csv has a row of 9 cells where the header has 12",
    }


def test_hostile_cells_come_back_as_they_were(
    hostile: Report, hostile_cells: dict[str, str]
) -> None:
    problems = parsed(hostile)["problems"]
    assert [problem["value"] for problem in problems] == list(hostile_cells.values())
    assert [problem["message"] for problem in problems] == [p.message for p in hostile.problems]


def test_one_problem_to_a_line(many: Report) -> None:
    lines = reports.get("json").render(many, limit=None).splitlines()
    assert sum(line.startswith('{"rule":') for line in lines) == len(many.problems)


def test_the_limit_is_stated_and_what_it_leaves_out_is_counted(many: Report) -> None:
    data = parsed(many, limit=10)
    rules = {rule["id"]: (rule["problems"], rule["omitted"]) for rule in data["rules"]}
    assert data["limit"] == 10
    assert rules["cell-category"] == (1210, 1200)
    assert rules["used-place"] == (5, 0)
    assert len(data["problems"]) == 15
    assert data["counts"]["errors"] == 1210
