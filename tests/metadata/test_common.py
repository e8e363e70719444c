"""What the documents have in common."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pytest

from sahel_incidents import metadata
from sahel_incidents.about import Party
from sahel_incidents.metadata import common
from sahel_incidents.release import Artifact, Release

from .conftest import ROOT, Published


def test_every_document_has_a_place_of_its_own() -> None:
    documents = metadata.load().values()
    assert len({document.PATH for document in documents}) == len(documents) == 8
    assert all(document.TITLE and "/" in document.MEDIA_TYPE for document in documents)


def test_the_same_release_gives_the_same_bytes(published: Published) -> None:
    for document in metadata.load().values():
        again = document.content(published.release, tuple(published.artifacts))
        assert again == published.read(document.PATH)
        assert again.endswith(b"\n")
        assert b"\r" not in again


@pytest.mark.parametrize(
    ("roles", "kind"),
    [
        ((), "Other"),
        (("Data Collector",), "DataCollector"),
        (("contact-person",), "ContactPerson"),
        (("wrangler", "editor"), "Editor"),
        (("wrangler",), "Other"),
    ],
)
def test_a_role_is_told_in_the_words_of_the_registry(roles: tuple[str, ...], kind: str) -> None:
    assert common.contributor_type(Party("A", "", "", "", "", roles)) == kind


def test_the_coverage_is_that_of_the_records(release: Release) -> None:
    coverage = common.cover(release)
    incidents = pd.read_csv(ROOT / "data" / "incidents.csv", keep_default_na=False)
    assert coverage.days is not None
    assert [day.isoformat() for day in coverage.days] == [
        incidents.date_start.min(),
        incidents.date_end.max(),
    ]
    assert {country.code for country in coverage.countries} == set(incidents.country)
    assert ("MLI", "Mali") in coverage.countries
    places = pd.read_csv(ROOT / "data" / "places.csv")
    assert coverage.box == (
        places.longitude.min(),
        places.latitude.min(),
        places.longitude.max(),
        places.latitude.max(),
    )


def test_no_records_cover_nothing(empty: Release) -> None:
    assert common.cover(empty) == common.Coverage(None, (), None)


def test_places_without_coordinates_have_no_box(release: Release) -> None:
    places = release.tables["places"]
    nowhere = places.set_column(
        places.column_names.index("latitude"), "latitude", pa.nulls(len(places), pa.float64())
    )
    there = replace(release, tables={**release.tables, "places": nowhere})
    assert common.cover(there).box is None


def test_what_tells_of_the_data_is_no_data() -> None:
    kinds = {
        "data/incidents.csv": "text/csv",
        "geo/incidents.geojson": "application/geo+json",
        "sahel-incidents.sqlite": "application/vnd.sqlite3",
        "codebook.html": "text/html",
        "README.md": "text/markdown",
        "LICENSE": "text/plain",
        "schemas/incidents.json": "application/json",
    }
    artifacts = [Artifact(path, path, kind, 1, "0" * 64) for path, kind in kinds.items()]
    assert [artifact.path for artifact in common.data_files(artifacts)] == list(kinds)[:3]


def test_an_address_holds_no_letter_that_would_end_it() -> None:
    odd = Artifact('flat/a b">#é?.csv', "", "text/csv", 1, "0" * 64)
    assert common.address(odd) == "flat/a%20b%22%3E%23%C3%A9%3F.csv"
