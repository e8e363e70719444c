"""Records changed and saved: sound or not at all, and nothing that did not change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sahel_incidents.problem import Severity, ToolError
from sahel_incidents.store.editing import Editing, Rejected, Saved, editing
from sahel_incidents.validate import validate

ROOT = Path(__file__).parents[1]
LIKE = "MLI-2025-06-01-boulikessi"
NEW = "MLI-2025-06-01-elsewhere"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the shipped package."""
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    return tmp_path


def files(root: Path) -> dict[str, tuple[bytes, int]]:
    """Content and inode of every table."""
    return {f"data/{f.name}": (f.read_bytes(), f.stat().st_ino) for f in (root / "data").iterdir()}


def changed(root: Path, before: dict[str, tuple[bytes, int]]) -> list[str]:
    after = files(root)
    return sorted(path for path in after if after[path] != before[path])


def add(edit: Editing, **other: str) -> None:
    """Add an incident like a shipped one, with other cells where given."""
    for table in ("incidents", "participants"):
        for row in list(edit.records.rows[table].values()):
            if row["incident_id"] == LIKE:
                told = {column: other[column] for column in other if column in row}
                edit.records.put(table, row | {"incident_id": NEW} | told)


def test_a_change_is_written_to_the_tables_it_concerns(root: Path) -> None:
    before = files(root)
    with editing(root) as edit:
        add(edit)
        saved = edit.save()
    assert saved.files == ("data/incidents.csv", "data/participants.csv")
    assert changed(root, before) == list(saved.files)
    assert saved.report is not None
    assert saved.report.root == str(root)
    assert validate(root).sound()


def test_records_that_did_not_change_change_no_byte(root: Path) -> None:
    # Not in canonical form, which saving must not mend in passing.
    (root / "data/actors.csv").write_bytes(
        (root / "data/actors.csv").read_bytes().replace(b"\n", b"\r\n")
    )
    before = files(root)
    with editing(root) as edit:
        row = next(iter(edit.records.rows["incidents"].values()))
        edit.records.put("incidents", row)
        assert edit.save() == Saved((), None)
    assert changed(root, before) == []


def test_a_change_that_is_not_sound_is_rejected_with_the_reasons(root: Path) -> None:
    before = files(root)
    with editing(root) as edit:
        add(edit, country="Mali", actor_id="nobody")
        with pytest.raises(Rejected) as rejected:
            edit.save()
    report = rejected.value.report
    assert {problem.record for problem in report.problems} >= {NEW}
    assert {problem.file for problem in report.problems} == {
        "data/incidents.csv",
        "data/participants.csv",
    }
    assert report.root == str(root)
    assert changed(root, before) == []


def test_a_rejected_change_can_be_mended_and_saved(root: Path) -> None:
    with editing(root) as edit:
        add(edit, country="Mali")
        with pytest.raises(Rejected):
            edit.save()
        add(edit)
        edit.save()
    assert validate(root).sound()


def test_a_dry_run_judges_and_writes_nothing(root: Path) -> None:
    before = files(root)
    with editing(root) as edit:
        add(edit)
        assert edit.save(dry_run=True).files == ("data/incidents.csv", "data/participants.csv")
        assert changed(root, before) == []
        edit.save()
    assert changed(root, before) == ["data/incidents.csv", "data/participants.csv"]


def test_what_was_wrong_before_does_not_stand_in_the_way(root: Path) -> None:
    places = root / "data/places.csv"
    text = places.read_text(encoding="utf-8")
    places.write_text(text.replace(",BFA,", ",XXX,", 1), encoding="utf-8")
    assert validate(root).count(Severity.ERROR) > 0
    with editing(root) as edit:
        add(edit)
        saved = edit.save()
    assert saved.report is not None
    assert saved.report.count(Severity.ERROR) == 0


def test_a_second_fault_of_the_same_kind_is_not_excused_by_the_first(root: Path) -> None:
    incidents = root / "data/incidents.csv"
    text = incidents.read_text(encoding="utf-8")
    incidents.write_text(text.replace(",MLI,", ",XXX,", 1), encoding="utf-8")
    with editing(root) as edit:
        add(edit, country="XXX")
        with pytest.raises(Rejected) as rejected:
            edit.save()
    problems = rejected.value.report.problems
    assert {problem.record for problem in problems if not problem.known} >= {NEW}
    assert any(problem.known for problem in problems)


def test_a_table_saved_by_hand_meanwhile_is_kept(root: Path) -> None:
    incidents = root / "data/incidents.csv"
    with editing(root) as edit:
        add(edit)
        incidents.write_bytes(b"by hand\n")
        with pytest.raises(ToolError, match="another program changed a file meanwhile"):
            edit.save()
    assert incidents.read_bytes() == b"by hand\n"


def test_changed_records_may_take_the_place_of_those_read(root: Path) -> None:
    with editing(root) as edit:
        edit.records = edit.records.copy()
        add(edit)
        assert len(edit.save().files) == 2


def test_saving_twice_is_no_clash_with_oneself(root: Path) -> None:
    with editing(root) as edit:
        add(edit)
        edit.save()
        edit.records.rows["incidents"][NEW,]["title"] = "Elsewhere, 1 June 2025"
        assert edit.save().files == ("data/incidents.csv",)
        assert edit.save() == Saved((), None)
