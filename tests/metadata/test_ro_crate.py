"""ro-crate-metadata.json, as ro-crate-py opens it and by the specification's own demands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rocrate.rocrate import ROCrate

from sahel_incidents.metadata import ro_crate
from sahel_incidents.release import Release

from .conftest import Published, Vocabulary


def things(content: bytes) -> dict[str, dict[str, Any]]:
    """The things of a crate by id; each is there once."""
    graph = json.loads(content)["@graph"]
    by_id = {thing["@id"]: thing for thing in graph}
    assert len(by_id) == len(graph)
    return by_id


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and value.keys() == {"@id"}:
        yield value["@id"]
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from references(item)


@pytest.fixture(params=["release", "people", "empty"])
def crate(request: pytest.FixtureRequest, publish: Callable[[Release], Published]) -> Published:
    return publish(request.getfixturevalue(request.param))


def test_it_is_opened_with_every_file(crate: Published) -> None:
    opened = ROCrate(crate.folder)
    assert opened.version == "1.2"
    assert [entity.id for entity in opened.data_entities] == [
        artifact.path for artifact in crate.artifacts
    ]
    for entity, artifact in zip(opened.data_entities, crate.artifacts, strict=True):
        assert entity.type == "File"
        assert (crate.folder / entity.id).stat().st_size == int(entity["contentSize"])
        assert entity["sha256"] == artifact.sha256
    root = opened.root_dataset
    assert root["name"] == crate.release.descriptor["title"]
    assert str(root["datePublished"]) == "2026-11-22"
    assert root["license"][0]["name"] == crate.release.descriptor["licenses"][0]["title"]


def test_what_the_specification_demands_is_there(crate: Published) -> None:
    content = crate.read("ro-crate-metadata.json")
    assert json.loads(content)["@context"] == "https://w3id.org/ro/crate/1.2/context"
    found = things(content)
    descriptor, root = found["ro-crate-metadata.json"], found["./"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert root["@type"] == "Dataset"
    assert root.keys() >= {"name", "description", "datePublished", "license", "author"}
    assert all(isinstance(value, (str, list)) for value in root.values())


def test_every_reference_leads_somewhere_and_all_is_referred_to(crate: Published) -> None:
    found = things(crate.read("ro-crate-metadata.json"))
    named = {id_ for thing in found.values() for id_ in references([*thing.values()])}
    assert named - found.keys() == {"https://w3id.org/ro/crate/1.2"}
    assert found.keys() - named == {"ro-crate-metadata.json"}
    assert not any(
        isinstance(value, dict) and value.keys() != {"@id"}
        for thing in found.values()
        for value in thing.values()
    )


def test_every_property_is_one_of_its_class(crate: Published, vocabulary: Vocabulary) -> None:
    found = things(crate.read("ro-crate-metadata.json"))
    # Dublin Core's, not schema.org's.
    del found["ro-crate-metadata.json"]["conformsTo"]
    assert [*vocabulary.faults([*found.values()])] == []


def test_who_publishes_and_writes_is_one_thing(people: Release, release: Release) -> None:
    root = things(ro_crate.content(release, ()))["./"]
    assert root["publisher"] == root["author"]
    found = things(ro_crate.content(people, ()))
    root = found["./"]
    assert [author["@id"] for author in root["author"]] == [
        "https://orcid.org/0000-0002-1825-0097",
        "https://example.org/~joneil",
    ]
    assert found[root["publisher"][0]["@id"]]["name"] == "Casualty Records"
