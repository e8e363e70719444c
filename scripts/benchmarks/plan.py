"""What a package's schemas demand, as plain JSON: from it the contenders generate their checks.

They run without our own package, which a yardstick is not to wait for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sahel_incidents.clock import latest_day
from sahel_incidents.descriptor import open_package
from sahel_incidents.judging import catalogue, is_free_text
from sahel_incidents.package import Package, Table
from sahel_incidents.rules.text_no_formula import TRIGGERS
from sahel_incidents.rules.text_one_script import MIXED
from sahel_incidents.rules.text_undamaged import DAMAGED
from sahel_incidents.text import INVISIBLE
from sahel_incidents.urls import TRACKED, WELL_FORMED

from .sql import FORMS


def write(root: Path, target: Path) -> None:
    """Write what the schemas of the package in a folder demand."""
    target.write_text(json.dumps(plan(open_package(root))), encoding="utf-8")


def plan(package: Package) -> dict[str, Any]:
    """The tables with their fields and keys, the rules' patterns, and the ids of all rules."""
    return {
        "catalogue": list(catalogue()),
        "today": str(latest_day()),
        "well_formed": WELL_FORMED,
        "tracked": TRACKED,
        "texts": {
            "text-no-formula": rf"\A[\s\p{{Z}}]*[{TRIGGERS}]",
            "text-one-script": MIXED,
            "text-trimmed": r"\A\p{Zs}|\p{Zs}\z",
            "text-undamaged": DAMAGED,
            "text-visible": INVISIBLE,
        },
        "tables": {table.name: _table(package, table) for table in package.tables.values()},
    }


def _table(package: Package, table: Table) -> dict[str, Any]:
    return {
        "path": str(package.file(table).absolute()),
        "key": table.primary_key,
        "references": {key.field: [key.table, key.key] for key in table.foreign_keys},
        "fields": {
            field.name: {
                "type": field.type,
                "form": FORMS.get("uri" if field.format == "uri" else field.type),
                "required": field.required,
                "categories": field.vocabulary,
                "free": is_free_text(table, field),
                **{
                    name: value
                    for name, value in field.constraints.items()
                    if name in ("minimum", "maximum", "minLength", "maxLength", "pattern")
                },
            }
            for field in table.fields
        },
    }
