"""The words in which a record's page is written: labels for values, names for ids, days in full."""

from __future__ import annotations

from datetime import date

from ..cards.layout import INCIDENTS
from ..cards.phrases import phrase
from ..records import Records, Row


class Words:
    """Finds the words for the cells of some records."""

    def __init__(self, records: Records) -> None:
        self._records, self._rows = records, records.rows

    def label(self, table: str, column: str, row: Row) -> str:
        """A cell, a value of a vocabulary by its label."""
        for category in self._records.package.tables[table].field(column).categories:
            if category.value == row[column]:
                return category.label
        return row[column]

    def name(self, table: str, id: str) -> str:
        """An actor's or a place's name with its id."""
        row = self._rows[table].get((id,))
        return f"{row['name']} ({id})" if row else id

    def title(self, incident_id: str) -> str:
        """An incident's id with its title."""
        row = self._rows[INCIDENTS].get((incident_id,))
        return f"{incident_id}: {row['title']}" if row else incident_id

    def where(self, row: Row) -> str:
        """An incident's place, region, country and point."""
        precision = self.label(INCIDENTS, "place_precision", row).lower()
        country = self.label(INCIDENTS, "country", row)
        area = ", ".join(part for part in (row["admin1"], country) if part)
        place = self._rows["places"].get((row["place_id"],), {})
        point = ""
        if place.get("latitude") and place.get("longitude"):
            exact = self.label("places", "coordinate_precision", place).lower()
            point = f"; {place['latitude']}, {place['longitude']} ({exact})"
        return f"{self.name('places', row['place_id'])}, {precision}; {area}{point}"


def number(row: Row) -> str:
    """A figure's phrase; its bare columns where they contradict each other."""
    try:
        value, low, high = (
            int(row[name]) if row[name] else None for name in ("value", "low", "high")
        )
        return phrase(row["qualifier"], value, low, high)
    except ValueError:
        bounds = f"{row['low'] or 'open'} to {row['high'] or 'open'}"
        return f"{row['qualifier']} {row['value']} ({bounds})"


def when(row: Row) -> str:
    """An incident's dates in words, as far as they are known."""
    start, end = row["date_start"], row["date_end"]
    if row["date_precision"] == "month" and start[:7] == end[:7]:
        return day(start[:7])
    if row["date_precision"] == "year" and start[:4] == end[:4]:
        return start[:4]
    told = day(start) if start == end else f"{day(start)} to {day(end)}"
    return told if row["date_precision"] == "day" else f"{told} ({row['date_precision']})"


def day(text: str) -> str:
    """A day or a month in words; as it stands where it is none."""
    try:
        first = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return text
    return f"{first.day} {first:%B %Y}" if len(text) > 7 else f"{first:%B %Y}"


def cited_as(source: Row, title: bool = False) -> str:
    """A source as a reader can find it again."""
    on = day(source["published_on"]) if source["published_on"] else "undated"
    named = f', "{source["title"]}"' if title and source["title"] else ""
    via = f", quoted in {source['cited_in']}" if source["cited_in"] else ""
    archived = f" (kept at {source['archive_url']})" if title and source["archive_url"] else ""
    address = f", {source['url']}" if source["url"] else ""
    return f"{source['publisher']}{named}, {on}{via}{address}{archived}"
