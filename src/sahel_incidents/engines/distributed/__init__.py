"""Validation by several processes, on one machine or many, of packages larger than any memory.

Tables are read in blocks that stay where they were read; what blocks must know of each other they
ask each other in small messages. The report is the one that the embedded engine gives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ...descriptor import open_package
from ...judging import Progress
from ...package import Package
from ...problem import Report
from .blocks import BLOCKSIZE, Folder, LocalFolder
from .cluster import workers
from .remote import RemoteFolder, fetch_descriptor

__all__ = ["Distributed"]


MEMORY = 2 << 30
"""The bytes of memory that a worker is taken to have where nobody says."""

BLOCKS_TO_A_MEMORY = 64
"""So many blocks a worker's memory could hold as CSV: measured, with room for what is kept."""


@dataclass(frozen=True)
class Distributed:
    """The engine for packages of any size.

    Attributes:
        scheduler: the address of a cluster's scheduler; None to start processes on this machine.
        number: how many processes; None for one per core.
        memory: how much memory each of them may take, in bytes; None for an even share.
        blocksize: about so many bytes of a file are one block; None for what the memory suits.
        tell: told in a sentence where the work can be watched.
    """

    scheduler: str | None = None
    number: int | None = None
    memory: int | None = None
    blocksize: int | None = None
    tell: Callable[[str], None] = lambda text: None

    @property
    def parted(self) -> bool:
        """See `engines.Engine`."""
        return True

    def validate(self, opened: Package, progress: Progress, most: int | None) -> Report:
        """See `engines.Engine`."""
        return self._judge(opened, LocalFolder(opened.root.absolute()), progress, most)

    def validate_address(self, address: str, progress: Progress, most: int | None) -> Report:
        """Validate a package that lies at an address.

        Args:
            address: the folder with the descriptor, such as s3://bucket/package.
            progress: called as the work advances.
            most: so many problems of each rule are held; None for all.

        Raises:
            DescriptorError: the descriptor or a schema is broken or unsafe.
            ToolError: the address cannot be reached, or the work not be done.
        """
        folder = RemoteFolder(address.rstrip("/"))
        with TemporaryDirectory(prefix="incidents-") as temporary:
            fetch_descriptor(folder, Path(temporary))
            opened = open_package(Path(temporary), parted=self.parted)
            report = self._judge(opened, folder, progress, most)
        return replace(report, root=address)

    def _judge(
        self, opened: Package, folder: Folder, progress: Progress, most: int | None
    ) -> Report:
        from .run import Run

        with workers(self.scheduler, self.number, self.memory, self.tell) as pool:
            size = self.blocksize or min(BLOCKSIZE, (self.memory or MEMORY) // BLOCKS_TO_A_MEMORY)
            return Run(opened, folder, pool, progress, most, max(size, 1)).run()
