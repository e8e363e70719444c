"""A release folder with its metadata documents, and the vocabulary of schema.org."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import strategies as st
from pyarrow import csv, parquet

from sahel_incidents import derived, metadata
from sahel_incidents.descriptor import open_package
from sahel_incidents.release import Artifact, Release
from sahel_incidents.typed import read_tables

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "tests" / "profiles"
HOMEPAGE = "https://github.com/sahel-incidents/sahel-incidents"

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!-- ",
    "]]>",
    '"quoted" and \\escaped\\',
    "'''",
    '"""',
    "one\ntwo\r\nthree\r\n",
    "\tTAB",
    "a: b # c",
    "- no",
    "no",
    "1.0",
    "2026-11-22",
    "null",
    "---",
    "%YAML 1.1",
    "{{x}} ${y} @en ^^xsd:date .",
    "Côte d’Ivoire, النيجر, 马里, 🕊️",
    "\x00\x01\x1b[31m",
    "\x7f\x80\x85\x9f",
    "\u2028\u2029\u200f\u202e\ufeff\ufffe\uffff",
)
"""Texts that break documents put together without care."""

texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
)
"""Any text that a descriptor may hold: no lone surrogates, something to be seen."""


@dataclass(frozen=True)
class Published:
    """A release in its folder."""

    folder: Path
    release: Release
    artifacts: Sequence[Artifact]

    def read(self, path: str) -> bytes:
        return (self.folder / path).read_bytes()

    def json(self, path: str) -> Any:
        return json.loads(self.read(path))


@pytest.fixture(scope="session")
def release() -> Release:
    """The shipped data, as it would be released."""
    package = open_package(ROOT)
    tables = read_tables(package)
    return Release(
        package=package,
        descriptor={"homepage": HOMEPAGE} | json.loads((ROOT / "datapackage.json").read_bytes()),
        issued=date(2026, 11, 22),
        commit="0123456789abcdef0123456789abcdef01234567",
        tables=tables,
        derived=derived.build(package, tables),
        declared={**package.tables, **derived.declared(package)},
    )


@pytest.fixture(scope="session")
def empty(release: Release) -> Release:
    """The same without a single record."""
    tables = {name: table.schema.empty_table() for name, table in release.tables.items()}
    return replace(release, tables=tables, derived=derived.build(release.package, tables))


@pytest.fixture(scope="session")
def publish(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Release], Published]:
    """Write a release's tables, what tells of them, and the documents."""

    def write(release: Release) -> Published:
        folder = tmp_path_factory.mktemp(release.name)
        artifacts = []

        def add(path: str, title: str, media_type: str, content: bytes) -> None:
            place = folder / path
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            artifacts.append(Artifact(path, title, media_type, len(content), digest))

        for name, table in release.every_table.items():
            declared = release.declared[name]
            add(declared.path, declared.title, "text/csv", _csv(table))
        sink = pa.BufferOutputStream()
        parquet.write_table(release.tables["incidents"], sink)
        content = sink.getvalue().to_pybytes()
        add("parquet/incidents.parquet", "Incidents", "application/vnd.apache.parquet", content)
        add("LICENSE", "Licence", "text/plain", (ROOT / "LICENSE").read_bytes())
        for document in metadata.load().values():
            place = folder / document.PATH
            place.write_bytes(document.content(release, artifacts))
        return Published(folder, release, artifacts)

    return write


def _csv(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink, csv.WriteOptions(quoting_style="needed"))
    return bytes(sink.getvalue().to_pybytes())


@pytest.fixture(scope="session")
def published(release: Release, publish: Callable[[Release], Published]) -> Published:
    """The shipped data in its release folder."""
    return publish(release)


@pytest.fixture(scope="session")
def people(release: Release) -> Release:
    """The same by other hands: two persons, a body that publishes, a curator; and with a DOI."""
    contributors = [
        {
            "title": "Awa Traoré",
            "givenName": "Awa",
            "familyName": "Traoré",
            "path": "https://orcid.org/0000-0002-1825-0097",
            "organization": "Université de Bamako",
            "roles": ["creator"],
        },
        {"title": "J. O'Neil", "path": "https://example.org/~joneil", "roles": ["author"]},
        {"title": "Casualty Records", "path": "https://example.org/", "roles": ["publisher"]},
        {"givenName": "Ibrahim", "familyName": "Maïga", "roles": ["data curator"]},
    ]
    licences = [
        *release.descriptor["licenses"],
        {"name": "ODbL-1.0", "path": "https://opendatacommons.org/licenses/odbl/1-0/"},
    ]
    changed = {
        "id": "https://doi.org/10.5281/zenodo.123456",
        "contributors": contributors,
        "licenses": licences,
    }
    return replace(release, descriptor={**release.descriptor, **changed})


class Vocabulary:
    """The classes and properties of schema.org, in the copy that ro-crate-py brings along."""

    def __init__(self) -> None:
        graph = json.loads(files("rocrate").joinpath("data/schema.jsonld").read_bytes())["@graph"]
        self._things = {thing["@id"].removeprefix("schema:"): thing for thing in graph}

    def faults(self, thing: Any) -> Iterator[str]:
        """Each property of a document that its thing's class does not have."""
        if isinstance(thing, list):
            for item in thing:
                yield from self.faults(item)
        elif isinstance(thing, dict) and "@type" in thing:
            # RO-Crate's name for it.
            kind = thing["@type"].replace("File", "MediaObject")
            kinds = self._with_parents(kind)
            for name, value in thing.items():
                if not name.startswith("@") and not kinds & self._of(name):
                    yield f"{kind}.{name}"
                yield from self.faults(value)

    @cached_property
    def _parents(self) -> dict[str, set[str]]:
        return {name: self._ids(thing, "rdfs:subClassOf") for name, thing in self._things.items()}

    def _with_parents(self, kind: str) -> set[str]:
        assert self._things[kind]["@type"] == "rdfs:Class"
        return {kind}.union(*map(self._with_parents, self._parents[kind] & self._things.keys()))

    def _of(self, name: str) -> set[str]:
        return self._ids(self._things.get(name, {}), "schema:domainIncludes")

    @staticmethod
    def _ids(thing: dict[str, Any], key: str) -> set[str]:
        values = thing.get(key, [])
        values = values if isinstance(values, list) else [values]
        return {value["@id"].removeprefix("schema:") for value in values}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return Vocabulary()
