"""The incidents in the columns of UCDP GED."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sahel_incidents import cells, derived
from sahel_incidents.descriptor import open_package
from sahel_incidents.formats import ged
from sahel_incidents.geography import admin1_names
from sahel_incidents.release import Release
from sahel_incidents.typed import read_tables
from sahel_incidents.ucdp.columns import COLUMNS, crosswalk, left_out
from sahel_incidents.ucdp.events import events

ROOT = Path(__file__).parents[2]
PACKAGE = open_package(ROOT)

# The header of UCDP's country downloads.
HEADER = (
    "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,"
    "conflict_name,dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,"
    "side_b_dset_id,side_b_new_id,side_b,number_of_sources,source_article,source_office,"
    "source_date,source_headline,source_original,where_prec,where_coordinates,where_description,"
    "adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,region,event_clarity,"
    "date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low"
)

Rows = Mapping[str, list[dict[str, str]]]


def release(rows: Rows | None = None) -> Release:
    """A release of the shipped data, or of some rows in place of all of it."""
    tables = read_tables(PACKAGE) if rows is None else typed(rows)
    return Release(
        package=PACKAGE,
        descriptor=json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8")),
        issued=date(2026, 11, 22),
        commit="0" * 40,
        tables=tables,
        derived=derived.build(PACKAGE, tables),
        declared={**PACKAGE.tables, **derived.declared(PACKAGE)},
    )


def typed(rows: Rows) -> dict[str, pa.Table]:
    tables = {}
    for name, table in PACKAGE.tables.items():
        own = rows.get(name, [])
        columns = []
        for field in table.fields:
            text = pa.chunked_array([[row.get(field.name, "") for row in own]], pa.string())
            columns.append(cells.typed(field, text, ("",)))
        tables[name] = pa.table(columns, names=list(table.columns))
    return tables


ACTORS = {
    "army": "state_force",
    "barkhane": "foreign_force",
    "group": "non_state_armed_group",
    "hunters": "militia",
    "nobody": "unidentified",
    "reporters": "media",
    "villagers": "civilians",
}


def incident(**given: str) -> dict[str, str]:
    return {
        "incident_id": "MLI-2025-01-01-a",
        "status": "active",
        "title": "A, 1 January 2025: attack",
        "date_start": "2025-01-01",
        "date_end": "2025-01-01",
        "date_precision": "day",
        "country": "MLI",
        "admin1": "ML-5",
        "place_id": "mli-a",
        "place_precision": "exact",
        "event_type": "ambush",
    } | given


def event(
    attackers: tuple[str, ...] = (),
    targets: tuple[str, ...] = (),
    figures: tuple[dict[str, str], ...] = (),
    place: Mapping[str, str] | None = None,
    **given: str,
) -> dict[str, Any]:
    """The event of one incident."""
    own = {"incident_id": "MLI-2025-01-01-a", "source_id": "news"}
    parties = [
        {**own, "actor_id": actor, "role": role}
        for role, actors in (("attacker", attackers), ("target", targets))
        for actor in actors
    ]
    told = {"harm": "killed", "qualifier": "exact", "confirmation": "unconfirmed", "said_by": "x"}
    rows: Rows = {
        "incidents": [incident(**given)],
        "places": [{"place_id": "mli-a", "name": "A", **(place or {})}],
        "actors": [{"actor_id": i, "name": i.title(), "kind": k} for i, k in ACTORS.items()],
        "sources": [{"source_id": "news", "publisher": "P", "title": "T", "kind": "news"}],
        "participants": parties,
        "casualties": [
            {**own, **told, "casualty_id": f"MLI-2025-01-01-a-f{n:02}", **one}
            for n, one in enumerate(figures)
        ],
    }
    [row] = events(release(rows)).to_pylist()
    found: dict[str, Any] = row
    return found


def killed(number: int, victims: str) -> dict[str, str]:
    return {**dict.fromkeys(("value", "low", "high"), str(number)), "victims": victims}


def test_the_columns_are_those_of_ucdp(tmp_path: Path) -> None:
    ged.write(release(), tmp_path)
    assert (tmp_path / ged.PATH).read_text(encoding="utf-8").split("\n")[0] == HEADER
    assert ",".join(column.name for column in COLUMNS) == HEADER


def test_types_are_as_declared() -> None:
    table = events(release())
    for column in COLUMNS:
        assert table.schema.field(column.name).type == cells.ARROW_TYPES[column.type], column.name
        assert bool(column.filled) == (table[column.name].null_count < table.num_rows)


def test_the_page_tells_what_the_code_does() -> None:
    page = (ROOT / "docs/ged.md").read_text(encoding="utf-8")
    assert crosswalk() in page, "put ucdp.columns.crosswalk() into docs/ged.md"
    assert left_out() in page, "put ucdp.columns.left_out() into docs/ged.md"


def test_candidates_and_operations_are_left_out() -> None:
    shipped = release()
    flat = shipped.derived["incidents_flat"].to_pylist()
    operations = {row["incident_id"] for row in flat if row["event_type"] == "operation"}
    assert operations
    found = events(shipped)["relid"].to_pylist()
    reviewed = [r["incident_id"] for r in flat if r["status"] == "active"]
    assert found == [id for id in reviewed if id not in operations]
    assert events(release({"incidents": [incident(status="candidate")]})).num_rows == 0


def test_an_id_is_a_number_that_stays() -> None:
    assert event()["id"] == 1124696286192403
    ids = events(release())["id"].to_pylist()
    assert len(set(ids)) == len(ids)
    assert max(ids) < 2**52


@pytest.mark.parametrize(
    ("attackers", "targets", "kind", "side_a", "side_b"),
    [
        (("group",), ("army",), 1, "Army", "Group"),
        (("army",), ("group",), 1, "Army", "Group"),
        (("group",), ("army", "barkhane", "villagers"), 1, "Army; Barkhane", "Group"),
        (("nobody",), ("army",), 1, "Army", "Nobody"),
        (("barkhane",), ("group",), 1, "Barkhane", "Group"),
        (("group",), ("hunters",), 2, "Group", "Hunters"),
        (("group",), ("hunters", "villagers"), 2, "Group", "Hunters"),
        (("army",), ("villagers",), 3, "Army", "Civilians"),
        (("group", "hunters"), ("reporters", "villagers"), 3, "Group; Hunters", "Civilians"),
        (("group",), (), None, "Group", None),
        ((), ("army",), None, "Army", None),
        ((), (), None, None, None),
    ],
)
def test_sides_and_type_of_violence(
    attackers: tuple[str, ...],
    targets: tuple[str, ...],
    kind: int | None,
    side_a: str | None,
    side_b: str | None,
) -> None:
    told = event(attackers, targets)
    assert (told["type_of_violence"], told["side_a"], told["side_b"]) == (kind, side_a, side_b)
    both = f"{side_a} - {side_b}" if side_a and side_b else None
    assert told["dyad_name"] == both


@pytest.mark.parametrize(
    ("precision", "start", "end", "expected"),
    [
        ("day", "2025-01-01", "2025-01-01", 1),
        ("day", "2025-01-01", "2025-01-03", 1),
        ("approximate", "2025-01-01", "2025-01-06", 2),
        ("approximate", "2025-01-01", "2025-01-07", 3),
        ("approximate", "2025-01-01", "2025-01-31", 4),
        ("approximate", "2025-01-01", "2025-02-02", 5),
        ("month", "2024-12-01", "2024-12-31", 4),
        ("month", "2024-12-01", "2025-01-31", 5),
        ("year", "2025-01-01", "2025-12-31", 5),
    ],
)
def test_date_precision(precision: str, start: str, end: str, expected: int) -> None:
    told = event(date_precision=precision, date_start=start, date_end=end)
    assert told["date_prec"] == expected
    assert (str(told["date_start"]), str(told["date_end"])) == (start, end)
    assert told["year"] == int(start[:4])


@pytest.mark.parametrize(
    ("latitude", "longitude", "cell"),
    # As UCDP GED has them, for Ouagadougou, Djibo and Gao.
    [
        ("12.370278", "-1.524722", 147237),
        ("14.0994", "-1.62554", 150117),
        ("16.271667", "-0.044722", 153000),
    ],
)
def test_places(latitude: str, longitude: str, cell: int) -> None:
    told = event(place={"latitude": latitude, "longitude": longitude}, place_precision="near")
    assert told["priogrid_gid"] == cell
    assert told["geom_wkt"] == f"POINT ({longitude} {latitude})"
    assert (told["where_prec"], told["adm_1"]) == (2, admin1_names()["ML-5"])
    assert (told["country"], told["country_id"]) == ("Mali", 432)


def test_a_place_without_coordinates() -> None:
    told = event()
    assert [told[n] for n in ("latitude", "longitude", "geom_wkt", "priogrid_gid")] == [None] * 4


def test_every_country_has_its_number() -> None:
    for category in PACKAGE.tables["incidents"].field("country").categories:
        told = event(country=category.value)
        assert told["country"] == category.label
        assert told["country_id"], category.value


def test_deaths_are_never_added_up() -> None:
    figures = (killed(5, "civilian"), killed(9, "non_state_armed_group"), killed(40, "state_force"))
    told = event(("group",), ("army",), figures)
    assert [told[n] for n in ("deaths_a", "deaths_b", "deaths_civilians")] == [40, 9, 5]
    assert [told[n] for n in ("best", "high", "low", "deaths_unknown")] == [None] * 4


def test_one_kind_of_victims_is_the_toll() -> None:
    other = killed(30, "civilian") | {"said_by": "another"}
    told = event(("group",), ("villagers",), (killed(5, "civilian"), other))
    assert [told[n] for n in ("low", "best", "high", "deaths_civilians")] == [5, 5, 30, 5]
    assert told["deaths_a"] is told["deaths_b"] is None


def test_documents_stand_in_one_order_in_every_column() -> None:
    for row in events(release()).to_pylist():
        articles = row["source_article"][1:-1].split('";"')
        assert len(articles) == row["number_of_sources"]
        days = row["source_date"].split(";")
        assert all(f",{day}," in one for day, one in zip(days, articles, strict=True))


def test_pandas_reads_it(tmp_path: Path) -> None:
    ged.write(release(), tmp_path)
    frame = pd.read_csv(tmp_path / ged.PATH, parse_dates=["date_start", "date_end"])
    assert len(frame) == events(release()).num_rows
    for name in ("id", "year", "best", "high", "low", "latitude", "longitude", "where_prec"):
        assert pd.api.types.is_numeric_dtype(frame[name]), name
    known = frame.dropna(subset=["best"])
    assert (known["low"] <= known["best"]).all()
    assert (known["best"] <= known["high"]).all()
