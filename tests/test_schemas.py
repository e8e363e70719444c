"""The descriptor and the schemas: valid by the official profiles, for frictionless, and whole."""

from __future__ import annotations

import json
import socket
from collections import defaultdict
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pytest

from sahel_incidents import cells
from sahel_incidents.descriptor import open_package
from sahel_incidents.package import DESCRIPTOR

ROOT = Path(__file__).parents[1]
PROFILES = ROOT / "tests" / "profiles"
PACKAGE = open_package(ROOT)
FIELDS = [
    pytest.param(table, field, id=f"{table.name}.{field.name}")
    for table in PACKAGE.tables.values()
    for field in table.fields
]

SAME = ("title", "type", "format", "unit", "rdfType", "categories")
"""What columns of one name have in common, unless `DIFFERING` says otherwise."""

NAMING_ANY_TABLE = {("revisions", "record_id"), ("revisions", "other_id")}
ELSEWHERE = {("external_ids", "external_id")}

# Columns of one name that mean something else in each table, and what differs between them.
DIFFERING = {
    "kind": {"title", "categories"},  # of an actor, a place, a source, a statement
    "relation": {"categories"},  # between two actors, between two incidents
    "country": {"categories"},  # actors come from further away; see the test on countries
}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def schema_of(resource: dict[str, Any]) -> dict[str, Any]:
    found = read(ROOT / resource["schema"])
    assert isinstance(found, dict)
    return found


def profile(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(
        read(PROFILES / name), format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER
    )


def test_the_descriptor_fits_the_official_profile() -> None:
    descriptor = read(ROOT / DESCRIPTOR)
    profile("datapackage.json").validate(descriptor)
    for resource in descriptor["resources"]:
        resource["schema"] = schema_of(resource)
    profile("datapackage.json").validate(descriptor)


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").iterdir()), ids=lambda path: path.stem)
def test_a_schema_fits_the_official_profile(path: Path) -> None:
    profile("tableschema.json").validate(read(path))


def test_the_profile_does_refuse() -> None:
    """The profiles above would not pass just anything."""
    wrong = {"fields": [{"name": "value", "type": "integer", "constraints": {"minimum": []}}]}
    assert not profile("tableschema.json").is_valid(wrong)
    assert not profile("datapackage.json").is_valid({"resources": []})


def test_frictionless_finds_the_package_valid_without_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import frictionless

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("frictionless went to the network")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    report = frictionless.validate(str(ROOT / DESCRIPTOR))
    assert report.flatten(["type", "title", "rowNumber", "fieldName", "note"]) == []
    assert report.valid
    assert len(report.tasks) == len(PACKAGE.tables)


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_a_field_is_described_and_its_example_is_valid(table: Any, field: Any) -> None:
    raw = next(
        f
        for f in read(ROOT / "schemas" / f"{table.name}.json")["fields"]
        if f["name"] == field.name
    )
    for key in ("title", "description", "example"):
        assert raw.get(key, "").strip(), f"say the {key}"
    assert raw["description"].endswith((".", ")")), "a description is a sentence"
    example = pa.chunked_array([[field.example]])
    assert list(cells.judge(field, example, table.missing_values)) == []


@pytest.mark.parametrize(("table", "field"), FIELDS)
def test_a_value_of_a_vocabulary_is_described(table: Any, field: Any) -> None:
    for category in field.categories:
        assert category.label.strip(), category.value
        assert category.description.endswith((".", ")")), category.value
    assert len(set(field.vocabulary)) == len(field.vocabulary)


def test_a_vocabulary_is_declared_once() -> None:
    """As `categories` alone, so that no list of the same values stands beside it."""
    assert [
        f.name for t in PACKAGE.tables.values() for f in t.fields if "enum" in f.constraints
    ] == []


def test_a_key_is_required_and_only_the_empty_cell_is_missing() -> None:
    for table in PACKAGE.tables.values():
        assert table.primary_key, table.name
        assert all(table.field(name).required for name in table.primary_key), table.name
        assert table.missing_values == ("",), table.name


def test_every_reference_is_a_foreign_key() -> None:
    """But in `revisions`, which may name a record of any table, and for ids of other datasets."""
    keys = {"part_of", "superseded_by", "confirmed_by", "cited_in"}
    for table in PACKAGE.tables.values():
        declared = {key.field for key in table.foreign_keys}
        for name in table.columns:
            refers = name in keys or (name.endswith("_id") and (name,) != table.primary_key)
            if refers and (table.name, name) not in NAMING_ANY_TABLE | ELSEWHERE:
                assert name in declared, f"{table.name}.{name}"


def test_columns_of_one_name_are_declared_alike() -> None:
    declared: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for table in PACKAGE.tables:
        for raw in read(ROOT / "schemas" / f"{table}.json")["fields"]:
            declared[raw["name"]].append(raw)
    found = {
        name: differing
        for name, fields in declared.items()
        if (
            differing := {
                key for key in SAME if any(f.get(key) != fields[0].get(key) for f in fields)
            }
        )
    }
    assert found == DIFFERING


def test_a_country_means_the_same_everywhere() -> None:
    """Actors may come from outside the region; every other country is one of the region's."""
    everywhere = PACKAGE.tables["incidents"].field("country").categories
    assert set(everywhere) < set(PACKAGE.tables["actors"].field("country").categories)


def test_casualties_and_totals_say_a_figure_alike() -> None:
    """Every column of a casualty that is not about its incident is a column of a total, too."""
    of_incident = {"casualty_id", "incident_id"}
    assert set(PACKAGE.tables["casualties"].columns) - of_incident < set(
        PACKAGE.tables["totals"].columns
    )


def test_the_founding_promise_is_in_the_schema() -> None:
    """No figure without its source, its speaker and its confirmation flag."""
    for name in ("casualties", "totals"):
        for column in ("source_id", "said_by", "confirmation"):
            assert PACKAGE.tables[name].field(column).required, f"{name}.{column}"
