"""A record found by its id, and what became of one that is gone.

An id stands for itself: which table it belongs to need not be said. An id that was retired leads,
through `revisions`, to the record that lives on or to the reason why there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..cards.ids import nearest
from ..cards.layout import FIGURES, INCIDENTS, OWNER
from ..problem import ToolError
from ..records import Records, Row

TABLES = (INCIDENTS, FIGURES, "statements", "totals", "sources", "actors", "places")
"""The tables whose records have an id of their own that people use."""

_RETIREMENTS = ("merged", "retracted")
_FIGURE = re.compile("-f[0-9]{2,}$")


@dataclass(frozen=True, slots=True)
class Found:
    """A record: its table, its id and its cells."""

    table: str
    id: str
    row: Row


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a record that is gone.

    Attributes:
        id: the id that was asked for.
        revision: the row of `revisions` that retired it, or the incident it belonged to.
    """

    id: str
    revision: Row

    @property
    def into(self) -> str:
        """The id it lives on under; empty where it was retracted."""
        return self.revision["other_id"] if self.revision["action"] == "merged" else ""


def find(records: Records, id: str) -> Found | None:
    """The record of that id; None where there is none (any more)."""
    for table in TABLES:
        if (id,) in records.rows[table]:
            return Found(table, id, records.rows[table][id,])
    return None


def incident_of(found: Found) -> str:
    """The incident on whose card a record stands: itself, or a figure's; "" where there is none."""
    return found.row[OWNER] if found.table in (INCIDENTS, FIGURES) else ""


def fates(records: Records, id: str) -> list[Fate]:
    """What became of a record that is gone, one step after another; empty where nothing is known.

    The last step leads to a record that is there, or is a retraction.
    """
    steps: list[Fate] = []
    while find(records, id) is None and id not in {step.id for step in steps}:
        revision = _retirement(records, id) or _retirement(records, _FIGURE.sub("", id))
        if revision is None:
            break
        steps.append(Fate(id, revision))
        id = steps[-1].into
    return steps


def get(records: Records, id: str) -> Found:
    """The record of that id.

    Raises:
        ToolError: there is none, with what became of it or which id was probably meant.
    """
    found = find(records, id)
    if found is not None:
        return found
    steps = fates(records, id)
    if steps:
        first, last = steps[0].revision, steps[-1]
        raise ToolError(
            f"{id} was {first['action']} on {first['revised_on']}",
            f"name {last.into} instead" if last.into else f"see: incidents show {id}",
        )
    near = (nearest(records, table, id) for table in TABLES)
    meant = next((other for other in near if other), None)
    raise ToolError(
        f"there is no record {id}",
        f"did you mean {meant}?" if meant else "look for it: incidents find WORDS",
    )


def expect(records: Records, table: str, id: str) -> None:
    """Make sure that a table has a record of that id.

    Raises:
        ToolError: it has none, with the id that was probably meant.
    """
    if (id,) not in records.rows[table]:
        near = nearest(records, table, id)
        path = records.package.tables[table].path
        remedy = f"did you mean {near}?" if near else f"{path} has them all"
        raise ToolError(f"there is no {table.removesuffix('s')} {id}", remedy)


def _retirement(records: Records, id: str) -> Row | None:
    for row in records.rows["revisions"].values():
        if row["record_id"] == id and row["action"] in _RETIREMENTS and row["table"] in TABLES:
            return row
    return None
