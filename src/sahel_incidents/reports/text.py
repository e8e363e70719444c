"""The report for a person at a terminal: by rule, errors first, ending with the verdict."""

from __future__ import annotations

import textwrap

from ..problem import Problem, Report, Severity
from .common import (
    Group,
    SkippedGroup,
    count,
    groups,
    more,
    shown_message,
    shown_name,
    shown_place,
    shown_subject,
    shown_value,
    skipped_groups,
    summary,
    tally,
    told,
    verdict,
    visible,
    without_commands,
)

EXTENSION = ".txt"
MIME_TYPE = "text/plain"
DEFAULT_LIMIT: int | None = 20

WIDTH = 100
"""Characters to a line where a list is wrapped. Problems are never wrapped, so that a terminal
can link `file:line:column` and `grep` finds whole lines."""

# ANSI "select graphic rendition" codes (ECMA-48, 8.3.117)
BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"
_SEVERITY_COLOURS = {Severity.ERROR: RED, Severity.WARNING: YELLOW}


class _Pen:
    """Writes text in colours, or plainly."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, *codes: str) -> str:
        if not self._colour or not text:
            return text
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"


def render(report: Report, *, limit: int | None, colour: bool = False, strict: bool = False) -> str:
    """The report as lines for a terminal; see `Format.render`."""
    pen = _Pen(colour)
    title = visible(f"{report.package} {report.version}")
    blocks = [[f"{pen(title, BOLD)} {pen(f'({visible(report.root)})', DIM)}"]]
    blocks += [_problem_lines(group, pen) for group in groups(report, limit)]
    if report.skipped:
        blocks.append(_skipped_lines(skipped_groups(report), pen))
    closing = _closing_lines(report, strict, pen)
    if report.problems or report.skipped:
        blocks.append(closing)
    else:
        blocks[0] += closing
    return without_commands("\n\n".join("\n".join(block) for block in blocks) + "\n")


def _problem_lines(group: Group, pen: _Pen) -> list[str]:
    severity = group.rule.severity
    lines = [
        f"{pen(severity, BOLD, _SEVERITY_COLOURS[severity])}  {pen(group.rule.id, BOLD)}  "
        f"{visible(group.rule.title)}: {tally(group)}"
    ]
    for problem in group.listed:
        parts = (
            pen(shown_place(problem), CYAN),
            pen(shown_subject(problem), DIM),
            _message(problem),
        )
        lines.append("  " + "  ".join(part for part in parts if part))
        if problem.suggestion:
            lines.append(f"      {pen('->', GREEN)} {shown_message(problem.suggestion)}")
    if group.omitted:
        lines.append(f"  {pen(more(group.omitted), DIM)}")
    return lines


def _message(problem: Problem) -> str:
    """The message, followed by the value unless the line shows it already."""
    quoted = any(f"{quote}{problem.value}{quote}" in problem.message for quote in "`'\"")
    if not problem.value or quoted or problem.value == problem.record:
        return told(problem)
    return f'{told(problem)}: "{shown_value(problem.value)}"'


def _skipped_lines(skipped: list[SkippedGroup], pen: _Pen) -> list[str]:
    lines = [pen("Not checked", BOLD)]
    for group in skipped:
        number = count(len(group.checks), "check")
        lines.append(
            f"  {shown_name(group.table)}: {number} skipped: {shown_message(group.reason)}"
        )
        lines += textwrap.wrap(
            visible(", ".join(group.checks)),
            WIDTH,
            initial_indent="      ",
            subsequent_indent="      ",
            break_on_hyphens=False,
        )
    return lines


def _closing_lines(report: Report, strict: bool, pen: _Pen) -> list[str]:
    colour = GREEN if report.sound(strict) else RED
    lines = [f"{pen(verdict(report, strict), BOLD, colour)}: {summary(report)}."]
    if report.problems:
        lines.append(pen("`incidents rules RULE` explains a rule.", DIM))
    return lines
