"""CITATION.cff, against the format's own JSON Schema."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest
import yaml

from sahel_incidents.metadata import citation_cff
from sahel_incidents.release import Release

from .conftest import PROFILES, Published

SCHEMA = json.loads((PROFILES / "citation-file-format-1.2.0.json").read_bytes())


def judge(content: bytes) -> dict[str, object]:
    read = yaml.safe_load(content)
    jsonschema.validate(read, SCHEMA, cls=jsonschema.Draft7Validator)
    assert isinstance(read, dict)
    return read


def test_the_shipped_dataset_is_cited(published: Published) -> None:
    read = judge(published.read("CITATION.cff"))
    descriptor = published.release.descriptor
    assert read["title"] == descriptor["title"]
    assert read["type"] == "dataset"
    assert read["version"] == published.release.version
    assert read["date-released"] == "2026-11-22"
    assert read["commit"] == published.release.commit
    assert read["license"] == "CC-BY-4.0"
    assert read["authors"] == [{"name": "Sahel Incidents contributors"}]
    assert read["url"] == descriptor["homepage"]
    assert "doi" not in read


def test_people_licences_and_doi(people: Release) -> None:
    read = judge(citation_cff.content(people, ()))
    assert read["doi"] == "10.5281/zenodo.123456"
    assert read["license"] == ["CC-BY-4.0", "ODbL-1.0"]
    assert read["authors"] == [
        {
            "family-names": "Traoré",
            "given-names": "Awa",
            "affiliation": "Université de Bamako",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
        },
        {"name": "J. O'Neil", "website": "https://example.org/~joneil"},
    ]


def test_the_repository_is_cited_without_day_and_commit(release: Release) -> None:
    dated, undated = (
        judge(citation_cff.content(release, ())),
        citation_cff.undated(release.descriptor),
    )
    assert judge(undated) == {
        key: value for key, value in dated.items() if key not in ("date-released", "commit")
    }


def test_a_draft_has_no_commit(release: Release) -> None:
    read = judge(citation_cff.content(replace(release, commit=""), ()))
    assert "commit" not in read


def test_the_schema_is_strict() -> None:
    with pytest.raises(jsonschema.ValidationError):
        judge(b'cff-version: "1.2.0"\nmessage: ""\ntitle: "x"\nauthors: []\n')
