"""Where a release is: the data that came with the code, a path, a version or an address.

What is found is a folder or a zip archive on this machine whose bytes are those that were
published, as far as that is stated.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..checksums import SUMS, parsed
from ..descriptor import open_package
from ..history.states import RELEASES
from ..package import DESCRIPTOR, Package
from ..problem import ToolError
from ..release import MANIFEST
from .digests import check_file, check_files

Named = str | os.PathLike[str] | None
"""What a researcher may name a release by: see `find`."""

_HERE = Path(__file__).resolve()
_SHIPPED = (_HERE.parents[1] / "shipped", _HERE.parents[3])
"""Where the data lies that came with the code: in an installed wheel, or in a checkout."""

_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?")


@dataclass(frozen=True)
class Place:
    """Where a release is.

    Attributes:
        path: a folder that holds a data package, or a zip archive of one; absolute.
        version: the version it must have; empty where it was not named by one.
        package: the package in the folder, opened; None for an archive.
    """

    path: Path
    version: str = ""
    package: Package | None = None


def find(release: Named, sha256: str | None = None, base_url: str | None = None) -> Place:
    """The release that somebody names.

    Args:
        release: None for the data that came with the code; else the path of a folder or of a zip
            archive, a version such as "1.0.0", or the https address of a zip archive. A version is
            looked for in `dist/` beside the code's data, in the cache, and then on the web.
        sha256: the SHA-256 of the archive, in hexadecimal, for one that must be that very file.
        base_url: where releases are published, in a folder `v<version>/` each; by default the
            releases of the descriptor's homepage.

    Raises:
        ToolError: there is no such release, or it is not what was published.
    """
    if release is None:
        return _of_path(shipped(), sha256)
    if isinstance(release, str) and re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", release):
        return _fetched(release, sha256)
    if isinstance(release, str) and _VERSION.fullmatch(release) and not os.path.exists(release):
        return _of_version(release, sha256, base_url)
    return _of_path(Path(release), sha256)


def shipped() -> Path:
    """The folder of the data that came with the code.

    Raises:
        ToolError: none did.
    """
    for folder in _SHIPPED:
        if (folder / DESCRIPTOR).is_file():
            return folder
    raise ToolError("no data came with the code", "name a release, such as load('1.0.0')")


def _of_version(version: str, sha256: str | None, base_url: str | None) -> Place:
    name = f"{open_package(shipped()).name}-{version}"
    built = shipped() / RELEASES / name
    if sha256 is None and (built / SUMS).is_file() and not manifest_of(built).get("draft"):
        return replace(_of_path(built, None), version=version)
    base = base_url or _published_at()
    return _fetched(f"{base.rstrip('/')}/v{version}/{name}.zip", sha256, version)


def _fetched(url: str, sha256: str | None, version: str = "") -> Place:
    from .downloads import fetched  # what speaks http is slow to import

    return Place(fetched(url, sha256), version)


def _published_at() -> str:
    homepage = json.loads((shipped() / DESCRIPTOR).read_text(encoding="utf-8")).get("homepage")
    if not isinstance(homepage, str):
        raise ToolError(
            f"{DESCRIPTOR} names no homepage to fetch releases from", "give base_url=..."
        )
    return f"{homepage.rstrip('/')}/releases/download"


def _of_path(path: Path, sha256: str | None) -> Place:
    path = path.expanduser().absolute()
    if os.path.lexists(path / DESCRIPTOR):
        if sha256 is not None:
            raise ToolError(f"{path} is a folder, which has no SHA-256", "name a zip archive")
        package = open_package(path)
        if os.path.lexists(path / SUMS):
            check_files(path, sorted({DESCRIPTOR, *package.listed}), _sums(path / SUMS))
        return Place(path, package=package)
    if not path.is_file() or path.suffix.lower() != ".zip":
        raise ToolError(
            f"there is no release at {path}",
            "name a folder with a datapackage.json, a zip archive, a version or an address",
        )
    stated = sha256 or _stated_beside(path)
    if stated:
        check_file(path, stated)
    return Place(path)


def manifest_of(folder: Path) -> Mapping[str, Any]:
    """What the manifest of a release's folder says; nothing where there is none.

    Raises:
        ToolError: it is broken.
    """
    file = folder / MANIFEST
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ToolError(f"{file} cannot be read: {error}", "get the release again") from error
    return told if isinstance(told, dict) else {}


def _sums(file: Path) -> dict[str, str]:
    try:
        return parsed(file.read_bytes().decode("utf-8", "replace"))
    except OSError as error:
        raise ToolError(
            f"{file} cannot be read: {error.strerror or error}", "get the release again"
        ) from error


def _stated_beside(archive: Path) -> str | None:
    """The digest that an archive must have by the files beside it; None where they say nothing."""
    for beside in (archive.with_name(SUMS), archive.with_name(f"{archive.name}.sha256")):
        if beside.is_file():
            found = _sums(beside).get(archive.name)
            if found:
                return found
    return None
