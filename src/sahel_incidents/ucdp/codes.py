"""Numbers by which UCDP names countries and cells of the ground."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

GLEDITSCH_WARD = {
    "MLI": 432, "SEN": 433, "BEN": 434, "MRT": 435, "NER": 436, "CIV": 437, "GIN": 438, "BFA": 439,
    "GHA": 452, "TGO": 461, "NGA": 475, "TCD": 483, "DZA": 615, "LBY": 620,
}  # fmt: skip
"""Gleditsch, K. S. and Ward, M. D. (1999), International Interactions 25(4), as UCDP uses it."""

_CELL, _CELLS_IN_A_ROW = 0.5, 720  # of PRIO-GRID, in degrees


def priogrid(latitude: pa.Array, longitude: pa.Array) -> pa.Array:
    """The number of the cell of PRIO-GRID that holds each point; null without a point."""
    missing = np.asarray(latitude.is_null()) | np.asarray(longitude.is_null())
    north, east = (np.asarray(axis.fill_null(0.0)) for axis in (latitude, longitude))
    rows = np.floor((north + 90) / _CELL) * _CELLS_IN_A_ROW
    cells = rows + np.floor((east + 180) / _CELL) + 1
    return pa.array(cells.astype(np.int64), mask=missing)
