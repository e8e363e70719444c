"""What the descriptor says of the dataset as a whole: who made it, under which licence, where.

A person or body is described as the Data Package standard has it
(https://datapackage.org/standard/data-package/#contributors).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .package import DESCRIPTOR
from .problem import DescriptorError
from .urls import WELL_FORMED


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence by its id, as SPDX and Open Definition have it, its title and its address."""

    id: str
    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Party:
    """A person or body that had a part in the dataset; what is not known is empty."""

    name: str
    given: str
    family: str
    organisation: str
    address: str
    roles: tuple[str, ...]

    @property
    def is_person(self) -> bool:
        """Whether it is a person; a body has no names of two sorts."""
        return bool(self.given or self.family)

    @property
    def sorted_name(self) -> str:
        """The name as library catalogues write it: a person's family name comes first."""
        return f"{self.family}, {self.given}" if self.given and self.family else self.name

    @property
    def orcid(self) -> str:
        """The ORCID iD, where the address is that of one."""
        found = re.fullmatch(r"https?://orcid\.org/((?:[0-9]{4}-){3}[0-9]{3}[0-9X])", self.address)
        return found[1] if found else ""

    def has_role(self, *roles: str) -> bool:
        """Whether one of these, in lower case, is among its roles."""
        return any(role.lower() in roles for role in self.roles)


@dataclass(frozen=True, slots=True)
class Description:
    """What a descriptor says of its dataset.

    Attributes:
        name: its short name.
        title: its title.
        text: its description, in plain words.
        keywords: each once.
        licences: at least one.
        creators: who is cited as its author, at least one.
        publisher: who answers for it; the first creator where nobody else is named.
        contributors: all others.
        homepage: its address.
        version: its version.
        doi: its DOI, such as 10.5281/zenodo.1; empty where it has none.
    """

    name: str
    title: str
    text: str
    keywords: tuple[str, ...]
    licences: tuple[Licence, ...]
    creators: tuple[Party, ...]
    publisher: Party
    contributors: tuple[Party, ...]
    homepage: str
    version: str
    doi: str

    @property
    def page(self) -> str:
        """The page of this version: on GitHub that of its release, elsewhere the homepage."""
        if self.homepage.startswith("https://github.com/"):
            return f"{self.homepage.rstrip('/')}/releases/tag/v{self.version}"
        return self.homepage

    @property
    def identifier(self) -> str:
        """The address that stands for the dataset in a citation."""
        return f"https://doi.org/{self.doi}" if self.doi else self.page

    def citation(self, issued: date) -> str:
        """How this version is cited, in the form that DataCite recommends."""
        authors = "; ".join(creator.sorted_name for creator in self.creators)
        return (
            f"{authors} ({issued.year}): {self.title}. Version {self.version}. Dataset. "
            f"{self.identifier}"
        )


def describe(descriptor: Mapping[str, Any]) -> Description:
    """What a descriptor says of its dataset.

    Raises:
        DescriptorError: it lacks what whoever cites or finds the dataset must be told, or says it
            in another form than the Data Package standard has.
    """
    parties = tuple(_party(item) for item in _items(descriptor, "contributors"))
    creators = tuple(party for party in parties if party.has_role("creator", "author")) or parties
    publisher = next((party for party in parties if party.has_role("publisher")), creators[0])
    return Description(
        name=_text(descriptor, "name"),
        title=_text(descriptor, "title"),
        text=_text(descriptor, "description"),
        keywords=tuple(dict.fromkeys(_texts(descriptor, "keywords"))),
        licences=tuple(_licence(item) for item in _items(descriptor, "licenses")),
        creators=creators,
        publisher=publisher,
        contributors=tuple(party for party in parties if party not in (*creators, publisher)),
        homepage=_address(descriptor, "homepage"),
        version=_text(descriptor, "version"),
        doi=_doi(_text(descriptor, "id", default="")),
    )


def _error(what: str) -> DescriptorError:
    return DescriptorError(
        f"{DESCRIPTOR}: {what}", "whoever cites or finds the dataset must be told it; mend it there"
    )


def _text(source: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = source.get(key, default)
    if not isinstance(value, str) or not (value.strip() or value == default):
        raise _error(f'"{key}" must be a text')
    return value


def _texts(source: Mapping[str, Any], key: str) -> Sequence[str]:
    values = source.get(key, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise _error(f'"{key}" must be a list of texts')
    return values


def _items(descriptor: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    items = descriptor.get(key)
    if not isinstance(items, list) or not items or not all(isinstance(i, dict) for i in items):
        raise _error(f'"{key}" must list at least one')
    return items


def _address(source: Mapping[str, Any], key: str) -> str:
    address = _text(source, key)
    if not pc.match_substring_regex(pa.scalar(address), WELL_FORMED).as_py():
        raise _error(f'"{key}" is {address!r}, not a web address')
    return address


def _licence(item: Mapping[str, Any]) -> Licence:
    # Without an id a repository may take its own default, which need not be ours.
    name = _text(item, "name")
    return Licence(name, _text(item, "title", default=name), _address(item, "path"))


def _party(item: Mapping[str, Any]) -> Party:
    given, family = _text(item, "givenName", default=""), _text(item, "familyName", default="")
    return Party(
        name=_text(item, "title", default=f"{given} {family}".strip() or None),
        given=given,
        family=family,
        organisation=_text(item, "organization", default=""),
        address=_address(item, "path") if "path" in item else "",
        roles=tuple(_texts(item, "roles")),
    )


def _doi(identifier: str) -> str:
    # Nothing but what Crossref finds in DOIs in use, since it becomes a part of an address.
    found = re.fullmatch(
        r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.[0-9]{4,9}/[-._;()/:A-Za-z0-9]+)", identifier
    )
    return found[1] if found else ""
