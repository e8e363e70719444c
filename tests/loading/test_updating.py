"""What became of a researcher's rows: each fate is told, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import sahel_incidents as si
from sahel_incidents.records import Records

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import MakeState

INCIDENT = "MLI-2025-06-01-boulikessi"
OTHER = "MLI-2025-06-05-boulikessi"
FALMEY = "NER-2025-05-26-falmey"
F01, F02, F03 = (f"{INCIDENT}-f{number:02}" for number in (1, 2, 3))
GONE = f"{OTHER}-f01"
WHY = ["reason", "source_id", "revised_on", "revision_id"]


def revision(number: int, table: str, record: str, action: str, **cells: str) -> dict[str, str]:
    return {
        "revision_id": f"R-{number:04}",
        "revised_on": "2026-01-02",
        "table": table,
        "record_id": record,
        "action": action,
        "reason": f"Reason {number}.",
        "source_id": "trt-2025-06-02",
    } | cells


def changed(records: Records) -> None:
    """One figure is corrected and one retracted, an incident moved, one merged, one is new."""
    figures = records.rows["casualties"]
    figures[F01,] |= {
        "qualifier": "at_least",
        "value": "31",
        "low": "31",
        "confirmation": "disputed",
    }
    records.put("revisions", revision(1, "casualties", F01, "corrected", field="value"))
    cells = {"field": "value", "revised_on": "2026-02-01", "reason": "Read once more."}
    records.put("revisions", revision(2, "casualties", F01, "corrected", **cells))
    del figures[F02,]
    records.put("revisions", revision(3, "casualties", F02, "retracted"))
    incident = records.rows["incidents"][FALMEY,]
    incident |= {"date_start": "2025-05-25", "date_end": "2025-05-27"}
    records.put("revisions", revision(4, "incidents", FALMEY, "corrected", field="date_start"))
    for rows in records.rows.values():
        for key in [key for key, row in rows.items() if row.get("incident_id") == OTHER]:
            row = rows.pop(key)
            if rows is figures:
                new = row["casualty_id"].replace(f"{OTHER}-f", f"{INCIDENT}-f9")
                records.put("casualties", row | {"casualty_id": new, "incident_id": INCIDENT})
    records.put("revisions", revision(5, "incidents", OTHER, "merged", other_id=INCIDENT))
    records.put("revisions", revision(6, "casualties", GONE, "merged", other_id=f"{INCIDENT}-f901"))


@pytest.fixture
def before(make_state: MakeState) -> Path:
    return make_state("1.0.0")


@pytest.fixture
def after(make_state: MakeState) -> Path:
    return make_state("2.0.0", changed)


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(frame[list(columns)].itertuples(index=False, name=None))


def test_nothing_became_of_rows_of_the_same_release(before: Path) -> None:
    for table in si.load(before).tables:
        frame = si.load(before)[table]
        found = si.update(frame, to=before, since=before, table=table)
        assert list(found.unchanged) == list(frame.index)
        assert [len(getattr(found, name)) for name in ("changed", "merged", "gone")] == [0, 0, 0]
        assert len(found.unknown) == len(found.added) == 0


def test_each_fate_of_a_figure_is_told(before: Path, after: Path) -> None:
    frame = si.load(before).casualties.set_index("casualty_id", drop=False)
    found = si.update(frame, to=after, since=before)
    assert (found.before, found.after, found.table) == ("1.0.0", "2.0.0", "casualties")
    assert set(found.changed["row"]) == {F01}
    told = found.changed.set_index("field")
    assert tuple(told.loc["value", ["old", "new"]]) == ("30", "31")
    assert told.loc["value", "reason"] == "Read once more."
    assert tuple(told.loc["confirmation", ["old", "new"]]) == ("unconfirmed", "disputed")
    assert told.loc["confirmation", "revision_id"] == "R-0002", "the latest about the record"
    assert set(told.index) == {"qualifier", "value", "confirmation"}
    merged = {row: (into, id) for row, into, id in rows(found.merged, "row", "into", "revision_id")}
    assert merged.pop(GONE) == (f"{INCIDENT}-f901", "R-0006")
    assert set(merged.values()) <= {(INCIDENT, "R-0005")}, "what goes with a merged incident"
    assert rows(found.gone, "row", *WHY) == [
        (F02, "Reason 3.", "trt-2025-06-02", "2026-01-02", "R-0003")
    ]
    assert len(found.unknown) == 0
    assert F03 in found.unchanged
    touched = {F01, F02, GONE, *merged}
    assert set(found.unchanged) == set(frame.index) - touched
    assert set(found.added["casualty_id"]) == {
        id for id in si.load(after).casualties["casualty_id"] if id not in frame.index
    }


def test_a_flat_frame_tells_what_it_repeats_and_what_is_worked_out(
    before: Path, after: Path
) -> None:
    frame = si.load(before).figures
    falmey = frame["incident_id"] == FALMEY
    found = si.update(frame[falmey], to=after, since=before)
    assert found.table == "figures_flat"
    dates = found.changed[found.changed["field"] == "date_start"]
    assert set(dates["row"]) == set(frame.index[falmey])
    assert set(dates["reason"]) == {"Reason 4."}
    assert set(dates["old"]) == {"2025-05-26"}
    assert len(found.unchanged) == 0
    boulikessi = frame[frame["casualty_id"] == F01]
    told = si.update(boulikessi, to=after, since=before).changed.set_index("field")
    assert told.loc["phrase", "new"] == "at least 31"
    assert told.loc["phrase", "reason"] == "", "worked out, so no revision is about it"


def test_an_estimate_that_changed_by_others_figures_is_told(before: Path, after: Path) -> None:
    frame = si.load(before).incidents_flat
    found = si.update(frame, to=after, since=before)
    assert found.table == "incidents_flat"
    here = found.changed[found.changed["record"] == INCIDENT]
    assert "figures" in set(here["field"])
    assert rows(found.merged, "record", "into") == [(OTHER, INCIDENT)]


def test_rows_of_a_key_of_several_columns_are_followed(before: Path, after: Path) -> None:
    frame = si.load(before).participants
    found = si.update(frame, to=after, since=before)
    assert found.table == "participants"
    assert set(found.merged["row"]) == set(frame.index[frame["incident_id"] == OTHER])
    assert set(found.merged["into"]) == {INCIDENT}


def test_ids_alone_are_enough_in_any_type(before: Path, after: Path) -> None:
    ids = [F01, F03, F01, "nothing", None]
    for type in ("object", "string", "category"):
        frame = pd.DataFrame({"casualty_id": pd.Series(ids, dtype=type), "mine": range(5)})
        found = si.update(frame, to=after, since=before)
        assert found.table == "casualties"
        assert set(found.changed["row"]) == {0, 2}
        assert rows(found.unknown, "row", "record") == [(3, "nothing"), (4, "")]
        assert list(found.unchanged) == [1]


def test_labels_are_kept_whatever_they_are(before: Path, after: Path) -> None:
    frame = si.load(before).casualties.set_index(["incident_id", "harm"], drop=False)
    found = si.update(frame, to=after, since=before)
    assert set(found.changed["row"]) == {(INCIDENT, "killed")}
    twice = pd.DataFrame({"casualty_id": [F01, F03]}, index=[7, 7])
    assert list(si.update(twice, to=after, since=before).unchanged) == []


def test_an_empty_frame_is_no_trouble(before: Path, after: Path) -> None:
    found = si.update(si.load(before).casualties.head(0), to=after, since=before)
    assert len(found.unchanged) == len(found.changed) == 0
    assert len(found.added) > 0


def test_the_version_is_taken_from_the_frame(
    release: Path, before: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sahel_incidents.loading import finding

    monkeypatch.setattr(finding, "_SHIPPED", (release.parents[1],))
    found = si.update(si.load("1.0.0").casualties)
    assert (found.before, found.after) == ("1.0.0", "1.0.0")


def test_a_frame_that_does_not_say_its_version_is_refused(after: Path) -> None:
    with pytest.raises(si.ToolError, match="from which version") as caught:
        si.update(pd.DataFrame({"casualty_id": [F01]}), to=after)
    assert "since=" in caught.value.remedy


def test_a_frame_without_a_key_is_refused(before: Path, after: Path) -> None:
    frame = pd.DataFrame({"said_by": ["JNIM"]})
    with pytest.raises(si.ToolError, match="the key of no table"):
        si.update(frame, to=after, since=before)
    with pytest.raises(si.ToolError, match="no column casualty_id"):
        si.update(frame, to=after, since=before, table="casualties")
    with pytest.raises(si.ToolError, match="has no table xyz"):
        si.update(frame, to=after, since=before, table="xyz")


def test_it_is_told_in_short(before: Path, after: Path) -> None:
    frame = si.load(before).casualties
    shown = repr(si.update(frame, to=after, since=before)).splitlines()
    assert shown[0] == "casualties, 1.0.0 to 2.0.0"
    assert shown[1] == f"  changed:         1  {F01}"
    assert [line.split(":")[0].strip() for line in shown[1:]] == [
        "changed",
        "merged",
        "gone",
        "unknown",
        "unchanged",
        "added",
    ]
