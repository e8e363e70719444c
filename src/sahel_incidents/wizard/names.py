"""Asking for what has a name: places, actors and sources, on record or new."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from .. import gazetteer
from ..cards import layout
from ..cards.ids import free_id, slug
from ..cards.nodes import Data
from ..problem import UnclearError
from ..records import Records
from ..urls import WELL_FORMED, fault, untracked
from .lookup import Documents, Known, Names, folded
from .questions import (
    NONE,
    Choice,
    Question,
    Reply,
    choosing,
    day,
    text_of,
    vocabulary,
)

Asking: TypeAlias = Generator[Question, Any, Any]

NEW = "new"
_OFFERED = 6
_POINT = re.compile(r"([+-]?[0-9]{1,2}\.[0-9]+)[,; ] ?([+-]?[0-9]{1,3}\.[0-9]+)")


class Naming:
    """Asks for places, actors and sources; what is new goes into the card.

    Args:
        card: the card, which is filled in place.
        records: what is on record.
    """

    def __init__(self, card: Data, records: Records) -> None:
        self.card = card
        self.records = records
        self._parts = layout.parts(records.package)

    # Places

    def place(self, text: str, heading: str = "") -> Asking:
        """Ask for a place; the answer's value is its id."""
        names = self._names("places")

        def complete(typed: str) -> Iterator[tuple[str, str]]:
            yield from names.completions(typed)
            yield from (
                (p.name, _of_gazetteer(p)) for p in gazetteer.suggest(typed, limit=_OFFERED)
            )

        name = yield Question(
            text,
            text_of(self._parts["places"].fields["name"]),
            "The nearest named place; the region or country where no more is known.",
            complete=complete,
            default=self.card.get("places", [{}])[-1].get("name", ""),
            heading=heading,
        )
        known = names.named(name)
        if len(known) == 1:
            return known[0].id
        near = known or names.like(name)
        ours = {(folded(other.names[0]), other.cells.get("country")) for other in names.all}
        suggested = [
            found
            for found in gazetteer.suggest(name, limit=_OFFERED)
            if (folded(found.name), found.country) not in ours
        ]
        choices = (
            *(Choice(k.id, k.names[0], f"on record: {k.id}") for k in near),
            *(
                Choice(f"{NEW} {n}", found.name, _of_gazetteer(found))
                for n, found in enumerate(suggested)
            ),
            Choice(NEW, f'A new place "{name}"', "None of these."),
        )
        chosen = yield self._which(name, "place", choices)
        if not chosen.startswith(NEW):
            return chosen
        item: Data = {"name": name}
        if chosen != NEW:
            found = suggested[int(chosen.removeprefix(NEW))]
            item = {self._parts["places"].names[c]: v for c, v in found.cells().items() if v}
            self._gazetteer_source(found.source_id)
        self.card.setdefault("places", []).append(item)
        yield from self._new_place(item)
        return item["id"]

    def place_cells(self, id: str) -> Mapping[str, str]:
        """The cells of a place on record or in the card."""
        return next((known.cells for known in self._names("places").all if known.id == id), {})

    def _new_place(self, item: Data) -> Asking:
        fields = self._parts["places"].fields
        called = item["name"]
        asked = (("kind", f"What sort of place is {called}?"), ("country", "In which country?"))
        for name, text in asked:
            if name not in item:
                choices = vocabulary(fields[name])
                item[name] = yield Question(
                    text, choosing(choices), fields[name].description, choices=choices
                )
        if "admin1" not in item and item["kind"] != "country":
            yield from self._region(item)
        if "latitude" not in item and item["kind"] not in ("country", "admin1", "informal_region"):
            yield from self._coordinates(item)
        start = f"{item['country'].lower()}-{slug(item['name'])}"
        item["id"] = free_id(start, self.records, "places", self._ids("places"))
        _id_first(item)

    def _region(self, item: Data) -> Asking:
        from .. import geography

        names = geography.admin1_names()
        choices = tuple(
            Choice(code, names[code], code)
            for code, country in geography.admin1_codes().items()
            if country == item["country"]
        )
        if choices:
            region = yield Question(
                "In which region?",
                choosing(choices),
                "As ISO 3166-2 has them; where a newer region is meant, the older one. Empty where "
                "it is not known.",
                choices=choices,
                optional=True,
            )
            if region:
                item["admin1"] = region

    def _coordinates(self, item: Data) -> Asking:
        point = yield Question(
            "Its coordinates?",
            point_in(item["country"]),
            "Latitude, longitude in decimal degrees, as an openly licensed source gives them: "
            "14.8025, -1.2989. Empty where there is none; a reviewer can add them.",
            optional=True,
        )
        if not point:
            return
        precision = vocabulary(self._parts["places"].fields["coordinate_precision"])
        how = yield Question(
            "What does the point stand for?", choosing(precision), choices=precision
        )
        source = yield from self.source("Which source gives the coordinates?")
        item["latitude"], item["longitude"] = point
        item["coordinate_precision"], item["coordinate_source"] = how, source

    def _gazetteer_source(self, id: str) -> None:
        if (id,) not in self.records.rows["sources"] and id not in self._ids("sources"):
            names = self._parts["sources"].names
            cells = {names[column]: text for column, text in gazetteer.SOURCES[id].items()}
            self.card.setdefault("sources", []).append(cells)

    # Actors

    def actor(
        self, text: str, explanation: str = "", *,
        optional: bool = False, guess: str = "", heading: str = "",
    ) -> Asking:  # fmt: skip
        """Ask for an actor; the answer's value is its id, `NONE` where it was left open.

        Args:
            text: the question.
            explanation: what helps to answer it.
            optional: whether it may be left open.
            guess: a text that may name the actor; offered if it does.
            heading: see `Question`.
        """
        names = self._names("actors")
        guessed = names.named(guess) if guess else []
        name = yield Question(
            text,
            text_of(self._parts["actors"].fields["name"]),
            explanation,
            complete=names.completions,
            default=guessed[0].names[0] if len(guessed) == 1 else "",
            optional=optional,
            heading=heading,
        )
        if not name:
            return NONE
        known = names.named(name)
        if len(known) == 1:
            return known[0].id
        choices = (
            *(Choice(k.id, k.names[0], _of_actor(k)) for k in known or names.like(name)),
            Choice(NEW, f'A new party "{name}"', "None of these."),
        )
        chosen = yield self._which(name, "party", choices)
        if chosen != NEW:
            return chosen
        item = {"name": name}
        self.card.setdefault("actors", []).append(item)
        yield from self._new_actor(item)
        return item["id"]

    def actor_name(self, id: str) -> str:
        """The name of an actor on record or in the card."""
        return next((known.names[0] for known in self._names("actors").all if known.id == id), id)

    def _new_actor(self, item: Data) -> Asking:
        fields = self._parts["actors"].fields
        called = item["name"]
        asked = (("kind", f"What sort of party is {called}?"), ("country", "Of which country?"))
        for name, text in asked:
            if name not in item:
                choices = vocabulary(fields[name])
                answer = yield Question(
                    text,
                    choosing(choices),
                    fields[name].description,
                    choices=choices,
                    optional=not fields[name].required,
                )
                if answer:
                    item[name] = answer
        item["id"] = free_id(slug(item["name"]), self.records, "actors", self._ids("actors"))
        _id_first(item)

    # Sources

    def source(self, text: str, heading: str = "") -> Asking:
        """Ask for a source; the answer's value is its id."""
        documents = self._documents()
        used = self.sources_used()
        choices = tuple(Choice(id, id, documents.told(id)) for id in used)

        def read(answer: str) -> Reply:
            if "://" in answer or answer.startswith("www."):
                return _address(answer, documents)
            if answer in documents.all:
                return Reply(answer)
            if choices and answer.isdecimal():
                return choosing(choices)(answer)
            found = documents.like(answer)
            if len(found) == 1:
                return Reply(found[0], (f"taken to be {found[0]}: {documents.told(found[0])}",))
            if found:
                raise UnclearError(
                    f'"{answer}" fits several sources: {", ".join(found)}', "answer one of them"
                )
            raise UnclearError(
                f'no source on record has "{answer}"', "give its web address to add it"
            )

        answer = yield Question(
            text,
            read,
            "Its web address; or words of the publisher and title of a source on record.",
            choices=choices,
            complete=lambda typed: [(id, documents.told(id)) for id in documents.like(typed)],
            default=used[-1] if used else "",
            heading=heading,
        )
        if "://" not in answer:
            return answer
        item = {"url": answer}
        self.card.setdefault("sources", []).append(item)
        yield from self._new_source(item)
        return item["id"]

    def sources_used(self) -> list[str]:
        """The ids of the sources that the card rests on so far, in the order of use."""
        cited = [
            item[name]
            for part in ("participants", layout.FIGURES, layout.STATEMENTS)
            for item in self.card.get(part, [])
            for name in ("source", "confirmation_source")
            if item.get(name)
        ]
        # A gazetteer is cited for coordinates, and says nothing of the incident.
        own = [s["id"] for s in self.card.get("sources", []) if "id" in s]
        return list(dict.fromkeys(id for id in (*own, *cited) if id not in gazetteer.SOURCES))

    def _new_source(self, item: Data) -> Asking:
        fields = self._parts["sources"].fields
        like = self._documents().of_host(item.get("url", ""))
        kinds = vocabulary(fields["kind"])
        asked = (
            ("publisher", "Who published it?", "The outlet or body, not the wire it copies."),
            ("title", "Its headline, as printed?", ""),
            ("published_on", "Published on which day?", "Empty where the page does not say."),
            ("language", "In which language?", "fr, en, ar. Empty where you cannot tell."),
            ("kind", "What sort of source?", ""),
        )
        for name, text, explanation in asked:
            if item.get(name):
                continue
            is_day, is_kind = name == "published_on", name == "kind"
            answer = yield Question(
                text,
                day if is_day else choosing(kinds) if is_kind else text_of(fields[name]),
                explanation or fields[name].description,
                choices=kinds if is_kind else (),
                default=like.get(name, "") if name in ("publisher", "language", "kind") else "",
                optional=not fields[name].required,
            )
            if answer:
                item[name] = answer
        start = f"{slug(item['publisher'])}-{item.get('published_on', 'undated')}"
        item["id"] = free_id(start, self.records, "sources", self._ids("sources"))
        _id_first(item)

    # Speakers

    def speakers(self, typed: str) -> Sequence[tuple[str, str]]:
        """Speakers named before whose name begins as a text does, those of the card first."""
        wanted = folded(typed)
        return [(said, kind) for said, kind in self._said().items() if wanted in folded(said)]

    def kind_of_speaker(self, said_by: str) -> str:
        """What kind of speaker one was when named before; empty where that was never."""
        return self._said().get(said_by, "")

    def _said(self) -> dict[str, str]:
        parts = (layout.FIGURES, layout.STATEMENTS)
        rows = [item for part in parts for item in self.card.get(part, [])]
        rows += [row for table in parts for row in self.records.rows[table].values()]
        said: dict[str, str] = {}
        for row in rows:
            if row.get("speaker_kind"):
                said.setdefault(row["said_by"], row["speaker_kind"])
        return said

    # All of them

    def finish_new(self) -> Asking:
        """Ask for what is missing of a place, actor or source that a draft has begun to add."""
        ask = {"places": self._new_place, "actors": self._new_actor, "sources": self._new_source}
        for part, finish in ask.items():
            for item in self.card.get(part, []):
                if "id" not in item:
                    yield from finish(item)

    def _which(self, name: str, what: str, choices: tuple[Choice, ...]) -> Question:
        """The question which of some was meant by a name that does not say."""
        message = "" if len(choices) == 1 else " Did you mean one of these?"
        return Question(
            f'No {what} on record is called just "{name}".{message}',
            choosing(choices),
            choices=choices,
        )

    def _ids(self, part: str) -> list[str]:
        return [item["id"] for item in self.card.get(part, []) if "id" in item]

    def _names(self, table: str) -> Names:
        return Names(self.records, table, self.card.get(table, []))

    def _documents(self) -> Documents:
        return Documents(self.records, self.card.get("sources", []))


def point_in(country: str) -> Any:
    """Reads a latitude and a longitude, in degrees, of a point in a country (alpha-3)."""

    def read(text: str) -> Reply:
        found = _POINT.fullmatch(text)
        if not found:
            raise UnclearError(
                f'"{text}" is not a latitude and a longitude',
                "write decimal degrees with a point, latitude first: 14.8025, -1.2989",
            )
        latitude, longitude = found[1], found[2]
        if _outside(country, latitude, longitude):
            if not _outside(country, longitude, latitude):
                raise UnclearError(
                    f"{text} lies outside {country}: latitude and longitude are swapped",
                    f"write {longitude}, {latitude}",
                )
            raise UnclearError(
                f"{text} lies outside {country}",
                "latitude comes first, and west of Greenwich the longitude is negative; or go "
                "back and mend the country",
            )
        return Reply((latitude, longitude))

    return read


def _outside(country: str, latitude: str, longitude: str) -> bool:
    import numpy as np

    from .. import geography

    if not geography.has_boundary(country):
        return False
    point = np.array([float(longitude)]), np.array([float(latitude)])
    return bool(geography.outside(country, *point)[0])


def _address(text: str, documents: Documents) -> Reply:
    url = text if "://" in text else f"https://{text}"
    told: tuple[str, ...] = ()
    plain = untracked(url)
    if plain != url:
        told = (f"left out what only tells who shared it: {plain}",)
    if known := documents.at(plain):
        return Reply(known, (*told, f"on record as {known}: {documents.told(known)}"))
    if not pc.match_substring_regex(pa.array([plain]), WELL_FORMED)[0].as_py():
        raise UnclearError(f"the address {fault(plain)}", "copy it from the browser's address bar")
    return Reply(plain, told)


def _of_gazetteer(place: gazetteer.Place) -> str:
    region = f"{place.country} {place.admin1}".strip()
    name = gazetteer.SOURCES[place.source_id]["publisher"]
    return f"{region}, {place.latitude}, {place.longitude}, from {name}"


def _of_actor(known: Known) -> str:
    return ", ".join(known.names[1:3]) or known.id


def _id_first(item: Data) -> None:
    """Move an item's id, which is made last, to where it is written."""
    rest = {name: text for name, text in item.items() if name != "id"}
    id = item["id"]
    item.clear()
    item.update({"id": id, **rest})
