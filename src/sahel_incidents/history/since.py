"""A validation that knows what was there before: problems introduced here, and change policies.

The earlier state's schemas judge the data as far as they know its columns, so that nobody can make
room for bad data by loosening a schema in the same change; the later state's schemas judge it, too.
The rules are those of the toolkit that runs: whoever judges a stranger's change runs the toolkit of
the earlier state.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..problem import Problem, Report, RuleInfo
from ..validate import Progress, validate_package
from ..validate import catalogue as validation_catalogue
from . import compare, policies
from .schema_changes import Level, with_declarations_of
from .states import State, in_folder, opened


def catalogue() -> dict[str, RuleInfo]:
    """Every rule and check there is, by id: those of the data, then the change policies."""
    return validation_catalogue() | {rule.id: rule for rule in policies.RULES}


def validate_since(root: Path, name: str, progress: Progress | None = None) -> Report:
    """Validate the package in a folder as a change of an earlier state.

    Args:
        root: the folder that holds `datapackage.json`.
        name: the earlier state; see `states.opened`.
        progress: called as the work advances.

    Returns:
        The report: the problems of the data and of the change, in the order of file, line, column
        and rule; those that the earlier state had too are marked known.

    Raises:
        DescriptorError: a descriptor of either state is broken or unsafe.
        ToolError: there is no such state, or a file cannot be read.
    """
    with opened(name, root) as before:
        after = in_folder(str(root), root)
        earlier = validate_package(before.package)
        report = validate_package(after.package, progress)
        difference = compare(before, after)
        if any(change.level is not Level.PATCH for change in difference.schemas):
            report = _judged_by_both(report, before, after, progress)
        report = report.compared_with(earlier, before.name)
        found, skipped = policies.judge(difference)
    return replace(
        report,
        problems=tuple(sorted((*report.problems, *found), key=_place)),
        skipped=(*report.skipped, *skipped),
        rules=catalogue(),
    )


def _judged_by_both(
    report: Report, before: State, after: State, progress: Progress | None
) -> Report:
    """The report, with what only the earlier state's schemas object to."""
    package = with_declarations_of(before.package, after.package)
    strict = validate_package(package, progress)
    own = set(report.problems)
    added = (
        replace(problem, message=f"{problem.message} (by the schemas of {before.name})")
        for problem in strict.problems
        if problem not in own
    )
    gaps = set(report.skipped)
    return replace(
        report,
        problems=(*report.problems, *added),
        skipped=(*report.skipped, *(one for one in strict.skipped if one not in gaps)),
    )


def _place(problem: Problem) -> tuple[str, int, int, str]:
    return problem.file, problem.line or 0, problem.column or 0, problem.rule
