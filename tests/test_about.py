"""What the descriptor says of the dataset as a whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sahel_incidents.about import describe
from sahel_incidents.problem import DescriptorError

BY = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
AWA = {
    "title": "Awa Traoré",
    "givenName": "Awa",
    "familyName": "Traoré",
    "path": "https://orcid.org/0000-0002-1825-0097",
    "organization": "Université de Bamako",
    "roles": ["creator"],
}
DESCRIPTOR: dict[str, Any] = {
    "name": "sahel-incidents",
    "title": "Sahel Incidents",
    "description": "Incidents in the Sahel.",
    "version": "1.2.3",
    "homepage": "https://github.com/sahel-incidents/sahel-incidents",
    "keywords": ["Mali", "Niger", "Mali"],
    "licenses": [BY],
    "contributors": [{"title": "Sahel Incidents contributors", "roles": ["creator"]}],
}


def test_a_dataset_is_described() -> None:
    about = describe(DESCRIPTOR)
    assert (about.title, about.text) == ("Sahel Incidents", "Incidents in the Sahel.")
    assert about.keywords == ("Mali", "Niger")
    assert [(licence.id, licence.title) for licence in about.licences] == [
        ("CC-BY-4.0", "Creative Commons Attribution 4.0")
    ]
    assert [creator.name for creator in about.creators] == ["Sahel Incidents contributors"]
    assert about.publisher == about.creators[0]
    assert about.contributors == ()
    assert about.doi == ""
    assert about.citation(date(2026, 11, 22)) == (
        "Sahel Incidents contributors (2026): Sahel Incidents. Version 1.2.3. Dataset. "
        "https://github.com/sahel-incidents/sahel-incidents/releases/tag/v1.2.3"
    )


def test_people_have_their_parts() -> None:
    contributors = [
        AWA,
        {"title": "J. O'Neil", "path": "https://example.org/~joneil", "roles": ["Author"]},
        {"title": "Casualty Records", "roles": ["publisher"]},
        {"givenName": "Ibrahim", "familyName": "Maïga", "roles": ["data curator"]},
    ]
    about = describe({**DESCRIPTOR, "contributors": contributors, "id": "doi:10.5281/zenodo.1"})
    awa, neil = about.creators
    assert (awa.is_person, awa.sorted_name) == (True, "Traoré, Awa")
    assert (awa.orcid, awa.organisation) == ("0000-0002-1825-0097", "Université de Bamako")
    assert (neil.is_person, neil.sorted_name, neil.orcid) == (False, "J. O'Neil", "")
    assert about.publisher.name == "Casualty Records"
    assert [party.name for party in about.contributors] == ["Ibrahim Maïga"]
    assert about.citation(date(2027, 1, 1)) == (
        "Traoré, Awa; J. O'Neil (2027): Sahel Incidents. Version 1.2.3. Dataset. "
        "https://doi.org/10.5281/zenodo.1"
    )


def test_who_has_no_role_is_a_creator_where_nobody_else_is() -> None:
    about = describe({**DESCRIPTOR, "contributors": [{"title": "A"}, {"title": "B"}]})
    assert [creator.name for creator in about.creators] == ["A", "B"]
    assert about.publisher.name == "A"
    assert about.contributors == ()


def test_what_need_not_be_there() -> None:
    without = {key: value for key, value in DESCRIPTOR.items() if key != "keywords"}
    licence = {key: value for key, value in BY.items() if key != "title"}
    about = describe({**without, "licenses": [licence]})
    assert about.keywords == ()
    assert about.licences[0].title == "CC-BY-4.0"


@pytest.mark.parametrize(
    ("identifier", "doi"),
    [
        ("10.5281/zenodo.1", "10.5281/zenodo.1"),
        ("doi:10.5281/zenodo.1", "10.5281/zenodo.1"),
        ("https://doi.org/10.1002/(SICI)1097-4636(1997)35:4", "10.1002/(SICI)1097-4636(1997)35:4"),
        ("b03ec84-77fd-4270-813b-0c698943f7ce", ""),
        ("https://example.org/10.5281/zenodo.1", ""),
        ('10.5281/x"> <script>', ""),
        ("10.5281/ü", ""),
        ("10.5281/", ""),
        ("10.5281/x\n", ""),
        ("", ""),
    ],
)
def test_only_a_doi_is_a_doi(identifier: str, doi: str) -> None:
    assert describe({**DESCRIPTOR, "id": identifier}).doi == doi


@pytest.mark.parametrize(
    ("homepage", "page"),
    [
        ("https://github.com/a/b", "https://github.com/a/b/releases/tag/v1.2.3"),
        ("https://github.com/a/b/", "https://github.com/a/b/releases/tag/v1.2.3"),
        ("https://example.org/sahel/", "https://example.org/sahel/"),
        ("https://github.com.example.org/a/b", "https://github.com.example.org/a/b"),
    ],
)
def test_a_version_has_a_page_of_its_own_on_github_only(homepage: str, page: str) -> None:
    assert describe({**DESCRIPTOR, "homepage": homepage}).page == page


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"title": None}, "title"),
        ({"title": "  "}, "title"),
        ({"description": ["x"]}, "description"),
        ({"homepage": None}, "homepage"),
        ({"homepage": "javascript:alert(1)"}, "homepage"),
        ({"homepage": "https://example.org/> <x"}, "homepage"),
        ({"keywords": "Sahel, Mali"}, "keywords"),
        ({"keywords": ["Sahel", ""]}, "keywords"),
        ({"licenses": []}, "licenses"),
        ({"licenses": ["CC-BY-4.0"]}, "licenses"),
        ({"licenses": [{"name": "CC-BY-4.0"}]}, "path"),
        ({"licenses": [{"name": "CC-BY-4.0", "path": "LICENSE"}]}, "path"),
        ({"licenses": [{"path": BY["path"]}]}, "name"),
        ({"contributors": None}, "contributors"),
        ({"contributors": [{"roles": ["creator"]}]}, "title"),
        ({"contributors": [{"title": "A", "path": "mailto:a@example.org"}]}, "path"),
        ({"contributors": [{"title": "A", "roles": "creator"}]}, "roles"),
        ({"id": 7}, "id"),
    ],
)
def test_what_whoever_cites_it_must_be_told_is_asked_for(
    change: dict[str, Any], named: str
) -> None:
    with pytest.raises(DescriptorError, match=f'^datapackage.json: "{named}"') as raised:
        describe({**DESCRIPTOR, **change})
    assert raised.value.remedy
