"""A release in memory: its tables as frames, and its records by their ids.

What only some callers need is imported by the methods that need it: all of it together takes as
long to import as a small release takes to load.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from ..package import Package, Table
from ..problem import ToolError
from .explained import explained
from .frames import frame

if TYPE_CHECKING:
    from ..records import Records
    from .adding import Sum
    from .incident import Incident

VERSION = "sahel_incidents_version"
"""The name in a frame's `attrs` under which stands the version that it was loaded from."""

_SHORT_NAMES = {"figures": "figures_flat"}
"""Other names of tables, for those that are used most."""

_REVISIONS = "revisions"


class Dataset:
    """The tables of a release, each a pandas frame under its name.

    `ds.incidents`, `ds.casualties` and so on are the tables as they are published; `ds.figures`
    (or `ds.figures_flat`), `ds.incidents_flat` and `ds.estimates` are worked out from them and
    hold in one row what is asked for most. `ds.tables` names them all. A frame is made when it is
    first asked for, and is the caller's own to change: the methods here do not look at it.
    `loading.frames` says how it is typed.

    Attributes:
        issued: the day it was published.
    """

    def __init__(
        self,
        package: Package,
        descriptor: Mapping[str, Any],
        tables: Mapping[str, pa.Table],
        issued: date,
    ) -> None:
        """Take what was read; `load` is for everybody else.

        Args:
            package: what declares the tables; its files need not be there any more.
            descriptor: its `datapackage.json`, as an object.
            tables: its tables, typed as by `typed.read_tables`, but that text may be large strings,
                and dictionaries where it has a vocabulary.
            issued: the day it was published.
        """
        self._package, self._descriptor, self._tables = package, descriptor, tables
        self.issued = issued
        self._frames: dict[str, pd.DataFrame] = {}
        self._given: dict[str, pd.DataFrame] = {}

    @property
    def name(self) -> str:
        """The dataset's name, such as sahel-incidents."""
        return self._package.name

    @property
    def version(self) -> str:
        """The version number, such as 1.0.0."""
        return self._package.version

    @property
    def package(self) -> Package:
        """What declares the tables that are not derived."""
        return self._package

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of all tables."""
        return (*self._package.tables, *self._derived_tables)

    def declared(self, table: str) -> Table:
        """What a table is: its columns with their descriptions and vocabularies, and its keys.

        Raises:
            KeyError: there is none of that name.
        """
        name = _SHORT_NAMES.get(table, table)
        own = self._package.tables
        return own[name] if name in own else self._derived_tables[name]

    def arrow(self, table: str) -> pa.Table:
        """A table in Arrow's form, for Polars, DuckDB and whatever else reads that.

        Raises:
            KeyError: there is none of that name.
        """
        name = self.declared(table).name
        return (self._tables if name in self._tables else self._derived)[name]

    @explained
    def citation(self) -> str:
        """How to cite the data. Whoever uses a single figure cites its own source as well.

        Raises:
            ToolError: the descriptor does not say what belongs into a citation.
        """
        from ..about import describe

        return describe(self._descriptor).citation(self.issued)

    @explained
    def incident(self, id: str) -> Incident:
        """An incident with all that is recorded of it.

        An id that was merged leads to the incident that lives on; `became` then says so.

        Args:
            id: its id, such as MLI-2025-06-01-boulikessi.

        Raises:
            ToolError: there is no such incident, or it was retracted; the error says which id was
                probably meant, or why it was retracted.
        """
        from ..cards.layout import INCIDENTS
        from ..views import resolve
        from .incident import Incident

        steps = resolve.fates(self._records, id)
        if steps and not steps[-1].into:
            gone = steps[-1].revision
            raise ToolError(
                f"{id} was retracted on {gone['revised_on']}: {gone['reason']}",
                "there is no incident in its place",
            )
        found = resolve.get(self._records, steps[-1].into if steps else id)
        if found.table != INCIDENTS:
            owner = resolve.incident_of(found)
            raise ToolError(
                f"{id} is in the table {found.table}",
                f"its incident is {owner}" if owner else f"look it up in ds.{found.table}",
            )
        return Incident(self._frame, self._records, found, steps)

    @explained
    def history(self, id: str) -> pd.DataFrame:
        """What was done to a record since it was published: rows of `revisions`, oldest first.

        Of an incident also what was done to its figures and its other parts, and of one that was
        merged what was done to the one that lives on.

        Raises:
            ToolError: there is no such record and there never was.
        """
        from ..cards.layout import SHORT_FIGURE
        from ..views import resolve

        if not resolve.fates(self._records, id):
            resolve.get(self._records, id)
        revisions = self._frame(_REVISIONS)
        names = "|".join(re.escape(name) for name in sorted(self._lineage(id)))
        part = rf"(?:^|\|)(?:{names})(?:-{SHORT_FIGURE})?(?:\||$)"
        about = revisions["record_id"].str.contains(part, regex=True)
        about |= revisions["other_id"].str.contains(part, regex=True).fillna(False)
        return revisions[about].sort_values(["revised_on", "revision_id"]).reset_index(drop=True)

    def _lineage(self, id: str) -> set[str]:
        """A record's id with those that were merged into it, and those it was merged into."""
        revisions = self._frame(_REVISIONS)
        merged = revisions[revisions["action"] == "merged"]
        pairs = list(zip(merged["record_id"], merged["other_id"], strict=True))
        into = dict(pairs)
        while id in into:
            id = into.pop(id)
        found, new = {id}, {id}
        while new:
            new = {old for old, other in pairs if other in new} - found
            found |= new
        return found

    @explained
    def sum_figures(self, figures: pd.DataFrame | pd.Series | Iterable[str]) -> Sum:
        """Add figures that cannot count the same people.

        Figures of one incident are rival claims or parts of each other, so at most one of each is
        taken, and none that was withdrawn or replaced; a parent incident's figure is not added to
        one of its parts. Nothing is left out in silence: where figures may overlap, this refuses.

        The result is the sum over what was chosen, not the number of people harmed: the dataset
        is a selection, not a census.

        Args:
            figures: their ids, or a frame with a column `casualty_id`.

        Raises:
            CannotAddError: some may overlap; it names them and says why.
            ToolError: an id is none of a figure.
        """
        from .adding import add

        return add(self._frame, figures)

    def __getitem__(self, table: str) -> pd.DataFrame:
        """The table of that name."""
        name = self.declared(table).name
        if name not in self._given:
            # What is changed in a copy stays in the copy, as pandas copies what is written to.
            self._given[name] = self._frame(name).copy(deep=False)
            self._given[name].attrs[VERSION] = self.version
        return self._given[name]

    def _frame(self, table: str) -> pd.DataFrame:
        """The table of that name as it was published, whatever a caller did to theirs."""
        if table not in self._frames:
            self._frames[table] = frame(self.arrow(table), self.declared(table))
        return self._frames[table]

    def __getattr__(self, name: str) -> pd.DataFrame:
        # Only what is no attribute otherwise comes here. Names with an underscore never are tables;
        # asking for one here, while an object is being copied, would go on for ever.
        if not name.startswith("_"):
            try:
                return self[name]
            except KeyError:
                near = difflib.get_close_matches(name, self.__dir__(), 1)
                meant = f"did you mean {near[0]}?" if near else "ds.tables names the tables"
                raise AttributeError(f"no table is called {name}; {meant}", name=name) from None
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}", name=name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.tables, *_SHORT_NAMES})

    def __repr__(self) -> str:
        rows = ", ".join(f"{table.num_rows:,} {name}" for name, table in self._tables.items())
        return f"<{self.name} {self.version}: {rows}>"

    @cached_property
    def _derived(self) -> Mapping[str, pa.Table]:
        from .. import derived

        plain = {
            name: table.cast(pa.schema([(one.name, _plain(one.type)) for one in table.schema]))
            for name, table in self._tables.items()
        }
        return derived.build(self._package, plain)

    @cached_property
    def _derived_tables(self) -> Mapping[str, Table]:
        from .. import derived

        return derived.declared(self._package)

    @cached_property
    def _records(self) -> Records:
        """The records as text, as the pages of records need them."""
        from ..records import Records, key_of

        records = Records(self._package)
        for name, table in self._tables.items():
            texts = (column.cast(pa.string()).fill_null("").to_pylist() for column in table.columns)
            rows = records.rows[name] = {}
            for cells in zip(*texts, strict=True):
                row = dict(zip(table.column_names, cells, strict=True))
                rows[key_of(self._package.tables[name], row)] = row
        return records


def _plain(type: pa.DataType) -> pa.DataType:
    wide = pa.types.is_large_string(type) or pa.types.is_dictionary(type)
    return pa.string() if wide else type
