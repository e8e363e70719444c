"""A release in parts, put together as the package it was made from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..formats import BrokenArtifactError
from ..package import DESCRIPTOR, check_path

_BLOCK = 1 << 20

Told = Callable[[str, int, int], None]


def assemble(release: Path, folder: Path, told: Told) -> list[tuple[int, int]]:
    """Write the package of a release in parts into an empty folder.

    Nothing is read but what its descriptor names, and only plain files in the release.

    Args:
        release: the release.
        folder: where to.
        told: called as the work advances.

    Returns:
        For each table how many parts and how many rows it has.

    Raises:
        BrokenArtifactError: its descriptor does not list parts of tables, or parts do not fit.
        DescriptorError: a path could lead out of the release.
    """
    try:
        descriptor = json.loads((release / DESCRIPTOR).read_bytes())
        resources = [
            (one, [str(path) for path in _list(one["path"])]) for one in descriptor["resources"]
        ]
        schemas = [one["schema"] for one, _ in resources if isinstance(one["schema"], str)]
        if not all(paths for _, paths in resources):
            raise ValueError("a table has no parts")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BrokenArtifactError(
            DESCRIPTOR, f"does not list the parts of tables: {error}"
        ) from error
    for path in schemas:
        _copy(release, folder, path)
    found = []
    for done, (resource, paths) in enumerate(resources):
        told("assembling", done, len(resources))
        for path in paths:
            check_path(release, path)
        whole = f"{Path(paths[0]).parent.as_posix()}.csv"
        check_path(folder, whole)
        (folder / whole).parent.mkdir(parents=True, exist_ok=True)
        found.append((len(paths), _join(release, paths, folder / whole)))
        resource["path"] = whole
    told("assembling", len(resources), len(resources))
    text = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    (folder / DESCRIPTOR).write_text(text, encoding="utf-8", newline="\n")
    return found


def _join(release: Path, paths: list[str], place: Path) -> int:
    """Put parts together, of which each begins with the same header; return how many lines follow.

    A last line that is not ended is judged as in any table.
    """
    header, lines = b"", 0
    try:
        with place.open("xb") as out:
            for path in paths:
                with (release / path).open("rb") as part:
                    first = part.readline()
                    if not header:
                        header = first
                        out.write(first)
                    elif first != header:
                        raise BrokenArtifactError(path, "its header is not that of the first part")
                    while block := part.read(_BLOCK):
                        lines += block.count(b"\n")
                        out.write(block)
    except FileNotFoundError as error:
        raise BrokenArtifactError(path, "is missing") from error
    except IsADirectoryError as error:
        raise BrokenArtifactError(path, "is not a plain file") from error
    except FileExistsError as error:
        raise BrokenArtifactError(paths[0], "is in the folder of another table's parts") from error
    return lines


def _copy(release: Path, folder: Path, path: str) -> None:
    check_path(release, path)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(release / path, folder / path)
    except OSError as error:
        raise BrokenArtifactError(path, f"cannot be read: {error.strerror or error}") from error


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a path is no list")
    return value
