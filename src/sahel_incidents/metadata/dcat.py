"""dcat.ttl: the dataset for public data catalogues, by DCAT-AP 3.0.1, in Turtle.

Profile: https://semiceu.github.io/DCAT-AP/releases/3.0.1/. Things of the authority tables of the
EU (https://op.europa.eu/en/web/eu-vocabularies) are named with their class, since the profile's
shapes look for it in the document itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urldefrag

from ..about import Description, Party, describe
from ..release import Artifact, Release
from .common import ISO_639_3, TAG, Coverage, address, cover, data_files

TITLE = "Description of the dataset for data catalogues (DCAT-AP)"
PATH = "dcat.ttl"
MEDIA_TYPE = "text/turtle"

_PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_AUTHORITY = "http://publications.europa.eu/resource/authority"
_LANGUAGE = f"{_AUTHORITY}/language/{ISO_639_3.upper()}"
_PUBLIC = f"{_AUTHORITY}/access-right/PUBLIC"
_THEME = f"{_AUTHORITY}/data-theme/JUST"
# The nearest of the thirteen data themes that European portals sort by.
_FILE_TYPES = {
    "text/csv": "CSV",
    "application/geo+json": "GEOJSON",
    "application/vnd.apache.parquet": "PARQUET",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/zip": "ZIP",
}
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types"

Pairs = Iterable[tuple[str, str]]
"""Predicates and objects, both in Turtle."""


def content(release: Release, artifacts: Sequence[Artifact]) -> bytes:
    """The description of a release."""
    about, coverage, files = describe(release.descriptor), cover(release), data_files(artifacts)
    lines = [f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in _PREFIXES.items()]
    blocks = [
        "\n".join(lines),
        _block(_id(about, "dataset"), _dataset(release, about, coverage, files)),
        *(_block(_id(about, address(file)), _distribution(about, file)) for file in files),
        *(_block(subject, pairs) for subject, pairs in _named(about, coverage, files).items()),
    ]
    return ("\n\n".join(blocks) + "\n").encode()


def _dataset(
    release: Release, about: Description, coverage: Coverage, files: Sequence[Artifact]
) -> Iterator[tuple[str, str]]:
    yield "a", "dcat:Dataset"
    yield "dct:title", _text(about.title)
    yield "dct:description", _text(about.text)
    yield "dct:identifier", _literal(about.identifier)
    yield "dcat:version", _literal(about.version)
    yield "dct:issued", _typed(release.issued.isoformat(), "xsd:date")
    yield "dct:language", _iri(_LANGUAGE)
    yield "dct:accessRights", _iri(_PUBLIC)
    yield "dcat:theme", _iri(_THEME)
    yield "dcat:landingPage", _iri(about.page)
    yield from (("dcat:keyword", _text(keyword)) for keyword in about.keywords)
    yield from (("dct:creator", _agent(creator)) for creator in about.creators)
    yield "dct:publisher", _agent(about.publisher)
    yield (
        "dcat:contactPoint",
        _node(
            ("a", "vcard:Kind"),
            ("vcard:fn", _text(about.publisher.name)),
            ("vcard:hasURL", _iri(about.homepage)),
        ),
    )
    if coverage.days:
        first, last = (_typed(day.isoformat(), "xsd:date") for day in coverage.days)
        period = ("a", "dct:PeriodOfTime"), ("dcat:startDate", first), ("dcat:endDate", last)
        yield "dct:temporal", _node(*period)
    yield from (("dct:spatial", _iri(_country(code))) for code, _ in coverage.countries)
    if coverage.box:
        west, south, east, north = coverage.box
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        ring = ", ".join(f"{longitude} {latitude}" for longitude, latitude in corners)
        box = _typed(f"POLYGON(({ring}))", "geo:wktLiteral")
        yield "dct:spatial", _node(("a", "dct:Location"), ("dcat:bbox", box))
    yield from (("dcat:distribution", _iri(_id(about, address(file)))) for file in files)


def _id(about: Description, name: str) -> str:
    """An address for a thing of this release: its page's, which has one fragment at most."""
    return f"{urldefrag(about.page).url}#{name}"


def _distribution(about: Description, file: Artifact) -> Iterator[tuple[str, str]]:
    yield "a", "dcat:Distribution"
    yield "dct:title", _text(file.title)
    yield "dcat:accessURL", _iri(about.page)
    yield "dcat:downloadURL", _iri(address(file))
    yield "dcat:mediaType", _iri(_media_type(file))
    if file.media_type in _FILE_TYPES:
        yield "dct:format", _iri(_file_type(file))
    yield "dcat:byteSize", _typed(str(file.size), "xsd:nonNegativeInteger")
    yield (
        "spdx:checksum",
        _node(
            ("a", "spdx:Checksum"),
            ("spdx:algorithm", "spdx:checksumAlgorithm_sha256"),
            ("spdx:checksumValue", _typed(file.sha256, "xsd:hexBinary")),
        ),
    )
    licence, *further = about.licences
    yield "dct:license", _iri(licence.address)
    # The profile allows one licence.
    yield from (("dct:rights", _iri(other.address)) for other in further)


def _named(
    about: Description, coverage: Coverage, files: Sequence[Artifact]
) -> dict[str, list[tuple[str, str]]]:
    """What the others refer to, with its class, by address."""
    licence, *further = about.licences
    things = {
        about.page: [("a", "foaf:Document")],
        licence.address: [("a", "dct:LicenseDocument"), ("dct:title", _text(licence.title))],
        _LANGUAGE: [("a", "dct:LinguisticSystem")],
        _PUBLIC: [("a", "dct:RightsStatement")],
        _THEME: [
            ("a", "skos:Concept"),
            ("skos:prefLabel", _text("Justice, legal system and public safety")),
        ],
        f"{_PREFIXES['spdx']}checksumAlgorithm_sha256": [("a", "spdx:ChecksumAlgorithm")],
    }
    for other in further:
        things[other.address] = [("a", "dct:RightsStatement"), ("dct:title", _text(other.title))]
    for code, name in coverage.countries:
        things[_country(code)] = [("a", "dct:Location"), ("skos:prefLabel", _text(name))]
    for file in files:
        things[_media_type(file)] = [("a", "dct:MediaType")]
        if file.media_type in _FILE_TYPES:
            things[_file_type(file)] = [("a", "dct:MediaTypeOrExtent")]
    return things


def _country(code: str) -> str:
    return f"{_AUTHORITY}/country/{code}"


def _media_type(file: Artifact) -> str:
    return f"{_MEDIA_TYPES}/{file.media_type.partition(';')[0]}"


def _file_type(file: Artifact) -> str:
    return f"{_AUTHORITY}/file-type/{_FILE_TYPES[file.media_type]}"


def _agent(party: Party) -> str:
    pairs = [("a", "foaf:Person" if party.is_person else "foaf:Organization")]
    # The shapes look for the class itself; they do not know that a person is an agent.
    pairs = [("a", "foaf:Agent"), *pairs, ("foaf:name", _text(party.name))]
    if party.address:
        pairs.append(("foaf:homepage", _iri(party.address)))
    return _node(*pairs)


def _block(subject: str, pairs: Pairs) -> str:
    return f"{_iri(subject)}\n" + " ;\n".join(f"    {verb} {thing}" for verb, thing in pairs) + " ."


def _node(*pairs: tuple[str, str]) -> str:
    return "[ " + " ; ".join(f"{verb} {thing}" for verb, thing in pairs) + " ]"


def _iri(text: str) -> str:
    return f"<{text}>"


def _text(text: str) -> str:
    return f"{_literal(text)}@{TAG}"


def _typed(text: str, kind: str) -> str:
    return f"{_literal(text)}^^{kind}"


def _literal(text: str) -> str:
    # A JSON string is a string of Turtle; DEL and the second set of controls are escaped for the
    # eye.
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", quoted)
