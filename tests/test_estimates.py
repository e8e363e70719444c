"""Grades: who bears out whom, and what bears out nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sahel_incidents.cards.phrases import parse
from sahel_incidents.descriptor import open_package
from sahel_incidents.grading import Grade
from sahel_incidents.records import Records, Row
from sahel_incidents.views.estimates import grades

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def records() -> Records:
    records = Records(open_package(ROOT), {"sources": {}})
    for id, cells in {
        "news": {},
        "other": {},
        "quoted": {"cited_in": "news"},
        "wiki": {"kind": "reference"},
    }.items():
        records.put("sources", {"source_id": id, **cells})
    return records


def figure(number: str, said: str, records: Records, **cells: str) -> Row:
    row = dict.fromkeys(records.package.tables["casualties"].columns, "")
    told = parse(number)
    counted = {"value": told.value, "low": told.low, "high": told.high}
    row |= {name: "" if cell is None else str(cell) for name, cell in counted.items()}
    row |= {"qualifier": told.qualifier, "said_by": said, "source_id": "news"}
    row |= {"incident_id": "I", "harm": "killed", "victims": "civilian"}
    return row | {"confirmation": "unconfirmed", "casualty_id": f"{number}/{said}"} | cells


@pytest.mark.parametrize(
    ("number", "other", "grade"),
    [
        ("30", "30", "corroborated"),
        ("over 30", "at least 60", "unconfirmed"),
        ("over 30", "at least 40", "corroborated"),
        ("over 30", "200", "unconfirmed"),
        ("at least 60", "under 90", "corroborated"),
        ("at most 90", "30", "unconfirmed"),
        ("0-90", "30", "corroborated"),
        ("at most 90", "100", "contested"),
        ("at most 0", "0", "corroborated"),
        ("30", "over 30", "contested"),
        ("30-40", "40", "corroborated"),
        ("about 100", "95", "corroborated"),
        ("about 100", "120", "contested"),
        ("many", "30", "unconfirmed"),
        ("30", "many", "unconfirmed"),
        ("0", "0", "corroborated"),
    ],
)
def test_figures_agree_if_a_number_near_both_fits_both(
    records: Records, number: str, other: str, grade: str
) -> None:
    one, two = figure(number, "a mayor", records), figure(other, "a doctor", records)
    assert grades([one, two], records)[one["casualty_id"]] == grade


@pytest.mark.parametrize(
    "cells",
    [
        {"said_by": "A MAYOR"},
        {"source_id": "quoted"},
        {"source_id": "wiki"},
        {"victims": "state_force"},
        {"demographic": "women"},
        {"harm": "wounded"},
        {"part_of": "whole"},
        {"superseded_by": "later"},
        {"confirmation": "withdrawn"},
    ],
)
def test_what_bears_out_nothing(records: Records, cells: dict[str, str]) -> None:
    one = figure("30", "a mayor", records)
    two = figure("30", "a doctor", records, casualty_id="two", **cells)
    assert grades([one, two], records)[one["casualty_id"]] is Grade.UNCONFIRMED


def test_an_actor_is_one_origin_whoever_relays_it(records: Records) -> None:
    spoken = {"speaker_actor_id": "jnim"}
    one = figure("30", "JNIM", records, relayed_by="RFI", **spoken)
    two = figure("30", "the group", records, relayed_by="AFP", **spoken)
    assert set(grades([one, two], records).values()) == {Grade.UNCONFIRMED}


@pytest.mark.parametrize(
    ("said", "carrier"),
    [
        ("Reuters", "Reuters"),
        ("Reuters, no origin named", "Reuters"),
        ("Reuters, no origin named", ""),
        ("REUTERS, no origin named", "Another paper"),
    ],
)
def test_an_outlet_beside_the_sources_it_quotes_is_no_second_voice(
    records: Records, said: str, carrier: str
) -> None:
    one = figure("30", "two officers", records, relayed_by="Reuters")
    two = figure("30", said, records, relayed_by=carrier)
    assert set(grades([one, two], records).values()) == {Grade.UNCONFIRMED}
    assert grades([two, figure("30", "a mayor", records)], records)[two["casualty_id"]] == (
        Grade.CORROBORATED
    )


def test_what_an_outlet_found_itself_is_a_voice_of_its_own(records: Records) -> None:
    one = figure("30", "two officers", records, relayed_by="Reuters")
    two = figure("30", "Reuters, from videos", records, relayed_by="Reuters")
    assert set(grades([one, two], records).values()) == {Grade.CORROBORATED}


def test_the_flag_decides_first(records: Records) -> None:
    one = figure("30", "a mayor", records, confirmation="confirmed")
    two = figure("90", "a doctor", records, confirmation="disputed")
    gone = figure("10", "a guard", records, confirmation="withdrawn")
    assert list(grades([one, two, gone], records).values()) == [Grade.CONFIRMED, Grade.CONTESTED]


def test_every_shipped_figure_is_graded() -> None:
    records = Records.read(open_package(ROOT))
    figures = list(records.rows["casualties"].values())
    graded = grades(figures, records)
    live = [f for f in figures if not f["superseded_by"] and f["confirmation"] != "withdrawn"]
    assert graded.keys() == {figure["casualty_id"] for figure in live}
    for figure in live:
        confirmed = graded[figure["casualty_id"]] is Grade.CONFIRMED
        assert confirmed == (figure["confirmation"] == "confirmed")
