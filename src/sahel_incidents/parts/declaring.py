"""What a release in parts declares of its tables: a descriptor for each way they are written.

The one at the top is the package's own, but that each path is a list of CSV parts. Those of
`parquet/` and `flat/` are packages by themselves, with the schemas in the descriptor, so that these
folders can be passed on alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ..package import DESCRIPTOR, Field, Table
from ..release import Artifact, Release

Resource = Mapping[str, Any]


def descriptors(release: Release, paths: Mapping[str, Sequence[str]]) -> dict[str, bytes]:
    """The descriptors of a release in parts, by path.

    Args:
        release: what is published, without any rows.
        paths: of each table the paths of its parts, of both kinds.
    """
    own = {resource["name"]: resource for resource in release.descriptor["resources"]}
    told = {name: _described(release, name) for name in release.declared}
    top = [{**resource, "path": _of_kind(paths[name], ".csv")} for name, resource in own.items()]
    flat = [
        told[name] | {"path": _of_kind(paths[name], ".csv")} for name in told if name not in own
    ]
    parquet = [
        told[name]
        | {
            "path": _of_kind(paths[name], ".parquet"),
            "format": "parquet",
            "mediatype": "application/vnd.apache.parquet",
        }
        for name in told
    ]
    files = {DESCRIPTOR: {**release.descriptor, "resources": top}}
    for resources, title in ((flat, "derived tables"), (parquet, "Parquet")):
        below = {PurePosixPath(path).parts[0] for one in resources for path in one["path"]}
        (folder,) = below
        inside = [
            one | {"path": [path.removeprefix(f"{folder}/") for path in one["path"]]}
            for one in resources
        ]
        files[f"{folder}/{DESCRIPTOR}"] = {
            **release.descriptor,
            "name": f"{release.package.name}-{folder}",
            "title": f"{release.descriptor.get('title', release.package.name)}: {title}",
            "resources": inside,
        }
    return {path: _json(content) for path, content in files.items()}


def paths_of(
    artifacts: Sequence[Artifact], folders: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Of each table the paths of its parts, sorted.

    Args:
        artifacts: files of the release.
        folders: for each table the folders of its parts.
    """
    below: dict[str, list[str]] = {}
    for artifact in artifacts:
        below.setdefault(str(PurePosixPath(artifact.path).parent), []).append(artifact.path)
    return {
        name: sorted(path for folder in own for path in below.get(folder, ()))
        for name, own in folders.items()
    }


def _of_kind(paths: Sequence[str], suffix: str) -> list[str]:
    return [path for path in paths if path.endswith(suffix)]


def _described(release: Release, name: str) -> dict[str, Any]:
    """A table as a resource, with its schema and without a path."""
    table = release.declared[name]
    return {
        "name": name,
        "type": "table",
        "title": table.title,
        "path": [],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict[str, Any]:
    keys = [
        {"fields": [key.field], "reference": {"resource": key.table, "fields": [key.key]}}
        for key in table.foreign_keys
    ]
    told = {
        "fields": [_field(field) for field in table.fields],
        "missingValues": list(table.missing_values),
        "primaryKey": list(table.primary_key),
        "uniqueKeys": [list(key) for key in table.unique_keys],
        "foreignKeys": keys,
    }
    return {key: value for key, value in told.items() if value}


def _field(field: Field) -> dict[str, Any]:
    categories = [
        {"value": one.value, "label": one.label, "description": one.description}
        for one in field.categories
    ]
    told = {
        "name": field.name,
        "type": field.type,
        "format": field.format if field.format != "default" else "",
        "title": field.title,
        "description": field.description,
        "example": field.example,
        "unit": field.unit,
        "constraints": dict(field.constraints),
        "categories": categories,
    }
    return {key: value for key, value in told.items() if value}


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
