"""The checks of `incidents validate` once more, as SQL for DuckDB: a yardstick for its speed.

Cells and keys follow from the schemas and are generated here, as our own checks of them are; the
rules are written by hand in `rules.sql`. The SQL only counts: no lines, no messages, no
suggestions. A fault in the bytes ends it, and the canonical form is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sahel_incidents.clock import latest_day
from sahel_incidents.judging import is_free_text
from sahel_incidents.package import Field, Package, Table
from sahel_incidents.rules.text_no_formula import TRIGGERS
from sahel_incidents.rules.text_one_script import MIXED
from sahel_incidents.rules.text_undamaged import DAMAGED
from sahel_incidents.text import INVISIBLE
from sahel_incidents.urls import TRACKED, WELL_FORMED

RULES = Path(__file__).parent / "rules.sql"

SQL_TYPES = {"integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "boolean": "BOOLEAN"}
FORMS = {
    "integer": "[+-]?[0-9]{1,18}",
    "number": "[+-]?[0-9]+([.][0-9]*)?([eE][+-]?[0-9]+)?",
    "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "boolean": "true|True|TRUE|1|false|False|FALSE|0",
    "uri": "[A-Za-z][A-Za-z0-9+.-]*:.*",
}
COMPARISONS = {
    "minimum": "{} < {}",
    "maximum": "{} > {}",
    "minLength": "length({}) < {}",
    "maxLength": "length({}) > {}",
    "pattern": "NOT regexp_full_match({}, {})",
}


def statements(package: Package) -> Iterator[str]:
    """All statements: first those that make the tables, then SELECTs of one row of counts each."""
    yield f"SET VARIABLE today = {literal(latest_day())}::DATE"
    yield f"SET VARIABLE well_formed = {literal(WELL_FORMED)}"
    yield f"SET VARIABLE tracked = {literal(TRACKED)}"
    for table in package.tables.values():
        yield load(package, table)
    for table in package.tables.values():
        yield f"SELECT sum(faults) AS cells FROM {table.name}"
        yield primary_key(table)
    yield texts(package)
    yield from RULES.read_text(encoding="utf-8").split(";\n")[:-1]


# Cells: read as text, judged and typed on the way into a table


def load(package: Package, table: Table) -> str:
    """Read a table; `faults` counts a row's faulty cells, and typed columns are null for them."""
    faults = " + ".join(
        f"CASE WHEN {' OR '.join(conditions)} THEN 1 ELSE 0 END"
        for field in table.fields
        if (conditions := list(cell_faults(field)))
    )
    columns = ", ".join(typed(field) for field in table.fields)
    return f"""CREATE TABLE {table.name} AS SELECT {columns}, {faults} AS faults
        FROM read_csv({literal(package.file(table).absolute())}, all_varchar = true, header = true,
            delim = ',', quote = '"', escape = '"', strict_mode = true, auto_detect = false,
            columns = {{{", ".join(f"{quoted(name)}: 'VARCHAR'" for name in table.columns)}}})"""


def quoted(name: str) -> str:
    """A column's name in quotes, as SQL has some of the words for itself."""
    return f'"{name}"'


def typed(field: Field) -> str:
    """A column of its type."""
    name = quoted(field.name)
    sql = SQL_TYPES.get(field.type)
    return f"try_cast({name} AS {sql}) AS {name}" if sql else name


def cell_faults(field: Field) -> Iterator[str]:
    """The conditions under which a cell is faulty."""
    name = value = quoted(field.name)
    if field.required:
        yield f"{name} IS NULL"
    if form := FORMS.get("uri" if field.format == "uri" else field.type):
        yield f"NOT regexp_full_match({name}, {literal(form)})"
    if sql := SQL_TYPES.get(field.type):
        value = f"try_cast({name} AS {sql})"
        yield f"{name} IS NOT NULL AND {value} IS NULL"
    if field.vocabulary:
        yield f"{name} NOT IN ({', '.join(map(literal, field.vocabulary))})"
    for constraint, comparison in COMPARISONS.items():
        if constraint in field.constraints:
            yield comparison.format(value, literal(field.constraints[constraint]))


def literal(value: object) -> str:
    """A value as SQL writes it."""
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


# Keys


def primary_key(table: Table) -> str:
    """How many rows repeat the key of another."""
    key = ", ".join(map(quoted, table.primary_key))
    return f'SELECT count(*) - count(DISTINCT ({key})) AS "primary" FROM {table.name}'


# Texts: only unusual ones are looked at closely


UNUSUAL = """(strlen({0}) <> length({0}) OR ascii({0}) IN (32, 43, 45, 61, 64) OR suffix({0}, ' ')
    OR regexp_matches({0}, '[\\x00-\\x1f\\x7f]'))"""
"""Not all ASCII, beginning with a space or one of + - = @, ending with a space, or a control."""


def texts(package: Package) -> str:
    """The rules on free text, over the unusual cells of all columns."""
    cells = " UNION ALL ".join(
        f"SELECT {quoted(field.name)} AS text FROM {table.name} "
        f"WHERE faults = 0 AND {UNUSUAL.format(quoted(field.name))}"
        for table in package.tables.values()
        for field in table.fields
        if is_free_text(table, field)
    )
    checks = {
        "text-normalised": r"CASE WHEN regexp_matches(text, '[^\x00-\x{2FF}\x{2010}-\x{20CF}]') "
        "THEN nfc_normalize(text) <> text END",
        "text-visible": f"regexp_matches(text, {literal(INVISIBLE)})",
        "text-no-formula": rf"regexp_matches(text, '\A[\s\p{{Z}}]*[{TRIGGERS}]')",
        "text-trimmed": r"regexp_matches(text, '\A\p{Zs}|\p{Zs}\z')",
        "text-one-script": f"regexp_matches(text, {literal(MIXED)})",
        "text-undamaged": f"regexp_matches(text, {literal(DAMAGED)})",
    }
    counts = ", ".join(f'count(*) FILTER ({check}) AS "{name}"' for name, check in checks.items())
    return f"SELECT {counts} FROM ({cells})"
