"""The rows of a file of UCDP GED as tables of this model; docs/ucdp.md tells what becomes what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .. import cells
from ..derived.joined import Joined, taken
from ..package import Package
from ..ucdp.imported import derived
from ..ucdp.layout import ARTICLES, CIVILIANS, DEATHS, EVENTS, KEPT, LATER
from ..ucdp.verbatim import escaped
from . import articles
from .actors import VICTIMS, memberships, sides
from .checking import Rows
from .places import PRECISIONS, Spot
from .places import rows as place_rows
from .texts import Mender, refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEAKER = "Uppsala Conflict Data Program (UCDP)"
"""Who says the figures."""

_STORED = (
    "relid", "code_status", "conflict_dset_id", "conflict_name", "dyad_dset_id",
    "side_a_dset_id", "side_b_dset_id", "source_original", "where_description", "adm_1", "adm_2",
    *LATER,
)  # fmt: skip
"""The texts of UCDP's for which the model has no column."""

_CODES = (
    "active_year", "type_of_violence", "conflict_new_id", "dyad_new_id", "side_a_new_id",
    "side_b_new_id", "where_prec", "event_clarity", "date_prec",
)  # fmt: skip
"""The numbers and flags of UCDP's for which the model has no column."""

_ONE_SIDED = 3
_WEEK, _MONTH = 7, 31  # days


@dataclass
class Model:
    """An import as tables.

    Attributes:
        tables: the tables that are filled, by name, in the package's columns and types.
        kept: for each column of `KEPT` how many of UCDP's own cells are kept.
        whole: how many citations could not be taken apart.
        astray: how many places have a point outside their country.
    """

    tables: dict[str, pa.Table]
    kept: dict[str, int] = field(default_factory=dict)
    whole: int = 0
    astray: int = 0


def build(package: Package, rows: Rows, dataset: Mapping[str, str], today: date) -> Model:
    """Make the tables.

    Args:
        package: the package that is made, with its schemas.
        rows: the events.
        dataset: UCDP GED itself, as a row of `sources`.
        today: no document is younger.
    """
    return _Builder(package, rows, dataset, today).run()


class _Builder:
    def __init__(
        self, package: Package, rows: Rows, dataset: Mapping[str, str], today: date
    ) -> None:
        self._package = package
        self._rows = rows
        self._dataset = dataset
        self._source = dataset["source_id"]
        self._today = today
        self._model = Model({})
        self._names = {
            side: pc.utf8_trim_whitespace(rows.text[side]) for side in ("side_a", "side_b")
        }
        packed = rows.text["source_article"].dictionary_encode()
        self._cited = [articles.parse(cell) for cell in packed.dictionary.to_pylist()]
        self._citing = np.asarray(packed.indices)
        self._distinct = sorted(
            {article for cited in self._cited for article in cited},
            key=lambda article: (article.office, article.day, article.headline),
        )
        self._mend = Mender(
            [
                *(article.office for article in self._distinct),
                *(article.headline for article in self._distinct),
                *rows.text["where_coordinates"].unique().to_pylist(),
                *(name for names in self._names.values() for name in names.unique().to_pylist()),
            ]
        )

    def run(self) -> Model:
        """Make one table after the other; the later ones use what the earlier ones found."""
        starts = self._rows.days["date_start"].cast(pa.string())
        self._ids = pc.binary_join_element_wise(
            self._rows.countries, starts, "ucdp", pc.utf8_ltrim(self._event_ids(), "0"), "-"
        )
        self._actors()
        self._places()
        self._incidents()
        self._participants()
        self._figures()
        self._sources()
        self._external_ids()
        self._events()
        return self._model

    def _event_ids(self) -> pa.Array:
        return self._rows.text["id"].cast(pa.int64()).cast(pa.string())

    def _put(self, name: str, columns: Mapping[str, pa.Array | pa.ChunkedArray | str]) -> None:
        """Add a table: columns that are not given are empty, and rows are ordered by key."""
        table = self._package.tables[name]
        count = next(len(values) for values in columns.values() if not isinstance(values, str))
        typed = {}
        for one in table.fields:
            values = columns.get(one.name, "")
            kind = cells.ARROW_TYPES[one.type]
            if isinstance(values, str):
                typed[one.name] = pa.repeat(pa.scalar(values or None, kind), count)
                continue
            if pa.types.is_string(values.type):
                values = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
            typed[one.name] = values.cast(kind)
        made = pa.table(typed)
        keys = {f"k{n}": made[key].cast(pa.string()) for n, key in enumerate(table.primary_key)}
        order = pc.sort_indices(pa.table(keys), [(key, "ascending") for key in keys])
        self._model.tables[name] = made.take(order)

    def _put_rows(self, name: str, rows: Sequence[Mapping[str, str]]) -> None:
        columns = self._package.tables[name].columns
        self._put(
            name, {c: pa.array([row.get(c, "") for row in rows], pa.string()) for c in columns}
        )

    def _actors(self) -> None:
        names: dict[int, str] = {}
        for side in ("side_a", "side_b"):
            pairs = pc.binary_join_element_wise(
                self._rows.text[f"{side}_new_id"], self._names[side], "\t"
            )
            for pair in pairs.unique().to_pylist():
                id, _, name = pair.partition("\t")
                if name != CIVILIANS:
                    names.setdefault(int(id), name)
        vocabulary = self._package.tables["actors"].field("country").categories
        covered = frozenset(self._package.tables["incidents"].field("country").vocabulary)
        found = sides(names, {c.value: c.label for c in vocabulary}, covered, self._mend)
        self._put_rows("actors", [side.row for side in found.values()])
        self._put_rows("affiliations", memberships(found, self._source))
        ids = sorted(found)
        known = pa.array(ids, pa.int64())

        def of_side(side: str, column: str) -> pa.Array:
            rows = pc.index_in(self._rows.text[f"{side}_new_id"].cast(pa.int64()), value_set=known)
            civilians = pc.equal(self._names[side], CIVILIANS)
            rows = pc.if_else(civilians, pa.scalar(None, pa.int32()), rows)
            return pa.array([found[id].row[column] for id in ids], pa.string()).take(rows)

        self._actor = {side: of_side(side, "actor_id") for side in ("side_a", "side_b")}
        self._shown = {
            side: of_side(side, "name").fill_null("civilians") for side in ("side_a", "side_b")
        }
        self._kind = {
            side: self._victims(of_side(side, "kind"), of_side(side, "country"))
            for side in ("side_a", "side_b")
        }

    def _victims(self, kinds: pa.Array, countries: pa.Array) -> pa.Array:
        """What the dead of a side are counted as: an army abroad is a foreign force."""
        known = pa.array(list(VICTIMS))
        counted = pa.array(list(VICTIMS.values())).take(pc.index_in(kinds, value_set=known))
        abroad = pc.and_(
            pc.equal(counted, "state_force"),
            pc.not_equal(countries.fill_null(""), self._rows.countries),
        )
        return pc.if_else(abroad.fill_null(False), "foreign_force", counted)

    def _places(self) -> None:
        rows = self._rows
        spots = [
            Spot(name.strip(), country, division, latitude, longitude, precision)
            for name, country, division, latitude, longitude, precision in zip(
                rows.text["where_coordinates"].to_pylist(),
                rows.countries.to_pylist(),
                rows.text["adm_1"].to_pylist(),
                rows.points["latitude"].tolist(),
                rows.points["longitude"].tolist(),
                rows.numbers["where_prec"].tolist(),
                strict=True,
            )
        ]
        distinct = list(dict.fromkeys(spots))
        found = dict(zip(distinct, place_rows(distinct, self._source, self._mend), strict=True))
        self._put_rows("places", list({p["place_id"]: p for p in found.values()}.values()))
        self._model.astray = self._model.tables["places"]["country"].null_count
        self._place = {
            column: pa.array([found[spot][column] for spot in spots], pa.string())
            for column in ("place_id", "name", "admin1")
        }

    def _incidents(self) -> None:
        rows = self._rows
        one_sided = pa.array(rows.numbers["type_of_violence"] == _ONE_SIDED)
        # Outside final releases UCDP says what is still to be checked.
        status = pc.utf8_lower(pc.utf8_trim_whitespace(rows.text["code_status"]))
        reviewed = pc.or_(pc.equal(status, "clear"), pc.equal(status, ""))
        precision = pa.array([PRECISIONS[n] for n in range(1, 8)])
        heading = pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(self._place["name"], 0, 70), self._told_days(), ", "
        )
        sides = pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(self._shown["side_a"], 0, 40),
            pc.utf8_slice_codeunits(self._shown["side_b"], 0, 40),
            pc.if_else(one_sided, " against ", " and "),
        )
        self._put(
            "incidents",
            {
                "incident_id": self._ids,
                "status": pc.if_else(reviewed, "active", "candidate"),
                "title": pc.binary_join_element_wise(heading, sides, ": "),
                "date_start": rows.days["date_start"],
                "date_end": rows.days["date_end"],
                "date_precision": pa.array(self._date_precision()),
                "country": rows.countries,
                "admin1": self._place["admin1"],
                "place_id": self._place["place_id"],
                "place_precision": precision.take(pa.array(rows.numbers["where_prec"] - 1)),
                "event_type": pc.if_else(one_sided, "attack_on_civilians", "clash"),
            },
        )

    def _date_precision(self) -> NDArray[np.object_]:
        """How sure the days are: `date_prec`, and whether they are those of whole months."""
        start, end = (self._rows.days[name] for name in ("date_start", "date_end"))
        after = pc.add(end.cast(pa.int32()), pa.scalar(1, pa.int32())).cast(pa.date32())
        first = (pc.day(start).to_numpy() == 1) & (pc.day(after).to_numpy() == 1)
        years = (pc.month(start).to_numpy() == 1) & (pc.month(end).to_numpy() == 12)
        vague = self._rows.numbers["date_prec"] > 1
        several = pc.not_equal(start, end).to_numpy(zero_copy_only=False)
        long = self._rows.numbers["date_prec"] >= 4
        return np.select(
            [~vague | ~several, long & first & years, long & first],
            ["day", "year", "month"],
            "approximate",
        ).astype(object)

    def _told_days(self) -> pa.Array:
        start, end = (
            pc.utf8_ltrim(
                pc.strftime(self._rows.days[name].cast(pa.timestamp("s")), "%d %B %Y"), "0"
            )
            for name in ("date_start", "date_end")
        )
        both = pc.binary_join_element_wise(start, end, " to ")
        return pc.if_else(pc.equal(start, end), start, both)

    def _participants(self) -> None:
        """Both sides of a fight: UCDP does not say who began it. Civilians are no party."""
        there = self._actor["side_b"].is_valid()
        incidents = pa.concat_arrays([self._ids, self._ids.filter(there)])
        self._put(
            "participants",
            {
                "incident_id": incidents,
                "actor_id": pa.concat_arrays(
                    [self._actor["side_a"], self._actor["side_b"].filter(there)]
                ),
                "role": "attacker",
                "attribution": "attributed",
                "source_id": self._source,
            },
        )

    def _figures(self) -> None:
        numbers = self._rows.numbers
        best, low, high = (numbers[name] for name in ("best", "low", "high"))
        whole = self._whole_victims()
        every = np.ones(len(best), dtype=bool)
        ranged = (low != best) | (high != best)
        ordered = low <= high
        civilians = self._actor["side_b"].is_null().to_numpy(zero_copy_only=False)
        kind_a, kind_b = self._kind["side_a"], self._kind["side_b"]
        nobody = pa.nulls(len(best), pa.string())
        civilian, unknown = (pa.repeat(kind, len(best)) for kind in ("civilian", "unknown"))
        made = [
            self._figure(1, every, whole, nobody, "exact", best, best, best),
            self._figure(2, ranged & ordered, whole, nobody, "range", None, low, high),
            # A low above the high is no range; each is a claim by itself.
            self._figure(2, ranged & ~ordered, whole, nobody, "at_least", low, low, None),
            self._figure(3, ranged & ~ordered, whole, nobody, "at_most", high, None, high),
        ]
        parts = (
            (every, kind_a, self._actor["side_a"]),
            (~civilians, kind_b, self._actor["side_b"]),
            (every, civilian, nobody),
            (every, unknown, nobody),
        )
        for number, (name, (rows, kind, actor)) in enumerate(zip(DEATHS, parts, strict=True), 4):
            dead = numbers[name]
            made.append(
                self._figure(number, rows, kind, actor, "exact", dead, dead, dead, part=True)
            )
        columns = {name: pa.concat_arrays([one[name] for one in made]) for name in made[0]}
        self._put(
            "casualties",
            {
                **columns,
                "harm": "killed",
                "said_by": SPEAKER,
                "speaker_kind": "academic",
                "source_id": self._source,
                "confirmation": "unconfirmed",
            },
        )

    def _whole_victims(self) -> pa.Array:
        """Whom the best estimate counts: one kind, or several; whom, if nobody died."""
        kinds = [
            self._kind["side_a"].fill_null(""),
            self._kind["side_b"].fill_null(""),
            pa.repeat("civilian", self._rows.count),
            pa.repeat("unknown", self._rows.count),
        ]
        counted = [
            np.where(self._rows.numbers[name] > 0, np.asarray(kind.to_pylist(), dtype=object), "")
            for name, kind in zip(DEATHS, kinds, strict=True)
        ]
        found = np.full(self._rows.count, "", dtype=object)
        for kind in counted:
            found = np.where((found == "") | (found == kind) | (kind == ""),
                             np.where(kind == "", found, kind), "mixed")  # fmt: skip
        # Of an event without a dead, the dead that UCDP's range allows are of either side.
        nobody = np.where(self._rows.numbers["type_of_violence"] == _ONE_SIDED, "civilian", "mixed")
        return pa.array(np.where(found == "", nobody, found), pa.string())

    def _figure(
        self,
        number: int,
        rows: NDArray[np.bool_],
        victims: pa.Array,
        actor: pa.Array,
        qualifier: str,
        value: NDArray[np.int64] | None,
        low: NDArray[np.int64] | None,
        high: NDArray[np.int64] | None,
        *,
        part: bool = False,
    ) -> dict[str, pa.Array]:
        chosen = pa.array(rows)
        ids = self._ids.filter(chosen)
        count = len(ids)

        def numbers(values: NDArray[np.int64] | None) -> pa.Array:
            return pa.nulls(count, pa.int64()) if values is None else pa.array(values[rows])

        def figure(n: int) -> pa.Array:
            return pc.binary_join_element_wise(ids, f"f{n:02}", "-")

        return {
            "casualty_id": figure(number),
            "incident_id": ids,
            "victims": victims.filter(chosen),
            "victim_actor_id": actor.filter(chosen),
            "qualifier": pa.repeat(qualifier, count),
            "value": numbers(value),
            "low": numbers(low),
            "high": numbers(high),
            "part_of": figure(1) if part else pa.nulls(count, pa.string()),
        }

    def _sources(self) -> None:
        made = {
            a: articles.source(a, self._mend, self._source, self._today) for a in self._distinct
        }
        distinct = {row["source_id"]: row for row in made.values()}
        self._put_rows("sources", [self._dataset, *distinct.values()])
        lengths = np.array([len(cited) for cited in self._cited], dtype=np.int64)[self._citing]
        ids = [[made[a]["source_id"] for a in cited] for cited in self._cited]
        flat = pa.array(ids, pa.list_(pa.string())).take(pa.array(self._citing)).flatten()
        events = np.repeat(np.arange(self._rows.count), lengths)
        position = np.arange(len(events)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + 1
        self._put(
            ARTICLES,
            {
                "incident_id": self._ids.take(pa.array(events)),
                "position": pa.array(position),
                "source_id": flat,
            },
        )
        self._model.whole = sum(1 for a in self._distinct if not a.day)

    def _external_ids(self) -> None:
        self._put(
            "external_ids",
            {
                "incident_id": self._ids,
                "dataset": "ucdp_ged",
                "external_id": self._event_ids(),
                "relation": "same",
                "version": self._dataset["version"],
            },
        )

    def _events(self) -> None:
        """UCDP's own codes; and its own cells where the tables made so far say it otherwise."""
        rows = self._rows
        columns: dict[str, pa.Array | str] = {
            "incident_id": self._ids,
            "side_a_id": self._actor["side_a"],
            "side_b_id": self._actor["side_b"],
        }
        for name in _CODES:
            columns[name] = _flags(rows.text[name]) if name == "active_year" else rows.text[name]
        for name in _STORED:
            columns[name] = _verbatim(rows.text[name], blank="")
        self._put(EVENTS, columns | dict.fromkeys(KEPT, ""))
        # What is told by the tables is in the order of the incidents.
        told = derived(Joined(self._package, self._model.tables))
        order = pc.index_in(
            self._ids, value_set=self._model.tables[EVENTS]["incident_id"].combine_chunks()
        )
        for name in KEPT:
            if name in rows.absent:
                continue
            given = rows.text[name]
            differs = ~_same(given, taken(told[name], np.asarray(order)))
            self._model.kept[name] = int(differs.sum())
            kept = pc.if_else(pa.array(differs), given, pa.scalar(None, pa.string()))
            columns[name] = _verbatim(kept, blank='""')
        self._put(EVENTS, dict.fromkeys(KEPT, "") | columns)


def _flags(texts: pa.Array) -> pa.Array:
    lowered = pc.utf8_lower(texts)
    flags = pc.is_in(lowered, value_set=pa.array(["true", "1"]))
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.bool_()), flags)


def _same(given: pa.Array, told: pa.Array) -> NDArray[np.bool_]:
    """Where UCDP's cell says the same as the tables do; numbers are compared as numbers."""
    if pa.types.is_string(told.type):
        same = pc.equal(given, told.fill_null(""))
    else:
        number = pc.match_substring_regex(given, r"\A[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?\z")
        values = pc.if_else(number, given, pa.scalar(None, pa.string())).cast(pa.float64())
        equal = pc.equal(values, told.cast(pa.float64())).fill_null(False)
        same = pc.or_(equal, pc.and_(pc.equal(given, ""), told.is_null()))
    result: NDArray[np.bool_] = same.fill_null(False).to_numpy(zero_copy_only=False)
    return result


def _verbatim(texts: pa.Array, blank: str) -> pa.Array:
    """Texts as cells that keep each of them exactly.

    Args:
        texts: the texts; null where there is nothing to keep.
        blank: the cell for an empty text.
    """
    distinct = texts.dictionary_encode()
    values = distinct.dictionary.to_pylist()
    wrong = refused(values)
    cells_of = [escaped(value, wrong) if value else blank for value in values]
    return pa.array(cells_of, pa.string()).take(distinct.indices)
