"""The flat, Parquet and geographic formats: written, checked, and read by other programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import _duckdb
import duckdb
import jsonschema
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents import arrow_json, derived, formats, typed_csv
from sahel_incidents.formats import (
    BrokenArtifactError,
    flat,
    flat_hxl,
    ged,
    geojson,
    geoparquet,
    parquet,
)
from sahel_incidents.release import Release
from sahel_incidents.typed import read_tables

ROOT = Path(__file__).parents[2]
EACH = (flat, flat_hxl, ged, geojson, geoparquet, parquet)

HOSTILE = [
    '"quoted", and, more "',
    "</script><script>alert(1)</script>",
    "back\\slash \\n \\u0041",
    "l'été à Ménaka — ⵣ 𞤀𞤣𞤤𞤢𞤥 😀",
    "a\u2028b",
    ";,;",
    "x" * 5000,
    "null",
    "NaN",
    "007",
    "true",
    "2025-01-01",
    "{}",
]


@pytest.fixture(scope="module")
def hostile(
    shipped: Release, changed: Callable[[Mapping[str, Mapping[str, pa.Array]]], Release]
) -> Release:
    """Cells that break careless writers, in the texts of incidents, places, actors and sources."""
    columns: dict[str, dict[str, pa.Array]] = {}
    for name, column in (
        ("incidents", "title"),
        ("places", "name"),
        ("actors", "name"),
        ("sources", "title"),
        ("casualties", "said_by"),
        ("casualties", "note"),
    ):
        rows = range(shipped.tables[name].num_rows)
        texts = pa.array([HOSTILE[row % len(HOSTILE)] for row in rows], pa.string())
        columns.setdefault(name, {})[column] = texts
    return changed(columns)


@pytest.fixture(params=["shipped", "hostile", "bare"])
def any_release(request: pytest.FixtureRequest) -> Release:
    found: Release = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("module", EACH, ids=lambda module: module.TITLE)
def test_what_is_written_reads_back_as_the_same(
    module: ModuleType, any_release: Release, tmp_path: Path
) -> None:
    written = module.write(any_release, tmp_path)
    module.check(any_release, tmp_path)
    there = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert there == {one.path for one in written}
    for one in written:
        assert one.title
        assert "/" in one.media_type


@pytest.mark.parametrize("module", EACH, ids=lambda module: module.TITLE)
def test_the_same_release_gives_the_same_bytes(
    module: ModuleType, shipped: Release, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    paths = [one.path for one in module.write(shipped, tmp_path / "one")]
    tables = read_tables(shipped.package)
    again = replace(shipped, tables=tables, derived=derived.build(shipped.package, tables))
    module.write(again, tmp_path / "two")
    for path in paths:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def _cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def _altered(file: Path) -> None:
    content = file.read_bytes()
    places = [at for at in range(len(content)) if content[at : at + 1].isdigit()]
    middle = places[len(places) // 2]
    digit = b"8" if content[middle : middle + 1] != b"8" else b"3"
    file.write_bytes(content[:middle] + digit + content[middle + 1 :])


def _without_a_line(file: Path) -> None:
    lines = file.read_bytes().split(b"\n")
    file.write_bytes(b"\n".join(lines[:3] + lines[4:]))


def _lines_swapped(file: Path) -> None:
    lines = file.read_bytes().split(b"\n")
    lines[3], lines[4] = lines[4], lines[3]
    file.write_bytes(b"\n".join(lines))


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [_cut_short, _emptied, Path.unlink])
@pytest.mark.parametrize("module", EACH, ids=lambda module: module.TITLE)
def test_a_damaged_file_is_noticed_and_named(
    module: ModuleType, damage: Callable[[Path], None], shipped: Release, tmp_path: Path
) -> None:
    for one in module.write(shipped, tmp_path):
        whole = (tmp_path / one.path).read_bytes()
        damage(tmp_path / one.path)
        with pytest.raises(BrokenArtifactError) as caught:
            module.check(shipped, tmp_path)
        assert caught.value.message.startswith(one.path)
        assert caught.value.remedy
        (tmp_path / one.path).write_bytes(whole)


@pytest.mark.parametrize("damage", [_altered, _without_a_line, _lines_swapped])
@pytest.mark.parametrize("module", [flat, flat_hxl, ged, geojson], ids=lambda one: one.TITLE)
def test_a_changed_text_is_noticed_and_named(
    module: ModuleType, damage: Callable[[Path], None], shipped: Release, tmp_path: Path
) -> None:
    for one in module.write(shipped, tmp_path):
        whole = (tmp_path / one.path).read_bytes()
        damage(tmp_path / one.path)
        with pytest.raises(BrokenArtifactError) as caught:
            module.check(shipped, tmp_path)
        assert caught.value.message.startswith(one.path)
        (tmp_path / one.path).write_bytes(whole)
    module.check(shipped, tmp_path)


@pytest.mark.parametrize("module", [parquet, geoparquet], ids=lambda one: one.TITLE)
@pytest.mark.parametrize("change", ["value", "type", "rows", "order", "columns", "metadata"])
def test_a_changed_table_is_noticed_and_named(
    module: ModuleType, change: str, shipped: Release, tmp_path: Path
) -> None:
    path = module.write(shipped, tmp_path)[0].path
    table = pq.read_table(tmp_path / path)
    place = table.column_names.index("title")
    changed = {
        "value": lambda: table.set_column(place, table.field(place), pc.utf8_upper(table["title"])),
        "type": lambda: table.set_column(place, "title", table["title"].cast(pa.large_string())),
        "rows": lambda: table.slice(1),
        "order": lambda: table.take(list(range(table.num_rows))[::-1]),
        "columns": lambda: table.drop_columns("title"),
        "metadata": lambda: table.replace_schema_metadata({}),
    }[change]()
    pq.write_table(changed, tmp_path / path)
    with pytest.raises(BrokenArtifactError) as caught:
        module.check(shipped, tmp_path)
    assert caught.value.message.startswith(path)


def test_the_first_row_that_differs_is_named(shipped: Release) -> None:
    table = shipped.derived["figures_flat"]
    texts = table["note"].to_pylist()
    texts[41] = "altered"
    place = table.column_names.index("note")
    other = table.set_column(place, "note", pa.chunked_array([texts], pa.string()))
    with pytest.raises(BrokenArtifactError, match=r"note differs in row 42$"):
        formats.compare("flat/figures_flat.csv", table, other)


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def as_text(table: pa.Table) -> list[list[str]]:
    texts = (column.cast(pa.string()).fill_null("") for column in table.columns)
    columns = [text.to_pylist() for text in texts]
    return [list(row) for row in zip(*columns, strict=True)]


def test_the_flat_tables_are_plain_csv(any_release: Release, tmp_path: Path) -> None:
    for one in flat.write(any_release, tmp_path):
        content = (tmp_path / one.path).read_bytes()
        table = any_release.derived[Path(one.path).stem]
        assert b"\r" not in content
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\n")
        assert content.count(b"\n") == table.num_rows + 1
        lines = list(csv.reader(content.decode("utf-8").split("\n")[:-1], strict=True))
        assert lines == [table.column_names, *as_text(table)]


def test_other_programs_read_the_flat_tables(any_release: Release, tmp_path: Path) -> None:
    for one in flat.write(any_release, tmp_path):
        table, file = any_release.derived[Path(one.path).stem], tmp_path / one.path
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        assert list(frame.columns) == table.column_names
        assert frame.to_numpy().tolist() == as_text(table)
        read = pl.read_csv(file, infer_schema=False).fill_null("")
        assert [list(row) for row in read.rows()] == as_text(table)
        found = duckdb.sql(f"select * from read_csv('{file}', header=true, all_varchar=true)")
        shown = [["" if cell is None else cell for cell in row] for row in found.fetchall()]
        assert shown == as_text(table)


def test_the_line_of_tags_stands_below_the_header(shipped: Release, tmp_path: Path) -> None:
    for one in flat_hxl.write(shipped, tmp_path):
        header, tags, *rows = (tmp_path / one.path).read_text(encoding="utf-8").splitlines()
        assert len(header.split(",")) == len(tags.split(","))
        assert all(tag.startswith("#") for tag in tags.split(","))
        assert rows


def test_formats_of_an_option_are_left_out_unless_asked_for() -> None:
    assert "flat_hxl" not in formats.load()
    assert "flat_hxl" in formats.load({"hxl"})
    assert {"flat", "parquet", "geojson", "geoparquet", "ged"} <= formats.load().keys()


def test_other_programs_read_the_parquet_files(any_release: Release, tmp_path: Path) -> None:
    parquet.write(any_release, tmp_path)
    for name, table in any_release.every_table.items():
        file = tmp_path / f"parquet/{name}.parquet"
        assert pl.read_parquet(file).to_dicts() == rows_of(table)
        found = duckdb.sql(f"select * from '{file}'")
        assert found.columns == table.column_names
        assert [tuple(row.values()) for row in rows_of(table)] == found.fetchall()


def test_a_parquet_file_tells_what_its_columns_mean(shipped: Release, tmp_path: Path) -> None:
    parquet.write(shipped, tmp_path)
    schema = pq.read_schema(tmp_path / "parquet/casualties.parquet")
    assert schema.metadata[b"version"] == shipped.version.encode()
    assert schema.metadata[b"licence"] == b"CC-BY-4.0"
    assert schema.field("low").metadata[b"unit"] == b"people"
    assert schema.field("low").metadata[b"title"]
    vocabulary = json.loads(schema.field("harm").metadata[b"vocabulary"])
    declared = shipped.declared["casualties"].field("harm")
    assert [one["value"] for one in vocabulary] == list(declared.vocabulary)
    assert all(one["description"] for one in vocabulary)
    sources = pq.read_schema(tmp_path / "parquet/sources.parquet")
    assert sources.field("published_on").type == pa.date32()


def features(file: Path) -> Iterator[dict[str, Any]]:
    collection = json.loads(file.read_bytes())
    assert collection["type"] == "FeatureCollection"
    yield from collection["features"]


def test_geojson_holds_every_incident(any_release: Release, tmp_path: Path) -> None:
    geojson.write(any_release, tmp_path)
    table = any_release.derived["incidents_flat"]
    expected = rows_of(table)
    found = list(features(tmp_path / geojson.PATH))
    assert len(found) == len(expected)
    for feature, row in zip(found, expected, strict=True):
        assert feature["type"] == "Feature"
        assert feature["id"] == row["incident_id"]
        told = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in row.items()
            if value is not None
        }
        assert feature["properties"] == told
        if row["latitude"] is None:
            assert feature["geometry"] is None
        else:
            point = {"type": "Point", "coordinates": [row["longitude"], row["latitude"]]}
            assert feature["geometry"] == point


def test_pyogrio_reads_the_geojson(shipped: Release, tmp_path: Path) -> None:
    geojson.write(shipped, tmp_path)
    table = shipped.derived["incidents_flat"]
    told, _, points, columns = pyogrio.raw.read(tmp_path / geojson.PATH)
    assert told["crs"] == "EPSG:4326"  # as GDAL calls the system of RFC 7946
    assert told["geometry_type"] == "Point"
    read = dict(zip(told["fields"], columns, strict=True))
    assert read["incident_id"].tolist() == table["incident_id"].to_pylist()
    assert_points(table, points)


def assert_points(table: pa.Table, wkb: Any) -> None:
    found = shapely.from_wkb(wkb)
    for name, axis in (("longitude", shapely.get_x(found)), ("latitude", shapely.get_y(found))):
        expected = np.asarray(table[name].fill_null(float("nan")))
        np.testing.assert_array_equal(axis, expected)


def test_the_geoparquet_file_keeps_to_the_standard(any_release: Release, tmp_path: Path) -> None:
    geoparquet.write(any_release, tmp_path)
    file = pq.ParquetFile(tmp_path / geoparquet.PATH)
    told = json.loads(file.schema_arrow.metadata[b"geo"])
    profile = ROOT / "tests/profiles/geoparquet-1.1.0.json"
    jsonschema.validate(told, json.loads(profile.read_text(encoding="utf-8")))
    leaves = {file.schema.column(n).path: file.schema.column(n) for n in range(len(file.schema))}
    assert leaves["geometry"].physical_type == "BYTE_ARRAY"
    assert leaves["geometry"].max_repetition_level == 0
    for end in ("xmin", "ymin", "xmax", "ymax"):
        assert leaves[f"bbox.{end}"].physical_type == "DOUBLE"
    table = file.read()
    assert_points(any_release.derived["incidents_flat"], table["geometry"].to_pylist())
    boxes = table["bbox"].to_pylist()
    for row, box in zip(rows_of(any_release.derived["incidents_flat"]), boxes, strict=True):
        x, y = row["longitude"], row["latitude"]
        assert box == (None if x is None else {"xmin": x, "ymin": y, "xmax": x, "ymax": y})


def test_pyogrio_reads_the_geoparquet_file(shipped: Release, tmp_path: Path) -> None:
    geoparquet.write(shipped, tmp_path)
    table = shipped.derived["incidents_flat"]
    # GDAL in pyogrio's wheel reads Parquet through DuckDB, whose library it has to be shown.
    told, _, points, columns = pyogrio.raw.read(
        f"ADBC:{tmp_path / geoparquet.PATH}", ADBC_DRIVER=_duckdb.__file__
    )
    assert (told["crs"], told["geometry_type"]) == ("EPSG:4326", "Point")
    read = dict(zip(told["fields"], columns, strict=True))
    assert read["incident_id"].tolist() == table["incident_id"].to_pylist()
    assert_points(table, points)


def test_an_incident_without_a_point_is_there_without_one(shipped: Release, tmp_path: Path) -> None:
    table = shipped.derived["incidents_flat"]
    assert table["latitude"].null_count
    geojson.write(shipped, tmp_path)
    without = [one for one in features(tmp_path / geojson.PATH) if one["geometry"] is None]
    assert len(without) == table["latitude"].null_count


CELLS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
@settings(deadline=None)
def test_any_text_survives_as_json(rows: list[tuple[str | None, str | None]]) -> None:
    texts = (pa.array(list(column), pa.string()) for column in zip(*rows, strict=True))
    table = pa.table(list(texts), names=['a "name"', "ô"])
    for row, told in zip(rows_of(table), arrow_json.objects(table).to_pylist(), strict=True):
        assert "\n" not in told
        read = json.loads(told)
        assert {name: read.get(name) for name in row} == row


LINES = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0")


@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(LINES, min_size=1)),
            st.one_of(st.none(), st.integers(-(10**18), 10**18)),
            st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
            st.one_of(st.none(), st.dates()),
            st.one_of(st.none(), st.booleans()),
        ),
        max_size=8,
    )
)
@settings(deadline=None)
def test_any_value_survives_as_csv(tmp_path_factory: Any, rows: list[tuple[Any, ...]]) -> None:
    schema = pa.schema(
        {"t": pa.string(), "i": pa.int64(), "n": pa.float64(), "d": pa.date32(), "b": pa.bool_()}
    )
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * len(schema)
    table = pa.table([pa.array(c, k) for c, k in zip(columns, schema.types, strict=True)], schema)
    file = tmp_path_factory.mktemp("csv") / "table.csv"
    typed_csv.write(file, table, below_header=["#t"] * len(schema))
    assert typed_csv.read(file, schema, below_header=True).to_pylist() == table.to_pylist()


def test_only_the_derived_tables_are_needed_for_the_flat_ones(
    shipped: Release, tmp_path: Path
) -> None:
    flat.write(replace(shipped, tables={}), tmp_path)
    flat.check(shipped, tmp_path)
