"""The tables as statements of SQL, as SQLite understands them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .package import Field, Table

TYPES = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "REAL",
    "boolean": "INTEGER",
    "date": "TEXT",
    "year": "INTEGER",
}
"""The type of a column by that of its field: a flag is 0 or 1, a day its text YYYY-MM-DD."""


def name(text: str) -> str:
    """A table's or column's name, quoted."""
    return '"' + text.replace('"', '""') + '"'


def names(texts: Sequence[str]) -> str:
    """Several names, quoted and divided by commas."""
    return ", ".join(map(name, texts))


def create(table: Table, tables: Mapping[str, Table]) -> str:
    """The statement that makes a table with its types, keys and references.

    Args:
        table: the table.
        tables: every table that it may refer to, by name.
    """
    lines = [_column(table, field) for field in table.fields]
    if len(table.primary_key) > 1:
        lines.append(f"PRIMARY KEY ({names(table.primary_key)})")
    lines += [f"UNIQUE ({names(key)})" for key in table.unique_keys]
    lines += [
        f"FOREIGN KEY ({name(key.field)}) REFERENCES {name(key.table)} ({name(key.key)})"
        for key in table.foreign_keys
        if _is_key(tables[key.table], key.key)
    ]
    return f"CREATE TABLE {name(table.name)} (\n  " + ",\n  ".join(lines) + "\n)"


def indexes(table: Table) -> Iterator[str]:
    """The statements that make an index on each reference that no key begins with."""
    first = {key[0] for key in (table.primary_key, *table.unique_keys)}
    for key in table.foreign_keys:
        if key.field not in first:
            yield (
                f"CREATE INDEX {name(f'{table.name}_{key.field}')} "
                f"ON {name(table.name)} ({name(key.field)})"
            )


def computed(view: str) -> str:
    """The name of the table that holds the columns of a view that no other table has."""
    return f"{view}_computed"


def view(made: str, origin: str, paths: Mapping[str, str], tables: Mapping[str, Table]) -> str:
    """The statement that makes a view of one table, with columns of those it refers to.

    Args:
        made: the view's name.
        origin: the table of which each row gives one row.
        paths: for each column of the view the column it repeats, as a path from `origin`, such as
            `incident_id.place_id.name`; "" where it stands in the table named by `computed`, whose
            primary key has the same columns as that of `origin`.
        tables: the tables by name.
    """
    joins: dict[tuple[str, ...], str] = {}
    columns = []
    for column, path in paths.items():
        if not path:
            columns.append(f"computed.{name(column)}")
            continue
        *steps, last = path.split(".")
        alias, table = "origin", tables[origin]
        for depth, step in enumerate(steps, 1):
            reference = table.reference(step)
            before, alias = alias, name("_".join(("by", *steps[:depth])))
            table = tables[reference.table]
            joins[tuple(steps[:depth])] = (
                f"LEFT JOIN {name(reference.table)} AS {alias} "
                f"ON {alias}.{name(reference.key)} = {before}.{name(step)}"
            )
        columns.append(f"{alias}.{name(last)} AS {name(column)}")
    key = " AND ".join(
        f"computed.{name(part)} = origin.{name(part)}" for part in tables[origin].primary_key
    )
    lines = [
        f"CREATE VIEW {name(made)} AS SELECT\n  " + ",\n  ".join(columns),
        f"FROM {name(origin)} AS origin",
        f"JOIN {name(computed(made))} AS computed ON {key}",
        *joins.values(),
    ]
    return "\n".join(lines)


def _column(table: Table, field: Field) -> str:
    words = [name(field.name), TYPES[field.type]]
    if field.required or field.name in table.primary_key:
        words.append("NOT NULL")
    if table.primary_key == (field.name,):
        words.append("PRIMARY KEY")
    return " ".join(words)


def _is_key(table: Table, column: str) -> bool:
    """Whether a column alone tells rows apart; SQLite takes references to no other."""
    return (column,) in (table.primary_key, *table.unique_keys)
