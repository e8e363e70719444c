"""A release in the tools that researchers use, without our code: each reads what the others do."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import _duckdb
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyogrio
import pytest
import shapely
from datasette.app import Datasette

import sahel_incidents as si

FLAT = ("incidents_flat", "figures_flat", "estimates")


@pytest.fixture(scope="module")
def ds(release: Path) -> si.Dataset:
    return si.load(release)


def path_of(release: Path, ds: si.Dataset, table: str) -> Path:
    return release / ds.declared(table).path


def missing(frame: pd.DataFrame) -> dict[str, int]:
    return {str(name): int(count) for name, count in frame.isna().sum().items()}


def killed(ds: si.Dataset) -> int:
    """What the tools below are asked: the sum of all exact tolls, a number that means nothing."""
    exact = ds.casualties[ds.casualties["qualifier"] == "exact"]
    return int(exact["value"].sum())


def test_pandas_reads_every_table_with_the_options_told(release: Path, ds: si.Dataset) -> None:
    options: Any = {"dtype": "string", "keep_default_na": False, "na_values": [""]}
    for table in ds.tables:
        read = pd.read_csv(path_of(release, ds, table), **options)
        assert list(read.columns) == list(ds[table].columns)
        assert missing(read) == missing(ds[table]), table


def test_pandas_reads_parquet(release: Path, ds: si.Dataset) -> None:
    for table in ds.tables:
        read = pd.read_parquet(release / "parquet" / f"{table}.parquet")
        assert missing(read) == missing(ds[table]), table


def test_polars_reads_csv_and_parquet(release: Path, ds: si.Dataset) -> None:
    for table in ds.tables:
        counts = missing(ds[table])
        csv = pl.read_csv(path_of(release, ds, table), infer_schema=False)
        parquet = pl.read_parquet(release / "parquet" / f"{table}.parquet")
        for read in (csv, parquet, pl.from_arrow(ds.arrow(table))):
            assert isinstance(read, pl.DataFrame)
            assert read.null_count().row(0, named=True) == counts, table
    figures = pl.read_parquet(release / "parquet" / "casualties.parquet")
    exact = figures.filter(pl.col("qualifier") == "exact")
    assert exact["value"].sum() == killed(ds)


def test_duckdb_reads_csv_and_parquet(release: Path, ds: si.Dataset) -> None:
    with duckdb.connect() as database:
        for table in ds.tables:
            csv = path_of(release, ds, table)
            parquet = release / "parquet" / f"{table}.parquet"
            for source in (f"read_csv('{csv}')", f"'{parquet}'"):
                found = database.sql(f"SELECT count(*) FROM {source}").fetchall()
                assert found == [(len(ds[table]),)], source
        query = f"""
            SELECT sum(value), count(DISTINCT country)
            FROM '{release}/parquet/casualties.parquet'
            JOIN '{release}/parquet/incidents.parquet' USING (incident_id)
            WHERE qualifier = 'exact'"""
        assert database.sql(query).fetchall() == [(killed(ds), countries(ds))]


def countries(ds: si.Dataset) -> int:
    return int(ds.figures[ds.figures["qualifier"] == "exact"]["country"].nunique())


def test_datasette_opens_the_database(release: Path, ds: si.Dataset) -> None:
    (file,) = release.glob("*.sqlite")
    name = file.stem

    async def ask() -> dict[str, Any]:
        served = Datasette([], immutables=[str(file)])
        await served.invoke_startup()
        answers = {}
        for table in ds.tables:
            page = await served.client.get(f"/{name}/{table}")
            assert page.status_code == 200, table
            rows = await served.client.get(f"/{name}/{table}.json?_shape=array&_size=max")
            answers[table] = rows.json()
        return answers

    for table, rows in asyncio.run(ask()).items():
        expected = ds[table].head(1000)
        assert len(rows) == len(expected), table
        empty = {name: sum(row[name] is None for row in rows) for name in expected.columns}
        assert empty == missing(expected), table


@pytest.mark.parametrize("name", ["incidents.geojson", "incidents.parquet"])
def test_pyogrio_reads_the_points(release: Path, ds: si.Dataset, name: str) -> None:
    file: Any = release / "geo" / name
    options = {}
    if name.endswith(".parquet"):
        # GDAL as pyogrio brings it along reads Parquet through DuckDB, and is told where that is.
        file, options = f"ADBC:{file}", {"ADBC_DRIVER": _duckdb.__file__}
    told, _, points, columns = pyogrio.raw.read(file, **options)
    read = dict(zip(told["fields"], columns, strict=True))
    flat = ds.incidents_flat
    assert list(read["incident_id"]) == list(flat["incident_id"])
    found = shapely.from_wkb(points)
    np.testing.assert_array_equal(shapely.get_x(found), flat["longitude"].to_numpy())
    np.testing.assert_array_equal(shapely.get_y(found), flat["latitude"].to_numpy())


def test_the_folder_is_a_data_package_for_anybody(release: Path, ds: si.Dataset) -> None:
    descriptor = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    for resource in descriptor["resources"]:
        assert len(pd.read_csv(release / resource["path"])) == len(ds[resource["name"]])
