"""dataframely: a schema of the cells for each table, then one of its rules for the sound rows.

    python -c "from benchmarks.with_dataframely import main; main()" PLAN

Prints for each rule how many problems it counts. References and look-ups are left out: the tables
of its collections are joined by a primary key they have in common, which these have not.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
from polars import col

from .polars_checks import PAGE, SAME_FIGURE, read, rows, texts, typed, whole

KINDS: dict[str, Any] = {
    "integer": dy.Int64,
    "number": dy.Float64,
    "date": dy.Date,
    "boolean": dy.Bool,
    "string": dy.String,
}
RULES = {
    "nullability": "cell-required",
    "dtype": "cell-type",
    "form": "cell-type",
    "regex": "cell-pattern",
    "pattern": "cell-pattern",
    "min": "cell-minimum",
    "max": "cell-maximum",
    "min_length": "cell-min-length",
    "max_length": "cell-max-length",
    "primary_key": "key-primary-repeated",
}
"""What dataframely calls the checks of a column."""

NOT_CAST = ("date", "boolean")
"""Polars casts no text to these, so their text is judged beside them."""


def main() -> None:
    """Judge the package of a plan."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    counts: Counter[str] = Counter(dict.fromkeys([*RULES.values(), "cell-category"], 0))
    own = rows(plan)
    own["sources"]["same-document-once"] = PAGE.is_first_distinct() | col("url").is_null()
    own["casualties"]["same-figure-once"] = pl.struct(SAME_FIGURE).is_first_distinct()
    for name, table in plan["tables"].items():
        fields = table["fields"]
        keys = table["key"]
        of_cells = {column: _cell(field, column in keys) for column, field in fields.items()}
        apart = [column for column, field in fields.items() if field["type"] in NOT_CAST]
        of_cells |= {f"{column} text": _text_beside(fields[column]) for column in apart}
        text = (
            read(table)
            .with_columns(
                *(col(column).alias(f"{column} text") for column in apart),
                *(typed(column, fields[column]).alias(column) for column in apart),
            )
            .collect()
        )
        sound, failed = _schema(name, of_cells).filter(text, cast=True)
        for check, number in failed.counts().items():
            column, _, kind = check.rpartition("|")
            category = kind == "dtype" and fields.get(column, {}).get("categories")
            rule = RULES[kind.removeprefix("check__")]
            counts["cell-category" if category else rule] += number
        of_rows: dict[str, Any] = {
            column: _text(plan, column) if field["free"] else dy.Any()
            for column, field in fields.items()
        }
        checks = own.get(name, {})
        of_rows |= {rule: dy.rule()(_given(holds)) for rule, holds in checks.items()}
        counts.update(dict.fromkeys([*checks, *plan["texts"], "text-normalised"], 0))
        _, failed = _schema(f"{name} rows", of_rows).filter(sound)
        for check, number in failed.counts().items():
            counts[check.rpartition("|")[2].removeprefix("check__")] += number
    print(json.dumps(counts))


def _schema(name: str, members: dict[str, Any]) -> type[dy.Schema]:
    return type(name, (dy.Schema,), members)


def _cell(field: dict[str, Any], key: bool) -> Any:
    """A column with what the schema demands of its cells."""
    required = field["required"] and field["type"] not in NOT_CAST
    options: dict[str, Any] = {"primary_key": True} if key else {"nullable": not required}
    if field["categories"]:
        return dy.Enum(field["categories"], **options)
    kind = KINDS[field["type"]]
    names = {"minimum": "min", "maximum": "max", "minLength": "min_length"}
    for constraint, option in (names | {"maxLength": "max_length"}).items():
        if constraint in field:
            bound = field[constraint]
            dated = field["type"] == "date"
            options[option] = pl.Series([bound]).str.to_date().item() if dated else bound
    if field["form"] and field["type"] == "string":
        form, pattern = whole(field["form"]), whole(field.get("pattern", ""))
        options["check"] = {"form": lambda cell: cell.str.contains(form)}
        if "pattern" in field:  # a cell of another form is judged no further
            options["check"]["pattern"] = lambda cell: (
                cell.str.contains(pattern) | ~cell.str.contains(form)
            )
    elif "pattern" in field:
        options["regex"] = whole(field["pattern"])
    return kind(**options)


def _given(holds: pl.Expr) -> Callable[[Any], pl.Expr]:
    """A function of one argument that gives an expression, as dataframely wants its checks."""
    return lambda _: holds


def _text_beside(field: dict[str, Any]) -> dy.String:
    form = whole(field["form"])

    def formed(cell: pl.Expr) -> pl.Expr:
        there = cell.str.contains(form)
        if field["type"] == "date":
            there &= cell.str.to_date("%Y-%m-%d", strict=False).is_not_null() | cell.is_null()
        return there

    return dy.String(nullable=not field["required"], check={"form": formed})


def _text(plan: dict[str, Any], name: str) -> dy.String:
    return dy.String(
        nullable=True, check={rule: _given(holds) for rule, holds in texts(plan, name)}
    )


if __name__ == "__main__":
    main()
