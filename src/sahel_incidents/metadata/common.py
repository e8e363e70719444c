"""What the documents have in common: what the records cover, and how JSON is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow.compute as pc

from ..about import Description, Party
from ..release import Artifact, Release

TAG, ISO_639_3 = "en", "eng"
"""The language of titles, descriptions and records, by BCP 47 and by ISO 639-3. The descriptor
has no property for it."""

CONTRIBUTOR_TYPES = (
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
    "Sponsor",
    "Supervisor",
    "WorkPackageLeader",
)
"""The roles that DataCite and Zenodo know, beside creator and publisher (DataCite 4.5, appendix 1,
contributorType). Any other is "Other" to them."""

_NO_DATA = ("text/markdown", "text/html", "text/plain", "application/json")
# What tells of the data: the codebook, the licence, the list of changes, the schemas.


class Country(NamedTuple):
    """A country by its ISO 3166-1 alpha-3 code, and its name in English."""

    code: str
    name: str


class Box(NamedTuple):
    """A bounding box in WGS 84 degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the records are about.

    Attributes:
        days: the first and the last day of any incident; none where there is no incident.
        countries: those in which incidents happened, in the order of the vocabulary.
        box: around all places with coordinates; none where there is no such place.
    """

    days: tuple[date, date] | None
    countries: tuple[Country, ...]
    box: Box | None


def cover(release: Release) -> Coverage:
    """What the records of a release are about."""
    incidents, places = release.tables["incidents"], release.tables["places"]
    first, last = pc.min(incidents["date_start"]).as_py(), pc.max(incidents["date_end"]).as_py()
    present = set(pc.unique(incidents["country"]).to_pylist())
    countries = release.package.tables["incidents"].field("country").categories
    corners = [
        extreme(places[column]).as_py()
        for extreme in (pc.min, pc.max)
        for column in ("longitude", "latitude")
    ]
    return Coverage(
        days=None if first is None or last is None else (first, last),
        countries=tuple(
            Country(country.value, country.label)
            for country in countries
            if country.value in present
        ),
        box=None if None in corners else Box(*corners),
    )


def identity(about: Description, issued: date) -> dict[str, Any]:
    """Which dataset it is, in the properties of schema.org's `Dataset`."""
    return {
        "identifier": about.identifier,
        "name": about.title,
        "alternateName": about.name,
        "description": about.text,
        "url": about.page,
        "version": about.version,
        "datePublished": issued.isoformat(),
        "inLanguage": TAG,
    }


def contributor_type(party: Party) -> str:
    """A party's role in the words of `CONTRIBUTOR_TYPES`, or else "Other"."""
    known = {name.lower(): name for name in CONTRIBUTOR_TYPES}
    roles = (re.sub(r"[^a-z]", "", role.lower()) for role in party.roles)
    return next((known[role] for role in roles if role in known), "Other")


def data_files(artifacts: Sequence[Artifact]) -> list[Artifact]:
    """The files that hold data, without those that tell of it."""
    return [artifact for artifact in artifacts if artifact.media_type not in _NO_DATA]


def address(artifact: Artifact) -> str:
    """Where a file lies, as an address relative to the release's folder."""
    return quote(artifact.path)


def to_json(document: object) -> bytes:
    """A document as JSON that may also be put into a `<script>` of a web page as it is."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    # JSON's own syntax has none of these: where one occurs, it is in a text.
    text = re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)
    return f"{text}\n".encode()


def without_empty(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The entries but for empty texts, empty lists and nothing."""
    return {key: value for key, value in entries.items() if value not in ("", [], None)}
