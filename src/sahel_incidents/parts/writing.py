"""The steps put together: from a sound package to the parts of all its tables."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..package import DESCRIPTOR, Package
from ..problem import ToolError
from ..release import Artifact, Release
from . import slicing
from .cutting import cut, folder_of
from .declaring import descriptors, paths_of
from .slicing import Job, Written, parquet_folder
from .workers import Pool

Told = Callable[[str, int, int], None]
"""Told the stage, how many of its steps are done, and how many there are."""


@dataclass(frozen=True)
class Made:
    """What was written.

    Attributes:
        artifacts: the parts.
        rows: how many rows each table has.
        descriptors: the descriptors that tell of them, by path.
    """

    artifacts: tuple[Artifact, ...]
    rows: Mapping[str, int]
    descriptors: Mapping[str, bytes]


def write(release: Release, folder: Path, aside: Path, rows: int, pool: Pool, told: Told) -> Made:
    """Write every table of a sound package in parts, and those derived from them.

    Args:
        release: what is published, without any rows.
        folder: where to; it is empty, or holds other files.
        aside: an empty folder for what is laid aside, on a disk with room for the package.
        rows: how many rows a part has.
        pool: who does the work.
        told: called as the work advances.

    Raises:
        ToolError: a table cannot be read, or was changed meanwhile.
        BrokenArtifactError: a file does not read back as it was written.
    """
    package = release.package
    before = _stamps(package)
    parts = {}
    for done, (name, table) in enumerate(package.tables.items()):
        told("cutting", done, len(package.tables))
        parts[name] = cut(package, table, rows)
    told("cutting", len(parts), len(parts))
    job = Job(release, folder, aside, parts)
    folders = {
        name: (folder_of(table.path), parquet_folder(name))
        for name, table in release.declared.items()
    }
    for own in folders.values():
        for path in own:
            (folder / path).mkdir(parents=True, exist_ok=True)

    def each(
        stage: str, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]
    ) -> list[Any]:
        futures = [pool.submit(function, job, *task) for task in tasks]
        return pool.results(futures, lambda done: told(stage, done, len(tasks)))

    every = [(part,) for of_table in parts.values() for part in of_table]
    written: list[Written] = each("writing tables", slicing.write_part, every)
    figures = [
        one.spans
        for one, (part,) in zip(written, every, strict=True)
        if part.table == job.figures.name
    ]
    slices = slicing.groups(len(parts[job.incidents.name]), figures)
    for name in job.asked:
        each(f"looking for {name}", slicing.ask, [(group, name) for group in slices])
        each(f"gathering {name}", slicing.answer, [(part,) for part in parts[name]])
    derived = [(group, number) for number, group in enumerate(slices)]
    written += each("writing derived tables", slicing.derive, derived)
    shutil.rmtree(aside)
    if _stamps(package) != before:
        raise ToolError("the tables were changed meanwhile", "try again when nobody writes")
    artifacts = tuple(artifact for one in written for artifact in one.artifacts)
    counts: dict[str, int] = {}
    for one in written:
        for name, more in one.rows.items():
            counts[name] = counts.get(name, 0) + more
    told_of = descriptors(release, paths_of(artifacts, folders))
    return Made(artifacts, counts, told_of)


def _stamps(package: Package) -> dict[str, tuple[int, int]]:
    """What tells whether a file is another than it was."""
    paths = sorted({DESCRIPTOR, *package.listed})
    found = {}
    for path in paths:
        try:
            status = os.stat(package.root / path)
        except OSError as error:
            raise ToolError(f"cannot read {path}: {error.strerror}", "restore it") from error
        found[path] = status.st_size, status.st_mtime_ns
    return found
