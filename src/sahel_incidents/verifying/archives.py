"""A release out of a zip archive, which a stranger may have made, as plain files.

Nothing is written before every entry's name and kind is known to be harmless, and never more than
the archive states.
"""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections import Counter
from pathlib import Path

from ..history.unpacking import MAX_BYTES
from ..package import check_path
from ..problem import DescriptorError, ToolError
from .findings import Kind, Verification

_MOST_ENTRIES = 10_000
_MOST_TIMES = 2_000
"""How many times larger a file may be than packed. Deflate reaches 1,032 at most."""
_BLOCK = 1 << 20


def unpack(archive: Path, folder: Path, found: Verification) -> Path | None:
    """Unpack an archive into an empty folder.

    Args:
        archive: the archive.
        folder: where to.
        found: is told what is wrong with the archive; then nothing, or not all, is unpacked.

    Returns:
        The folder of the release: the given one, or the only one in it. None where the archive was
        refused.

    Raises:
        ToolError: it is not a zip archive, or cannot be read.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = opened.infolist()
            _judge(entries, folder, found)
            if found.findings:
                return None
            for entry in entries:
                if not entry.is_dir():
                    _write(opened, entry, folder, found)
    except (zipfile.BadZipFile, OSError) as error:
        raise ToolError(
            f"{archive} cannot be read as a zip archive: {error}", "get it again"
        ) from error
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _judge(entries: list[zipfile.ZipInfo], folder: Path, found: Verification) -> None:
    if len(entries) > _MOST_ENTRIES:
        found.add(Kind.UNSAFE, "", f"the archive holds {len(entries):,} entries")
        return
    names = Counter(entry.filename.casefold() for entry in entries)
    for entry in entries:
        name = entry.filename
        if names[name.casefold()] > 1:
            found.add(Kind.UNSAFE, name, "is in the archive twice, or differs in capitals only")
        try:
            check_path(folder, name.removesuffix("/"))
        except DescriptorError as error:
            found.add(Kind.UNSAFE, name, f"could lead out of the folder: {error.message}")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            found.add(Kind.UNSAFE, name, "is a symbolic link or something else than a plain file")
        if entry.flag_bits & 1:
            found.add(Kind.UNSAFE, name, "is encrypted")
        if entry.file_size > _MOST_TIMES * max(entry.compress_size, 1):
            found.add(Kind.UNSAFE, name, f"unpacks to {entry.file_size:,} bytes: a bomb")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_BYTES:
        found.add(Kind.UNSAFE, "", f"the archive unpacks to {total:,} bytes, at most {MAX_BYTES:,}")


def _write(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, found: Verification
) -> None:
    place = folder / entry.filename
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        with opened.open(entry) as source, place.open("xb") as target:
            while block := source.read(_BLOCK):  # never more than the entry states
                target.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        found.add(Kind.CHANGED, entry.filename, f"is damaged in the archive: {error}")
