"""A release whose tables are written in parts, for packages that no memory holds.

A part is so many rows of a table, as a CSV file with its header and as a Parquet file. The tables
of the package are cut by rows. The derived tables are worked out slice by slice: the incidents of a
slice, the rows that belong to them and the records that these refer to are a small package, and
what is derived from it are just the rows of the slice.

1. Each table is cut (`cutting`), and each part is written by itself; the rows that belong to
   incidents are laid aside by slice (`slicing.write_part`).
2. Table by table, each slice says which records it refers to (`slicing.ask`), and each part of that
   table lays them aside for it (`slicing.answer`).
3. Each slice's derived tables are worked out and written (`slicing.derive`).

Every step is a function of its arguments, which finds its files in the folder that all share, so
any number of workers give the same bytes (`workers`). None holds more than a part or a slice.
"""

from __future__ import annotations

from .assembling import assemble
from .workers import Pool, workers
from .writing import Made, write

__all__ = ("Made", "Pool", "assemble", "workers", "write")
