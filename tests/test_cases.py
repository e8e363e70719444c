"""Scenarios: a change to the shipped package, and exactly the problems it must raise.

Each folder of `cases/` holds

- `change.json`, a list of edits, made in turn to a copy of the shipped package:
  `{"table": T, "key": {...}, "set": {...}}` writes cells of the records that have the key's cells,
  `{"table": T, "key": {...}, "remove": true}` takes these records out,
  `{"table": T, "append": {...}}` adds a record, cells not named being empty,
  `{"schema": T, "field": F, "set": {...}}` changes properties of a field in a schema;
- `expected.json`, a list of `{"rule", "table", "record", "field"}`: all problems found, no other.

A case is a story about the data; it needs no code.
"""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sahel_incidents import rules
from sahel_incidents.csvtext import canonical
from sahel_incidents.descriptor import open_package
from sahel_incidents.validate import validate

ROOT = Path(__file__).resolve().parents[1]
CASES = sorted(path.parent for path in Path(__file__).with_name("cases").glob("*/change.json"))

Record = dict[str, str]


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge by the real day, whatever day a build is set to."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


@pytest.fixture
def package(tmp_path: Path, copy_shipped: Callable[[Path], Path]) -> Path:
    """A copy of the shipped package."""
    return copy_shipped(tmp_path)


def edit(root: Path, change: dict[str, Any]) -> None:
    """Make one edit of a `change.json`."""
    if "schema" in change:
        edit_schema(root / "schemas" / f"{change['schema']}.json", change["field"], change["set"])
        return
    table = open_package(root).tables[change["table"]]
    path = root / table.path
    with path.open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file, strict=True))
    for name in (*change.get("key", ()), *change.get("set", ()), *change.get("append", ())):
        assert name in table.columns, f"{table.name} has no column {name}"
    if "append" in change:
        records.append(dict.fromkeys(table.columns, "") | change["append"])
    else:
        chosen = [record for record in records if change["key"].items() <= record.items()]
        assert chosen, f"no record of {table.name} has {change['key']}"
        for record in chosen:
            if change.get("remove"):
                records.remove(record)
            else:
                record.update(change["set"])
    rows = ([record[name] for name in table.columns] for record in records)
    path.write_bytes(canonical(table.columns, table.primary_key, rows))


def edit_schema(path: Path, field: str, properties: dict[str, Any]) -> None:
    """Change properties of a field in a schema."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    (found,) = (item for item in schema["fields"] if item["name"] == field)
    found.update(properties)
    path.write_text(json.dumps(schema), encoding="utf-8")


def found(root: Path) -> Iterator[tuple[str | None, ...]]:
    """Where a package has problems; none of its checks may have been skipped."""
    report = validate(root)
    assert report.skipped == ()
    for problem in report.problems:
        yield problem.rule, problem.table, problem.record, problem.field


def test_shipped_package_is_sound(package: Path) -> None:
    assert list(found(package)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, package: Path) -> None:
    for change in json.loads((case / "change.json").read_text(encoding="utf-8")):
        edit(package, change)
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    places = [
        tuple(item[name] for name in ("rule", "table", "record", "field")) for item in expected
    ]
    assert sorted(found(package), key=str) == sorted(places, key=str)


def test_every_rule_has_a_case() -> None:
    expected = (json.loads((case / "expected.json").read_text(encoding="utf-8")) for case in CASES)
    shown = {item["rule"] for items in expected for item in items}
    missing = rules.load().keys() - shown
    assert not missing, f"write a case in tests/cases for: {sorted(missing)}"
