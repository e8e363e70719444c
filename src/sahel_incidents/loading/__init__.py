"""The data for researchers: a release as pandas frames, and what changed since another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from .dataset import Dataset
from .explained import explained
from .finding import Named, find
from .reading import read

if TYPE_CHECKING:
    from .updating import Update

__all__ = ("Dataset", "load", "update")


@explained
def load(
    release: Named = None, *, sha256: str | None = None, base_url: str | None = None
) -> Dataset:
    """Load a release.

    Args:
        release: which one; by default the data that came with this code. A version such as
            "1.0.0", which is fetched from the web once and then kept; the path of a folder or of a
            zip archive; or the https address of such an archive.
        sha256: the SHA-256 that the archive must have, in hexadecimal. Without it, a release that
            is fetched is checked against the `SHA256SUMS` published beside it.
        base_url: where releases are published, in a folder `v<version>/` each, if not where the
            dataset's homepage has them.

    Raises:
        ToolError: there is no such release, or it is not what was published.
    """
    return read(find(release, sha256, base_url))


@explained
def update(
    frame: pd.DataFrame,
    to: Named = None,
    since: Named = None,
    *,
    table: str | None = None,
    base_url: str | None = None,
) -> Update:
    """Tell which rows of a frame changed, were merged or are gone in another release.

    Args:
        frame: rows of one of the tables, with the columns of its key.
        to: the other release, named as for `load`; by default the data that came with this code.
        since: the release that the rows come from; by default the version noted in the frame when
            it was loaded, which pandas does not keep through every operation.
        table: the table whose rows they are; by default that with which the frame shares most
            columns.
        base_url: where releases are published, as for `load`.

    Raises:
        ToolError: a release is not found, the frame holds no key, or where it comes from is not
            known.
    """
    from .updating import follow, table_of, version_of

    before = load(version_of(frame) if since is None else since, base_url=base_url)
    after = load(to, base_url=base_url)
    return follow(frame, before, after, table or table_of(frame, before))
