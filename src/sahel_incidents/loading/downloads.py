"""Releases from the web: fetched once, checked against a digest, kept in a cache.

Nothing is taken without the SHA-256 it must have: the caller's own, or else the one that
`SHA256SUMS` (or a file named after the archive, with `.sha256`) states beside it. The latter tells
a broken download, not a server that was taken over; who needs to know gives the digest.

A file is kept under its digest, and its digest is worked out again each time it is read. Which
digest an address had is kept, too, so that what was loaded once is loaded again without the
network, and is the same.
"""

from __future__ import annotations

import hashlib
import os
import re
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ..checksums import SUMS, digest, parsed
from ..files import write_whole
from ..problem import ToolError
from ..tables import MAX_FILE_BYTES
from .digests import normal

TIMEOUT = 60.0
"""Seconds without a byte after which a server is given up."""

MAX_BYTES = MAX_FILE_BYTES
"""The largest archive that is fetched."""

_MAX_SUMS = 1 << 20
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def cache_folder() -> Path:
    """Where releases are kept: in `$XDG_CACHE_HOME`, by default `~/.cache`.

    As the XDG Base Directory Specification has it; a relative path there counts as none.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
    return base / "sahel-incidents"


def fetched(url: str, sha256: str | None) -> Path:
    """An archive from the web, or from the cache if it was fetched before.

    Args:
        url: its address: https, or http on this very machine; its name ends with `.zip`.
        sha256: the digest it must have; None to take the one that is published beside it.

    Raises:
        ToolError: the address is unsafe, there is no digest to check it by, it cannot be fetched,
            or it is not the file that was announced.
    """
    name = _file_name(url)
    folder = cache_folder()
    pin = folder / "digests" / f"{hashlib.sha256(url.encode()).hexdigest()}.sha256"
    known = normal(sha256) if sha256 else _pinned(pin, name)
    expected = known or _published(url, name)
    kept = folder / expected / name
    if kept.is_file():
        if digest(kept) != expected:
            raise ToolError(
                f"{kept} has changed since it was fetched", f"remove {kept.parent}, then try again"
            )
    else:
        content = _get(url, MAX_BYTES)
        if hashlib.sha256(content).hexdigest() != expected:
            raise ToolError(
                f"{url} is not the file that was announced: its SHA-256 is another than {expected}",
                "try again; if it stays so, do not use the file, and tell the maintainers",
            )
        _keep(kept, content)
    if not known:
        _keep(pin, f"{expected}  {name}\n".encode())
    return kept


def _pinned(pin: Path, name: str) -> str | None:
    """The digest that an address had when it was first fetched."""
    try:
        return parsed(pin.read_text(encoding="utf-8")).get(name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, ToolError) as error:
        raise ToolError(f"{pin} cannot be read: {error}", f"remove {pin}, then try again") from None


def _published(url: str, name: str) -> str:
    """The digest that is published beside an archive."""
    for beside in (urljoin(url, SUMS), f"{url}.sha256"):
        try:
            content = _get(beside, _MAX_SUMS)
        except _MissingError:
            continue
        found = parsed(content.decode("utf-8", "replace")).get(name)
        if found:
            return found
    raise ToolError(
        f"nothing says which SHA-256 {url} must have",
        "check that there is such a release, or give its digest: load(url, sha256=...)",
    )


def _keep(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ToolError(
            f"cannot make {path.parent}: {error.strerror or error}",
            "set XDG_CACHE_HOME to a folder that can be written to",
        ) from error
    write_whole(path, content)


class _MissingError(ToolError):
    """There is no such file on the server."""


class _Redirects(HTTPRedirectHandler):
    """Follows a redirect only to where one may go by oneself."""

    def redirect_request(self, *given: Any) -> Request | None:
        _check_address(given[-1])
        return super().redirect_request(*given)


def _get(url: str, limit: int) -> bytes:
    request = Request(url, headers={"User-Agent": "sahel-incidents"})
    try:
        with build_opener(_Redirects).open(request, timeout=TIMEOUT) as response:
            content: bytes = response.read(limit + 1)
    except HTTPError as error:
        if error.code in (404, 410):
            raise _MissingError(f"there is no {url}", "check the version or the address") from None
        raise _failed(url, error) from None
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(url, error) from None
    if len(content) > limit:
        raise ToolError(f"{url} holds more than {limit:,} bytes", "check the address")
    return content


def _failed(url: str, error: Exception) -> ToolError:
    return ToolError(
        f"{url} cannot be fetched: {error}",
        "check the connection and try again, or fetch it by hand and load it by its path",
    )


def _file_name(url: str) -> str:
    _check_address(url)
    name = urlsplit(url).path.rpartition("/")[2]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*\.zip", name):
        raise ToolError(f"{url} names no .zip file", "name a release's archive")
    return name


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        here = parts.scheme == "http" and parts.hostname in _LOOPBACK
        safe = here or (parts.scheme == "https" and bool(parts.hostname))
    except ValueError:
        safe = False
    if not safe:
        raise ToolError(f"{url} is not an https address", "name one that begins with https://")
