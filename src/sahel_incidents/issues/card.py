"""From the answers of an issue form to a card: a draft, for a person to complete and check.

The form asks in words. Here the words of a vocabulary become its values, a source's number its id,
and a place, a party or a source that is known already is referred to rather than added again. Text
is taken as it stands; what is wrong with it is said when the card is read.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from pathlib import Path

from ..cards import layout, to_card
from ..cards.ids import free_id, nearest, slug
from ..cards.nodes import Data, Place, problem
from ..cards.nodes import Path as CardPath
from ..package import Field
from ..problem import Problem
from ..records import Records
from . import words
from .form import ANSWER, FOLDER, Answers, forms, read
from .words import Group

INCIDENT_FORM, ERROR_FORM = "report-an-incident", "report-an-error"

COPIED = ("title", "date_start", "date_end", "date_note", "summary")
"""The questions whose answer is a text of the incident."""
CHOSEN = ("event_type", "date_precision", "country", "place_precision")
"""The questions whose answer is chosen from a vocabulary of the incident."""
LISTED = ("participants", layout.FIGURES)
"""The questions whose answer is a list of the card."""
REMARKS = ("remarks", "wrong", "right")
"""The questions whose answer is for whoever completes the card."""


@dataclass
class Draft:
    """A card made from an issue, and what a person has to see to.

    Attributes:
        card: the card as plain nested data; for the error form, the card of the record's incident.
        problems: what is missing or not understood.
        remarks: what was said that has no place in a card, each with its question.
        places: where in the issue a part of the card was written.
    """

    card: Data
    problems: list[Problem]
    remarks: list[str] = field(default_factory=list)
    places: dict[CardPath, Place] = field(default_factory=dict)

    def place(self, path: CardPath) -> Place:
        """Where a part of the card was written, or the nearest part around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, self.places[()])


def draft(content: str | bytes, name: str, records: Records, folder: Path | None = None) -> Draft:
    """The card that an issue's answers make.

    Args:
        content: the issue's text.
        name: the file it was read from, for messages.
        records: the records it will stand beside.
        folder: where the forms are; by default the repository's own folder for them.

    Raises:
        CardError: it was opened with none of the forms.
        ToolError: the forms cannot be read.
    """
    answers = read(content, name, forms(folder or records.package.root / FOLDER))
    return _Drafting(answers, records).draft()


class _Drafting:
    def __init__(self, answers: Answers, records: Records) -> None:
        self.given = answers.given
        self.form = answers.form.name
        self.records = records
        self.parts = layout.parts(records.package)
        self.file = answers.name
        self.out = Draft({}, list(answers.problems), places={(): Place(answers.name)})
        self.source_ids: list[str] = []

    def draft(self) -> Draft:
        if self.form == ERROR_FORM:
            self._record()
        else:
            self._incident()
        for id in REMARKS:
            if id in self.given:
                answer = self.given[id]
                self.out.remarks.append(f"{answer.question.label}: {answer.text}")
        return self.out

    def _record(self) -> None:
        """The card of the incident whose record is said to be wrong, with the sources given."""
        answer = self.given.get("record")
        if answer is None:
            return
        id = answer.text.strip("`")
        row = self.records.rows[layout.FIGURES].get((id,))
        incident = row[layout.OWNER] if row else id
        if (incident,) not in self.records.rows[layout.INCIDENTS]:
            near = nearest(self.records, layout.INCIDENTS, id)
            remedy = f"did you mean {near}?" if near else "search for it: incidents find"
            self._fault(answer.first_line, f'no record has the id "{id}"', remedy)
            return
        self.out.card = to_card(self.records, incident)
        self._sources()

    def _incident(self) -> None:
        card = self.out.card
        card["status"] = "candidate"  # told, and not yet looked at by anybody
        for id in COPIED:
            if id in self.given:
                self._set(id, self.given[id].text, self.given[id].first_line)
        for id in CHOSEN:
            if id in self.given:
                answer = self.given[id]
                value = self._value(self.parts[""].fields[id], answer.text, answer.first_line)
                self._set(id, value, answer.first_line)
        self._place()
        self._sources()
        for part in LISTED:
            for group in self._groups(part):
                self._add(part, self._entry(part, group), group[0][2])

    def _place(self) -> None:
        answer = self.given.get("place")
        if answer is None:
            return
        country = self.out.card.get("country", "")
        known = self._named("places", answer.text, country)
        id = known or free_id(f"{country.lower()}-{slug(answer.text)}", self.records, "places")
        self._set("place", id, answer.first_line)
        if not known:
            new = {"id": id, "name": answer.text, "country": country}
            kind = self.given.get("place_kind")
            if kind:
                new["kind"] = self._value(
                    self.parts["places"].fields["kind"], kind.text, kind.first_line
                )
            self._add("places", new, answer.first_line)

    def _sources(self) -> None:
        for group in self._groups("sources"):
            line = group[0][2]
            new = self._entry("sources", group)
            known = new.get("id") or self._by_address(new.get("url", ""))
            if not known:
                start = (
                    f"{slug(new.get('publisher', 'source'))}-{new.get('published_on', 'undated')}"
                )
                known = free_id(start, self.records, "sources", self.source_ids)
                self._add("sources", {"id": known, **new}, line)
            elif (known,) not in self.records.rows["sources"]:
                self._fault(line, f'no source has the id "{known}"', "give its address instead")
            self.source_ids.append(known)

    def _by_address(self, url: str) -> str:
        rows = self.records.rows["sources"].values()
        return next((row["source_id"] for row in rows if url and row["url"] == url), "")

    def _entry(self, part: str, group: Group) -> Data:
        """One group of lines as an item of a list of the card."""
        fields, known = self.parts[part].fields, words.names(self.parts[part])
        item: Data = {}
        for written, text, line in group:
            name = known.get(written.lower())
            if name is None:
                near = difflib.get_close_matches(written, known, 1)
                remedy = f'did you mean "{near[0]}"?' if near else "use the names the form gives"
                self._fault(line, f'"{written}" is not a name the form knows', remedy)
            elif name == "source":
                item[name] = self._source(text, line)
            elif name == "actor":
                item[name] = self._actor(text, line)
            else:
                item[name] = self._value(fields[name], text, line) if name in fields else text
        if part == layout.FIGURES:
            # Silence is not denial: what nobody confirmed is unconfirmed.
            item.setdefault("confirmation", "unconfirmed")
        return item

    def _source(self, text: str, line: int) -> str:
        if text.isdecimal():
            if 1 <= int(text) <= len(self.source_ids):
                return self.source_ids[int(text) - 1]
            count = len(self.source_ids)
            self._fault(line, f"there is no source {text}", f"the issue names {count} sources")
        return text

    def _actor(self, text: str, line: int) -> str:
        known = self._named("actors", text)
        if known:
            return known
        near = nearest(self.records, "actors", text)
        remedy = f"did you mean {near}? If not, " if near else ""
        self._fault(line, f'"{text}" is no known actor', f"{remedy}fill in its kind under actors")
        id = slug(text)
        if id not in [actor["id"] for actor in self.out.card.get("actors", [])]:
            self._add("actors", {"id": id, "name": text}, line)
        return id

    def _named(self, table: str, name: str, country: str = "") -> str:
        """The id of the record with that id, name or alias; empty where there is none."""
        rows = self.records.rows[table]
        column = self.records.package.tables[table].primary_key[0]
        names = {row[column]: (row[column], row["name"]) for row in rows.values()}
        for row in self.records.rows["aliases"].values():
            if row[column]:
                names[row[column]] = (*names.get(row[column], ()), row["alias"])
        wanted = slug(name)
        for id, spellings in names.items():
            fits = not country or rows[(id,)]["country"] == country
            if wanted and fits and wanted in map(slug, spellings):
                return id
        return ""

    def _value(self, field: Field, text: str, line: int) -> str:
        found = words.value(field, text)
        if found is None:
            labels = [category.label for category in field.categories]
            near = difflib.get_close_matches(text, labels, 1)
            remedy = f"did you mean {near[0]}?" if near else f"write one of: {', '.join(labels)}"
            self._fault(line, f'"{text}" is no {field.title.lower()}', remedy)
        return found or text

    def _groups(self, id: str) -> list[Group]:
        return words.filled(self.given[id]) if id in self.given else []

    def _set(self, name: str, value: str, line: int) -> None:
        self.out.card[name] = value
        self.out.places[(name,)] = Place(self.file, line)

    def _add(self, part: str, item: Data, line: int) -> None:
        items = self.out.card.setdefault(part, [])
        self.out.places[(part, len(items))] = Place(self.file, line)
        items.append(item)

    def _fault(self, line: int, message: str, suggestion: str) -> None:
        place = Place(self.file, line)
        self.out.problems.append(problem(ANSWER, place, message, suggestion))
