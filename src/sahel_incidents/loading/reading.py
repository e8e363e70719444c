"""A release read into memory, from the folder or the archive it is in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from ..cells import ARROW_TYPES
from ..history.states import opened
from ..package import DESCRIPTOR, Field, Package, Table
from ..problem import ToolError
from ..typed import read_tables
from .dataset import Dataset
from .finding import Place, manifest_of

_BLOCK_BYTES = 2 << 20  # measured: a quarter faster than 4 MiB and more, and as fast as 1 MiB
_TEXT = pa.large_string()  # as pandas holds it: to widen it later takes as long as to read it
_VOCABULARY = pa.dictionary(pa.int32(), pa.string())


def read(place: Place) -> Dataset:
    """The release at a place.

    Raises:
        ToolError: it cannot be read, or is another version than the one that was asked for.
    """
    with _package(place) as package:
        if place.version and package.version != place.version:
            raise ToolError(
                f"{place.path} is version {package.version}, not {place.version}",
                "get the release again",
            )
        tables = {name: _table(package, table) for name, table in package.tables.items()}
        descriptor = json.loads((package.root / DESCRIPTOR).read_text(encoding="utf-8"))
    return Dataset(package, descriptor, tables, _issued(place.path, descriptor))


@contextmanager
def _package(place: Place) -> Iterator[Package]:
    if place.package is not None:
        yield place.package
        return
    with opened(str(place.path), near=place.path.parent) as state:
        yield state.package


def _issued(path: Path, descriptor: Mapping[str, Any]) -> date:
    """The day of a release: its folder's manifest says it, or the entries of its archive carry it.

    Data that was not published has the day on which the dataset was begun.

    Raises:
        ToolError: neither says a day.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            entries = [one for one in archive.infolist() if one.filename.endswith(DESCRIPTOR)]
            return date(*entries[0].date_time[:3])
    if day := manifest_of(path).get("issued"):
        name, remedy = "issued", "get the release again"
    else:
        name, day = "created", descriptor.get("created")
        remedy = f'say in {DESCRIPTOR} when it was begun: "created": "2026-11-22T00:00:00Z"'
    try:
        return date.fromisoformat(str(day)[:10])
    except ValueError as error:
        raise ToolError(f"{path}: {name} is no day: {json.dumps(day)}", remedy) from error


def _table(package: Package, table: Table) -> pa.Table:
    """A table in Arrow's form, typed as `Dataset` takes it.

    Most of a release is plain enough for Arrow to take the values from the bytes. What is not ("+5"
    is a whole number, too) is read as validation does it, which takes three times as long.
    """
    read_plain = partial(_read_plain, package, table)
    try:
        return read_plain({field.name: _type(field) for field in table.fields})
    except (pa.ArrowInvalid, OSError):
        one = replace(package, tables={table.name: table})
        typed = read_tables(one)[table.name]
    cells = read_plain(dict.fromkeys(table.columns, pa.string()))
    for name in table.columns:
        if typed[name].null_count > cells[name].null_count:
            raise ToolError(f"{table.path}: not all of {name} is sound", "run: incidents validate")
    return typed


def _read_plain(package: Package, table: Table, types: dict[str, pa.DataType]) -> pa.Table:
    with pa.memory_map(str(package.file(table))) as file:
        read = pa.csv.read_csv(
            file,
            read_options=pa.csv.ReadOptions(block_size=_BLOCK_BYTES),
            convert_options=pa.csv.ConvertOptions(
                column_types=types, null_values=list(table.missing_values), strings_can_be_null=True
            ),
        )
    if read.column_names != list(table.columns):
        raise pa.ArrowInvalid("the header does not name the columns in their order")
    return read


def _type(field: Field) -> pa.DataType:
    if field.type == "string":
        return _VOCABULARY if field.categories else _TEXT
    return ARROW_TYPES[field.type]
