"""A package's tables as typed columns, for whoever passes them on: releases and loading.

Validation has its own way of reading, which goes on where a cell is wrong. This one is for data
that is already sound.
"""

from __future__ import annotations

import pyarrow as pa

from . import cells
from .package import Package, Table
from .problem import ToolError
from .tables import read_table


def read_tables(package: Package) -> dict[str, pa.Table]:
    """Each table of a package, its columns in the Arrow type of their field.

    Text is `string`, a whole number `int64`, a number `double`, a day `date32`, a flag `bool`. An
    empty cell is null.

    Raises:
        ToolError: a file is missing or not well formed; `incidents validate` says where.
    """
    return {name: _read(package, table) for name, table in package.tables.items()}


def _read(package: Package, table: Table) -> pa.Table:
    reading = read_table(package, table)
    if reading.text is None or reading.problems:
        raise ToolError(f"{table.path} is not sound", "run: incidents validate")
    columns = [
        cells.typed(field, reading.text[field.name], table.missing_values) for field in table.fields
    ]
    return pa.table(columns, names=list(table.columns))
