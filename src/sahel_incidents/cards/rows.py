"""The rows a card stands for, with everything that is wrong with the card told at once.

A card is judged here as far as it can be by itself: its names, the form of its values, its figures'
phrases, and whether what it refers to is there. What the rows mean is for validation to judge.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterator

import pyarrow as pa

from ..cells import CHECKS, judge, quoted
from ..package import Table
from ..problem import Problem, RuleInfo, Severity
from ..records import Records, Row, key_of, shown_key
from . import layout
from .checks import CONFLICT, Coded, conflicts, dangling
from .ids import CLOSE, free_figures, free_id, incident_id, slug
from .layout import FIGURES, OWNER, STATEMENT_LINKS, STATEMENTS, Part
from .nodes import CardError, Entries, Items, Place, Text, problem
from .phrases import Figure, PhraseError, parse

NAMES = RuleInfo(
    "card-names",
    Severity.ERROR,
    "A card holds only the names that a card has, each with a text or a list as meant",
    "What stands under a misspelt name would be lost.",
)
PHRASE = RuleInfo(
    "card-phrase",
    Severity.ERROR,
    "A figure is one phrase, such as killed: over 30",
    "The bounds of a figure follow from its phrase; a wrong reading would be a wrong toll.",
)
RULES = (NAMES, PHRASE)

_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def code(root: Entries, records: Records) -> Coded:
    """The rows a card stands for, beside some records.

    Args:
        root: the card.
        records: the records it refers to, and whose ids it must not take.

    Raises:
        CardError: the card is not right; all its problems.
    """
    coder = _Coder(root, records)
    coder.run()
    if coder.problems:
        raise CardError(sorted(coder.problems, key=lambda p: (p.line or 0, p.column or 0)))
    return coder.coded


class _Coder:
    """Goes once through a card, part by part, and gathers rows and problems."""

    def __init__(self, root: Entries, records: Records) -> None:
        self.problems: list[Problem] = []
        self.coded = Coded()
        self._root = root
        self._records = records
        self._parts = layout.parts(records.package)
        self._harms = layout.harms(records.package)

    def run(self) -> None:
        """Code the whole card."""
        lists = {name for name in self._parts if name}
        top = self._read(self._parts[""], self._root, beside=lists)
        self._identify_incident(top)
        self._finish(self._parts[""], top)
        for name in layout.SHARED:
            for item in self._items(name):
                self._finish(self._parts[name], self._read(self._parts[name], item))
        self._owned("participants")
        self._figures()
        self._statements()
        self._owned("links")
        self._owned("external_ids")
        self.problems += conflicts(self.coded, self._records)
        self.problems += dangling(self.coded, self._records)

    # Reading

    def _items(self, name: str) -> Iterator[Entries]:
        part = self._root.values.get(name)
        if part is None or (isinstance(part, Text) and not part.text):
            return
        if not isinstance(part, Items):
            self._problem(
                NAMES, part.place, f"{name} is a list", 'begin each of its items with "- "'
            )
            return
        for item in part.items:
            if isinstance(item, Entries):
                yield item
            else:
                self._problem(
                    NAMES, item.place, f"an item of {name} has names", "write name: text in it"
                )

    def _read(
        self, part: Part, entries: Entries, beside: Container[str] = ()
    ) -> tuple[Row, dict[str, Place]]:
        """The cells written in some entries, and where they stand."""
        cells: Row = {}
        places = {"": entries.place}
        for name, value in entries.values.items():
            if name in beside:
                continue
            if name not in part.fields:
                self._unknown(part, name, entries.names[name], places, beside)
                continue
            places[part.fields[name].name] = value.place
            if isinstance(value, Text):
                cells[part.fields[name].name] = value.text
            else:
                message = f"{name} is one text, not a list"
                self._problem(NAMES, value.place, message, "write it on the line")
        return cells, places

    def _unknown(
        self, part: Part, name: str, place: Place, places: dict[str, Place], beside: Container[str]
    ) -> None:
        """Tell of a name that a card has not; what is meant by it is not told to be missing."""
        if part.name == FIGURES and name in layout.PHRASED:
            places["harm"] = place
            message = f"a card has no {name}: a figure is a phrase"
            self._problem(NAMES, place, message, self._how_a_figure_is_written())
            return
        known = [
            *part.fields,
            *(other for other in (*self._parts, *self._harms) if other in beside),
        ]
        near = difflib.get_close_matches(name.lower().removesuffix("_id"), known, 1, CLOSE)
        near = [part.names[name]] if name in part.names else near
        for meant in near:
            column = part.fields[meant].name if meant in part.fields else "harm"
            places[column] = place
        remedy = f"did you mean {near[0]}?" if near else f"it can hold: {', '.join(known)}"
        where = part.name or "the card"
        self._problem(NAMES, place, f"{where} has no {quoted(name)}", remedy)

    def _finish(
        self, part: Part, read: tuple[Row, dict[str, Place]], hidden: Row | None = None
    ) -> None:
        """Judge the cells of a row and add it.

        Args:
            part: the part it stands in.
            read: its cells, and where they stand.
            hidden: cells that no name of the part stands for.
        """
        cells, places = read
        required = set(layout.required(part))
        for name, column in part.fields.items():
            text = cells.get(column.name, "")
            written = column.name in places
            # Judged is what the card says; a required value that stands nowhere is missing,
            # unless it stands under a misspelt name or as a list, which was told already.
            if written != (column.name in cells) or not (text or name in required):
                continue
            for fault in judge(column, pa.chunked_array([[text]], pa.string()), ("",)):
                message, remedy = fault.explain(text)
                if fault.rule is CHECKS["required"]:
                    message = f"{name} is missing"
                place = places.get(column.name, places[""])
                self.problems.append(
                    problem(
                        fault.rule, place, f"{name}: {message}" if text else message, remedy,
                        table=part.table.name, field=column.name, value=text or None,
                    )
                )  # fmt: skip
        self._add(part.table, {**cells, **(hidden or {})}, places)

    def _add(self, table: Table, cells: Row, places: dict[str, Place]) -> None:
        row = {column: cells.get(column, "") for column in table.columns}
        key = key_of(table, row)
        where = (table.name, shown_key(key))
        if where in self.coded.places and all(key) and table.name != STATEMENT_LINKS:
            line = self.coded.places[where][""].line
            self._problem(
                CONFLICT,
                places[""],
                f"{' '.join(key)} stands in the card already" + (f", in line {line}" * bool(line)),
                "keep one of the two",
            )
        self.coded.places[where] = places
        self.coded.rows.append((table.name, row))

    # The parts

    def _identify_incident(self, read: tuple[Row, dict[str, Place]]) -> None:
        cells, places = read
        if not cells.get("date_end") and cells.get("date_start"):
            cells["date_end"] = cells["date_start"]
            places.pop("date_end", None)
        if not cells.get(OWNER) and all(map(cells.get, ("country", "date_start", "place_id"))):
            cells[OWNER] = incident_id(cells, self._records)
        self.coded.incident_id = cells.get(OWNER, "")

    def _owned(self, name: str) -> None:
        for item in self._items(name):
            part = self._parts[name]
            self._finish(part, self._read(part, item), hidden={OWNER: self.coded.incident_id})

    def _figures(self) -> None:
        part = self._parts[FIGURES]
        own = self.coded.incident_id
        read = []
        for item in self._items(FIGURES):
            cells, places = self._read(part, item, beside=self._harms)
            cells = {name: self._long_id(part, name, text) for name, text in cells.items()}
            read.append((item, cells, places))
        free = free_figures(own, self._records, [cells.get(part.id, "") for _, cells, _ in read])
        for item, cells, places in read:
            if not cells.get(part.id):
                cells[part.id] = next(free)
            self._phrase(item, cells, places)
            self._finish(part, (cells, places), hidden={OWNER: own})

    def _long_id(self, part: Part, column: str, text: str) -> str:
        """A figure's id in full where only its number is written."""
        of_figure = column == part.id or any(
            key.field == column and key.table == FIGURES for key in part.table.foreign_keys
        )
        short = of_figure and re.fullmatch(layout.SHORT_FIGURE, text)
        return f"{self.coded.incident_id}-{text}" if short else text

    def _phrase(self, item: Entries, cells: Row, places: dict[str, Place]) -> None:
        """Fill a figure's harm and number from its phrase."""
        given = [name for name in item.values if name in self._harms]
        if not given:
            if "harm" not in places:
                self._problem(PHRASE, item.place, "no figure", self._how_a_figure_is_written())
            return
        if len(given) > 1:
            message = f"two figures in one: {' and '.join(given)}"
            remedy = "give each figure an item of its own"
            self._problem(PHRASE, item.names[given[1]], message, remedy)
            return
        value = item.values[given[0]]
        cells["harm"] = given[0]
        places.update(dict.fromkeys(layout.PHRASED, value.place))
        places["harm"] = item.names[given[0]]
        try:
            figure = parse(value.text if isinstance(value, Text) else "")
        except PhraseError as error:
            self._problem(PHRASE, value.place, f"{given[0]}: {error.message}", error.remedy)
            return
        cells.update(number_cells(figure))
        if figure.words and figure.words.lower() not in cells.get("note", "").lower():
            note = cells.get("note", "")
            cells["note"] = f"'{figure.words}'" + (f"; {note}" if note else "")

    def _how_a_figure_is_written(self) -> str:
        return f"write killed: over 30, or another of {', '.join(self._harms)}"

    def _statements(self) -> None:
        part = self._parts[STATEMENTS]
        own, id = self.coded.incident_id, part.id
        links = self._records.package.tables[STATEMENT_LINKS]
        read = [self._read(part, item) for item in self._items(STATEMENTS)]
        given = {cells.get(id, "") for cells, _ in read}
        for cells, places in read:
            if not cells.get(id):
                speaker = slug(cells.get("speaker_actor_id") or cells.get("said_by", ""))
                words = "-".join(filter(None, (speaker, slug(cells.get("asserts", "")))))
                date = _DATE.fullmatch(cells.get("stated_on", ""))
                start = f"S-{date[0] if date else 'undated'}-{words or 'statement'}"
                cells[id] = free_id(start, self._records, STATEMENTS, given)
                given.add(cells[id])
            recorded = self._records.rows[STATEMENTS].get((cells[id],))
            if recorded and cells.keys() <= {id, "link"}:
                cells = {**recorded, **cells}
            link = cells.get("link", "")
            self._finish(part, (cells, places))
            self._add(links, {id: cells[id], OWNER: own, "link": link}, places)

    def _problem(self, rule: RuleInfo, place: Place, message: str, remedy: str) -> None:
        self.problems.append(problem(rule, place, message, remedy))


def number_cells(figure: Figure) -> Row:
    """A figure's `qualifier`, `value`, `low` and `high` as cells."""
    numbers = {"value": figure.value, "low": figure.low, "high": figure.high}
    cells = {name: "" if number is None else str(number) for name, number in numbers.items()}
    return {"qualifier": figure.qualifier, **cells}
