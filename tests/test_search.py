"""What finds an incident, and what is said when nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest

from sahel_incidents.descriptor import open_package
from sahel_incidents.records import Records
from sahel_incidents.views.search import Query, folded, search

ROOT = Path(__file__).parents[1]
FIRST, SECOND = "MLI-2025-06-01-boulikessi", "MLI-2025-06-05-boulikessi"


@pytest.fixture(scope="module")
def records() -> Records:
    return Records.read(open_package(ROOT))


def found(records: Records, **asked: str) -> set[str]:
    return {hit.row["incident_id"] for hit in search(records, Query(**asked)).hits}


def test_case_accents_and_punctuation_make_no_difference() -> None:
    assert folded("Al-Qaïda") == folded("AL QAIDA") == "al qaida"


@pytest.mark.parametrize("text", ["boulikessi", "BOULKESSI", "Boulkéssi", "boulkessy camp"])
def test_other_spellings_find_the_place(records: Records, text: str) -> None:
    assert FIRST in found(records, text=text)


def test_other_names_find_the_actor(records: Records) -> None:
    by_name = found(records, actor="jnim")
    assert FIRST in by_name
    assert found(records, actor="GSIM") == by_name
    assert found(records, actor="groupe de soutien à l'islam") == by_name
    assert FIRST in found(records, text="gsim boulkessi")


def test_every_condition_narrows(records: Records) -> None:
    june = found(records, first="2025-06", last="2025-06")
    assert {FIRST, SECOND} <= june
    assert SECOND not in found(records, first="2025-06-01", last="2025-06-04")
    assert found(records, place="Boulikessi", first="2025-06-05") == {SECOND}
    assert found(records, country="Mali") == found(records, country="mli")
    assert not found(records, country="Niger", place="Boulikessi")
    assert found(records) == {id for (id,) in records.rows["incidents"]}


def test_an_incident_that_ends_in_the_period_is_found(records: Records) -> None:
    spans = [r for r in records.rows["incidents"].values() if r["date_start"] < r["date_end"]]
    for row in spans:
        assert row["incident_id"] in found(records, first=row["date_end"], last=row["date_end"])


def test_a_region_stands_for_all_in_it(records: Records) -> None:
    regions = [row for row in records.rows["places"].values() if row["kind"] == "admin1"]
    assert regions
    for region in regions:
        there = {
            row["incident_id"]
            for row in records.rows["incidents"].values()
            if row["admin1"] == region["admin1"]
        }
        assert found(records, place=region["place_id"]) >= there


def test_a_source_finds_what_it_is_cited_for(records: Records) -> None:
    assert FIRST in found(records, source="trt-2025-06-02")
    assert FIRST in found(records, source="TRT World")


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"text": "bulikessi"}, "did you mean boulikessi?"),
        ({"place": "Bulikessi"}, "did you mean Boulikessi?"),
        ({"actor": "GSIN"}, "did you mean"),
        ({"country": "Malia"}, "MLI (Mali)"),
        ({"source": "nobody"}, "no source is called nobody"),
    ],
)
def test_nothing_found_says_what_may_be_meant(
    records: Records, asked: dict[str, str], hint: str
) -> None:
    result = search(records, Query(**asked))
    assert not result.hits
    assert any(hint in one for one in result.hints)


def test_the_latest_comes_first(records: Records) -> None:
    days = [hit.row["date_start"] for hit in search(records, Query()).hits]
    assert days == sorted(days, reverse=True)
