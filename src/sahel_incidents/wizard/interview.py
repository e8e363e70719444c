"""What is asked about an incident, in the order one thinks: what, where, when, who, how many.

An interview fills a card. What the card holds already is not asked again, so a draft is gone on
with where it was left. Each part is a generator that yields questions and is sent what was made of
the answers; with the same answers it asks the same questions.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import date, timedelta
from typing import Any

from ..cards import layout
from ..cards.layout import FIGURES, STATEMENTS
from ..cards.nodes import Data
from ..cards.phrases import EXAMPLES
from ..records import Records
from . import dates
from .dates import Span
from .names import Asking, Naming
from .questions import (
    NONE,
    Choice,
    Question,
    choosing,
    day,
    number_phrase,
    span,
    text_of,
    vocabulary,
)

PHRASE = "figure"
"""The name under which a draft holds a figure's phrase until it is known whom it counts."""

WHEN = "when"
"""The name under which a draft holds the date until it is known how certain it is."""

_SPEAKING_AS_ITSELF = ("official", "armed_group", "un", "ngo", "medical", "academic")
"""The kinds of speaker that may be an actor on record."""

_NEIGHBOURS = timedelta(3)
_SHOWN_NEIGHBOURS = 5


class SameIncidentError(Exception):
    """The incident that is told is on record already.

    Attributes:
        incident_id: which.
    """

    def __init__(self, incident_id: str) -> None:
        super().__init__(incident_id)
        self.incident_id = incident_id


class Interview(Naming):
    """Fills a card by asking.

    Args:
        card: the card, which is filled in place.
        records: what is on record.
    """

    def __init__(self, card: Data, records: Records) -> None:
        super().__init__(card, records)
        self.parts = layout.parts(records.package)

    def run(self) -> Asking:
        """Ask for the whole incident."""
        yield from self.finish_new()
        yield from self._what()
        yield from self._where()
        yield from self._when()
        if not self.sources_used():
            yield from self.source("Where did you read it?", heading="The source")
        yield from self._who()
        yield from self._figures()
        yield from self._statements()
        yield from self._title()

    # The incident

    def _what(self) -> Asking:
        # What a contributor tells is a candidate until a reviewer has looked at it.
        self.card.setdefault("status", "candidate")
        yield from self._choose("", self.card, "event_type", "What happened?", heading="What")
        if "place" not in self.card:
            yield from self._text(
                "", self.card, "summary", "What happened, in a sentence or two? Without figures."
            )

    def _where(self) -> Asking:
        if "place" not in self.card:
            self.card["place"] = yield from self.place("Where did it happen?", heading="Where")
        cells = self.place_cells(self.card["place"])
        if cells.get("country"):
            self.card.setdefault("country", cells["country"])
        yield from self._choose("", self.card, "country", "In which country?")
        if cells.get("admin1"):
            self.card.setdefault("admin1", cells["admin1"])
        wide = {"admin1": "admin1", "informal_region": "admin1", "country": "country"}
        if cells.get("kind") in wide:
            self.card.setdefault("place_precision", wide[cells["kind"]])
        yield from self._choose(
            "", self.card, "place_precision", "How near to it?", leave_out=("admin1", "country")
        )

    def _when(self) -> Asking:
        if "date_start" in self.card:
            return
        found: Span = yield Question(
            "When did it happen?",
            span,
            f"Local date. One day, several, a month or a year: {dates.EXAMPLES}. Where the day is "
            "not certain, the first and the last day it can have been.",
            default=self.card.get(WHEN, ""),
            heading="When",
        )
        self.card[WHEN] = dates.shown(found)
        precision = found.precision
        if precision == "day" and found.first != found.last:
            known = (
                Choice("day", "It lasted those days", "The days are known."),
                Choice("approximate", "On one of them", "It is not certain on which."),
            )
            precision = yield Question(
                "Did it last all those days?", choosing(known), choices=known
            )
        note = yield Question(
            "How do you know the date?",
            text_of(self.parts[""].fields["date_note"]),
            "Fill this in where it was worked out, or where sources differ."
            if precision == "day"
            else "The source's own words, and how the days were worked out.",
            optional=True,
        )
        yield from self._not_on_record(found)
        del self.card[WHEN]
        self.card["date_start"] = found.first.isoformat()
        self.card["date_end"] = found.last.isoformat()
        self.card["date_precision"] = precision
        if note:
            self.card["date_note"] = note

    def _not_on_record(self, found: Span) -> Asking:
        """Ask whether it is one of the incidents on record at that place and time."""
        near = [
            row
            for row in self.records.rows["incidents"].values()
            if row["place_id"] == self.card["place"]
            and row["date_start"] <= (found.last + _NEIGHBOURS).isoformat()
            and row["date_end"] >= (found.first - _NEIGHBOURS).isoformat()
        ][:_SHOWN_NEIGHBOURS]
        if not near:
            return
        choices = (
            Choice(NONE, "Another incident", "Go on."),
            *(Choice(row["incident_id"], row["title"], row["incident_id"]) for row in near),
        )
        same = yield Question(
            "There is something on record at this place and time. Is it one of these?",
            choosing(choices),
            "A second report of the same incident is added to its record.",
            choices=choices,
        )
        if same:
            raise SameIncidentError(same)

    def _title(self) -> Asking:
        if "title" in self.card:
            return
        names = self.place_cells(self.card["place"])
        first = date.fromisoformat(self.card["date_start"])
        last = date.fromisoformat(self.card["date_end"])
        precision = self.card["date_precision"]
        when = dates.shown(
            Span(first, last, precision if precision in ("month", "year") else "day")
        )
        labels = {c.value: c.label for c in self._vocabulary("", "event_type")}
        what = labels[self.card["event_type"]].lower()
        yield from self._text(
            "", self.card, "title", "A title: place, date, and what happened",
            default=f"{names['name']}, {when}: {what}", heading="Title",
        )  # fmt: skip

    # Its participants, figures and statements

    def _who(self) -> Asking:
        items = self._items("participants")
        for item in items:
            yield from self._participant(item)
        roles = [item["role"] for item in items]
        for role, question in (("attacker", "Who attacked?"), ("target", "Who was attacked?")):
            again = role in roles
            while True:
                actor = yield from self.actor(
                    f"Anyone else? ({role})" if again else question,
                    "The party as the source names it; unidentified attackers where no source says."
                    if role == "attacker"
                    else "An army, a group, the people of a place. Empty where the source does not "
                    "say.",
                    optional=again or role == "target",
                    heading="Who" if role == "attacker" and not again else "",
                )
                if not actor:
                    break
                item = {"actor": actor, "role": role}
                items.append(item)
                yield from self._participant(item)
                again = True

    def _participant(self, item: Data) -> Asking:
        if not item.get("role"):
            yield from self._choose("participants", item, "role", "What part had it?")
        name = self.actor_name(item["actor"])
        yield from self._choose(
            "participants", item, "attribution", f"How does the source know of {name}?"
        )
        yield from self._source(item, "source", f"Which source says so of {name}?")

    def _figures(self) -> Asking:
        items = self._items(FIGURES)
        for item in items:
            yield from self._figure(item)
        while True:
            told = yield Question(
                f"Figure {len(items) + 1}: how many?",
                number_phrase,
                f"As the source words it: {EXAMPLES}. One figure for each number and each who said "
                "it; rival tolls stand side by side. Empty: there is no more.",
                optional=True,
                heading="Figures" if not items else "",
            )
            if not told:
                return
            items.append({PHRASE: told})
            yield from self._figure(items[-1])

    def _figure(self, item: Data) -> Asking:
        part = self.parts[FIGURES]
        if PHRASE in item:
            harms = vocabulary(part.table.field("harm"))
            harm = yield Question("What happened to them?", choosing(harms), choices=harms)
            item[harm] = item.pop(PHRASE)
        begun = self._incomplete(FIGURES, item)
        yield from self._choose(FIGURES, item, "victims", "Who were they?")
        if begun and "victim_actor" not in item and item["victims"] != "civilian":
            actor = yield from self.actor(
                "Whose people were they?", "Empty where the source does not say.", optional=True
            )
            if actor:
                item["victim_actor"] = actor
        yield from self._origin(FIGURES, item, begun)
        yield from self._confirmation(item)
        if begun:
            yield from self._text(FIGURES, item, "note", "A note for the reader?")

    def _confirmation(self, item: Data) -> Asking:
        yield from self._choose(
            FIGURES, item, "confirmation", "Is this very figure confirmed?", default="unconfirmed"
        )
        if item["confirmation"] == "confirmed" and "confirmed_by" not in item:
            item["confirmed_by"] = yield from self.actor(
                "Who confirmed it?",
                "The side whose people they are, an official or United Nations inquiry, a "
                "hospital. Never a party about its enemy's losses, nor a news outlet.",
            )
        if item["confirmation"] != "unconfirmed":
            yield from self._source(item, "confirmation_source", "Which source says so?")

    def _statements(self) -> Asking:
        items = self._items(STATEMENTS)
        for item in items:
            yield from self._statement(item)
        while True:
            new: Data = {}
            yield from self._text(
                STATEMENTS, new, "gist",
                "Any other claim? In your own words" if items else
                "Did anybody claim, deny or state something beside the figures? In your own words",
                optional=True, heading="Statements" if not items else "",
            )  # fmt: skip
            if not new:
                return
            items.append(new)
            yield from self._statement(new)

    def _statement(self, item: Data) -> Asking:
        if item.keys() <= {"id", "link"}:
            return
        begun = self._incomplete(STATEMENTS, item)
        item.setdefault("link", "explicit")
        yield from self._choose(STATEMENTS, item, "kind", "What sort of claim is it?")
        yield from self._choose(STATEMENTS, item, "asserts", "What does it say?")
        yield from self._origin(STATEMENTS, item, begun)
        if begun and "stated_on" not in item:
            said = yield Question(
                "On which day was it said?", day, "Empty where it is not known.", optional=True
            )
            if said:
                item["stated_on"] = said

    def _origin(self, part: str, item: Data, begun: bool) -> Asking:
        """Who said it, who carried it first, and where we read it."""
        yield from self._text(
            part, item, "said_by", "Who said it?",
            explanation="As the source names them: two security sources; the Malian general staff. "
            "Not the outlet that carries it. No private person's name.",
            complete=self.speakers,
        )  # fmt: skip
        kind = self.kind_of_speaker(item["said_by"])
        yield from self._choose(part, item, "speaker_kind", "What sort of speaker?", default=kind)
        if begun and "speaker_actor" not in item and item["speaker_kind"] in _SPEAKING_AS_ITSELF:
            actor = yield from self.actor(
                "Is the speaker a party on record?",
                "Which one; empty if not.",
                optional=True,
                guess=item["said_by"],
            )
            if actor:
                item["speaker_actor"] = actor
        if begun:
            yield from self._text(
                part, item, "relayed_by", "Who carried it first?",
                explanation="The news agency or outlet behind this source: Reuters. Empty where "
                "the source has it first hand, or does not say.",
            )  # fmt: skip
        yield from self._source(item, "source", "In which source did you read it?")

    # One name of an item

    def _items(self, name: str) -> list[Data]:
        items: list[Data] = self.card.setdefault(name, [])
        return items

    def _incomplete(self, part: str, item: Mapping[str, str]) -> bool:
        return any(not item.get(name) for name in layout.required(self.parts[part]))

    def _vocabulary(self, part: str, name: str) -> tuple[Choice, ...]:
        return vocabulary(self.parts[part].fields[name])

    def _choose(
        self, part: str, item: Data, name: str, text: str, *,
        default: str = "", heading: str = "", leave_out: tuple[str, ...] = (),
    ) -> Asking:  # fmt: skip
        """Ask for a value of a vocabulary."""
        if item.get(name):
            return
        field = self.parts[part].fields[name]
        choices = vocabulary(field, *leave_out)
        item[name] = yield Question(
            text, choosing(choices), field.description,
            choices=choices, default=default, heading=heading,
        )  # fmt: skip

    def _text(
        self, part: str, item: Data, name: str, text: str, *, explanation: str = "",
        default: str = "", heading: str = "", optional: bool | None = None, complete: Any = None,
    ) -> Asking:  # fmt: skip
        """Ask for a text; one that the schema does not require may be left open."""
        if item.get(name):
            return
        field = self.parts[part].fields[name]
        answer = yield Question(
            text, text_of(field), explanation or field.description, default=default,
            optional=not field.required if optional is None else optional,
            heading=heading, complete=complete,
        )  # fmt: skip
        if answer:
            item[name] = answer

    def _source(self, item: Data, name: str, text: str) -> Asking:
        if not item.get(name):
            item[name] = yield from self.source(text)


def interview(card: Data, records: Records) -> Generator[Question, Any, None]:
    """The questions that fill a card; see `Interview`."""
    return Interview(card, records).run()
