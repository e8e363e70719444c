"""A card's rows held against the records: ids that are taken, references that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..cells import quoted
from ..problem import Problem, RuleInfo, Severity
from ..records import Records, Row, key_of, shown_key
from . import layout
from .ids import nearest, retired_ids
from .layout import FIGURES, INCIDENTS, OWNER, STATEMENT_LINKS, STATEMENTS
from .nodes import Place, problem

REFERENCE = RuleInfo(
    "card-reference",
    Severity.ERROR,
    "What a card refers to is on record or added by the card",
    "A figure must lead to its source, a party to its name.",
)
CONFLICT = RuleInfo(
    "card-conflict",
    Severity.ERROR,
    "A card says a thing once and leaves the records of others as they are",
    "Sources, actors, places and statements are shared; an incident's card must not rewrite what "
    "others rest on.",
)
RULES = (REFERENCE, CONFLICT)


@dataclass
class Coded:
    """A card as rows.

    Attributes:
        incident_id: the incident's id, given in the card or assigned.
        rows: the rows with their tables: the incident's own, and all that the card adds.
        places: where in the card each row stands, by table and key as shown, and each of its
            cells, by column; the row itself under the empty name.
    """

    incident_id: str = ""
    rows: list[tuple[str, Row]] = field(default_factory=list)
    places: dict[tuple[str, str], dict[str, Place]] = field(default_factory=dict)


def conflicts(coded: Coded, records: Records) -> Iterator[Problem]:
    """A problem for each row that would take the place of a record that is not the incident's."""
    gone = retired_ids(records)
    for table, row in coded.rows:
        declared = records.package.tables[table]
        key = key_of(declared, row)
        name = shown_key(key)
        recorded = records.rows[table].get(key)
        if recorded == row:
            continue
        if recorded is None:
            if (table, name) not in gone:
                continue
            message = f"{name} was the id of a record that is gone, and stays its id"
            remedy = "give another id"
        elif table in layout.SHARED:
            message = f"{name} is on record already, with other content"
            remedy = "take it out of the card to refer to that one, or give yours another id"
        elif table == FIGURES and recorded[OWNER] != coded.incident_id:
            message = f"{name} is a figure of {recorded[OWNER]}"
            remedy = "leave the id out: the next free one is given"
        elif table == STATEMENTS and (*key, coded.incident_id) not in records.rows[STATEMENT_LINKS]:
            message = f"{name} is on record already, as a statement about another incident"
            remedy = "write only its id and link to refer to it, or leave the id out"
        else:
            continue
        places = coded.places[table, name]
        place = places.get(declared.primary_key[0], places[""])
        yield problem(CONFLICT, place, message, remedy)


def dangling(coded: Coded, records: Records) -> Iterator[Problem]:
    """A problem for each reference of the card to what is neither on record nor in the card."""
    added: set[tuple[str, str]] = set()
    for table, row in coded.rows:
        added.add((table, shown_key(key_of(records.package.tables[table], row))))
    for table, row in coded.rows:
        declared = records.package.tables[table]
        places = coded.places[table, shown_key(key_of(declared, row))]
        for reference in declared.foreign_keys:
            wanted = row[reference.field]
            # Which incident a row belongs to is said by the card as a whole, at no place in it.
            if not wanted or reference.field not in places:
                continue
            if (reference.table, wanted) in added or _stays(
                records, reference.table, wanted, coded.incident_id
            ):
                continue
            yield _nowhere(records, reference.table, wanted, places[reference.field])


def _stays(records: Records, table: str, id: str, incident_id: str) -> bool:
    """Whether a record is there, and still is when the card takes its incident's place."""
    recorded = records.rows[table].get((id,))
    if recorded is None:
        return False
    return table != FIGURES or recorded[OWNER] != incident_id


def _nowhere(records: Records, table: str, id: str, place: Place) -> Problem:
    one = {FIGURES: "figure", INCIDENTS: "incident"}.get(table, table.removesuffix("s"))
    if table == FIGURES:
        remedy = "write the id of a figure of this card, and give that one its id"
    else:
        near = nearest(records, table, id)
        meant = f"did you mean {near}?" if near else f"data/{table}.csv has them all."
        new = f" A new one is added under {table}: in the card" if table in layout.SHARED else ""
        remedy = meant + new
    return problem(REFERENCE, place, f"there is no {one} {quoted(id)}", remedy)
