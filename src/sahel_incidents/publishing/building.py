"""Building a release in a folder that holds its package already, and proving what was built.

The folder ends up with the files that are declared and no other: every step names what it writes,
and a file that nobody named stops the build.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .. import codebook, derived, formats, metadata
from ..checksums import SUMS, digest, files_in, rendered
from ..descriptor import open_package
from ..engines import Engine
from ..formats import BrokenArtifactError, Format, Written
from ..package import DESCRIPTOR, Package
from ..problem import Report
from ..release import MANIFEST, Artifact, Release
from ..typed import read_tables
from ..validate import PER_RULE, Progress, validate_package
from . import history_files, manifest, readme
from .previous import Since, changes_since
from .side_by_side import side_by_side
from .sources import LICENSE, Source

_CODEBOOK, _CODEBOOK_PAGE = "codebook.md", "codebook.html"
READABLE = (
    Written(_CODEBOOK, "Codebook: every table, column, value and rule", "text/markdown"),
    Written(_CODEBOOK_PAGE, "Codebook, as a page", "text/html"),
    Written(readme.README, "What is here, and how to use it", "text/markdown"),
)


Judge = Callable[[Package, Progress], None]
"""Validates a package; raises `UnsoundError` where it must not be published."""


class UnsoundError(Exception):
    """The data is not sound, so nothing is published.

    Attributes:
        report: what is wrong with it.
    """

    def __init__(self, report: Report) -> None:
        first = "".join(f": {one.place}: {one.message}" for one in report.problems[:1])
        super().__init__(f"the data is not sound{first}")
        self.report = report


@dataclass(frozen=True)
class Built:
    """A release that was built, and what it changes of the one before."""

    release: Release
    since: Since | None
    artifacts: tuple[Artifact, ...]


def build(
    folder: Path,
    source: Source,
    *,
    before: str | None,
    near: Path,
    options: Collection[str],
    progress: Progress,
    accept: Callable[[Since | None], None],
) -> Built:
    """Build a release in a folder, around the package that was copied there.

    Args:
        folder: it holds the package and its licence, and nothing else.
        source: where they came from.
        before: the state of the release before; None where there is none.
        near: the folder in whose repository that state is looked up.
        options: the formats that were asked for beside the usual, see `formats.Format`.
        progress: called as the work advances.
        accept: called once the data is known to be sound, to refuse the version.

    Raises:
        UnsoundError: the data is not sound, a warning included.
        DescriptorError: the descriptor is broken or unsafe.
        ToolError: a file cannot be read or written, or does not read back as it was written.
    """
    package = open_package(folder)
    judge(package, progress)
    comparing: AbstractContextManager[Since | None] = (
        nullcontext() if before is None else changes_since(before, near, package)
    )
    with comparing as since:
        accept(since)
        release = release_in(package, source)
        artifacts = _write_all(release, folder, since, options, progress)
    return Built(release, since, artifacts)


def judge(package: Package, progress: Progress, engine: Engine | None = None) -> None:
    """Validate a package as strictly as a release must be.

    Args:
        package: the opened package.
        progress: called as the work advances.
        engine: what does it; None for this process alone.

    Raises:
        UnsoundError: there is a problem, be it a warning.
    """
    report = validate_package(package, progress, engine=engine, most=PER_RULE)
    if not report.sound(strict=True):
        raise UnsoundError(report)


def release_in(package: Package, source: Source) -> Release:
    """The release that a sound package makes.

    Raises:
        ToolError: a table cannot be read.
    """
    tables = read_tables(package)
    return Release(
        package=package,
        descriptor=json.loads((package.root / DESCRIPTOR).read_bytes()),
        issued=source.issued,
        commit=source.commit,
        tables=tables,
        derived=derived.build(package, tables),
        declared={**package.tables, **derived.declared(package)},
    )


def check_formats(
    release: Release, folder: Path, options: Collection[str], progress: Progress
) -> list[BrokenArtifactError]:
    """Read every format back and compare it with the tables; what is wrong with each."""

    def check(module: Format) -> BrokenArtifactError | None:
        try:
            module.check(release, folder)
        except BrokenArtifactError as error:
            return error
        return None

    works = {name: partial(check, module) for name, module in formats.load(options).items()}
    return [one for one in side_by_side("checking", works, progress).values() if one is not None]


def readable(
    release: Release, files: Iterable[Written | Artifact], *, in_parts: bool = False
) -> dict[str, bytes]:
    """The codebook and the README, by path.

    Args:
        release: what is published.
        files: the other files of it, of which the README tells.
        in_parts: whether its tables are written in parts.
    """
    return {
        _CODEBOOK: codebook.markdown(release).encode("utf-8"),
        _CODEBOOK_PAGE: codebook.html(release).encode("utf-8"),
        readme.README: readme.content(release, files, in_parts=in_parts).encode("utf-8"),
    }


def documents(release: Release, artifacts: Iterable[Artifact]) -> dict[str, bytes]:
    """What harvesters read, by path.

    Args:
        release: what is published.
        artifacts: its other files.
    """
    known = sorted(artifacts, key=lambda artifact: artifact.path)
    return {module.PATH: module.content(release, known) for module in metadata.load().values()}


def described() -> list[Written]:
    """The documents that `documents` makes."""
    modules = metadata.load().values()
    return [Written(module.PATH, module.TITLE, module.MEDIA_TYPE) for module in modules]


def _write_all(
    release: Release,
    folder: Path,
    since: Since | None,
    options: Collection[str],
    progress: Progress,
) -> tuple[Artifact, ...]:
    written = _of_package(release)
    works = {
        name: partial(module.write, release, folder)
        for name, module in formats.load(options).items()
    }
    for files in side_by_side("writing", works, progress).values():
        written += files
    written += history_files.write(release, since, folder)
    for path, content in readable(release, (*written, *READABLE[:2], *described())).items():
        write_file(folder, path, content)
    artifacts = measured(folder, (*written, *READABLE))
    for path, content in documents(release, artifacts).items():
        write_file(folder, path, content)
    artifacts += measured(folder, described())
    write_file(folder, MANIFEST, manifest.content(release, artifacts, since, options))
    sums = {artifact.path: artifact.sha256 for artifact in artifacts}
    sums[MANIFEST] = digest(folder / MANIFEST)
    write_file(folder, SUMS, rendered(sums).encode("utf-8"))
    for broken in check_formats(release, folder, options, progress):
        raise broken
    refuse_strangers(folder, {*sums, SUMS})
    return tuple(artifacts)


def _of_package(release: Release) -> list[Written]:
    """What is there before anything is built: the data package, as it is in the repository."""
    titles = {table.path: table.title for table in release.package.tables.values()}
    schemas = sorted(release.package.listed - titles.keys())
    return [
        Written(DESCRIPTOR, "The data package: its tables and their schemas", "application/json"),
        Written(LICENSE, "Licence", "text/plain"),
        *(Written(path, title, "text/csv") for path, title in titles.items()),
        *(Written(path, f"Schema of {Path(path).stem}", "application/json") for path in schemas),
    ]


def measured(folder: Path, written: Iterable[Written]) -> list[Artifact]:
    """The files that were written, measured.

    Raises:
        BrokenArtifactError: one of them is not there, or two steps wrote the same.
    """
    seen: set[str] = set()
    found = []
    for one in written:
        path = folder / one.path
        if one.path in seen or path.is_symlink() or not path.is_file():
            raise BrokenArtifactError(one.path, "is not there, or was written twice")
        seen.add(one.path)
        size = path.stat().st_size
        found.append(Artifact(one.path, one.title, one.media_type, size, digest(path)))
    return found


def refuse_strangers(folder: Path, declared: set[str]) -> None:
    """Nothing is released by mistake: neither a temporary file nor one left by a fault."""
    strangers = [path for path in files_in(folder) if path not in declared]
    if strangers:
        raise BrokenArtifactError(strangers[0], "nobody declared this file")


def write_file(folder: Path, path: str, content: bytes) -> None:
    """Write a file of a release; raises `OSError` where that fails."""
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
