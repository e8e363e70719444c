"""The text report, compared to the letter with golden files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sahel_incidents.problem import Report
from sahel_incidents.reports import text

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["sound", "mixed", "hostile", "many"])
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(name)
    rendered = text.render(report, limit=text.DEFAULT_LIMIT)
    golden = GOLDEN / f"{name}.txt"
    assert rendered == golden.read_text(encoding="utf-8"), (
        f"the report differs from {golden}; if that is meant, write this text into it:\n{rendered}"
    )


def test_a_sound_report_is_short(sound: Report) -> None:
    assert len(text.render(sound, limit=None).splitlines()) <= 3


def test_colour_changes_no_word(mixed: Report) -> None:
    coloured = text.render(mixed, limit=None, colour=True)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert "\x1b[" in coloured
    assert plain == text.render(mixed, limit=None)


def test_a_terminal_is_only_ever_told_to_change_colours(hostile: Report) -> None:
    coloured = text.render(hostile, limit=None, colour=True)
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert "\x1b" not in text.render(hostile, limit=None)


def test_every_problem_is_one_line_that_names_its_place(hostile: Report) -> None:
    lines = text.render(hostile, limit=None).splitlines()
    for problem in hostile.problems:
        assert sum(line.startswith(f"  {problem.place}  ") for line in lines) == 1


def test_the_value_follows_unless_the_line_shows_it(
    make_problem: type, make_report: type[Report]
) -> None:
    told = make_problem(message="is not a known word", suggestion=None)
    assert 'is not a known word: "killd"\n' in text.render(make_report([told]), limit=None)
    quoted = make_problem(message="'killd' is not a known word", suggestion=None)
    assert "'killd' is not a known word\n" in text.render(make_report([quoted]), limit=None)


def test_strict_says_why(many: Report, make_report: type[Report]) -> None:
    warned = make_report(many.problems[-5:])
    assert "Not sound under --strict: no errors, 5 warnings" in text.render(
        warned, limit=None, strict=True
    )
