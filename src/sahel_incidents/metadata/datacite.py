"""datacite.json: the dataset as DataCite registers it with a DOI, by its metadata schema 4.5.

Schema: https://datacite-metadata-schema.readthedocs.io/en/4.5/, in the JSON form of
https://github.com/inveniosoftware/datacite.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..about import Licence, Party, describe
from ..release import Artifact, Release
from .common import TAG, Coverage, contributor_type, cover, data_files, to_json, without_empty

TITLE = "Metadata for registering a DOI (DataCite)"
PATH = "datacite.json"
MEDIA_TYPE = "application/vnd.datacite.datacite+json"


def content(release: Release, artifacts: Sequence[Artifact]) -> bytes:
    """The metadata of a release."""
    about, coverage = describe(release.descriptor), cover(release)
    files = data_files(artifacts)
    return to_json(
        without_empty(
            {
                "schemaVersion": "http://datacite.org/schema/kernel-4",
                "doi": about.doi,
                "url": about.page,
                "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Dataset"},
                "titles": [{"title": about.title, "lang": TAG}],
                "creators": [_party(creator) for creator in about.creators],
                "contributors": [
                    {**_party(party), "contributorType": contributor_type(party)}
                    for party in about.contributors
                ],
                "publisher": {"name": about.publisher.name},
                "publicationYear": f"{release.issued.year:04}",
                "dates": [
                    {"date": release.issued.isoformat(), "dateType": "Issued"},
                    *_period(coverage),
                ],
                "language": TAG,
                "version": about.version,
                "subjects": [{"subject": keyword, "lang": TAG} for keyword in about.keywords],
                "descriptions": [
                    {"description": about.text, "descriptionType": "Abstract", "lang": TAG}
                ],
                "rightsList": [_rights(licence) for licence in about.licences],
                "geoLocations": list(_locations(coverage)),
                "formats": sorted({artifact.media_type for artifact in files}),
                "sizes": [f"{sum(artifact.size for artifact in files)} bytes"],
            }
        )
    )


def _party(party: Party) -> dict[str, Any]:
    orcid = {
        "nameIdentifier": f"https://orcid.org/{party.orcid}",
        "nameIdentifierScheme": "ORCID",
        "schemeUri": "https://orcid.org",
    }
    return without_empty(
        {
            "name": party.sorted_name,
            "nameType": "Personal" if party.is_person else "Organizational",
            "givenName": party.given,
            "familyName": party.family,
            "affiliation": [{"name": party.organisation}] if party.organisation else [],
            "nameIdentifiers": [orcid] if party.orcid else [],
        }
    )


def _period(coverage: Coverage) -> Iterator[dict[str, str]]:
    """The days of the incidents. Schema 4.5 has no type of date for what a dataset covers."""
    if coverage.days:
        yield {
            "date": "/".join(day.isoformat() for day in coverage.days),
            "dateType": "Other",
            "dateInformation": "Coverage: first to last day of the incidents",
        }


def _rights(licence: Licence) -> dict[str, str]:
    return {
        "rights": licence.title,
        "rightsUri": licence.address,
        "rightsIdentifier": licence.id,
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": "https://spdx.org/licenses/",
    }


def _locations(coverage: Coverage) -> Iterator[dict[str, Any]]:
    for country in coverage.countries:
        yield {"geoLocationPlace": country.name}
    if coverage.box:
        west, south, east, north = coverage.box
        yield {
            "geoLocationBox": {
                "westBoundLongitude": west,
                "eastBoundLongitude": east,
                "southBoundLatitude": south,
                "northBoundLatitude": north,
            }
        }
