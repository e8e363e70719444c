"""Entering records a second time, as another contributor might who read another report."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from sahel_incidents.records import Records, Row

RESPELLINGS = (
    ("ou", "u"),
    ("u", "ou"),
    ("i", "y"),
    ("k", "c"),
    ("ss", "s"),
    ("s", "ss"),
    ("l", "ll"),
    ("e", "é"),
    ("a", "e"),
    ("o", "a"),
    ("n", "nn"),
    ("r", "l"),
    ("dj", "j"),
    (" ", "-"),
    ("$", "h"),
)
"""How one name is written by another ear or in another language: what becomes what."""

SIMILAR_TYPES = {
    "attack_on_position": "clash",
    "ambush": "clash",
    "clash": "ambush",
    "explosive_device": "ambush",
    "shelling": "attack_on_position",
}

KM_PER_DEGREE = 111.2


class Planted(NamedTuple):
    """A duplicate: the id of the incident, that of its copy, and in what the two differ."""

    original: str
    copy: str
    changes: tuple[str, ...]


def plant(records: Records, rng: Random, count: int) -> list[Planted]:
    """Enter so many incidents a second time, among those known to the day and the settlement."""
    places = records.rows["places"]
    figures: dict[str, list[Row]] = {}
    for row in records.rows["casualties"].values():
        if not row["part_of"]:
            figures.setdefault(row["incident_id"], []).append(row)
    parties: dict[str, list[Row]] = {}
    for row in records.rows["participants"].values():
        parties.setdefault(row["incident_id"], []).append(row)
    originals = [
        row
        for row in records.rows["incidents"].values()
        if row["date_precision"] == "day" and places[row["place_id"],]["kind"] != "admin1"
    ]
    planted = []
    for number, original in enumerate(rng.sample(originals, count)):
        id = original["incident_id"]
        writer = _Copy(records, rng, number, original)
        writer.place(places[original["place_id"],])
        writer.day()
        writer.kind()
        writer.enter()
        writer.people(parties.get(id, []))
        writer.count(figures.get(id, []))
        planted.append(Planted(id, writer.row["incident_id"], tuple(writer.changes)))
    return planted


class _Copy:
    def __init__(self, records: Records, rng: Random, number: int, original: Row) -> None:
        self.records = records
        self.rng = rng
        self.number = number
        self.row = dict(original)
        self.changes: list[str] = []
        self.source = f"second-reader-undated-{number}"
        records.put("sources", {"source_id": self.source, "publisher": "Second Reader"})

    def place(self, known: Row) -> None:
        """Half the time the place is entered anew, under another spelling."""
        if self.rng.random() < 0.5:
            self.changes.append("the same place")
            return
        name = respelt(known["name"], self.rng)
        row = dict(known) | {"place_id": f"{known['place_id']}-again-{self.number}", "name": name}
        where = "no point"
        if known["latitude"] and self.rng.random() < 0.7:
            row |= self._moved(row)
            where = "a point within 15 km"
        else:
            row |= dict.fromkeys(("latitude", "longitude", "coordinate_precision"), "")
        self.changes.append(f"another spelling, {where}")
        self.records.put("places", row)
        self.row["place_id"] = row["place_id"]

    def _moved(self, row: Row) -> Row:
        offset = 10 / KM_PER_DEGREE
        return {
            name: f"{float(row[name]) + self.rng.uniform(-offset, offset):.4f}"
            for name in ("latitude", "longitude")
        }

    def day(self) -> None:
        """A day or two off, more often than not by none or one."""
        days = self.rng.choice((0, 0, 1, -1, 2, -2))
        self.changes.append("the same day" if not days else f"{abs(days)} day(s) off")
        for name in ("date_start", "date_end"):
            day = date.fromisoformat(self.row[name]) + timedelta(days)
            self.row[name] = day.isoformat()

    def kind(self) -> None:
        """Now and then another type, and always another title."""
        if self.rng.random() < 0.2 and self.row["event_type"] in SIMILAR_TYPES:
            self.row["event_type"] = SIMILAR_TYPES[self.row["event_type"]]
            self.changes.append("another type")
        name = self.records.rows["places"][self.row["place_id"],]["name"]
        self.row["title"] = f"Armed men come to {name}"

    def enter(self) -> None:
        """Enter the incident under its new id."""
        self.row["incident_id"] = (
            f"{self.row['country']}-{self.row['date_start']}-again-{self.number}"
        )
        self.records.put("incidents", self.row)

    def people(self, parties: list[Row]) -> None:
        """One attacker in five is not named, every other target neither."""
        kept = {"attacker": 0.8, "target": 0.5}
        for row in parties:
            if self.rng.random() < kept[row["role"]]:
                own = {"incident_id": self.row["incident_id"], "source_id": self.source}
                self.records.put("participants", row | own)
            elif row["role"] == "attacker":
                self.changes.append("no attacker")

    def count(self, figures: list[Row]) -> None:
        """One figure, nine times in ten; up to a quarter off, and worded in another way."""
        known = [row for row in figures if row["value"] not in ("", "0")]
        if not known or self.rng.random() < 0.1:
            self.changes.append("no number")
            return
        row = self.rng.choice(known)
        value = int(row["value"])
        toll = max(1, round(value * self.rng.uniform(0.75, 1.25)))
        self.changes.append("the same toll" if toll == value else "another toll")
        bounds = self.rng.choice(("exact", "at_least", "about"))
        own = {
            "casualty_id": f"{self.row['incident_id']}-f01",
            "incident_id": self.row["incident_id"],
            "qualifier": bounds,
            "value": str(toll),
            "low": "" if bounds == "about" else str(toll),
            "high": str(toll) if bounds == "exact" else "",
            "source_id": self.source,
            "superseded_by": "",
        }
        self.records.put("casualties", row | own)


def respelt(name: str, rng: Random) -> str:
    """A name as another would write it: one or two respellings, and now and then a slip."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    able = [pair for pair in RESPELLINGS if re.search(pair[0], plain)]
    for old, new in rng.sample(able, min(len(able), rng.choice((1, 1, 2)))):
        plain = re.sub(old, new, plain, count=1)
    if rng.random() < 0.1:
        gap = rng.randrange(1, len(plain))
        plain = plain[:gap] + plain[gap + 1 :]
    return plain
