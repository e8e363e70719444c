"""Records confirmed, retracted, merged: nothing doubled, nothing lost, old ids resolvable."""

from __future__ import annotations

from pathlib import Path

import pytest

from sahel_incidents.changes import acts
from sahel_incidents.changes.corrections import Published, Why, corrections, write_revisions
from sahel_incidents.descriptor import open_package
from sahel_incidents.problem import ToolError
from sahel_incidents.records import Records, Row
from sahel_incidents.views import resolve

ROOT = Path(__file__).parents[1]
ONE, TWO = "MLI-2025-06-01-boulikessi", "MLI-2025-06-05-boulikessi"
FIGURE = f"{ONE}-f05"


@pytest.fixture
def records() -> Records:
    shipped = Records.read(open_package(ROOT))
    shipped.rows["revisions"].clear()
    return shipped


def of(records: Records, table: str, incident: str) -> list[Row]:
    return [row for row in records.rows[table].values() if row["incident_id"] == incident]


def test_a_figure_is_confirmed_by_an_actor_in_a_source(records: Records) -> None:
    act = acts.confirm(records, FIGURE, "fama", "trt-2025-06-02")
    row = act.after.rows["casualties"][FIGURE,]
    assert (row["confirmation"], row["confirmed_by"]) == ("confirmed", "fama")
    assert row["confirmation_source_id"] == "trt-2025-06-02"
    assert records.rows["casualties"][FIGURE,]["confirmation"] == "unconfirmed"
    (one,) = corrections(records, act.after, Published(records))
    assert (one.action, one.field) == ("confirmed", "confirmation")


def test_a_total_is_confirmed_like_a_figure(records: Records) -> None:
    (total,) = next(iter(records.rows["totals"]))
    act = acts.confirm(records, total, "fama", "trt-2025-06-02")
    assert act.after.rows["totals"][total,]["confirmed_by"] == "fama"


@pytest.mark.parametrize(
    ("figure", "by", "source", "remedy"),
    [
        (ONE, "fama", "trt-2025-06-02", "its figures"),
        (FIGURE, "famaa", "trt-2025-06-02", "did you mean fama?"),
        (FIGURE, "fama", "trt-2025-06-20", "did you mean trt-2025-06-02?"),
        (f"{FIGURE}9", "fama", "trt-2025-06-02", "did you mean"),
    ],
)
def test_what_cannot_be_confirmed_is_told(
    records: Records, figure: str, by: str, source: str, remedy: str
) -> None:
    with pytest.raises(ToolError) as refused:
        acts.confirm(records, figure, by, source)
    assert remedy in refused.value.remedy


def test_an_incident_is_retracted_with_all_that_is_its_own(records: Records) -> None:
    act = acts.retract(records, TWO)
    tables = ("incidents", "participants", "casualties", "statement_incidents", "incident_links")
    assert not any(of(act.after, table, TWO) for table in tables)
    linked = {row["statement_id"] for row in act.after.rows["statement_incidents"].values()}
    before = {row["statement_id"] for row in records.rows["statement_incidents"].values()}
    gone = before - linked
    assert gone
    assert not any((id,) in act.after.rows["statements"] for id in gone)
    assert {one.key[0] for one in act.corrections} == gone | {TWO}


def test_the_figures_of_a_retracted_incident_lead_to_its_retraction(records: Records) -> None:
    act = acts.retract(records, TWO)
    write_revisions(act.after, act.corrections, Why("it never happened", "trt-2025-06-02"))
    (step,) = resolve.fates(act.after, f"{TWO}-f01")
    assert (step.revision["record_id"], step.into) == (TWO, "")
    with pytest.raises(ToolError, match="was retracted on"):
        resolve.get(act.after, f"{TWO}-f01")


def test_what_others_refer_to_is_not_retracted(records: Records) -> None:
    for id in ("jnim", "trt-2025-06-02", "mli-boulikessi", f"{ONE}-f18"):
        with pytest.raises(ToolError, match="still refer to it"):
            acts.retract(records, id)


def test_a_merged_incident_loses_nothing_and_doubles_nothing(records: Records) -> None:
    act = acts.merge(records, TWO, ONE)
    assert (TWO,) not in act.after.rows["incidents"]
    assert len(of(act.after, "casualties", ONE)) == sum(
        len(of(records, "casualties", id)) for id in (ONE, TWO)
    )
    told = {
        (row["actor_id"], row["role"], row["source_id"])
        for id in (ONE, TWO)
        for row in of(records, "participants", id)
    }
    assert len(of(act.after, "participants", ONE)) == len(told)
    stated = {
        row["statement_id"] for id in (ONE, TWO) for row in of(records, "statement_incidents", id)
    }
    assert {row["statement_id"] for row in of(act.after, "statement_incidents", ONE)} == stated
    assert act.after.rows["statements"] == records.rows["statements"]
    assert not any(
        row["incident_id"] == row["other_incident_id"]
        for row in act.after.rows["incident_links"].values()
    )


def test_a_figure_that_both_incidents_have_is_kept_once(records: Records) -> None:
    twin = records.rows["casualties"][FIGURE,] | {"casualty_id": f"{TWO}-f77", "incident_id": TWO}
    records.put("casualties", twin | {"note": ""})
    act = acts.merge(records, TWO, ONE)
    write_revisions(act.after, act.corrections, Why("one attack"))
    assert resolve.fates(act.after, f"{TWO}-f77")[-1].into == FIGURE
    assert act.after.rows["casualties"][FIGURE,] == records.rows["casualties"][FIGURE,]


def test_a_merged_figure_keeps_its_whole_and_its_successor(records: Records) -> None:
    for number, cells in (("f81", {}), ("f82", {"part_of": f"{TWO}-f81"})):
        row = records.rows["casualties"][FIGURE,] | {"incident_id": TWO, "said_by": number}
        records.put("casualties", row | cells | {"casualty_id": f"{TWO}-{number}"})
    act = acts.merge(records, TWO, ONE)
    write_revisions(act.after, act.corrections, Why("one attack"))
    whole, part = (resolve.fates(act.after, f"{TWO}-{n}")[-1].into for n in ("f81", "f82"))
    assert act.after.rows["casualties"][part,]["part_of"] == whole


def test_an_id_merged_twice_leads_to_the_record_that_lives_on(records: Records) -> None:
    first = acts.merge(records, TWO, ONE)
    write_revisions(first.after, first.corrections, Why("one attack"))
    into = "MLI-2025-05-23-dioura"
    second = acts.merge(first.after, ONE, into)
    write_revisions(second.after, second.corrections, Why("one attack"))
    for id in (TWO, f"{TWO}-f01"):
        steps = resolve.fates(second.after, id)
        assert len(steps) == 2
        assert resolve.get(second.after, steps[-1].into).row["incident_id"] == into


def test_of_two_links_of_one_statement_the_surer_stays(records: Records) -> None:
    statement = of(records, "statement_incidents", ONE)[0]["statement_id"]
    records.put(
        "statement_incidents",
        {"statement_id": statement, "incident_id": TWO, "link": "possible"},
    )
    act = acts.merge(records, ONE, TWO)
    assert act.after.rows["statement_incidents"][statement, TWO]["link"] == "explicit"


def test_parties_that_contradict_each_other_are_not_merged_in_silence(records: Records) -> None:
    row = of(records, "participants", ONE)[0]
    records.put("participants", row | {"incident_id": TWO, "attribution": "suspected"})
    with pytest.raises(ToolError, match="differ in attribution"):
        acts.merge(records, TWO, ONE)


def test_a_merged_place_leaves_its_name_and_each_moved_cell_a_revision(records: Records) -> None:
    place = records.rows["places"]["mli-boulikessi",]
    records.put("places", place | {"place_id": "mli-bulkesi", "name": "Bulkesi"})
    act = acts.merge(records, "mli-boulikessi", "mli-bulkesi")
    assert not [
        r for r in act.after.rows["incidents"].values() if r["place_id"] == "mli-boulikessi"
    ]
    assert act.after.rows["aliases"]["Boulikessi", "und"]["place_id"] == "mli-bulkesi"
    moved = [one for one in act.corrections if one.field == "place_id" and one.table == "incidents"]
    assert {one.key[0] for one in moved} >= {ONE, TWO}


def test_a_source_that_a_revision_cites_stays(records: Records) -> None:
    act = acts.retract(records, TWO)
    write_revisions(act.after, act.corrections, Why("no", "trt-2025-06-02"))
    with pytest.raises(ToolError, match="a revision stays as it is"):
        acts.merge(act.after, "trt-2025-06-02", "zoneyetu-undated")


@pytest.mark.parametrize(
    ("id", "into"), [(ONE, ONE), (ONE, "jnim"), (f"{ONE}-f01", f"{TWO}-f01"), (ONE, "nothing")]
)
def test_what_is_not_two_of_a_kind_is_not_merged(records: Records, id: str, into: str) -> None:
    with pytest.raises(ToolError):
        acts.merge(records, id, into)


def test_only_what_was_published_is_revised(records: Records) -> None:
    draft = records.rows["incidents"][TWO,]
    records.put("incidents", draft | {"status": "candidate"})
    published = Published(records)
    assert published.has("incidents", (ONE,))
    assert published.has("casualties", (FIGURE,))
    assert not published.has("incidents", (TWO,))
    assert not published.has("casualties", (f"{TWO}-f01",))
    assert not published.has("incidents", ("MLI-2031-nowhere",))


def test_each_changed_cell_is_one_correction_and_bounds_only_follow(records: Records) -> None:
    after = acts.confirm(records, FIGURE, "fama", "trt-2025-06-02").after
    after.put(
        "casualties",
        records.rows["casualties"][FIGURE,] | dict.fromkeys(("value", "low", "high"), "31"),
    )
    after.put("incidents", records.rows["incidents"][ONE,] | {"summary": "Other words."})
    found = corrections(records, after, Published(records))
    assert [(one.key[0], one.field) for one in found] == [(ONE, "summary"), (FIGURE, "value")]
    assert write_revisions(after, found, Why("a slip")) == ["R-0001", "R-0002"]
    first, second = after.rows["revisions"].values()
    assert (first["source_id"], second["old_value"], second["new_value"]) == ("", "30", "31")
    assert second["source_id"] == records.rows["casualties"][FIGURE,]["source_id"]


def test_a_published_figure_is_not_left_out(records: Records) -> None:
    after = acts.confirm(records, FIGURE, "fama", "trt-2025-06-02").after
    del after.rows["casualties"][FIGURE,]
    with pytest.raises(ToolError) as refused:
        corrections(records, after, Published(records))
    assert f"incidents retract {FIGURE}" in refused.value.remedy
