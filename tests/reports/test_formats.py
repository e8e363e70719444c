"""What holds for every report format."""

from __future__ import annotations

import re

import pytest

from sahel_incidents import reports
from sahel_incidents.problem import Report, ToolError

EVERY = pytest.mark.parametrize("name", reports.FORMATS)


def test_all_formats_are_found() -> None:
    assert list(reports.FORMATS) == ["github", "html", "json", "junit", "markdown", "sarif", "text"]


def test_extensions_differ_so_that_several_reports_fit_in_one_folder() -> None:
    extensions = [format_.EXTENSION for format_ in map(reports.get, reports.FORMATS)]
    assert len(set(extensions)) == len(extensions)


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(ToolError) as error:
        reports.get("pdf")
    assert "pdf" in error.value.message
    assert "html, json" in error.value.remedy


@EVERY
def test_the_interface(name: str) -> None:
    format_ = reports.get(name)
    assert re.fullmatch(r"\.[a-z]+", format_.EXTENSION)
    assert re.fullmatch(r"[a-z]+/[a-z+]+", format_.MIME_TYPE)
    assert format_.DEFAULT_LIMIT is None or format_.DEFAULT_LIMIT > 0


@EVERY
@pytest.mark.parametrize("report_name", ["sound", "mixed", "hostile", "many"])
@pytest.mark.parametrize("limit", [None, 0, 1])
def test_renders_text_that_can_be_written(
    name: str, report_name: str, limit: int | None, request: pytest.FixtureRequest
) -> None:
    report: Report = request.getfixturevalue(report_name)
    render = reports.get(name).render
    text = render(report, limit=limit)
    assert text.endswith("\n")
    text.encode("utf-8")
    assert text == render(report, limit=limit), "the same report must give the same bytes"


@EVERY
def test_what_the_limit_leaves_out_is_counted(name: str, many: Report) -> None:
    text = reports.get(name).render(many, limit=10)
    assert "1,200" in text or "1200" in text


@EVERY
def test_strict_turns_warnings_against_the_verdict(
    name: str, many: Report, make_report: type[Report]
) -> None:
    warned = make_report([problem for problem in many.problems if problem.rule == "used-place"])
    render = reports.get(name).render
    assert render(warned, limit=None) != render(warned, limit=None, strict=True)


@EVERY
def test_no_unseen_character_gets_through(name: str, hostile: Report) -> None:
    text = reports.get(name).render(hostile, limit=None)
    assert re.findall(r"[^\n\x20-\x7e\u00a1-\U0010ffff]", text) == []
    assert re.findall("[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]", text) == []


@EVERY
def test_no_log_command_gets_through(name: str, hostile: Report) -> None:
    text = reports.get(name).render(hostile, limit=None)
    commands = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    expected = len(hostile.problems) + 1 if name == "github" else 0
    assert len(commands) == expected
    others = [line for line in text.splitlines() if line not in commands]
    assert not any("##[" in line for line in others)
