"""Verifying a release: that it is whole, that it agrees with itself, and where it came from.

Each step builds on the one before, and a step that cannot be made is named, never passed over:

1. an archive is unpacked, or refused (`archives`);
2. the files are those of `SHA256SUMS` and of the manifest (`files`);
3. the signature is of these sums (`signatures`);
4. the package inside is sound, and every other file says what its tables say (`contents`);
5. if asked for, the release is built again from its commit (`rebuilding`).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..engines import Engine
from ..problem import ToolError
from ..publishing.manifest import ROWS_PER_PART
from ..release import MANIFEST
from ..validate import Progress
from . import archives, contents, files, in_parts, rebuilding, signatures
from .findings import Finding, Kind, Verification

__all__ = ["Finding", "Kind", "Verification", "verify"]


def verify(
    release: Path,
    *,
    allowed: Path | None = None,
    rebuild_in: Path | None = None,
    since: str | None = None,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Verify a release.

    Args:
        release: its folder, or a zip archive of it.
        allowed: who may sign, in the form "ALLOWED SIGNERS" of ssh-keygen(1). If given, the
            release must be signed by one of them.
        rebuild_in: the package's folder in a clone of the repository, to build it again from its
            commit; None leaves that out.
        since: the release before, for that, where it is not to be found by its tag.
        engine: what validates the package in it; None for this process alone.
        progress: called as the work advances.

    Raises:
        ToolError: there is no such release; ssh-keygen or git cannot be asked; the commit is not
            in the repository.
    """
    found = Verification(str(release))
    told = progress or (lambda stage, done, total: None)
    with tempfile.TemporaryDirectory(prefix="incidents-") as temporary:
        folder: Path | None = release
        if not release.is_dir():
            if not release.is_file():
                raise ToolError(
                    f"there is no release {release}", "name its folder, or a .zip file of it"
                )
            folder = archives.unpack(release, Path(temporary), found)
        if folder is None:
            found.notes.append("not unpacked, so nothing else was checked")
        else:
            _verify_folder(folder, found, allowed, rebuild_in, since, engine, told)
    return found


def _verify_folder(
    folder: Path,
    found: Verification,
    allowed: Path | None,
    rebuild_in: Path | None,
    since: str | None,
    engine: Engine | None,
    progress: Progress,
) -> None:
    digests = files.check_files(folder, found, progress)
    if MANIFEST not in digests and found.files == 0:
        found.notes.append(
            f"there is no {MANIFEST}: this may be the data package alone, which `incidents "
            "validate` judges, and not a release"
        )
    told = files.check_manifest(folder, digests, found)
    signatures.check_signature(folder, allowed, found)
    if told is None or not found.sound:
        found.notes.append("its files are not those it states, so nothing else was checked")
        return
    if told["draft"]:
        found.notes.append("a draft, of files that were not committed: do not cite or pass it on")
    if ROWS_PER_PART in told:
        in_parts.check_contents(folder, told, found, engine, progress)
    else:
        contents.check_contents(folder, told, found, engine, progress)
    if rebuild_in is not None:
        rebuilding.rebuild(folder, told, rebuild_in, since, found, progress)
