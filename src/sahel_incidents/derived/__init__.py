"""The tables worked out from the others for a release, never edited.

What they are is declared in `datapackage.json` and `schemas/` of this folder: a column either
repeats one of another table, found by following references, or is worked out as its description
says. `incidents_flat` has one row for each incident, `figures_flat` one for each figure, and
`estimates` one for each incident, harm and kind of victims.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

import pyarrow as pa

from ..package import Package
from . import figures, incidents
from .declaration import Column, columns, declared, description_of, origin_of, shipped
from .estimates import estimate
from .joined import Joined

__all__ = ("build", "declared", "description_of", "hxl_tags", "origin_of", "rule_version")


def rule_version() -> str:
    """The version of the rules by which the tables are worked out."""
    return shipped().version


def hxl_tags(package: Package) -> dict[str, list[str]]:
    """For each derived table its columns' tags in the Humanitarian Exchange Language."""
    return {name: [one.hxl for one in columns(package, name)] for name in shipped().tables}


def build(package: Package, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Work out the derived tables.

    Args:
        package: what declares the tables; they must be sound, as `incidents validate` judges.
        tables: its tables, as `typed.read_tables` gives them.

    Returns:
        The tables by name, as `declared` describes them: ordered by key, an empty cell null.

    Raises:
        ToolError: the tables are not sound.
    """
    joined = Joined(package, tables)
    judged = figures.judged(joined)
    estimates = estimate(joined, judged)
    worked_out: dict[str, Mapping[str, pa.Array]] = {
        "incidents_flat": incidents.worked_out(joined, judged),
        "figures_flat": figures.worked_out(joined, judged),
        "estimates": dict(zip(estimates.table.column_names, estimates.table.columns, strict=True)),
    }
    of_harm = cache(partial(incidents.harmed, joined, estimates))

    def filled(table: str, column: Column) -> pa.Array:
        if column.path:
            return joined.at(origin_of(table), column.path)
        if column.value:
            return of_harm(column.value)[column.template]
        return worked_out[table][column.template]

    return {
        table: pa.table({one.field.name: filled(table, one) for one in columns(package, table)})
        for table in worked_out
    }
