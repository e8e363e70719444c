"""`manifest.json`: what a release holds, what it was made from, and what with."""

from __future__ import annotations

import json
import platform
import re
import sqlite3
import zlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .. import derived
from ..grading import RULE_VERSION
from ..history.schema_changes import Level
from ..problem import ToolError
from ..release import MANIFEST, Artifact, Release
from ..validate import catalogue
from .previous import Since
from .sources import running_toolkit

FORMAT = "sahel-incidents-release"
FORMAT_VERSION = 1
"""Grows only when a reader of the former version could misunderstand the new one."""

ROWS_PER_PART = "rows_per_part"
"""The entry that only a release in parts has."""

_LIBRARIES = ("numpy", "pandas", "pyarrow", "shapely", "xlsxwriter")
"""What turns records into bytes, beside Python itself and what it is built with."""


def content(
    release: Release,
    artifacts: Sequence[Artifact],
    since: Since | None,
    options: Collection[str],
    *,
    rows: Mapping[str, int] | None = None,
    rows_per_part: int | None = None,
) -> bytes:
    """The manifest's bytes.

    Args:
        release: what is published.
        artifacts: every file of it but the manifest, the sums and their signature.
        since: what it changes of the release before; None where it is the first.
        options: the formats that were asked for beside the usual.
        rows: how many rows each table has, where the release holds none of them itself.
        rows_per_part: how many a part has, where tables are written in parts.
    """
    if rows is None:
        rows = {name: table.num_rows for name, table in release.every_table.items()}
    level: Level | None = None if since is None else since.level
    return _json(
        {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "name": release.package.name,
            "version": release.version,
            "issued": release.issued.isoformat(),
            "commit": release.commit,
            "draft": not release.commit,
            "options": sorted(options),
            "previous": None
            if since is None
            else {"version": str(since.version), "sha256": since.digest},
            "deserved": level,
            "rows": dict(rows),
            **({} if rows_per_part is None else {ROWS_PER_PART: rows_per_part}),
            "toolkit": {
                "sha256": running_toolkit(),
                "grade_rule": RULE_VERSION,
                "derived_rules": derived.rule_version(),
                "checks": sorted(catalogue()),
            },
            "tools": tools(),
            "artifacts": [
                {
                    "path": artifact.path,
                    "title": artifact.title,
                    "media_type": artifact.media_type,
                    "size": artifact.size,
                    "sha256": artifact.sha256,
                }
                for artifact in sorted(artifacts, key=lambda artifact: artifact.path)
            ],
        }
    )


def tools() -> dict[str, str]:
    """The versions of all that decides how records become bytes, by name."""
    found = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
    }
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # then nothing was written with it
            continue
    return found


def parsed(raw: bytes) -> dict[str, Any]:
    """A manifest as an object, of which the form is known to be right.

    Raises:
        ToolError: it is not a manifest, or one of a later form.
    """
    try:
        read = json.loads(raw)
        fits = _fits(read)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        fits = False
    if not fits:
        raise ToolError(f"{MANIFEST} is not the manifest of a release", "get the release again")
    assert isinstance(read, dict)
    if read["format_version"] > FORMAT_VERSION:
        raise ToolError(
            f"{MANIFEST} is of form {read['format_version']}; this toolkit knows {FORMAT_VERSION}",
            "use the toolkit of that release",
        )
    return read


_FORM: dict[str, type | tuple[type, ...]] = {
    "format_version": int,
    "name": str,
    "version": str,
    "issued": str,
    "commit": str,
    "draft": bool,
    "options": list,
    "previous": (dict, type(None)),
    "rows": dict,
    "toolkit": dict,
    "tools": dict,
    "artifacts": list,
}
"""What a reader of a manifest relies on, and of what type each is."""

_ARTIFACT = {"path": str, "title": str, "media_type": str, "size": int, "sha256": str}


def _fits(read: Any) -> bool:
    """Whether a reader can rely on a manifest's form; raises where it is far from one."""
    date.fromisoformat(read["issued"])
    return (
        read["format"] == FORMAT
        and all(isinstance(read[name], kind) for name, kind in _FORM.items())
        and all(isinstance(option, str) for option in read["options"])
        and type(read.get(ROWS_PER_PART, 1)) is int
        and read.get(ROWS_PER_PART, 1) > 0
        and re.fullmatch(r"([0-9a-f]{40}|[0-9a-f]{64})?", read["commit"]) is not None
        and all(
            item.keys() == _ARTIFACT.keys()
            and all(isinstance(item[name], kind) for name, kind in _ARTIFACT.items())
            for item in read["artifacts"]
        )
    )


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
