"""UCDP GED as a package of this model, and its columns given back."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sahel_incidents as si
from sahel_incidents import derived
from sahel_incidents.descriptor import open_package
from sahel_incidents.formats import ged
from sahel_incidents.importing import Imported, RejectedError, import_ged, known_release
from sahel_incidents.problem import ToolError
from sahel_incidents.records import Records, Row
from sahel_incidents.release import Release
from sahel_incidents.typed import read_tables
from sahel_incidents.ucdp.layout import ARTICLES, EVENTS, KEPT, NAMES
from sahel_incidents.ucdp.mapping import BECOMES, LOST, crosswalk

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "sahel_incidents"]

with Path(__file__).with_name("ged_sample.csv").open(encoding="utf-8", newline="") as stream:
    SAMPLE: list[Row] = list(csv.DictReader(stream, strict=True))

COUNTRY_DOWNLOAD = list(SAMPLE[0])
GLOBAL = list(NAMES)
FIRST = [
    "id", "year", "active_year", "type_of_violence", "conflict_new_id", "conflict_name",
    "dyad_new_id", "dyad_name", "side_a_new_id", "gwnoa", "side_a", "side_b_new_id", "gwnob",
    "side_b", "number_of_sources", "source_article", "source_office", "source_date",
    "source_headline", "source_original", "where_prec", "where_coordinates", "adm_1", "adm_2",
    "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
    "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b",
    "deaths_civilians", "deaths_unknown", "low", "best", "high",
]  # fmt: skip
"""The columns of 19.1."""

NUMBERS = ("latitude", "longitude")
Write = Callable[..., Path]


def imported(file: Path, into: Path, **options: object) -> Imported:
    return import_ged(ROOT, file, into, **options)  # type: ignore[arg-type]


def release_of(root: Path) -> Release:
    package = open_package(root)
    tables = read_tables(package)
    return Release(
        package=package,
        descriptor=json.loads((root / "datapackage.json").read_text(encoding="utf-8")),
        issued=date(2026, 11, 22),
        commit="0" * 40,
        tables=tables,
        derived=derived.build(package, tables),
        declared={**package.tables, **derived.declared(package)},
    )


def given_back(root: Path) -> dict[str, Row]:
    """The events of a package as a release writes them, by id."""
    release = release_of(root)
    with tempfile.TemporaryDirectory() as folder:
        ged.write(release, Path(folder))
        ged.check(release, Path(folder))
        with (Path(folder) / ged.PATH).open(encoding="utf-8", newline="") as stream:
            return {event["id"]: event for event in csv.DictReader(stream, strict=True)}


def same(column: str, ours: str, theirs: str) -> bool:
    if column in NUMBERS:
        return float(ours) == float(theirs)
    if column == "active_year":
        return {"1": "true", "0": "false"}.get(theirs, theirs.lower()) == ours
    return ours == theirs


def assert_same(found: Mapping[str, Row], events: Sequence[Row]) -> None:
    assert found.keys() == {event["id"] for event in events}
    differing = [
        (event["id"], name, found[event["id"]][name], event[name])
        for event in events
        for name in event
        if not same(name, found[event["id"]][name], event[name])
    ]
    assert not differing


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(
        events: Sequence[Row], columns: Sequence[str] = (), renamed: Mapping[str, str] = {}
    ) -> Path:
        return written(tmp_path / "ged.csv", events, columns, renamed)

    return write


def written(
    path: Path,
    events: Sequence[Row],
    columns: Sequence[str] = (),
    renamed: Mapping[str, str] = {},
) -> Path:
    names = list(columns or events[0])
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow([renamed.get(name, name) for name in names])
        rows.writerows([event.get(name, "") for name in names] for event in events)
    return path


def changed(row: int, **cells: str) -> list[Row]:
    events = [dict(event) for event in SAMPLE]
    events[row] |= cells
    return events


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as a package."""
    folder = tmp_path_factory.mktemp("imported")
    imported(written(folder / "ged.csv", SAMPLE), folder / "made", release="24.1")
    return folder / "made"


@pytest.fixture(scope="session")
def records(package: Path) -> Records:
    return Records.read(open_package(package))


def figures(records: Records, event: str) -> list[Row]:
    owner = next(
        row["incident_id"]
        for row in records.rows["external_ids"].values()
        if row["external_id"] == event
    )
    return [row for row in records.rows["casualties"].values() if row["incident_id"] == owner]


# What comes out


def test_every_column_of_every_event_is_given_back(package: Path) -> None:
    assert_same(given_back(package), SAMPLE)


def test_it_is_sound_and_warns_of_each_contradiction(tmp_path: Path, write: Write) -> None:
    done = imported(write(SAMPLE), tmp_path / "made", release="24.1")
    contradicting = [
        event["id"]
        for event in SAMPLE
        if not int(event["low"]) <= int(event["best"]) <= int(event["high"])
    ]
    assert len(contradicting) == 8
    assert done.report.sound()
    warned = [p for p in done.report.problems if p.rule == "number-in-its-range"]
    assert sorted((p.record or "").split("-")[-2] for p in warned) == sorted(contradicting)
    assert done.rows["incidents"] == len(SAMPLE)
    assert not done.left_out


def test_ucdp_is_cited_as_its_licence_asks(package: Path) -> None:
    descriptor = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["name"] == "ucdp-ged-24-1"
    assert descriptor["version"] == "24.1.0"
    assert descriptor["licenses"][0]["name"] == "CC-BY-4.0"
    assert "10.1177/0022343313484347" in descriptor["description"]
    assert [one["title"] for one in descriptor["contributors"]] == ["Uppsala Conflict Data Program"]
    names = [resource["name"] for resource in descriptor["resources"]]
    assert names[-2:] == [EVENTS, ARTICLES]
    assert names[:-2] == list(open_package(ROOT).tables)


def test_an_imported_package_can_be_loaded(package: Path) -> None:
    ds = si.load(package)
    assert len(ds.incidents) == len(SAMPLE)
    assert str(ds.issued.year) in ds.citation()


def test_best_is_ucdp_s_best(package: Path) -> None:
    ds = si.load(package)
    ours = ds.external_ids[ds.external_ids["dataset"] == "ucdp_ged"]
    event = dict(zip(ours["incident_id"], ours["external_id"], strict=True))
    best = ds.incidents_flat.set_index("incident_id")["killed_best"]
    assert {event[id]: int(number) for id, number in best.items()} == {
        one["id"]: int(one["best"]) for one in SAMPLE
    }


def test_a_figure_is_what_ucdp_says_and_nobody_confirms(records: Records) -> None:
    for row in records.rows["casualties"].values():
        assert row["confirmation"] == "unconfirmed"
        assert row["said_by"] == "Uppsala Conflict Data Program (UCDP)"
        assert row["source_id"] == "ucdp-ged-2024-24-1"


def test_the_parts_of_an_estimate_stand_beside_the_whole(records: Records) -> None:
    event = next(
        event
        for event in SAMPLE
        if event["type_of_violence"] == "1" and "0" not in (event["deaths_a"], event["deaths_b"])
    )
    whole, *rest = figures(records, event["id"])
    parts = [row for row in rest if row["part_of"]]
    assert (whole["qualifier"], whole["value"]) == ("exact", event["best"])
    assert {row["part_of"] for row in parts} == {whole["casualty_id"]}
    assert [row["value"] for row in parts] == [
        event[f"deaths_{who}"] for who in ("a", "b", "civilians", "unknown")
    ]
    assert parts[0]["victims"] == "state_force"
    assert parts[1]["victims"] == "non_state_armed_group"
    assert [row["victims"] for row in parts[2:]] == ["civilian", "unknown"]


def test_zero_is_a_number(records: Records) -> None:
    event = next(event for event in SAMPLE if event["best"] == "0" and event["high"] != "0")
    whole, ranged, *_ = figures(records, event["id"])
    assert (whole["value"], whole["low"], whole["high"]) == ("0", "0", "0")
    assert (ranged["qualifier"], ranged["high"]) == ("range", event["high"])


def test_a_low_above_the_high_is_two_claims(records: Records) -> None:
    event = next(event for event in SAMPLE if int(event["low"]) > int(event["high"]))
    told = {row["qualifier"]: row for row in figures(records, event["id"]) if not row["part_of"]}
    assert told.keys() == {"exact", "at_least", "at_most"}
    assert told["at_least"]["low"] == event["low"]
    assert told["at_most"]["high"] == event["high"]


def test_civilians_are_no_party(records: Records) -> None:
    names = {row["name"] for row in records.rows["actors"].values()}
    assert "Civilians" not in names
    assert {"Government of Mali", "JNIM"} <= names
    by_incident: dict[str, int] = {}
    for row in records.rows["participants"].values():
        by_incident[row["incident_id"]] = by_incident.get(row["incident_id"], 0) + 1
    for row in records.rows["incidents"].values():
        one_sided = row["event_type"] == "attack_on_civilians"
        assert by_incident[row["incident_id"]] == (1 if one_sided else 2)


def test_kinds_of_actors(records: Records) -> None:
    kinds = {row["name"]: (row["kind"], row["country"]) for row in records.rows["actors"].values()}
    assert kinds["Government of Mali"] == ("state_force", "MLI")
    assert kinds["JNIM"] == ("non_state_armed_group", "")
    assert kinds["Koglweogo"][0] == "militia"


def test_an_army_abroad_is_a_foreign_force(records: Records) -> None:
    event = next(
        event
        for event in SAMPLE
        if event["side_a"].startswith("Government of ")
        and not event["side_a"].endswith(event["country"])
    )
    part = next(row for row in figures(records, event["id"]) if row["victim_actor_id"])
    assert part["victims"] == "foreign_force"


def test_an_article_that_several_events_cite_is_one_source(records: Records) -> None:
    cited = [row["source_id"] for row in records.rows[ARTICLES].values()]
    assert len(set(cited)) < len(cited)
    assert set(cited) | {"ucdp-ged-2024-24-1"} == {id for (id,) in records.rows["sources"]}
    for (id,), row in records.rows["sources"].items():
        assert row["cited_in"] == ("" if id.startswith("ucdp-ged") else "ucdp-ged-2024-24-1")


def test_a_point_outside_its_country_names_none(records: Records) -> None:
    place = next(r for r in records.rows["places"].values() if r["name"] == "Wakui village")
    assert (place["country"], place["admin1"]) == ("", "")
    incident = next(
        row for row in records.rows["incidents"].values() if row["place_id"] == place["place_id"]
    )
    assert incident["country"] == "BFA"


@pytest.mark.parametrize(
    ("code", "kinds", "precision"),
    [
        ("1", {"settlement", "site", "military_site"}, "exact"),
        ("2", {"settlement", "site", "military_site"}, "near"),
        ("3", {"informal_region"}, "admin1"),
        ("4", {"admin1"}, "admin1"),
        ("5", {"informal_region"}, "admin1"),
        ("6", {"country"}, "country"),
    ],
)
def test_precision_of_places(records: Records, code: str, kinds: set[str], precision: str) -> None:
    seen = set()
    for (incident,), row in records.rows[EVENTS].items():
        if row["where_prec"] == code:
            own = records.rows["incidents"][incident,]
            assert own["place_precision"] == precision
            seen.add(records.rows["places"][own["place_id"],]["kind"])
    assert seen
    assert seen <= kinds


def test_precision_of_days(tmp_path: Path, write: Write) -> None:
    days = [
        ("1", "2019-09-30", "2019-09-30", "day"),
        ("2", "2019-09-29", "2019-09-30", "approximate"),
        ("2", "2019-09-30", "2019-09-30", "day"),
        ("4", "2019-09-01", "2019-09-30", "month"),
        ("4", "2019-09-02", "2019-09-30", "approximate"),
        ("5", "2019-09-01", "2019-12-31", "month"),
        ("5", "2019-01-01", "2019-12-31", "year"),
    ]
    events = [
        SAMPLE[number] | {"date_prec": code, "date_start": start, "date_end": end, "year": "2019"}
        for number, (code, start, end, _) in enumerate(days)
    ]
    imported(write(events), tmp_path / "made")
    own = Records.read(open_package(tmp_path / "made")).rows
    found = {
        row["external_id"]: own["incidents"][row["incident_id"],]["date_precision"]
        for row in own["external_ids"].values()
    }
    assert [found[event["id"]] for event in events] == [day[3] for day in days]
    assert_same(given_back(tmp_path / "made"), events)


def test_what_is_not_reviewed_is_a_candidate(tmp_path: Path, write: Write) -> None:
    imported(write(changed(3, code_status="Check deaths")), tmp_path / "made")
    own = Records.read(open_package(tmp_path / "made")).rows["incidents"]
    assert [row["incident_id"].rpartition("-")[2] for row in own.values()
            if row["status"] == "candidate"] == [SAMPLE[3]["id"]]  # fmt: skip


def test_an_imported_package_lends_its_schemas_too(tmp_path: Path, package: Path) -> None:
    file = written(tmp_path / "ged.csv", SAMPLE)
    import_ged(package, file, tmp_path / "made")
    assert list(open_package(tmp_path / "made").tables) == list(open_package(package).tables)


def test_actors_of_one_name_are_told_apart(tmp_path: Path, write: Write) -> None:
    names = [(n, e) for n, e in enumerate(SAMPLE) if not e["side_a"].startswith("Government")][:3]
    events = [dict(event) for event in SAMPLE]
    for (number, _), (id, name) in zip(
        names, (("900001", "A 900002"), ("900002", "A"), ("900003", "a")), strict=True
    ):
        events[number] |= {"side_a_new_id": id, "side_a": name}
    imported(write(events), tmp_path / "made")
    assert_same(given_back(tmp_path / "made"), events)


# Versions


@pytest.mark.parametrize(
    ("columns", "renamed", "cells"),
    [
        (FIRST, {}, {"active_year": "1", "gwnoa": "432"}),
        (GLOBAL, {}, {"active_year": "0", "gwnoa": "2;200;900", "gwnob": ""}),
        (GLOBAL, {}, {"active_year": "true"}),
        (COUNTRY_DOWNLOAD, {}, {}),
        (
            COUNTRY_DOWNLOAD,
            {"best": "best_est", "high": "high_est", "low": "low_est"},
            {},
        ),
        (list(reversed(GLOBAL)), {}, {}),
    ],
    ids=["19.1", "20.1 to 24.1", "25.1", "country download", "_est", "any order"],
)
def test_every_layout_gives_the_same(
    columns: list[str], renamed: dict[str, str], cells: Row, tmp_path: Path, write: Write
) -> None:
    events = [dict(event) | cells for event in SAMPLE]
    file = write(events, columns, renamed)
    imported(file, tmp_path / "made", release="24.1")
    own = [{name: event.get(name, "") for name in columns} for event in events]
    assert_same(given_back(tmp_path / "made"), own)


def test_midnight_a_mark_and_other_line_ends_do_no_harm(tmp_path: Path) -> None:
    events = [
        event | {"date_start": f"{event['date_start']} 00:00:00.000", "date_end": event["date_end"]}
        for event in SAMPLE
    ]
    file = written(tmp_path / "ged.csv", events)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    imported(file, tmp_path / "made")
    assert_same(given_back(tmp_path / "made"), SAMPLE)


@pytest.mark.parametrize("release", ["18.1", "27.1", "24", "24.x", "", "²4.1", "24.1.1.1-rc"])
def test_releases_that_are_not_known(release: str) -> None:
    assert not known_release(release)


# Round trip of any text and number that a file can hold

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=30
).filter(str.strip)
PEOPLE = st.integers(0, 10**9 - 1)


@st.composite
def hostile_events(draw: st.DrawFn) -> list[Row]:
    events = []
    for number, event in enumerate(draw(st.permutations(SAMPLE))[:4]):
        new = dict(event)
        for name in (
            "relid", "conflict_name", "dyad_name", "source_article", "source_office",
            "source_headline", "source_original", "where_coordinates", "where_description",
            "adm_1", "adm_2", "geom_wkt", "region",
        ):  # fmt: skip
            if draw(st.booleans()):
                new[name] = draw(TEXT)
        for name in ("source_original", "where_description", "adm_2", "source_date"):
            if draw(st.booleans()):
                new[name] = ""
        if draw(st.booleans()) and not event["side_a"].startswith("Government"):
            new["side_a_new_id"], new["side_a"] = str(100_000 + number), draw(TEXT)
        dead = draw(st.lists(st.integers(0, 500), min_size=4, max_size=4))
        dead[1] = 0 if event["side_b"] == "Civilians" else dead[1]
        for who, count in zip(("a", "b", "civilians", "unknown"), dead, strict=True):
            new[f"deaths_{who}"] = str(count)
        new["best"] = str(sum(dead))
        new["low"], new["high"] = str(draw(PEOPLE)), str(draw(PEOPLE))
        new["latitude"] = repr(
            draw(st.floats(-90, 90, allow_subnormal=False).map(lambda x: round(x, 8)))
        )
        new["longitude"] = repr(draw(st.floats(-180, 180).map(lambda x: round(x, 8))))
        new["where_prec"] = str(draw(st.integers(1, 7)))
        events.append(new)
    return events


@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(hostile_events())
def test_any_event_is_given_back_from_a_sound_package(events: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = written(Path(folder) / "ged.csv", events)
        done = imported(file, Path(folder) / "made")
        assert done.report.sound()
        assert_same(given_back(Path(folder) / "made"), events)


# Bad input


def refused(file: Path, into: Path, **options: object) -> list[str]:
    """What is said of a file that is refused: place, message and value."""
    with pytest.raises(RejectedError) as caught:
        imported(file, into, **options)
    assert not into.exists()
    assert [path.name for path in into.parent.iterdir()] == [file.name]
    for problem in caught.value.problems:
        assert problem.suggestion
    return [f"{problem.place}: {problem.message}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"country": "Atlantis", "country_id": "999"}, 'country is "Atlantis"'),
        ({"country": ""}, "country is empty"),
        ({"side_a": " "}, "side_a is empty"),
        ({"side_a_new_id": "x"}, 'side_a_new_id is "x"'),
        ({"latitude": ""}, "latitude is empty"),
        ({"longitude": "181"}, 'longitude is "181"'),
        ({"latitude": "nan"}, 'latitude is "nan"'),
        ({"where_coordinates": ""}, "where_coordinates is empty"),
        ({"source_article": ""}, "source_article is empty"),
        ({"best": "many"}, 'best is "many"'),
        ({"best": ""}, "best is empty"),
        ({"low": "-1"}, 'low is "-1"'),
        ({"high": "9" * 30}, 'high is "999'),
        ({"deaths_a": "999999999"}, "deaths_a is 999999999, more than all the dead"),
        ({"type_of_violence": "4"}, 'type_of_violence is "4", not one of 1-3'),
        ({"where_prec": "0"}, "where_prec is"),
        ({"date_prec": "9"}, "date_prec is"),
        ({"date_start": "30/09/2019"}, "date_start is"),
        ({"date_end": "1999-02-30"}, "date_end is"),
        ({"date_end": "1989-01-01"}, "date_end ends before it starts"),
        ({"date_end": "2999-01-01"}, "date_end is 2999-01-01, which is yet to come"),
        ({"id": SAMPLE[1]["id"]}, f"id {SAMPLE[1]['id']} stands in line 3 already"),
        ({"id": "1.5"}, 'id is "1.5"'),
    ],
)
def test_a_cell_that_is_wrong_is_named(cells: Row, told: str, tmp_path: Path, write: Write) -> None:
    row = 2
    file = write(changed(row, **cells))
    lines = file.read_text(encoding="utf-8").split("\n")
    begins = next(n for n, line in enumerate(lines, 1) if SAMPLE[row]["relid"] in line)
    found = refused(file, tmp_path / "made")
    assert any(message.startswith(f"ged.csv:{begins}:") and told in message for message in found)


def test_one_id_has_one_name(tmp_path: Path, write: Write) -> None:
    mali = [n for n, event in enumerate(SAMPLE) if event["side_a"] == "Government of Mali"]
    told = refused(write(changed(mali[1], side_a="Government of Mail")), tmp_path / "made")
    assert len(told) == 1
    assert 'actor 72 is "Government of Mali" in rows before' in told[0]


def test_a_side_b_that_is_civilians_in_a_fight(tmp_path: Path, write: Write) -> None:
    row = next(n for n, event in enumerate(SAMPLE) if event["type_of_violence"] == "1")
    told = refused(write(changed(row, side_b="Civilians", side_b_new_id="1")), tmp_path / "made")
    assert "in violence of type 1" in told[0]


def test_columns_that_are_shifted(tmp_path: Path, write: Write) -> None:
    file = write(SAMPLE)
    rows = list(csv.reader(file.open(encoding="utf-8", newline="")))
    with file.open("w", encoding="utf-8", newline="") as out:
        wide = [row[:5] + ["x"] * (n > 0) + row[5:] for n, row in enumerate(rows)]
        csv.writer(out, lineterminator="\n").writerows(wide)
    told = refused(file, tmp_path / "made")
    assert len(told) == len(SAMPLE)
    assert told[0] == "ged.csv:2: 48 cells where the header has 47 names"
    assert refused(file, tmp_path / "made", keep_going=True) == told


def test_a_file_that_is_cut_off(tmp_path: Path, write: Write) -> None:
    file = write(SAMPLE)
    data = file.read_bytes()
    file.write_bytes(data[: data.rfind(b'";"') - 3])  # within the quotes of a citation
    assert "ends within a quoted cell" in refused(file, tmp_path / "made")[-1]
    file.write_bytes(data[: data.rfind(b",Africa,")])
    assert "cells where the header has 47 names" in refused(file, tmp_path / "made")[-1]


def test_a_byte_that_is_not_utf8(tmp_path: Path, write: Write) -> None:
    file = write(changed(1, where_description="Ménaka"))
    file.write_bytes(file.read_bytes().replace("Ménaka".encode(), "Ménaka".encode("cp1252"), 1))
    told = refused(file, tmp_path / "made")
    assert len(told) == 1
    assert "byte 0xE9 is not UTF-8" in told[0]
    done = imported(file, tmp_path / "made", keep_going=True)
    assert done.rows["incidents"] == len(SAMPLE) - 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "ged.csv: is empty"),
        (b"\n\n", "ged.csv: is empty"),
        (",".join(COUNTRY_DOWNLOAD).encode() + b"\n", "ged.csv:1: has a header and no rows"),
        (b"event_id_cnty,event_date\nMLI1,2019\n", "ged.csv:1: is no file of UCDP GED"),
        (";".join(COUNTRY_DOWNLOAD).encode() + b"\n1;2\n", "ged.csv:1: is no file of UCDP GED"),
        ("id,relid\n".encode("utf-16"), "NUL bytes"),
        (b"PK\x03\x04rest", "is an archive or a spreadsheet"),
        (b'"' * 99, "ged.csv:1: is no file of UCDP GED"),
        (",".join(COUNTRY_DOWNLOAD).encode() + b"\n1,2\r3,4\n", "3 cells where the header has"),
    ],
)
def test_a_file_that_is_no_table_of_ucdp(content: bytes, told: str, tmp_path: Path) -> None:
    file = tmp_path / "ged.csv"
    file.write_bytes(content)
    assert told in refused(file, tmp_path / "made")[0]


def test_an_older_version_lacks_columns(tmp_path: Path, write: Write) -> None:
    columns = [name for name in COUNTRY_DOWNLOAD if name not in ("side_a_new_id", "best")]
    told = refused(write(SAMPLE, columns), tmp_path / "made")
    assert told == ["ged.csv:1: lacks the columns side_a_new_id, best"]


def test_events_younger_than_the_release(tmp_path: Path, write: Write) -> None:
    told = refused(write(SAMPLE), tmp_path / "made", release="22.1")
    younger = [event for event in SAMPLE if event["year"] > "2021"]
    assert len(told) == len(younger)
    assert "the release covers events up to 2021" in told[0]


def test_a_row_of_megabytes(tmp_path: Path, write: Write) -> None:
    events = changed(2, source_headline="x" * 2_000_000)
    assert "at most 40,000 are read" in refused(write(events), tmp_path / "made")[0]
    events = changed(2, source_headline="é\n" * 10_000)
    imported(write(events), tmp_path / "made")
    assert_same(given_back(tmp_path / "made"), events)


def test_the_rest_is_imported_where_that_is_asked(tmp_path: Path, write: Write) -> None:
    events = [*changed(2, country="Atlantis", country_id=""), SAMPLE[5]]
    events[7] |= {"latitude": "", "longitude": ""}
    done = imported(write(events), tmp_path / "made", keep_going=True)
    assert [p.record for p in done.left_out] == [
        events[2]["id"], events[7]["id"], events[7]["id"], SAMPLE[5]["id"],
    ]  # fmt: skip
    kept = [event for number, event in enumerate(SAMPLE) if number not in (2, 7)]
    assert_same(given_back(tmp_path / "made"), kept)


def test_where_nothing_can_be_kept_nothing_is_made(tmp_path: Path, write: Write) -> None:
    events = [event | {"country": "Atlantis", "country_id": ""} for event in SAMPLE]
    assert len(refused(write(events), tmp_path / "made", keep_going=True)) == len(SAMPLE)


def test_a_folder_that_is_taken_is_left_alone(tmp_path: Path, write: Write) -> None:
    file = write(SAMPLE)
    into = tmp_path / "made"
    into.mkdir()
    (into / "notes.txt").write_text("mine")
    with pytest.raises(ToolError, match="not empty"):
        imported(file, into)
    assert [path.name for path in into.iterdir()] == ["notes.txt"]
    (into / "notes.txt").unlink()
    imported(file, into)
    assert (into / "datapackage.json").exists()
    with pytest.raises(ToolError, match="not empty"):
        imported(file, file)


@pytest.mark.parametrize("name", ["", "missing.csv"])
def test_a_file_that_is_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        imported(tmp_path / name, tmp_path / "made")
    assert not (tmp_path / "made").exists()


# The command line


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_command_makes_a_package_and_says_what_to_know(tmp_path: Path, write: Write) -> None:
    done = run("import", "ucdp", write(SAMPLE), "--into", tmp_path / "made", "--release", "24.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{len(SAMPLE)} incidents" in done.stdout
    assert "8 citations could not be taken apart" in done.stdout
    assert "8 warnings: A number lies within the range" in done.stdout
    again = run("import", "ucdp", write(SAMPLE), "--into", tmp_path / "made")
    assert again.returncode == 3
    assert "not empty" in again.stderr


def test_the_command_names_rows_and_keeps_going_if_asked(tmp_path: Path, write: Write) -> None:
    file, into = write(changed(1, side_b="")), tmp_path / "made"
    done = run("import", "ucdp", file, "--into", into)
    assert done.returncode == 1
    assert "ged.csv:3:" in done.stderr
    assert "nothing was imported" in done.stderr
    assert not into.exists()
    done = run("import", "ucdp", file, "--into", into, "--keep-going")
    assert done.returncode == 1
    assert "ged.csv:3:" in done.stderr
    assert "1 rows were left out" in done.stdout
    assert f"{len(SAMPLE) - 1} incidents" in done.stdout


def test_an_incident_names_its_event(package: Path, records: Records) -> None:
    (incident, _, event), *_ = records.rows["external_ids"]
    shown = run("--package", package, "show", incident)
    assert f"is the same as UCDP GED {event} (release 24.1)" in " ".join(shown.stdout.split())


def test_a_wrong_release_is_wrong_usage(tmp_path: Path, write: Write) -> None:
    done = run("import", "ucdp", write(SAMPLE), "--into", tmp_path / "made", "--release", "5.0")
    assert done.returncode == 2
    assert "no release whose columns are known" in done.stderr


def test_ctrl_c_leaves_nothing(tmp_path: Path, write: Write) -> None:
    many = [
        event | {"id": str(n * 1000 + k)} for n in range(1, 400) for k, event in enumerate(SAMPLE)
    ]
    file = write(many)
    process = subprocess.Popen(
        [*COMMAND, "import", "ucdp", str(file), "--into", str(tmp_path / "made")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    patience = time.monotonic() + 60
    while not list(tmp_path.glob(".made.*")) and time.monotonic() < patience:
        time.sleep(0.05)  # until it writes
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert os.listdir(tmp_path) == ["ged.csv"]


# The page


def test_the_page_tells_what_the_code_does() -> None:
    page = (ROOT / "docs" / "ucdp.md").read_text(encoding="utf-8")
    assert crosswalk() in page, "out of date: python scripts/make_docs.py"
    stored = {field["name"] for field in json.loads(_schema())["fields"]}
    assert set(NAMES) == (set(BECOMES) | stored) & set(NAMES)
    assert set(BECOMES) | set(LOST) | set(KEPT) <= set(NAMES)
    assert set(KEPT) <= stored


def _schema() -> bytes:
    return (ROOT / "src" / "sahel_incidents" / "ucdp" / "schemas" / f"{EVENTS}.json").read_bytes()


def test_the_schemas_of_the_added_tables_are_described() -> None:
    folder = ROOT / "src" / "sahel_incidents" / "ucdp" / "schemas"
    for path in sorted(folder.glob("*.json")):
        for field in json.loads(path.read_text(encoding="utf-8"))["fields"]:
            assert field["title"], field
            assert field["description"].endswith("."), field
            assert field["example"], field


def test_the_sample_is_as_it_was_taken() -> None:
    assert len(SAMPLE) == 61
    readme = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    assert "Creative Commons" in readme
