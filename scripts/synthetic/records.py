"""The rows of each invented incident, valid by every rule."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from . import words
from .actors import Actors
from .figures import Figures
from .outline import DAYS, FIRST, GAZETTEER, Document, Outline, draw_counts
from .places import Row
from .words import Picker, slug

STATEMENT_EVERY, LINK_EVERY = 10, 50  # incidents
_MONTHS = tuple(calendar.month_name)  # which works each out anew


@dataclass
class Case:
    """An incident's rows, and what of its neighbours an error needs.

    Attributes:
        incident: its row.
        source: the row of its own source.
        participants: first its attacker, then perhaps a target.
        casualties: its figures; a part follows its whole.
        statement: what was said of it, if anything.
        link: how it hangs on the incident before, if it does.
        previous_source: the row of the source of the incident before.
        early_source: a source published before the incident, where there is one.
    """

    incident: Row
    source: Row
    participants: list[Row]
    casualties: list[Row]
    statement: Row | None
    link: Row | None
    previous_source: Row
    early_source: str | None


class World:
    """The rows of incidents, made from their outlines; collects the actors they name.

    Args:
        rng: the random choices.
        outlines: the incidents, in the order of their ids.
        documents: the source of each.
        first: the number of the first of them, where they are not all.
    """

    def __init__(
        self, rng: Random, outlines: list[Outline], documents: list[Document], first: int = 0
    ) -> None:
        self._rng = rng
        self._first = first
        self._outlines = outlines
        self._documents = documents
        self._event = Picker(rng, words.EVENTS)
        self._actors = Actors(rng)
        self._figures = Figures(rng, outlines, documents, self._actors)

    @property
    def actors(self) -> list[Row]:
        """The rows of the actors named so far."""
        return self._actors.rows

    @property
    def places(self) -> list[Row]:
        """The rows of the places of all incidents."""
        rows = (outline.place.row for outline in self._outlines)
        return list({row["place_id"]: row for row in rows}.values())

    def cases(self) -> Iterator[Case]:
        """Each incident's rows, in the order of their ids."""
        counts = draw_counts(self._rng, len(self._outlines))
        first_of: dict[str, Document] = {}
        previous: Row = {}
        for number, (outline, count) in enumerate(zip(self._outlines, counts, strict=True)):
            document = self._documents[number]
            early = first_of.setdefault(outline.country, document)
            known = early.published is not None and early.published < outline.start
            event = self._event()
            attacker = self._actors.attacker(event)
            case = Case(
                incident=self._incident(outline, event),
                source=self._source(self._first + number, outline, document, event),
                participants=self._participants(outline, document, attacker),
                casualties=self._figures.of(number, outline, event, attacker, count),
                statement=self._statement(number, outline, document, attacker),
                link=self._link(number, outline, document),
                previous_source=previous,
                early_source=early.id if known else None,
            )
            previous = case.source
            yield case

    # The incident and its source

    def _incident(self, outline: Outline, event: str) -> Row:
        rng = self._rng
        place = outline.place.row
        spot = "exact" if rng.random() < 0.6 else "near"
        row = {
            "incident_id": outline.id,
            # As in a release: of candidates, some would meet another by chance and be warned of.
            "status": "active",
            "title": self._title(outline, words.PHRASES[event][0]),
            "date_start": DAYS[outline.start],
            "date_end": DAYS[outline.end],
            "date_precision": outline.precision,
            "country": outline.country,
            "admin1": place["admin1"],
            "place_id": place["place_id"],
            "place_precision": "admin1" if place["kind"] == "admin1" else spot,
            "event_type": event,
        }
        if outline.precision != "day" or rng.random() < 0.05:
            row["date_note"] = rng.choice(words.DATE_NOTES)
        if rng.random() < 0.8:
            first, second, third = map(rng.choice, words.SENTENCES)
            row["summary"] = f"{first.format(place=place['name'])} {second}{third}"
        return row

    def _title(self, outline: Outline, phrase: str) -> str:
        place = outline.place.row["name"]
        day = FIRST + timedelta(outline.start)
        month = f"{_MONTHS[day.month]} {day.year}"
        if self._rng.random() < 0.3:
            return f"{place}, {day.day} {month}: {phrase}"
        return f"{phrase[0].upper()}{phrase[1:]} at {place} in {month}"

    def _source(self, number: int, outline: Outline, document: Document, event: str) -> Row:
        row = {"source_id": document.id, "publisher": document.publisher}
        if document is GAZETTEER:
            return row | {
                "title": "Gazetteer and dataset of invented places",
                "url": "https://gazetteer.example/",
                "kind": "reference",
                "note": "The page bears no date.",
            }
        rng = self._rng
        published = document.published
        name = outline.place.row["name"]
        english, french = words.PHRASES[event]
        in_english = rng.random() < 0.6
        phrase = english if in_english else f"{french} près de {name}"
        day = DAYS[outline.end if published is None else published]
        host, path = slug(document.publisher), f"{day.replace('-', '/')}/{outline.place.slug}"
        row |= {
            "title": f"{name}: {phrase}" if rng.random() < 0.75 else f"Sahel, {name}: {phrase}",
            "url": f"https://www.{host}.example/{path}-{number}.html",
            "language": "en" if in_english else "fr",
            "kind": words.OUTLETS[document.publisher],
        }
        if rng.random() < 0.2:
            row["archive_url"] = f"https://archive.example/{day.replace('-', '')}/{number}"
        if published is None:
            row["note"] = "The page bears no date."
        else:
            row["published_on"] = day
            if rng.random() < 0.5:
                row["accessed_on"] = DAYS[min(published + rng.randint(0, 90), len(DAYS) - 1)]
        return row

    def _participants(self, outline: Outline, document: Document, attacker: str) -> list[Row]:
        rng = self._rng
        row = {
            "incident_id": outline.id,
            "actor_id": attacker,
            "role": "attacker",
            "attribution": rng.choice(("claimed", "attributed", "suspected")),
            "source_id": document.id,
        }
        if attacker == "unidentified":
            row["attribution"] = "observed"
        if rng.random() < 0.6:
            return [row]
        target = {"actor_id": self._actors.forces(outline.country), "role": "target"}
        return [row, row | target | {"attribution": "observed"}]

    # What was said of it, and what it hangs on

    def _statement(
        self, number: int, outline: Outline, document: Document, attacker: str
    ) -> Row | None:
        if number % STATEMENT_EVERY or number == 0:
            return None
        row = {
            "statement_id": f"S-{DAYS[outline.end]}-{outline.place.slug}-{self._first + number}",
            "kind": "outcome",
            "asserts": "attackers_withdrew",
            "said_by": "the general staff of the armed forces",
            "speaker_kind": "official",
            "speaker_actor_id": self._actors.forces(outline.country),
            "stated_on": DAYS[outline.end],
            "gist": "Says the attackers withdrew, and that the area is being searched.",
            "source_id": document.id,
        }
        if not attacker.startswith("group-"):
            return row
        return row | {
            "kind": "responsibility",
            "asserts": "responsibility_claimed",
            "said_by": "a spokesman of the group",
            "speaker_kind": "armed_group",
            "speaker_actor_id": attacker,
            "gist": "Claims the attack, in a text of a few lines.",
        }

    def _link(self, number: int, outline: Outline, document: Document) -> Row | None:
        if number % LINK_EVERY or number == 0:
            return None
        return {
            "incident_id": outline.id,
            "relation": "coordinated_with",
            "other_incident_id": self._outlines[number - 1].id,
            "source_id": document.id,
        }
