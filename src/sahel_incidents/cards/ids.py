"""Ids: made from words, given once, and found again when they are misspelt."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Container, Iterable, Iterator

from ..records import Records, Row
from ..rules.revision_names_record import RETIRED
from .layout import FIGURES, INCIDENTS

_MAX_SLUG = 40
CLOSE = 0.6
"""How alike two words must be to be taken for a slip of each other; difflib's own default."""

_CLOSE_WORD = 0.7  # so that jnmi is taken for jnim, two letters swapped
_CLOSE_NAMES = 0.8  # higher, since ids of several words have much in common: dates, "undated"
_MANY_NAMES = 20_000  # of more, only those that share a word with the misspelt one are compared
_MAX_NAME = 200


def slug(text: str, limit: int = _MAX_SLUG) -> str:
    """A text as the last part of an id: lower-case ASCII letters and digits, hyphens between.

    Args:
        text: a name or some words.
        limit: the most characters; a longer slug is cut between words where that is possible.

    Returns:
        The slug; empty where no letter or digit of the text has an ASCII form.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    whole = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    if len(whole) <= limit:
        return whole
    return whole[: limit + 1].rpartition("-")[0] or whole[:limit]


def free_id(start: str, records: Records, table: str, beside: Container[str] = ()) -> str:
    """An id that was never given: `start`, or `start` followed by -2, -3 and so on.

    Args:
        start: the id wanted.
        records: the records, whose ids are taken, as are those of records that are gone.
        table: the table of the new record.
        beside: further ids that are taken.
    """
    gone = retired_ids(records)
    number, candidate = 1, start
    while (candidate,) in records.rows[table] or (table, candidate) in gone or candidate in beside:
        number += 1
        candidate = f"{start}-{number}"
    return candidate


def free_figures(incident_id: str, records: Records, given: Iterable[str]) -> Iterator[str]:
    """Ids for new figures of an incident, numbered on from the highest number there ever was.

    Args:
        incident_id: the incident.
        records: the records, whose ids are taken, as are those of records that are gone.
        given: further ids that are taken.
    """
    gone = (id for table, id in retired_ids(records) if table == FIGURES)
    form = re.compile(rf"{re.escape(incident_id)}-f([0-9]{{2,9}})")
    found = map(form.fullmatch, (*gone, *given))
    number = max((int(match[1]) for match in found if match), default=0)
    while True:
        number += 1
        id = f"{incident_id}-f{number:02}"
        if (id,) not in records.rows[FIGURES]:
            yield id


def incident_id(cells: Row, records: Records) -> str:
    """An id for a new incident, from its country, its date as far as it is known, and its place.

    Args:
        cells: the incident's cells; `country`, `date_start` and `place_id` must be filled.
        records: the records it will stand beside.
    """
    known = {"day": 10, "year": 4}.get(cells.get("date_precision", ""), 7)  # YYYY-MM-DD, cut
    place = cells["place_id"].partition("-")[2] or slug(cells["place_id"])
    start = f"{cells['country']}-{cells['date_start'][:known]}-{place}"
    return free_id(start, records, INCIDENTS)


def retired_ids(records: Records) -> set[tuple[str, str]]:
    """The tables and ids of the records that are gone, according to `revisions`."""
    id, column, actions = RETIRED
    revisions = records.rows["revisions"].values()
    return {(row["table"], row[id]) for row in revisions if row[column] in actions}


def nearest(records: Records, table: str, id: str) -> str | None:
    """The id on record that was probably meant: one of that name or alias, or spelt alike.

    Args:
        records: the records to search.
        table: a table with an id as its key.
        id: what was written.
    """
    column = records.package.tables[table].primary_key[0]
    aliases = records.rows["aliases"].values()
    spelt = {slug(row["alias"], _MAX_NAME): row.get(column) for row in aliases}
    for row in records.rows[table].values():
        for name in filter(None, (row.get("name"), row[column])):
            spelt[slug(name, _MAX_NAME)] = row[column]
    wanted = slug(id, _MAX_NAME)
    likely = [name for name, known in spelt.items() if name and known]
    if len(likely) > _MANY_NAMES:
        words = set(wanted.split("-"))
        likely = [name for name in likely if words & set(name.split("-"))][:_MANY_NAMES]
    close = _CLOSE_NAMES if "-" in wanted else _CLOSE_WORD
    near = difflib.get_close_matches(wanted, likely, 1, close)
    return spelt[near[0]] if near else None
