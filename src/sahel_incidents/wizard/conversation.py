"""A person and the wizard: every answer kept as a draft, and nothing added before it is read over.

Takes an incident from the first question, or from a draft, to the moment where it is added. What
is done there (adding, opening an editor) is given from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path

from ..cards import Card, dump, load
from ..cards.nodes import CardError, Data
from ..changes.adding import Added, Distinct, TwinsError
from ..problem import Problem, UnclearError
from ..records import Records
from ..store.editing import Rejected
from . import Wizard, drafts, in_order
from .interview import SameIncidentError
from .questions import Choice, Question, Reply, choosing
from .terminal import HELP, Terminal

BACK, SAVE, EXPLAIN = "back", "save", "?"

_READ_OVER = (
    Choice("add", "Add it", "Checks it with all the data, then writes."),
    Choice("edit", "Edit the card", "In an editor: also demographic, hedge, part_of, links."),
    Choice("save", "Keep it as a draft", "And leave."),
    Choice("back", "Go back", "To the last question."),
)
_OTHER = (
    Choice("other", "Another incident", "Asks for the reason, which is recorded."),
    Choice("same", "The same one", "Keeps the draft and leaves."),
)


class End(Enum):
    """How a conversation ended."""

    ADDED = auto()
    LEFT = auto()
    INTERRUPTED = auto()


class Conversation:
    """One incident told at a terminal.

    Args:
        terminal: where.
        records: what is on record.
        draft: the file that holds what was answered, until it is added.
        add: adds a card, with decisions on those it resembles; see `adding.add`.
        edit: lets a person edit a text; None where it was not changed.
    """

    def __init__(
        self,
        terminal: Terminal,
        records: Records,
        draft: Path,
        add: Callable[[Card, list[Distinct]], Added],
        edit: Callable[[str], str | None],
    ) -> None:
        self._terminal = terminal
        self._records = records
        self._draft = draft
        self._add = add
        self._edit = edit
        self.added: Added | None = None

    def run(self, start: Data | None = None) -> End:
        """Ask, show the card, and add it.

        Args:
            start: a draft's card.
        """
        self._terminal.say(HELP)
        try:
            end = self._run(start or {})
        except (KeyboardInterrupt, EOFError):
            end = End.INTERRUPTED
        if end is End.ADDED:
            self._draft.unlink(missing_ok=True)
        elif self._draft.exists():
            self._terminal.say(
                f"\nNothing was added. The draft is kept: {self._draft}\n"
                f"To go on with it: incidents add {self._draft}"
            )
        else:
            self._terminal.say("\nNothing was added.")
        return end

    def _run(self, start: Data) -> End:
        wizard = Wizard(self._records, start)
        while True:
            if not self._converse(wizard, resumed=bool(start)):
                return End.LEFT
            self._terminal.say("\nThe card\n--------\n")
            self._terminal.show(dump(self._shown(wizard.card)).partition("\n")[2])
            chosen = self._choose("Add this incident?", _READ_OVER)
            if chosen == "save":
                return End.LEFT
            if chosen == "back":
                wizard.back()
            elif chosen == "edit":
                wizard = Wizard(self._records, self._edited(wizard.card))
                self._keep(wizard.card)
            elif (end := self._try(Card.of(wizard.card, "the card"))) is not None:
                return end

    def _converse(self, wizard: Wizard, resumed: bool) -> bool:
        """Ask until all is answered; False where the person leaves."""
        typed, shown = "", None
        while question := wizard.question:
            if shown is not question:
                self._terminal.present(question)
                shown = question
            text = self._terminal.ask(question.default, typed, question.complete)
            typed = ""
            command = text.strip().lower()
            if command == SAVE:
                self._keep(wizard.card)
                return False
            if command == BACK:
                before = wizard.back()
                if before is None:
                    self._terminal.say("This is the first question.", "  ")
                    if resumed:
                        self._terminal.say(
                            "What the draft held before can be changed at the end, or in the file: "
                            f"save, then edit {self._draft}.",
                            "  ",
                        )
                typed = before or ""
            elif command in (EXPLAIN, "help"):
                self._terminal.say(HELP, "  ")
                self._terminal.say(question.explanation, "  ")
                self._terminal.list_choices(question.choices)
            else:
                self._answer(wizard, text)
                self._keep(wizard.card)
        return True

    def _answer(self, wizard: Wizard, text: str) -> None:
        try:
            for told in wizard.answer(text):
                self._terminal.say(f"({told})", "  ")
        except UnclearError as error:
            self._terminal.say(error.message, "  ")
            self._terminal.say(f"-> {error.remedy}", "  ")
        except SameIncidentError as error:
            self._terminal.say(
                f"{error.incident_id} is on record. To add a figure or a source to it: save, then "
                f"incidents edit {error.incident_id}",
                "  ",
            )

    def _keep(self, card: Data) -> None:
        if card.keys() - {"status"}:
            drafts.keep(self._draft, self._shown(card))

    def _shown(self, card: Data) -> Data:
        return in_order(card, self._records.package)

    def _edited(self, card: Data) -> Data:
        """The card as it was edited; asks again while it cannot be read."""
        text = dump(self._shown(card))
        while True:
            edited = self._edit(text)
            if edited is None:
                return card
            try:
                return load(edited, "the card").data
            except CardError as error:
                self._explain(error.problems)
                text = edited
                if not self._yes("Edit it again? Otherwise the change is dropped."):
                    return card

    def _try(self, card: Card) -> End | None:
        """Add a card; None where there is something to mend first."""
        distinct: list[Distinct] = []
        while True:
            try:
                self.added = self._add(card, distinct)
            except TwinsError as error:
                for twin in error.twins:
                    self._terminal.say(
                        f"\nThis looks like {twin.incident_id}: {twin.title} ({twin.reasons})"
                    )
                    if self._choose("Is it that one?", _OTHER) == "same":
                        self._terminal.say(f"To add to it: incidents edit {twin.incident_id}")
                        return End.LEFT
                    reason = self._line("How do you know that they are two?")
                    distinct.append(Distinct(twin.incident_id, reason))
            except CardError as error:
                self._explain(error.problems)
                return None
            except Rejected as error:
                self._explain([p for p in error.report.problems if not p.known])
                return None
            else:
                return End.ADDED

    def _explain(self, problems: list[Problem]) -> None:
        self._terminal.say("\nThis is not right yet:")
        for found in problems:
            subject = ".".join(part for part in (found.record, found.field) if part)
            self._terminal.say(f"{subject}: {found.message}" if subject else found.message, "  ")
            if found.suggestion:
                self._terminal.say(f"-> {found.suggestion}", "    ")

    def _yes(self, text: str) -> bool:
        return self._choose(text, (Choice("yes", "Yes"), Choice("no", "No"))) == "yes"

    def _line(self, text: str) -> str:
        return self._read(Question(text, Reply))

    def _choose(self, text: str, choices: tuple[Choice, ...]) -> str:
        return self._read(Question(text, choosing(choices), choices=choices))

    def _read(self, question: Question) -> str:
        self._terminal.present(question)
        while True:
            try:
                return str(question.answered(self._terminal.ask()).value)
            except UnclearError as error:
                self._terminal.say(f"{error.message} -> {error.remedy}", "  ")
