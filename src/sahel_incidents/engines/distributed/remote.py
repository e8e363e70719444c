"""Packages that lie at an address: an object store, another machine; through `fsspec`.

Only what the user names on the command line is ever opened, and files below it. The descriptor and
the schemas are fetched and judged as those of any package; tables are read by the workers, each in
its own blocks and with its own credentials.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...descriptor import MAX_DESCRIPTOR_BYTES
from ...package import DESCRIPTOR, check_path
from ...problem import DescriptorError, ToolError
from ...tables import MAX_FILE_BYTES
from .blocks import Stamp, changed


@dataclass(frozen=True)
class RemoteFolder:
    """A folder at an address; see `blocks.Folder`."""

    address: str

    def stamp(self, path: str) -> Stamp:
        """See `blocks.Folder`."""
        with self._reaching(path) as (files, file):
            info = files.info(file)
        if info["type"] != "file" or info["size"] is None:
            raise IsADirectoryError(path)
        # Stores tell in different ways whether a file is another than it was.
        marks = ("ETag", "etag", "generation", "LastModified", "mtime", "created")
        told = repr([info.get(mark) for mark in marks]).encode()
        return Stamp(int(info["size"]), int.from_bytes(hashlib.sha256(told).digest()[:8]))

    def read(self, path: str, start: int, length: int, stamp: Stamp) -> bytes:
        """See `blocks.Folder`."""
        try:
            if self.stamp(path) != stamp:
                raise changed(path)
            with self._reaching(path) as (files, file):
                end = min(start + length, stamp.size)
                return bytes(files.cat_file(file, start=start, end=end)) if start < end else b""
        except (FileNotFoundError, IsADirectoryError):
            raise changed(path) from None

    def read_all(self, path: str, limit: int = MAX_FILE_BYTES) -> bytes:
        """See `blocks.Folder`."""
        size = self.stamp(path).size
        if size > limit:
            raise OverflowError(size)
        with self._reaching(path) as (files, file):
            return bytes(files.cat_file(file))

    def below(self, folder: str) -> Iterator[str]:
        """The files in a folder; none where the address cannot tell them.

        A web server's page of links is no list of files.
        """
        if self.address.startswith(("http://", "https://")):
            return
        with suppress(ToolError, FileNotFoundError), self._reaching("") as (files, root):
            for file in sorted(files.find(f"{root}{folder}")):
                yield file.removeprefix(root)

    @contextmanager
    def _reaching(self, path: str) -> Iterator[tuple[Any, str]]:
        """The file system of the address, and the file's name in it.

        Raises:
            FileNotFoundError: there is no such file.
            IsADirectoryError: something else is in its place.
            ToolError: it cannot be reached.
        """
        try:
            fsspec = importlib.import_module("fsspec")
            files, root = fsspec.core.url_to_fs(self.address)
            yield files, f"{root.rstrip('/')}/{path}"
        except (FileNotFoundError, IsADirectoryError, ToolError):
            raise
        except ImportError as error:  # the text names the package, such as s3fs
            raise ToolError(
                f"{self.address} cannot be opened: {error}", "install what it names, with pip"
            ) from error
        except Exception as error:  # each kind of store raises errors of its own
            told = (str(error) or type(error).__name__).splitlines()[0][:200]
            raise ToolError(
                f"cannot read {self.address}{'/' + path if path else ''}: {told}",
                "check the address and your credentials for it, and try again",
            ) from error


def fetch_descriptor(folder: RemoteFolder, into: Path) -> None:
    """Fetch the descriptor and the schemas of a package.

    What else is wrong with them is for `open_package` to say.

    Args:
        folder: where the package is.
        into: an empty folder.

    Raises:
        ToolError: there is no descriptor, or it cannot be read.
    """
    try:
        text = folder.read_all(DESCRIPTOR, MAX_DESCRIPTOR_BYTES)
    except (FileNotFoundError, IsADirectoryError):
        raise ToolError(
            f"no {DESCRIPTOR} at {folder.address}", "name the folder that holds it"
        ) from None
    except OverflowError:
        raise DescriptorError(
            f"{DESCRIPTOR}: larger than {MAX_DESCRIPTOR_BYTES:,} bytes", "a descriptor is small"
        ) from None
    (into / DESCRIPTOR).write_bytes(text)
    for path in _schemas(text):
        with suppress(DescriptorError, FileNotFoundError, IsADirectoryError, OverflowError):
            check_path(into, path)
            schema = folder.read_all(path, MAX_DESCRIPTOR_BYTES)
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            (into / path).write_bytes(schema)


def _schemas(descriptor: bytes) -> list[str]:
    """The schemas that a descriptor names, as far as it can be read."""
    try:
        resources = json.loads(descriptor)["resources"]
        named = [resource.get("schema") for resource in resources]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    return sorted({path for path in named if isinstance(path, str)})
