"""What a release in parts says, against itself: its parts are put together, and made again.

The CSV parts one after the other are the package that was published. It is validated like any
other, and everything else is made of it anew; so no file can say what the tables do not.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import parquet_files, parts
from ..checksums import SIGNATURE, SUMS
from ..descriptor import open_package
from ..engines import Engine
from ..formats import BrokenArtifactError, compare, reading
from ..package import DESCRIPTOR, Package
from ..problem import ToolError
from ..publishing import InParts, manifest, staging
from ..publishing import in_parts as publishing
from ..publishing.manifest import ROWS_PER_PART, tools
from ..publishing.sources import LICENSE, running_toolkit
from ..release import MANIFEST
from ..tables import MAX_FILE_BYTES
from ..validate import Progress
from .contents import check_data, source_of
from .findings import Kind, Verification


def check_contents(
    folder: Path,
    told: Mapping[str, Any],
    found: Verification,
    engine: Engine | None,
    progress: Progress,
) -> None:
    """Validate the package in a release in parts, and compare everything made of it.

    What was made by another version of the toolkit is not compared: it may rightly differ.

    Args:
        folder: the release, whose files are what its sums and its manifest state.
        told: its manifest.
        found: is told what is wrong.
        engine: what validates it; None for this process alone.
        progress: called as the work advances.

    Raises:
        ToolError: there is no room for a second copy of it.
    """
    with (
        tempfile.TemporaryDirectory(prefix="incidents-") as temporary,
        staging.failures(Path(temporary)),
    ):
        whole = Path(temporary, "package")
        whole.mkdir()
        try:
            cut = parts.assemble(folder, whole, progress)
            package = open_package(whole)
        except ToolError as error:
            found.add(Kind.DATA, "", f"the package cannot be opened: {error.message}")
            return
        if (package.name, package.version) != (told["name"], told["version"]):
            found.add(Kind.MANIFEST, MANIFEST, f"the package says {package.name} {package.version}")
        rows = told[ROWS_PER_PART]
        # Known before it is cut again, lest a lie of one row to a part make a million files.
        if any(number != max(-(-lines // rows), 1) for number, lines in cut):
            found.add(
                Kind.MANIFEST, MANIFEST, f"the tables are not cut into parts of {rows:,} rows"
            )
            return
        if not _validated(package, told, found, engine, progress):
            return
        if told["toolkit"].get("sha256") != running_toolkit():
            found.notes.append(
                "made by another version of the toolkit: not checked whether its derived tables, "
                "Parquet files and documents say the same as its tables"
            )
            return
        made, aside = Path(temporary, "made"), Path(temporary, "aside")
        for empty in (made, aside):
            empty.mkdir()
        if not (folder / LICENSE).is_file():
            found.add(Kind.DOCUMENT, LICENSE, "is missing")
            return
        shutil.copyfile(folder / LICENSE, whole / LICENSE)
        publishing.build(
            whole,
            made,
            aside,
            source_of(told),
            InParts(told[ROWS_PER_PART]),
            before=None,
            near=folder,
            progress=progress,
            accept=lambda since: None,
            judge=lambda package, progress: None,
        )
        _compare(folder, made, told, found)


def _validated(
    package: Package,
    told: Mapping[str, Any],
    found: Verification,
    engine: Engine | None,
    progress: Progress,
) -> bool:
    """Whether the package is sound, or too large to be told by one process."""
    largest = max(package.file(table).stat().st_size for table in package.tables.values())
    if engine is None and largest > MAX_FILE_BYTES:
        found.notes.append(
            "too large to be validated by one process, so whether the data is sound stays open; "
            "several can: --engine dask"
        )
        return True
    return check_data(package, told, found, engine, progress)


def _titles(told: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["path"]: (one["title"], one["media_type"]) for one in told["artifacts"]}


def _compare(folder: Path, made: Path, told: Mapping[str, Any], found: Verification) -> None:
    """Compare a release with the one that was made again of its parts."""
    same_tools = told["tools"] == tools()
    again = manifest.parsed((made / MANIFEST).read_bytes())
    if told["rows"] != again["rows"]:
        found.add(Kind.MANIFEST, MANIFEST, "the numbers of rows are not those of the tables")
    if same_tools and _titles(told) != _titles(again):
        found.add(Kind.MANIFEST, MANIFEST, "its files are not called what they are")
    for path in staging.differing(folder, made):
        # The manifest also tells of the release before; the sums were held against the files.
        if path in (MANIFEST, SUMS, SIGNATURE):
            continue
        if not ((made / path).is_file() and (folder / path).is_file()):
            found.add(Kind.FORMAT, path, "is not among what its tables give")
        elif not path.endswith(".parquet"):
            kind = Kind.FORMAT if path.endswith(".csv") or DESCRIPTOR in path else Kind.DOCUMENT
            found.add(kind, path, "is not what the tables and the manifest give")
        elif same_tools:
            found.add(Kind.FORMAT, path, "is not what the tables give")
        else:
            try:
                with reading(path):
                    there = parquet_files.read(folder / path)
                compare(path, parquet_files.read(made / path), there)
            except BrokenArtifactError as error:
                found.add(Kind.FORMAT, path, error.message)
