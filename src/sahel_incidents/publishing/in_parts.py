"""Building a release whose tables are written in parts, around a package that is not copied.

Beside the parts there is what can be made without holding a table: descriptors, schemas, the
codebook, the README, the manifest and the sums.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .. import derived, parts
from ..checksums import SUMS, digest, rendered
from ..descriptor import MAX_DESCRIPTOR_BYTES, open_package
from ..formats import Written
from ..package import DESCRIPTOR, Package, read_file
from ..problem import ToolError
from ..release import MANIFEST, Release
from ..validate import Progress
from . import manifest
from .building import (
    READABLE,
    Built,
    Judge,
    measured,
    readable,
    refuse_strangers,
    write_file,
)
from .previous import Since, changes_since
from .sources import LICENSE, Source

ROWS = 100_000
"""How many rows a part has, unless the user says otherwise: some 20 to 40 MB of CSV."""

MOST_COMPARED = 1 << 30
"""Up to so many bytes of tables a package is compared with the release before: both are held."""


_FEW_BYTES = 1 << 26


@dataclass(frozen=True)
class InParts:
    """How a release is written in parts.

    Attributes:
        rows: how many rows a part has.
        workers: how many processes do the work; None for one per core where there is enough of it.
    """

    rows: int = ROWS
    workers: int | None = None


def build(
    root: Path,
    folder: Path,
    aside: Path,
    source: Source,
    how: InParts,
    *,
    before: str | None,
    near: Path,
    progress: Progress,
    accept: Callable[[Since | None], None],
    judge: Judge,
) -> Built:
    """Build a release in parts in an empty folder.

    Args:
        root: the folder of the package, which must not change meanwhile.
        folder: where to.
        aside: an empty folder on a disk with room for the package.
        source: where the package came from.
        how: how it is written.
        before: the state of the release before; None where there is none.
        near: the folder in whose repository that state is looked up.
        progress: called as the work advances.
        accept: called once the data is known to be sound, to refuse the version.
        judge: validates the package.

    Raises:
        UnsoundError: the data is not sound, a warning included.
        DescriptorError: the descriptor is broken or unsafe.
        ToolError: a file cannot be read or written, or does not read back as it was written.
    """
    package = open_package(root)
    judge(package, progress)
    with _compared(before, near, package) as since:
        accept(since)
        release = outline(package, source)
        written = [*_of_package(package, folder)]
        with parts.workers(how.workers or _enough_workers(package)) as pool:
            made = parts.write(release, folder, aside, how.rows, pool, progress)
        for path, content in made.descriptors.items():
            write_file(folder, path, content)
            written.append(Written(path, "The tables, their parts and columns", "application/json"))
        texts = readable(release, (*made.artifacts, *written, *READABLE[:2]), in_parts=True)
        for path, content in texts.items():
            write_file(folder, path, content)
        artifacts = (*made.artifacts, *measured(folder, (*written, *READABLE)))
        told = manifest.content(
            release, artifacts, since, (), rows=made.rows, rows_per_part=how.rows
        )
        write_file(folder, MANIFEST, told)
        sums = {artifact.path: artifact.sha256 for artifact in artifacts}
        sums[MANIFEST] = digest(folder / MANIFEST)
        write_file(folder, SUMS, rendered(sums).encode("utf-8"))
        refuse_strangers(folder, {*sums, SUMS})
    return Built(release, since, artifacts)


def outline(package: Package, source: Source) -> Release:
    """The release that a sound package makes, without any rows."""
    return Release(
        package=package,
        descriptor=json.loads((package.root / DESCRIPTOR).read_bytes()),
        issued=source.issued,
        commit=source.commit,
        tables={},
        derived={},
        declared={**package.tables, **derived.declared(package)},
    )


def comparable(package: Package) -> bool:
    """Whether a package is small enough to be compared with the release before."""
    return _size(package) <= MOST_COMPARED


def _enough_workers(package: Package) -> int:
    """As many processes as there are cores, unless starting them takes longer than the work."""
    return (os.cpu_count() or 1) if _size(package) > _FEW_BYTES else 1


def _size(package: Package) -> int:
    files = [package.file(table) for table in package.tables.values()]
    return sum(file.stat().st_size for file in files if file.is_file())


@contextmanager
def _compared(before: str | None, near: Path, package: Package) -> Iterator[Since | None]:
    if before is None or not comparable(package):
        yield None
        return
    with changes_since(before, near, package) as since:
        yield since


def _of_package(package: Package, folder: Path) -> Iterator[Written]:
    """Copy what goes along as it is: the licence and the schemas."""
    tables = {table.path for table in package.tables.values()}
    for path in (LICENSE, *sorted(package.listed - tables)):
        try:
            write_file(folder, path, read_file(package.root, path, MAX_DESCRIPTOR_BYTES))
        except (FileNotFoundError, IsADirectoryError, OverflowError) as error:
            raise ToolError(f"{path} cannot be read: {error}", "restore it") from error
        if path == LICENSE:
            yield Written(path, "Licence", "text/plain")
        else:
            yield Written(path, f"Schema of {Path(path).stem}", "application/json")
