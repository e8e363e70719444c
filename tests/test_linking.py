"""Links to another dataset: proposed where two records may be one, stored where a person says so.

The other dataset is a copy of the shipped one under ids of its own, so what belongs together is
known.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sahel_incidents.cli import main
from sahel_incidents.descriptor import open_package
from sahel_incidents.duplicates.nearness import REGIONS
from sahel_incidents.linking import Linking
from sahel_incidents.linking.decisions import COLUMNS, Faulty, read
from sahel_incidents.problem import ToolError
from sahel_incidents.records import Records

RELATIONS = ("same", "part_of", "contains", "overlaps")
SOLHAN, INATA = "BFA-2021-06-04-solhan", "BFA-2021-11-14-inata"


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--package", str(root), "link", *words])


def external(incident_id: str) -> str:
    return f"X{incident_id}"


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, copy_shipped: Callable[[Path], Path]) -> Path:
    """The other dataset: every incident under an id of its own."""
    root = copy_shipped(tmp_path_factory.mktemp("other") / "package")
    records = Records.read(open_package(root))
    for (id,) in records.rows["incidents"]:
        row = {"incident_id": id, "dataset": "ucdp_ged", "external_id": external(id)}
        records.put("external_ids", row | {"relation": "same"})
    for path, content in records.files().items():
        (root / path).write_bytes(content)
    return root


@pytest.fixture
def ours(tmp_path: Path, copy_shipped: Callable[[Path], Path]) -> Path:
    root = copy_shipped(tmp_path / "ours")
    header = (root / "data" / "external_ids.csv").read_text(encoding="utf-8").partition("\n")[0]
    (root / "data" / "external_ids.csv").write_text(header + "\n", encoding="utf-8")
    return root


def decided(*rows: tuple[str, str, str], header: tuple[str, ...] = COLUMNS) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([*row, "", "", "", ""] for row in rows)
    return out.getvalue().encode()


def stored(root: Path) -> list[dict[str, str]]:
    return list(Records.read(open_package(root)).rows["external_ids"].values())


def test_an_incident_finds_itself_in_the_other_dataset(ours: Path, other: Path) -> None:
    linking = Linking.open(ours, other, "ucdp_ged")
    found: dict[str, list[str]] = {}
    for one in linking.proposals():
        found.setdefault(one.incident_id, []).append(one.other_id)
    days = {
        row["incident_id"]
        for row in linking.ours.rows["incidents"].values()
        if row["date_precision"] == "day"
        and linking.ours.rows["places"][row["place_id"],]["kind"] not in REGIONS
    }
    assert len(days) > 50
    missed = {id for id in days if id not in found.get(id, ())}
    assert missed == set()


def test_a_package_without_ids_of_the_dataset_cannot_be_linked_to(ours: Path) -> None:
    done = run(ours, "ucdp", str(ours))
    assert isinstance(done.exception, ToolError)
    assert "holds no records of ucdp_ged" in done.exception.message
    assert "incidents import ucdp" in done.exception.remedy


def test_proposals_are_decided_in_a_table_and_stored(
    ours: Path, other: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "proposals.csv"
    done = run(ours, "ucdp", str(other), "--output", str(sheet))
    assert done.exit_code == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8"))))
    assert {row["decision"] for row in rows} == {""}
    assert stored(ours) == []  # nothing is linked by itself
    for row in rows:
        pair = row["incident_id"], row["external_id"]
        row["decision"] = {
            (SOLHAN, external(SOLHAN)): "same",
            (INATA, external(INATA)): "no",
        }.get(pair, "")
    with sheet.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), delimiter=";")  # as a spreadsheet saves it
        writer.writeheader()
        writer.writerows(rows)
    dry = run(ours, "ucdp", str(other), "--decided", str(sheet), "--dry-run")
    assert (dry.exit_code, stored(ours)) == (0, [])
    assert "1 link would be added" in dry.stdout
    done = run(ours, "ucdp", str(other), "--decided", str(sheet))
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "1 link added: data/external_ids.csv\n"
    (link,) = stored(ours)
    assert (link["incident_id"], link["external_id"]) == (SOLHAN, external(SOLHAN))
    assert link["relation"] == "same"
    again = run(ours, "ucdp", str(other), "--decided", str(sheet))
    assert (again.exit_code, again.stdout) == (0, "nothing changed\n")
    pairs = {
        (one.incident_id, one.other_id) for one in Linking.open(ours, other, "ucdp_ged").proposals()
    }
    assert (SOLHAN, SOLHAN) not in pairs  # what is linked is not proposed again
    assert (INATA, INATA) in pairs


@pytest.mark.parametrize(
    ("row", "message", "remedy"),
    [
        ((SOLHAN, external(SOLHAN), "sam"), "is no decision", "did you mean same?"),
        ((SOLHAN[:-1], external(SOLHAN), "same"), "there is no incident", f"mean {SOLHAN}?"),
        ((SOLHAN, "4711", "same"), 'has no record "4711"', "as it stands in the proposals"),
    ],
)
def test_a_wrong_decision_is_named_and_nothing_is_stored(
    ours: Path,
    other: Path,
    tmp_path: Path,
    row: tuple[str, str, str],
    message: str,
    remedy: str,
) -> None:
    sheet = tmp_path / "decided.csv"
    sheet.write_bytes(decided((INATA, external(INATA), "same"), row))
    done = run(ours, "ucdp", str(other), "--decided", str(sheet))
    assert done.exit_code == 1
    column = len(f"{row[0]},{row[1]},") + 1
    assert f"{sheet}:3:{column}: " in done.stderr
    assert message in done.stderr
    assert remedy in done.stderr
    assert stored(ours) == []


def test_two_decisions_on_one_pair_are_a_contradiction(ours: Path, other: Path) -> None:
    pair = (SOLHAN, external(SOLHAN))
    content = decided((*pair, "same"), (*pair, "contains"))
    problems = Linking.open(ours, other, "ucdp_ged").decide(content, "d.csv")
    assert isinstance(problems, list)
    assert [problem.message for problem in problems] == ["decided otherwise in line 2"]


def test_a_link_is_not_silently_changed(ours: Path, other: Path) -> None:
    pair = (SOLHAN, external(SOLHAN))
    Linking.open(ours, other, "ucdp_ged").decide(decided((*pair, "same")), "d.csv")
    problems = Linking.open(ours, other, "ucdp_ged").decide(decided((*pair, "overlaps")), "d.csv")
    assert isinstance(problems, list)
    assert "linked to" in problems[0].message
    assert [row["relation"] for row in stored(ours)] == ["same"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the first row does not name"),
        (b"a,b\n1,2\n", "the first row does not name"),
        ("incident_id,external_id,decision\né".encode("latin-1"), "not UTF-8"),
        (b'incident_id,external_id,decision\n"a,b,same\n', "not well formed"),
    ],
)
def test_what_is_no_table_of_decisions(content: bytes, message: str) -> None:
    faulty = read(content, "decided.csv", RELATIONS)
    assert isinstance(faulty, Faulty)
    assert message in faulty.problems[0].message
    assert faulty.problems[0].suggestion


def test_rows_that_are_short_or_empty_are_no_decision() -> None:
    content = b"incident_id,external_id,decision\n\nMLI-1\nMLI-1,2,no\nMLI-1,2,\n"
    assert read(content, "decided.csv", RELATIONS) == []
