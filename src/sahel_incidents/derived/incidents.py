"""The incidents one by one: the columns of `incidents_flat` that repeat no other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns import whole
from ..grading import Judged
from .estimates import Estimates
from .figures import TABLE as FIGURES
from .joined import Joined, counted, listed, pairs_once, taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

TABLE = "incidents"

_CITING = (
    (FIGURES, "incident_id", "source_id"),
    (FIGURES, "incident_id", "confirmation_source_id"),
    ("participants", "incident_id", "source_id"),
)
"""Where a document is cited for an incident: table, column of the incident, of the document."""


def worked_out(joined: Joined, judged: Judged) -> Mapping[str, pa.Array]:
    """The columns about the incident as a whole, by name."""
    length = joined.count(TABLE)
    incidents = joined.link(FIGURES, "incident_id")
    speaking = np.where(judged.speaks, judged.origins.codes, -1)
    return {
        "part_of": _parents(joined),
        **_parties(joined, "attacker"),
        **_parties(joined, "target"),
        "sources": counted(cited(joined)[0], length),
        "origins": counted(pairs_once(incidents, speaking)[0], length),
        "figures": counted(incidents, length),
        "statements": counted(joined.link("statement_incidents", "incident_id"), length),
    }


def cited(joined: Joined) -> list[NDArray[np.int64]]:
    """The rows of incidents and of the documents cited for them, each pair once and in order."""
    linked = joined.link("statement_incidents", "statement_id")
    said_in = np.append(joined.link("statements", "source_id"), -1)
    columns = [
        (joined.link(table, incident), joined.link(table, document))
        for table, incident, document in _CITING
    ]
    columns.append((joined.link("statement_incidents", "incident_id"), said_in[linked]))
    incidents, documents = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    return pairs_once(incidents, documents)


def harmed(joined: Joined, estimates: Estimates, harm: str) -> Mapping[str, pa.Array]:
    """The columns about one harm, by their names as declared.

    Args:
        joined: the package's tables.
        estimates: the estimates of all harms.
        harm: a value of the vocabulary of `casualties.harm`.
    """
    length = joined.count(TABLE)
    table = estimates.table
    of_harm = pc.equal(table["harm"], harm).to_numpy()
    stated = of_harm & table["best"].is_valid().to_numpy()
    kinds = np.bincount(estimates.incidents[of_harm], minlength=length)
    with_number = np.bincount(estimates.incidents[stated], minlength=length)
    rows = np.full(length, -1)
    rows[estimates.incidents[stated]] = np.flatnonzero(stated)
    rows[with_number != 1] = -1
    names = ("low", "best", "high", "low_open", "high_open", "grade", "victims", "best_figure")
    return {
        **{f"{{value}}_{name}": taken(whole(table[name]), rows) for name in names},
        "{value}_several_victims": pa.array(kinds > 1, mask=kinds == 0),
    }


def _parents(joined: Joined) -> pa.Array:
    links = "incident_links"
    holds = pc.equal(joined.column(links, "relation"), "part_of").to_numpy(zero_copy_only=False)
    rows = [joined.link(links, name)[holds] for name in ("incident_id", "other_incident_id")]
    parts, wholes = pairs_once(*rows)
    return listed(parts, taken(joined.column(TABLE, "incident_id"), wholes), joined.count(TABLE))


def _parties(joined: Joined, role: str) -> Mapping[str, pa.Array]:
    """Who had a part, by name and by id."""
    incidents, actors = parties(joined, role)
    length = joined.count(TABLE)
    return {
        f"{role}s": listed(incidents, taken(joined.column("actors", "name"), actors), length),
        f"{role}_ids": listed(
            incidents, taken(joined.column("actors", "actor_id"), actors), length
        ),
    }


def parties(joined: Joined, role: str) -> list[NDArray[np.int64]]:
    """The rows of incidents and of the actors that had a role in them, each pair once."""
    table = "participants"
    holds = pc.equal(joined.column(table, "role"), role).to_numpy(zero_copy_only=False)
    return pairs_once(
        *(joined.link(table, column)[holds] for column in ("incident_id", "actor_id"))
    )
