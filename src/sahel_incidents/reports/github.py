"""Annotations on the changed lines of a pull request: GitHub Actions workflow commands.

The syntax and its escapes are those of actions/toolkit, `packages/core/src/command.ts`. GitHub
shows ten annotations of each kind per step, so errors come first and the counts are a notice. What
was already there, where an earlier state is compared with, is counted and not annotated.
"""

from __future__ import annotations

from ..problem import Problem, Report
from .common import (
    Group,
    SkippedGroup,
    count,
    groups,
    more,
    shown_message,
    shown_subject,
    skipped_groups,
    summary,
    verdict,
    visible,
)

EXTENSION = ".log"
MIME_TYPE = "text/plain"
DEFAULT_LIMIT: int | None = 10


def render(report: Report, *, limit: int | None, colour: bool = False, strict: bool = False) -> str:
    """One workflow command to a line; see `Format.render`."""
    found = groups(report, limit)
    lines = [_skipped(group) for group in skipped_groups(report)]
    listed = ((group, problem) for group in found for problem in group.listed)
    lines += [_annotation(group, problem) for group, problem in listed if not problem.known]
    lines.append(_notice(report, found, strict))
    return "\n".join(lines) + "\n"


def _annotation(group: Group, problem: Problem) -> str:
    message = ": ".join(
        part for part in (shown_subject(problem), shown_message(problem.message)) if part
    )
    if problem.suggestion:
        message += f"\n-> {shown_message(problem.suggestion)}"
    return _command(
        problem.severity,
        message,
        file=problem.file,
        line=problem.line,
        col=problem.column,
        title=f"{group.rule.title} ({group.rule.id})",
    )


def _skipped(group: SkippedGroup) -> str:
    number = count(len(group.checks), "check")
    message = f"{number} skipped: {shown_message(group.reason)}\n{visible(', '.join(group.checks))}"
    return _command("warning", message, title=f"Not checked: {group.table}")


def _notice(report: Report, found: list[Group], strict: bool) -> str:
    lines = [f"{summary(report)}."]
    lines += [f"{group.rule.id}: {more(group.omitted)}" for group in found if group.omitted]
    title = f"{report.package} {report.version}: {verdict(report, strict)}"
    return _command("notice", "\n".join(lines), title=title)


def _command(name: str, message: str, **properties: str | int | None) -> str:
    """A workflow command whose text, whatever it holds, stays text."""
    known = [
        f"{key}={_escaped_property(str(value))}"
        for key, value in properties.items()
        if value is not None
    ]
    return f"::{name} {','.join(known)}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(visible(text)).replace(":", "%3A").replace(",", "%2C")
