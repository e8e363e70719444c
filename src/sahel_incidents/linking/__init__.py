"""Incidents linked to those of another dataset, which lies beside as a package of the same model.

What may be one is proposed; only what a person decides becomes a row of `external_ids`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from ..descriptor import open_package
from ..problem import Problem, ToolError
from ..records import Records, Row
from ..store import Tell, silent
from ..store.editing import Saved, editing
from ..views.page_words import number, when
from . import decisions
from .proposals import LEAST, Proposal, propose

__all__ = ["LEAST", "Linking", "Proposal"]


@dataclass(frozen=True)
class Linking:
    """A package, and beside it another dataset as a package.

    Attributes:
        root: the folder of the package whose incidents are linked.
        ours: its records.
        theirs: the other's.
        dataset: the other dataset, a value of `external_ids.dataset`.
    """

    root: Path
    ours: Records
    theirs: Records
    dataset: str

    @classmethod
    def open(cls, root: Path, other: Path, dataset: str) -> Linking:
        """Read both packages.

        Raises:
            DescriptorError: a descriptor is broken or unsafe.
            ToolError: a table cannot be read, or the other package does not hold the dataset.
        """
        ours, theirs = (Records.read(open_package(folder)) for folder in (root, other))
        linking = cls(root, ours, theirs, dataset)
        if decisions.TABLE not in theirs.rows or not linking.external:
            raise ToolError(
                f"{other} holds no records of {dataset}",
                f"make a package of them: incidents import {dataset.partition('_')[0]} FILE "
                "--into DIR",
            )
        return linking

    @property
    def external(self) -> dict[str, str]:
        """The other dataset's ids, by the ids that its incidents have in the other package."""
        return {row["incident_id"]: row["external_id"] for row in self._external()}

    def _external(self) -> list[Row]:
        return [
            row
            for row in self.theirs.rows[decisions.TABLE].values()
            if row["dataset"] == self.dataset and row["relation"] == "same"
        ]

    @property
    def linked(self) -> set[tuple[str, str]]:
        """The pairs of our ids and the other dataset's that are linked already."""
        return {
            (row["incident_id"], row["external_id"])
            for row in self.ours.rows[decisions.TABLE].values()
            if row["dataset"] == self.dataset
        }

    def proposals(self, least: int = LEAST) -> list[Proposal]:
        """The pairs that may be one and are not linked yet; see `propose`."""
        external, linked = self.external, self.linked
        return [
            one
            for one in propose(self.ours, self.theirs, least)
            if one.other_id in external and (one.incident_id, external[one.other_id]) not in linked
        ]

    def sheet(self, proposals: Iterable[Proposal]) -> bytes:
        """The proposals as a table in which a person writes the decisions."""
        shown = list(proposals)
        ours = told(self.ours, {one.incident_id for one in shown})
        theirs = told(self.theirs, {one.other_id for one in shown})
        return decisions.sheet(shown, self.external, ours, theirs)

    def decide(
        self, content: bytes, name: str, *, dry_run: bool = False, tell: Tell = silent
    ) -> tuple[int, Saved] | list[Problem]:
        """Store the links that a person decided on.

        Args:
            content: the bytes of a table as `sheet` gives it, filled in.
            name: the file's name, for places.
            dry_run: only judge.
            tell: see `editing`.

        Returns:
            How many links are new, and what was saved; or what is wrong with the decisions, and
            nothing is stored.

        Raises:
            Rejected: the package with the links would not be sound.
            ToolError: see `editing`.
        """
        table = self.ours.package.tables[decisions.TABLE]
        decided = decisions.read(content, name, decisions.relations(table))
        if isinstance(decided, decisions.Faulty):
            return decided.problems
        with editing(self.root, tell=tell) as edit:
            before = len(edit.records.rows[decisions.TABLE])
            problems = decisions.accept(
                edit.records,
                decided,
                self.dataset,
                {row["external_id"]: row["version"] for row in self._external()},
            )
            if problems:
                return problems
            added = len(edit.records.rows[decisions.TABLE]) - before
            return added, edit.save(dry_run=dry_run)


def told(records: Records, incidents: Collection[str]) -> dict[str, str]:
    """Incidents on a line each, by id: title, dates and numbers of dead."""
    dead: dict[str, dict[str, None]] = {id: {} for id in incidents}
    for figure in records.rows["casualties"].values():
        own = dead.get(figure["incident_id"])
        if own is not None and figure["harm"] == "killed" and not figure["part_of"]:
            own[number(figure)] = None
    lines = {}
    for id, numbers in dead.items():
        row = records.rows["incidents"][id,]
        lines[id] = f"{row['title']} ({when(row)}); killed: {', '.join(numbers) or 'no number'}"
    return lines
