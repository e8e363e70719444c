"""The rows of a file of UCDP GED, judged before anything is made of them.

Judged is what the import rests on: ids, numbers, codes, days, points, names, citations. That
UCDP's range does not hold its best estimate is no fault of a row; it is kept, and validation of
the finished package warns of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..columns import whole
from ..problem import RuleInfo, Severity
from ..text import folded
from ..ucdp.codes import GLEDITSCH_WARD
from ..ucdp.layout import (
    CIVILIANS,
    DEATHS,
    NAMES,
    REQUIRED,
    SYNONYMS,
    TOTALS,
    VERSIONS,
)
from .reading import Sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _rule(id: str, title: str, explanation: str) -> RuleInfo:
    return RuleInfo(id, Severity.ERROR, title, explanation)


HEADER = _rule(
    "ged-columns",
    "The header has the columns of UCDP GED, versions 19 to 26",
    "Another dataset, or another version, means other things by the same words.",
)
VALUE = _rule(
    "ged-value",
    "A number, code or day is one that UCDP GED uses",
    "What is no such value was shifted, cut off or coded otherwise.",
)
EVENT = _rule(
    "ged-event-once",
    "An event is given once",
    "Its dead would be counted twice.",
)
COUNTRY = _rule(
    "ged-country",
    "An event lies in a country that the package covers",
    "The schemas name the countries; an event elsewhere has no place in it.",
)
ACTOR = _rule(
    "ged-actor",
    "A side has a name, and an id of UCDP's has one name",
    "Two actors under one id, or one without a name, cannot be told apart.",
)
POINT = _rule(
    "ged-point",
    "An event has coordinates",
    "UCDP gives every event a point; one without was cut off or shifted.",
)
CITATION = _rule(
    "ged-articles",
    "An event cites at least one article",
    "Every record leads to a source.",
)
RELEASE = _rule(
    "ged-release",
    "No event is younger than the release covers",
    "The file is another release than was named, or a preliminary one.",
)
RULES = (HEADER, VALUE, EVENT, COUNTRY, ACTOR, POINT, CITATION, RELEASE)

_CODES = {
    "type_of_violence": "[1-3]", "where_prec": "[1-7]", "event_clarity": "[12]",
    "date_prec": "[1-5]",
}  # fmt: skip
_WHOLE = "[0-9]{1,9}"
_OPTIONAL_WHOLE = "(-?[0-9]{1,9})?"
_NUMBERS = {
    "id": "0|[1-9][0-9]{0,8}", "year": "[0-9]{4}",
    **dict.fromkeys((*DEATHS, *TOTALS), _WHOLE),
    **dict.fromkeys(
        ("conflict_new_id", "dyad_new_id", "side_a_new_id", "side_b_new_id"), _WHOLE
    ),
    **dict.fromkeys(("number_of_sources", "priogrid_gid", "country_id"), _OPTIONAL_WHOLE),
    "active_year": "(true|True|TRUE|1|false|False|FALSE|0)?",
}  # fmt: skip
_DAY = r"\A(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?\z"
_DEGREES = r"[+-]?[0-9]{1,3}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?"


@dataclass(frozen=True)
class Rows:
    """The rows that can be imported.

    Attributes:
        text: each known column as text without spaces around it in codes; "" where it is empty
            or the file has no such column.
        absent: the columns that the file does not have.
        numbers: the columns of people, and the codes, as numbers.
        countries: each event's country (alpha-3).
        days: `date_start` and `date_end`.
        points: `latitude` and `longitude`.
    """

    text: Mapping[str, pa.Array]
    absent: frozenset[str]
    numbers: Mapping[str, NDArray[np.int64]]
    countries: pa.Array
    days: Mapping[str, pa.Array]
    points: Mapping[str, NDArray[np.float64]]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.countries)


def canonical_names(header: list[str]) -> list[str]:
    """The header's names as UCDP's 49-column files spell them."""
    lowered = [name.lower() for name in header]
    return [SYNONYMS.get(name, name) for name in lowered]


def fits(sheet: Sheet) -> bool:
    """Judge a header; with a wrong one, no cell is known."""
    names = canonical_names(sheet.columns)
    missing = [name for name in REQUIRED if name not in names]
    known = len(set(names) & set(NAMES))
    first, last = VERSIONS
    place = (1, None)
    if known < len(REQUIRED) // 2:
        sheet.report(
            HEADER, place,
            f"is no file of UCDP GED: of its {len(REQUIRED)} columns it has {known}",
            f"take the CSV of version {first}.1 to {last}.1 from https://ucdp.uu.se/downloads/",
            ",".join(sheet.columns),
        )  # fmt: skip
        return False
    if missing:
        shown = ", ".join(missing)
        sheet.report(
            HEADER, place, f"lacks the column{'s' * (len(missing) > 1)} {shown}",
            f"versions {first}.1 to {last}.1 have them all: take one of these",
        )  # fmt: skip
    for name in sorted({name for name in names if names.count(name) > 1 and name in NAMES}):
        sheet.report(HEADER, place, f"has the column {name} twice", "remove one of them", name)
    return not sheet.problems


class Checker:
    """Goes once through a file's columns and notes which rows cannot be imported.

    Args:
        sheet: the file.
        covered: the countries of the package (alpha-3), with their names.
        last_year: the last year that the release covers; None where it was not named.
        today: no event is younger.
    """

    def __init__(
        self, sheet: Sheet, covered: Mapping[str, str], last_year: int | None, today: date
    ) -> None:
        assert sheet.text is not None
        self._sheet = sheet
        self._covered = covered
        self._last_year = last_year
        self._today = today
        names = canonical_names(sheet.columns)
        self._spelt = dict(zip(names, sheet.columns, strict=True))
        table = sheet.text.rename_columns([f"{n}:{name}" for n, name in enumerate(names)])
        count = table.num_rows
        nothing = pa.repeat("", count)
        self._text = {
            name: whole(table[f"{names.index(name)}:{name}"]) if name in names else nothing
            for name in NAMES
        }
        for name in (*_NUMBERS, *_CODES, "latitude", "longitude", "date_start", "date_end"):
            self._text[name] = pc.utf8_trim_whitespace(self._text[name])
        self._good = np.ones(count, dtype=bool)

    def run(self) -> Rows:
        """Judge all rows; the good ones."""
        for name, pattern in (_NUMBERS | _CODES).items():
            self._matching(name, pattern)
        starts, ends = self._days("date_start"), self._days("date_end")
        self._refuse(
            pc.less(ends, starts), VALUE, "date_end",
            lambda row: (f"ends before it starts on {starts[row]}", "compare it with UCDP's page"),
        )  # fmt: skip
        self._released(starts)
        points = {
            name: self._degrees(name, most)
            for name, most in (("latitude", 90.0), ("longitude", 180.0))
        }
        countries = self._countries()
        self._places()
        self._actors()
        self._citations()
        self._parts()
        self._once()
        good = pa.array(self._good)
        text = {name: column.filter(good) for name, column in self._text.items()}
        return Rows(
            text=text,
            absent=frozenset(NAMES) - self._spelt.keys(),
            numbers={
                name: np.asarray(text[name].cast(pa.int64()))
                for name in (*_CODES, *DEATHS, *TOTALS)
            },
            countries=countries.filter(good),
            days={"date_start": starts.filter(good), "date_end": ends.filter(good)},
            points={name: values[self._good] for name, values in points.items()},
        )

    def _refuse(
        self,
        wrong: pa.Array | NDArray[np.bool_],
        rule: RuleInfo,
        column: str,
        explain: Callable[[int], tuple[str, str]],
    ) -> None:
        """Leave out rows, telling each by its place, its value and a remedy."""
        if not isinstance(wrong, np.ndarray):
            wrong = wrong.fill_null(False).to_numpy(zero_copy_only=False)
        spelt = self._spelt.get(column, column)
        for row in np.flatnonzero(wrong).tolist():
            message, remedy = explain(row)
            value = self._text[column][row].as_py()
            self._sheet.report(
                rule, self._sheet.place(row, spelt), f"{spelt} {message}", remedy, value, spelt,
                self._text["id"][row].as_py() or None,
            )  # fmt: skip
        self._good &= ~wrong

    def _matching(self, name: str, pattern: str) -> None:
        if name not in self._spelt:
            return
        texts = self._text[name]

        def explain(row: int) -> tuple[str, str]:
            text = texts[row].as_py()
            if not text:
                return "is empty", "download the file again; UCDP fills it in every row"
            remedy = "look for a cell too many or too few before it"
            allowed = _CODES.get(name)
            meant = f"is {_quoted(text)}, " + (
                f"not one of {allowed.strip('[]')}" if allowed else "not such a number"
            )
            return meant, remedy

        self._refuse(
            pc.invert(pc.match_substring_regex(texts, rf"\A(?:{pattern})\z")), VALUE, name, explain
        )

    def _days(self, name: str) -> pa.Array:
        found = pc.extract_regex(self._text[name], _DAY).field("day")
        distinct = found.dictionary_encode()
        days = pa.array([_day(text) for text in distinct.dictionary.to_pylist()], pa.date32())
        values = days.take(distinct.indices)
        self._refuse(
            pc.is_null(values), VALUE, name,
            lambda row: (f"is {_quoted(self._text[name][row].as_py())}, no day",
                         "UCDP writes days as 2019-09-30"),
        )  # fmt: skip
        self._refuse(
            pc.greater(values, pa.scalar(self._today)), VALUE, name,
            lambda row: (f"is {values[row]}, which is yet to come", "compare it with UCDP's page"),
        )  # fmt: skip
        self._refuse(
            pc.less(values, pa.scalar(date(1960, 1, 1))), VALUE, name,
            lambda row: (f"is {values[row]}, long before UCDP GED begins", "write the day it was"),
        )  # fmt: skip
        return values

    def _released(self, starts: pa.Array) -> None:
        if self._last_year is None:
            return
        last = self._last_year
        self._refuse(
            pc.greater(pc.year(starts), last), RELEASE, "date_start",
            lambda row: (f"is {starts[row]}, but the release covers events up to {last}",
                         "name the release that the file is of: --release"),
        )  # fmt: skip

    def _degrees(self, name: str, most: float) -> NDArray[np.float64]:
        texts = self._text[name]
        number = pc.match_substring_regex(texts, rf"\A(?:{_DEGREES})\z")
        values = np.asarray(pc.if_else(number, texts, "nan").cast(pa.float64()))

        def explain(row: int) -> tuple[str, str]:
            text = texts[row].as_py()
            if not text:
                return "is empty", "find the point on UCDP's page of the event, or leave it out"
            return f"is {_quoted(text)}, not degrees", "look for a comma within a number"

        with np.errstate(invalid="ignore"):
            self._refuse(~(np.abs(values) <= most), POINT, name, explain)
        return values

    def _countries(self) -> pa.Array:
        """Each event's country, by its number or else by its name."""
        numbers = {str(number): code for code, number in GLEDITSCH_WARD.items()}
        names = {_folded(name): code for code, name in self._covered.items()}
        pairs = pc.binary_join_element_wise(self._text["country_id"], self._text["country"], "\t")
        distinct = pairs.dictionary_encode()
        codes = []
        for pair in distinct.dictionary.to_pylist():
            number, _, name = pair.partition("\t")
            code = numbers.get(number) if number.strip() else names.get(_folded(name))
            codes.append(code if code in self._covered and name.strip() else None)
        found = pa.array(codes, pa.string()).take(distinct.indices)
        covered = ", ".join(sorted(self._covered.values()))

        def explain(row: int) -> tuple[str, str]:
            name = self._text["country"][row].as_py()
            if not name.strip():
                return "is empty", "find it on UCDP's page of the event, or leave it out"
            return f"is {_quoted(name)}, not a country of this package", f"it covers {covered}"

        self._refuse(pc.is_null(found), COUNTRY, "country", explain)
        return found

    def _places(self) -> None:
        self._refuse(
            pc.equal(pc.utf8_trim_whitespace(self._text["where_coordinates"]), ""),
            POINT, "where_coordinates",
            lambda row: ("is empty", "find the place on UCDP's page of the event"),
        )  # fmt: skip

    def _actors(self) -> None:
        names: dict[str, str] = {}
        for side in ("side_a", "side_b"):
            texts, ids = self._text[side], self._text[f"{side}_new_id"]
            self._refuse(
                pc.equal(pc.utf8_trim_whitespace(texts), ""), ACTOR, side,
                lambda row: ("is empty", "find the actor on UCDP's page of the event"),
            )  # fmt: skip
            pairs = pc.binary_join_element_wise(ids, pc.utf8_trim_whitespace(texts), "\t")
            distinct = pairs.dictionary_encode()
            other = []
            for pair in distinct.dictionary.to_pylist():
                id, _, name = pair.partition("\t")
                first = names.setdefault(id, name) if name else name
                other.append(first if first != name else None)
            first = pa.array(other, pa.string()).take(distinct.indices)

            def explain(
                row: int, first: pa.Array = first, ids: pa.Array = ids, texts: pa.Array = texts
            ) -> tuple[str, str]:
                return (
                    f"is {_quoted(texts[row].as_py())}, but actor {ids[row]} is "
                    f"{_quoted(first[row].as_py())} in rows before",
                    "compare both with UCDP's page of the actor",
                )

            self._refuse(pc.is_valid(first), ACTOR, side, explain)
        one_sided = pc.equal(self._text["type_of_violence"], "3")
        civilians = pc.equal(pc.utf8_trim_whitespace(self._text["side_b"]), CIVILIANS)
        self._refuse(
            pc.xor(one_sided, civilians), ACTOR, "side_b",
            lambda row: (
                f"is {_quoted(self._text['side_b'][row].as_py())} in violence of type "
                f"{self._text['type_of_violence'][row]}",
                f"side b is {CIVILIANS} in type 3 and nowhere else",
            ),
        )  # fmt: skip
        self._refuse(
            pc.or_(
                pc.equal(self._text["side_a_new_id"], self._text["side_b_new_id"]),
                pc.equal(pc.utf8_trim_whitespace(self._text["side_a"]), CIVILIANS),
            ),
            ACTOR, "side_a",
            lambda row: (f"is {_quoted(self._text['side_a'][row].as_py())}, which is no party "
                         "or both", "compare it with UCDP's page of the event"),
        )  # fmt: skip

    def _citations(self) -> None:
        self._refuse(
            pc.equal(pc.utf8_trim_whitespace(self._text["source_article"]), ""),
            CITATION, "source_article",
            lambda row: ("is empty", "find the articles on UCDP's page of the event"),
        )  # fmt: skip

    def _parts(self) -> None:
        """No part may be more than the whole, which no reading of the two could explain."""
        numbers = {
            name: np.asarray(
                pc.if_else(
                    pc.match_substring_regex(self._text[name], rf"\A{_WHOLE}\z"),
                    self._text[name], "0",
                ).cast(pa.int64())
            )
            for name in (*DEATHS, "best")
        }  # fmt: skip
        best = numbers["best"]
        for name in DEATHS:

            def explain(row: int, name: str = name) -> tuple[str, str]:
                return (
                    f"is {numbers[name][row]}, more than all the dead, best = {best[row]}",
                    "compare both with UCDP's page of the event",
                )

            self._refuse((numbers[name] > best) & self._good, VALUE, name, explain)
        civilians = pc.equal(self._text["type_of_violence"], "3").to_numpy(zero_copy_only=False)
        self._refuse(
            civilians & (numbers["deaths_b"] > 0) & self._good, VALUE, "deaths_b",
            lambda row: ("counts dead of a side b that is civilians", "see deaths_civilians"),
        )  # fmt: skip

    def _once(self) -> None:
        ids = self._text["id"].dictionary_encode()
        codes = np.asarray(ids.indices)
        firsts = np.full(len(ids.dictionary), -1, dtype=np.int64)
        firsts[codes[::-1]] = np.arange(len(codes))[::-1]
        again = firsts[codes] != np.arange(len(codes))

        def explain(row: int) -> tuple[str, str]:
            line, _ = self._sheet.place(int(firsts[codes[row]]), None)
            return f"{ids[row]} stands in line {line} already", "remove one of the two rows"

        self._refuse(again & self._good, EVENT, "id", explain)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _folded(name: str) -> str:
    return str(folded(pa.chunked_array([[name]], pa.string()))[0].as_py())


def _quoted(text: str) -> str:
    shown = " ".join(text.split())
    return f'"{shown}"' if len(shown) <= 60 else f'"{shown[:60]}…"'
