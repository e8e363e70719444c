"""datasette.json: what Datasette (https://datasette.io) shows of the SQLite database.

`datasette FILE.sqlite --metadata datasette.json`. Format:
https://docs.datasette.io/en/stable/metadata.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import ddl, dictionary
from ..about import describe
from ..derived.declaration import origin_of
from ..release import Artifact, Release
from .common import to_json

TITLE = "Description of the SQLite database (for Datasette)"
PATH = "datasette.json"
MEDIA_TYPE = "application/json"


def content(release: Release, artifacts: Sequence[Artifact]) -> bytes:
    """The descriptions of the tables and columns, with licence and origin."""
    about = describe(release.descriptor)
    metadata = {
        "title": about.title,
        "description": about.text,
        "source": about.citation(release.issued),
        "source_url": about.identifier,
        "license": about.licences[0].title,
        "license_url": about.licences[0].address,
        "databases": {release.package.name: {"tables": _tables(release)}},
    }
    return to_json(metadata)


def _tables(release: Release) -> dict[str, dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for entry in dictionary.entries(release):
        if entry.column and not entry.value:
            unit = f" In {entry.unit}." if entry.unit else ""
            tables[entry.table]["columns"][entry.column] = entry.description + unit
        elif not entry.column:
            tables[entry.table] = {"description": entry.description, "columns": {}}
    for name in release.declared:
        if name not in release.package.tables and origin_of(name):
            tables[ddl.computed(name)] = {
                "description": f"The columns of {name} that are worked out; the view {name} joins "
                "them to the rest.",
                "hidden": True,
            }
    return tables
