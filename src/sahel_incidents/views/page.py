"""A record as a page for the terminal: what is said, who said it, where, and how far it is known.

Lines are wrapped at the width given. Cells come from strangers: what cannot be seen in them is
written as an escape, so that no cell steers the terminal.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from ..cards.layout import FIGURES, INCIDENTS, OWNER, STATEMENT_LINKS, STATEMENTS
from ..grading import Grade
from ..records import Records, Row, shown_key
from ..reports.common import visible
from .estimates import grades
from .page_words import Words, cited_as, day, number, when
from .resolve import Fate, Found

Paint = Callable[[str, str], str]
"""Gives a text the look of a name of `STYLES`, or leaves it as it is."""

STYLES = {"title": "1", "heading": "1;36", "confirmed": "32", "corroborated": "32"} | {
    "contested": "33", "disputed": "33", "withdrawn": "33", "dim": "2",
}  # fmt: skip
"""ANSI "select graphic rendition" codes (ECMA-48, 8.3.117) by what is shown."""

_NARROWEST = 40
_TITLES = ("title", "name", "gist")
_HIDDEN = (*_TITLES, "status")


def plain(text: str, _: str) -> str:
    """No colours."""
    return text


def coloured(text: str, style: str) -> str:
    """In colours."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style in STYLES and text else text


def page(records: Records, found: Found, width: int, paint: Paint = plain) -> str:
    """The page of a record.

    Args:
        records: the records it hangs together with.
        found: the record.
        width: characters to a line; less than 40 is taken for 40.
        paint: `plain` or `coloured`.
    """
    return _Page(records, max(width, _NARROWEST), paint).render(found)


def fate(records: Records, step: Fate) -> str:
    """What became of a record that is gone, when and why."""
    row = step.revision
    of = f"{row['record_id']}, to which {step.id} belonged," if row["record_id"] != step.id else ""
    told = f"{of or step.id} was {row['action']}" + (f" into {step.into}" if step.into else "")
    source = records.rows["sources"].get((row["source_id"],))
    cited = f" Source: {cited_as(source)}" if source else ""
    return visible(
        f"{told} on {day(row['revised_on'])} ({row['revision_id']}): {row['reason']}{cited}"
    )


class _Page:
    def __init__(self, records: Records, width: int, paint: Paint) -> None:
        self._records, self._rows = records, records.rows
        self._words = Words(records)
        self._width, self._paint = width, paint
        self._lines: list[str] = []

    def render(self, found: Found) -> str:
        """The whole page."""
        title = next((found.row[name] for name in _TITLES if found.row.get(name)), "")
        self._text(found.id, style="title")
        self._text(title)
        if found.table == INCIDENTS:
            self._incident(found.row)
        elif "qualifier" in found.row:
            self._whole_figure(found)
        else:
            self._columns(found)
            self._used_by(found)
        self._history(found)
        return "\n".join(self._lines) + "\n"

    # Lines

    def _text(self, text: str, indent: int = 0, hang: int = 0, style: str = "") -> None:
        for line in textwrap.wrap(
            visible(text),
            self._width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_on_hyphens=False,
            break_long_words=False,  # addresses stay whole, so that they can be followed
        ):
            self._lines.append(self._paint(line, style))

    def _labelled(self, label: str, text: str) -> None:
        if text:
            self._text(f"{label:<9} {text}", hang=10)

    def _heading(self, text: str) -> None:
        self._lines.append("")
        self._text(text, style="heading")

    # Parts

    def _incident(self, row: Row) -> None:
        if row["status"] == "candidate":
            self._text("A candidate: not yet reviewed.")
        self._lines.append("")
        self._labelled("When", f"{when(row)}. {row['date_note']}".rstrip())
        self._labelled("Where", self._words.where(row))
        what = self._words.label(INCIDENTS, "event_type", row)
        self._labelled("What", f"{what}. {row['summary']}".rstrip())
        self._parties(row)
        figures = [one for one in self._rows[FIGURES].values() if one[OWNER] == row[OWNER]]
        graded = grades(figures, self._records)
        self._heading(f"Figures ({len(figures)})")
        for figure in figures:
            self._figure(FIGURES, figure, graded.get(figure["casualty_id"]))
        self._statements(row[OWNER])
        self._links(row[OWNER])
        self._elsewhere(row[OWNER])
        self._sources(row[OWNER], figures)

    def _parties(self, row: Row) -> None:
        parts: dict[tuple[str, str], list[str]] = {}
        for part in self._rows["participants"].values():
            if part[OWNER] == row[OWNER]:
                said = self._words.label("participants", "attribution", part).lower()
                role = self._words.label("participants", "role", part)
                cited = parts.setdefault((role, part["actor_id"]), [])
                cited.append(f"{said}: {part['source_id']}")
        for (role, actor), cited in parts.items():
            self._labelled(role, f"{self._words.name('actors', actor)} ({'; '.join(cited)})")

    def _figure(self, table: str, row: Row, grade: Grade | None) -> None:
        id = row[self._records.package.tables[table].primary_key[0]]
        number = id.removeprefix(f"{row.get(OWNER, '')}-")
        self._text(f"{number}  {self._number(table, row)}", indent=2, hang=5)
        self._text(self._standing(table, row, grade), 7, style=self._standing_style(row, grade))
        self._text(self._origin(table, row), 7)
        source = self._rows["sources"].get((row["source_id"],))
        self._text(f"{row['source_id']}: {cited_as(source)}" if source else row["source_id"], 7, 2)
        self._text(row["note"], 7, style="dim")

    def _number(self, table: str, row: Row) -> str:
        who = [
            self._words.label(table, "victims", row).lower(),
            row["demographic"].replace("_", " "),
        ]
        if row["victim_actor_id"]:
            who.append(self._words.name("actors", row["victim_actor_id"]))
        told = f"{self._words.label(table, 'harm', row).lower()}: {number(row)}"
        hedge = f" ({row['hedge']})" if row["hedge"] else ""
        return f"{told}{hedge}; victims: {', '.join(part for part in who if part)}"

    def _standing(self, table: str, row: Row, grade: Grade | None) -> str:
        """The confirmation flag with who set it, and the grade."""
        told = self._words.label(table, "confirmation", row).lower()
        if row["confirmed_by"]:
            told += f" by {self._words.name('actors', row['confirmed_by'])}"
        if row["confirmation_source_id"]:
            told += f" in {row['confirmation_source_id']}"
        if grade and grade != row["confirmation"]:
            told += f"; grade: {grade}"
        for column, words in (("superseded_by", "superseded by"), ("part_of", "part of")):
            if row[column]:
                told += f"; {words} {row[column]}"
        return told

    def _standing_style(self, row: Row, grade: Grade | None) -> str:
        return grade.value if grade else row["confirmation"]

    def _origin(self, table: str, row: Row) -> str:
        kind = self._words.label(table, "speaker_kind", row).lower()
        told = f"said by {row['said_by']} ({kind})" if row["said_by"] else f"speaker: {kind}"
        return f"{told}, relayed by {row['relayed_by']}" if row["relayed_by"] else told

    def _statements(self, incident_id: str) -> None:
        links = [one for one in self._rows[STATEMENT_LINKS].values() if one[OWNER] == incident_id]
        if not links:
            return
        self._heading(f"Statements ({len(links)})")
        for link in links:
            row = self._rows[STATEMENTS].get((link["statement_id"],))
            if row is None:
                continue
            sure = "" if link["link"] == "explicit" else f" [{link['link']}]"
            self._text(f"{row['statement_id']}{sure}", 2, style="dim")
            self._text(row["gist"], 7)
            on = f", {day(row['stated_on'])}" if row["stated_on"] else ""
            self._text(f"{self._origin(STATEMENTS, row)}{on}; {row['source_id']}", 7)

    def _links(self, incident_id: str) -> None:
        told = []
        for row in self._rows["incident_links"].values():
            relation = self._words.label("incident_links", "relation", row).lower()
            if row[OWNER] == incident_id:
                told.append(f"{relation} {self._words.title(row['other_incident_id'])}")
            elif row["other_incident_id"] == incident_id:
                told.append(f"{self._words.title(row[OWNER])} {relation} this one")
        if told:
            self._heading("Hangs together with")
        for text in told:
            self._text(text, 2, 2)

    def _elsewhere(self, incident_id: str) -> None:
        """The records of other datasets that are the incident, or overlap with it."""
        table = "external_ids"
        told = []
        for row in self._rows[table].values():
            if row[OWNER] == incident_id:
                release = f" (release {row['version']})" if row["version"] else ""
                relation = self._words.label(table, "relation", row).lower()
                dataset = self._words.label(table, "dataset", row)
                told.append(f"{relation} {dataset} {row['external_id']}{release}. {row['note']}")
        if told:
            self._heading("In other datasets")
        for text in told:
            self._text(text.strip(), 2, 2)

    def _sources(self, incident_id: str, figures: list[Row]) -> None:
        links = self._rows[STATEMENT_LINKS].values()
        stated = {row["statement_id"] for row in links if row[OWNER] == incident_id}
        parties = [r for r in self._rows["participants"].values() if r[OWNER] == incident_id]
        statements = [row for (id,), row in self._rows[STATEMENTS].items() if id in stated]
        cited = {row["source_id"] for row in (*figures, *parties, *statements)}
        cited |= {row["confirmation_source_id"] for row in figures}
        known = sorted(id for id in cited if (id,) in self._rows["sources"])
        self._heading(f"Sources ({len(known)})")
        for id in known:
            self._text(f"{id}: {cited_as(self._rows['sources'][id,], title=True)}", 2, 2)

    def _whole_figure(self, found: Found) -> None:
        row = found.row
        self._lines.append("")
        graded = {}
        if found.table == FIGURES:
            self._labelled("Incident", self._words.title(row[OWNER]))
            whole = [one for one in self._rows[FIGURES].values() if one[OWNER] == row[OWNER]]
            graded = grades(whole, self._records)
        else:
            self._labelled("Period", f"{row['period_start']} to {row['period_end'] or 'now'}")
            countries = self._rows["total_countries"].values()
            named = (one["country"] for one in countries if one["total_id"] == found.id)
            self._labelled("Countries", ", ".join(named))
        self._figure(found.table, row, graded.get(found.id))

    def _columns(self, found: Found) -> None:
        """What a source, an actor, a place or a statement says of itself."""
        self._lines.append("")
        table = self._records.package.tables[found.table]
        for column in table.fields:
            cell = found.row[column.name]
            if not cell or column.name in (*_HIDDEN, *table.primary_key):
                continue
            told = self._words.label(found.table, column.name, found.row)
            for reference in table.foreign_keys:
                if reference.field == column.name and reference.table in ("actors", "places"):
                    told = self._words.name(reference.table, cell)
            self._text(f"{column.title}: {told}", hang=2)
        spelt = [
            f"{row['alias']} ({row['language']})"
            for row in self._rows["aliases"].values()
            if found.table in ("actors", "places") and row[table.primary_key[0]] == found.id
        ]
        if spelt:
            self._text(f"Also spelt: {', '.join(spelt)}", hang=2)

    def _used_by(self, found: Found) -> None:
        """The incidents in which it stands."""
        links = self._rows[STATEMENT_LINKS].values()
        incidents: set[str] = set()
        for table in self._records.package.tables.values():
            keys = [key.field for key in table.foreign_keys if key.table == found.table]
            for row in self._rows[table.name].values():
                if any(row[field] == found.id for field in keys):
                    incidents.add(row.get(OWNER, ""))
                    if table.name == STATEMENTS:
                        id = row["statement_id"]
                        incidents |= {one[OWNER] for one in links if one["statement_id"] == id}
        known = sorted(id for id in incidents if (id,) in self._rows[INCIDENTS])
        self._heading(f"Incidents ({len(known)})")
        for id in known:
            self._text(self._words.title(id), 2, 2)

    def _history(self, found: Found) -> None:
        own = {found.id} | {
            shown_key(key)
            for key, row in self._rows[FIGURES].items()
            if found.table == INCIDENTS and row[OWNER] == found.id
        }
        told = [
            f"{row['revised_on']} {row['revision_id']} {self._act(row)}: {row['reason']}"
            for row in self._rows["revisions"].values()
            if row["record_id"] in own or row["other_id"] in own
        ]
        if told:
            self._heading("History")
        for text in told:
            self._text(text, 2, 2)

    def _act(self, row: Row) -> str:
        told = f"{row['record_id']} {row['action'].replace('_', ' ')}"
        if row["field"]:
            old, new = row["old_value"] or "empty", row["new_value"] or "empty"
            return f"{told}, {row['field']} from {old} to {new}"
        joint = "from" if row["action"] == "judged_distinct" else "into"
        return f"{told} {joint} {row['other_id']}" if row["other_id"] else told
