"""One incident with all that is recorded of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence

import pandas as pd

from ..cards.layout import OWNER
from ..records import Records
from ..views.page import fate, page
from ..views.resolve import Fate, Found


class Incident:
    """An incident. Printed, it is the page that `incidents show` gives.

    Attributes:
        id: its id.
        became: what became of the id that was asked for, a sentence for each step; empty where it
            is this incident's own.
    """

    def __init__(
        self,
        tables: Callable[[str], pd.DataFrame],
        records: Records,
        found: Found,
        steps: Sequence[Fate],
    ) -> None:
        """Take what was found; `Dataset.incident` is for everybody else."""
        self.id = found.id
        self.became = tuple(fate(records, step) for step in steps)
        self._tables, self._records, self._found = tables, records, found

    @property
    def row(self) -> pd.Series:
        """Its row of `incidents`."""
        return self._own("incidents").iloc[0]

    @property
    def figures(self) -> pd.DataFrame:
        """Its rows of `figures_flat`: each figure with its source and its grade."""
        return self._own("figures_flat")

    @property
    def participants(self) -> pd.DataFrame:
        """Its rows of `participants`, with the name and kind of each actor."""
        actors = self._tables("actors")[["actor_id", "name", "kind"]]
        return self._own("participants").merge(actors, on="actor_id", how="left")

    @property
    def statements(self) -> pd.DataFrame:
        """The statements about it, and in `link` how sure it is that they are."""
        links = self._own("statement_incidents")[["statement_id", "link"]]
        return self._tables("statements").merge(links, on="statement_id")

    @property
    def links(self) -> pd.DataFrame:
        """Its ties to other incidents, in either direction."""
        table = self._tables("incident_links")
        either = (table[OWNER] == self.id) | (table["other_incident_id"] == self.id)
        return self._rows(table, either)

    @property
    def sources(self) -> pd.DataFrame:
        """The sources of its figures, parties, statements and ties."""
        cited = [
            self.figures["source_id"],
            self.figures["confirmation_source_id"],
            self.participants["source_id"],
            self.statements["source_id"],
            self.links["source_id"],
        ]
        table = self._tables("sources")
        return self._rows(table, table["source_id"].isin(pd.concat(cited)))

    def _own(self, name: str) -> pd.DataFrame:
        table = self._tables(name)
        return self._rows(table, table[OWNER] == self.id)

    def _rows(self, table: pd.DataFrame, wanted: pd.Series) -> pd.DataFrame:
        return table[wanted].reset_index(drop=True)

    def __repr__(self) -> str:
        shown = page(self._records, self._found, shutil.get_terminal_size().columns)
        return "\n\n".join([*self.became, shown])
