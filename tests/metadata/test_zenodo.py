""".zenodo.json, by the documented fields of a deposit."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from sahel_incidents.metadata import zenodo
from sahel_incidents.release import Release

from .conftest import Published

WHO = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "affiliation": {"type": "string", "minLength": 1},
        "orcid": {"type": "string", "pattern": "^([0-9]{4}-){3}[0-9]{3}[0-9X]$"},
    },
}
CONTRIBUTORS = [
    "ContactPerson",
    "DataCollector",
    "DataCurator",
    "DataManager",
    "Distributor",
    "Editor",
    "HostingInstitution",
    "Producer",
    "ProjectLeader",
    "ProjectManager",
    "ProjectMember",
    "RegistrationAgency",
    "RegistrationAuthority",
    "RelatedPerson",
    "Researcher",
    "ResearchGroup",
    "RightsHolder",
    "Supervisor",
    "Sponsor",
    "WorkPackageLeader",
    "Other",
]
RELATIONS = [
    "isCitedBy",
    "cites",
    "isSupplementTo",
    "isSupplementedBy",
    "isContinuedBy",
    "continues",
    "isDescribedBy",
    "describes",
    "hasMetadata",
    "isMetadataFor",
    "isNewVersionOf",
    "isPreviousVersionOf",
    "isPartOf",
    "hasPart",
    "isReferencedBy",
    "references",
    "isDocumentedBy",
    "documents",
    "isCompiledBy",
    "compiles",
    "isVariantFormOf",
    "isOriginalFormof",
    "isIdenticalTo",
    "isAlternateIdentifier",
    "isReviewedBy",
    "reviews",
    "isDerivedFrom",
    "isSourceOf",
    "requires",
    "isRequiredBy",
    "isObsoletedBy",
    "obsoletes",
]
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$comment": "https://developers.zenodo.org/#deposit-metadata, for an open dataset",
    "type": "object",
    "additionalProperties": False,
    "required": [
        "upload_type",
        "publication_date",
        "title",
        "creators",
        "description",
        "access_right",
        "license",
    ],
    "properties": {
        "upload_type": {"const": "dataset"},
        "publication_date": {"type": "string", "format": "date"},
        "title": {"type": "string", "minLength": 1},
        "description": {"type": "string", "minLength": 1},
        "access_right": {"const": "open"},
        "license": {"type": "string", "minLength": 1},
        "keywords": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "notes": {"type": "string", "minLength": 1},
        "version": {"type": "string", "minLength": 1},
        "language": {"type": "string", "pattern": "^[a-z]{3}$"},
        "creators": {"type": "array", "minItems": 1, "items": WHO},
        "contributors": {
            "type": "array",
            "items": {
                **WHO,
                "required": ["name", "type"],
                "properties": {**WHO["properties"], "type": {"enum": CONTRIBUTORS}},  # type: ignore[dict-item]
            },
        },
        "locations": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["place"],
                "properties": {
                    "place": {"type": "string", "minLength": 1},
                    "lat": {"type": "number"},
                    "lon": {"type": "number"},
                    "description": {"type": "string"},
                },
            },
        },
        "related_identifiers": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["identifier", "relation"],
                "properties": {
                    "identifier": {"type": "string", "format": "uri"},
                    "relation": {"enum": RELATIONS},
                    "resource_type": {"const": "dataset"},
                },
            },
        },
    },
}


def judge(content: bytes) -> Any:
    read = json.loads(content)
    jsonschema.validate(read, SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    return read


def test_the_shipped_dataset_is_described(published: Published) -> None:
    read = judge(published.read(".zenodo.json"))
    assert read["title"] == "Sahel Incidents"
    assert read["version"] == published.release.version
    assert read["publication_date"] == "2026-11-22"
    assert read["license"] == "CC-BY-4.0"
    assert read["language"] == "eng"
    assert {"place": "Mali"} in read["locations"]
    (page,) = read["related_identifiers"]
    assert page["identifier"].endswith(f"/releases/tag/v{published.release.version}")


def test_people_are_named_and_no_doi_is(people: Release) -> None:
    read = judge(zenodo.content(people, ()))
    assert read["creators"] == [
        {
            "name": "Traoré, Awa",
            "affiliation": "Université de Bamako",
            "orcid": "0000-0002-1825-0097",
        },
        {"name": "J. O'Neil"},
    ]
    assert read["contributors"] == [{"name": "Maïga, Ibrahim", "type": "DataCurator"}]
    assert "doi" not in read


def test_texts_are_no_markup(release: Release) -> None:
    from dataclasses import replace

    text = "Figures < 30 & > 20: <b>not bold</b>"
    changed = replace(release, descriptor={**release.descriptor, "description": text})
    read = judge(zenodo.content(changed, ()))
    assert read["description"] == (
        "<p>Figures &lt; 30 &amp; &gt; 20: &lt;b&gt;not bold&lt;/b&gt;</p>"
    )


def test_no_records(empty: Release) -> None:
    assert not {"locations", "notes"} & judge(zenodo.content(empty, ())).keys()


def test_the_schema_is_strict(published: Published) -> None:
    for change in ({"license": ""}, {"colour": "red"}, {"publication_date": "today"}):
        with pytest.raises(jsonschema.ValidationError):
            judge(json.dumps({**published.json(".zenodo.json"), **change}).encode())
