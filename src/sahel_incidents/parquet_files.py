"""Tables as Parquet files that tell what their columns mean, without the package beside them.

What is declared of them goes along as Arrow's key-value metadata. Keys of a column are
`title`, `description`, `unit` and `vocabulary` (JSON: a list of value, label and description), as
far as there is something to say; keys of a table are `name`, `title`, `version` and `licence`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .package import Field
from .release import Release

MEDIA_TYPE = "application/vnd.apache.parquet"

_ROWS_IN_A_GROUP = 1 << 17  # few enough to be read in parallel, enough to compress well


def described(release: Release, name: str) -> pa.Table:
    """A table of a release with what is declared of it."""
    table, declared = release.every_table[name], release.declared[name]
    fields = [
        table.schema.field(one.name).with_metadata(dict(_keys(one))) for one in declared.fields
    ]
    licences = (str(licence["name"]) for licence in release.descriptor.get("licenses", ()))
    told = {
        "name": name,
        "title": declared.title,
        "version": release.version,
        "licence": ", ".join(licences),
    }
    return table.cast(pa.schema(fields, told))


def write(path: Path, table: pa.Table) -> None:
    """Write a table with its metadata; raises `OSError` where that fails."""
    pq.write_table(table, path, compression="zstd", row_group_size=_ROWS_IN_A_GROUP)


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table with its metadata; all of its columns, or some.

    Raises:
        OSError: the file cannot be read.
        pyarrow.ArrowException: it is no sound Parquet file.
    """
    with pq.ParquetFile(path) as file:
        return file.read(columns=columns)


def _keys(field: Field) -> Iterator[tuple[str, str]]:
    told = {"title": field.title, "description": field.description, "unit": field.unit}
    yield from ((key, text) for key, text in told.items() if text)
    if field.categories:
        yield "vocabulary", json.dumps([asdict(c) for c in field.categories], ensure_ascii=False)
