"""pointblank, on Polars frames: a validation of the cells, then one of the rows that passed.

    python -c "from benchmarks.with_pointblank import main; main()" PLAN

Prints for each rule how many problems it counts. Rules that look values up in other tables are
left out: a step sees one table, and the join would have to be made by hand before.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pointblank as pb  # type: ignore[import-untyped]
import polars as pl
from polars import col

from .polars_checks import PAGE, SAME_FIGURE, cells, read, rows, texts, typed


def main() -> None:
    """Judge the package of a plan."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    counts: Counter[str] = Counter({"cell-min-length": 0, "cell-maximum": 0})
    own = rows(plan)
    own["sources"]["same-document-once"] = PAGE.is_first_distinct() | col("url").is_null()
    own["casualties"]["same-figure-once"] = pl.struct(SAME_FIGURE).is_first_distinct()
    frames = {name: read(table).collect() for name, table in plan["tables"].items()}
    for name, table in plan["tables"].items():
        fields = table["fields"]
        if frames[name].is_empty():  # a step fails on it with an error of its own
            continue
        # A step judges a column as it is typed, so the values stand beside the texts.
        bounded = [n for n, f in fields.items() if "minimum" in f or "maximum" in f]
        frame = frames[name].with_columns(
            typed(column, fields[column]).alias(f"{column} value") for column in bounded
        )
        judged = _Steps(pb.Validate(frame))
        for column, field in fields.items():
            _cell(judged, column, field)
        for column, (other, key) in table["references"].items():
            reference = frames[other].select(key)
            judged.add(
                "key-foreign-missing", "col_vals_in_table", column, reference, key, na_pass=True
            )
        if table["key"]:
            judged.add("key-primary-repeated", "rows_distinct", list(table["key"]))
        sound = judged.run(counts)
        sound = sound.with_columns(typed(column, field) for column, field in fields.items())
        judged = _Steps(pb.Validate(sound))
        for rule, holds in own.get(name, {}).items():
            judged.add(rule, "col_vals_expr", holds.fill_null(True))
        for column, field in fields.items():
            if field["free"]:
                for rule, holds in texts(plan, column):
                    judged.add(rule, "col_vals_expr", holds.fill_null(True))
        judged.run(counts)
    print(json.dumps(counts))


class _Steps:
    """The steps of a validation, each with the rule it stands for."""

    def __init__(self, validation: pb.Validate) -> None:
        self._validation = validation
        self._rules: list[str] = []

    def add(self, rule: str, step: str, *arguments: object, **options: object) -> None:
        self._validation = getattr(self._validation, step)(*arguments, **options)
        self._rules.append(rule)

    def run(self, counts: Counter[str]) -> Any:
        """Take the steps and count what failed; give the rows in which nothing did."""
        done = self._validation.interrogate(collect_extracts=False)
        failed = done.n_failed()
        for number, rule in enumerate(self._rules, start=1):
            counts[rule] += failed[number]
        return done.get_sundered_data("pass")


def _cell(judged: _Steps, name: str, field: dict[str, Any]) -> None:
    checks = dict(cells(name, field))
    if field["required"]:
        judged.add("cell-required", "col_vals_not_null", name)
    if field["form"]:
        judged.add("cell-type", "col_vals_expr", checks["cell-type"].fill_null(True))
    if field["categories"]:
        judged.add("cell-category", "col_vals_in_set", name, [*field["categories"], None])
    if "minimum" in field:
        bound = _bound(field, "minimum")
        judged.add("cell-minimum", "col_vals_ge", f"{name} value", bound, na_pass=True)
    if "maximum" in field:
        bound = _bound(field, "maximum")
        judged.add("cell-maximum", "col_vals_le", f"{name} value", bound, na_pass=True)
    if "minLength" in field:
        length = field["minLength"]
        judged.add("cell-min-length", "col_vals_str_len", name, min_val=length, na_pass=True)
    if "maxLength" in field:
        length = field["maxLength"]
        judged.add("cell-max-length", "col_vals_str_len", name, max_val=length, na_pass=True)
    if "pattern" in field:
        judged.add("cell-pattern", "col_vals_expr", checks["cell-pattern"].fill_null(True))


def _bound(field: dict[str, Any], name: str) -> Any:
    bound = field[name]
    return pl.Series([bound]).str.to_date().item() if field["type"] == "date" else bound


if __name__ == "__main__":
    main()
