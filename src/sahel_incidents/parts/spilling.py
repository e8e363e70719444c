"""Rows laid aside on the disk for later steps, one file for each step that laid some aside.

Files lie in the folder of what is to read them, so that it finds all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")


def lay_aside(folder: Path, name: int, rows: pa.Table) -> None:
    """Write rows into a folder, which is made if need be.

    Args:
        folder: for whom.
        name: the number of what lays them aside; the rows are read in the order of these numbers.
        rows: the rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with pa.ipc.new_file(folder / f"{name:09}.arrow", rows.schema, options=_OPTIONS) as writer:
        writer.write_table(rows)


def names(folder: Path) -> list[int]:
    """The numbers of all that laid rows aside in a folder, ascending."""
    return sorted(int(path.stem) for path in folder.glob("*.arrow"))


def take(folder: Path, name: int, columns: Sequence[str] | None = None) -> pa.Table:
    """What one has laid aside; of all columns, or of some."""
    with pa.OSFile(str(folder / f"{name:09}.arrow")) as file:
        included = None
        if columns is not None:
            schema = pa.ipc.open_file(file).schema
            included = [schema.get_field_index(column) for column in columns]
        options = pa.ipc.IpcReadOptions(included_fields=included)
        return pa.ipc.open_file(file, options=options).read_all()
