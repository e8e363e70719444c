""".zenodo.json: the metadata of a deposit at Zenodo.

Fields: https://developers.zenodo.org/#deposit-metadata. No DOI is among them: Zenodo gives one, and
would take one named here for that of another publisher.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from ..about import Party, describe
from ..release import Artifact, Release
from .common import ISO_639_3, contributor_type, cover, to_json, without_empty

TITLE = "Metadata of the deposit at Zenodo"
PATH = ".zenodo.json"
MEDIA_TYPE = "application/json"


def content(release: Release, artifacts: Sequence[Artifact]) -> bytes:
    """The metadata of a release."""
    about, coverage = describe(release.descriptor), cover(release)
    days = " to ".join(day.isoformat() for day in coverage.days or ())
    return to_json(
        without_empty(
            {
                "upload_type": "dataset",
                "title": about.title,
                "version": about.version,
                "publication_date": release.issued.isoformat(),
                # Both are HTML to Zenodo.
                "description": f"<p>{escape(about.text, quote=False)}</p>",
                # Its types of dates have none for what a dataset covers.
                "notes": f"<p>Incidents from {days}.</p>" if days else "",
                "creators": [_party(creator) for creator in about.creators],
                "contributors": [
                    {**_party(party), "type": contributor_type(party)}
                    for party in about.contributors
                ],
                "access_right": "open",
                "license": about.licences[0].id,
                "language": ISO_639_3,
                "keywords": list(about.keywords),
                "locations": [{"place": country.name} for country in coverage.countries],
                "related_identifiers": [
                    {
                        "identifier": about.page,
                        "relation": "isIdenticalTo",
                        "resource_type": "dataset",
                    }
                ],
            }
        )
    )


def _party(party: Party) -> dict[str, Any]:
    return without_empty(
        {
            "name": party.sorted_name,
            "affiliation": party.organisation,
            "orcid": party.orcid,
        }
    )
