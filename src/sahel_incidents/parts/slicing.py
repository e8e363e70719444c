"""The steps of the work, each on one part or one slice.

A slice is the incidents of one part of their table, and what belongs to them: the rows that name
one of them as theirs, and the records that these rows refer to. `derived.build` needs nothing more
for its rows, since whatever it counts or compares is of one incident.

Where the ids of figures do not ascend with those of their incidents, slices would give rows of
`figures_flat` out of order; such slices are taken together, as a group.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .. import derived, parquet_files, typed_csv
from ..checksums import digest
from ..columns import whole
from ..formats import BrokenArtifactError, compare, reading
from ..package import Package, Table
from ..parquet_files import MEDIA_TYPE, described
from ..release import Artifact, Release
from . import spilling
from .cutting import Part, folder_of, lines, typed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CSV = "text/csv"

Span = tuple[str, str]
"""The least and the greatest key of some rows."""


@dataclass(frozen=True)
class Job:
    """What every step knows.

    Attributes:
        release: what is published, without any rows.
        folder: the release's folder.
        aside: the folder for what is laid aside.
        parts: the parts of each table of the package.
    """

    release: Release
    folder: Path
    aside: Path
    parts: Mapping[str, Sequence[Part]]

    @property
    def package(self) -> Package:
        """The package that is published."""
        return self.release.package

    @property
    def incidents(self) -> Table:
        """The table whose rows are sliced."""
        return self.package.tables[derived.origin_of("incidents_flat")]

    @property
    def figures(self) -> Table:
        """The table whose order the rows of `figures_flat` have."""
        return self.package.tables[derived.origin_of("figures_flat")]

    @cached_property
    def owned(self) -> tuple[str, ...]:
        """The tables of which each row belongs to an incident."""
        column = self.incidents.primary_key[0]
        return tuple(
            table.name
            for table in self.package.tables.values()
            if any(
                (key.field, key.table) == (column, self.incidents.name)
                for key in table.foreign_keys
            )
        )

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The tables to which rows of a slice refer, those that refer to others of them first."""
        reached: dict[str, set[str]] = {}
        waiting = [self.incidents.name, *self.owned]
        while waiting:
            name = waiting.pop(0)
            for key in self.package.tables[name].foreign_keys:
                # What an incident outside the slice refers to is not needed.
                if key.table == name or key.table in self.owned:
                    continue
                if key.table not in reached and key.table != self.incidents.name:
                    waiting.append(key.table)
                reached.setdefault(key.table, set()).add(name)
        order: list[str] = []
        while left := [name for name in reached if name not in order]:
            ready = (name for name in left if not reached[name].intersection(left))
            order.append(next(ready, left[0]))
        return tuple(order)

    def rows_for(self, slice: int, table: str) -> Path:
        """Where the rows of a table are laid aside that a slice needs."""
        return self.aside / "rows" / f"{slice}" / table

    def keys_for(self, table: str, part: int) -> Path:
        """Where the keys are laid aside that slices look for in a part."""
        return self.aside / "keys" / table / f"{part}"


@dataclass(frozen=True)
class Written:
    """What came of a part.

    Attributes:
        artifacts: the files that were written.
        rows: how many rows they hold, by table.
        spans: for each slice the span of its figures in the part.
    """

    artifacts: tuple[Artifact, ...]
    rows: Mapping[str, int]
    spans: Mapping[int, Span]


def write_part(job: Job, part: Part) -> Written:
    """Write a part of a table of the package, and lay its rows aside for the slices they are in.

    Raises:
        ToolError: the table cannot be read.
        BrokenArtifactError: a file does not read back as it was written.
    """
    table = job.package.tables[part.table]
    data = lines(job.package, part)
    path = f"{folder_of(table.path)}/part-{part.number:05}.csv"
    file = job.folder / path
    file.write_bytes(data)
    if file.read_bytes() != data:
        raise BrokenArtifactError(path, "does not read back as it was written")
    rows = typed(table, data)
    if rows.num_rows != part.rows:
        raise BrokenArtifactError(path, f"{rows.num_rows:,} rows, not {part.rows:,}")
    artifacts = (
        _artifact(job, path, f"{table.title}, part {part.number}", _CSV),
        _write_parquet(job, table.name, part.number, rows),
    )
    spans = {}
    if table.name in job.owned:
        for slice, own in _by_slice(job, rows):
            spilling.lay_aside(job.rows_for(slice, table.name), part.number, own)
            if table.name == job.figures.name:
                ends = pc.min_max(own[table.primary_key[0]]).as_py()
                spans[slice] = ends["min"], ends["max"]
    return Written(artifacts, {table.name: rows.num_rows}, spans)


def groups(number: int, spans: Sequence[Mapping[int, Span]]) -> list[range]:
    """The slices that are taken together, so that figures stay in the order of their ids.

    Args:
        number: how many slices there are.
        spans: of each part of the table of figures the spans by slice, as `write_part` tells them.
    """
    least: dict[int, str] = {}
    greatest: dict[int, str] = {}
    for of_part in spans:
        for slice, (low, high) in of_part.items():
            least[slice] = min(low, least.get(slice, low))
            greatest[slice] = max(high, greatest.get(slice, high))
    # The least key in each slice and all after it; None where they have no figures.
    later: list[str | None] = [None] * (number + 1)
    for slice in reversed(range(number)):
        later[slice] = min(
            (key for key in (least.get(slice), later[slice + 1]) if key is not None), default=None
        )
    found, begin, top = [], 0, ""
    for slice in range(number):
        top = max(top, greatest.get(slice, ""))
        following = later[slice + 1]
        if slice + 1 == number or following is None or top < following:
            found.append(range(begin, slice + 1))
            begin = slice + 1
    return found


def ask(job: Job, group: range, table: str) -> None:
    """Lay aside the keys of the records of a table that a group of slices refers to.

    They are laid aside by the parts in which they would stand.
    """
    target = job.package.tables[table]
    wanted = []
    for name in dict.fromkeys((job.incidents.name, *job.owned, *job.asked)):
        columns = [k.field for k in job.package.tables[name].foreign_keys if k.table == table]
        if columns and name != table:
            for rows in _laid_aside(job, group, name, columns):
                wanted += [chunk for column in rows.columns for chunk in column.chunks]
    keys = pa.chunked_array(wanted, pa.string()).unique().drop_null()
    if table == job.incidents.name:
        keys = keys.filter(pc.invert(_inside(job, group, keys)))
    keys = keys.take(pc.sort_indices(keys))
    firsts = [part.first for part in job.parts[table]]
    places = np.array([bisect_right(firsts, key) - 1 for key in keys.to_pylist()], dtype=np.int64)
    for part in np.unique(places[places >= 0]).tolist():
        own = pa.table({target.primary_key[0]: keys.filter(pa.array(places == part))})
        spilling.lay_aside(job.keys_for(table, part), group.start, own)


def answer(job: Job, part: Part) -> None:
    """Lay the records of a part aside for the slices that look for them."""
    folder = job.keys_for(part.table, part.number)
    asking = spilling.names(folder)
    if not asking:
        return
    column = job.package.tables[part.table].primary_key[0]
    rows = _read_parquet(job, part.table, part.number)
    for slice in asking:
        keys = spilling.take(folder, slice)[column]
        own = rows.filter(pc.is_in(rows[column], value_set=whole(keys)))
        spilling.lay_aside(job.rows_for(slice, part.table), part.number, own)


def derive(job: Job, group: range, number: int) -> Written:
    """Work out and write the rows of the derived tables that a group of slices gives.

    Args:
        job: see `Job`.
        group: the slices.
        number: the number of the parts that are written.

    Raises:
        BrokenArtifactError: a file does not read back as it was written.
    """
    made = derive_rows(job, group)
    artifacts = []
    for name, rows in made.items():
        declared = job.release.declared[name]
        path = f"{folder_of(declared.path)}/part-{number:05}.csv"
        typed_csv.write(job.folder / path, rows)
        with reading(path):
            found = typed_csv.read(job.folder / path, rows.schema)
        compare(path, rows, found)
        artifacts.append(_artifact(job, path, f"{declared.title}, part {number}", _CSV))
        artifacts.append(_write_parquet(job, name, number, rows))
    return Written(tuple(artifacts), {name: rows.num_rows for name, rows in made.items()}, {})


def derive_rows(job: Job, group: range) -> dict[str, pa.Table]:
    """The rows of the derived tables that a group of slices gives."""
    tables = {name: _slice(job, group, table) for name, table in job.package.tables.items()}
    made = derived.build(job.package, tables)
    # Incidents outside the group are there only for those inside to refer to.
    name = "incidents_flat"
    ids = made[name][job.release.declared[name].primary_key[0]]
    made[name] = made[name].filter(_inside(job, group, ids))
    return made


def _slice(job: Job, group: range, table: Table) -> pa.Table:
    """The rows of a table that a group of slices needs, in the order of their keys."""
    if table.name == job.incidents.name:
        found = [_read_parquet(job, table.name, part) for part in group]
        found += _extra(job, group, table.name)
    else:
        found = list(_laid_aside(job, group, table.name))
    if not found:
        return typed(table, (",".join(table.columns) + "\n").encode("utf-8"))
    rows = pa.concat_tables(found)
    return rows.sort_by([(column, "ascending") for column in table.primary_key])


def _laid_aside(
    job: Job, group: range, table: str, columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """What is laid aside of a table for a group of slices; of incidents, those in it."""
    if table == job.incidents.name:
        for part in group:
            yield _read_parquet(job, table, part, columns)
        return
    yield from _extra(job, group, table, columns)


def _extra(
    job: Job, group: range, table: str, columns: Sequence[str] | None = None
) -> list[pa.Table]:
    folders = [job.rows_for(slice, table) for slice in group]
    return [
        spilling.take(folder, name, columns)
        for folder in folders
        for name in spilling.names(folder)
    ]


def _by_slice(job: Job, rows: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """The rows of a table of which each belongs to an incident, by slice."""
    ids = whole(rows[job.incidents.primary_key[0]]).dictionary_encode()
    begins = [part.first for part in job.parts[job.incidents.name]][1:]
    slices = np.array(
        [bisect_right(begins, one) for one in ids.dictionary.to_pylist()], dtype=np.int64
    )
    places: NDArray[np.int64] = slices[np.asarray(ids.indices)] if len(slices) else slices
    for slice in np.unique(places).tolist():
        yield slice, rows.filter(pa.array(places == slice))


def _inside(job: Job, group: range, ids: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Whether incidents are those of a group of slices, by their ids."""
    parts = job.parts[job.incidents.name]
    inside = pc.greater_equal(ids, parts[group.start].first)
    if group.stop < len(parts):
        inside = pc.and_(inside, pc.less(ids, parts[group.stop].first))
    return inside


def _write_parquet(job: Job, name: str, number: int, rows: pa.Table) -> Artifact:
    path = _parquet(name, number)
    told = described(replace(job.release, tables={name: rows}, derived={}), name)
    parquet_files.write(job.folder / path, told)
    with reading(path):
        found = parquet_files.read(job.folder / path)
    compare(path, told, found)
    if not found.schema.equals(told.schema, check_metadata=True):
        raise BrokenArtifactError(path, "it does not tell of its columns what is declared")
    title = f"{job.release.declared[name].title}, part {number} (Parquet)"
    return _artifact(job, path, title, MEDIA_TYPE)


def _read_parquet(
    job: Job, name: str, number: int, columns: Sequence[str] | None = None
) -> pa.Table:
    rows = parquet_files.read(job.folder / _parquet(name, number), columns)
    return rows.cast(pa.schema([pa.field(one.name, one.type) for one in rows.schema]))


def _parquet(name: str, number: int) -> str:
    return f"{parquet_folder(name)}/part-{number:05}.parquet"


def parquet_folder(name: str) -> str:
    """Where the Parquet parts of a table lie."""
    return f"parquet/{name}"


def _artifact(job: Job, path: str, title: str, media_type: str) -> Artifact:
    file = job.folder / path
    return Artifact(path, title, media_type, file.stat().st_size, digest(file))
