"""The events of an imported package in UCDP's own columns again.

What a column holds is taken from the tables of the model; where `ucdp_events` keeps UCDP's own
cell, since the model says it otherwise or has no place for it, that cell is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..derived.joined import Joined, listed, taken
from ..package import Package
from .codes import GLEDITSCH_WARD, priogrid
from .columns import COLUMNS
from .layout import ARTICLES, CIVILIANS, DEATHS, EVENTS, KEPT, NAMES, TOTALS
from .verbatim import unescaped

if TYPE_CHECKING:
    from numpy.typing import NDArray

ACCOUNT = "the account "
"""What stands before the name of an account, which may not begin with its @ in a table."""

_FIGURES = "casualties"
_TYPES = {column.name: column.type for column in COLUMNS}

Columns = Mapping[str, pa.Array]


def is_imported(package: Package) -> bool:
    """Whether a package was made from UCDP GED, and can give its columns back."""
    return EVENTS in package.tables


def given_back(package: Package, tables: Mapping[str, pa.Table]) -> pa.Table:
    """The events of an imported package in UCDP's columns, in the order of their incidents."""
    joined = Joined(package, tables)
    values = dict(derived(joined))
    for name in KEPT:
        kept = unescaped(joined.column(EVENTS, name))
        own = pc.if_else(pc.equal(kept, ""), pa.scalar(None, pa.string()), kept)
        kind = values[name].type
        values[name] = pc.if_else(kept.is_valid(), own.cast(kind), values[name])
    for name in NAMES:
        if name not in values:
            column = joined.column(EVENTS, name)
            values[name] = unescaped(column) if pa.types.is_string(column.type) else column
    return pa.table({name: values[name] for name in NAMES})


def derived(joined: Joined) -> Columns:
    """What the tables of the model say, without the cells that are kept beside them."""
    return {
        "id": _ids(joined),
        **_sides(joined),
        **_articles(joined),
        **_where(joined),
        **_when(joined),
        **_deaths(joined),
    }


def _ids(joined: Joined) -> pa.Array:
    table = "external_ids"
    same = pc.and_(
        pc.equal(joined.column(table, "dataset"), "ucdp_ged"),
        pc.equal(joined.column(table, "relation"), "same"),
    )
    chosen = np.flatnonzero(same.fill_null(False).to_numpy(zero_copy_only=False))
    row = _row_of_incident(joined, table, chosen)
    return taken(joined.column(table, "external_id"), row).cast(pa.int64())


def _row_of_incident(joined: Joined, table: str, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each event the last of some rows of a table that belong to its incident; -1 for none."""
    of_incident = np.full(joined.count("incidents") + 1, -1, dtype=np.int64)
    of_incident[joined.link(table, "incident_id")[chosen]] = chosen
    found: NDArray[np.int64] = of_incident[joined.link(EVENTS, "incident_id")]
    return found


def _sides(joined: Joined) -> Columns:
    side_a = joined.at(EVENTS, "side_a_id.name")
    side_b = joined.at(EVENTS, "side_b_id.name").fill_null(CIVILIANS)
    return {
        "side_a": side_a,
        "side_b": side_b,
        "dyad_name": pc.binary_join_element_wise(side_a, side_b, " - "),
    }


def _articles(joined: Joined) -> Columns:
    events = _event_of_incident(joined)[joined.link(ARTICLES, "incident_id")]
    position = np.asarray(joined.column(ARTICLES, "position"))
    order = np.lexsort((position, events))
    rows = events[order]
    source = joined.link(ARTICLES, "source_id")[order]
    office, day, headline = (
        taken(joined.column("sources", name).cast(pa.string()).fill_null(""), source)
        for name in ("publisher", "published_on", "title")
    )
    account = pc.starts_with(office, f"{ACCOUNT}@")
    office = pc.if_else(account, pc.utf8_slice_codeunits(office, len(ACCOUNT)), office)
    article = pc.binary_join_element_wise(office, day, headline, ",")
    article = pc.binary_join_element_wise('"', article, '"', "")
    length = joined.count(EVENTS)
    packed = (
        ("source_article", article),
        ("source_office", office),
        ("source_date", day),
        ("source_headline", headline),
    )
    return {
        "number_of_sources": pa.array(np.bincount(rows, minlength=length)),
        **{name: listed(rows, values, length, ";") for name, values in packed},
    }


def _event_of_incident(joined: Joined) -> NDArray[np.int64]:
    """For each incident the row of its event."""
    events = np.full(joined.count("incidents"), -1, dtype=np.int64)
    events[joined.link(EVENTS, "incident_id")] = np.arange(joined.count(EVENTS))
    return events


def _where(joined: Joined) -> Columns:
    latitude, longitude = (
        joined.at(EVENTS, f"incident_id.place_id.{axis}") for axis in ("latitude", "longitude")
    )
    point = pc.binary_join_element_wise(
        longitude.cast(pa.string()), latitude.cast(pa.string()), " "
    )
    codes = joined.at(EVENTS, "incident_id.country")
    labels = {
        c.value: c.label for c in joined.package.tables["incidents"].field("country").categories
    }
    known = pa.array(list(labels))
    row = pc.index_in(codes, value_set=known)
    numbers = pa.array([GLEDITSCH_WARD.get(code) for code in labels], pa.int64())
    return {
        "where_coordinates": joined.at(EVENTS, "incident_id.place_id.name"),
        "latitude": latitude,
        "longitude": longitude,
        "geom_wkt": pc.binary_join_element_wise("POINT (", point, ")", ""),
        "priogrid_gid": priogrid(latitude, longitude),
        "country": pa.array(list(labels.values())).take(row),
        "country_id": numbers.take(row),
        "region": pa.repeat("Africa", joined.count(EVENTS)),
    }


def _when(joined: Joined) -> Columns:
    start, end = (joined.at(EVENTS, f"incident_id.{name}") for name in ("date_start", "date_end"))
    return {"year": pc.year(start), "date_start": start, "date_end": end}


def _deaths(joined: Joined) -> Columns:
    """UCDP's estimates: the whole with its range, and its parts by side.

    A whole without a range was given with low and high equal to it; a part without a row is 0,
    which UCDP says of side B where that is civilians.
    """
    event = _event_of_incident(joined)[joined.link(_FIGURES, "incident_id")]
    part = joined.column(_FIGURES, "part_of").is_valid().to_numpy(zero_copy_only=False)
    qualifier = joined.column(_FIGURES, "qualifier")
    killed = pc.equal(joined.column(_FIGURES, "harm"), "killed").to_numpy(zero_copy_only=False)
    actor = joined.link(_FIGURES, "victim_actor_id")
    side_a, side_b = (joined.link(EVENTS, f"side_{side}_id") for side in "ab")
    victims = joined.column(_FIGURES, "victims")

    def those(column: pa.Array, *values: str) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = pc.is_in(column, value_set=pa.array(values)).to_numpy(
            zero_copy_only=False
        )
        return found

    def number(rows: NDArray[np.bool_], column: str) -> pa.Array:
        chosen = np.flatnonzero(rows & killed & (event >= 0))
        found = np.full(joined.count(EVENTS), -1, dtype=np.int64)
        found[event[chosen]] = chosen
        return taken(joined.column(_FIGURES, column), found)

    best = number(~part & those(qualifier, "exact"), "value")
    nobody = part & (actor < 0)
    parts = (
        part & (actor >= 0) & (actor == side_a[event]),
        part & (actor >= 0) & (actor == side_b[event]),
        nobody & those(victims, "civilian"),
        nobody & those(victims, "unknown"),
    )
    low = number(~part & those(qualifier, "range", "at_least"), "low")
    high = number(~part & those(qualifier, "range", "at_most"), "high")
    deaths = {name: number(rows, "value") for name, rows in zip(DEATHS, parts, strict=True)}
    civilians = pa.array(side_b < 0)
    deaths["deaths_b"] = pc.if_else(civilians, 0, deaths["deaths_b"])
    totals = {"best": best, "high": pc.coalesce(high, best), "low": pc.coalesce(low, best)}
    return deaths | {name: totals[name] for name in TOTALS}
