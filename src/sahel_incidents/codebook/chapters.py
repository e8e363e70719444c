"""What a codebook tells, chapter by chapter, before it is set in any form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..about import Licence, describe
from ..derived.declaration import columns, shipped
from ..dictionary import Entry, column_entry, descriptions
from ..history.since import catalogue
from ..package import Category, Table
from ..problem import RuleInfo
from ..release import Release


@dataclass(frozen=True)
class Column:
    """A column, or several that are declared together for each value of a vocabulary.

    Attributes:
        name: its name; of several, the first part is left open: `…_low`.
        names: their names; empty for a single column.
        entry: what the data dictionary says of it, or of the first of them.
        values: its vocabulary, where it is told here.
        same_as: the column, as `table.column`, under which its vocabulary is told; "" elsewhere.
    """

    name: str
    names: tuple[str, ...]
    entry: Entry
    values: tuple[Category, ...]
    same_as: str


@dataclass(frozen=True)
class Chapter:
    """A table: what is declared of it, what a row is, and its columns.

    Attributes:
        table: the table.
        description: what a row of it is.
        columns: its columns.
        rules: the semantic rules that look at it alone or among others.
    """

    table: Table
    description: str
    columns: tuple[Column, ...]
    rules: tuple[RuleInfo, ...]


@dataclass(frozen=True)
class Contents:
    """What a codebook tells.

    Attributes:
        title: the dataset's title and version.
        description: what the dataset is.
        licences: its licences.
        recorded: the tables of the package.
        derived: the tables worked out from them.
        rule_version: the version of the rules by which they are worked out.
        rules: every rule and check.
        documents: where the project's documents lie: a prefix of their names.
    """

    title: str
    description: str
    licences: tuple[Licence, ...]
    recorded: tuple[Chapter, ...]
    derived: tuple[Chapter, ...]
    rule_version: str
    rules: tuple[RuleInfo, ...]
    documents: str

    @property
    def chapters(self) -> tuple[Chapter, ...]:
        """The chapters of all tables."""
        return self.recorded + self.derived


def contents(release: Release, documents: str | None) -> Contents:
    """What the codebook of a release tells; of the release only what it declares is looked at.

    Args:
        release: the release; its tables may be left out.
        documents: where the project's documents lie, as a prefix of their names; None for their
            place on the web.
    """
    about = describe(release.descriptor)
    if documents is None:
        documents = f"{about.homepage.rstrip('/')}/blob/v{release.version}/docs/"
    rules = tuple(catalogue().values())
    chapters = list(_chapters(release, rules))
    return Contents(
        title=f"{about.title} {release.version}",
        description=about.text,
        licences=about.licences,
        recorded=tuple(one for one in chapters if one.table.name in release.package.tables),
        derived=tuple(one for one in chapters if one.table.name not in release.package.tables),
        rule_version=shipped().version,
        rules=rules,
        documents=documents,
    )


def _chapters(release: Release, rules: tuple[RuleInfo, ...]) -> Iterator[Chapter]:
    described = descriptions(release)
    told: dict[tuple[Category, ...], str] = {}
    for name, table in release.declared.items():
        yield Chapter(
            table=table,
            description=described[name],
            columns=tuple(_columns(release, table, told)),
            rules=tuple(rule for rule in rules if name in rule.tables),
        )


def _columns(
    release: Release, table: Table, told: dict[tuple[Category, ...], str]
) -> Iterator[Column]:
    """A table's columns. `told` says under which column each vocabulary has been told so far."""
    for template, names in _together(release, table).items():
        several = len(names) > 1
        field = table.field(names[0])
        entry = column_entry(table, field)
        shown = template.format(value="…", label="…")
        own = f"{table.name}.{shown}"
        before = told.setdefault(field.categories, own) if field.categories else own
        yield Column(
            name=shown,
            names=tuple(names) if several else (),
            entry=replace(entry, title="") if several else entry,
            values=field.categories if before == own else (),
            same_as="" if before == own else before,
        )


def _together(release: Release, table: Table) -> dict[str, list[str]]:
    """The columns by what they are declared as: those for each value of a vocabulary together."""
    if table.name in release.package.tables:
        return {name: [name] for name in table.columns}
    together: dict[str, list[str]] = {}
    for column in columns(release.package, table.name):
        together.setdefault(column.template, []).append(column.field.name)
    return together
