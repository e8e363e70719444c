"""schema.org.jsonld: the dataset in the words of schema.org, which search engines read.

Properties: https://schema.org/Dataset and
https://developers.google.com/search/docs/appearance/structured-data/dataset. It may be put into a
web page as it is, in a `<script type="application/ld+json">`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..about import Party, describe
from ..release import Artifact, Release
from .common import Coverage, address, cover, data_files, identity, to_json, without_empty

TITLE = "Description of the dataset for search engines (schema.org)"
PATH = "schema.org.jsonld"
MEDIA_TYPE = "application/ld+json"


def content(release: Release, artifacts: Sequence[Artifact]) -> bytes:
    """The description of a release."""
    about, coverage = describe(release.descriptor), cover(release)
    return to_json(
        without_empty(
            {
                "@context": "https://schema.org/",
                "@type": "Dataset",
                "@id": about.identifier,
                **identity(about, release.issued),
                "isAccessibleForFree": True,
                "license": [licence.address for licence in about.licences],
                "keywords": list(about.keywords),
                "creator": [_party(creator) for creator in about.creators],
                "publisher": _party(about.publisher),
                "contributor": [_party(contributor) for contributor in about.contributors],
                "creditText": about.citation(release.issued),
                "temporalCoverage": "/".join(day.isoformat() for day in coverage.days or ()),
                "spatialCoverage": list(_places(coverage)),
                "variableMeasured": list(_variables(release)),
                "distribution": [_download(artifact) for artifact in data_files(artifacts)],
            }
        )
    )


def _party(party: Party) -> dict[str, Any]:
    return without_empty(
        {
            "@type": "Person" if party.is_person else "Organization",
            "@id": party.address,
            "name": party.name,
            "givenName": party.given,
            "familyName": party.family,
            "affiliation": {"@type": "Organization", "name": party.organisation}
            if party.organisation
            else None,
        }
    )


def _places(coverage: Coverage) -> Iterator[dict[str, Any]]:
    for country in coverage.countries:
        yield {"@type": "Country", "name": country.name, "identifier": country.code}
    if coverage.box:
        west, south, east, north = coverage.box
        # A GeoShape has latitude before longitude, lower corner first.
        shape = {"@type": "GeoShape", "box": f"{south} {west} {north} {east}"}
        yield {"@type": "Place", "geo": shape}


def _variables(release: Release) -> Iterator[dict[str, Any]]:
    for table in release.declared.values():
        for field in table.fields:
            yield without_empty(
                {
                    "@type": "PropertyValue",
                    "name": f"{table.name}.{field.name}",
                    "alternateName": field.title,
                    "description": field.description,
                }
            )


def _download(artifact: Artifact) -> dict[str, Any]:
    return {
        "@type": "DataDownload",
        "name": artifact.title,
        "contentUrl": address(artifact),
        "encodingFormat": artifact.media_type,
        "contentSize": f"{artifact.size} B",
        "sha256": artifact.sha256,
    }
