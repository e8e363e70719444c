"""Building a release again from its commit, and comparing every byte.

The data comes out of the commit, the code is the toolkit that runs: nothing of a commit that a
stranger's release names is ever run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..checksums import SIGNATURE
from ..history import git_tree
from ..problem import ToolError
from ..publishing import InParts, building, previous, sources, staging
from ..publishing import in_parts as publishing_in_parts
from ..publishing.manifest import ROWS_PER_PART, tools
from ..publishing.previous import Since
from ..publishing.versions import Version
from ..release import MANIFEST
from ..validate import Progress
from .findings import Kind, Verification


def rebuild(
    folder: Path,
    told: Mapping[str, Any],
    root: Path,
    since: str | None,
    found: Verification,
    progress: Progress,
) -> None:
    """Build a release again and compare it with the one at hand.

    Args:
        folder: the release.
        told: its manifest.
        root: the package's folder in a clone of the repository.
        since: the release before, where it is not to be found by its tag.
        found: is told what differs.
        progress: called as the work advances.

    Raises:
        ToolError: the repository has not got the commit or the release before.
    """
    if told["draft"]:
        found.add(Kind.REBUILD, "", "a draft was built from no commit, so it cannot be built again")
        return
    version = Version.of(told["version"])
    tagged = git_tree.tags(root).get(f"v{version}")
    if tagged not in (None, told["commit"]):
        found.add(Kind.REBUILD, "", f"the tag v{version} is at another commit, {tagged}")
        return

    with tempfile.TemporaryDirectory(prefix="incidents-") as temporary:
        place = Path(temporary) / "release"
        in_parts = ROWS_PER_PART in told
        package = place.with_name("package") if in_parts else place
        for empty in {place, package}:
            empty.mkdir()
        source = sources.take_commit(root, told["commit"], package)
        before = None
        if told["previous"] is not None:
            before = since or previous.find(root, version, source.changelog)
        accept = partial(_expect_same_history, told)
        try:
            if in_parts:
                aside = place.with_name("aside")
                aside.mkdir()
                publishing_in_parts.build(
                    package,
                    place,
                    aside,
                    source,
                    InParts(told[ROWS_PER_PART]),
                    before=before,
                    near=root,
                    progress=progress,
                    accept=accept,
                    judge=building.judge,
                )
            else:
                building.build(
                    place,
                    source,
                    before=before,
                    near=root,
                    options=told["options"],
                    progress=progress,
                    accept=accept,
                )
        except building.UnsoundError:
            found.add(Kind.REBUILD, "", "the data in the commit is not sound")
            return
        differing = [path for path in staging.differing(place, folder) if path != SIGNATURE]
    for path in differing:
        found.add(Kind.REBUILD, path, "is not what the commit gives")
    if differing:
        found.notes += _why(told, source.toolkit)


def _expect_same_history(told: Mapping[str, Any], compared: Since | None) -> None:
    """The changes are told against one state; another would give other files for no fault."""
    stated = told["previous"]
    got = None if compared is None else (str(compared.version), compared.digest)
    if stated is not None and got != (stated.get("version"), stated.get("sha256")):
        raise ToolError(
            f"the release before, {stated.get('version')}, is not here as it was",
            "run: git fetch --tags; or name it: --since sahel-incidents-"
            f"{stated.get('version')}.zip (its folder or archive)",
        )


def _why(told: Mapping[str, Any], in_commit: str) -> list[str]:
    """What could explain that files differ, other than that somebody changed them."""
    now, then = tools(), told["tools"]
    notes = [
        f"built with {name} {then.get(name, 'absent')}, here is {now.get(name, 'none')}"
        for name in sorted(now.keys() | then.keys())
        if now.get(name) != then.get(name)
    ]
    running = sources.running_toolkit()
    if told["toolkit"].get("sha256") != running:
        notes.append("built by another version of the toolkit than the one that runs")
    if in_commit and in_commit != running:
        notes.append(
            f"to run the toolkit of the commit: git switch --detach {told['commit'][:12]}, "
            "make setup, then verify again"
        )
    if notes:
        notes.append(f"other versions make other bytes; those of {MANIFEST} can be installed")
    return notes
