"""ro-crate-metadata.json: the release folder as a research object, by RO-Crate 1.2.

Specification: https://www.researchobject.org/ro-crate/specification/1.2/. It is one flat list of
things that refer to each other by their id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..about import Licence, Party, describe
from ..release import Artifact, Release
from .common import Coverage, address, cover, identity, to_json, without_empty

TITLE = "Contents of the release folder (RO-Crate)"
PATH = "ro-crate-metadata.json"
MEDIA_TYPE = "application/ld+json"


def content(release: Release, artifacts: Sequence[Artifact]) -> bytes:
    """The contents of a release."""
    about, coverage = describe(release.descriptor), cover(release)
    authors = [_party(party, number) for number, party in enumerate(about.creators, 1)]
    publisher = _party(about.publisher, 0)
    if about.publisher in about.creators:
        publisher = authors[about.creators.index(about.publisher)]
    licences = [_licence(licence) for licence in about.licences]
    places = _places(coverage)
    files = [_file(artifact) for artifact in artifacts]
    root = without_empty(
        {
            "@id": "./",
            "@type": "Dataset",
            **identity(about, release.issued),
            "keywords": list(about.keywords),
            "creditText": about.citation(release.issued),
            "license": _references(licences),
            "author": _references(authors),
            "publisher": _references([publisher]),
            "temporalCoverage": "/".join(day.isoformat() for day in coverage.days or ()),
            "spatialCoverage": _references(places),
            "hasPart": _references(files),
        }
    )
    descriptor = {
        "@id": PATH,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
        "about": {"@id": root["@id"]},
    }
    others = [*licences, *authors, publisher, *places, *_shape(coverage), *files]
    unique = {thing["@id"]: thing for thing in others}
    return to_json(
        {
            "@context": "https://w3id.org/ro/crate/1.2/context",
            "@graph": [descriptor, root, *unique.values()],
        }
    )


def _references(things: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"@id": thing["@id"]} for thing in things]


def _party(party: Party, number: int) -> dict[str, Any]:
    return without_empty(
        {
            "@id": party.address or f"#party-{number}",
            "@type": "Person" if party.is_person else "Organization",
            "name": party.name,
            "givenName": party.given,
            "familyName": party.family,
        }
    )


def _licence(licence: Licence) -> dict[str, Any]:
    return {
        "@id": licence.address,
        "@type": "CreativeWork",
        "name": licence.title,
        "identifier": licence.id,
    }


def _places(coverage: Coverage) -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = [
        {
            "@id": f"#country-{country.code}",
            "@type": "Country",
            "name": country.name,
            "identifier": country.code,
        }
        for country in coverage.countries
    ]
    if coverage.box:
        places.append({"@id": "#area", "@type": "Place", "geo": {"@id": "#area-box"}})
    return places


def _shape(coverage: Coverage) -> list[dict[str, Any]]:
    if not coverage.box:
        return []
    west, south, east, north = coverage.box
    # Latitude before longitude, lower corner first.
    box = f"{south} {west} {north} {east}"
    return [{"@id": "#area-box", "@type": "GeoShape", "box": box}]


def _file(artifact: Artifact) -> dict[str, Any]:
    return {
        "@id": address(artifact),
        "@type": "File",
        "name": artifact.title,
        "encodingFormat": artifact.media_type,
        "contentSize": str(artifact.size),
        "sha256": artifact.sha256,
    }
