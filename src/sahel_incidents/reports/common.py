"""What every report format needs: problems in groups, counts in words, and text made harmless.

Cell values come from strangers. What a report prints of them must not steer a terminal, reorder a
line, hide a character or be read as a command by the system that prints the log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..problem import Problem, Report, RuleInfo, Severity

VALUE_LENGTH = 80
"""Characters of a cell's value that a report for people shows."""
NAME_LENGTH = 160
"""Characters of a file's, a record's or a field's name that a report for people shows."""
MESSAGE_LENGTH = 400
"""Characters of a message or a suggestion that a report for people shows."""

_UNSEEN = (
    # DEL, C1 controls, no-break space, soft hyphen, joiners and format marks by block
    "\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    "\u17b4\u17b5\u180b-\u180f"
    # spaces of odd widths, zero-width characters, line separators, bidirectional controls
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164"
    # lone surrogates (undecodable bytes), variation selectors, byte order mark, fillers
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    # format marks outside the basic plane, tags and further variation selectors
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
"""Every character that draws nothing, looks like a plain space or changes how others are drawn:
Unicode's categories Cc, Cf, Zs, Zl, Zp and Cs, and its Default_Ignorable_Code_Point list."""

_UNSEEN_IN_TEXT = re.compile(f"[\x00-\x1f{_UNSEEN}]")
_UNSEEN_IN_JSON = re.compile(f"[{_UNSEEN}]")  # JSON itself escapes the characters below U+0020
_SHORT_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


@dataclass(frozen=True, slots=True)
class Group:
    """The problems of one rule, of which only some may be listed."""

    rule: RuleInfo
    listed: tuple[Problem, ...]
    total: int
    known: int
    """How many of the total were already there."""

    @property
    def omitted(self) -> int:
        """How many problems the limit leaves out."""
        return self.total - len(self.listed)


@dataclass(frozen=True, slots=True)
class SkippedGroup:
    """The checks of one table that were skipped for one reason."""

    table: str
    reason: str
    checks: tuple[str, ...]


def groups(report: Report, limit: int | None) -> list[Group]:
    """The report's problems by rule: errors first, then in the order in which rules found some.

    Problems that were already there come last, and so do the rules that found nothing else.
    `limit` is the most problems listed per rule; None lists all.
    """
    by_rule: dict[str, list[Problem]] = {}
    totals = report.by_rule()
    for problem in sorted(report.problems, key=lambda problem: problem.known):
        by_rule.setdefault(problem.rule, []).append(problem)
    found = [
        Group(
            _rule_info(report.rules, problems[0]),
            tuple(problems[:limit]),
            totals[problems[0].rule],
            sum(problem.known for problem in problems),
        )
        for problems in by_rule.values()
    ]
    return sorted(
        found,
        key=lambda group: (
            group.known == group.total,
            group.rule.severity is not Severity.ERROR,
        ),
    )


def _rule_info(rules: Mapping[str, RuleInfo], problem: Problem) -> RuleInfo:
    """The rule that found a problem; a bare one made of its id where nothing is known of it."""
    unknown = RuleInfo(problem.rule, problem.severity, problem.rule, "")
    return rules.get(problem.rule, unknown)


def skipped_groups(report: Report) -> list[SkippedGroup]:
    """The checks that were not made, those of one table and one reason together."""
    checks: dict[tuple[str, str], list[str]] = {}
    for skipped in report.skipped:
        checks.setdefault((skipped.table, skipped.reason), []).append(skipped.check)
    return [SkippedGroup(table, reason, tuple(ids)) for (table, reason), ids in checks.items()]


def count(number: int, noun: str) -> str:
    """A number and its noun: "no errors", "1 error", "1,204 errors"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}" if number else f"no {noun}s"


def tally(group: Group) -> str:
    """How many problems a rule found, and how many of them were already there."""
    known = f" ({group.known:,} already there)" if group.known else ""
    return count(group.total, "problem") + known


def more(omitted: int) -> str:
    """What to say of the problems that a limit leaves out."""
    return f"and {omitted:,} more; --limit 0 lists all"


def verdict(report: Report, strict: bool) -> str:
    """Whether the data passes, in words."""
    if report.sound(strict):
        return "Sound"
    if report.sound():
        return "Not sound under --strict"
    return "Not sound"


def summary(report: Report) -> str:
    """The counts in one phrase, without a full stop."""
    parts = [
        count(report.count(Severity.ERROR), "error"),
        count(report.count(Severity.WARNING), "warning"),
    ]
    if report.newly_skipped:
        parts.append(count(report.newly_skipped, "skipped check"))
    if not report.since:
        return f"{', '.join(parts)} in {size(report)}"
    there = [count(report.known, "problem")]
    if report.newly_skipped < len(report.skipped):
        there.append(count(len(report.skipped) - report.newly_skipped, "skipped check"))
    new = f"{', '.join(parts)} new since {shown_name(report.since)}"
    return f"{new}, in {size(report)}; already there: {', '.join(there)}"


def size(report: Report) -> str:
    """How much was read: the number of tables and of rows."""
    return f"{count(len(report.rows), 'table')}, {count(sum(report.rows.values()), 'row')}"


def shown_place(problem: Problem) -> str:
    """The place for people: `file:line:column`, as far as it is known."""
    return visible(shorten(problem.place, NAME_LENGTH))


def shown_subject(problem: Problem) -> str:
    """The record and the field for people, as `record.field`; "" if neither is known."""
    return ".".join(shown_name(part) for part in (problem.record, problem.field) if part)


def shorten(text: str, length: int) -> str:
    """At most `length` characters of a text, followed by how long it really is."""
    return text if len(text) <= length else f"{text[:length]}… ({len(text):,} characters)"


def visible(text: str) -> str:
    r"""The text with every unseen character written as an escape, such as `\u202e` or `\n`."""
    return _UNSEEN_IN_TEXT.sub(lambda match: _escape(match[0]), text)


def shown_name(name: str) -> str:
    """The name of a record, a field or a table for people: shortened and visible."""
    return visible(shorten(name, NAME_LENGTH))


def shown_value(value: str) -> str:
    """A cell's value for people: shortened and visible."""
    return visible(shorten(value, VALUE_LENGTH))


def shown_message(message: str) -> str:
    """A message or a suggestion for people: shortened and visible."""
    return visible(shorten(message, MESSAGE_LENGTH))


def told(problem: Problem) -> str:
    """A problem's message for people, which says so where the problem was already there."""
    return f"{'already there: ' if problem.known else ''}{shown_message(problem.message)}"


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def without_commands(text: str) -> str:
    r"""The text with everything broken up that a GitHub Actions log would take for a command.

    The runner obeys `::name::` at the start of a line and the older `##[name]` anywhere in it
    (actions/runner, `ActionCommand.cs`).
    """
    text = re.sub(r"(?m)^([ \t]*):(?=:)", r"\1\\x3a", text)
    return text.replace("##[", r"#\x23[")


def to_json(value: object) -> str:
    """JSON on one line, made safe by `safe_json`. Parsed, it gives back exactly `value`."""
    return safe_json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def safe_json(text: str) -> str:
    """JSON text with every unseen character escaped; letters stay readable.

    It means the same to a parser, and printed in a log it holds no command for the runner.
    """
    text = text.replace("##[", r"#\u0023[")
    return text if text.isascii() else _UNSEEN_IN_JSON.sub(_json_escape, text)


def _json_escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
