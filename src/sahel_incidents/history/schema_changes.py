"""How the tables of two states are declared differently, and what that means for who reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ..package import Field, ForeignKey, Package, Table


class Level(StrEnum):
    """What a difference deserves of a version number.

    The levels are those of the Data Package recipe "Data Package version"
    (https://datapackage.org/recipes/data-package-version/), which carries semantic versioning over
    to data.
    """

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One difference between two declarations.

    Attributes:
        table: the table.
        field: the column; None where the table itself is meant.
        level: what it deserves of the version.
        text: what changed, as a phrase that follows the name of the table or the column.
    """

    table: str
    field: str | None
    level: Level
    text: str


_LOWER_BOUNDS = frozenset({"minimum", "exclusiveMinimum", "minLength"})
_UPPER_BOUNDS = frozenset({"maximum", "exclusiveMaximum", "maxLength"})
_PROSE = ("title", "description", "example")


def compare_schemas(before: Package, after: Package) -> list[SchemaChange]:
    """Every difference between two packages' declarations, table by table."""
    changes = []
    for name, old in before.tables.items():
        if name in after.tables:
            changes += list(_table(old, after.tables[name]))
        else:
            changes.append(SchemaChange(name, None, Level.MAJOR, "was removed"))
    for name in after.tables:
        if name not in before.tables:
            changes.append(SchemaChange(name, None, Level.MINOR, "was added"))
    return changes


def _table(old: Table, new: Table) -> Iterator[SchemaChange]:
    def change(level: Level, text: str, field: str | None = None) -> SchemaChange:
        return SchemaChange(old.name, field, level, text)

    if old.path != new.path:
        yield change(Level.MAJOR, f"moved from {old.path} to {new.path}")
    if old.title != new.title:
        yield change(Level.PATCH, "has another title")
    if old.missing_values != new.missing_values:
        yield change(Level.MAJOR, "has other missing values")
    if old.primary_key != new.primary_key:
        keys = (", ".join(key) or "none" for key in (old.primary_key, new.primary_key))
        yield change(Level.MAJOR, f"changed its primary key from {' to '.join(keys)}")
    for kind, before, after in (
        ("unique key", set(old.unique_keys), set(new.unique_keys)),
        (
            "reference",
            {(k.field, f"to {k.table}.{k.key}") for k in old.foreign_keys},
            {(k.field, f"to {k.table}.{k.key}") for k in new.foreign_keys},
        ),
    ):
        for key in sorted(before - after):
            yield change(Level.MINOR, f"lost the {kind} {' '.join(key)}: it was loosened")
        for key in sorted(after - before):
            yield change(Level.MAJOR, f"gained the {kind} {' '.join(key)}: it was tightened")
    columns = {field.name: field for field in new.fields}
    for field in old.fields:
        if field.name not in columns:
            yield change(Level.MAJOR, "was removed", field.name)
    last = max((at for at, name in enumerate(new.columns) if name in old.columns), default=-1)
    for at, name in enumerate(new.columns):
        if name not in old.columns:
            # Whoever reads columns by their place is not misled by one behind all others.
            level = Level.MINOR if at > last else Level.MAJOR
            yield change(level, "was added" if at > last else "was added between others", name)
    kept = [name for name in old.columns if name in columns]
    if kept != [name for name in new.columns if name in kept]:
        yield change(Level.MAJOR, "has its columns in another order")
    for name in kept:
        for level, text in _field(old.field(name), columns[name]):
            yield change(level, text, name)


def _field(old: Field, new: Field) -> Iterator[tuple[Level, str]]:
    if (old.type, old.format) != (new.type, new.format):
        yield (
            Level.MAJOR,
            f"changed its type from {old.type} ({old.format}) to {new.type} ({new.format})",
        )
    for name in sorted(old.constraints.keys() | new.constraints.keys()):
        before, after = old.constraints.get(name), new.constraints.get(name)
        if before != after:
            yield _constraint(name, before, after)
    yield from _vocabulary(old, new)
    changed = [name for name in _PROSE if getattr(old, name) != getattr(new, name)]
    if changed:
        yield Level.PATCH, f"has another {', '.join(changed)}"


def _constraint(name: str, before: Any, after: Any) -> tuple[Level, str]:
    """A constraint that differs. Which of two patterns allows more is not known: it may break."""
    told = f"{name} from {_shown(before)} to {_shown(after)}"
    if name in _LOWER_BOUNDS:
        looser = after is None or (before is not None and after < before)
    elif name in _UPPER_BOUNDS:
        looser = after is None or (before is not None and after > before)
    elif name == "enum" and before is not None and after is not None:
        looser = set(before) <= set(after)
    else:
        looser = not after
    if looser:
        return Level.MINOR, f"was loosened: {told}"
    if name == "pattern" and before is not None:
        return Level.MAJOR, f"changed its {told}"
    return Level.MAJOR, f"was tightened: {told}"


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)


def _vocabulary(old: Field, new: Field) -> Iterator[tuple[Level, str]]:
    before = {category.value: category for category in old.categories}
    after = {category.value: category for category in new.categories}
    if before and not after:
        yield Level.MINOR, "was loosened: any value is allowed, no longer only its vocabulary"
        return
    if after and not before:
        yield Level.MAJOR, f"was tightened: only these values are allowed: {', '.join(after)}"
        return
    removed = [value for value in before if value not in after]
    if removed:
        yield Level.MAJOR, f"lost the allowed values {', '.join(removed)}"
    added = [value for value in after if value not in before]
    if added:
        yield Level.MINOR, f"gained the allowed values {', '.join(added)}"
    if any(value in after and after[value] != before[value] for value in before):
        yield Level.PATCH, "describes its values in other words"


def with_declarations_of(earlier: Package, later: Package) -> Package:
    """The later package judged by the earlier one's word, as far as that goes.

    Its tables and columns stand where the later package has them, so that its files can be read;
    each column, key and reference that both know is declared as in the earlier package.
    """
    tables = {
        name: _declared(earlier.tables[name], table, later) if name in earlier.tables else table
        for name, table in later.tables.items()
    }
    return replace(later, tables=tables)


def _declared(earlier: Table, later: Table, package: Package) -> Table:
    def has(columns: tuple[str, ...]) -> bool:
        return set(columns) <= set(later.columns)

    def leads_somewhere(key: ForeignKey) -> bool:
        target = package.tables.get(key.table)
        return has((key.field,)) and target is not None and key.key in target.columns

    kept = tuple(filter(leads_somewhere, earlier.foreign_keys))
    added = tuple(key for key in later.foreign_keys if key.field not in earlier.columns)
    return replace(
        later,
        fields=tuple(
            earlier.field(field.name) if field.name in earlier.columns else field
            for field in later.fields
        ),
        primary_key=earlier.primary_key if has(earlier.primary_key) else later.primary_key,
        unique_keys=tuple(filter(has, earlier.unique_keys)),
        foreign_keys=kept + added,
        missing_values=earlier.missing_values,
    )
