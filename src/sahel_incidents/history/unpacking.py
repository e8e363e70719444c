"""Taking a state of the package out of what strangers made, as plain files and nothing else.

Only the descriptor and the folders that it lists are written. A symbolic link, a path that leads
out of the folder or more bytes than any honest state has are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..package import DESCRIPTOR, check_path
from ..problem import ToolError
from ..tables import MAX_FILE_BYTES

RULES_FOLDER = "src/sahel_incidents/rules"
"""Where the semantic rules lie in a repository that holds both the data and the toolkit."""

MAX_BYTES = 4 << 30
"""The most that is unpacked of one state; far above any honest one."""


@dataclass(frozen=True)
class Entry:
    """One file of a state that is not yet unpacked; `path` is relative to the package."""

    path: str
    plain: bool
    read: Callable[[], bytes]


def unpack(name: str, entries: Iterable[Entry], folder: Path) -> dict[str, bytes]:
    """Write what belongs to the package into an empty folder; return the files of the rules."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.path in found:
            raise ToolError(f"{name} holds {entry.path} twice", "make the archive anew")
        found[entry.path] = entry
    if DESCRIPTOR not in found:
        raise ToolError(f"{name} holds no {DESCRIPTOR}", "name a state that holds the data package")
    _refuse_unless_plain(name, found[DESCRIPTOR])
    descriptor = found[DESCRIPTOR].read()
    listed = _listed(descriptor)
    folders = tuple({f"{PurePosixPath(path).parent}/" for path in listed} - {"./"})
    room = MAX_BYTES
    for path, entry in found.items():
        inside = path == DESCRIPTOR or path in listed or path.startswith(folders)
        in_the_way = not entry.plain and any(other.startswith(f"{path}/") for other in listed)
        if not inside and not in_the_way:
            continue
        _refuse_unless_plain(name, entry)
        check_path(folder, path)
        content = entry.read()
        room -= len(content)
        if room < 0:
            raise ToolError(f"{name} holds more than {MAX_BYTES:,} bytes", "name another state")
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return {
        path: entry.read()
        for path, entry in sorted(found.items())
        if entry.plain and str(PurePosixPath(path).parent) == RULES_FOLDER and path.endswith(".py")
    }


def _refuse_unless_plain(name: str, entry: Entry) -> None:
    if not entry.plain:
        raise ToolError(
            f"{name}: {entry.path} is a symbolic link or something else than a plain file",
            "replace it by the file itself; nothing of this state was read",
        )


def _listed(descriptor: bytes) -> set[str]:
    """The paths that a descriptor names. One that is broken is judged when it is opened."""
    try:
        resources = json.loads(descriptor)["resources"]
        values = {value for item in resources for value in (item.get("path"), item.get("schema"))}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set()
    return {value for value in values if isinstance(value, str)}


def check_size(name: str, path: str, size: int) -> None:
    """Refuse a file larger than any table may be."""
    if size > MAX_FILE_BYTES:
        raise ToolError(f"{name}: {path} holds {size:,} bytes", f"at most {MAX_FILE_BYTES:,}")
