"""Polars: cells, keys and rules as expressions, references and look-ups as joins.

    python -c "from benchmarks.with_polars import main; main()" PLAN

Prints for each rule how many problems it counts.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
from polars import col

from .polars_checks import PAGE, SAME_FIGURE, cells, read, rows, texts, typed

STATE = ["state_force", "state_body", "foreign_force", "militia", "private_military_company"]
PARTS = {
    "killed_or_wounded": ["killed", "wounded"],
    "killed_missing_or_captured": ["killed", "missing", "captured"],
    "neutralised": ["killed", "wounded", "captured"],
}


def main() -> None:
    """Judge the package of a plan."""
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    counts: Counter[str] = Counter({"cell-min-length": 0, "cell-maximum": 0})
    tables = {name: _table(plan, table, counts) for name, table in plan["tables"].items()}
    own = rows(plan)
    for name, table in plan["tables"].items():
        judged = tables[name].filter(col("faults") == 0)
        checks = own.get(name, {}) | _looked_up().get(name, {})
        _count(_joined(judged, table, tables), list(checks.items()), counts)
    _between_rows(tables, counts)
    print(json.dumps(counts))


def _count(frame: pl.LazyFrame, checks: list[tuple[str, pl.Expr]], counts: Counter[str]) -> None:
    names = [f"{number} {rule}" for number, (rule, _) in enumerate(checks)]
    sums = [(~holds).sum().alias(name) for name, (_, holds) in zip(names, checks, strict=True)]
    if sums:
        found = frame.select(sums).collect(engine="streaming").row(0, named=True)
        for name, number in found.items():
            counts[name.split(" ", 1)[1]] += number or 0


def _table(plan: dict[str, Any], table: dict[str, Any], counts: Counter[str]) -> pl.LazyFrame:
    """A table, typed, after its cells and its key are judged; `faults` counts its faulty cells."""
    fields = table["fields"].items()
    checks = [check for name, field in fields for check in cells(name, field)]
    failed = pl.sum_horizontal((~holds).fill_null(False).cast(pl.Int32) for _, holds in checks)
    text = read(table).with_columns(failed.alias("faults")).collect(engine="streaming").lazy()
    faulty = text.filter(col("faults") > 0)
    _count(faulty, checks, counts)
    key = pl.struct(table["key"])
    repeated = text.select(pl.len() - key.n_unique()).collect().item() if table["key"] else 0
    counts["key-primary-repeated"] += repeated
    sound = text.filter(col("faults") == 0)
    for name, field in fields:
        if field["free"]:
            unusual = sound.filter(col(name).str.contains(r"\A[ =+@-]|[^ -~]| \z"))
            _count(unusual, list(texts(plan, name)), counts)
    return text.with_columns(typed(name, field).alias(name) for name, field in fields)


def _joined(
    frame: pl.LazyFrame, table: dict[str, Any], tables: dict[str, pl.LazyFrame]
) -> pl.LazyFrame:
    """A table with the columns that its rules look up in others, as `reference.column`."""
    for name, (other, key) in table["references"].items():
        wanted = LOOKED_UP.get(other, ())
        there = tables[other].select(
            col(key).alias(name),
            pl.lit(True).alias(f"{name}.there"),
            *(col(column).alias(f"{name}.{column}") for column in wanted),
        )
        frame = frame.join(there, on=name, how="left")
    missing = [f"{name}.there" for name in table["references"]]
    found = [
        (col(there).is_not_null() | col(there.removesuffix(".there")).is_null())
        for there in missing
    ]
    return frame.with_columns(
        pl.sum_horizontal((~there).cast(pl.Int32) for there in found).alias("dangling")
        if found
        else pl.lit(0).alias("dangling")
    )


LOOKED_UP = {
    "incidents": ("date_start",),
    "places": ("country", "admin1", "kind"),
    "sources": ("published_on", "kind"),
    "actors": ("kind",),
    "casualties": ("high", "harm", "incident_id"),
    "statements": ("stated_on", "kind"),
}
"""The columns that some rule looks up, by table."""


def _looked_up() -> dict[str, dict[str, pl.Expr]]:
    """The rules that need values of records referred to, by table."""
    confirmer, victims = col("confirmed_by.kind"), col("victims")
    whole = col("part_of.harm")
    reported = (col("source_id.published_on") >= col("incident_id.date_start")) | (
        col("source_id.kind") == "reference"
    )
    regional = col("place_id.kind").is_in(["admin1", "informal_region"])
    standing = (
        pl.when(victims == "non_state_armed_group")
        .then(~confirmer.is_in(["media", "ngo", "civilians", "unidentified"]))
        .when(confirmer.is_in(["state_body", "international_body", "non_state_armed_group"]))
        .then(True)
        .when(confirmer == "state_force")
        .then(victims.is_in(["state_force", "volunteer_or_militia", "foreign_force"]))
        .when(confirmer == "militia")
        .then(victims == "volunteer_or_militia")
        .when(confirmer.is_in(["foreign_force", "private_military_company"]))
        .then(victims == "foreign_force")
        .when(confirmer == "ngo")
        .then(
            (
                (col("speaker_kind") == "medical")
                & (col("speaker_actor_id") == col("confirmed_by"))
            ).fill_null(False)
        )
        .otherwise(confirmer.is_null())
    )
    of_enemy = (
        pl.when(confirmer == "non_state_armed_group")
        .then(
            (victims == "non_state_armed_group")
            & (col("victim_actor_id") == col("confirmed_by")).fill_null(True)
        )
        .when(victims == "non_state_armed_group")
        .then(~confirmer.is_in(STATE))
    )
    fits = (whole == col("harm")) | pl.any_horizontal(
        (whole == total) & col("harm").is_in(parts) for total, parts in PARTS.items()
    )
    foreign = {"key-foreign-missing": col("dangling") == 0}
    rules = {
        "incidents": {
            "incident-in-its-place": (col("country") == col("place_id.country"))
            & (col("admin1") == col("place_id.admin1")),
            "place-precision-fits": pl.when(col("place_precision") == "admin1")
            .then(regional)
            .when(col("place_precision") == "country")
            .then(col("place_id.kind") == "country")
            .otherwise(~regional & (col("place_id.kind") != "country")),
        },
        "casualties": {
            "source-not-before-incident": reported,
            "confirmation-not-before-incident": col("confirmation_source_id.published_on")
            >= col("incident_id.date_start"),
            "confirmation-source-says-so": col("confirmation_source_id.kind") != "reference",
            "no-confirmation-of-enemy-losses": of_enemy,
            "confirmer-has-standing": standing,
            "parts-within-whole": (col("low") <= col("part_of.high")) & (fits | whole.is_null()),
            "superseded-by-same-harm": col("superseded_by.harm") == col("harm"),
            "superseded-by-same-incident": col("superseded_by.incident_id") == col("incident_id"),
        },
        "participants": {"source-not-before-incident": reported},
        "incident_links": {"source-not-before-incident": reported},
        "statements": {
            "source-not-before-statement": col("source_id.published_on") >= col("stated_on"),
        },
        "statement_incidents": {
            "statement-not-before-incident": (
                col("statement_id.stated_on") >= col("incident_id.date_start")
            )
            | col("statement_id.kind").is_in(["warning", "context"]),
        },
    }
    tables = ("incidents", "places", "sources", "casualties", "participants", "incident_links")
    others = ("statements", "statement_incidents", "aliases", "affiliations", "totals")
    return {name: rules.get(name, {}) | foreign for name in (*tables, *others)}


def _between_rows(tables: dict[str, pl.LazyFrame], counts: Counter[str]) -> None:
    """The rules on repeated and on unused records."""
    sources = tables["sources"].filter(col("faults") == 0)
    pages = sources.select(PAGE.alias("page")).drop_nulls()
    figures = tables["casualties"].filter(col("faults") == 0)
    for rule, frame in {
        "same-document-once": pages,
        "same-figure-once": figures.select(SAME_FIGURE),
    }.items():
        counts[rule] += frame.select(pl.len() - pl.struct(pl.all()).n_unique()).collect().item()
    attackers = tables["participants"].filter(col("role") == "attacker")
    mentions = [
        tables[name].select("incident_id")
        for name in ("participants", "casualties", "statement_incidents")
    ]
    cited = [
        tables[name].select(col(column).alias("source_id"))
        for name, column in (
            *((name, "source_id") for name in ("casualties", "participants", "statements")),
            ("incident_links", "source_id"),
            ("sources", "cited_in"),
            ("places", "coordinate_source_id"),
            ("casualties", "confirmation_source_id"),
        )
    ]
    acting = [
        tables[name].select(col(column).alias("actor_id"))
        for name, column in (
            ("participants", "actor_id"),
            *(("casualties", name) for name in ("victim_actor_id", "speaker_actor_id")),
            ("casualties", "confirmed_by"),
            ("statements", "speaker_actor_id"),
        )
    ]
    talked_of = tables["statement_incidents"]
    about = tables["statements"].filter(
        (col("faults") == 0) & ~col("kind").is_in(["warning", "context", "condemnation"])
    )
    for rule, frame, others, key in (
        ("incident-has-attacker", tables["incidents"], attackers, "incident_id"),
        ("incident-has-source", tables["incidents"], pl.concat(mentions), "incident_id"),
        ("unused-place", tables["places"], tables["incidents"], "place_id"),
        ("unused-actor", tables["actors"], pl.concat(acting), "actor_id"),
        ("unused-source", tables["sources"], pl.concat(cited), "source_id"),
        ("statement-points-somewhere", about, talked_of, "statement_id"),
    ):
        alone = frame.join(others.select(key), on=key, how="anti").select(pl.len())
        counts[rule] += alone.collect(engine="streaming").item()


if __name__ == "__main__":
    main()
