"""The derived tables: what they declare, and their numbers beside a plain reading of the rules."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents import cells, derived
from sahel_incidents.cards.phrases import parse, phrase
from sahel_incidents.descriptor import open_package
from sahel_incidents.grading import ABOUT, GRADES, REACH
from sahel_incidents.package import Package
from sahel_incidents.problem import ToolError
from sahel_incidents.records import Records, Row
from sahel_incidents.typed import read_tables
from sahel_incidents.views.estimates import grades

ROOT = Path(__file__).parents[1]
PACKAGE = open_package(ROOT)

INCIDENTS = ("MLI-2025-01-01-a", "MLI-2025-01-01-b", "MLI-2025-01-01-c")
SOURCES: dict[str, dict[str, str]] = {
    "news": {"kind": "news", "published_on": "2025-01-02", "title": "News"},
    "later": {"kind": "news", "published_on": "2025-01-05", "title": "Later"},
    "undated": {"kind": "wire", "title": "Undated"},
    "quoted": {"kind": "wire", "title": "Quoted", "cited_in": "news"},
    "wiki": {"kind": "reference", "title": "Wiki", "published_on": "2025-02-01"},
}


def typed(records: Records) -> dict[str, pa.Table]:
    """Records as `typed.read_tables` would give them from files."""
    tables = {}
    for name, table in records.package.tables.items():
        rows = sorted(records.rows[name].items(), key=lambda item: [k.encode() for k in item[0]])
        columns = [
            cells.typed(
                field, pa.chunked_array([[row[field.name] for _, row in rows]], pa.string()), ("",)
            )
            for field in table.fields
        ]
        tables[name] = pa.table(columns, names=list(table.columns))
    return tables


def empty(package: Package = PACKAGE) -> Records:
    return Records(package, {name: {} for name in package.tables})


def records_of(figures: list[Row], status: Mapping[str, str] | None = None) -> Records:
    records = empty()
    for id in INCIDENTS:
        place = {"place_id": "mli-a", "country": "MLI", "date_start": "2025-01-01"}
        given = {"status": "active", **{"status": (status or {}).get(id, "active")}}
        records.put("incidents", {"incident_id": id, "title": id, **place, **given})
    records.put("places", {"place_id": "mli-a", "name": "A", "kind": "settlement"})
    for id, row in SOURCES.items():
        records.put("sources", {"source_id": id, "publisher": "P", **row})
    for row in figures:
        records.put("casualties", row)
    return records


def figure(number: str, incident: str = INCIDENTS[0], **given: str) -> Row:
    told = parse(number)
    row = dict.fromkeys(PACKAGE.tables["casualties"].columns, "")
    counted = {"value": told.value, "low": told.low, "high": told.high}
    row |= {name: "" if cell is None else str(cell) for name, cell in counted.items()}
    row |= {"qualifier": told.qualifier, "incident_id": incident, "harm": "killed"}
    row |= {"victims": "civilian", "said_by": "a mayor", "speaker_kind": "official"}
    row |= {"source_id": "news", "confirmation": "unconfirmed"}
    return row | given


def numbered(rows: list[Row]) -> list[Row]:
    return [row | {"casualty_id": f"{row['incident_id']}-f{n:02}"} for n, row in enumerate(rows, 1)]


def build(rows: list[Row], **given: Any) -> dict[str, pa.Table]:
    return derived.build(PACKAGE, typed(records_of(numbered(rows), **given)))


PHRASES = st.builds(
    lambda form, numbers: form.format(*sorted(numbers)),
    st.sampled_from(
        ["{}", "over {}", "at least {}", "up to {}", "under 1{}", "about {}", "{}-{}", "many"]
    ),
    st.tuples(*[st.sampled_from([0, 1, 5, 10, 14, 15, 20, 30, 999_999_999])] * 2),
)
FIGURES = st.lists(
    st.builds(
        figure,
        PHRASES,
        st.sampled_from(INCIDENTS),
        harm=st.sampled_from(["killed", "wounded"]),
        victims=st.sampled_from(["civilian", "state_force", "mixed"]),
        demographic=st.sampled_from(["", "", "", "men"]),
        said_by=st.sampled_from(["a", "b", "AFP", "AFP, no origin named", "c"]),
        relayed_by=st.sampled_from(["", "AFP", "afp", "b"]),
        speaker_actor_id=st.sampled_from(["", "", "", "x", "a"]),
        source_id=st.sampled_from([*SOURCES, "news", "later"]),
        confirmation=st.sampled_from(
            ["unconfirmed", "unconfirmed", "unconfirmed", "confirmed", "disputed", "withdrawn"]
        ),
        part_of=st.sampled_from(["", "", "", "whole"]),
        superseded_by=st.sampled_from(["", "", "", "next"]),
    ),
    max_size=12,
).map(numbered)


def is_live(row: Row) -> bool:
    return row["confirmation"] != "withdrawn" and not row["superseded_by"]


def group_of(row: Row, rows: list[Row]) -> list[Row]:
    """The figures that count the same, as docs/methodology.md has it."""
    same = ("incident_id", "harm", "victims", "demographic")
    return [
        other
        for other in rows
        if is_live(other) and not other["part_of"] and all(other[c] == row[c] for c in same)
    ]


def origin_of(row: Row) -> tuple[str, str]:
    if row["speaker_actor_id"]:
        return row["speaker_actor_id"], ""
    return row["said_by"].lower(), row["relayed_by"].lower()


def speaks(row: Row, rows: list[Row]) -> bool:
    source = SOURCES[row["source_id"]]
    if source.get("cited_in") or source["kind"] == "reference":
        return False
    outlet = own_voice(row)
    return not outlet or not any(
        other["relayed_by"].lower() == outlet and not own_voice(other)
        for other in group_of(row, rows)
    )


def own_voice(row: Row) -> str:
    """The outlet that speaks for itself; nothing where somebody else speaks."""
    said, ending = row["said_by"].lower(), ", no origin named"
    if said.endswith(ending):
        return said.removesuffix(ending)
    return said if said == row["relayed_by"].lower() else ""


def bounds_of(row: Row, *, near: bool = False) -> tuple[float, float] | None:
    if row["qualifier"] == "about":
        return int(row["value"]) * (1 - ABOUT), int(row["value"]) * (1 + ABOUT)
    low, high = row["low"], row["high"]
    if not low and not high:
        return None
    reached = (int(high) / REACH if near else -1.0) if not low else int(low)
    reaching = (int(low) * REACH if near else float("inf")) if not high else int(high)
    return reached, reaching


def meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def grade_of(row: Row, rows: list[Row]) -> str | None:
    """The grade, read off docs/methodology.md figure by figure."""
    if not is_live(row):
        return None
    if row["confirmation"] == "confirmed":
        return "confirmed"
    grade = "contested" if row["confirmation"] == "disputed" else "unconfirmed"
    if row["part_of"] or not bounds_of(row) or not speaks(row, rows):
        return grade
    for other in group_of(row, rows):
        if origin_of(other) == origin_of(row) or not bounds_of(other) or not speaks(other, rows):
            continue
        if meet(bounds_of(row, near=True), bounds_of(other, near=True)):  # type: ignore[arg-type]
            return "corroborated"
        if not meet(bounds_of(row), bounds_of(other)):  # type: ignore[arg-type]
            grade = "contested"
    return grade


@given(FIGURES)
@settings(max_examples=150, deadline=None)
def test_grades_follow_the_methodology_however_they_are_asked_for(rows: list[Row]) -> None:
    records = records_of(rows)
    expected = {row["casualty_id"]: grade_of(row, rows) for row in rows}
    flat = derived.build(PACKAGE, typed(records))["figures_flat"]
    assert dict(zip(*(flat[n].to_pylist() for n in ("casualty_id", "grade")), strict=True)) == (
        expected
    )
    assert grades(rows, records) == {id: grade for id, grade in expected.items() if grade}
    repeating = dict(
        zip(*(flat[n].to_pylist() for n in ("casualty_id", "only_repeats")), strict=True)
    )
    assert repeating == {row["casualty_id"]: not speaks(row, rows) for row in rows}


def number_of(row: Row) -> int | None:
    about = row["value"] if row["qualifier"] == "about" else ""
    told = row["low"] or row["high"] or about
    return int(told) if told else None


def estimates_of(rows: list[Row]) -> list[dict[str, Any]]:
    """The estimates, read off the descriptions of their columns."""
    groups: defaultdict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if is_live(row) and not row["part_of"] and not row["demographic"]:
            groups[row["incident_id"], row["harm"], row["victims"]].append(row)
    result = []
    for key in sorted(groups):
        group = groups[key]
        told = [row for row in group if number_of(row) is not None]
        numbers = [int(cell) for row in told for cell in (row["low"], row["high"]) if cell]
        numbers += [int(row["value"]) for row in told if row["qualifier"] == "about"]

        def rank(row: Row) -> tuple[Any, ...]:
            published = SOURCES[row["source_id"]].get("published_on", "")
            return (
                GRADES.index(grade_of(row, rows)),  # type: ignore[arg-type]
                not speaks(row, rows),
                [-ord(c) for c in published] or [0],
                row["qualifier"] in ("range", "at_most", "fewer_than"),
                number_of(row),
                row["casualty_id"],
            )

        best = min(told, key=rank) if told else None
        result.append(
            {
                **dict(zip(("incident_id", "harm", "victims"), key, strict=True)),
                "low": min(numbers, default=None),
                "best": number_of(best) if best else None,
                "high": max(numbers, default=None),
                "low_open": any(not row["low"] for row in group),
                "high_open": any(not row["high"] for row in group),
                "grade": grade_of(best, rows) if best else None,
                "best_figure": best["casualty_id"] if best else None,
                "figures": len(group),
                "origins": len({origin_of(row) for row in group if speaks(row, rows)}),
            }
        )
    return result


@given(FIGURES)
@settings(max_examples=150, deadline=None)
def test_estimates_follow_their_descriptions(rows: list[Row]) -> None:
    tables = derived.build(PACKAGE, typed(records_of(rows)))
    expected = estimates_of(rows)
    assert tables["estimates"].to_pylist() == expected
    for row in expected:
        assert row["best"] is None or row["low"] <= row["best"] <= row["high"]
    for incident in tables["incidents_flat"].to_pylist():
        own = [row for row in expected if row["incident_id"] == incident["incident_id"]]
        for harm in ("killed", "wounded"):
            kinds = [row for row in own if row["harm"] == harm]
            told = [row for row in kinds if row["best"] is not None]
            only = told[0] if len(told) == 1 else defaultdict(lambda: None)
            for name in ("low", "best", "high", "low_open", "high_open", "grade", "best_figure"):
                assert incident[f"{harm}_{name}"] == only[name]
            assert incident[f"{harm}_victims"] == only["victims"]
            assert incident[f"{harm}_several_victims"] == (len(kinds) > 1 if kinds else None)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([figure("30")], (30, 30, 30, False, False)),
        ([figure("over 30")], (31, 31, 31, False, True)),
        ([figure("up to 44")], (44, 44, 44, True, False)),
        ([figure("under 20")], (19, 19, 19, True, False)),
        ([figure("about 60")], (60, 60, 60, True, True)),
        ([figure("30-40")], (30, 30, 40, False, False)),
        ([figure("dozens")], (None, None, None, True, True)),
        ([figure("0")], (0, 0, 0, False, False)),
        ([figure("over 30"), figure("200", said_by="b")], (31, 31, 200, False, True)),
        # The strongest grade is best, whatever the others say and however late.
        (
            [figure("5", confirmation="confirmed"), figure("90", said_by="b", source_id="later")],
            (5, 5, 90, False, False),
        ),
        # Of the same grade an origin of its own, then the latest, then a number before a range
        # or an "up to", then the smallest.
        ([figure("5"), figure("9", said_by="b", source_id="wiki")], (5, 5, 9, False, False)),
        (
            [figure("at least 5"), figure("at least 9", said_by="b", source_id="later")],
            (5, 9, 9, False, True),
        ),
        (
            [figure("5", source_id="undated"), figure("9", source_id="news", said_by="b")],
            (5, 9, 9, False, False),
        ),
        ([figure("9"), figure("5-20", said_by="b")], (5, 9, 20, False, False)),
        ([figure("at least 9"), figure("5-20", said_by="b")], (5, 9, 20, False, True)),
        ([figure("9"), figure("up to 5", said_by="b")], (5, 9, 9, True, False)),
        ([figure("9"), figure("under 5", said_by="b")], (4, 9, 9, True, False)),
        ([figure("5-20"), figure("4-30", said_by="b")], (4, 4, 30, False, False)),
        (
            [figure("9", source_id="undated"), figure("5-20", source_id="news", said_by="b")],
            (5, 5, 20, False, False),
        ),
        ([figure("9"), figure("5", said_by="b")], (5, 5, 9, False, False)),
        ([figure("9"), figure("5", confirmation="withdrawn")], (9, 9, 9, False, False)),
        ([figure("9"), figure("5", part_of="whole")], (9, 9, 9, False, False)),
        ([figure("9"), figure("5", demographic="women")], (9, 9, 9, False, False)),
        ([figure("9"), figure("5", superseded_by="next")], (9, 9, 9, False, False)),
    ],
)
def test_the_numbers_of_an_estimate(rows: list[Row], expected: tuple[Any, ...]) -> None:
    table = build(rows)["estimates"]
    [row] = table.to_pylist()
    assert tuple(row[n] for n in ("low", "best", "high", "low_open", "high_open")) == expected


def test_numbers_of_several_kinds_of_victims_are_kept_apart() -> None:
    tables = build([figure("3"), figure("60", victims="state_force")])
    incident = tables["incidents_flat"].to_pylist()[0]
    assert incident["killed_best"] is None
    assert incident["killed_several_victims"] is True
    assert [row["best"] for row in tables["estimates"].to_pylist()] == [3, 60]


def test_a_number_stands_beside_words_for_others_and_says_whom_it_counts() -> None:
    incident = build([figure("many"), figure("60", victims="state_force")])["incidents_flat"]
    row = incident.to_pylist()[0]
    told = row["killed_best"], row["killed_victims"], row["killed_several_victims"]
    assert told == (60, "state_force", True)


def test_candidates_have_no_estimates_but_their_figures_are_there() -> None:
    tables = build([figure("3")], status={INCIDENTS[0]: "candidate"})
    assert tables["estimates"].num_rows == 0
    assert tables["incidents_flat"]["status"].to_pylist() == ["candidate", "active", "active"]
    assert tables["figures_flat"]["grade"].to_pylist() == ["unconfirmed"]


def test_huge_numbers_are_kept_to_the_last_digit() -> None:
    most = 10**18 - 1
    rows = [figure(f"at least {most}"), figure(f"{most - 1}", said_by="b")]
    [row] = build(rows)["estimates"].to_pylist()
    assert (row["low"], row["high"]) == (most - 1, most)


def test_many_figures_of_one_incident_are_no_slower_than_many_incidents() -> None:
    # Comparing each with each would be 900 million comparisons.
    rows = [figure(str(n % 500), said_by=f"speaker {n}") for n in range(30_000)]
    [row] = build(rows)["estimates"].to_pylist()
    assert (row["figures"], row["origins"], row["low"], row["high"]) == (30_000, 30_000, 0, 499)


def test_tables_without_rows_give_tables_without_rows() -> None:
    tables = derived.build(PACKAGE, typed(empty()))
    declared = derived.declared(PACKAGE)
    assert {name: table.num_rows for name, table in tables.items()} == dict.fromkeys(declared, 0)
    for name, table in tables.items():
        assert_types(table, declared[name])


def test_unsound_figures_stop_it() -> None:
    row = figure("over 30") | {"value": ""}
    with pytest.raises(ToolError, match="not sound"):
        build([row])


def assert_types(table: pa.Table, declared: Any) -> None:
    assert table.column_names == list(declared.columns)
    for field in declared.fields:
        assert table.schema.field(field.name).type == cells.ARROW_TYPES[field.type], field.name


def test_the_shipped_data_give_sound_tables() -> None:
    base = read_tables(PACKAGE)
    tables = derived.build(PACKAGE, base)
    assert tables["incidents_flat"].num_rows == base["incidents"].num_rows
    assert tables["figures_flat"].num_rows == base["casualties"].num_rows
    for name, declared in derived.declared(PACKAGE).items():
        table = tables[name]
        assert_types(table, declared)
        keys = list(zip(*(table[key].to_pylist() for key in declared.primary_key), strict=True))
        assert keys == sorted(set(keys), key=lambda key: [part.encode() for part in key])
        for field in declared.fields:
            values = table[field.name]
            assert not (field.required and values.null_count), field.name
            assert "" not in values.to_pylist()
            text = values.cast(pa.string()).fill_null("")
            faults = list(cells.judge(field, text, ("",)))
            assert faults == [], (name, field.name)


def test_the_shipped_figures_keep_every_cell_and_gain_what_they_refer_to() -> None:
    records = Records.read(PACKAGE)
    flat = derived.build(PACKAGE, read_tables(PACKAGE))["figures_flat"].to_pylist()
    graded = grades(records.rows["casualties"].values(), records)
    for row, told in zip(records.rows["casualties"].values(), flat, strict=True):
        incident = records.rows["incidents"][row["incident_id"],]
        place = records.rows["places"][incident["place_id"],]
        source = records.rows["sources"][row["source_id"],]
        confirming = records.rows["sources"].get((row["confirmation_source_id"],), {})
        shown = {name: "" if cell is None else str(cell) for name, cell in told.items()}
        assert shown | row == shown
        assert shown["place_name"] == place["name"]
        assert float(shown["latitude"] or "nan") == pytest.approx(
            float(place["latitude"] or "nan"), nan_ok=True
        )
        assert (shown["url"], shown["publisher"]) == (source["url"], source["publisher"])
        assert shown["confirmation_url"] == confirming.get("url", "")
        assert told["confirmed"] is (row["confirmation"] == "confirmed")
        assert shown["grade"] == graded.get(row["casualty_id"], "")
        numbers = (int(row[n]) if row[n] else None for n in ("value", "low", "high"))
        assert told["phrase"] == phrase(row["qualifier"], *numbers)


def test_the_shipped_incidents_are_counted_right() -> None:
    records = Records.read(PACKAGE)
    rows = records.rows
    for told in derived.build(PACKAGE, read_tables(PACKAGE))["incidents_flat"].to_pylist():
        own = told["incident_id"]
        figures = [row for row in rows["casualties"].values() if row["incident_id"] == own]
        linked = [s for s, incident in rows["statement_incidents"] if incident == own]
        parties = [row for row in rows["participants"].values() if row["incident_id"] == own]
        cited = {row["source_id"] for row in (*figures, *parties)}
        cited |= {row["confirmation_source_id"] for row in figures} - {""}
        cited |= {rows["statements"][id,]["source_id"] for id in linked}
        targets = sorted({row["actor_id"] for row in parties if row["role"] == "target"})
        parents = [o for one, how, o in rows["incident_links"] if (one, how) == (own, "part_of")]
        assert told["figures"] == len(figures)
        assert told["statements"] == len(linked)
        assert told["sources"] == len(cited)
        assert (told["target_ids"] or "") == "; ".join(targets)
        assert (told["targets"] or "") == "; ".join(rows["actors"][t,]["name"] for t in targets)
        assert (told["part_of"] or "") == "; ".join(parents)


def test_every_harm_has_its_columns_and_a_new_one_gets_them(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    schema = json.loads((tmp_path / "schemas/casualties.json").read_text(encoding="utf-8"))
    [harm] = [field for field in schema["fields"] if field["name"] == "harm"]
    harm["categories"].append({"value": "displaced", "label": "Displaced", "description": "Fled."})
    (tmp_path / "schemas/casualties.json").write_text(json.dumps(schema), encoding="utf-8")
    package = open_package(tmp_path)
    table = derived.build(package, read_tables(package))["incidents_flat"]
    harms = package.tables["casualties"].field("harm").vocabulary
    assert harms[-1] == "displaced"
    for value in harms:
        assert f"{value}_best" in table.column_names
    title = derived.declared(package)["incidents_flat"].field("displaced_low").title
    assert title == "Displaced: low"


def test_what_is_declared_of_a_repeated_column_is_that_columns_own() -> None:
    folder = Path(derived.__file__).parent
    for name, declared in derived.declared(PACKAGE).items():
        raw = json.loads((folder / f"schemas/{name}.json").read_text(encoding="utf-8"))
        told = {field["name"]: field for field in raw["fields"]}
        for field in declared.fields:
            assert field.title
            assert field.description
            if field.name in told:
                assert field.type == told[field.name]["type"], field.name
    country = derived.declared(PACKAGE)["figures_flat"].field("country")
    assert country.vocabulary == PACKAGE.tables["incidents"].field("country").vocabulary
    assert country.description.endswith("From incidents.country, by incident_id.")


def test_the_vocabulary_of_grades_is_that_of_the_rule() -> None:
    declared = derived.declared(PACKAGE)
    assert declared["estimates"].field("grade").vocabulary == tuple(map(str, GRADES))
    assert declared["figures_flat"].field("grade").vocabulary == tuple(map(str, GRADES))


def test_every_column_has_a_tag_of_hxl() -> None:
    declared = derived.declared(PACKAGE)
    for name, tags in derived.hxl_tags(PACKAGE).items():
        assert len(tags) == len(declared[name].columns) == len(set(tags)), name
        for tag in tags:
            assert re.fullmatch(r"#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*", tag), tag


def test_the_rules_have_a_version() -> None:
    assert re.fullmatch("[1-9][0-9]*", derived.rule_version())


def test_the_declaration_keeps_to_the_official_profiles() -> None:
    folder = Path(derived.__file__).parent
    for file, profile in (
        (folder / "datapackage.json", "datapackage.json"),
        *((schema, "tableschema.json") for schema in (folder / "schemas").glob("*.json")),
    ):
        official = json.loads((ROOT / "tests/profiles" / profile).read_text(encoding="utf-8"))
        told = json.loads(file.read_text(encoding="utf-8"))
        assert [
            e.message for e in jsonschema.Draft202012Validator(official).iter_errors(told)
        ] == []
