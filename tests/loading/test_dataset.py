"""A release in memory: its tables as frames, and its records by their ids."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

import sahel_incidents as si
from sahel_incidents import derived
from sahel_incidents.descriptor import open_package
from sahel_incidents.loading.frames import frame
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.records import Records
from sahel_incidents.release import MANIFEST
from sahel_incidents.typed import read_tables

if TYPE_CHECKING:
    from .conftest import MakeState

ROOT = Path(__file__).parents[2]
PACKAGE = open_package(ROOT)
INCIDENT = "MLI-2025-06-01-boulikessi"
OTHER = "MLI-2025-06-05-boulikessi"
TYPES = {
    "string": "string",
    "integer": "Int64",
    "number": "float64",
    "date": "datetime64[s]",
    "boolean": "boolean",
}


@pytest.fixture(scope="module")
def ds() -> si.Dataset:
    return si.load()


def revision(id: str = "R-9001", **cells: str) -> dict[str, str]:
    row = {"revision_id": id, "revised_on": "2026-01-02", "table": "incidents"}
    return row | {"record_id": INCIDENT, "action": "corrected", "reason": "Read again."} | cells


def merged(records: Records) -> None:
    """Have OTHER be another record of INCIDENT, and take it out with all that belongs to it."""
    for rows in records.rows.values():
        for key in [key for key, row in rows.items() if row.get("incident_id") == OTHER]:
            del rows[key]
    links = records.rows["incident_links"]
    for key in [key for key, row in links.items() if row["other_incident_id"] == OTHER]:
        del links[key]
    act = {"record_id": OTHER, "action": "merged", "other_id": INCIDENT, "reason": "One attack."}
    records.put("revisions", revision(**act))
    records.put("revisions", revision("R-9002", field="title", old_value="A", new_value="B"))


# Tables


def test_every_table_is_a_frame_with_the_declared_columns(ds: si.Dataset) -> None:
    assert set(ds.tables) == {*PACKAGE.tables, *derived.declared(PACKAGE)}
    for name in ds.tables:
        made, declared = ds[name], ds.declared(name)
        assert list(made.columns) == list(declared.columns)
        for field in declared.fields:
            expected = "category" if field.categories else TYPES[field.type]
            assert str(made[field.name].dtype) == expected, (name, field.name)
            if field.categories:
                assert list(made[field.name].cat.categories) == list(field.vocabulary)


def test_cells_are_those_of_the_files(ds: si.Dataset) -> None:
    """Cell for cell, against the records read by another reader."""
    for name, rows in Records.read(PACKAGE).rows.items():
        made = ds[name]
        assert len(made) == len(rows)
        for row, cells in zip(rows.values(), made.to_dict("records"), strict=True):
            assert {column: written(value) for column, value in cells.items()} == row


def written(value: Any) -> str:
    """A value of a frame as the files have it."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_tables_are_typed_as_for_a_release(ds: si.Dataset) -> None:
    for name, table in read_tables(PACKAGE).items():
        assert ds.arrow(name).cast(table.schema).equals(table), name


def test_derived_tables_are_those_of_the_release(release: Path) -> None:
    loaded = si.load(release)
    for name in derived.declared(open_package(release)):
        published = pa.parquet.read_table(release / "parquet" / f"{name}.parquet")
        assert loaded[name].equals(frame(published, loaded.declared(name))), name


def test_figures_are_the_flat_figures(ds: si.Dataset) -> None:
    assert ds.figures is ds.figures_flat
    between = ds.figures[ds.figures["value"].between(30, 60)]
    assert between["value"].between(30, 60).all()
    assert len(between) == sum(30 <= value <= 60 for value in ds.casualties["value"].dropna())


def test_what_is_empty_is_neither_lost_nor_taken_for_a_value(ds: si.Dataset) -> None:
    everybody = ds.figures[ds.figures["demographic"] != "women"]
    assert everybody["demographic"].isna().any()
    assert ds.figures["high"].isna().any()


def test_a_frame_is_made_once_and_says_where_it_comes_from(ds: si.Dataset) -> None:
    assert ds.incidents is ds["incidents"]
    assert ds.incidents.attrs == {"sahel_incidents_version": ds.version}


def test_a_misspelt_table_is_named_with_what_was_meant(ds: si.Dataset) -> None:
    with pytest.raises(AttributeError, match="did you mean incidents"):
        _ = ds.incidnts
    with pytest.raises(AttributeError, match="no table is called xyz"):
        _ = ds.xyz
    with pytest.raises(KeyError, match="xyz"):
        _ = ds["xyz"]
    assert not hasattr(ds, "_repr_html_")


def test_tables_are_offered_for_completion(ds: si.Dataset) -> None:
    assert {*ds.tables, "figures", "incident", "sum_figures"} <= set(dir(ds))


def test_a_dataset_can_be_copied_and_kept(ds: si.Dataset) -> None:
    for other in (copy.copy(ds), copy.deepcopy(ds), pickle.loads(pickle.dumps(ds))):
        assert other.version == ds.version
        assert other.figures.equals(ds.figures)


def test_it_says_what_it_is(ds: si.Dataset) -> None:
    assert repr(ds).startswith(f"<sahel-incidents {ds.version}: {len(ds.incidents)} incidents, ")


def test_a_value_outside_its_vocabulary_is_kept() -> None:
    declared = PACKAGE.tables["casualties"]
    harm = declared.field("harm")
    made = frame(pa.table({"harm": ["killed", "vanished", None]}), declared)["harm"]
    assert list(made.cat.categories) == [*harm.vocabulary, "vanished"]
    assert made.isna().tolist() == [False, False, True]
    assert made.tolist()[:2] == ["killed", "vanished"]


def test_empty_tables_keep_their_types() -> None:
    for name, table in read_tables(PACKAGE).items():
        declared = PACKAGE.tables[name]
        made = frame(table.slice(0, 0), declared)
        assert len(made) == 0
        assert made.dtypes.equals(frame(table, declared).dtypes)


def test_a_release_without_any_record_is_loaded(make_state: MakeState) -> None:
    folder = make_state("1.0.0", lambda records: [rows.clear() for rows in records.rows.values()])
    ds = si.load(folder)
    assert all(len(ds[name]) == 0 for name in ds.tables)
    assert ds.sum_figures([]) == si.Sum(0, 0, 0)


# Files that are not plain


def with_cell(folder: Path, old: str, new: str) -> Path:
    file = folder / "data" / "casualties.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_a_number_in_an_unusual_form_is_read(make_state: MakeState) -> None:
    plain = si.load(make_state("1.0.0"))
    odd = si.load(with_cell(make_state("1.0.1"), ",exact,200,200,200,", ",exact,+200,0200,200,"))
    assert odd.casualties.equals(plain.casualties)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",exact,200,200,200,", ",exact,many,200,200,", "not all of value is sound"),
        (",exact,200,200,200,", ",exact,200,200,", "casualties.csv is not sound"),
        ("casualty_id,incident_id", "incident_id,casualty_id", "casualties.csv is not sound"),
        (",exact,200", ',"exact,200', "casualties.csv is not sound"),
    ],
)
def test_a_table_that_is_not_sound_is_refused(
    make_state: MakeState, old: str, new: str, told: str
) -> None:
    with pytest.raises(si.ToolError, match=told) as caught:
        si.load(with_cell(make_state("1.0.0"), old, new))
    assert caught.value.remedy == "run: incidents validate"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"\n\n"])
def test_a_table_that_is_no_table_is_refused(make_state: MakeState, content: bytes | None) -> None:
    folder = make_state("1.0.0")
    file = folder / "data" / "places.csv"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(si.ToolError, match=r"places\.csv is not sound"):
        si.load(folder)


# What it says of itself


def test_the_citation_names_version_and_year(release: Path, archive: Path) -> None:
    issued = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["issued"]
    for place in (release, archive):
        ds = si.load(place)
        assert ds.issued == date.fromisoformat(issued)
        assert "Sahel Incidents" in ds.citation()
        assert "1.0.0" in ds.citation()
        assert issued[:4] in ds.citation()


def test_a_descriptor_without_what_a_citation_needs_is_said(make_state: MakeState) -> None:
    folder = make_state("1.0.0")
    told = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    del told["contributors"]
    (folder / DESCRIPTOR).write_text(json.dumps(told), encoding="utf-8")
    ds = si.load(folder)
    with pytest.raises(si.ToolError, match="contributors"):
        ds.citation()


def test_data_that_was_not_published_has_the_day_it_was_begun(make_state: MakeState) -> None:
    created = json.loads((ROOT / DESCRIPTOR).read_text(encoding="utf-8"))["created"]
    assert si.load(make_state("1.0.0")).issued.isoformat() == created[:10]


@pytest.mark.parametrize("created", [None, "", "soon", 2026, "2026-02-30T00:00:00Z"])
def test_a_descriptor_without_a_day_is_said(make_state: MakeState, created: object) -> None:
    folder = make_state("1.0.0")
    told = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    told["created"] = created
    (folder / DESCRIPTOR).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(si.ToolError, match="created is no day") as caught:
        si.load(folder)
    assert '"created": "2026-11-22T00:00:00Z"' in caught.value.remedy


def test_a_manifest_without_a_day_is_said(make_state: MakeState) -> None:
    folder = make_state("1.0.0")
    (folder / MANIFEST).write_text(json.dumps({"issued": "soon"}), encoding="utf-8")
    with pytest.raises(si.ToolError, match='issued is no day: "soon"') as caught:
        si.load(folder)
    assert caught.value.remedy == "get the release again"


# Incidents


def test_an_incident_is_had_by_its_id(ds: si.Dataset) -> None:
    incident = ds.incident(INCIDENT)
    assert incident.id == INCIDENT
    assert incident.became == ()
    assert incident.row["title"].startswith("Boulikessi, 1 June 2025")
    assert set(incident.figures["incident_id"]) == {INCIDENT}
    assert len(incident.figures) == (ds.casualties["incident_id"] == INCIDENT).sum()
    assert {"attacker", "target"} <= set(incident.participants["role"])
    assert incident.participants["name"].notna().all()
    assert set(incident.statements["link"]) <= {"explicit", "probable", "possible"}
    assert len(incident.statements) == (ds.statement_incidents["incident_id"] == INCIDENT).sum()
    assert set(incident.figures["source_id"]) <= set(incident.sources["source_id"])
    assert OTHER in set(incident.links["incident_id"]) | set(incident.links["other_incident_id"])


def test_an_incident_is_printed_as_its_page(ds: si.Dataset) -> None:
    page = repr(ds.incident(INCIDENT))
    assert page.startswith(f"{INCIDENT}\nBoulikessi, 1 June 2025")
    assert "killed: over 30" in page
    assert "Sources (" in page


def test_a_merged_id_leads_to_the_one_that_lives_on(make_state: MakeState) -> None:
    incident = si.load(make_state("1.1.0", merged)).incident(OTHER)
    assert incident.id == INCIDENT
    assert incident.became == (
        f"{OTHER} was merged into {INCIDENT} on 2 January 2026 (R-9001): One attack.",
    )
    assert repr(incident).startswith(incident.became[0])


def test_a_retracted_incident_is_gone_for_a_reason(make_state: MakeState) -> None:
    def retracted(records: Records) -> None:
        merged(records)
        act = {"record_id": OTHER, "action": "retracted", "reason": "It was a rumour."}
        records.rows["revisions"].clear()
        records.put("revisions", revision(**act))

    ds = si.load(make_state("2.0.0", retracted))
    with pytest.raises(si.ToolError, match="was retracted on 2026-01-02: It was a rumour"):
        ds.incident(OTHER)


@pytest.mark.parametrize(
    ("id", "told"),
    [
        (f"{INCIDENT}x", f"did you mean {INCIDENT}"),
        (f"{INCIDENT}-f01", f"its incident is {INCIDENT}"),
        ("jnim", "look it up in ds.actors"),
        ("", "there is no record"),
    ],
)
def test_what_is_no_incident_is_said(ds: si.Dataset, id: str, told: str) -> None:
    with pytest.raises(si.ToolError) as caught:
        ds.incident(id)
    assert told in f"{caught.value.message}; {caught.value.remedy}"


# History


def test_a_record_nobody_touched_has_no_history(ds: si.Dataset) -> None:
    assert list(ds.history("trt-2025-06-02").columns) == list(ds.revisions.columns)
    assert len(ds.history("trt-2025-06-02")) == 0


def test_history_tells_what_was_done_to_a_record_and_its_parts(make_state: MakeState) -> None:
    figure = f"{INCIDENT}-f01"

    def acts(records: Records) -> None:
        merged(records)
        for id, on, cells in (
            ("R-9003", "2026-01-01", {"table": "casualties", "record_id": figure}),
            ("R-9004", "2026-01-03", {"table": "participants", "record_id": f"{INCIDENT}|jnim"}),
            ("R-9005", "2026-01-04", {"record_id": "BFA-2025-05-11-djibo"}),
            ("R-9006", "2026-01-05", {"record_id": f"{INCIDENT}-foo"}),
        ):
            records.put("revisions", revision(id, revised_on=on, **cells))

    ds = si.load(make_state("1.1.0", acts))
    expected = ["R-9003", "R-9001", "R-9002", "R-9004"]
    assert list(ds.history(INCIDENT)["revision_id"]) == expected
    assert list(ds.history(OTHER)["revision_id"]) == expected
    assert list(ds.history(figure)["revision_id"]) == ["R-9003"]


def test_history_of_what_never_was_is_refused(ds: si.Dataset) -> None:
    with pytest.raises(si.ToolError, match="there is no record nothing"):
        ds.history("nothing")
