"""The SARIF report, held against the SARIF 2.1.0 schema and GitHub's limits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest

from sahel_incidents.problem import Report
from sahel_incidents.reports import sarif

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)


def run_of(report: Report, limit: int | None = None) -> dict[str, Any]:
    log = json.loads(sarif.render(report, limit=limit))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    return dict(run)


def fingerprints(report: Report) -> list[str]:
    return [
        result["partialFingerprints"]["primaryLocationLineHash"]
        for result in run_of(report)["results"]
    ]


@pytest.mark.parametrize("name", ["sound", "mixed", "hostile"])
def test_valid(name: str, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(name)
    assert len(run_of(report)["results"]) == len(report.problems)


def test_results_point_to_their_rules(mixed: Report) -> None:
    run = run_of(mixed)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(mixed.rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["text"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert [result["level"] for result in run["results"]] == ["error", "error", "error", "warning"]
    assert run["columnKind"] == "unicodeCodePoints"


def test_places(mixed: Report) -> None:
    results = run_of(mixed)["results"]
    (location,) = results[0]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "data/casualties.csv"},
        "region": {"startLine": 12, "startColumn": 45},
    }
    assert location["logicalLocations"] == [
        {
            "name": "MLI-2025-06-01-boulikessi-f01",
            "kind": "record",
            "fullyQualifiedName": "casualties/MLI-2025-06-01-boulikessi-f01",
        },
        {
            "name": "harm",
            "kind": "field",
            "fullyQualifiedName": "casualties/MLI-2025-06-01-boulikessi-f01/harm",
        },
    ]


def test_a_problem_of_a_whole_file_has_no_region(mixed: Report) -> None:
    (location,) = run_of(mixed)["results"][2]["locations"]
    assert location == {"physicalLocation": {"artifactLocation": {"uri": "data/old%20copy.csv"}}}


def test_a_uri_cannot_leave_the_repository_by_its_spelling(
    make_problem: type, make_report: type[Report]
) -> None:
    name = "javascript:alert(1)//é?x#y"
    (result,) = run_of(make_report([make_problem(file=name)]))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert unquote(uri) == name


def test_skipped_checks_are_notifications(mixed: Report) -> None:
    (invocation,) = run_of(mixed)["invocations"]
    texts = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert texts[0] == (
        "sources: 2 checks skipped: data/sources.csv has a row of 9 cells where the header has 12 "
        "(cell-category, citation-ends)"
    )


def test_a_fingerprint_outlives_a_move_and_a_new_wording(mixed: Report) -> None:
    moved = replace(
        mixed,
        problems=tuple(
            replace(problem, line=(problem.line or 0) + 7, column=9, message="other words")
            for problem in mixed.problems
        ),
    )
    assert fingerprints(moved) == fingerprints(mixed)


@pytest.mark.parametrize("key", ["record", "field", "value", "file"])
def test_a_fingerprint_changes_with_what_it_names(
    key: str, make_problem: type, make_report: type[Report]
) -> None:
    before = fingerprints(make_report([make_problem()]))
    assert fingerprints(make_report([make_problem(**{key: "other"})])) != before


def test_equal_problems_have_fingerprints_of_their_own(
    make_problem: type, make_report: type[Report]
) -> None:
    found = fingerprints(make_report([make_problem(line=2), make_problem(line=3)]))
    assert [mark.split(":")[1] for mark in found] == ["1", "2"]
    assert len({mark.split(":")[0] for mark in found}) == 1


def test_a_message_holds_no_placeholder_and_no_link(
    make_problem: type, make_report: type[Report]
) -> None:
    problem = make_problem(message="[here](javascript:alert(1)) {0}", suggestion=None)
    (result,) = run_of(make_report([problem]))["results"]
    assert result["message"]["text"] == "[here] (javascript:alert(1)) {{0}}"


def test_rules_share_the_room_that_github_gives(
    many: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 100)
    run = run_of(many)
    found = [result["ruleId"] for result in run["results"]]
    assert found.count("used-place") == 5
    assert found.count("cell-category") == 95
    assert run["properties"]["omitted"] == {"cell-category": 1115}
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == (
        "cell-category: 95 of 1,210 problems listed, 1,115 left out. "
        "The json report with --limit 0 lists all."
    )


def test_a_log_too_large_to_upload_is_cut(many: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_COMPRESSED_BYTES", 5000)
    run = run_of(many)
    assert 0 < len(run["results"]) < 500
    omitted = run["properties"]["omitted"]["cell-category"]
    assert len(run["results"]) + omitted == len(many.problems)


def test_the_verdict(sound: Report, mixed: Report) -> None:
    assert run_of(sound)["properties"]["sound"] is True
    properties = run_of(mixed)["properties"]
    assert (properties["sound"], properties["errors"], properties["skipped"]) == (False, 3, 3)
