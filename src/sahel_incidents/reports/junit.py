"""The report for test dashboards: JUnit XML, a suite for each table and a case for each rule.

Only what was really checked counts as passed. JUnit knows no warnings: without `--strict` a rule
that only warns passes and lists what it found as output; so does one whose problems were all there
before, where an earlier state is compared with.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ..problem import Problem, Report, RuleInfo, Severity
from .common import (
    Group,
    count,
    groups,
    more,
    shown_message,
    shown_place,
    shown_subject,
    shown_value,
    told,
    visible,
)

EXTENSION = ".xml"
MIME_TYPE = "application/xml"
DEFAULT_LIMIT: int | None = 100

PACKAGE_SUITE = "package"
"""The suite of the problems that belong to no table."""

PASSED, FAILED, SKIPPED = "passed", "failure", "skipped"

Case = tuple[str, str]
"""A test case: its outcome and its XML."""


def render(report: Report, *, limit: int | None, colour: bool = False, strict: bool = False) -> str:
    """The report as JUnit XML; see `Format.render`. The limit holds per rule and table."""
    found = groups(report, None)
    tables = dict.fromkeys(
        [
            *(problem.table or PACKAGE_SUITE for problem in report.problems),
            *(table or PACKAGE_SUITE for _, table in report.beyond),
            *(skipped.table or PACKAGE_SUITE for skipped in report.skipped),
        ]
    )
    names = [name for name in tables if name not in report.rows] + list(report.rows)
    suites = [(name, _cases(report, found, name, limit, strict)) for name in names]
    every = [case for _, cases in suites for case in cases]
    title = _text(f"{report.package} {report.version}")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="{title}" {_counts(every)}>',
    ]
    for name, cases in suites:
        lines.append(f'<testsuite name="{_text(name)}" {_counts(cases)}>')
        lines += [xml for _, xml in cases]
        lines.append("</testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _cases(
    report: Report, found: list[Group], table: str, limit: int | None, strict: bool
) -> list[Case]:
    """The test cases of one suite: rules that found something, skipped ones, passed ones."""
    cases = {}
    for group in found:
        problems = [p for p in group.listed if (p.table or PACKAGE_SUITE) == table]
        beyond = report.beyond.get((group.rule.id, None if table == PACKAGE_SUITE else table), 0)
        if problems or beyond:
            cases[group.rule.id] = _found_case(table, group.rule, problems, beyond, limit, strict)
    skipped = {s.check: s.reason for s in report.skipped if (s.table or PACKAGE_SUITE) == table}
    for check, reason in skipped.items():
        body = f'<skipped message="{_text(shown_message(reason))}"/>'
        cases.setdefault(check, _case(SKIPPED, table, check, body))
    # A whole stage that was skipped leaves it open which rules were run: claim none of them.
    if table in report.rows and skipped.keys() <= report.rules.keys():
        for rule in report.rules.values():
            if not rule.tables or table in rule.tables:
                cases.setdefault(rule.id, _case(PASSED, table, rule.id, ""))
    return list(cases.values())


def _found_case(
    table: str,
    info: RuleInfo,
    problems: list[Problem],
    beyond: int,
    limit: int | None,
    strict: bool,
) -> Case:
    severity, rule = info.severity, info.id
    new = sum(not problem.known for problem in problems) + beyond
    lines = [_line(problem) for problem in problems[:limit]]
    if omitted := len(problems) + beyond - len(lines):
        lines.append(more(omitted))
    text = _text("\n".join(lines), keep_lines=True)
    if not new or (severity is Severity.WARNING and not strict):
        return _case(PASSED, table, rule, f"<system-out>{text}</system-out>")
    first = shown_message(problems[0].message if problems else info.title)
    message = _text(f"{count(new, 'problem')}: {first}")
    body = f'<failure message="{message}" type="{severity}">{text}</failure>'
    return _case(FAILED, table, rule, body)


def _case(outcome: str, table: str, check: str, body: str) -> Case:
    head = f'<testcase classname="{_text(table)}" name="{_text(check)}"'
    return outcome, f"{head}>{body}</testcase>" if body else f"{head}/>"


def _line(problem: Problem) -> str:
    parts = [shown_place(problem), shown_subject(problem), told(problem)]
    if problem.value:
        parts.append(f'"{shown_value(problem.value)}"')
    if problem.suggestion:
        parts.append(f"-> {shown_message(problem.suggestion)}")
    return "  ".join(part for part in parts if part)


def _counts(cases: Iterable[Case]) -> str:
    outcomes = [outcome for outcome, _ in cases]
    return (
        f'tests="{len(outcomes)}" failures="{outcomes.count(FAILED)}" errors="0" '
        f'skipped="{outcomes.count(SKIPPED)}"'
    )


def _text(text: str, *, keep_lines: bool = False) -> str:
    """Text for XML. What XML 1.0 forbids even as a reference (its `Char`) is shown as an escape."""
    lines = text.split("\n") if keep_lines else [text]
    return escape("\n".join(visible(line) for line in lines)).replace("##[", "#&#35;[")
