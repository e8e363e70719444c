"""The release before, and what changed since.

It is found by the tags of git: the newest `vX.Y.Z` below the version. The changelog is asked, too,
since a clone may lack tags, and a release that seems to be the first would tell a false history.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from ..history import Action, Difference, compare, deserved, git_tree
from ..history.schema_changes import Level
from ..history.states import State, opened
from ..package import DESCRIPTOR, Package
from ..problem import ToolError
from .versions import Version

_RELEASED = re.compile(r"(?m)^## \[([0-9]+\.[0-9]+\.[0-9]+)\] - [0-9]{4}-[0-9]{2}-[0-9]{2}\b")
"""The heading of a release in the changelog, after Keep a Changelog; group 1 is the version."""

_TOLD = 3  # things that are named in the reason for a version
_ENDED = {Action.DELETE: "deleted", Action.MERGE: "merged"}


@dataclass(frozen=True)
class Since:
    """What a release changes of the one before.

    Attributes:
        version: that of the release before.
        digest: of its descriptor, schemas and tables, however it was come by.
        difference: all that differs, in the later state's records.
        level: what that deserves of the version number; None where nothing differs.
    """

    version: Version
    digest: str
    difference: Difference
    level: Level | None


def find(near: Path, version: Version, changelog: str) -> str | None:
    """The state that holds the release before a version; None where there was none.

    Args:
        near: the package's folder, whose repository's tags are asked.
        version: the version that is to follow.
        changelog: the text of the changelog; its dated sections tell of releases.

    Raises:
        ToolError: git knows no tag of a release that the changelog tells of.
    """
    tags = git_tree.tags(near) if git_tree.names_commit("HEAD", near) else {}
    tagged = {_version(tag): tag for tag in tags}
    below = [found for found in tagged if found is not None and not found.pre and found < version]
    told = [Version.of(match[1]) for match in _RELEASED.finditer(changelog)]
    newest = max(below, default=None)
    missing = max((one for one in told if one < version), default=None)
    if missing is not None and (newest is None or newest < missing):
        raise ToolError(
            f"the changelog tells of release {missing}, of which this clone has no tag",
            "run: git fetch --tags; or name that release: --since sahel-incidents-"
            f"{missing}.zip (its folder or archive)",
        )
    return None if newest is None else f"refs/tags/{tagged[newest]}"


@contextmanager
def changes_since(name: str, near: Path, package: Package) -> Iterator[Since]:
    """What a package changes of an earlier state; its files are there inside the block only.

    Args:
        name: the earlier state, see `history.states.opened`.
        near: the folder in whose repository a revision is looked up.
        package: the later state.

    Raises:
        ToolError: there is no such state, or a table of either cannot be read.
    """
    with opened(name, near) as state:
        # Named for what they are, not for how one of them was found here.
        before = State(state.package.name, state.package, {})
        difference = compare(before, State(package.name, package, {}))
        for table, reason in difference.unread.items():
            raise ToolError(f"{table} cannot be compared: {reason}", "run: incidents validate")
        version = Version.of(state.package.version)
        yield Since(version, digest_of(state.package), difference, deserved(difference))


def digest_of(package: Package) -> str:
    """One digest of what `sha256sum` says of a package's descriptor, schemas and tables."""
    lines = (
        f"{hashlib.sha256((package.root / path).read_bytes()).hexdigest()}  {path}\n"
        for path in sorted({DESCRIPTOR, *package.listed})
    )
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def reason(since: Since) -> str:
    """The first few things that deserve the level of a difference, in words."""
    difference, level = since.difference, since.level
    schemas = (
        f"{change.table}{f'.{change.field}' if change.field else ''} {change.text}"
        for change in difference.schemas
        if change.level is level
    )
    records = (
        f"{change.table} {change.record} was {_ENDED.get(change.action, 'added')}"
        for change in difference.changes
        if deserved(replace(difference, changes=(change,), schemas=(), rules=())) is level
    )
    told = list(islice(chain(schemas, records), _TOLD + 1))
    return "; ".join(told[:_TOLD]) + ("; and more" if len(told) > _TOLD else "")


def _version(tag: str) -> Version | None:
    try:
        return Version.of(tag.removeprefix("v")) if tag.startswith("v") else None
    except ToolError:
        return None
