"""The report for code scanning: SARIF 2.1.0 (OASIS), within the limits of GitHub's uploads.

GitHub refuses a file with more than 25,000 results in a run or more than 10 MB when compressed.
Where a report is larger, the rules share the room and the file says what was left out.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from ..problem import Problem, Report, RuleInfo, Severity
from .common import (
    Group,
    SkippedGroup,
    count,
    groups,
    shorten,
    shown_message,
    shown_name,
    skipped_groups,
    summary,
    to_json,
    told,
    visible,
)

EXTENSION = ".sarif"
MIME_TYPE = "application/sarif+json"
DEFAULT_LIMIT: int | None = None

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
TOOL = "sahel-incidents"

MAX_RESULTS = 25_000
MAX_COMPRESSED_BYTES = 10_000_000
MAX_DESCRIPTION = 1000
"""Characters; GitHub allows a rule's description 1,024."""

Object = dict[str, Any]
"""A JSON object."""


def render(report: Report, *, limit: int | None, colour: bool = False, strict: bool = False) -> str:
    """The report as a SARIF log with one run; see `Format.render`."""
    room = MAX_RESULTS
    while True:
        log = _log(report, groups(report, _smaller(limit, _share(report, room))), strict)
        text = to_json(log) + "\n"
        if room == 0 or len(zlib.compress(text.encode(), 1)) <= MAX_COMPRESSED_BYTES:
            return text
        room //= 2


def _share(report: Report, room: int) -> int | None:
    """The most problems listed per rule so that all together are at most `room`; None for all."""
    totals = sorted(report.by_rule().values())
    for position, total in enumerate(totals):
        share = room // (len(totals) - position)
        if total > share:
            return share
        room -= total
    return None


def _smaller(limit: int | None, share: int | None) -> int | None:
    known = [number for number in (limit, share) if number is not None]
    return min(known, default=None)


def _log(report: Report, found: list[Group], strict: bool) -> Object:
    rules = list((report.rules | {group.rule.id: group.rule for group in found}).values())
    indexes = {rule.id: index for index, rule in enumerate(rules)}
    notifications = [_skipped_note(group) for group in skipped_groups(report)]
    notifications += [_omitted_note(group, indexes) for group in found if group.omitted]
    run: Object = {
        "tool": {"driver": _driver(rules)},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "columnKind": "unicodeCodePoints",
        "results": list(_results(found, indexes, report.since)),
        "properties": {
            "package": report.package,
            "packageVersion": report.version,
            "sound": report.sound(strict),
            "strict": strict,
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "skipped": report.newly_skipped,
            "omitted": {group.rule.id: group.omitted for group in found if group.omitted},
            "summary": summary(report),
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _driver(rules: Iterable[RuleInfo]) -> Object:
    driver: Object = {"name": TOOL, "rules": [_rule(rule) for rule in rules]}
    from importlib.metadata import PackageNotFoundError, version  # costs too much for the others

    with suppress(PackageNotFoundError):  # a copy that was never installed has no version to state
        driver["version"] = version(TOOL)
    return driver


def _rule(rule: RuleInfo) -> Object:
    explanation = rule.explanation or rule.title
    return {
        "id": rule.id,
        "shortDescription": {"text": _message_text(shorten(rule.title, MAX_DESCRIPTION))},
        "fullDescription": {"text": _message_text(shorten(explanation, MAX_DESCRIPTION))},
        "help": {"text": _message_text(explanation)},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tables": list(rule.tables)},
    }


def _results(found: Iterable[Group], indexes: dict[str, int], since: str) -> Iterator[Object]:
    seen: Counter[str] = Counter()
    for group in found:
        for problem in group.listed:
            print_ = _fingerprint(problem)
            seen[print_] += 1
            result: Object = {
                "ruleId": problem.rule,
                "ruleIndex": indexes[problem.rule],
                "level": problem.severity,
                "message": {"text": _message(problem)},
                "locations": [_location(problem)],
                # The one key by which GitHub recognises a result in a later run.
                "partialFingerprints": {"primaryLocationLineHash": f"{print_}:{seen[print_]}"},
            }
            if since:
                result["baselineState"] = "unchanged" if problem.known else "new"
            yield result


def _message(problem: Problem) -> str:
    text = told(problem)
    if problem.suggestion:
        text += f"\n-> {shown_message(problem.suggestion)}"
    return _message_text(text)


def _message_text(text: str) -> str:
    """Plain text as SARIF writes it: no placeholder and no embedded link (3.11.5 and 3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _location(problem: Problem) -> Object:
    physical: Object = {"artifactLocation": {"uri": _uri(problem.file)}}
    if problem.line is not None:
        physical["region"] = {"startLine": problem.line}
        if problem.column is not None:
            physical["region"]["startColumn"] = problem.column
    location: Object = {"physicalLocation": physical}
    path = [shown_name(part) for part in (problem.table, problem.record, problem.field) if part]
    logical = [
        {"name": shown_name(name), "kind": kind, "fullyQualifiedName": "/".join(path[:depth])}
        for kind, name, depth in (
            ("record", problem.record, len(path) - bool(problem.field)),
            ("field", problem.field, len(path)),
        )
        if name
    ]
    return location | {"logicalLocations": logical} if logical else location


def _uri(file: str) -> str:
    return quote(file.encode("utf-8", "surrogatepass"), safe="/")


def _fingerprint(problem: Problem) -> str:
    """What a problem is, wherever its line moves to: rule, file, record, field and value."""
    parts = (problem.rule, problem.file, problem.table, problem.record, problem.field)
    text = "\n".join(part or "" for part in (*parts, problem.value))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _skipped_note(group: SkippedGroup) -> Object:
    number = count(len(group.checks), "check")
    checks = ", ".join(group.checks)
    text = f"{group.table}: {number} skipped: {shown_message(group.reason)} ({checks})"
    return {"level": "warning", "message": {"text": _message_text(visible(text))}}


def _omitted_note(group: Group, indexes: dict[str, int]) -> Object:
    listed = f"{len(group.listed):,} of {count(group.total, 'problem')} listed"
    text = f"{group.rule.id}: {listed}, {group.omitted:,} left out. "
    text += "The json report with --limit 0 lists all."
    return {
        "level": "warning",
        "message": {"text": _message_text(text)},
        "associatedRule": {"id": group.rule.id, "index": indexes[group.rule.id]},
    }
