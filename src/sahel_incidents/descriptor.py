"""The descriptor and its schemas: judged by their text, then opened as a `Package`.

What the schemas use must be supported by the validator, or opening fails; nothing in a schema is
silently ignored. Nothing remote is fetched, not even a profile.

Vocabulary: Data Package v2 and Table Schema v2 (https://datapackage.org/standard/).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from .package import (
    DESCRIPTOR,
    Category,
    Field,
    ForeignKey,
    Package,
    Table,
    check_path,
    read_file,
    whole_cell,
)
from .problem import DescriptorError

PROFILES = (
    "https://datapackage.org/profiles/2.0/datapackage.json",
    "https://datapackage.org/profiles/2.0/tableschema.json",
)
MAX_DESCRIPTOR_BYTES = 10_000_000
"""Far above any honest descriptor; a larger one is refused before it is parsed."""

COMMON_CONSTRAINTS = frozenset({"required", "unique", "enum"})
ORDER_CONSTRAINTS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
CONSTRAINTS = {
    "string": COMMON_CONSTRAINTS | {"minLength", "maxLength", "pattern"},
    "integer": COMMON_CONSTRAINTS | ORDER_CONSTRAINTS,
    "number": COMMON_CONSTRAINTS | ORDER_CONSTRAINTS,
    "date": COMMON_CONSTRAINTS | ORDER_CONSTRAINTS,
    "year": COMMON_CONSTRAINTS | ORDER_CONSTRAINTS,
    "boolean": COMMON_CONSTRAINTS,
}
"""The supported types of Table Schema, and the constraints each may carry."""

FORMATS = {"string": ("default", "uri")}
"""The supported formats by type; every other type has only `default`."""

# Properties that change how a value is read. They are refused rather than ignored.
REFUSED_PROPERTIES = frozenset(
    {"trueValues", "falseValues", "decimalChar", "groupChar", "bareNumber", "missingValues"}
)


REFUSED_OF_A_RESOURCE = (
    "data",
    "dialect",
    "compression",
    "extrapaths",
    "profile",
    "$schema",
    "hash",  # not checked here, so it must not seem to be
    "bytes",
)
"""Properties of a resource that would change what is read or promise what is not checked."""

SCHEMA_PROPERTIES = (
    "$schema",
    "name",
    "title",
    "description",
    "fields",
    "primaryKey",
    "uniqueKeys",
    "foreignKeys",
    "missingValues",
)
"""What a schema may say. Columns stand in the schema's order, so there is no `fieldsMatch`."""


def open_package(root: Path, *, parted: bool = False) -> Package:
    """Open the package in a folder, after checking that it is safe to open.

    Args:
        root: the folder.
        parted: whether a table may lie in several files, or as Parquet.

    Raises:
        DescriptorError: a descriptor is missing, broken, unsafe or uses what is not supported.
        ToolError: a file cannot be read.
    """
    document = _Document.read(root, DESCRIPTOR)
    descriptor = document.object
    document.refuse_remote_profile(descriptor)
    resources = descriptor.get("resources")
    if not isinstance(resources, list) or not resources:
        raise document.error('"resources" must list at least one table', '"resources"')
    tables: dict[str, Table] = {}
    listed: set[str] = set()
    for resource in resources:
        table, paths = _open_table(root, document, resource, parted)
        if table.name in tables:
            raise document.error(
                f'two resources are named "{table.name}"', document.naming(table.name)
            )
        for path in table.parts or (table.path,):
            if path in listed:
                raise document.error(f'two resources have the path "{path}"', f'"{path}"')
        tables[table.name] = table
        listed |= paths
    for table in tables.values():
        _check_references(document, table, tables)
    return Package(
        root=root,
        name=document.text(descriptor, "name"),
        version=document.text(descriptor, "version"),
        tables=tables,
        listed=frozenset(listed),
    )


@dataclass(frozen=True)
class _Document:
    """A JSON file of the package, with its text, so that an error can name a line."""

    path: str
    content: str
    object: dict[str, Any]

    @classmethod
    def read(cls, root: Path, path: str) -> _Document:
        check_path(root, path)
        try:
            content = read_file(root, path, MAX_DESCRIPTOR_BYTES).decode("utf-8")
            value = json.loads(
                content, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant
            )
            json.dumps(value, ensure_ascii=False).encode()
        except FileNotFoundError:
            raise DescriptorError(f"{path}: no such file", f"restore {path}") from None
        except IsADirectoryError:
            raise DescriptorError(f"{path}: is not a file", f"put the file {path} there") from None
        except OverflowError:
            raise DescriptorError(
                f"{path}: larger than {MAX_DESCRIPTOR_BYTES:,} bytes", "a descriptor is small"
            ) from None
        except UnicodeDecodeError as error:
            raise DescriptorError(
                f"{path}: is not UTF-8 (byte {error.start})", "save it as UTF-8"
            ) from None
        except UnicodeEncodeError:
            raise DescriptorError(
                f"{path}: holds half a character (a lone surrogate, \\ud800 to \\udfff)",
                "write the whole character",
            ) from None
        except json.JSONDecodeError as error:
            raise DescriptorError(
                f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}",
                "mend the JSON at that place",
            ) from None
        except (ValueError, RecursionError) as error:
            # The ValueErrors left: a repeated name, NaN, a number of thousands of digits.
            reason = str(error) if isinstance(error, ValueError) else "nested too deeply"
            raise DescriptorError(f"{path}: {reason}", "mend the JSON") from None
        if not isinstance(value, dict):
            raise DescriptorError(f"{path}:1: not a JSON object", "it must begin with {")
        return cls(path, content, value)

    def error(self, message: str, needle: str = "", remedy: str = "") -> DescriptorError:
        """An error at the first line that holds `needle`."""
        offset = self.content.find(needle) if needle else -1
        line = f":{self.content.count(chr(10), 0, offset) + 1}" if offset >= 0 else ""
        return DescriptorError(f"{self.path}{line}: {message}", remedy or f"mend {self.path}")

    def naming(self, name: str) -> str:
        """How the text gives a name to an object: where an error with that object is shown."""
        quoted = re.escape(json.dumps(name, ensure_ascii=False))
        found = re.search(rf'"name"\s*:\s*{quoted}', self.content)
        return found.group() if found else ""

    def text(self, source: dict[str, Any], key: str) -> str:
        """A property that must be a non-empty string."""
        value = source.get(key)
        if not isinstance(value, str) or not value:
            raise self.error(f'"{key}" must be a non-empty string', f'"{key}"')
        return value

    def names(self, value: Any, key: str) -> tuple[str, ...]:
        """A property that is a string or a list of strings, as a tuple."""
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not items or not all(isinstance(i, str) for i in items):
            raise self.error(f'"{key}" must be a name or a list of names', f'"{key}"')
        return tuple(items)

    def refuse_remote_profile(self, source: dict[str, Any]) -> None:
        """Only the official profiles may be named, and even they are never fetched."""
        for key in ("$schema", "profile"):
            if key in source and source[key] not in PROFILES:
                raise self.error(
                    f'"{key}" is {source[key]!r}; a profile is never fetched',
                    f'"{key}"',
                    f"remove it, or name the official profile {PROFILES[0]}",
                )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f'the name "{name}" occurs twice in one object')
    return result


def _open_table(
    root: Path, document: _Document, resource: Any, parted: bool
) -> tuple[Table, set[str]]:
    """A table and the paths its resource names."""
    if not isinstance(resource, dict):
        raise document.error("a resource must be an object", '"resources"')
    name = document.text(resource, "name")

    def wrong(message: str, remedy: str = "") -> DescriptorError:
        return document.error(f'resource "{name}": {message}', document.naming(name), remedy)

    path = resource.get("path")
    files: list[Any] = path if isinstance(path, list) else [path]
    if not files or not all(isinstance(file, str) for file in files):
        raise wrong('"path" must be a path, or a list of paths')
    several = isinstance(path, list) or files[0].endswith(".parquet")
    if several and not parted:
        raise wrong(
            '"path" names parts of a table or a Parquet file, which is read in blocks only',
            "run: incidents validate --engine dask",
        )
    if len(set(files)) < len(files):
        raise wrong('"path" names a file twice')
    for key in REFUSED_OF_A_RESOURCE:
        if key in resource:
            raise wrong(f'"{key}" is not supported', f'remove "{key}"')
    encoding = resource.get("encoding", "utf-8")
    if not isinstance(encoding, str) or encoding.lower() not in ("utf-8", "utf8"):
        raise wrong("the encoding must be utf-8")
    for file in files:
        try:
            check_path(root, file)
        except DescriptorError as error:
            raise document.error(error.message, f'"{file}"', error.remedy) from None
        if not file.endswith((".csv", ".parquet") if parted else ".csv"):
            raise wrong(f'"{file}" must end with .csv')
    schema = resource.get("schema")
    if isinstance(schema, str):
        try:
            schema_document = _Document.read(root, schema)
        except DescriptorError as error:
            raise document.error(error.message, f'"{schema}"', error.remedy) from None
        listed = {*files, schema}
    elif isinstance(schema, dict):
        schema_document = _Document(document.path, document.content, schema)
        listed = set(files)
    else:
        raise wrong('"schema" must be a path or an object')
    title = resource.get("title")
    title = title if isinstance(title, str) else name
    table = _read_schema(schema_document, name, title, files[0])
    return (replace(table, parts=tuple(files)) if several else table), listed


def _read_schema(document: _Document, name: str, title: str, path: str) -> Table:
    schema = document.object
    document.refuse_remote_profile(schema)
    for key in schema:
        # A misspelt "foreignKey" would otherwise pass as a table without references.
        if key not in SCHEMA_PROPERTIES:
            near = difflib.get_close_matches(key, SCHEMA_PROPERTIES, 1)
            remedy = f'did you mean "{near[0]}"?' if near else f'remove "{key}"'
            raise document.error(f'"{key}" is not supported in a schema', f'"{key}"', remedy)
    raw_fields = schema.get("fields")
    if not isinstance(raw_fields, list) or not raw_fields:
        raise document.error('"fields" must list at least one field', '"fields"')
    fields = tuple(_read_field(document, field) for field in raw_fields)
    columns = [field.name for field in fields]
    if len(set(columns)) != len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        raise document.error(f'two fields are named "{twice}"', document.naming(twice))

    def known(names: tuple[str, ...], key: str) -> tuple[str, ...]:
        for column in names:
            if column not in columns:
                raise document.error(f'"{key}" names an unknown field "{column}"', f'"{key}"')
        return names

    def listed(key: str, default: list[Any]) -> list[Any]:
        value = schema.get(key, default)
        if not isinstance(value, list):
            raise document.error(f'"{key}" must be a list', f'"{key}"')
        return value

    keys: list[ForeignKey] = []
    for item in listed("foreignKeys", []):
        reference = item.get("reference") if isinstance(item, dict) else None
        if not isinstance(reference, dict):
            raise document.error("a foreign key needs a reference", '"foreignKeys"')
        own = known(document.names(item.get("fields"), "fields"), "foreignKeys")
        other = document.names(reference.get("fields"), "fields")
        if len(own) != 1 or len(other) != 1:
            raise document.error(
                "a foreign key of several fields is not supported", '"foreignKeys"'
            )
        # Table Schema: no resource, or an empty name, means the table itself.
        table = reference.get("resource") or name
        if not isinstance(table, str):
            raise document.error('a reference\'s "resource" must be a name', '"foreignKeys"')
        keys.append(ForeignKey(own[0], table, other[0]))
    missing = listed("missingValues", [""])
    if not all(isinstance(value, str) for value in missing):
        raise document.error('"missingValues" must be a list of strings', '"missingValues"')
    # Without a key the rows have no order, so no canonical form, and a blank row goes unseen.
    primary = document.names(schema.get("primaryKey"), "primaryKey")
    return Table(
        name=name,
        title=title,
        path=path,
        fields=fields,
        primary_key=known(primary, "primaryKey"),
        unique_keys=tuple(
            known(document.names(key, "uniqueKeys"), "uniqueKeys")
            for key in listed("uniqueKeys", [])
        ),
        foreign_keys=tuple(keys),
        missing_values=tuple(missing),
    )


def _read_field(document: _Document, raw: Any) -> Field:
    if not isinstance(raw, dict):
        raise document.error("a field must be an object", '"fields"')
    name = document.text(raw, "name")

    def error(message: str, remedy: str = "") -> DescriptorError:
        return document.error(f'field "{name}": {message}', document.naming(name), remedy)

    kind = raw.get("type", "any")
    if not isinstance(kind, str) or kind not in CONSTRAINTS:
        raise error(
            f"unknown or unsupported type {kind!r}", f"use one of: {', '.join(CONSTRAINTS)}"
        )
    form = raw.get("format", "default")
    if form not in FORMATS.get(kind, ("default",)):
        raise error(f"the format {form!r} of type {kind!r} is not supported")
    for key in sorted(REFUSED_PROPERTIES & raw.keys()):
        raise error(f'"{key}" is not supported on a field')
    if kind != "string" and "categories" in raw:
        raise error(f'"categories" is not supported by type {kind!r}')
    constraints = raw.get("constraints", {})
    if not isinstance(constraints, dict):
        raise error('"constraints" must be an object')
    for key in constraints:
        if key not in CONSTRAINTS[kind]:
            raise error(f'the constraint "{key}" is not supported by type {kind!r}')
    _check_pattern(error, constraints.get("pattern"))
    for key, value in constraints.items():
        if not _fits(kind, key, value):
            raise error(f'the constraint "{key}" cannot be {value!r} for type {kind!r}')
    return Field(
        name=name,
        type=kind,
        format=form,
        title=str(raw.get("title", name)),
        description=str(raw.get("description", "")),
        example=str(raw.get("example", "")),
        constraints=constraints,
        categories=tuple(_read_categories(error, raw.get("categories", []))),
        unit=str(raw.get("unit", "")),
    )


def _fits(kind: str, constraint: str, value: Any) -> bool:
    """Whether a constraint's own value is of the right sort."""
    if constraint in ("required", "unique"):
        return isinstance(value, bool)
    if constraint in ("minLength", "maxLength"):
        return type(value) is int and 0 <= value < 1 << 31
    if constraint == "enum":
        return isinstance(value, list) and all(_is_value(kind, item) for item in value)
    return constraint == "pattern" or _is_value(kind, value)


def _is_value(kind: str, value: Any) -> bool:
    if kind == "date":
        return isinstance(value, str) and _is_date(value)
    if kind == "number":
        return type(value) in (int, float) and abs(value) < 1e100
    if kind in ("integer", "year"):
        return type(value) is int and abs(value) < 10**18
    return type(value) is {"boolean": bool, "string": str}[kind]


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _read_categories(error: Any, raw: Any) -> Iterator[Category]:
    if not isinstance(raw, list):
        raise error('"categories" must be a list')
    for item in raw:
        if isinstance(item, str):
            item = {"value": item}
        if not isinstance(item, dict) or not isinstance(item.get("value"), str):
            raise error("a category must be a string or an object with a string value")
        value = item["value"]
        yield Category(value, str(item.get("label", value)), str(item.get("description", "")))


def _check_pattern(error: Any, pattern: Any) -> None:
    if pattern is None:
        return
    if not isinstance(pattern, str):
        raise error('the constraint "pattern" must be a string')
    import pyarrow as pa
    import pyarrow.compute as pc

    if re.search(r"(?<!\\)(\\\\)*\\[dDwWsSbB]", pattern):
        raise error(
            f"the pattern {pattern!r} uses a class that means other characters in other programs",
            "write the characters out: [0-9] for \\d, [A-Za-z0-9_] for \\w",
        )
    try:
        # RE2 runs in time linear in the cell; what it cannot express could hang elsewhere.
        # Not an array of a list: for that, Arrow would import pandas.
        pc.match_substring_regex(pa.nulls(1, pa.string()), whole_cell(pattern))
        # By itself, since `a)|(b` would be well formed inside the parentheses just put around it.
        re.compile(pattern)
    except pa.ArrowInvalid as problem:
        raise error(
            f"the pattern {pattern!r} cannot be run in linear time: {problem}",
            "use no look-around, back-reference or huge repetition (RE2 syntax)",
        ) from None
    except (re.error, RecursionError) as problem:
        raise error(f"the pattern {pattern!r} is not well formed: {problem}") from None


def _check_references(document: _Document, table: Table, tables: dict[str, Table]) -> None:
    for key in table.foreign_keys:
        here, own = document.naming(table.name), f'"{table.name}.{key.field}"'
        if key.table not in tables:
            raise document.error(f'{own} refers to an unknown table "{key.table}"', here)
        other = f'"{key.table}.{key.key}"'
        if key.key not in tables[key.table].columns:
            raise document.error(f"{own} refers to an unknown field {other}", here)
        types = table.field(key.field).type, tables[key.table].field(key.key).type
        if types[0] != types[1]:
            raise document.error(f"{own} ({types[0]}) refers to {other} ({types[1]})", here)
