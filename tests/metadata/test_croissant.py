"""croissant.json, as mlcroissant reads it and the records through it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import mlcroissant
import pyarrow as pa
import pytest

from sahel_incidents.release import Release

from .conftest import Published


def opened(published: Published) -> mlcroissant.Dataset:
    dataset = mlcroissant.Dataset(published.folder / "croissant.json")
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    return dataset


def said(value: Any) -> Any:
    """A value as mlcroissant gives it."""
    if isinstance(value, str):
        return value.encode()
    return value.isoformat() if hasattr(value, "isoformat") else value


def read(value: Any) -> Any:
    return value.date().isoformat() if hasattr(value, "date") else value


def test_every_table_is_loaded_as_it_is(published: Published) -> None:
    dataset = opened(published)
    for name, table in published.release.every_table.items():
        # Twice: a second reading must not find less.
        for _ in range(2):
            records = list(dataset.records(name))
            assert len(records) == len(table), name
            for column in table.column_names:
                found = [read(record[f"{name}/{column}"]) for record in records]
                assert found == [said(value) for value in table[column].to_pylist()], column


def test_every_vocabulary_is_loaded(published: Published) -> None:
    dataset = opened(published)
    sets = {one.id for one in dataset.metadata.record_sets}
    field = published.release.declared["casualties"].field("harm")
    assert [
        (row["casualties/harm/values/value"], row["casualties/harm/values/description"])
        for row in dataset.records("casualties/harm/values")
    ] == [(value.value, value.description) for value in field.categories]
    document = published.json("croissant.json")
    told = " ".join(one["description"] for one in document["recordSet"] if one["@id"] in sets)
    for table in published.release.declared.values():
        for column in table.fields:
            assert not column.categories or f"{table.name}/{column.name}" in told


def test_files_and_digests_are_those_of_the_folder(published: Published) -> None:
    files = published.json("croissant.json")["distribution"]
    assert [file["@id"] for file in files] == [
        artifact.path for artifact in published.artifacts if artifact.path != "LICENSE"
    ]
    for file in files:
        content = published.read(file["contentUrl"])
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["contentSize"] == f"{len(content)} B"


def test_keys_and_types_are_those_of_the_schemas(published: Published) -> None:
    sets = {one["@id"]: one for one in published.json("croissant.json")["recordSet"]}
    assert [key["@id"] for key in sets["participants"]["key"]] == [
        f"participants/{column}"
        for column in published.release.declared["participants"].primary_key
    ]
    types = {field["@id"]: field["dataType"] for field in sets["casualties"]["field"]}
    assert types["casualties/value"] == "sc:Integer"
    assert types["casualties/note"] == "sc:Text"
    assert {field["dataType"] for field in sets["places"]["field"]} >= {"sc:Float"}
    assert {field["dataType"] for field in sets["sources"]["field"]} >= {"sc:URL", "sc:Date"}
    assert {field["dataType"] for field in sets["figures_flat"]["field"]} >= {"sc:Boolean"}


def test_empty_tables_are_loaded_empty(
    empty: Release, publish: Callable[[Release], Published]
) -> None:
    dataset = opened(publish(empty))
    for name in empty.every_table:
        assert list(dataset.records(name)) == []


def test_a_table_that_is_no_csv_of_the_release_is_no_record_set(published: Published) -> None:
    from sahel_incidents.metadata import croissant

    document = json.loads(croissant.content(published.release, published.artifacts[:1]))
    assert [one["@id"] for one in document["recordSet"] if "data" not in one] == ["incidents"]


def test_a_missing_column_is_an_error(published: Published, tmp_path: Any) -> None:
    """What loads the records would notice if they were not as described."""
    document = published.json("croissant.json")
    document["recordSet"][0]["field"][0]["source"]["extract"]["column"] = "nothing"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "incidents.csv").write_bytes(published.read("data/incidents.csv"))
    (tmp_path / "croissant.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(mlcroissant.GenerationError):
        list(mlcroissant.Dataset(tmp_path / "croissant.json").records("incidents"))


def test_big_and_odd_values_come_through(
    release: Release, publish: Callable[[Release], Published]
) -> None:
    from dataclasses import replace

    casualties = release.tables["casualties"].slice(0, 2)
    odd = {
        "value": pa.array([2**31 + 7, 0], pa.int64()),
        "note": pa.array(['"a", b', "Côte d’Ivoire 🕊️ </script>"]),
    }
    for name, values in odd.items():
        casualties = casualties.set_column(casualties.column_names.index(name), name, values)
    changed = replace(release, tables={**release.tables, "casualties": casualties})
    records = list(opened(publish(changed)).records("casualties"))
    assert [record["casualties/value"] for record in records] == odd["value"].to_pylist()
    assert [record["casualties/note"].decode() for record in records] == odd["note"].to_pylist()
