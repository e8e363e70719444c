"""An interview that can be taken back: it keeps the answers and, to go back, gives them anew."""

from __future__ import annotations

import copy
from collections.abc import Generator
from typing import Any

from ..cards import layout
from ..cards.nodes import Data
from ..package import Package
from ..records import Records
from .interview import SameIncidentError, interview
from .questions import Question


class Wizard:
    """The state of an interview.

    Args:
        records: what is on record; it must not change meanwhile.
        start: the card as far as it is filled; it is left as it is.

    Attributes:
        card: the card with what was answered so far.
        question: the question to be answered now; None at the end.
    """

    def __init__(self, records: Records, start: Data | None = None) -> None:
        self.card: Data = {}
        self.question: Question | None = None
        self._records = records
        self._start = start or {}
        self._answers: list[tuple[Any, str]] = []
        self._asking: Generator[Question, Any, None]
        self._replay()

    def answer(self, text: str) -> tuple[str, ...]:
        """Answer the present question.

        Returns:
            What the one who answered should know about how that was understood.

        Raises:
            UnclearError: it is not understood; the question stands.
            SameIncidentError: the incident is on record; the question stands.
        """
        assert self.question is not None
        reply = self.question.answered(text)
        try:
            self._send(reply.value)
        except SameIncidentError:
            self._replay()
            raise
        self._answers.append((reply.value, text))
        return reply.told

    def back(self) -> str | None:
        """Go back to the question before; its answer is forgotten.

        Returns:
            That answer as it was typed; None where there is no question before.
        """
        if not self._answers:
            return None
        _, text = self._answers.pop()
        self._replay()
        return text

    def _replay(self) -> None:
        self.card = copy.deepcopy(self._start)
        self._asking = interview(self.card, self._records)
        self._send(None)
        for value, _ in self._answers:
            self._send(value)

    def _send(self, value: Any) -> None:
        try:
            self.question = self._asking.send(value)
        except StopIteration:
            self.question = None


def in_order(card: Data, package: Package) -> Data:
    """A card with its names in the order in which a card is written; other names stay, last."""
    parts = layout.parts(package)
    ordered: Data = _ordered(card, (*parts[""].fields, *parts))
    for name, part in parts.items():
        if name in card:
            names = (*layout.harms(package), *part.fields)
            ordered[name] = [_ordered(item, names) for item in card[name]]
    return ordered


def _ordered(item: Data, names: tuple[str, ...]) -> Data:
    return {name: item[name] for name in names if name in item} | item
