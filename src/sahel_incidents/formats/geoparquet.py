"""The incidents as GeoParquet 1.1: the flat table with a point for each that has one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from .. import parquet_files
from ..parquet_files import MEDIA_TYPE, described
from ..points import BOX, GEOMETRY, Points
from ..release import Release
from . import BrokenArtifactError, Written, compare, reading

TITLE = "GeoParquet"
OPTION = ""

PATH = "geo/incidents.parquet"


def write(release: Release, folder: Path) -> list[Written]:
    """Write `geo/incidents.parquet`."""
    (folder / PATH).parent.mkdir(exist_ok=True)
    parquet_files.write(folder / PATH, _table(release))
    return [Written(PATH, "Incidents as points (GeoParquet)", MEDIA_TYPE)]


def check(release: Release, folder: Path) -> None:
    """Read the file back."""
    expected = _table(release)
    with reading(PATH):
        found = parquet_files.read(folder / PATH)
    compare(PATH, expected, found)
    if not found.schema.equals(expected.schema, check_metadata=True):
        raise BrokenArtifactError(PATH, "it does not tell of its columns what is declared")


def _table(release: Release) -> pa.Table:
    table = described(release, "incidents_flat")
    points = Points.of(table)
    metadata = {**table.schema.metadata, b"geo": points.geoparquet().encode("utf-8")}
    table = table.append_column(GEOMETRY, points.wkb()).append_column(BOX, points.boxes())
    return table.replace_schema_metadata(metadata)
