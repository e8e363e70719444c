"""What every format makes of problems that were already there in an earlier state."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sahel_incidents import reports
from sahel_incidents.problem import Problem, Report, Severity, Skipped

SCHEMA = json.loads(
    (Path(reports.__file__).parent / "report.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture
def since(make_problem: Callable[..., Problem], make_report: Callable[..., Report]) -> Report:
    """One problem that is new among three of a rule, a warning and a skipped check known before."""
    old = [make_problem(line=line, record=f"old-{line}") for line in (2, 4)]
    warning = make_problem(rule="used-place", severity=Severity.WARNING, table="places")
    gap = Skipped("citation-ends", "sources", "unreadable")
    new = make_problem(line=3, record="new")
    shifted = [replace(problem, line=problem.line + 10) for problem in old if problem.line]
    return make_report([shifted[0], new, shifted[1], warning], [gap]).compared_with(
        make_report([*old, warning], [gap]), "main"
    )


def rendered(report: Report, name: str, limit: int | None = None, strict: bool = False) -> str:
    return reports.get(name).render(report, limit=limit, strict=strict)


def test_what_was_there_does_not_count(since: Report) -> None:
    assert [problem.known for problem in since.problems] == [True, False, True, True]
    assert since.count(Severity.ERROR) == 1
    assert since.count(Severity.WARNING) == since.newly_skipped == 0
    assert since.known == 3
    assert not since.sound()
    only_old = replace(since, problems=tuple(p for p in since.problems if p.known))
    assert only_old.sound(strict=True)


def test_problems_are_matched_one_to_one(
    make_problem: Callable[..., Problem], make_report: Callable[..., Report]
) -> None:
    twice = make_report([make_problem(line=2), make_problem(line=9)])
    once = make_report([make_problem(line=5)])
    assert [p.known for p in twice.compared_with(once, "main").problems] == [True, False]
    other = make_report([make_problem(line=5, value="kiled")])
    assert not any(p.known for p in twice.compared_with(other, "main").problems)


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_new_problems_come_first_and_old_ones_say_so(since: Report, name: str) -> None:
    shown = rendered(since, name)
    assert "3 problems (2 already there)" in shown
    assert shown.index("new") < shown.index("old-2")
    assert "1 error, no warnings new since main, in " in shown
    assert "already there: 3 problems, 1 skipped check" in shown
    listed = rendered(since, name, limit=1)
    assert "old-2" not in listed
    line = next(line for line in shown.splitlines() if "old-2" in line)
    assert "already there: " in line


def test_annotations_are_for_what_is_new(since: Report) -> None:
    commands = rendered(since, "github").splitlines()
    assert [line.split(" ")[0] for line in commands] == ["::warning", "::error", "::notice"]
    assert "already there: 3 problems" in commands[-1]


def test_a_rule_whose_problems_were_all_there_passes(since: Report) -> None:
    assert '<failure message="1 problem: ' in rendered(since, "junit")
    only_old = replace(since, problems=tuple(p for p in since.problems if p.known))
    shown = rendered(only_old, "junit", strict=True)
    assert "<failure" not in shown
    assert "already there: " in shown


def test_json_holds_to_its_schema(since: Report) -> None:
    data: dict[str, Any] = json.loads(rendered(since, "json"))
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert data["since"] == {"name": "main", "problems": 3}
    assert data["counts"] == {"errors": 1, "warnings": 0, "skipped": 0}
    assert [problem["known"] for problem in data["problems"]] == [False, True, True, True]
    assert data["skipped"][0]["known"] is True


def test_sarif_tells_new_from_unchanged(since: Report) -> None:
    run = json.loads(rendered(since, "sarif"))["runs"][0]
    states = [result["baselineState"] for result in run["results"]]
    assert states == ["new", "unchanged", "unchanged", "unchanged"]
    assert "baselineState" not in rendered(replace(since, since=""), "sarif")


def test_the_page_counts_what_was_there(since: Report) -> None:
    page = rendered(since, "html")
    assert "<dt>Already there (main)</dt>" in page
    assert "already there: " in page


def test_a_state_with_a_hostile_name(since: Report) -> None:
    report = replace(since, since="<b>\x1b[31m`##[x]")
    for name in reports.FORMATS:
        shown = rendered(report, name)
        assert "\x1b" not in shown
        # only what a log shows as it is could be taken for a command
        assert "##[" not in shown or name in ("github", "html")
    assert "<b>" not in rendered(report, "html")
