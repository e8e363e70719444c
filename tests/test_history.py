"""Differences between two states, the policies on them, and a validation since a state of git."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from sahel_incidents.csvtext import canonical
from sahel_incidents.descriptor import open_package
from sahel_incidents.history import Difference, compare, deserved, diff, difference, policies
from sahel_incidents.history.since import catalogue, validate_since
from sahel_incidents.history.states import RULES_FOLDER, in_folder
from sahel_incidents.history.wording import Teller
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.problem import Severity
from sahel_incidents.records import Records

ROOT = Path(__file__).parents[1]
INCIDENT = "MLI-2025-06-01-boulikessi"
F01, F08 = f"{INCIDENT}-f01", f"{INCIDENT}-f08"  # over 30, two security sources; at least 60
RANGE = "BFA-2025-05-11-djibo-f05"
SOURCE = "trt-2025-06-02"
SIXTY = {"qualifier": "at_least", "value": "60", "low": "60"}

Edit = Callable[[Records], object]


@pytest.fixture
def before(tmp_path: Path, copy_shipped: Callable[[Path], Path]) -> Path:
    return copy_shipped(tmp_path / "before")


@pytest.fixture
def after(tmp_path: Path, copy_shipped: Callable[[Path], Path]) -> Path:
    return copy_shipped(tmp_path / "after")


def edit(folder: Path, *edits: Edit) -> None:
    records = Records.read(open_package(folder))
    for one in edits:
        one(records)
    for path, content in records.files().items():
        (folder / path).write_bytes(content)


def changed(table: str, id: str, **cells: str) -> Edit:
    return lambda records: records.rows[table][id,].update(cells)


def removed(table: str, *key: str) -> Edit:
    return lambda records: records.rows[table].pop(key)


def removed_incident(id: str = INCIDENT) -> Edit:
    """Takes out an incident with all that belongs to it."""

    def remove(records: Records) -> None:
        for table in ("incidents", "participants", "casualties", "incident_links"):
            rows = records.rows[table]
            for key in [key for key, row in rows.items() if row["incident_id"] == id]:
                del rows[key]
        links = records.rows["statement_incidents"]
        for key in [key for key, row in links.items() if row["incident_id"] == id]:
            del links[key]

    return remove


def revised(id: str = "R-0001", table: str = "casualties", record: str = F01, **cells: str) -> Edit:
    row = {
        "revision_id": id,
        "revised_on": "2025-06-20",
        "table": table,
        "record_id": record,
        "action": "corrected",
        "reason": "The page was corrected.",
        "source_id": SOURCE,
    }
    return lambda records: records.put("revisions", row | cells)


def edit_schema(folder: Path, table: str, change: Callable[[dict[str, Any]], object]) -> None:
    file = folder / "schemas" / f"{table}.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    change(schema)
    file.write_text(json.dumps(schema), encoding="utf-8")


def field_of(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return next(field for field in schema["fields"] if field["name"] == name)


def compared(before: Path, after: Path) -> Difference:
    return compare(in_folder("before", before), in_folder("after", after))


def sentences(before: Path, after: Path) -> list[str]:
    found = compared(before, after)
    return [Teller(found).sentence(change) for change in found.changes]


def found(before: Path, after: Path) -> list[tuple[str, str | None, str | None]]:
    """The rule, record and field of every policy broken."""
    problems, skipped = policies.judge(compared(before, after))
    assert skipped == []
    return [(problem.rule, problem.record, problem.field) for problem in problems]


FIGURE = "change-figure-unrevised"

# --- what differs, and how it is told


def test_equal_states_do_not_differ(before: Path, after: Path) -> None:
    found_ = compared(before, after)
    assert found_.changes == found_.schemas == found_.rules == ()
    assert deserved(found_) is None
    assert "no records changed." in difference.text(found_)
    assert found(before, after) == []


def test_a_changed_figure_in_plain_words(before: Path, after: Path) -> None:
    edit(after, changed("casualties", F01, **SIXTY))
    assert sentences(before, after) == [
        "Boulikessi, 1 June 2025: figure f01 killed changed from over 30 to at least 60 "
        "(said by two security sources, relayed by Reuters)"
    ]


def test_a_reason_is_told_with_the_change(before: Path, after: Path) -> None:
    cells = {"confirmation": "disputed", "confirmation_source_id": SOURCE}
    edit(after, changed("casualties", F01, **cells), revised(field="confirmation"))
    (told, revision) = sentences(before, after)
    assert told == (
        "Boulikessi, 1 June 2025: figure f01 killed confirmation changed from unconfirmed to "
        f"disputed; source of the confirmation changed from empty to {SOURCE} "
        "(said by two security sources, relayed by Reuters) [R-0001: The page was corrected.]"
    )
    assert revision.startswith("Revisions: revision R-0001 added")


def test_added_deleted_and_merged_records(before: Path, after: Path) -> None:
    edit(before, lambda r: r.put("places", r.rows["places"]["bfa-djibo",] | {"place_id": "b-x"}))
    new = {"incident_id": INCIDENT, "casualty_id": f"{INCIDENT}-f90", "harm": "wounded"}
    edit(
        after,
        lambda r: r.put("casualties", r.rows["casualties"][F08,] | new),
        removed("casualties", F01),
        revised("R-0001", "places", "b-x", action="merged", other_id="bfa-djibo", source_id=""),
    )
    told = sentences(before, after)
    assert told[0].startswith("Places: place b-x merged into bfa-djibo [R-0001:")
    assert told[1].startswith("Boulikessi, 1 June 2025: figure f01 killed deleted: over 30, ")
    assert told[2].startswith("Boulikessi, 1 June 2025: figure f90 wounded added: at least 60, ")
    actions = [change.action.value for change in compared(before, after).changes]
    assert actions == ["merge", "delete", "add", "add"]


def test_a_statement_about_several_incidents_is_told_with_them(before: Path, after: Path) -> None:
    records = Records.read(open_package(before))
    links = [row["statement_id"] for row in records.rows["statement_incidents"].values()]
    several = next(id for id in links if links.count(id) > 1)
    edit(after, changed("statements", several, gist="Says something else."))
    (told,) = sentences(before, after)
    assert f" and {links.count(several) - 1} more: statement {several} " in told
    assert told.endswith('to "Says something else." (' + told.rpartition("(")[2])


def test_numbers_that_do_not_go_together_are_told_as_they_stand(before: Path, after: Path) -> None:
    edit(after, changed("casualties", F01, low="40", value="x"))
    (told,) = sentences(before, after)
    assert "changed from over 30 to more_than x with bounds 40 to open" in told


def test_a_column_that_only_one_state_has_is_no_change_of_records(
    before: Path, after: Path
) -> None:
    package = open_package(before)
    records = Records.read(package)
    table = package.tables["places"]
    columns = [column for column in table.columns if column != "note"]
    rows = [[row[c] for c in columns] for row in records.rows["places"].values()]
    (after / table.path).write_bytes(canonical(columns, table.primary_key, rows))
    edit_schema(after, "places", lambda s: s["fields"].remove(field_of(s, "note")))
    found_ = compared(before, after)
    assert found_.changes == ()
    assert [(c.table, c.field, c.text) for c in found_.schemas] == [
        ("places", "note", "was removed")
    ]
    assert compared(after, before).schemas[0].text == "was added"


@pytest.mark.parametrize("break_", ["", "one\ntwo", 'a "quoted"\n\n"', "\r\n"])
def test_reading_only_lines_that_differ_finds_the_same(
    before: Path, after: Path, break_: str
) -> None:
    def write(folder: Path, *, last: str) -> None:
        package = open_package(folder)
        table = package.tables["casualties"]
        rows = [list(row.values()) for row in Records.read(package).rows["casualties"].values()]
        rows[3][-1] = break_
        rows[-1][-1] = last
        with (folder / table.path).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([table.columns, *rows])

    edit(after, removed("casualties", F01), revised(action="retracted"))
    write(before, last="x")
    write(after, last=f"{break_}y")
    states = (Records.read(open_package(folder)) for folder in (before, after))
    assert list(compared(before, after).changes) == diff(*states)


@pytest.mark.parametrize("name", list(difference.FORMATS))
def test_every_format_tells_it_and_no_cell_breaks_out(before: Path, after: Path, name: str) -> None:
    hostile = "::error::x ##[y] <script>@all</script> \x1b[31m\u202e`| [a](javascript:b)"
    edit(after, changed("casualties", F01, said_by=hostile, **SIXTY))
    shown = difference.FORMATS[name](compared(before, after))
    for bad in ("\x1b", "\u202e", "##["):
        assert bad not in shown
    assert shown.endswith("\n")
    if name == "json":
        (change,) = json.loads(shown)["changes"]
        assert change["record"] == F01
        assert {"field": "said_by", "old": "two security sources", "new": hostile} in (
            change["fields"]
        )
        assert "over 30 to at least 60" in change["words"]
    else:
        assert "over 30 to at least 60" in shown
    if name == "markdown":
        tokens = [t for block in MarkdownIt().parse(shown) for t in block.children or ()]
        assert {token.type for token in tokens} <= {"text", "code_inline", "softbreak"}


def test_a_long_difference_is_cut_in_markdown_and_says_so(before: Path, after: Path) -> None:
    def grow(records: Records) -> None:
        row = records.rows["casualties"][F08,]
        for number in range(1000):
            records.put("casualties", row | {"casualty_id": f"{INCIDENT}-f{1000 + number}"})

    edit(after, grow)
    shown = difference.markdown(compared(before, after))
    assert len(shown) < 65_536
    assert "Cut for want of room" in shown
    assert difference.text(compared(before, after)).count("  ADD ") == 1000


# --- policies on records


def test_a_figure_changed_in_silence(before: Path, after: Path) -> None:
    edit(after, changed("casualties", F01, **SIXTY))
    # low only follows the value
    assert found(before, after) == [(FIGURE, F01, "qualifier"), (FIGURE, F01, "value")]


def test_a_problem_names_the_line_and_column_of_the_cell(before: Path, after: Path) -> None:
    edit(after, changed("casualties", F01, **SIXTY))
    (problem, _), _ = policies.judge(compared(before, after))
    assert problem.file == "data/casualties.csv"
    assert problem.line is not None
    assert problem.column is not None
    line = (after / problem.file).read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line.startswith(F01)
    assert line[problem.column - 1 :].startswith("at_least,60,60")


def test_a_figure_changed_with_its_revisions(before: Path, after: Path) -> None:
    edit(
        after,
        changed("casualties", F01, **SIXTY),
        revised("R-0001", field="qualifier", old_value="more_than", new_value="at_least"),
        revised("R-0002", field="value", old_value="30", new_value="60"),
    )
    assert found(before, after) == []


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"source_id": ""}, "R-0001 cites no source"),
        ({"old_value": "29"}, "R-0001 says that it was `29`, not `30`"),
        ({"new_value": "61"}, "R-0001 says that it became `61`"),
        ({"new_value": ""}, "R-0001 says that it became empty"),
        ({"field": "note"}, "no new revision says why"),
        ({"record_id": F08}, "no new revision says why"),
        ({"table": "totals"}, "no new revision says why"),
    ],
)
def test_a_revision_that_does_not_tell_the_change(
    before: Path, after: Path, cells: dict[str, str], said: str
) -> None:
    row = {"field": "value", "old_value": "30", "new_value": "60"} | cells
    edit(after, changed("casualties", F01, value="60", low="61"), revised(**row))
    (problem,), _ = policies.judge(compared(before, after))
    assert problem.message == f"value changed from `30` to `60`: {said}"
    assert problem.severity is Severity.ERROR


def test_an_old_revision_does_not_cover_a_new_change(before: Path, after: Path) -> None:
    revision = revised(field="value", old_value="30", new_value="60")
    edit(before, revision)
    edit(after, revision, changed("casualties", F01, value="60", low="61"))
    assert found(before, after) == [(FIGURE, F01, "value")]


def test_revisions_that_follow_each_other(before: Path, after: Path) -> None:
    edit(
        after,
        changed("casualties", F01, value="70", low="71"),
        revised("R-0002", field="value", old_value="60", new_value="70", revised_on="2025-07-01"),
        revised("R-0001", field="value", old_value="30", new_value="60"),
    )
    assert found(before, after) == []


@pytest.mark.parametrize(
    ("id", "cells", "said"),
    [
        (F01, {"low": "11"}, "low changed from `31` to `11`, which widens the figure"),
        (F01, {"high": "40"}, "high changed from empty to `40`, which narrows the figure"),
        (RANGE, {"low": ""}, "which widens the figure"),
        (RANGE, {"high": "1"}, "which narrows the figure"),
        (RANGE, {"high": "99999"}, "which widens the figure"),
    ],
)
def test_a_bound_moved_in_silence(
    before: Path, after: Path, id: str, cells: dict[str, str], said: str
) -> None:
    edit(after, changed("casualties", id, **cells))
    (problem,), _ = policies.judge(compared(before, after))
    assert (problem.rule, problem.record) == (FIGURE, id)
    assert said in problem.message


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        ({"harm": "wounded"}, ["harm"]),
        ({"victims": "civilian"}, ["victims"]),
        ({"source_id": "zoneyetu-undated"}, ["source_id"]),
        ({"confirmation": "confirmed", "confirmed_by": "fama"}, ["confirmation"]),
        ({"confirmed_by": "fama"}, ["confirmed_by"]),
        ({"superseded_by": F08}, []),
        ({"note": "A note."}, []),
    ],
)
def test_which_cells_of_a_figure_need_a_revision(
    before: Path, after: Path, cells: dict[str, str], fields: list[str]
) -> None:
    edit(after, changed("casualties", F01, **cells))
    assert found(before, after) == [(FIGURE, F01, field) for field in fields]


def test_totals_are_figures_too(before: Path, after: Path) -> None:
    id = "T-sahel-hundreds-soldiers-2025-06"
    edit(after, changed("totals", id, confirmation="withdrawn"))
    assert found(before, after) == [(FIGURE, id, "confirmation")]


def test_candidates_may_change_and_go(before: Path, after: Path) -> None:
    edit(before, changed("incidents", INCIDENT, status="candidate"))
    edit(after, removed_incident())
    assert found(before, after) == []
    shutil.copy(before / "data/incidents.csv", after / "data")
    shutil.copytree(before / "data", after / "data", dirs_exist_ok=True)
    edit(after, changed("casualties", F01, value="99", low="100"))
    assert found(before, after) == []


def test_a_published_record_vanishes(before: Path, after: Path) -> None:
    edit(after, removed("casualties", F01))
    assert found(before, after) == [("change-id-vanished", F01, None)]
    edit(after, revised(action="retracted"))
    assert found(before, after) == []


def test_what_belongs_to_a_retired_incident_goes_with_it(before: Path, after: Path) -> None:
    edit(after, removed_incident())
    vanished = found(before, after)
    assert ("change-id-vanished", INCIDENT, None) in vanished
    assert ("change-id-vanished", F01, None) in vanished
    assert any(rule == "change-link-vanished" for rule, _, _ in vanished)
    edit(after, revised("R-0001", "incidents", INCIDENT, action="retracted"))
    assert found(before, after) == []


def test_a_link_between_records_vanishes(before: Path, after: Path) -> None:
    key = (INCIDENT, "jnim", "attacker", SOURCE)
    edit(after, removed("participants", *key))
    (problem,), _ = policies.judge(compared(before, after))
    assert (problem.rule, problem.severity) == ("change-link-vanished", Severity.WARNING)
    assert problem.record == "|".join(key)
    edit(after, revised("R-0001", "participants", "|".join(key), action="retracted"))
    assert found(before, after) == []


def test_a_published_incident_becomes_a_candidate(before: Path, after: Path) -> None:
    edit(after, changed("incidents", INCIDENT, status="candidate"))
    assert found(before, after) == [("change-id-vanished", INCIDENT, "status")]
    edit(before, changed("incidents", INCIDENT, status="candidate"))
    edit(after, changed("incidents", INCIDENT, status="active"))
    assert found(before, after) == []


def test_a_retired_id_is_given_again(before: Path, after: Path) -> None:
    edit(before, removed("casualties", F01), revised(action="retracted"))
    edit(after, revised(action="retracted"))
    assert found(before, after) == [("change-id-reused", F01, "casualty_id")]


def test_an_id_comes_to_mean_something_else(before: Path, after: Path) -> None:
    cells = {"title": "Djibo, 3 July 2025", "date_start": "2025-07-03", "place_id": "bfa-djibo"}
    edit(after, changed("incidents", INCIDENT, **cells))
    assert ("change-id-reused", INCIDENT, "title") in found(before, after)
    told = Records.read(open_package(before)).rows["incidents"][INCIDENT,]
    edit(
        after,
        *(
            revised(
                f"R-000{n}", "incidents", INCIDENT, field=f, old_value=told[f], new_value=cells[f]
            )
            for n, f in enumerate(cells)
        ),
    )
    assert found(before, after) == []


def test_one_cell_that_tells_records_apart_may_be_mended(before: Path, after: Path) -> None:
    edit(after, changed("sources", SOURCE, title="The title, mended"))
    assert found(before, after) == []


def test_an_incident_moved_in_silence(before: Path, after: Path) -> None:
    edit(after, changed("incidents", INCIDENT, date_end="2025-06-02", summary="Mended."))
    (problem,), _ = policies.judge(compared(before, after))
    assert (problem.rule, problem.field) == ("change-incident-unrevised", "date_end")
    assert problem.severity is Severity.WARNING


@pytest.mark.parametrize("table", ["casualties", "incidents"])
def test_a_table_whose_records_cannot_be_followed(before: Path, after: Path, table: str) -> None:
    edit_schema(after, table, lambda s: s.update(primaryKey=s["fields"][2]["name"]))
    assert found(before, after)[0] == ("change-id-vanished", None, None)


# --- policies on revisions, schemas, rules and the version


def test_a_revision_is_rewritten_or_removed(before: Path, after: Path) -> None:
    edit(before, revised("R-0001"), revised("R-0002"))
    edit(after, revised("R-0001", reason="Another reason."))
    assert found(before, after) == [
        ("change-revision-altered", "R-0001", "reason"),
        ("change-revision-altered", "R-0002", None),
    ]


def test_a_revision_dated_before_an_earlier_one(before: Path, after: Path) -> None:
    edit(before, revised("R-0001"))
    edit(after, revised("R-0001"), revised("R-0002", revised_on="2025-06-19"))
    assert found(before, after) == [("change-revision-altered", "R-0002", "revised_on")]


def values(name: str) -> Callable[[dict[str, Any]], list[dict[str, str]]]:
    return lambda schema: field_of(schema, name)["categories"]  # type: ignore[no-any-return]


def of(field: str, **properties: object) -> Callable[[dict[str, Any]], object]:
    return lambda schema: field_of(schema, field).update(properties)


SCHEMA_CHANGES: list[tuple[str, Callable[[dict[str, Any]], object], str, str]] = [
    ("places", lambda s: values("kind")(s).pop(), "lost the allowed values", "major"),
    ("places", lambda s: values("kind")(s).append({"value": "x"}), "gained the allowed", "minor"),
    ("places", of("kind", categories=[]), "was loosened: any", "minor"),
    ("places", of("name", constraints={}), "was loosened: required", "minor"),
    ("places", of("note", constraints={"maxLength": 5}), "was tightened: maxLength", "major"),
    ("places", of("latitude", type="string", constraints={}), "changed its type", "major"),
    ("places", of("note", description="x"), "has another description", "patch"),
    ("places", lambda s: values("kind")(s)[0].update(description="x"), "other words", "patch"),
    ("places", lambda s: s["foreignKeys"].pop(), "lost the reference", "minor"),
    ("places", lambda s: s["fields"].reverse(), "columns in another order", "major"),
    ("casualties", lambda s: s.update(uniqueKeys=[["note"]]), "gained the unique key", "major"),
]


@pytest.mark.parametrize(("table", "change", "said", "level"), SCHEMA_CHANGES)
def test_a_changed_schema_is_called_out(
    before: Path,
    after: Path,
    table: str,
    change: Callable[[dict[str, Any]], object],
    said: str,
    level: str,
) -> None:
    edit_schema(after, table, change)
    found_ = compare(in_folder("before", before), in_folder("after", after))
    told = {c.level.value: c.text for c in found_.schemas}
    assert said in told[level]
    problems = [p for p in policies.judge(found_)[0] if p.rule == "change-schema"]
    assert bool(problems) == (level != "patch")
    assert all(problem.severity is Severity.WARNING for problem in problems)
    assert deserved(found_) == level
    assert said in difference.text(found_)


def test_a_changed_rule_is_called_out(before: Path, after: Path) -> None:
    for folder, rules in ((before, {"a": "1", "b": "1"}), (after, {"a": "2", "c": "1"})):
        (folder / RULES_FOLDER).mkdir(parents=True)
        for name, text in rules.items():
            (folder / RULES_FOLDER / f"{name}.py").write_text(text)
    problems, _ = policies.judge(compared(before, after))
    assert [(problem.file, problem.message) for problem in problems] == [
        (f"{RULES_FOLDER}/a.py", "this rule file was changed"),
        (f"{RULES_FOLDER}/b.py", "this rule file was removed"),
        (f"{RULES_FOLDER}/c.py", "this rule file was added"),
    ]
    shutil.rmtree(after / "src")
    assert found(before, after) == []  # a state without rules says nothing about them


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("1.2.3", "1.2.4", False),
        ("1.9.0", "1.10.0", False),
        ("1.0.0-rc.1", "1.0.0", False),
        ("1.0.0-rc.9", "1.0.0-rc.10", False),
        ("1.0.0", "1.0.0", False),
        ("1.0.0", "1.0.0-rc.1", True),
        ("1.10.0", "1.9.0", True),
        ("1.0.0", "first", True),
        ("first", "first", False),
    ],
)
def test_the_version(before: Path, after: Path, old: str, new: str, wrong: bool) -> None:
    for folder, version in ((before, old), (after, new)):
        file = folder / DESCRIPTOR
        descriptor = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(descriptor | {"version": version}), encoding="utf-8")
    expected = [("change-version-backwards", None, None)] if wrong else []
    assert found(before, after) == expected


@pytest.mark.parametrize(
    ("edits", "level"),
    [
        ((changed("casualties", F01, note="x"),), "patch"),
        ((revised(),), "patch"),
        ((lambda r: r.put("actors", {"actor_id": "new", "name": "New"}),), "minor"),
        ((removed("casualties", F01),), "major"),
        ((removed("participants", INCIDENT, "jnim", "attacker", SOURCE),), "patch"),
        ((removed_incident(), lambda r: r.put("actors", {"actor_id": "new"})), "major"),
    ],
)
def test_the_version_deserved(
    before: Path, after: Path, edits: tuple[Edit, ...], level: str
) -> None:
    edit(after, *edits)
    assert deserved(compared(before, after)) == level


def test_a_table_that_cannot_be_read_is_skipped_not_passed(before: Path, after: Path) -> None:
    (after / "data/casualties.csv").write_bytes(b'"')
    problems, skipped = policies.judge(compared(before, after))
    assert problems == []
    assert {one.table for one in skipped} == {"casualties"}
    assert FIGURE in {one.check for one in skipped}


# --- validation since a state


def test_since_parts_what_is_new_from_what_was_there(before: Path, after: Path) -> None:
    old = changed("places", "bfa-djibo", kind="moon")
    edit(before, old)
    shift = lambda r: r.put("places", {**r.rows["places"]["bfa-djibo",], "place_id": "a-a"})  # noqa: E731
    edit(after, old)
    report = validate_since(after, str(before))
    assert report.known == 1
    assert report.sound()
    assert report.count(Severity.ERROR) == 0
    # a line further down, and one more
    edit(after, shift, changed("places", "a-a", kind="sun", name="Another"))
    report = validate_since(after, str(before))
    assert [(p.record, p.known) for p in report.problems if p.rule == "cell-category"] == [
        ("a-a", False),
        ("bfa-djibo", True),
    ]
    assert not report.sound()


def test_since_judges_by_the_earlier_schemas_too(before: Path, after: Path) -> None:
    """Bad data does not pass by loosening its schema in the same change."""
    edit_schema(after, "places", lambda s: values("kind")(s).append({"value": "moon"}))
    assert validate_since(after, str(before)).sound()
    edit(after, changed("places", "bfa-djibo", kind="moon"))
    report = validate_since(after, str(before))
    assert not report.sound()
    (problem,) = [p for p in report.problems if p.severity is Severity.ERROR]
    assert problem.record == "bfa-djibo"
    assert problem.message.endswith(f"(by the schemas of {before})")


def test_since_judges_by_the_later_schemas_too(before: Path, after: Path) -> None:
    edit_schema(after, "places", lambda s: field_of(s, "note").update(constraints={"maxLength": 1}))
    report = validate_since(after, str(before))
    assert {p.rule for p in report.problems} >= {"change-schema"}
    assert not report.sound()


def test_since_a_state_with_fewer_columns(before: Path, after: Path) -> None:
    package = open_package(after)
    table = package.tables["places"]
    rows = [[*row.values(), ""] for row in Records.read(package).rows["places"].values()]
    columns = [*table.columns, "remark"]
    (after / table.path).write_bytes(canonical(columns, table.primary_key, rows))
    edit_schema(after, "places", lambda s: s["fields"].append({"name": "remark", "type": "string"}))
    report = validate_since(after, str(before))
    assert [p.rule for p in report.problems] == ["change-schema"]
    assert report.sound()
    assert not report.sound(strict=True)


def test_every_policy_is_in_the_catalogue_and_explains_itself() -> None:
    rules = catalogue()
    for rule in policies.RULES:
        assert rules[rule.id] is rule
        assert rule.id.startswith("change-")
        assert not rule.title.endswith(".")
        assert rule.explanation.endswith((".", ")"))


# --- the command line, on a real repository


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sahel_incidents", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


@pytest.fixture
def repository(after: Path) -> Path:
    git(after, "init", "--quiet", "--initial-branch", "main")
    git(after, "add", ".")
    git(after, "commit", "--quiet", "--message", "first")
    git(after, "switch", "--quiet", "--create", "proposal")
    return after


def test_a_silent_change_on_a_branch(repository: Path) -> None:
    edit(repository, changed("casualties", F01, **SIXTY))
    assert run("validate", cwd=repository).returncode == 0
    done = run("validate", "--since", "main", "--format", "json", cwd=repository)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["since"] == {"name": "main", "problems": 0}
    assert [(p["rule"], p["field"]) for p in report["problems"]] == [
        (FIGURE, "qualifier"),
        (FIGURE, "value"),
    ]
    shown = run("diff", "main", cwd=repository)
    assert shown.returncode == 0
    assert "figure f01 killed changed from over 30 to at least 60" in shown.stdout
    git(repository, "commit", "--quiet", "--all", "--message", "second")
    both = run("diff", "main", "proposal", "--output", "changes.md", "--format", "markdown",
               cwd=repository)  # fmt: skip
    assert both.returncode == 0, both.stderr
    assert "over 30 to at least 60" in (repository / "changes.md").read_text(encoding="utf-8")


def test_what_was_there_does_not_fail(repository: Path) -> None:
    edit(repository, changed("places", "bfa-djibo", kind="moon"))
    git(repository, "commit", "--quiet", "--all", "--message", "bad")
    edit(repository, changed("sources", SOURCE, note="Read again."))
    done = run("validate", "--since", "HEAD", cwd=repository)
    assert done.returncode == 0, done.stdout
    assert "already there: " in done.stdout
    assert "Sound: no errors, no warnings new since HEAD" in done.stdout
    assert run("validate", "--since", "main", cwd=repository).returncode == 1


def test_failures_of_the_tool_cost_exit_code_3(repository: Path) -> None:
    for arguments in (
        ("validate", "--since", "nope"),
        ("validate", "--since", ""),
        ("diff", "nope"),
        ("diff", "--", "-x"),
    ):
        done = run(*arguments, cwd=repository)
        assert done.returncode == 3, arguments
        assert "->" in done.stderr
        assert "Traceback" not in done.stderr
    (repository / "data/places.csv").write_bytes(b'"')
    assert "incidents validate" in run("diff", "main", cwd=repository).stderr
