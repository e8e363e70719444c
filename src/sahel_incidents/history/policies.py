"""The change policies, judged over a difference: what a pull request may not do unnoticed.

Those on records are in `record_policies`; here are those on revisions, schemas, rules and version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ..package import DESCRIPTOR
from ..problem import Problem, Severity, Skipped
from ..records import Row
from . import REVISIONS, Action, Difference, record_policies
from .findings import Finding, Places, policy
from .schema_changes import Level

REVISION = policy(
    "revision-altered",
    Severity.ERROR,
    "A revision stays as it was written",
    "The history of the records is only worth something if nobody rewrites it. What a revision "
    "got wrong is set right by another revision.",
)
SCHEMA = policy(
    "schema",
    Severity.WARNING,
    "The schemas change",
    "Columns, types, constraints, vocabularies and keys decide what the data may say, so a "
    "reviewer should see that they differ. The data was judged by the earlier schemas as far as "
    "these know its columns, and by the later ones.",
)
RULE = policy(
    "rule",
    Severity.WARNING,
    "The semantic rules change",
    "A rule decides what passes, so a reviewer should see that it differs. The data was judged by "
    "the rules of the installed toolkit.",
)
VERSION = policy(
    "version-backwards",
    Severity.ERROR,
    "The version does not go backwards",
    "Two states under one number, or a later one under a smaller number, cannot be told apart by "
    "those who cite them. Versions are of the form 1.2.3 (https://semver.org).",
)
RULES = (*record_policies.RULES, REVISION, SCHEMA, RULE, VERSION)

_VERSION = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?"
)


def judge(difference: Difference) -> tuple[list[Problem], list[Skipped]]:
    """The policies that a difference breaks, and those that could not be judged, with the reason.

    The problems' places are in the files of the later state; a record that is gone has none.
    """
    places = Places(difference)
    problems = [places.problem(finding) for judged in _POLICIES for finding in judged(difference)]
    skipped = [
        Skipped(rule.id, table, reason)
        for table, reason in difference.unread.items()
        for rule in (*record_policies.RULES, REVISION)
    ]
    return problems, skipped


def _revisions(difference: Difference) -> Iterator[Finding]:
    last: dict[tuple[str, str], Row] = {}
    for row in difference.old.rows.get(REVISIONS, {}).values():
        about = (row["table"], row["record_id"])
        if about not in last or row["revised_on"] > last[about]["revised_on"]:
            last[about] = row
    for change in difference.changes:
        if change.table != REVISIONS:
            continue
        if change.action is Action.ADD:
            earlier = last.get((change.row["table"], change.row["record_id"]))
            if earlier and change.row["revised_on"] < earlier["revised_on"]:
                yield Finding(
                    REVISION,
                    f"dated before {earlier['revision_id']}, which revised the same record on "
                    f"{earlier['revised_on']}",
                    "write the day of the change itself",
                    REVISIONS,
                    change.key,
                    "revised_on",
                    change.row["revised_on"],
                )
        else:
            field = change.fields[0] if change.fields else None
            what = f"{field.field} was {field.old or 'empty'}" if field else "it is gone"
            yield Finding(
                REVISION,
                f"{change.record} is not what it was: {what}",
                "put it back, and say what is new in a revision of its own",
                REVISIONS,
                change.key,
                field.field if field else None,
                field.new if field else None,
            )


def _schemas(difference: Difference) -> Iterator[Finding]:
    for change in difference.schemas:
        if change.level is not Level.PATCH:
            name = f"{change.table}.{change.field}" if change.field else change.table
            yield Finding(
                SCHEMA,
                f"{name} {change.text}",
                "a reviewer decides; docs and the version number follow "
                f"({change.level} by the data-version recipe)",
                file=DESCRIPTOR,
                value=name,
            )


def _rules(difference: Difference) -> Iterator[Finding]:
    for path in difference.rules:
        if path not in difference.after.rules:
            what = "was removed"
        elif path not in difference.before.rules:
            what = "was added"
        else:
            what = "was changed"
        yield Finding(RULE, f"this rule file {what}", "a reviewer decides", file=path)


def _version(difference: Difference) -> Iterator[Finding]:
    old, new = difference.before.package.version, difference.after.package.version
    before, after = _precedence(old), _precedence(new)
    if after is None and old != new:
        message = f"the version {new} is not of the form 1.2.3"
    elif before is not None and after is not None and after < before:
        message = f"the version went from {old} back to {new}"
    else:
        return
    yield Finding(VERSION, message, f"write a version after {old}", value=new)


def _precedence(version: str) -> tuple[object, ...] | None:
    """What orders versions (Semantic Versioning 2.0.0, 11); None for no version of that form."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return None
    *numbers, early = match.groups()
    parts = [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in (early or "").split(".")
    ]
    return (*map(int, numbers), early is None, parts)


_POLICIES: tuple[Callable[[Difference], Iterator[Finding]], ...] = (
    *record_policies.POLICIES,
    _revisions,
    _schemas,
    _rules,
    _version,
)
