"""Files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from .problem import ToolError


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file's content in one step: a reader sees the old bytes or the new, never a part.

    The bytes go to a temporary file in the same folder, which is flushed to disk and then renamed
    over the old one. On failure the temporary file is removed and the old file is as it was.

    Raises:
        ToolError: the folder cannot be written to, or the disk is full.
    """
    temporary: str | None = None
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=".new"
        )
        with open(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise ToolError(
            f"cannot write {path}: {error.strerror or error}",
            "check the folder's permissions and the free space (df -h); nothing was changed",
        ) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
