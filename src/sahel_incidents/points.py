"""Where incidents lie: the points of the places that they name, WGS 84, in degrees."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WKB = np.dtype([("order", "u1"), ("kind", "<u4"), ("longitude", "<f8"), ("latitude", "<f8")])
_LITTLE_ENDIAN, _POINT = 1, 1

GEOMETRY, BOX = "geometry", "bbox"
"""What the columns of a GeoParquet file are called that hold the points."""


@dataclass(frozen=True)
class Points:
    """Points, in arrays of one length.

    Attributes:
        longitude: degrees east; NaN where there is no point.
        latitude: degrees north; NaN where there is no point.
    """

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]

    @classmethod
    def of(cls, table: pa.Table) -> Points:
        """The points in a table's columns `longitude` and `latitude`."""
        longitude, latitude = (
            np.asarray(table[name].fill_null(float("nan"))) for name in ("longitude", "latitude")
        )
        return cls(longitude, latitude)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where there is no point."""
        missing: NDArray[np.bool_] = np.isnan(self.longitude) | np.isnan(self.latitude)
        return missing

    def wkb(self) -> pa.Array:
        """The points as well-known binary (OGC 06-103r4); null where there is none."""
        there = ~self.missing
        values = np.zeros(int(there.sum()), dtype=_WKB)
        values["order"], values["kind"] = _LITTLE_ENDIAN, _POINT
        values["longitude"], values["latitude"] = self.longitude[there], self.latitude[there]
        offsets = np.concatenate([[0], np.cumsum(there) * _WKB.itemsize]).astype(np.int32)
        valid = np.packbits(there, bitorder="little").tobytes()
        return pa.Array.from_buffers(
            pa.binary(),
            len(there),
            [pa.py_buffer(valid), pa.py_buffer(offsets.tobytes()), pa.py_buffer(values.tobytes())],
        )

    def boxes(self) -> pa.Array:
        """The bounding box of each point, as GeoParquet 1.1 has it; null where there is none."""
        x, y = self.longitude, self.latitude
        ends = {"xmin": x, "ymin": y, "xmax": x, "ymax": y}
        missing = self.missing
        parts = [pa.array(values, mask=missing) for values in ends.values()]
        return pa.StructArray.from_arrays(parts, names=list(ends), mask=pa.array(missing))

    def extent(self) -> list[float]:
        """Western, southern, eastern and northern limit; empty where there is no point."""
        there = ~self.missing
        if not there.any():
            return []
        longitude, latitude = self.longitude[there], self.latitude[there]
        limits = (longitude.min(), latitude.min(), longitude.max(), latitude.max())
        return [float(limit) for limit in limits]

    def geoparquet(self) -> str:
        """What a GeoParquet 1.1 file (https://geoparquet.org) tells of its columns, as JSON.

        No coordinate reference system is named: then it is OGC:CRS84, longitude before latitude.
        """
        extent = self.extent()
        column = {
            "encoding": "WKB",
            "geometry_types": ["Point"],
            "covering": {BOX: {end: [BOX, end] for end in ("xmin", "ymin", "xmax", "ymax")}},
            **({"bbox": extent} if extent else {}),
        }
        return json.dumps(
            {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
        )
