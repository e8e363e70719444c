"""The report for programs: JSON, valid against `report.schema.json`, one problem to a line."""

from __future__ import annotations

from collections.abc import Sequence
from json.encoder import encode_basestring as _string

from ..problem import Problem, Report, RuleInfo, Severity, Skipped
from .common import groups, safe_json, to_json

EXTENSION = ".json"
MIME_TYPE = "application/json"
DEFAULT_LIMIT: int | None = None

FORMAT = "sahel-incidents-report"
FORMAT_VERSION = 1
"""Grows only when a reader of the former version could misunderstand the new one."""


def render(report: Report, *, limit: int | None, colour: bool = False, strict: bool = False) -> str:
    """The report as one JSON object; see `Format.render`. What is not known is null."""
    found = groups(report, limit)
    numbers = {group.rule.id: (group.total, group.omitted) for group in found}
    rules = report.rules | {group.rule.id: group.rule for group in found}
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "package": {"name": report.package, "version": report.version},
        "sound": report.sound(strict),
        "strict": strict,
        "counts": {
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "skipped": report.newly_skipped,
        },
        "limit": limit,
        "rows": report.rows,
    }
    if report.since:
        head["since"] = {"name": report.since, "problems": report.known}
    lists = {
        "rules": [to_json(_rule(rule, *numbers.get(rule.id, (0, 0)))) for rule in rules.values()],
        "problems": [
            _problem(problem, report.since) for group in found for problem in group.listed
        ],
        "skipped": [to_json(_skipped(skipped, report.since)) for skipped in report.skipped],
    }
    members = [f'"{key}": {to_json(value)}' for key, value in head.items()]
    members += [f'"{key}": {_lines(items)}' for key, items in lists.items()]
    return "{\n" + ",\n".join(members) + "\n}\n"


def _lines(items: Sequence[str]) -> str:
    """A JSON array with one item to a line."""
    return "[\n" + ",\n".join(items) + "\n]" if items else "[]"


def _rule(rule: RuleInfo, problems: int, omitted: int) -> dict[str, object]:
    return {
        "id": rule.id,
        "severity": rule.severity,
        "title": rule.title,
        "explanation": rule.explanation,
        "tables": rule.tables,
        "problems": problems,
        "omitted": omitted,
    }


def _skipped(skipped: Skipped, since: str) -> dict[str, object]:
    members = {"check": skipped.check, "table": skipped.table, "reason": skipped.reason}
    return members | ({"known": skipped.known} if since else {})


def _problem(problem: Problem, since: str) -> str:
    """A problem as JSON. Written out, as `json.dumps` takes three times as long for 100,000."""
    known = f',"known":{str(problem.known).lower()}' if since else ""
    return safe_json(
        f'{{"rule":{_string(problem.rule)},"severity":{_string(problem.severity)},'
        f'"file":{_string(problem.file)},"line":{_number(problem.line)},'
        f'"column":{_number(problem.column)},"table":{_known(problem.table)},'
        f'"record":{_known(problem.record)},"field":{_known(problem.field)},'
        f'"value":{_known(problem.value)},"message":{_string(problem.message)},'
        f'"suggestion":{_known(problem.suggestion)}{known}}}'
    )


def _known(text: str | None) -> str:
    return "null" if text is None else _string(text)


def _number(number: int | None) -> str:
    return "null" if number is None else str(number)
