"""How a package is read and judged: in one process, or by the workers of a cluster.

The engines judge alike and report alike; they differ in what they can hold and how fast they are.
"""

from __future__ import annotations

from typing import Protocol

from ..judging import Progress
from ..package import Package
from ..problem import Report
from .embedded import Embedded

__all__ = ["Embedded", "Engine"]


class Engine(Protocol):
    """What judges a package."""

    @property
    def parted(self) -> bool:
        """Whether it reads tables that lie in several files, or as Parquet."""

    def validate(self, opened: Package, progress: Progress, most: int | None) -> Report:
        """Judge a package, stage by stage.

        Args:
            opened: the package.
            progress: called as the work advances.
            most: so many problems of each rule are held, all are counted; None to hold all.

        Raises:
            ToolError: the work could not be done.
        """
