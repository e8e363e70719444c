"""Reports to render: a sound one, one with everything in it, and one full of hostile cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sahel_incidents.problem import Problem, Report, RuleInfo, Severity, Skipped

RULES = {
    rule.id: rule
    for rule in (
        RuleInfo(
            "listed-files", Severity.ERROR, "Every file is listed", "An unlisted file travels."
        ),
        RuleInfo(
            "cell-category", Severity.ERROR, "A coded cell holds a known word", "So it counts."
        ),
        RuleInfo(
            "figure-source",
            Severity.ERROR,
            "Every figure has a source",
            "A figure belongs to a claim.\n\nWithout a source nobody can check it.",
            ("casualties",),
        ),
        RuleInfo("used-place", Severity.WARNING, "Every place is used", "A leftover?", ("places",)),
        RuleInfo("citation-ends", Severity.ERROR, "Citations end", "A circle proves nothing."),
    )
}
ROWS = {"incidents": 1200, "places": 2, "sources": 1, "casualties": 1}

HOSTILE = {
    "script": "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)>",
    "command": "::error file=x::injected",
    "old-command": "##[add-mask]x",
    "command-escapes": "%0A::error::x,title=y:z",
    "pipes": "a|b\\|c\\",
    "backticks": "`x`` y ```",
    "code-break": "@a`b`<img/src=x>`c",
    "mentions": "@octocat #1 owner/name#2 GH-3 a@b.example https://e.example www.e.example",
    "links": "[x](javascript:alert(1)) ![i](http://e.example/x.png) <http://e.example>",
    "ansi": "\x1b[31mred\x1b[0m\x9b1m\x07",
    "bidi": "abc\u202edef\u200b\u2066",
    "lines": "one\ntwo\r\n::error::x\u2028three",
    "nul": "nul\0",
    "long": "A" * 1_000_000,
    "emoji": "💥 ❤️",
    "arabic": "بوليكسي",
    "surrogate": "\udc80",
    "placeholders": "{0} {{x}} {",
    "xml": "]]> &amp; &#0; '\"\ufffe\uffff",
    "spaces": " \u00a0 ",
    "empty": "",
}
"""Cells that try to be more than text, each aimed at one or several formats."""


@pytest.fixture
def make_problem() -> Callable[..., Problem]:
    """Builds a problem of which a test need only say what matters to it."""

    def make(**given: Any) -> Problem:
        usual: dict[str, Any] = {
            "rule": "cell-category",
            "severity": Severity.ERROR,
            "message": "`killd` is not a known word",
            "file": "data/casualties.csv",
            "line": 12,
            "column": 45,
            "table": "casualties",
            "record": "MLI-2025-06-01-boulikessi-f01",
            "field": "harm",
            "value": "killd",
            "suggestion": "did you mean `killed`?",
        }
        return Problem(**usual | given)

    return make


@pytest.fixture
def make_report() -> Callable[..., Report]:
    """Builds a report from problems and skipped checks."""

    def make(problems: Iterable[Problem] = (), skipped: Iterable[Skipped] = ()) -> Report:
        return Report("sahel-incidents", "0.1.0", ".", ROWS, tuple(problems), tuple(skipped), RULES)

    return make


@pytest.fixture
def sound(make_report: Callable[..., Report]) -> Report:
    """Nothing wrong."""
    return make_report()


@pytest.fixture
def mixed(make_problem: Callable[..., Problem], make_report: Callable[..., Report]) -> Report:
    """Two errors of one rule, one of the package, a warning, and skipped checks."""
    problems = [
        make_problem(),
        make_problem(line=13, record="MLI-2025-06-01-boulikessi-f02", suggestion=None),
        make_problem(
            rule="used-place",
            severity=Severity.WARNING,
            message="no incident refers to it",
            file="data/places.csv",
            line=3,
            column=1,
            table="places",
            record="mli-boulikessi-camp",
            field="place_id",
            value="mli-boulikessi-camp",
            suggestion=None,
        ),
        make_problem(
            rule="listed-files",
            message="no descriptor names this file",
            file="data/old copy.csv",
            line=None,
            column=None,
            table=None,
            record=None,
            field=None,
            value=None,
            suggestion="list it in datapackage.json, or remove it",
        ),
    ]
    reason = "data/sources.csv has a row of 9 cells where the header has 12"
    skipped = [
        Skipped("cell-category", "sources", reason),
        Skipped("citation-ends", "sources", reason),
        Skipped("figure-source", "casualties", "it refers to sources, which could not be read"),
    ]
    return make_report(problems, skipped)


@pytest.fixture
def hostile(make_problem: Callable[..., Problem], make_report: Callable[..., Report]) -> Report:
    """A problem for each hostile cell, which also stands in every other text of the problem."""
    return make_report(
        make_problem(
            line=line,
            column=None if line % 2 else 3,
            record=f"{value[:300]}/{name}",
            value=value,
            message=f"`{value}` is not a date: {value}",
            suggestion=f"{value} may be `{value}`",
        )
        for line, (name, value) in enumerate(HOSTILE.items(), 2)
    )


@pytest.fixture
def hostile_cells() -> dict[str, str]:
    """The hostile cells by name."""
    return HOSTILE


@pytest.fixture
def many(make_problem: Callable[..., Problem], make_report: Callable[..., Report]) -> Report:
    """1,210 errors of one rule and 5 warnings of another."""
    errors = [make_problem(line=line, record=f"r{line}") for line in range(2, 1212)]
    warnings = [
        make_problem(
            rule="used-place",
            severity=Severity.WARNING,
            file="data/places.csv",
            table="places",
            line=line,
        )
        for line in range(2, 7)
    ]
    return make_report(errors + warnings)
