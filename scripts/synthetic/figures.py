"""The figures of each invented incident."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from sahel_incidents.rules.bounds_follow_qualifier import BOUNDS

from . import words
from .actors import Actors
from .outline import GAZETTEER, Document, Outline
from .places import Row
from .words import Picker


class Figures:
    """Makes the figures of incidents.

    Args:
        rng: the random choices.
        outlines: all incidents.
        documents: the source of each.
        actors: those who speak and confirm.
    """

    def __init__(
        self,
        rng: Random,
        outlines: Sequence[Outline],
        documents: Sequence[Document],
        actors: Actors,
    ) -> None:
        self._rng = rng
        self._outlines = outlines
        self._documents = documents
        self._actors = actors
        self._victims = {event: Picker(rng, weights) for event, weights in words.VICTIMS.items()}
        self._qualifier = Picker(rng, words.QUALIFIERS)
        self._speaker = Picker(rng, words.SPEAKERS)
        self._confirmation = Picker(rng, words.CONFIRMATIONS)
        self._relay = Picker(rng, words.RELAYS)
        self._note = Picker(rng, words.NOTES)

    def of(self, number: int, outline: Outline, event: str, attacker: str, count: int) -> list[Row]:
        """An incident's figures, a part after its whole.

        Args:
            number: the incident's number.
            outline: its outline.
            event: its type.
            attacker: who did it.
            count: how many figures.
        """
        victims = self._victims[event]()
        rows: list[Row] = []
        for index in range(1, count + 1):
            row = {
                "casualty_id": f"{outline.id}-f{index:02}",
                "incident_id": outline.id,
                "harm": "abducted" if event == "abduction" else "killed",
                "victims": victims,
            }
            chance = self._rng.random()
            if chance < 0.2 and index == 2 and _splits(rows[0]):
                row |= self._part(rows[0])
            elif chance < 0.35 and rows and _is_number(rows[-1]):
                row |= self._successor(rows[-1])
                rows[-1]["superseded_by"] = row["casualty_id"]
            else:
                if event != "abduction" and self._rng.random() < 0.25:
                    row["harm"] = "wounded"
                row |= self._origin(rows, outline, attacker) | self._number()
            row["source_id"] = self._cited(number, outline, own=index == 1)
            row |= self._confirmed(row, outline)
            row["note"] = self._note()
            rows.append(row)
        return rows

    def _origin(self, others: list[Row], outline: Outline, attacker: str) -> Row:
        """A speaker other than those before, so that no figure is entered twice."""
        said_by, kind = self._speaker()
        while any(other["said_by"] == said_by for other in others):
            said_by, kind = self._speaker()
        row = {"said_by": said_by, "speaker_kind": kind, "relayed_by": self._relay()}
        if kind == "official":
            row["speaker_actor_id"] = self._actors.forces(outline.country)
        elif kind == "armed_group" and attacker.startswith("group-"):
            row["speaker_actor_id"] = attacker
        if self._rng.random() < 0.1:
            row["hedge"] = self._rng.choice(words.HEDGES)
        return row

    def _number(self) -> Row:
        toll = max(1, int(self._rng.lognormvariate(1.6, 1.1)))  # median 5, one in 40 above 40
        qualifier = self._qualifier()
        if qualifier == "many":
            return {"qualifier": qualifier}
        if qualifier == "range":
            high = toll + self._rng.randint(1, 20)
            return {"qualifier": qualifier, "low": str(toll), "high": str(high)}
        return counted(qualifier, toll)

    def _part(self, whole: Row) -> Row:
        """A share of a figure by sex or age, of the same origin."""
        share = self._rng.randint(1, int(whole["low"]))
        demographic = self._rng.choice(("women", "men", "children"))
        own = {"part_of": whole["casualty_id"], "demographic": demographic}
        return _same_origin(whole) | counted("exact", share) | own

    def _successor(self, former: Row) -> Row:
        """A later figure of the same origin, higher than the one it replaces."""
        later = int(former["value"]) + self._rng.randint(1, 10)
        return _same_origin(former) | counted("exact", later)

    def _cited(self, number: int, outline: Outline, own: bool) -> str:
        """The incident's own source, or another's that looks back."""
        other = number + self._rng.randint(1, 20)
        if not own and self._rng.random() < 0.4 and other < len(self._documents):
            later = self._documents[other].published
            same_country = self._outlines[other].country == outline.country
            if same_country and later is not None and later >= outline.end:
                return self._documents[other].id
        return self._documents[number].id

    def _confirmed(self, row: Row, outline: Outline) -> Row:
        flag, by = self._confirmation(), ""
        if flag == "confirmed" and row["victims"] == "state_force":
            by = self._actors.forces(outline.country)
        elif flag == "confirmed" and row["victims"] in ("civilian", "volunteer_or_militia"):
            by = self._actors.government(outline.country)
        if (flag == "confirmed" and not by) or row["source_id"] == GAZETTEER.id:
            flag, by = "unconfirmed", ""
        cited = "" if flag == "unconfirmed" else row["source_id"]
        return {"confirmation": flag, "confirmed_by": by, "confirmation_source_id": cited}


def counted(qualifier: str, value: int) -> Row:
    """A number with a qualifier that has one, and the bounds that follow."""
    low, high = ("" if add is None else str(value + add) for add in BOUNDS[qualifier])
    return {"qualifier": qualifier, "value": str(value), "low": low, "high": high}


def _same_origin(row: Row) -> Row:
    names = ("said_by", "speaker_kind", "speaker_actor_id", "relayed_by", "harm")
    return {name: row[name] for name in names if name in row}


def _splits(row: Row) -> bool:
    return row["qualifier"] in ("exact", "at_least") and int(row["low"]) >= 3


def _is_number(row: Row) -> bool:
    return "value" in row and "part_of" not in row
