"""Incidents found by words, place, actor, dates, country and source.

Case, accents and punctuation make no difference, and other spellings (`aliases`) count as much as
names: "boulkessi" finds Boulikessi, "GSIM" finds JNIM.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..cards.layout import FIGURES, INCIDENTS, OWNER, STATEMENT_LINKS, STATEMENTS
from ..records import Records, Row


@dataclass(frozen=True)
class Query:
    """What is looked for; whatever is empty is not asked.

    Attributes:
        text: words, each of which begins a word of the incident, its place or its actors.
        place: a place's id, name or other spelling; a region or country stands for all in it.
        actor: an actor's id, name or other spelling.
        first: the first day, as far as it is given (2025, 2025-06, 2025-06-01).
        last: the last day, likewise.
        country: a country's code or name.
        source: a source's id, or words of its publisher, title and address.
    """

    text: str = ""
    place: str = ""
    actor: str = ""
    first: str = ""
    last: str = ""
    country: str = ""
    source: str = ""


@dataclass
class Hit:
    """An incident that was found, with what a list shows of it."""

    row: Row
    place: str
    actors: list[str] = field(default_factory=list)
    figures: int = 0


@dataclass
class Result:
    """What was found, the latest first, and what may have been meant by what was not."""

    hits: list[Hit]
    hints: list[str]


def search(records: Records, query: Query) -> Result:
    """The incidents that a query asks for."""
    index = _Index(records)
    wanted, hints = index.wanted(query)
    words = folded(query.text).split()
    hits = []
    for row in records.rows[INCIDENTS].values():
        if row[OWNER] not in wanted or not _in_range(row, query):
            continue
        if all(map(index.text(row).__contains__, (f" {word}" for word in words))):
            hits.append(index.hit(row))
    hits.sort(key=lambda hit: (hit.row["date_start"], hit.row[OWNER]), reverse=True)
    if not hits and words and wanted:
        hints += index.near(words)
    return Result(hits, hints)


def folded(text: str) -> str:
    """Words in lower case without accents and punctuation, one space between them."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in apart if not unicodedata.combining(c)).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in bare).split())


def _holds(text: str, words: str) -> bool:
    """Whether each of some words begins a word of a text."""
    spaced = f" {folded(text)}"
    return all(f" {word}" in spaced for word in folded(words).split())


def _in_range(row: Row, query: Query) -> bool:
    """Whether an incident may lie in the period asked for; dates compare as text."""
    after_first = row["date_end"] >= query.first
    return after_first and row["date_start"][: len(query.last) or 10] <= (query.last or "9999")


class _Index:
    def __init__(self, records: Records) -> None:
        self._rows = records.rows
        self._package = records.package
        self._spellings: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for table, column in (("places", "place_id"), ("actors", "actor_id")):
            for row in self._rows[table].values():
                self._spellings[table, row[column]] += [row["name"], row[column]]
            for alias in self._rows["aliases"].values():
                if alias[column]:
                    self._spellings[table, alias[column]].append(alias["alias"])
        self._actors: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for row in self._rows["participants"].values():
            self._actors[row[OWNER]][row["actor_id"]] = None
        self._figures: defaultdict[str, int] = defaultdict(int)
        for row in self._rows[FIGURES].values():
            self._figures[row[OWNER]] += 1

    def text(self, row: Row) -> str:
        """All the words by which an incident may be found, a space before each."""
        texts = [row[OWNER], row["title"], row["summary"]]
        texts += self._spellings["places", row["place_id"]]
        for actor in self._actors[row[OWNER]]:
            texts += self._spellings["actors", actor]
        return f" {folded(' '.join(texts))}"

    def hit(self, row: Row) -> Hit:
        """What a list shows of an incident."""
        place = self._rows["places"].get((row["place_id"],), {"name": row["place_id"]})
        actors = [
            self._rows["actors"].get((id,), {"name": id})["name"] for id in self._actors[row[OWNER]]
        ]
        return Hit(row, place["name"], actors, self._figures[row[OWNER]])

    def wanted(self, query: Query) -> tuple[set[str], list[str]]:
        """The incidents of the places, actors, countries and sources asked for, and hints."""
        found = {id for (id,) in self._rows[INCIDENTS]}
        hints: list[str] = []
        for table, asked in (("places", query.place), ("actors", query.actor)):
            if asked:
                ids = self._named(table, asked)
                found &= self._at(ids) if table == "places" else self._of(ids)
                if not ids:
                    hints.append(f"no {table.removesuffix('s')} is called {asked}")
                    hints += self._near_name(table, asked)
        if query.country:
            codes = self._countries(query.country)
            found &= {
                row[OWNER] for row in self._rows[INCIDENTS].values() if row["country"] in codes
            }
            if not codes:
                known = self._package.tables[INCIDENTS].field("country").categories
                hints.append(
                    f"no country is called {query.country}; there are "
                    + ", ".join(f"{one.value} ({one.label})" for one in known)
                )
        if query.source:
            found &= self._citing(query.source, hints)
        return found, hints

    def near(self, words: Iterable[str]) -> Iterator[str]:
        """A hint for each word that is known in another spelling only."""
        known: set[str] = set()
        for row in self._rows[INCIDENTS].values():
            known.update(self.text(row).split())
        for word in words:
            if not any(other.startswith(word) for other in known):
                for close in difflib.get_close_matches(word, known, 1, 0.7):
                    yield f"nothing holds {word}; did you mean {close}?"

    def _named(self, table: str, asked: str) -> set[str]:
        """The ids of what is called so; of all that holds the words, where nothing is."""
        wanted = folded(asked)
        spelt = {
            id: [folded(text) for text in texts]
            for (of, id), texts in self._spellings.items()
            if of == table
        }
        exact = {id for id, texts in spelt.items() if wanted in texts}
        return exact or {
            id
            for id, texts in spelt.items()
            if any(f" {wanted}" in f" {text}" for text in texts if wanted)
        }

    def _near_name(self, table: str, asked: str) -> Iterator[str]:
        names = {
            folded(text): text
            for (of, _), texts in self._spellings.items()
            for text in texts
            if of == table
        }
        for close in difflib.get_close_matches(folded(asked), names, 1, 0.6):
            yield f"did you mean {names[close]}?"

    def _at(self, places: set[str]) -> set[str]:
        """The incidents at some places, or in the regions and countries among them."""
        areas = set()
        for id in places:
            place = self._rows["places"].get((id,), {})
            if place.get("kind") in ("admin1", "country"):
                areas.add((place["kind"], place[place["kind"]]))
        return {
            row[OWNER]
            for row in self._rows[INCIDENTS].values()
            if row["place_id"] in places
            or ("admin1", row["admin1"]) in areas
            or ("country", row["country"]) in areas
        }

    def _of(self, actors: set[str]) -> set[str]:
        return {incident for incident, own in self._actors.items() if actors & own.keys()}

    def _countries(self, asked: str) -> set[str]:
        wanted = folded(asked)
        known = self._package.tables[INCIDENTS].field("country").categories
        return {one.value for one in known if wanted in (folded(one.value), folded(one.label))}

    def _citing(self, asked: str, hints: list[str]) -> set[str]:
        sources = {
            id
            for (id,), row in self._rows["sources"].items()
            if id == asked
            or _holds(" ".join((id, row["publisher"], row["title"], row["url"])), asked)
        }
        if not sources:
            hints.append(f"no source is called {asked}")
        statements = {
            row["statement_id"]
            for row in self._rows[STATEMENTS].values()
            if row["source_id"] in sources
        }
        return {
            row[OWNER]
            for table in ("participants", FIGURES, STATEMENT_LINKS, "incident_links")
            for row in self._rows[table].values()
            if row.get("source_id") in sources
            or row.get("confirmation_source_id") in sources
            or row.get("statement_id") in statements
        }
