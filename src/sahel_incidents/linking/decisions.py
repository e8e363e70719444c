"""What a person decides of proposed links: a table to fill in with a spreadsheet, and read back.

A row is a proposal. The column `decision` is empty until somebody has compared the two: then it
holds a relation of `external_ids` (`same`, `part_of`, ...), or `no`.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..cards.nodes import Place, problem
from ..cells import quoted
from ..csvtext import cell_starts
from ..package import Table
from ..problem import Problem, RuleInfo, Severity
from ..records import Records
from .proposals import Proposal

TABLE = "external_ids"

INCIDENT, OTHER, DECISION = KEY = ("incident_id", "external_id", "decision")
COLUMNS = (*KEY, "points", "reasons", "ours", "theirs")

REFUSED = "no"
"""The decision that two records are not to be linked."""

FORM = RuleInfo(
    "link-decision",
    Severity.ERROR,
    "A decided link names two records that exist, and a relation",
    "A link to a record that is not there, or of a kind nobody knows, leads its readers astray.",
)

_SEPARATORS = (",", ";", "\t")
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Decision:
    """That an incident of ours stands to another dataset's record in some way.

    Attributes:
        incident_id: ours.
        external_id: the other's.
        relation: a value of `external_ids.relation`.
        place: where it was decided.
    """

    incident_id: str
    external_id: str
    relation: str
    place: Place


@dataclass(frozen=True, slots=True)
class Faulty:
    """What is wrong with a table of decisions."""

    problems: list[Problem]


def sheet(
    proposals: Iterable[Proposal],
    external: Mapping[str, str],
    ours: Mapping[str, str],
    theirs: Mapping[str, str],
) -> bytes:
    """The proposals as a table to be decided.

    Args:
        proposals: in the order of the rows.
        external: the other dataset's ids, by the ids of its incidents.
        ours: a line on each of our incidents, by id.
        theirs: and on each of the other package's.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in proposals:
        told = (one.points, "; ".join(one.reasons), ours[one.incident_id], theirs[one.other_id])
        cells = (one.incident_id, external[one.other_id], "", *told)
        writer.writerow([_harmless(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8")


def read(content: bytes, name: str, relations: Collection[str]) -> list[Decision] | Faulty:
    """The decisions in a table; rows not decided, or decided with `no`, are left out.

    Args:
        content: the table's bytes, as `sheet` made them or a spreadsheet saved them.
        name: the file's name, for places.
        relations: the relations there are.

    Returns:
        The decisions, or all that is wrong with the table.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Faulty([problem(FORM, Place(name), "it is not UTF-8", 'save it as "CSV UTF-8"')])
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    physical = text.splitlines()
    found: dict[tuple[str, str], Decision] = {}
    problems: list[Problem] = []
    try:
        header = next(lines, [])
        missing = [column for column in KEY if column not in header]
        if missing:
            message = f"the first row does not name {', '.join(missing)}"
            remedy = "write the proposals anew with --output, and fill in the column decision"
            return Faulty([problem(FORM, Place(name, 1, 1), message, remedy)])
        before = lines.line_num
        for cells in lines:
            row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            number, before = before + 1, lines.line_num
            decision = row.get(DECISION, "")
            if decision in ("", REFUSED):
                continue
            whole = physical[number - 1] if separator == "," else ""
            starts = cell_starts(whole) if whole else []
            column = header.index(DECISION)
            place = Place(name, number, starts[column][1] if column < len(starts) else 1)
            if decision not in relations:
                near = difflib.get_close_matches(decision, [*relations, REFUSED], 1)
                remedy = f"did you mean {near[0]}? " if near else ""
                remedy += f"write one of: {', '.join(relations)}, {REFUSED}; or leave it empty"
                message = f"{quoted(decision)} is no decision"
                problems.append(problem(FORM, place, message, remedy, value=decision))
                continue
            key = row[INCIDENT], row[OTHER]
            if key in found and found[key].relation != decision:
                message = f"decided otherwise in line {found[key].place.line}"
                problems.append(problem(FORM, place, message, "keep one of the two"))
            found[key] = Decision(*key, decision, place)
    except csv.Error as error:
        message = f"it is not well formed: {error}"
        problems.append(problem(FORM, Place(name, lines.line_num), message, "save it anew"))
    return Faulty(problems) if problems else list(found.values())


def accept(
    records: Records,
    decided: Iterable[Decision],
    dataset: str,
    known: Mapping[str, str],
) -> list[Problem]:
    """Put decided links into the records.

    Args:
        records: changed, unless something is wrong.
        decided: the decisions.
        dataset: the other dataset, a value of `external_ids.dataset`.
        known: the release in which each of its records was seen, by id; empty where not known.

    Returns:
        What is wrong; then nothing was put.
    """
    problems, rows = [], []
    for one in decided:
        key = (one.incident_id, dataset, one.external_id)
        present = records.rows[TABLE].get(key)
        if (one.incident_id,) not in records.rows["incidents"]:
            ids = [id for (id,) in records.rows["incidents"]]
            near = difflib.get_close_matches(one.incident_id, ids, 1)
            remedy = f"did you mean {near[0]}?" if near else "see: incidents find"
            problems.append(
                problem(FORM, one.place, f"there is no incident {quoted(one.incident_id)}", remedy)
            )
        elif one.external_id not in known:
            message = f"{dataset} has no record {quoted(one.external_id)}"
            remedy = "take the id as it stands in the proposals"
            problems.append(problem(FORM, one.place, message, remedy))
        elif present and present["relation"] != one.relation:
            message = f"{one.incident_id} is linked to {one.external_id} as {present['relation']}"
            remedy = f"change the row in {TABLE}, if {one.relation} is right"
            problems.append(problem(FORM, one.place, message, remedy))
        elif not present:
            values = (*key, one.relation, known[one.external_id])
            columns = ("incident_id", "dataset", "external_id", "relation", "version")
            rows.append(dict(zip(columns, values, strict=True)))
    if not problems:
        for row in rows:
            records.put(TABLE, row)
    return problems


def relations(table: Table) -> list[str]:
    """The relations that `external_ids` knows."""
    return [category.value for category in table.field("relation").categories]


def _harmless(cell: str) -> str:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not cell[1:].isdigit() else cell
