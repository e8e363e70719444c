"""What is wrong with data (a `Problem`), and what stopped the tool (a `ToolError`).

The two never mix: bad data is reported and costs exit code 1, a tool that could not do its work
raises and costs exit code 3. This module imports nothing of ours, so everything may import it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem weighs: an error fails validation, a warning only with `--strict`."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a person may want to know of a rule: its stable id, weight, title and the reason."""

    id: str
    severity: Severity
    title: str
    explanation: str
    tables: tuple[str, ...] = ()
    """The tables it looks at; empty for every table."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the data, at one place, and what to do about it.

    Two problems are equal when rule and place are, so that rewording a message changes nothing.

    Attributes:
        rule: the stable id of the rule that found it.
        severity: see `Severity`.
        message: a short sentence without the place; it quotes the value where that helps.
        file: the file, relative to the package, with forward slashes.
        line: the physical line in that file, from 1; None where the whole file is meant.
        column: the character in that line, from 1; None where the whole line is meant.
        table: the table's name; None for a problem of the package.
        record: the record's primary key, its parts joined by "|"; None where there is none.
        field: the column's name; None where the row or the file is meant.
        value: the offending cell as it stands, shortened if very long; None where there is none.
        suggestion: what to write or do instead; None where nothing sensible is known.
        known: whether it was already there in the state that the data is compared with.
    """

    rule: str
    severity: Severity = attribute(compare=False)
    message: str = attribute(compare=False)
    file: str
    line: int | None = None
    column: int | None = None
    table: str | None = None
    record: str | None = None
    field: str | None = None
    value: str | None = attribute(default=None, compare=False)
    suggestion: str | None = attribute(default=None, compare=False)
    known: bool = attribute(default=False, compare=False)

    @property
    def place(self) -> str:
        """The place as `file:line:column`, as far as it is known."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)

    @property
    def identity(self) -> tuple[str | None, ...]:
        """What makes it the same problem in another state of the data, wherever its line moved."""
        return self.rule, self.file, self.table, self.record, self.field, self.value


@dataclass(frozen=True, slots=True)
class Skipped:
    """A check that was not made, because what it builds on has failed: never a silent pass."""

    check: str
    """The rule or stage, by its id."""
    table: str
    reason: str
    known: bool = attribute(default=False, compare=False)
    """Whether it was already skipped in the state that the data is compared with."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one validation: everything a person or a machine needs to decide.

    Attributes:
        package: the package's name.
        version: the package's version.
        root: the package's folder as the user named it.
        rows: the number of rows read, by table, in the package's order.
        problems: all problems, ordered by file, line, column and rule.
        skipped: the checks that were not made, and why.
        rules: what is known of every rule that was run, by id.
        since: the earlier state that the data was compared with; "" where it was judged by itself.
        beyond: how many more problems were found than are held, by rule and table. Of a rule that
            finds very many, only the first are held; all are counted.
    """

    package: str
    version: str
    root: str
    rows: dict[str, int]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...]
    rules: dict[str, RuleInfo]
    since: str = ""
    beyond: Mapping[tuple[str, str | None], int] = attribute(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """How many problems weigh this much, without those that were already there."""
        held = sum(1 for p in self.problems if p.severity is severity and not p.known)
        more = self.beyond.items()
        return held + sum(n for (rule, _), n in more if self.rules[rule].severity is severity)

    @property
    def total(self) -> int:
        """How many problems were found, held or not."""
        return len(self.problems) + sum(self.beyond.values())

    @property
    def known(self) -> int:
        """How many problems were already there in the state that the data was compared with."""
        return sum(1 for problem in self.problems if problem.known)

    @property
    def newly_skipped(self) -> int:
        """How many checks were skipped that were not already skipped in that state."""
        return sum(1 for skipped in self.skipped if not skipped.known)

    def by_rule(self) -> Counter[str]:
        """How many problems each rule found, held or not."""
        found = Counter(problem.rule for problem in self.problems)
        for (rule, _), more in self.beyond.items():
            found[rule] += more
        return found

    def sound(self, strict: bool = False) -> bool:
        """Whether the data passes: no error and no skipped check; with `strict`, no warning.

        What was already there in the state that the data was compared with does not count.
        """
        weights = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
        return not self.newly_skipped and not any(map(self.count, weights))

    def compared_with(self, earlier: Report, name: str) -> Report:
        """This report, in which whatever the report of an earlier state held too is marked known.

        Problems are matched one to one by `Problem.identity`, since lines shift with every row.
        Those that are not held cannot be matched, and count as new.
        """
        there = Counter(problem.identity for problem in earlier.problems)
        problems = []
        for problem in self.problems:
            there[problem.identity] -= 1
            known = there[problem.identity] >= 0
            problems.append(replace(problem, known=True) if known else problem)
        gaps = {(skipped.check, skipped.table) for skipped in earlier.skipped}
        skipped = (replace(s, known=(s.check, s.table) in gaps) for s in self.skipped)
        return replace(self, problems=tuple(problems), skipped=tuple(skipped), since=name)


class ToolError(Exception):
    """The tool could not do its work; the data is not to blame.

    Attributes:
        message: what went wrong, with the place where it is known.
        remedy: what the user can do about it.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[ToolError], tuple[str, str]]:
        """Lets it cross from one process to another."""
        return type(self), (self.message, self.remedy)


class DescriptorError(ToolError):
    """`datapackage.json` or a schema is broken, unsafe or uses what is not supported."""


class UnclearError(ValueError):
    """What a person wrote is not understood, or could mean two things.

    Attributes:
        message: what is wrong with it.
        remedy: what to write instead.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy
