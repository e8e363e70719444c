"""datacite.json, by the validator of the `datacite` package."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from datacite import schema45
from jsonschema import ValidationError
from lxml import etree

from sahel_incidents.metadata import datacite
from sahel_incidents.release import Release

from .conftest import Published


def judge(content: bytes) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(content)
    schema45.validator.validate(read)
    etree.fromstring(schema45.tostring(read).encode())
    return read


def test_the_shipped_dataset_is_described(published: Published) -> None:
    read = judge(published.read("datacite.json"))
    assert read["titles"] == [{"title": "Sahel Incidents", "lang": "en"}]
    assert read["publicationYear"] == "2026"
    assert read["version"] == published.release.version
    assert read["publisher"] == {"name": "Sahel Incidents contributors"}
    assert {"geoLocationPlace": "Mali"} in read["geoLocations"]
    assert any("geoLocationBox" in location for location in read["geoLocations"])
    assert [date["dateType"] for date in read["dates"]] == ["Issued", "Other"]
    assert read["rightsList"][0]["rightsIdentifier"] == "CC-BY-4.0"
    assert read["formats"] == ["application/vnd.apache.parquet", "text/csv"]
    assert "doi" not in read


def test_people_and_doi(people: Release) -> None:
    read = judge(datacite.content(people, ()))
    assert read["doi"] == "10.5281/zenodo.123456"
    awa, neil = read["creators"]
    assert awa["name"] == "Traoré, Awa"
    assert awa["nameType"] == "Personal"
    assert awa["nameIdentifiers"][0]["nameIdentifier"].endswith("0000-0002-1825-0097")
    assert awa["affiliation"] == [{"name": "Université de Bamako"}]
    assert neil == {"name": "J. O'Neil", "nameType": "Organizational"}
    assert read["publisher"] == {"name": "Casualty Records"}
    assert [party["contributorType"] for party in read["contributors"]] == ["DataCurator"]


def test_no_records(empty: Release) -> None:
    read = judge(datacite.content(empty, ()))
    assert "geoLocations" not in read
    assert len(read["dates"]) == 1


def test_every_role_is_known_to_the_schema(release: Release) -> None:
    from sahel_incidents.metadata.common import CONTRIBUTOR_TYPES

    contributors = [
        {"title": "A", "roles": ["creator"]},
        *({"title": role, "roles": [role]} for role in (*CONTRIBUTOR_TYPES, "wrangler")),
    ]
    changed = replace(release, descriptor={**release.descriptor, "contributors": contributors})
    kinds = [
        party["contributorType"] for party in judge(datacite.content(changed, ()))["contributors"]
    ]
    assert kinds == [*CONTRIBUTOR_TYPES, "Other"]
    known = schema45.validator.schema["definitions"]["contributorType"]["enum"]
    assert set(kinds) == set(known)


def test_the_schema_is_strict(published: Published) -> None:
    read = published.json("datacite.json")
    with pytest.raises(ValidationError):
        judge(json.dumps({**read, "creators": []}).encode())
