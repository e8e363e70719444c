"""The assets of a release: flat files for places that know no folders.

They are one archive with the whole release in it, and beside it, for whoever wants no archive, the
files at the release's root and the flat tables. What counts as a file of the release is read from
its `SHA256SUMS`, so nothing else gets in; two packings of one release are the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from . import StoppedError

SUMS = "SHA256SUMS"
SIGNATURE = "SHA256SUMS.sig"
MANIFEST = "manifest.json"
METADATA = ".zenodo.json"
DESCRIPTOR = "datapackage.json"
PACKED = "-release.zip"
"""How the name of the archive ends; without it, it would be that of the data package's archive."""

FLAT = "flat"
"""The folder whose files are assets as well; in it are the tables most people want."""

_LINE = re.compile(r"([0-9a-f]{64})  ([^\n\\]+)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can name: the day tells nothing
_MOST = 50_000_000  # bytes read of one member here; each is a small text
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Asset:
    """One file; `sha256` and `md5` are in hexadecimal, `size` is in bytes."""

    name: str
    path: Path
    size: int
    sha256: str
    md5: str


@dataclass(frozen=True)
class Assets:
    """The assets of one release, known to be its files and no others.

    Attributes:
        name: the dataset's name.
        version: the version number.
        issued: the day of the release, as YYYY-MM-DD.
        commit: the commit it was built from.
        homepage: the dataset's page, by which it is known again; without a slash at the end.
        metadata: what the release says of itself in the form that Zenodo takes.
        files: the files, by name.
    """

    name: str
    version: str
    issued: str
    commit: str
    homepage: str
    metadata: Mapping[str, Any]
    files: Mapping[str, Asset]


def pack(release: Path, folder: Path) -> list[str]:
    """Make the assets of a release in a new folder, which is there whole or not at all.

    Args:
        release: the release's folder.
        folder: where to; must not be there yet.

    Returns:
        the assets' names, sorted.

    Raises:
        StoppedError: the release is incomplete or a draft, or the folder is there.
    """
    try:
        if os.path.lexists(folder):
            raise StoppedError(f"{folder} is there already", "remove it, or name another folder")
        paths = [*sums((release / SUMS).read_bytes()), SUMS]
        if os.path.lexists(release / SIGNATURE):
            paths.append(SIGNATURE)
        for path in paths:
            if (release / path).is_symlink() or not (release / path).is_file():
                raise StoppedError(f"{path} is missing or no plain file", "build the release again")
        _about(json.loads((release / MANIFEST).read_bytes()))
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as made:
            place = Path(made) / folder.name
            place.mkdir()
            for name, path in flat(paths).items():
                shutil.copyfile(release / path, place / name)
            _archive(release, paths, place / f"{release.resolve().name}{PACKED}")
            place.rename(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoppedError(f"{release} cannot be packed: {error}", "build it again") from error
    return sorted(os.listdir(folder))


def flat(paths: Iterable[str]) -> dict[str, str]:
    """Which of a release's files are assets of their own: their names, with their paths in it.

    Hidden files are left to the archive: GitHub would give them other names.

    Raises:
        StoppedError: two of them have one name, or a name that not every place takes.
    """
    found: dict[str, str] = {}
    for path in paths:
        pure = PurePosixPath(path)
        if str(pure.parent) not in (".", FLAT) or pure.name.startswith("."):
            continue
        if pure.name in found or pure.name.endswith(PACKED) or not _NAME.fullmatch(pure.name):
            raise StoppedError(f"{path} cannot be an asset by that name", "name the file otherwise")
        found[pure.name] = path
    return found


def opened(folder: Path) -> Assets:
    """The assets in a folder, each held against the archive among them.

    Raises:
        StoppedError: one is missing, is changed, or is none; the release is a draft.
    """
    try:
        found = {entry.name: _asset(Path(entry.path)) for entry in os.scandir(folder)}
        packed = [name for name in found if name.endswith(PACKED)]
        if len(packed) != 1:
            raise StoppedError(f"{folder} holds no release, packed", f"name the folder that {HOW}")
        with zipfile.ZipFile(found[packed[0]].path) as archive:
            inside = _Inside(archive, packed[0].removesuffix(PACKED))
            expected = inside.digests()
            manifest = json.loads(inside.read(MANIFEST))
            metadata = json.loads(inside.read(METADATA))
            homepage = str(json.loads(inside.read(DESCRIPTOR))["homepage"]).rstrip("/")
    except (OSError, ValueError, KeyError, TypeError, RecursionError, zipfile.BadZipFile) as error:
        raise StoppedError(f"{folder} cannot be read: {error}", f"make it anew: {HOW}") from error
    strange = sorted(
        name
        for name in (found.keys() | expected.keys()) - set(packed)
        if name not in found or found[name].sha256 != expected.get(name)
    )
    if strange:
        raise StoppedError(
            f"not as in the release, or not of it: {', '.join(strange)}", f"make it anew: {HOW}"
        )
    name, version, issued, commit = _about(manifest)
    if not isinstance(metadata, dict) or metadata.get("version", version) != version:
        raise StoppedError(f"{METADATA} is not that of version {version}", "build it again")
    return Assets(name, version, issued, commit, homepage, metadata, dict(sorted(found.items())))


HOW = "scripts/pack_release.py writes"


def sums(raw: bytes) -> dict[str, str]:
    """The digests that a `SHA256SUMS` states, by path.

    Raises:
        ValueError: it is not of that form.
    """
    lines = [_LINE.fullmatch(line) for line in raw.decode("utf-8").splitlines()]
    if not lines or not all(lines):
        raise ValueError(f"{SUMS} does not hold a digest and a path on each line")
    return {line[2]: line[1] for line in lines if line}


def _about(manifest: Any) -> tuple[str, str, str, str]:
    """What a manifest says of its release: name, version, day and commit."""
    texts = [manifest[key] for key in ("name", "version", "issued", "commit")]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{MANIFEST} is not the manifest of a release")
    name, version, issued, commit = texts
    if manifest["draft"] or not re.fullmatch("[0-9a-f]{40,64}", commit):
        raise StoppedError(
            "the release is a draft: it was not built from a commit",
            "commit what it is made of and run: incidents publish",
        )
    return name, version, issued, commit


class _Inside:
    """The archive's members, by their paths in the release."""

    def __init__(self, archive: zipfile.ZipFile, top: str) -> None:
        self._archive = archive
        self._top = top

    def read(self, path: str) -> bytes:
        """A member's bytes, which are few.

        Raises:
            KeyError: there is no such member.
            ValueError: it is too large.
        """
        with self._archive.open(f"{self._top}/{path}") as stream:
            content = stream.read(_MOST + 1)
        if len(content) > _MOST:
            raise ValueError(f"{path} is too large")
        return content

    def digests(self) -> dict[str, str]:
        """The digest that each asset beside the archive must have, by name."""
        raw = self.read(SUMS)
        stated = {**sums(raw), SUMS: hashlib.sha256(raw).hexdigest()}
        if f"{self._top}/{SIGNATURE}" in self._archive.namelist():
            stated[SIGNATURE] = hashlib.sha256(self.read(SIGNATURE)).hexdigest()
        return {name: stated[path] for name, path in flat(stated).items()}


def _archive(release: Path, paths: Iterable[str], target: Path) -> None:
    """Write an archive whose bytes depend on nothing but the files."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(paths):
            member = zipfile.ZipInfo(f"{release.resolve().name}/{path}", _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # Unix, wherever it is made
            member.external_attr = 0o100644 << 16
            member.file_size = (release / path).stat().st_size
            with (release / path).open("rb") as source, archive.open(member, "w") as stream:
                shutil.copyfileobj(source, stream, _BLOCK)


def _asset(path: Path) -> Asset:
    if path.is_symlink() or not path.is_file():
        raise ValueError(f"{path.name} is no plain file")
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            sha256.update(block)
            md5.update(block)
    return Asset(path.name, path, path.stat().st_size, sha256.hexdigest(), md5.hexdigest())
