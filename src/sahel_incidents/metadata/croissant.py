"""croissant.json: the dataset's files and records for machine-learning tools, as Croissant 1.1.

Format: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html. Every CSV table of the
release is a record set with typed fields, and so is every vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..about import Party, describe
from ..derived import description_of
from ..package import Category, Field, Table
from ..release import Artifact, Release
from .common import TAG, address, data_files, to_json, without_empty

TITLE = "Files and records for machine-learning tools (Croissant)"
PATH = "croissant.json"
MEDIA_TYPE = 'application/ld+json; profile="http://mlcommons.org/croissant/1.1"'

_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "date": "sc:Date",
    "year": "sc:Integer",
    "boolean": "sc:Boolean",
}

_TERMS = (
    "arrayShape",
    "citeAs",
    "column",
    "containedIn",
    "equivalentProperty",
    "extract",
    "field",
    "fileObject",
    "fileProperty",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
)
_CONTEXT = {
    "@language": TAG,
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{term: f"cr:{term}" for term in _TERMS},
}
# The context of the format's published examples, which its reference reader, mlcroissant, asks for
# term by term, and with https where the specification's appendix has http.


def content(release: Release, artifacts: Sequence[Artifact]) -> bytes:
    """The description of a release."""
    about, files = describe(release.descriptor), data_files(artifacts)
    csv = {artifact.path for artifact in files if artifact.media_type == "text/csv"}
    tables = [table for table in release.declared.values() if table.path in csv]
    return to_json(
        without_empty(
            {
                "@context": _CONTEXT,
                "@type": "sc:Dataset",
                "conformsTo": "http://mlcommons.org/croissant/1.1",
                "name": about.title,
                "alternateName": about.name,
                "description": about.text,
                "url": about.page,
                "version": about.version,
                "datePublished": release.issued.isoformat(),
                "inLanguage": TAG,
                "license": [licence.address for licence in about.licences],
                "keywords": list(about.keywords),
                "creator": [_party(creator) for creator in about.creators],
                "publisher": _party(about.publisher),
                "citeAs": about.citation(release.issued),
                "isLiveDataset": False,
                "distribution": [_file_object(artifact) for artifact in files],
                "recordSet": _record_sets(release, tables),
            }
        )
    )


def _party(party: Party) -> dict[str, Any]:
    kind = "sc:Person" if party.is_person else "sc:Organization"
    return without_empty({"@type": kind, "name": party.name, "url": party.address})


def _file_object(artifact: Artifact) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": artifact.path,
        "name": artifact.path.rsplit("/", 1)[-1],
        "description": artifact.title,
        "contentUrl": address(artifact),
        "contentSize": f"{artifact.size} B",
        "encodingFormat": artifact.media_type,
        "sha256": artifact.sha256,
    }


def _record_sets(release: Release, tables: Iterable[Table]) -> list[dict[str, Any]]:
    texts = {item["name"]: item.get("description") for item in release.descriptor["resources"]}
    texts |= {name: description_of(name) for name in release.derived}
    vocabularies: dict[tuple[Category, ...], list[str]] = {}
    sets = []
    for table in tables:
        for field in table.fields:
            if field.categories:
                columns = vocabularies.setdefault(field.categories, [])
                columns.append(f"{table.name}/{field.name}")
        sets.append(
            {
                "@type": "cr:RecordSet",
                "@id": table.name,
                "name": table.name,
                "description": texts.get(table.name) or table.title,
                "key": [{"@id": f"{table.name}/{column}"} for column in table.primary_key],
                "field": [_field(table, field) for field in table.fields],
            }
        )
    return sets + [_enumeration(*vocabulary) for vocabulary in vocabularies.items()]


def _field(table: Table, field: Field) -> dict[str, Any]:
    # Without "references", to other tables or to the vocabulary: mlcroissant 1.1 joins whatever is
    # referred to, and then loses rows, or has none left when it reads a table for the second time.
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{field.name}",
        "name": field.name,
        "description": field.description or field.title,
        "dataType": "sc:URL" if field.format == "uri" else _TYPES[field.type],
        "source": {"fileObject": {"@id": table.path}, "extract": {"column": field.name}},
    }


def _enumeration(values: Sequence[Category], used: Sequence[str]) -> dict[str, Any]:
    """A vocabulary, named after the first column that it is used in."""
    name = f"{used[0]}/values"
    columns = ("value", "name", "description")
    rows = [(value.value, value.label, value.description) for value in values]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"What may stand in {', '.join(used)}",
        "dataType": "sc:Enumeration",
        "key": {"@id": f"{name}/value"},
        "field": [
            {"@type": "cr:Field", "@id": f"{name}/{column}", "name": column, "dataType": "sc:Text"}
            for column in columns
        ],
        "data": [
            {f"{name}/{column}": text for column, text in zip(columns, row, strict=True)}
            for row in rows
        ],
    }
