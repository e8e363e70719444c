"""What can be done to a record that is there: confirm a figure, retract a record, merge two.

Each act gives the records as they become, and what `revisions` must say about it. Nothing is
written, and what the records mean is for validation to judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..cards.ids import free_figures
from ..cards.layout import FIGURES, INCIDENTS, OWNER, STATEMENT_LINKS, STATEMENTS
from ..history import REVISIONS
from ..package import Table
from ..problem import ToolError
from ..records import Key, Records, Row, key_of, shown_key
from ..views import resolve
from .corrections import Correction

OWNERS = (INCIDENTS, STATEMENTS, "totals")
"""The tables whose records take along what belongs to them."""

ALIASES = "aliases"
_REMARKS = ("hedge", "note", "speaker_actor_id", "confirmed_by", "confirmation_source_id")
"""The columns of a figure that say the same where they are empty in one of two records."""


@dataclass
class Act:
    """The outcome of an act.

    Attributes:
        after: the records as they become.
        corrections: what `revisions` must say about those of them that are published.
    """

    after: Records
    corrections: list[Correction] = field(default_factory=list)


def confirm(records: Records, figure_id: str, by: str, source: str) -> Act:
    """A figure confirmed by an actor in a source.

    Raises:
        ToolError: there is no such figure, actor or source.
    """
    figure = resolve.get(records, figure_id)
    if "confirmation" not in figure.row:
        raise ToolError(
            f"{figure_id} is not a figure: it stands in {figure.table}",
            f"its figures are shown by: incidents show {figure_id}",
        )
    resolve.expect(records, "actors", by)
    resolve.expect(records, "sources", source)
    after = _copy(records)
    confirmed = {
        "confirmation": "confirmed",
        "confirmed_by": by,
        "confirmation_source_id": source,
    }
    after.put(figure.table, figure.row | confirmed)
    return Act(after)


def retract(records: Records, id: str) -> Act:
    """A record taken out, with all that belongs to it.

    An incident takes along its participants, figures and links, and the statements that are about
    nothing else; an actor or a place its aliases.

    Raises:
        ToolError: there is no such record, or another one still refers to it.
    """
    found = resolve.get(records, id)
    act = Act(_copy(records))
    gone = dict.fromkeys(_with_belongings(records, found))
    for table, key in gone:
        del act.after.rows[table][key]
        # What goes with its incident, statement or total needs no word of its own; but a
        # statement does not belong to an incident, and an alias to nothing that is an owner.
        if (table, key) == (found.table, (id,)) or table in (STATEMENTS, ALIASES):
            act.corrections.append(Correction(table, key, "retracted"))
    _refuse_dangling(act.after, {(table, key[0]) for table, key in gone if len(key) == 1})
    return act


def merge(records: Records, id: str, into: str) -> Act:
    """A record that turned out to be the same as another: all that refers to it moves there.

    The figures of a merged incident get new ids, since a figure's id begins with its incident's;
    one that the other incident has already is merged into it. The other record's own cells stay.

    Raises:
        ToolError: there are no two such records in one table, or the two contradict each other.
    """
    old, new = resolve.get(records, id), resolve.get(records, into)
    if id == into or old.table != new.table:
        raise ToolError(
            f"{id} and {into} are "
            + ("one record" if id == into else f"not of one kind ({old.table}, {new.table})"),
            "name two records of one kind",
        )
    if old.table == FIGURES and old.row[OWNER] != new.row[OWNER]:
        raise ToolError(f"{id} and {into} are figures of two incidents", "merge the incidents")
    return _Merge(records, old, new).run()


class _Merge:
    """Renames a record everywhere, and with an incident its figures."""

    def __init__(self, records: Records, old: resolve.Found, new: resolve.Found) -> None:
        self._records, self._old, self._new = records, old, new
        self._act = Act(_copy(records))
        self._renamed = {(old.table, old.id): new.id}

    def run(self) -> Act:
        """Make the merge."""
        self._refuse_cited_source()
        self._corrected(self._old.table, (self._old.id,), "merged", other=self._new.id)
        if self._old.table == INCIDENTS:
            self._rename_figures()
        for name, table in self._records.package.tables.items():
            for key, row in self._records.rows[name].items():
                renamed = self._rewritten(table, row)
                if renamed != row:
                    self._move(table, key, row, renamed)
        self._keep_name()
        return self._act

    def _refuse_cited_source(self) -> None:
        for row in self._records.rows[REVISIONS].values():
            if self._old.table == "sources" and row["source_id"] == self._old.id:
                raise ToolError(
                    f"{row['revision_id']} cites {self._old.id}, and a revision stays as it is",
                    f"merge the other way round: incidents merge {self._new.id} {self._old.id}",
                )

    def _rename_figures(self) -> None:
        figures = self._records.rows[FIGURES].values()
        free = free_figures(self._new.id, self._records, ())
        moved = [row for row in figures if row[OWNER] == self._old.id]
        for row in sorted(moved, key=lambda row: (row["part_of"] != "", row["casualty_id"])):
            twin = self._twin(row)
            self._renamed[FIGURES, row["casualty_id"]] = twin or next(free)

    def _twin(self, row: Row) -> str:
        """The other incident's figure that says all that this one says; "" where there is none."""
        renamed = self._rewritten(self._records.package.tables[FIGURES], row)
        for other in self._records.rows[FIGURES].values():
            said_too = all(
                cell == other[column] or (column in _REMARKS and not cell)
                for column, cell in renamed.items()
                if column != "casualty_id"
            )
            if said_too and other[OWNER] == self._new.id:
                return other["casualty_id"]
        return ""

    def _rewritten(self, table: Table, row: Row) -> Row:
        """A row under the new names."""
        cells = dict(row)
        for key in table.foreign_keys:
            cells[key.field] = self._renamed.get((key.table, row[key.field]), row[key.field])
        if len(table.primary_key) == 1:
            own = table.primary_key[0]
            cells[own] = self._renamed.get((table.name, row[own]), row[own])
        return cells

    def _move(self, table: Table, key: Key, row: Row, renamed: Row) -> None:
        rows = self._act.after.rows[table.name]
        new_key = key_of(table, renamed)
        if new_key == key:
            rows[key] = self._rewritten(table, rows[key])
            for column in table.columns:
                if renamed[column] != row[column]:
                    own_source = row.get("source_id", "") if "confirmation" in row else ""
                    self._corrected(
                        table.name,
                        key,
                        "corrected",
                        field=column,
                        old=row[column],
                        new=renamed[column],
                        source=self._renamed.get(("sources", own_source), own_source),
                    )
            return
        del rows[key]
        if (table.name, key) == (self._old.table, (self._old.id,)):
            return
        if self._joins_itself(table, renamed):
            return
        if len(key) == 1 or self._old.table not in OWNERS:
            self._corrected(table.name, key, "merged", other=shown_key(new_key))
        if len(key) > 1 and new_key in rows:
            renamed = _combined(table, rows[new_key], renamed)
        if len(key) > 1 or new_key not in rows:
            rows[new_key] = renamed

    def _joins_itself(self, table: Table, row: Row) -> bool:
        """Whether a link between the two records has become one from a record to itself."""
        ends = [row[key.field] for key in table.foreign_keys if key.table == self._old.table]
        return len(table.primary_key) > 1 and ends.count(self._new.id) > 1

    def _keep_name(self) -> None:
        """The merged actor's or place's name stays as a spelling of the other's."""
        name, id = self._old.row.get("name", ""), f"{self._old.table.removesuffix('s')}_id"
        aliases = self._act.after.rows[ALIASES]
        known = {row["alias"].casefold() for row in aliases.values() if row.get(id) == self._new.id}
        if not name or name.casefold() in known | {self._new.row["name"].casefold()}:
            return
        if (name, "und") not in aliases:
            self._act.after.put(ALIASES, {"alias": name, "language": "und", id: self._new.id})

    def _corrected(self, table: str, key: Key, action: str, **other: str) -> None:
        self._act.corrections.append(Correction(table, key, action, **other))


def _combined(table: Table, kept: Row, moved: Row) -> Row:
    """Two link rows that became one."""
    both = dict(kept)
    for column, cell in moved.items():
        if cell and not both[column]:
            both[column] = cell
        elif cell and cell != both[column]:
            if (table.name, column) != (STATEMENT_LINKS, "link"):
                raise ToolError(
                    f"{table.name} {shown_key(key_of(table, kept))}: the two records differ in "
                    f"{column}, {both[column]} and {cell}",
                    "make it the same in both first, with incidents edit",
                )
            surest = table.field(column).vocabulary  # from explicit to possible
            both[column] = min(cell, both[column], key=surest.index)
    return both


def _with_belongings(records: Records, found: resolve.Found) -> Iterator[tuple[str, Key]]:
    yield found.table, (found.id,)
    for name, table in records.package.tables.items():
        for reference in table.foreign_keys:
            if reference.table != found.table or name == found.table:
                continue
            if found.table in OWNERS or name == ALIASES:
                for key, row in records.rows[name].items():
                    if row[reference.field] == found.id:
                        yield name, key
    if found.table == INCIDENTS:
        about: dict[str, set[str]] = {}
        for link in records.rows[STATEMENT_LINKS].values():
            about.setdefault(link["statement_id"], set()).add(link[OWNER])
        for statement, incidents in about.items():
            if incidents == {found.id}:
                yield STATEMENTS, (statement,)


def _refuse_dangling(records: Records, gone: set[tuple[str, str]]) -> None:
    users = [
        f"{table.name} {shown_key(key)}"
        for table in records.package.tables.values()
        for key, row in records.rows[table.name].items()
        if any((ref.table, row[ref.field]) in gone for ref in table.foreign_keys)
    ]
    if users:
        more = f" and {len(users) - 3} more" if len(users) > 3 else ""
        raise ToolError(
            f"it cannot be retracted: {', '.join(users[:3])}{more} still refer to it",
            "edit or retract these first, or merge it into another record: incidents merge",
        )


def _copy(records: Records) -> Records:
    """The records, to be changed row by row: rows are replaced, never changed, so are shared."""
    return Records(records.package, {name: dict(rows) for name, rows in records.rows.items()})
