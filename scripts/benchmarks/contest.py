"""The other programs that `incidents validate` is measured against, and what each can express.

To add one: a module here with a `main` that reads a plan and prints, as JSON, how many problems it
counts of each rule it can express; and its line in `LIBRARIES`.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .measure import Result

SCRIPTS = Path(__file__).parents[1]

LIBRARIES = {
    "Polars expressions": "with_polars",
    "dataframely": "with_dataframely",
    "pointblank": "with_pointblank",
    "pandera on pandas": "with_pandera",
}
"""The modules by the names of the programs in the results."""

SQL, FRICTIONLESS = "DuckDB SQL", "frictionless validate"

CELLS = (
    "required",
    "type",
    "category",
    "minimum",
    "maximum",
    "min-length",
    "max-length",
    "pattern",
)
_BY_SQL = {
    "cells": tuple(f"cell-{check}" for check in CELLS),
    "primary": ("key-primary-repeated",),
    "foreign": ("key-foreign-missing",),
}
# What the SQL counts together.

BY_FRICTIONLESS = (
    *("file-readable", "file-encoding", "csv-quoting", "csv-header", "csv-ragged-row"),
    *(f"cell-{check}" for check in CELLS if check != "category"),
    *("cell-enum", "key-primary-empty", "key-primary-repeated", "key-foreign-missing"),
)
"""The rules that frictionless judges, too."""


@dataclass(frozen=True, slots=True)
class Expressed:
    """Which of our rules and checks a program expresses, and which it does not."""

    rules: tuple[str, ...]
    others: tuple[str, ...]


def command(module: str, plan: Path) -> tuple[str, ...]:
    """The command that runs a module of `LIBRARIES` on a plan, as `plan.write` writes it."""
    program = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); import benchmarks.{module} as it"
    return sys.executable, "-c", f"{program}; it.main()", str(plan)


def counted(result: str) -> dict[str, int]:
    """What a program printed: problems by rule."""
    counts: dict[str, int] = json.loads(result)
    return counts


def rules_of(name: str, counts: Mapping[str, int]) -> set[str]:
    """The rules that a program expresses, by what it counts."""
    if name != SQL:
        return set(counts)
    return {rule for count in counts for rule in _BY_SQL.get(count.split(" ")[0], (count,)) if rule}


def planted(root: Path) -> Counter[str]:
    """How many errors of each rule are planted in a package."""
    with open(root / "planted.csv", newline="", encoding="utf-8") as lines:
        return Counter(row["rule"] for row in csv.DictReader(lines))


def check(name: str, counts: Mapping[str, int], errors: Mapping[str, int]) -> None:
    """Make sure that a program counts what is planted of the rules it expresses, and no more.

    Raises:
        RuntimeError: it does not.
    """
    rules = rules_of(name, counts)
    expected = {rule: number for rule, number in errors.items() if rule in rules}
    if name == SQL:  # counts some rules together
        right = sum(counts.values()) == sum(expected.values())
    else:
        right = {rule: number for rule, number in counts.items() if number} == expected
    if not right:
        wrong = {
            rule: (counts.get(rule, 0), expected.get(rule, 0))
            for rule in rules
            if counts.get(rule, 0) != expected.get(rule, 0)
        }
        raise RuntimeError(f"{name} counts other problems than are planted (count, plan): {wrong}")


def expressed(results: Mapping[str, Result], catalogue: list[str]) -> dict[str, Expressed]:
    """What each program expresses, ours without exception.

    Args:
        results: those of the programs, by name.
        catalogue: every rule and check of ours, by id.
    """
    found: dict[str, Expressed] = {}
    for name, result in results.items():
        if name in (SQL, *LIBRARIES):
            rules = rules_of(name, counted(result.output))
        elif name == FRICTIONLESS:
            rules = set(BY_FRICTIONLESS)
        else:
            continue
        ours = tuple(rule for rule in catalogue if rule in rules)
        found[name] = Expressed(ours, tuple(rule for rule in catalogue if rule not in rules))
    return found


def render(found: Mapping[str, Expressed], results: Mapping[str, Result], ours: Result) -> str:
    """The table of what each expresses, and what it does not.

    Args:
        found: what each expresses, by name.
        results: what they took.
        ours: what our own validation took.
    """
    lines = [_INTRODUCTION, "| | checks | left out | time, ours = 1 | memory, ours = 1 |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for name, one in found.items():
        time = results[name].time / ours.time
        memory = results[name].memory / ours.memory
        numbers = f"{len(one.rules)} | {len(one.others)} | {time:.2f} | {memory:.2f}"
        lines.append(f"| {name} | {numbers} |")
    written = {rule for name, one in found.items() if name != FRICTIONLESS for rule in one.rules}
    nowhere = [rule for one in found.values() for rule in one.others if rule not in written]
    lines.append(f"\n{_NOWHERE} {', '.join(dict.fromkeys(nowhere))}.\n\nBesides, they leave out:\n")
    for name, one in found.items():
        rest = [rule for rule in one.others if rule in written]
        if name == FRICTIONLESS:
            rest = ["cell-category", "every rule"]
        if rest:
            lines.append(f"- **{name}**: {REASONS[name]}: {', '.join(rest)}.")
    return "\n".join([*lines, ""])


REASONS = {
    SQL: "was not given",
    FRICTIONLESS: "has no such checks, and keeps `categories` without looking",
    "Polars expressions": "was not given",
    "dataframely": "joins the tables of a collection by a primary key they share, so it cannot be "
    "told references, nor what is looked up or counted in another table",
    "pointblank": "sees one table at each step and checks references against another, but what is "
    "looked up or counted there would have to be joined by hand before",
    "pandera on pandas": "sees one table; references are given to it as an index, but what is "
    "looked up or counted in another table would have to be merged by hand before",
}
"""Why each leaves out what others express."""

_INTRODUCTION = """Of our checks, so many are given to each. The benchmark makes sure that each
counts as many problems of every rule it has as are planted; frictionless is not held to that. As
they are run here, only frictionless says where a problem is, and none what to write instead.
"""
_NOWHERE = """Left out of all, since they concern the bytes, or what no schema demands here, or
tables of few rows, or take more than expressions (polygons, cycles); SQL and Polars could be given
many of them:"""
