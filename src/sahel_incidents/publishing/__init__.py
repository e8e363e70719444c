"""Publishing: from a commit to a folder that can be cited, compared, checked and built again.

What happens, and in which order:

1. what is released is copied out of the commit into a folder beside its later place (`sources`,
   `staging`), and must be what lies in the work tree;
2. the copy is validated, warnings included, and compared with the release before (`previous`);
   a version that is too low for what changed is refused (`versions`), and so is a changelog that
   was prepared for other records (`prepare`);
3. every format, the history, the codebook, the metadata, the manifest and the sums are written
   around it, and read back (`building`);
4. the sums are signed, if a key is given (`signing`), and the folder moves into its place.

With `InParts` the tables are written in parts instead (`in_parts`), for packages that no memory
holds. Up to the last step nothing is published, whatever happens.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..checksums import SIGNATURE
from ..descriptor import open_package
from ..engines import Engine
from ..history import git_tree
from ..package import DESCRIPTOR, Package
from ..problem import ToolError
from ..release import MANIFEST, Artifact
from ..validate import Progress
from . import building, in_parts, manifest, previous, signing, sources, staging
from .building import UnsoundError
from .in_parts import InParts
from .prepare import check_section
from .previous import Since
from .sources import Source
from .versions import Version, check_deserved

__all__ = ["InParts", "Published", "UnsoundError", "publish"]


@dataclass(frozen=True)
class Published:
    """What publishing did.

    Attributes:
        folder: the release.
        artifacts: its files, but for the manifest, the sums and their signature.
        since: what it changes of the release before; None where it is the first.
        new: whether it was not there before, byte for byte.
        signed: whether a signature was made.
        compared: False where there is a release before, too large to be compared with.
    """

    folder: Path
    artifacts: tuple[Artifact, ...]
    since: Since | None
    new: bool
    signed: bool
    compared: bool


def publish(
    root: Path,
    version: str,
    output: Path,
    *,
    since: str | None = None,
    key: Path | None = None,
    draft: bool = False,
    options: Collection[str] = (),
    parts: InParts | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Published:
    """Build the release of a package's present state.

    Args:
        root: the package's folder.
        version: the version; the descriptor must say the same.
        output: where the release's folder is to lie.
        since: the release before, see `history.states.opened`; None finds it by the tags of git.
        key: a private key of ssh-keygen to sign with; None leaves the release unsigned.
        draft: whether to build from the work tree as it is. The result says that it is a draft.
        options: the formats to write beside the usual, see `formats.Format`.
        parts: how the tables are written in parts; None writes each as a whole, in every format.
        engine: what validates a package that is published in parts; None for this process alone.
        progress: called as the work advances.

    Raises:
        UnsoundError: the data is not sound, a warning included.
        DescriptorError: the descriptor is broken or unsafe.
        ToolError: the version is wrong or too low, something is not committed, the changelog tells
            of other records, another release of this version is there, or a file cannot be read,
            written, signed or read back.
    """
    wanted = Version.of(version)
    if key is not None:
        signing.check_key(key)
    name = None if draft else _commit_to_release(root, wanted)

    def accept(since: Since | None) -> None:
        if since is not None:
            told = partial(previous.reason, since)
            check_deserved(wanted, since.version, since.level, told)
        if parts is None and not draft:  # a package for parts may be too large to be counted here
            check_section(source.changelog, wanted, opened, since)

    with staging.staging(output, f"release-{wanted}") as folder, staging.failures(output):
        told = progress or (lambda stage, done, total: None)
        if parts is None:
            source, package, release = _take(root, name, folder), folder, folder
        else:
            aside, release, package = folder / "aside", folder / "release", folder / "package"
            for empty in (aside, release, package):
                empty.mkdir()
            if name is None:  # read where it is: there may be no room for a second one
                source, package = sources.describe_work_tree(root), root
            else:
                source = _take(root, name, package)
        opened = open_package(package)
        _expect_version(opened, wanted)
        before = since or previous.find(root, wanted, source.changelog)
        if parts is None:
            built = building.build(
                folder,
                source,
                before=before,
                near=root,
                options=options,
                progress=told,
                accept=accept,
            )
        else:
            built = in_parts.build(
                package,
                release,
                aside,
                source,
                parts,
                before=before,
                near=root,
                progress=told,
                accept=accept,
                judge=partial(building.judge, engine=engine),
            )
        if key is not None:
            signing.sign(release, key)
        place = output / built.release.name
        new = _place(release, place, signed=key is not None)
    compared = before is None or built.since is not None
    return Published(place, built.artifacts, built.since, new, key is not None, compared)


def _commit_to_release(root: Path, version: Version) -> str:
    """The commit that is checked out, unless the version's tag is at another one."""
    try:
        commit = git_tree.described("HEAD", root)
        tagged = git_tree.tags(root).get(f"v{version}", commit.name)
    except ToolError as error:
        raise ToolError(
            f"a release is built from a commit: {error.message}",
            "publish from a clone of the repository, or build a draft: --draft",
        ) from error
    if tagged != commit.name:
        raise ToolError(
            f"the tag v{version} is at commit {tagged[:12]}, not at {commit.name[:12]}",
            f"check out the tag (git switch --detach v{version}), or raise the version",
        )
    return commit.name


def _take(root: Path, commit: str | None, folder: Path) -> Source:
    if commit is None:
        return sources.take_work_tree(root, folder)
    source = sources.take_commit(root, commit, folder)
    sources.refuse_changed(root, folder)
    if source.toolkit and source.toolkit != sources.running_toolkit():
        raise ToolError(
            "the toolkit that runs is not the one in the commit, so nobody could build the same",
            "commit or undo its changes, or run the toolkit of this clone (make setup); "
            "or build a draft: --draft",
        )
    return source


def _expect_version(package: Package, version: Version) -> None:
    if package.version != str(version):
        raise ToolError(
            f"{DESCRIPTOR} says version {package.version}, not {version}",
            f"run: incidents publish {version} --prepare, and commit what it writes",
        )


def _place(folder: Path, place: Path, *, signed: bool) -> bool:
    """Move a finished release into its place; False where the same lay there already."""
    if not os.path.lexists(place):
        staging.put(folder, place)
        return True
    differing = [path for path in staging.differing(folder, place) if path != SIGNATURE]
    if not differing:
        if signed:
            staging.put_file(folder / SIGNATURE, place / SIGNATURE)
        return False
    if not _is_draft(place):
        raise ToolError(
            f"{place} is there already, and differs in {', '.join(differing[:5])}"
            f"{' and more' if len(differing) > 5 else ''}",
            "a release never changes: raise the version, or move that folder away",
        )
    staging.put(folder, place, replace=True)
    return True


def _is_draft(place: Path) -> bool:
    try:
        return bool(manifest.parsed((place / MANIFEST).read_bytes())["draft"])
    except (OSError, ToolError):
        return False
