"""Our verdicts on cells and keys against the reference's, frictionless 5.21, on generated tables.

Hypothesis draws schemas and tables (valid, near-valid and hostile lexical forms), both validators
judge the same files, and the verdicts must be the same: table, row, field and kind. Where we are
stricter on purpose (`cells.STRICTER`), a predicate written here from the documented list, which
looks at the cell's text and knows nothing of our kernels, must say so; nowhere may we be laxer.

Three differences are of form, not of strictness, and taken out on both sides: frictionless replaces
all verdicts on a wholly empty row by one; it judges a key by cells it has already refused; and
where a cell is refused by us alone, its value counts for its keys and not for ours.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import frictionless
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sahel_incidents import cells, keys
from sahel_incidents.columns import Data
from sahel_incidents.descriptor import open_package
from sahel_incidents.tables import read_table

PACKAGES = 1000
"""How many packages, of two tables each, are compared."""

Verdict = tuple[str, int, str, str]
"""Table, row from 0, field (empty for a whole row) and kind: a type, a constraint or a key."""

VALID = {
    "string": ["a", "b", "ab", "Ménaka", "a b", "x-1", "1", "01", "true", "😀", 'a "b"', "a,b"],
    "uri": [
        "https://example.org/1",
        "http:x",
        "mailto:a@b",
        "x+y.z-1:é",
        "a:",
        "HTTPS://b c",
        "a:b\nc",
    ],
    "integer": ["0", "1", "2", "-1", "+1", "01", "007", "-0", "12", "-3", "999999999999999999"],
    "number": ["0", "0.5", "-.5", "1.", "1e3", "+2E-2", "1", "-0", "0.50", "100", "-7.25e+1"],
    "boolean": ["true", "True", "TRUE", "1", "false", "False", "FALSE", "0"],
    "date": ["2024-02-29", "2025-06-01", "2025-06-02", "1999-12-31", "2000-02-29", "0001-01-01"],
    "year": ["2025", "1999", "0001", "0000", "2024", "9999"],
}
NEAR_VALID = {
    "string": ["a\n", "B", " a", "a ", "\u200b", "1\n", "a\nb"],
    "uri": ["example.org", "//x", ":x", "1http:x", "é:x", " http:x", "http", "a_b:x", "a\nb:x"],
    "integer": ["1.0", "1,000", "abc", "--1", "+", "1e3", "0x1", "1 2", "1-", "−1", "²", "Ⅷ"],
    "number": [".", "e5", "1e", "1,5", "--1", "1.2.3", "0x1p3", "1e+", "½", "+.", "1e5.0", "- 1"],
    "boolean": ["tRUE", "yes", "T", " true", "1.0", "on", "f", "true\n"],
    "date": ["2023-02-29", "2025-13-01", "2025-06-31", "1900-02-29", "01/06/2025", "2025-06", "x",
             "20250601", "0000-01-01", "2025-06-01T00:00", " 2025-06-01", "2025-06-00"],
    "year": ["25", "-025", "20255", "1e03", "20.5", "x", "0x10"],
}  # fmt: skip
ACCEPTED_BY_FRICTIONLESS_ALONE = {
    "integer": [" 1", "1 ", "1_0", "١", "１", "1\n", "\u00a01", "9" * 19, "9" * 400],
    "number": ["NaN", "inf", "-Infinity", "1e400", "1_0.5", " 1", "１.５", "1\n", "0." + "1" * 20],
    "date": ["2024-1-5", "2024-01-5", "２０２４-01-05", "٢٠٢٤-٠١-٠٥"],
    "year": ["+123", "1_23", "١٩٩٩", " 123", "12\n3", "123\n"],
}
PATTERNS = ["[a-z]+", "(a|b)", "[0-9]{1,2}", ".*b", "(x-)?[0-9]+", "a.b", "(?:a$|b)", "[^a]+", ""]
BOUNDS = {
    "integer": [0, 1, -1, 7, 12],
    "number": [0, 0.5, 1, -0.25, 100, 1e3],
    "date": ["2025-06-01", "2000-02-29", "0001-01-01"],
    "year": [2025, 1, 1999],
}
MISSING = [[""], [""], ["", "NA", "-"], ["NA"], ["", "0", "a"], []]
SCRAMBLED = st.text("0123456789+-.eE_: \n\u00a0١１NIabtrue", max_size=8)


@dataclass
class Column:
    """A generated field, and the kind of cell it draws."""

    name: str
    kind: str
    constraints: dict[str, Any]

    def descriptor(self) -> dict[str, Any]:
        form = {"type": "string", "format": "uri"} if self.kind == "uri" else {"type": self.kind}
        return {"name": self.name, **form, "constraints": self.constraints}


@dataclass
class Generated:
    """A generated table."""

    columns: list[Column]
    primary: list[str]
    missing: list[str]
    foreign: list[tuple[str, str, str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def schema(self) -> dict[str, Any]:
        return {
            "fields": [column.descriptor() for column in self.columns],
            "primaryKey": self.primary,
            "missingValues": self.missing,
            "foreignKeys": [
                {"fields": [own], "reference": {"resource": table, "fields": [key]}}
                for own, table, key in self.foreign
            ],
        }

    def csv(self) -> bytes:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([column.name for column in self.columns])
        writer.writerows(self.rows)
        return out.getvalue().encode()


@st.composite
def constraints(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    some = st.integers(0, 3).map(lambda n: n == 0)
    for name in ("required", "unique"):
        if draw(some):
            result[name] = draw(st.sampled_from([True, True, False]))
    if kind in BOUNDS:
        for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if draw(st.integers(0, 5)) == 0:
                result[name] = draw(st.sampled_from(BOUNDS[kind]))
    if kind in ("string", "uri"):
        if draw(some):
            result["minLength"] = draw(st.integers(0, 3))
        if draw(some):
            result["maxLength"] = draw(st.integers(0, 6))
        if draw(some):
            result["pattern"] = f"({draw(st.sampled_from(PATTERNS))})"
    if draw(some):
        texts = [True, False] if kind == "boolean" else BOUNDS.get(kind, VALID.get(kind, []))
        result["enum"] = draw(st.lists(st.sampled_from(texts), min_size=1, unique=True))
    return result


def cell(kind: str, missing: list[str], wild: bool) -> st.SearchStrategy[str]:
    choices = [st.sampled_from(VALID[kind])] * 6
    if wild:
        choices += [st.sampled_from(NEAR_VALID[kind]), SCRAMBLED]
        if kind in ACCEPTED_BY_FRICTIONLESS_ALONE:
            choices.append(st.sampled_from(ACCEPTED_BY_FRICTIONLESS_ALONE[kind]))
    else:
        choices.append(st.sampled_from(NEAR_VALID[kind]))
    choices.append(st.sampled_from(missing or [""]))
    return st.one_of(choices)


@st.composite
def table(draw: st.DrawFn) -> Generated:
    kinds = draw(st.lists(st.sampled_from(list(VALID)), min_size=1, max_size=4))
    columns = [Column(f"f{n}", kind, draw(constraints(kind))) for n, kind in enumerate(kinds)]
    names = [column.name for column in columns]
    primary = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    missing = draw(st.sampled_from(MISSING))
    wild = draw(st.booleans())
    row = st.tuples(*(cell(kind, missing, wild) for kind in kinds)).map(list)
    fewest = draw(st.sampled_from([0, 2, 5, 10]))
    rows = draw(st.lists(row, min_size=fewest, max_size=fewest + 2))
    return Generated(columns, primary, missing, rows=rows)


@st.composite
def packages(draw: st.DrawFn) -> dict[str, Generated]:
    tables = {"one": draw(table()), "two": draw(table())}
    for name, own in tables.items():
        for column in own.columns:
            targets = [
                (other, target.name)
                for other, there in tables.items()
                for target in there.columns
                if column.descriptor()["type"] == target.descriptor()["type"]
                and (name, column) != (other, target)
            ]
            if targets and draw(st.booleans()):
                other, key = draw(st.sampled_from(targets))
                itself = draw(st.sampled_from(["", name]))  # the two ways to say so
                own.foreign.append((column.name, itself if other == name else other, key))
    return tables


def frictionless_verdicts(root: Path, tables: dict[str, Generated]) -> set[Verdict]:
    control = {
        "delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True,
        "skipInitialSpace": False,
    }  # fmt: skip
    resources = [
        {
            "name": name,
            "type": "table",
            "path": f"data/{name}.csv",
            "scheme": "file",
            "format": "csv",
            "encoding": "utf-8",
            "dialect": {"header": True, "headerRows": [1], "csv": control},
            "schema": generated.schema(),
        }
        for name, generated in tables.items()
    ]
    profile = "https://datapackage.org/profiles/2.0/datapackage.json"
    package = frictionless.Package.from_descriptor(
        {"$schema": profile, "name": "tiny", "resources": resources}, basepath=str(root)
    )
    report = package.validate(limit_errors=100_000)
    assert not report.errors, report.errors
    return {(task.name, *_verdict(error)) for task in report.tasks for error in task.errors}


def _verdict(error: Any) -> tuple[int, str, str]:
    row = error.row_number - 2
    match error.type:
        case "type-error":
            return row, error.field_name, "type"
        case "constraint-error":
            name = re.match(r'constraint "(\w+)"', error.note)
            assert name
            return row, error.field_name, name[1]
        case "unique-error":
            return row, error.field_name, "unique"
        case "foreign-key":
            return row, error.field_names[0], "foreign"
        case "primary-key" | "blank-row":
            return row, "", error.type
    raise AssertionError(f"frictionless found what this test does not generate: {error}")


OUR_KINDS = {info.id: name for name, info in cells.CHECKS.items()} | {
    cells.TYPE.id: "type",
    keys.EMPTY.id: "primary-key",
    keys.PRIMARY.id: "primary-key",
    keys.UNIQUE.id: "unique",
    keys.FOREIGN.id: "foreign",
}


def our_verdicts(root: Path) -> set[Verdict]:
    package = open_package(root)
    readings = {name: read_table(package, table) for name, table in package.tables.items()}
    texts = {name: reading.text for name, reading in readings.items()}
    assert all(text is not None for text in texts.values()), readings
    data = Data(package, texts)
    found = {verdict for name in texts for verdict in _judge_cells(data, name)}
    for name, reading in readings.items():
        found |= set(_judge_keys(data, name, reading.ordered))
    return found


def _judge_cells(data: Data, name: str) -> Iterator[Verdict]:
    declared = data.package.tables[name]
    for column in declared.fields:
        text = data.text(name, column.name)
        for fault in cells.judge(column, text, declared.missing_values):
            place = name, column.name
            data.bad[place] = np.union1d(data.bad.get(place, fault.rows), fault.rows)
            for row in fault.rows.tolist():
                yield name, row, column.name, OUR_KINDS[fault.rule.id]


def _judge_keys(data: Data, name: str, ordered: bool) -> Iterator[Verdict]:
    for outcome in keys.judge(data, data.package.tables[name], ordered):
        assert isinstance(outcome, keys.KeyFaults), outcome
        kind = OUR_KINDS[outcome.rule.id]
        for row in outcome.rows.tolist():
            yield name, row, "" if kind == "primary-key" else outcome.field, kind


def accepted_by_frictionless_alone(kind: str, text: str) -> bool:
    """Whether a cell that frictionless finds to be of its type is refused by `cells.STRICTER`."""
    match kind:
        case "integer":
            return not re.fullmatch(r"[+-]?[0-9]+", text) or len(text.lstrip("+-").lstrip("0")) > 18
        case "number":
            decimal = re.fullmatch(r"[+-]?([0-9]*\.?[0-9]*)([eE][+-]?[0-9]{1,2})?", text)
            return not decimal or len(decimal[1].lstrip("0").replace(".", "")) > 15
        case "date":
            return not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)
        case "year":
            return not re.fullmatch(r"[0-9]{4}", text)
    return False


@dataclass
class Comparison:
    """One package's verdicts, theirs and ours, and what may set them apart."""

    tables: dict[str, Generated]
    theirs: set[Verdict]
    ours: set[Verdict]
    stricter: Counter[str] = field(default_factory=Counter)

    def differences(self) -> set[tuple[str, Verdict]]:
        """The differences that nothing documented explains."""
        refused = self._refused_by_us_alone()
        for name, generated in self.tables.items():
            self._set_aside(name, generated, refused)
        theirs = {("laxer than frictionless", verdict) for verdict in self.theirs - self.ours}
        more = {v for v in self.ours - self.theirs if not self._explained(v)}
        return theirs | {("stricter without a documented reason", verdict) for verdict in more}

    def _refused_by_us_alone(self) -> set[tuple[str, int, str]]:
        found = set()
        for name, generated in self.tables.items():
            for row, texts in enumerate(generated.rows):
                for column, text in zip(generated.columns, texts, strict=True):
                    place = (name, row, column.name)
                    if text in generated.missing or (*place, "type") in self.theirs:
                        continue
                    if accepted_by_frictionless_alone(column.kind, text):
                        assert (*place, "type") in self.ours, (place, text)
                        self.stricter[column.kind] += 1
                        found.add(place)
        return found

    def _set_aside(
        self, name: str, generated: Generated, refused: set[tuple[str, int, str]]
    ) -> None:
        """Take out the verdicts that differ in form, on both sides alike."""
        touched = {(table, column) for table, _, column in refused}
        foreign = {
            column for column, table, key in generated.foreign if (table or name, key) in touched
        }
        faulty = {v[:3] for v in self.theirs if v[3] in ("type", "required")}
        blank = {v[1] for v in self.theirs if v[0] == name and v[3] == "blank-row"}
        for row in blank:
            assert any(v[:2] == (name, row) for v in self.ours), "a blank row passes"

        def aside(verdict: Verdict) -> bool:
            table, row, column, kind = verdict
            if table != name:
                return False
            if row in blank or (table, row, column) in refused:
                return True
            if kind == "primary-key":
                return any(
                    (name, key) in touched or (name, row, key) in faulty
                    for key in generated.primary
                )
            return (kind == "unique" and (name, column) in touched) or (
                kind == "foreign" and column in foreign
            )

        self.theirs = {verdict for verdict in self.theirs if not aside(verdict)}
        self.ours = {verdict for verdict in self.ours if not aside(verdict)}

    def _explained(self, verdict: Verdict) -> bool:
        """Whether the documented list explains a verdict that we alone give."""
        name, row, column, kind = verdict
        generated = self.tables[name]
        texts = dict(zip((c.name for c in generated.columns), generated.rows[row], strict=True))
        if kind == "pattern" and texts[column].endswith("\n"):
            self.stricter["pattern"] += 1
            return True
        if kind == "primary-key" and any(texts[k] in generated.missing for k in generated.primary):
            self.stricter["primaryKey"] += 1
            return True
        return False


def test_verdicts_equal_those_of_frictionless(
    make_package: Callable[..., Path],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    count: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    stricter: Counter[str] = Counter()

    @settings(
        max_examples=PACKAGES,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(packages())
    def compare(tables: dict[str, Generated]) -> None:
        root = make_package({n: (t.schema(), t.csv()) for n, t in tables.items()}, tmp_path)
        comparison = Comparison(tables, frictionless_verdicts(root, tables), our_verdicts(root))
        count["tables"] += len(tables)
        count["cells"] += sum(len(row) for t in tables.values() for row in t.rows)
        count["verdicts"] += len(comparison.theirs | comparison.ours)
        kinds.update(verdict[3] for verdict in comparison.theirs | comparison.ours)
        differences = comparison.differences()
        stricter.update(comparison.stricter)
        assert not differences

    compare()
    record_property(
        "summary",
        f"differential test with frictionless {frictionless.__version__}: "
        f"{count['tables']:,} tables, {count['cells']:,} cells, "
        f"{count['verdicts']:,} verdicts compared "
        f"({', '.join(f'{kind} {n:,}' for kind, n in sorted(kinds.items()))}); stricter as "
        f"documented: {', '.join(f'{kind} {n:,}' for kind, n in sorted(stricter.items()))}",
    )
    assert set(kinds) >= set(OUR_KINDS.values()) - {"category"}, "a kind of verdict never occurred"
