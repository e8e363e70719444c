"""The incidents as GeoJSON (RFC 7946): one feature for each, on a line of its own.

A feature's properties are the columns of the flat table; one that is empty is left out. Where no
openly licensed source gives the place's coordinates, the geometry is null.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from .. import arrow_json
from ..points import Points
from ..release import Release
from . import Written, compare, reading

TITLE = "GeoJSON"
OPTION = ""

PATH = "geo/incidents.geojson"

_HEAD = b'{"type":"FeatureCollection","name":"incidents","features":[\n'
_TAIL = b"]}\n"
_AT_ONCE = 1 << 14
_GEOMETRY = pa.struct([("type", pa.string()), ("coordinates", pa.list_(pa.float64()))])


def write(release: Release, folder: Path) -> list[Written]:
    """Write `geo/incidents.geojson`."""
    (folder / PATH).parent.mkdir(exist_ok=True)
    table = release.derived["incidents_flat"]
    with open(folder / PATH, "wb") as stream:
        stream.write(_HEAD)
        for start in range(0, table.num_rows, _AT_ONCE):
            features = _features(table.slice(start, _AT_ONCE)).to_pylist()
            stream.write(",\n".join(features).encode("utf-8"))
            stream.write(b",\n" if start + _AT_ONCE < table.num_rows else b"\n")
        stream.write(_TAIL)
    return [Written(PATH, "Incidents as points (GeoJSON)", "application/geo+json")]


def check(release: Release, folder: Path) -> None:
    """Read the file back with Arrow's reader of JSON, some features at a time."""
    table = release.derived["incidents_flat"]
    points = Points.of(table)
    axes = (pa.array(a, mask=points.missing) for a in (points.longitude, points.latitude))
    expected = _with_feature(table, table["incident_id"], *axes)
    with reading(PATH), open(folder / PATH, "rb") as stream:
        found = [_rows(lines, table.schema) for lines in _lines(stream)]
    compare(PATH, expected, pa.concat_tables([expected.slice(0, 0), *found]))


def _features(table: pa.Table) -> pa.ChunkedArray:
    points = Points.of(table)
    axes = (pa.array(axis).cast(pa.string()) for axis in (points.longitude, points.latitude))
    coordinates = pc.binary_join_element_wise(*axes, ",")
    point = pc.binary_join_element_wise('{"type":"Point","coordinates":[', coordinates, "]}", "")
    return pc.binary_join_element_wise(
        '{"type":"Feature","id":',
        arrow_json.values(table["incident_id"]),
        ',"geometry":',
        pc.if_else(pa.array(points.missing), "null", point),
        ',"properties":',
        arrow_json.objects(table),
        "}",
        "",
    )


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The features, one on each line and some at a time; what stands around them is checked.

    A line break within a text is written as an escape, so each one in the file ends a feature.
    """
    if stream.readline() != _HEAD:
        raise ValueError("it does not begin as a collection of features")
    lines: list[bytes] = []
    last = b",\n"
    while (line := stream.readline()) not in (_TAIL, b""):
        if not last.endswith(b",\n"):
            raise ValueError("a comma between two features is missing")
        lines.append(line.rstrip(b",\n"))
        last = line
        if len(lines) == _AT_ONCE:
            yield b"\n".join(lines)
            lines = []
    if lines:
        yield b"\n".join(lines)
    if line != _TAIL or stream.read(1) or last.endswith(b"},\n"):
        raise ValueError("it does not end as a collection of features")


def _rows(lines: bytes, schema: pa.Schema) -> pa.Table:
    """Features as rows of the flat table, with what else a feature holds."""
    columns = [(field.name, _parsed(field.type)) for field in schema]
    features = pa.json.read_json(
        io.BytesIO(lines),
        parse_options=pa.json.ParseOptions(
            explicit_schema=pa.schema(
                [
                    ("type", pa.string()),
                    ("id", pa.string()),
                    ("geometry", _GEOMETRY),
                    ("properties", pa.struct(columns)),
                ]
            ),
            unexpected_field_behavior="error",
        ),
    )
    kinds = set(features["type"].to_pylist())
    shapes = set(pc.struct_field(features["geometry"], "type").to_pylist())
    if kinds != {"Feature"} or not shapes <= {"Point", None}:
        raise ValueError("it holds something else than features with a point or none")
    pairs = pc.struct_field(features["geometry"], "coordinates")
    table = pa.table(
        {name: pc.struct_field(features["properties"], name) for name, _ in columns}
    ).cast(schema)
    axes = (pc.list_element(pairs, place) for place in (0, 1))
    return _with_feature(table, features["id"], *axes)


def _with_feature(
    table: pa.Table, ids: pa.ChunkedArray, longitude: pa.ChunkedArray, latitude: pa.ChunkedArray
) -> pa.Table:
    """Rows of the flat table with what else a feature holds, as further columns."""
    for name, values in (("id", ids), ("x", longitude), ("y", latitude)):
        table = table.append_column(f"the feature's {name}", values)
    return table


def _parsed(kind: pa.DataType) -> pa.DataType:
    """The type as which a value is read; Arrow's reader of JSON knows no days."""
    return pa.string() if pa.types.is_date(kind) else kind
