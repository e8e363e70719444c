"""The incidents of a release as events of UCDP GED; `columns` says what stands where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..cells import ARROW_TYPES
from ..columns import whole
from ..derived.incidents import TABLE, cited, parties
from ..derived.joined import Joined, encoded, listed, pairs_once, taken
from ..geography import admin1_names
from ..points import Points
from ..release import Release
from .codes import GLEDITSCH_WARD, priogrid
from .columns import COLUMNS
from .imported import given_back, is_imported

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STATES = ("state_force", "state_body", "foreign_force", "private_military_company",
           "international_body")  # fmt: skip
_CIVILIANS = ("civilians", "media", "ngo")
_STATE_BASED, _NON_STATE, _ONE_SIDED = 1, 2, 3
_WHERE = {"exact": 1, "near": 2, "admin1": 4, "country": 6}

Columns = Mapping[str, pa.Array]


@dataclass(frozen=True)
class _Side:
    """Who stands on one side of each incident.

    Attributes:
        armed: the names of those who are no civilians; null where there are none.
        states: where a state or a body of states is among them.
        fighting: where there is anybody but civilians.
        there: where there is anybody.
    """

    armed: pa.Array
    states: NDArray[np.bool_]
    fighting: NDArray[np.bool_]
    there: NDArray[np.bool_]


def events(release: Release) -> pa.Table:
    """The incidents of a release as rows of UCDP GED, in the order of their ids.

    Those of a package that was imported from UCDP GED are given back as they came.
    """
    if is_imported(release.package):
        return given_back(release.package, release.tables)
    joined = Joined(release.package, release.tables)
    flat = release.derived["incidents_flat"].combine_chunks()
    values: dict[str, pa.Array] = {
        column.name: pa.nulls(flat.num_rows, ARROW_TYPES[column.type])
        for column in COLUMNS
        if not column.filled
    }
    values |= _event(flat)
    values |= _sides(joined)
    values |= _documents(joined)
    values |= _where(release, flat)
    values |= _when(flat)
    values |= _deaths(release, flat, values["type_of_violence"])
    table = pa.table({column.name: values[column.name] for column in COLUMNS})
    single = pc.not_equal(flat["event_type"], "operation")
    return table.filter(pc.and_(single, pc.equal(flat["status"], "active")))


def _event(flat: pa.Table) -> Columns:
    ids = (sha256(id.encode()).hexdigest()[:13] for id in flat["incident_id"].to_pylist())
    return {
        # 52 bits, which programs that hold every number as a double tell apart.
        "id": pa.array([int(id, 16) for id in ids], pa.int64()),
        "relid": flat["incident_id"],
        "code_status": _repeated("Clear", flat),
        "region": _repeated("Africa", flat),
        "event_clarity": _repeated(1, flat),
    }


def _repeated(value: str | int, flat: pa.Table) -> pa.Array:
    return pa.repeat(value, flat.num_rows)


def _sides(joined: Joined) -> Columns:
    """The type of violence and the two sides."""
    length = joined.count(TABLE)
    kinds = encoded(joined.column("actors", "kind"))
    state = np.isin(kinds.codes, [kinds.values.index(k) for k in _STATES if k in kinds.values])
    civil = np.isin(kinds.codes, [kinds.values.index(k) for k in _CIVILIANS if k in kinds.values])
    names = joined.column("actors", "name")

    def side(role: str) -> _Side:
        incidents, actors = parties(joined, role)
        fighting = ~civil[actors]

        def count(which: NDArray[np.bool_]) -> NDArray[np.int64]:
            return np.bincount(incidents[which], minlength=length)

        return _Side(
            armed=listed(incidents[fighting], taken(names, actors[fighting]), length),
            states=count(state[actors]) > 0,
            fighting=count(fighting) > 0,
            there=count(np.ones_like(fighting)) > 0,
        )

    attackers, targets = side("attacker"), side("target")
    one_sided = targets.there & ~targets.fighting
    kind = np.where(attackers.states | targets.states, _STATE_BASED, _NON_STATE)
    kind = np.where(one_sided, _ONE_SIDED, kind)
    known = attackers.there & targets.there
    swapped = pa.array((kind == _STATE_BASED) & ~attackers.states)
    side_a = pc.if_else(swapped, targets.armed, attackers.armed)
    side_b = pc.if_else(swapped, attackers.armed, targets.armed)
    side_b = pc.if_else(pa.array(one_sided), "Civilians", side_b)
    return {
        "type_of_violence": pa.array(kind, pa.int64(), mask=~known),
        "side_a": side_a,
        "side_b": side_b,
        "dyad_name": pc.binary_join_element_wise(side_a, side_b, " - "),
    }


def _documents(joined: Joined) -> Columns:
    """What is said of the documents that are cited, and who is quoted."""
    length = joined.count(TABLE)
    incidents, documents = cited(joined)
    office, day, headline = (
        joined.column("sources", name).cast(pa.string()).fill_null("")
        for name in ("publisher", "published_on", "title")
    )
    quoted = (pc.replace_substring(text, '"', '""') for text in (office, day, headline))
    article = pc.binary_join_element_wise(*quoted, ",")
    article = pc.binary_join_element_wise('"', article, '"', "")
    said_by = encoded(joined.column("casualties", "said_by"))
    figures, speakers = pairs_once(joined.link("casualties", "incident_id"), said_by.codes)
    return {
        "number_of_sources": pa.array(np.bincount(incidents, minlength=length)),
        **{
            name: listed(incidents, taken(values, documents), length, ";")
            for name, values in (
                ("source_article", article),
                ("source_office", office),
                ("source_date", day),
                ("source_headline", headline),
            )
        },
        "source_original": listed(
            figures, taken(pa.array(said_by.values, pa.string()), speakers), length
        ),
    }


def _where(release: Release, flat: pa.Table) -> Columns:
    points = Points.of(flat)
    axes = (pa.array(axis).cast(pa.string()) for axis in (points.longitude, points.latitude))
    point = pc.binary_join_element_wise("POINT (", pc.binary_join_element_wise(*axes, " "), ")", "")
    nothing = pa.scalar(None, pa.string())
    countries = release.package.tables[TABLE].field("country").categories
    return {
        "where_prec": _mapped(flat["place_precision"], _WHERE, pa.int64()),
        "where_coordinates": flat["place_name"],
        "where_description": flat["title"],
        "adm_1": _mapped(flat["admin1"], admin1_names(), pa.string()),
        "latitude": flat["latitude"],
        "longitude": flat["longitude"],
        "geom_wkt": pc.if_else(pa.array(points.missing), nothing, point),
        "priogrid_gid": priogrid(whole(flat["latitude"]), whole(flat["longitude"])),
        "country": _mapped(flat["country"], {c.value: c.label for c in countries}, pa.string()),
        "country_id": _mapped(flat["country"], GLEDITSCH_WARD, pa.int64()),
    }


def _mapped(values: pa.ChunkedArray, meanings: Mapping[str, object], kind: pa.DataType) -> pa.Array:
    """Each value by what it means; null where that is not known."""
    known = pa.array(list(meanings), pa.string())
    return pa.array(list(meanings.values()), kind).take(pc.index_in(values, value_set=known))


def _when(flat: pa.Table) -> Columns:
    start, end = flat["date_start"], flat["date_end"]
    days = np.asarray(pc.days_between(start, end)) + 1
    months = _months(end) - _months(start) + 1
    within = {
        "day": np.ones_like(days),
        "approximate": np.select([days <= 6, days <= 7, days <= 31], [2, 3, 4], 5),
        "month": np.where(months == 1, 4, 5),
        "year": np.full_like(days, 5),
    }
    precision = [
        pc.equal(flat["date_precision"], name).to_numpy(zero_copy_only=False) for name in within
    ]
    return {
        "year": pc.year(start),
        "date_prec": pa.array(np.select(precision, list(within.values())), pa.int64()),
        "date_start": start,
        "date_end": end,
    }


def _months(days: pa.ChunkedArray) -> NDArray[np.int64]:
    """Months, counted so that two days of one month have the same number."""
    months: NDArray[np.int64] = np.asarray(pc.year(days)) * 12 + np.asarray(pc.month(days))
    return months


def _deaths(release: Release, flat: pa.Table, kind: pa.Array) -> Columns:
    estimates = release.derived["estimates"]
    killed = estimates.filter(pc.equal(estimates["harm"], "killed"))

    def best(victims: str) -> pa.Array:
        rows = killed.filter(pc.equal(killed["victims"], victims)).combine_chunks()
        found = pc.index_in(flat["incident_id"], value_set=whole(rows["incident_id"]))
        return whole(rows["best"]).take(whole(found))

    state_based = pc.equal(kind, _STATE_BASED)
    nobody = pa.scalar(None, pa.int64())
    return {
        "deaths_a": pc.if_else(state_based, best("state_force"), nobody),
        "deaths_b": pc.if_else(state_based, best("non_state_armed_group"), nobody),
        "deaths_civilians": best("civilian"),
        "deaths_unknown": best("unknown"),
        **{name: flat[f"killed_{name}"] for name in ("best", "high", "low")},
    }
