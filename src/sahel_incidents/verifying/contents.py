"""What a release says, against itself: its data by the rules, and its other files by its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from .. import formats
from ..descriptor import open_package
from ..engines import Engine
from ..package import Package
from ..problem import DescriptorError, Report
from ..publishing import building
from ..publishing.readme import README
from ..publishing.sources import Source, running_toolkit
from ..release import MANIFEST, Artifact, Release
from ..validate import Progress, validate_package
from .findings import Kind, Verification


def check_contents(
    folder: Path,
    told: Mapping[str, Any],
    found: Verification,
    engine: Engine | None,
    progress: Progress,
) -> None:
    """Validate the package in a release, and compare everything made of it.

    What was made by another version of the toolkit is not compared: it may rightly differ.

    Args:
        folder: the release, whose files are what its sums and its manifest state.
        told: its manifest.
        found: is told what is wrong.
        engine: what validates it; None for this process alone.
        progress: called as the work advances.
    """
    try:
        package = open_package(folder)
    except DescriptorError as error:
        found.add(Kind.DATA, "", f"the package cannot be opened: {error.message}")
        return
    if (package.name, package.version) != (told["name"], told["version"]):
        found.add(Kind.MANIFEST, MANIFEST, f"the package says {package.name} {package.version}")
    if not check_data(package, told, found, engine, progress):
        return
    if told["toolkit"].get("sha256") != running_toolkit():
        found.notes.append(
            "made by another version of the toolkit: not checked whether its formats and documents "
            "say the same as its tables"
        )
        return
    unknown = set(told["options"]) - {formats.get(name).OPTION for name in formats.FORMATS}
    if unknown:
        found.add(Kind.MANIFEST, MANIFEST, f"names unknown options: {', '.join(sorted(unknown))}")
    release = building.release_in(package, source_of(told))
    rows = {name: table.num_rows for name, table in release.every_table.items()}
    if rows != told["rows"]:
        found.add(Kind.MANIFEST, MANIFEST, "the numbers of rows are not those of the tables")
    for broken in building.check_formats(release, folder, told["options"], progress):
        found.add(Kind.FORMAT, "", broken.message)
    _check_documents(release, folder, told, found)


def check_data(
    package: Package,
    told: Mapping[str, Any],
    found: Verification,
    engine: Engine | None,
    progress: Progress,
) -> bool:
    """Whether the data is sound by the checks with which the release was made."""
    report = validate_package(package, progress, engine=engine)
    known = told["toolkit"].get("checks", [])
    later = sum(problem.rule not in known for problem in report.problems)
    if later:
        found.notes.append(f"{later:,} problems by checks that came after the release")
    report = _without_later(report, known)
    if report.sound(strict=True):
        return True
    found.report = report
    for problem in report.problems:
        found.add(Kind.DATA, problem.place, problem.message)
    for skipped in report.skipped:
        found.add(Kind.DATA, skipped.table, f"{skipped.check} was not checked: {skipped.reason}")
    return False


def _without_later(report: Report, known: list[str]) -> Report:
    return replace(
        report,
        problems=tuple(problem for problem in report.problems if problem.rule in known),
        skipped=tuple(
            one for one in report.skipped if one.check in known or one.check not in report.rules
        ),
    )


def source_of(told: Mapping[str, Any]) -> Source:
    """Where a release was built from, as its manifest says."""
    return Source(told["commit"], date.fromisoformat(told["issued"]), "", "")


def _check_documents(
    release: Release, folder: Path, told: Mapping[str, Any], found: Verification
) -> None:
    """Make the codebook, the README and the metadata anew."""
    artifacts = [Artifact(**item) for item in told["artifacts"]]
    made_last = {written.path for written in building.described()}
    others = [artifact for artifact in artifacts if artifact.path not in made_last]
    listed = [artifact for artifact in artifacts if artifact.path != README]
    made = building.readable(release, listed) | building.documents(release, others)
    for path, content in made.items():
        if not (folder / path).is_file() or (folder / path).read_bytes() != content:
            found.add(Kind.DOCUMENT, path, "is not what the tables and the manifest give")
