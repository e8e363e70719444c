"""Validation, stage by stage: descriptor, bytes, cells, keys, rules.

A stage looks only at what the stages before it found readable. A table whose bytes are not well
formed is left alone, a cell that is not of its type is judged no further, and a check that would
need either is listed as skipped: no fault is reported twice, and none passes in silence.
"""

from __future__ import annotations

from pathlib import Path

from .descriptor import open_package
from .engines import Embedded, Engine
from .judging import Progress, catalogue
from .package import Package
from .problem import Report

__all__ = ["Progress", "catalogue", "validate", "validate_package"]

PER_RULE = 10_000
"""So many problems of each rule a report needs to hold: more than anyone reads."""


def validate(
    root: Path,
    progress: Progress | None = None,
    *,
    engine: Engine | None = None,
    most: int | None = None,
) -> Report:
    """Validate the data package in a folder.

    Args:
        root: the folder that holds `datapackage.json`.
        progress: called as the work advances.
        engine: what judges it; by default this process alone.
        most: so many problems of each rule are held; all are counted. None holds all.

    Returns:
        The report: the problems, in the order of file, line, column and rule.

    Raises:
        DescriptorError: a descriptor is broken or unsafe.
        ToolError: a file cannot be read, or a cluster cannot do its work.
    """
    judge = engine or Embedded()
    opened = open_package(root, parted=judge.parted)
    return validate_package(opened, progress, engine=judge, most=most)


def validate_package(
    opened: Package,
    progress: Progress | None = None,
    *,
    engine: Engine | None = None,
    most: int | None = None,
) -> Report:
    """Validate a package that is already open; see `validate`."""
    told = progress or (lambda stage, done, total: None)
    return (engine or Embedded()).validate(opened, told, most)
