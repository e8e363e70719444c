"""The data package as one zip archive: its descriptor, schemas, tables and licence.

The entries carry the release's day, fixed permissions and no trace of the machine. How they are
compressed depends on the version of zlib, which the manifest tells.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ..package import DESCRIPTOR
from ..release import Release
from . import BrokenArtifactError, Written

TITLE = "Data package in one file"
OPTION = ""
_LICENSE = "LICENSE"
_BLOCK = 1 << 20  # bytes compressed at a time
_UNIX = 3  # the system that the permissions below are of


def write(release: Release, folder: Path) -> list[Written]:
    """Write the archive; its entries stand in the order of their paths."""
    name = _name(release)
    with zipfile.ZipFile(folder / name, "w") as archive:
        for path in _paths(release):
            with (
                (release.package.root / path).open("rb") as source,
                archive.open(_entry(release, path), "w") as target,
            ):
                while block := source.read(_BLOCK):
                    target.write(block)
    return [Written(name, TITLE, "application/zip")]


def check(release: Release, folder: Path) -> None:
    """Read the archive back and compare each entry with its file.

    Raises:
        BrokenArtifactError: an entry is missing, too many, damaged or differs.
    """
    name = _name(release)
    try:
        with zipfile.ZipFile(folder / name) as archive:
            if archive.namelist() != list(_paths(release)):
                raise BrokenArtifactError(name, "does not hold the files of the package")
            for path in archive.namelist():
                if archive.read(path) != (release.package.root / path).read_bytes():
                    raise BrokenArtifactError(name, f"holds another {path}")
    except (OSError, zipfile.BadZipFile) as error:
        raise BrokenArtifactError(name, str(error)) from error


def _name(release: Release) -> str:
    return f"{release.name}.zip"


def _paths(release: Release) -> Iterator[str]:
    """The descriptor first, so that a reader of a stream meets it before the tables."""
    yield DESCRIPTOR
    yield from sorted(release.package.listed)
    if (release.package.root / _LICENSE).is_file():
        yield _LICENSE


def _entry(release: Release, path: str) -> zipfile.ZipInfo:
    day = release.issued
    entry = zipfile.ZipInfo(path, (day.year, day.month, day.day, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = _UNIX
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    return entry
