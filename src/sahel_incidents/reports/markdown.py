"""The report for a comment on a pull request: GitHub Flavored Markdown, short enough to be posted.

Cell values are written by anyone who opens a pull request. Each stands in a code span, where no
Markdown, HTML, link or @mention comes to life; every other text has its punctuation written as
character references, which never are markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..problem import Problem, Report, Severity
from .common import (
    Group,
    count,
    groups,
    more,
    shown_message,
    shown_name,
    shown_place,
    shown_value,
    skipped_groups,
    summary,
    tally,
    told,
    verdict,
    visible,
    without_commands,
)

EXTENSION = ".md"
MIME_TYPE = "text/markdown"
DEFAULT_LIMIT: int | None = 10

MAX_CHARACTERS = 60_000
"""GitHub refuses a comment of more than 65,536 characters; the rest is left to who posts it."""

_TABLE_HEAD = (
    "| Place | Record | Field | Value | What is wrong, what to do |\n"
    "| --- | --- | --- | --- | --- |"
)
_LABELS = {Severity.ERROR: "Error", Severity.WARNING: "Warning"}

_ACTIVE_WORD = re.compile(r"\S*(?:[@#]|://|www\.|\bgh-\d)\S*", re.IGNORECASE)
"""Words that GitHub turns into mentions or links even as plain text."""
_PUNCTUATION = re.compile(r"[!#$&*<>@\[\\\]^_`{|}~]")
"""ASCII punctuation that GitHub may read as markup inside a line."""
_QUOTED = re.compile(r"`([^`]+)`")


def render(report: Report, *, limit: int | None, colour: bool = False, strict: bool = False) -> str:
    """The report as Markdown; see `Format.render`."""
    found = groups(report, limit)
    title = f"{as_code(report.package)} {as_text(report.version)}: {verdict(report, strict)}"
    head = [f"### {title}\n\n{as_text(summary(report))}.\n", *_skipped(report, limit)]
    page = _Page("\n".join(head))
    for group in found:
        _add_group(page, group)
    return page.finished()


class _Page:
    """Collects pieces until the comment is full, and counts the problems that found no room."""

    def __init__(self, head: str) -> None:
        self._pieces = [head]
        self._room = MAX_CHARACTERS - len(head) - len(_cut(10**9, 10**6))
        self._cut_problems = 0
        self._cut_rules = 0

    def add(self, piece: str) -> bool:
        """Add a piece, unless the page is full."""
        self._room -= len(piece)
        fits = self._room >= 0
        if fits:
            self._pieces.append(piece)
        return fits

    def leave_out(self, problems: int) -> None:
        """Count problems of one rule that found no room. From now on nothing is added."""
        self._room = -1
        self._cut_problems += problems
        self._cut_rules += 1

    def finished(self) -> str:
        """The page, with a closing sentence that says what was cut."""
        closing = _cut(self._cut_problems, self._cut_rules) if self._cut_rules else ""
        return "".join(self._pieces) + closing


def _cut(problems: int, rules: int) -> str:
    return (
        f"\n**Cut for want of room:** {count(problems, 'problem')} of {count(rules, 'rule')} "
        "found no place in this comment. Run `incidents validate` to see all of them.\n"
    )


def _add_group(page: _Page, group: Group) -> None:
    rule = group.rule
    label = _LABELS[rule.severity]
    heading = f"{label}: {as_text(rule.title)} ({as_code(rule.id)}): {tally(group)}"
    added = 0
    if page.add(f"\n#### {heading}\n\n{_TABLE_HEAD}\n" if group.listed else f"\n#### {heading}\n"):
        for problem in group.listed:
            if not page.add(_row(problem)):
                break
            added += 1
        else:
            if not group.omitted or page.add(f"\n{more(group.omitted)}\n"):
                return
    page.leave_out(group.total - added)


def _row(problem: Problem) -> str:
    what = as_text(told(problem))
    if problem.suggestion:
        what += f"<br>→ {as_text(shown_message(problem.suggestion))}"
    cells = (
        as_code(shown_place(problem)),
        as_code(shown_name(problem.record or "")),
        as_code(shown_name(problem.field or "")),
        as_code(shown_value(problem.value or "")),
        what,
    )
    return f"| {' | '.join(cells)} |\n"


def _skipped(report: Report, limit: int | None) -> list[str]:
    skipped = skipped_groups(report)
    if not skipped:
        return []
    lines = ["#### Not checked", ""]
    for group in skipped[:limit]:
        number = count(len(group.checks), "check")
        reason = as_text(shown_message(group.reason))
        lines.append(f"- {as_code(shown_name(group.table))}: {number} skipped: {reason}")
    if len(skipped) > len(skipped[:limit]):
        lines.append(f"- {more(len(skipped) - len(skipped[:limit]))}")
    return [*lines, ""]


def as_text(text: str) -> str:
    """A sentence as Markdown text in which nothing is markup, except that `quotes` are code."""
    pieces: list[str] = []
    for position, part in enumerate(_QUOTED.split(visible(text))):
        pieces += [as_code(part)] if position % 2 else _plain(part)
    return _joined(pieces)


def _plain(text: str) -> list[str]:
    """Text as Markdown, in pieces: what GitHub would link becomes code, the rest stays text."""
    pieces = []
    end = 0
    for word in _ACTIVE_WORD.finditer(text):
        pieces += [_referenced(text[end : word.start()]), as_code(word[0])]
        end = word.end()
    return [*pieces, _referenced(text[end:])]


def _joined(pieces: Iterable[str]) -> str:
    """The pieces as one text. Code spans that touch are parted: their fences would run together."""
    joined = ""
    for piece in filter(None, pieces):
        joined += f" {piece}" if joined.endswith("`") and piece.startswith("`") else piece
    return joined


def _referenced(text: str) -> str:
    """Text whose punctuation is written as character references (CommonMark 2.5)."""
    return _PUNCTUATION.sub(lambda match: f"&#{ord(match[0])};", text)


def as_code(text: str) -> str:
    """Text as a code span in a table cell; "" stays empty."""
    if not text:
        return ""
    text = without_commands(visible(text))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    # CommonMark takes one space off each end, unless there are only spaces.
    pad = " " if text.strip(" ") and (text[0] in "` " or text[-1] in "` ") else ""
    escaped = text.replace("|", r"\|")
    return f"{fence}{pad}{escaped}{pad}{fence}"
