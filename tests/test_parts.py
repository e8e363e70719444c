"""Tables in parts: whatever a table is cut into, the parts together are the whole."""

from __future__ import annotations

import json
import shutil
import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents import derived, parquet_files, parts
from sahel_incidents.descriptor import open_package
from sahel_incidents.formats import BrokenArtifactError, compare
from sahel_incidents.package import DESCRIPTOR, Package
from sahel_incidents.parts.slicing import groups
from sahel_incidents.problem import DescriptorError, ToolError
from sahel_incidents.records import Records
from sahel_incidents.release import Release
from sahel_incidents.typed import read_tables

ROOT = Path(__file__).parents[1]
SHIPPED = open_package(ROOT)

IDS = ("MLI-2025-a", "MLI-2025-a-b", "MLI-2025-a-c", "MLI-2025-b", "MLI-2025-c", "NER-2025-a")
"""Of which one begins with another: then the ids of figures are not in the incidents' order."""


def outline(package: Package) -> Release:
    return Release(
        package=package,
        descriptor=json.loads((package.root / DESCRIPTOR).read_bytes()),
        issued=date(2026, 11, 22),
        commit="",
        tables={},
        derived={},
        declared={**package.tables, **derived.declared(package)},
    )


def written(package: Package, folder: Path, rows: int) -> parts.Made:
    """A package written in parts, by this process alone."""
    aside = folder / "aside"
    aside.mkdir(parents=True)
    with parts.workers(1) as pool:
        return parts.write(outline(package), folder, aside, rows, pool, lambda *_: None)


def whole_tables(package: Package) -> dict[str, pa.Table]:
    tables = read_tables(package)
    return {**tables, **derived.build(package, tables)}


def expect_whole(package: Package, folder: Path, rows: int) -> None:
    """Write a package in parts, and compare what is read of them with the whole tables."""
    made = written(package, folder, rows)
    for name, table in whole_tables(package).items():
        files = sorted((folder / "parquet" / name).iterdir())
        found = pa.concat_tables([parquet_files.read(file) for file in files])
        compare(name, table, found.replace_schema_metadata())
        assert made.rows[name] == table.num_rows
    for table in package.tables.values():
        files = sorted((folder / table.path.removesuffix(".csv")).iterdir())
        header, *texts = [file.read_bytes().partition(b"\n") for file in files]
        assert all(text[0] == header[0] for text in texts)
        bodies = b"".join(text[2] for text in (header, *texts))
        assert header[0] + b"\n" + bodies == package.file(table).read_bytes()
        assert len(files) == max(-(-made.rows[table.name] // rows), 1)
    assert not (folder / "aside").exists()


@pytest.mark.parametrize("rows", [100, 1000])
def test_the_shipped_data(tmp_path: Path, rows: int) -> None:
    expect_whole(SHIPPED, tmp_path, rows)


def test_an_empty_package(tmp_path: Path) -> None:
    expect_whole(stored(tmp_path / "package", records()), tmp_path / "out", 10)


def records() -> Records:
    return Records(SHIPPED, {name: {} for name in SHIPPED.tables})


def stored(folder: Path, given: Records) -> Package:
    """Records as a package in a folder."""
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    (folder / "data").mkdir()
    shutil.copyfile(ROOT / DESCRIPTOR, folder / DESCRIPTOR)
    for path, content in given.files().items():
        (folder / path).write_bytes(content)
    return open_package(folder)


ANY_ID = st.sampled_from(IDS)
SOURCE = st.sampled_from(["x", "y", "z"])
ACTOR = st.sampled_from(["p", "q"])
FIGURE = st.fixed_dictionaries(
    {
        "casualty_id": st.tuples(ANY_ID, st.sampled_from("1234")).map("-f".join),
        "incident_id": ANY_ID,
        "source_id": SOURCE,
        "confirmation_source_id": st.one_of(st.just(""), SOURCE),
        "speaker_actor_id": st.one_of(st.just(""), ACTOR),
        "victim_actor_id": st.one_of(st.just(""), ACTOR),
        "said_by": st.sampled_from(["a mayor", "a witness"]),
        "value": st.sampled_from(["3", "5"]),
    }
)
PARTICIPANT = st.fixed_dictionaries(
    {
        "incident_id": ANY_ID,
        "actor_id": ACTOR,
        "role": st.sampled_from(["attacker", "target"]),
        "source_id": SOURCE,
    }
)
LINK = st.fixed_dictionaries(
    {
        "incident_id": ANY_ID,
        "other_incident_id": ANY_ID,
        "relation": st.sampled_from(["part_of", "coordinated_with"]),
        "source_id": SOURCE,
    }
)
STATEMENT = st.tuples(st.sampled_from("st"), SOURCE, st.sets(ANY_ID, min_size=1, max_size=3))


@given(
    st.sets(ANY_ID, min_size=1),
    st.lists(FIGURE, max_size=10),
    st.lists(PARTICIPANT, max_size=5),
    st.lists(LINK, max_size=5),
    st.lists(STATEMENT, max_size=3),
    st.integers(1, 4),
)
@settings(max_examples=8)
def test_any_package(
    incidents: set[str],
    figures: list[dict[str, str]],
    participants: list[dict[str, str]],
    links: list[dict[str, str]],
    statements: list[tuple[str, str, set[str]]],
    rows: int,
) -> None:
    given = records()
    for place in ("m", "n"):
        given.put("places", {"place_id": place, "name": place, "kind": "settlement"})
    for source in ("x", "y", "z"):
        told = {"publisher": "P", "kind": "news", "published_on": "2025-02-01"}
        given.put("sources", {"source_id": source, "title": source, **told})
    for actor in ("p", "q"):
        given.put("actors", {"actor_id": actor, "name": actor, "kind": "militia"})
    for number, id in enumerate(sorted(incidents)):
        place = {"place_id": "mn"[number % 2], "status": "active", "title": id}
        given.put("incidents", {"incident_id": id, **place})
    for figure in figures:
        if figure["incident_id"] in incidents:
            value = dict.fromkeys(("value", "low", "high"), figure["value"])
            counted = {"qualifier": "exact", "harm": "killed", "victims": "civilian"}
            judged = {"confirmation": "unconfirmed", "speaker_kind": "official"}
            given.put("casualties", figure | value | counted | judged)
    for row in participants:
        if row["incident_id"] in incidents:
            given.put("participants", row)
    for row in links:
        if {row["incident_id"], row["other_incident_id"]} <= incidents:
            given.put("incident_links", row)
    for id, source, of in statements:
        if of & incidents:
            given.put("statements", {"statement_id": id, "source_id": source})
            for incident in of & incidents:
                given.put("statement_incidents", {"statement_id": id, "incident_id": incident})
    with tempfile.TemporaryDirectory() as temporary:
        package = stored(Path(temporary, "package"), given)
        expect_whole(package, Path(temporary, "out"), rows)


@pytest.mark.parametrize(
    ("spans", "together"),
    [
        ([{0: ("a", "b"), 1: ("c", "d")}, {1: ("e", "e"), 2: ("f", "g")}], [1, 1, 1]),
        ([{0: ("a", "c"), 1: ("b", "d"), 2: ("f", "g")}], [2, 1]),
        ([{0: ("a", "g"), 2: ("f", "h")}], [3]),
        ([{2: ("a", "b")}], [1, 1, 1]),
        ([], [1, 1, 1]),
    ],
)
def test_slices_are_taken_together_only_where_figures_cross(
    spans: list[dict[int, tuple[str, str]]], together: list[int]
) -> None:
    assert [len(group) for group in groups(3, spans)] == together


def test_a_table_that_changes_meanwhile(tmp_path: Path) -> None:
    package = stored(tmp_path / "package", Records.read(SHIPPED))
    table = package.file(package.tables["sources"])

    def change(stage: str, done: int, total: int) -> None:
        if stage == "writing tables" and done == total:
            table.write_bytes(table.read_bytes())

    (tmp_path / "aside").mkdir()
    with parts.workers(1) as pool, pytest.raises(ToolError, match="changed meanwhile"):
        parts.write(outline(package), tmp_path, tmp_path / "aside", 500, pool, change)


@pytest.fixture(scope="module")
def in_parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped tables in parts, with the descriptors."""
    folder = tmp_path_factory.mktemp("parts")
    for path, content in written(SHIPPED, folder, 400).descriptors.items():
        (folder / path).write_bytes(content)
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    return folder


def test_parts_are_put_together(in_parts: Path, tmp_path: Path) -> None:
    found = parts.assemble(in_parts, tmp_path, lambda *_: None)
    assert open_package(tmp_path).tables == SHIPPED.tables
    for table in SHIPPED.tables.values():
        assert (tmp_path / table.path).read_bytes() == SHIPPED.file(table).read_bytes()
    assert [rows for _, rows in found] == [t.num_rows for t in read_tables(SHIPPED).values()]


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("data/incidents.csv", BrokenArtifactError),
        ([], BrokenArtifactError),
        ([7], BrokenArtifactError),
        (["data/incidents/part-00009.csv"], BrokenArtifactError),
        (["data/incidents"], BrokenArtifactError),
        (["data/places/part-00000.csv"], BrokenArtifactError),
        (["data/incidents/part-00000.csv", "data/places/part-00000.csv"], BrokenArtifactError),
        (["../part-00000.csv"], DescriptorError),
        (["/etc/passwd"], DescriptorError),
    ],
)
def test_parts_that_cannot_be_put_together(
    in_parts: Path, tmp_path: Path, path: object, error: type[ToolError]
) -> None:
    release = Path(shutil.copytree(in_parts, tmp_path / "release"))
    descriptor = json.loads((release / DESCRIPTOR).read_bytes())
    descriptor["resources"][0]["path"] = path
    (release / DESCRIPTOR).write_text(json.dumps(descriptor))
    (tmp_path / "out").mkdir()
    with pytest.raises(error):
        parts.assemble(release, tmp_path / "out", lambda *_: None)


def test_a_worker_that_dies_is_told() -> None:
    with parts.workers(2) as pool, pytest.raises(ToolError, match="a worker died"):
        pool.results([pool.submit(__import__("os")._exit, 1)])


def test_what_stops_a_worker_stops_the_tool() -> None:
    with parts.workers(2) as pool, pytest.raises(ToolError, match="no such file"):
        pool.results([pool.submit(open_package, Path("/nowhere"))])
