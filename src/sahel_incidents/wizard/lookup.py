"""What is on record, found by the names people use for it, misspelt or not."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ..cards.nodes import Data
from ..records import Records, Row
from ..urls import compared

_TELLING = 4  # letters; shorter words ("of", "de la") tell nothing
_CLOSE = 0.7
"""How alike two names must be for one to be offered for the other."""


@dataclass(frozen=True, slots=True)
class Known:
    """An actor or a place that can be named.

    Attributes:
        id: its id.
        cells: its cells, by column; those of one that a card adds have the card's names.
        names: its name and its aliases.
    """

    id: str
    cells: Mapping[str, str]
    names: tuple[str, ...]


class Names:
    """The actors or the places on record, and those that a card adds.

    Args:
        records: the records.
        table: `actors` or `places`.
        added: the card's own, as its items.
    """

    def __init__(self, records: Records, table: str, added: Sequence[Data] = ()) -> None:
        column = records.package.tables[table].primary_key[0]
        aliases: dict[str, list[str]] = {}
        for alias in records.rows["aliases"].values():
            aliases.setdefault(alias[column], []).append(alias["alias"])
        rows: list[Row] = list(records.rows[table].values())
        self.all = [
            Known(row[column], row, (row["name"], *aliases.get(row[column], ()))) for row in rows
        ]
        self.all += [Known(item["id"], item, (item["name"],)) for item in added if "id" in item]
        self._spelt: dict[str, list[Known]] = {}
        for known in self.all:
            usual = known.names[0].partition(" (")[0]  # without the abbreviation behind it
            for name in dict.fromkeys(map(folded, (known.id, usual, *known.names))):
                self._spelt.setdefault(name, []).append(known)

    def named(self, text: str) -> list[Known]:
        """Those that bear a name: none, one, or several of the same name."""
        return self._spelt.get(folded(text), [])

    def like(self, text: str, limit: int = 5) -> list[Known]:
        """Those spelt much like a text, those that hold it, those that share words with it."""
        wanted = folded(text)
        near = difflib.get_close_matches(wanted, self._spelt, limit, _CLOSE)
        holding = [name for name in self._spelt if wanted and wanted in name]
        words = {word for word in wanted.split() if len(word) >= _TELLING}
        shared = {name: len(words.intersection(name.split())) for name in self._spelt}
        sharing = sorted(filter(shared.get, shared), key=lambda name: -shared[name])
        names = (*near, *holding, *sharing)
        found = {known.id: known for name in names for known in self._spelt[name]}
        return list(found.values())[:limit]

    def completions(self, text: str) -> Iterator[tuple[str, str]]:
        """The names in which a word begins as the text does, each with the usual name."""
        wanted = folded(text)
        for known in self.all:
            for name in (*known.names, known.id):
                if f" {folded(name)}".find(f" {wanted}") >= 0 or folded(name).startswith(wanted):
                    yield name, known.id if name == known.names[0] else known.names[0]


class Documents:
    """The sources on record, and those that a card adds."""

    def __init__(self, records: Records, added: Sequence[Data] = ()) -> None:
        rows = records.rows["sources"].values()
        self.all: dict[str, Data] = {
            row["source_id"]: {**row, "id": row["source_id"]} for row in rows
        }
        self.all |= {item["id"]: item for item in added if "id" in item}

    def at(self, url: str) -> str:
        """The id of the source at an address, however written; empty where there is none."""
        ids = [id for id, source in self.all.items() if source.get("url")]
        urls = [url, *(self.all[id]["url"] for id in ids)]
        wanted, *known = compared(pa.chunked_array([urls], pa.string())).to_pylist()
        return next((id for id, other in zip(ids, known, strict=True) if other == wanted), "")

    def of_host(self, url: str) -> Data:
        """A source of the same website, whose publisher and language are likely the same."""
        host = _host(url)
        found = [s for s in self.all.values() if host and _host(s.get("url", "")) == host]
        return found[-1] if found else {}

    def like(self, text: str, limit: int = 8) -> list[str]:
        """The ids of the sources that have all words of a text in their id, publisher or title."""
        words = folded(text).split()
        return [id for id, source in self.all.items() if all(w in _shown(source) for w in words)][
            :limit
        ]

    def told(self, id: str) -> str:
        """A source in a line: publisher, day and title."""
        source = self.all.get(id, {})
        parts = (source.get("publisher"), source.get("published_on"), source.get("title"))
        return ", ".join(part for part in parts if part)


def folded(text: str) -> str:
    """A name without case, accents and punctuation, its words apart by single spaces."""
    letters = unicodedata.normalize("NFKD", text)
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).lower().split())


def _shown(source: Data) -> str:
    return folded(" ".join(source.get(name) or "" for name in ("id", "publisher", "title")))


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower().removeprefix("www.")
