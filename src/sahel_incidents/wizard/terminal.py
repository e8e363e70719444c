"""A terminal: questions shown in its width, answers read with completion where it can show any."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..reports.common import visible
from .questions import Choice, Complete, Question

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

WIDTH = 80
"""The most characters to a line, however wide the terminal."""

HELP = (
    "back: the question before. save: keep a draft and leave. ?: explain the answers. "
    "Enter: what stands in [brackets], or nothing. -: nothing, whatever is offered. Tab: complete. "
    "Ctrl-C: leave; the draft holds every answer."
)

_EXPLAINED = 13  # more choices than that are too much to read with their descriptions
_AROUND = 10  # lines: the prompt with its completions, and the question above the choices
_OFFERED = 20


class Terminal:
    """A terminal that shows and reads plain lines, as every one can."""

    def say(self, text: str = "", indent: str = "") -> None:
        """Show a text, wrapped."""
        width = min(shutil.get_terminal_size().columns, WIDTH) - 1
        for line in text.split("\n"):
            shown = textwrap.wrap(
                visible(line),
                max(width, 20),
                initial_indent=indent,
                subsequent_indent=indent,
                break_on_hyphens=False,
            )
            self._write("\n".join(shown) or "")

    def show(self, text: str) -> None:
        """Show lines as they are, such as a card."""
        for line in text.splitlines():
            self._write(visible(line))

    def present(self, question: Question) -> None:
        """Show a question with what helps to answer it."""
        if question.heading:
            self.say(f"\n{question.heading}\n{'-' * len(question.heading)}")
        self.say(f"\n{question.text}")
        if question.explanation:
            self.say(question.explanation, "  ")
        shown = self.list_choices(question.choices, explained=len(question.choices) < _EXPLAINED)
        if shown > shutil.get_terminal_size().lines - _AROUND:
            self.say(f"\n{question.text}")  # the one above has left the screen

    def list_choices(self, choices: Sequence[Choice], explained: bool = True) -> int:
        """Show choices as a numbered list, with their descriptions or in columns.

        Returns:
            How many lines that took.
        """
        if not choices:
            return 0
        if not explained:
            lines = self._columns([f"{n:>3}  {c.label}" for n, c in enumerate(choices, 1)])
            self.say("? explains them.", "  ")
            return lines + 1
        written = 0
        for number, choice in enumerate(choices, 1):
            gist = f": {choice.description}" if choice.description else ""
            wrapped = textwrap.wrap(
                visible(f"{choice.label}{gist}"),
                min(shutil.get_terminal_size().columns, WIDTH) - 6,
                break_on_hyphens=False,
            )
            for n, line in enumerate(wrapped):
                self._write(f"{number:>3}  {line}" if n == 0 else f"     {line}")
            written += len(wrapped)
        return written

    def ask(self, default: str = "", typed: str = "", complete: Complete | None = None) -> str:
        """Read a line.

        Args:
            default: what an empty line stands for; shown in brackets.
            typed: what stands in the line already.
            complete: see `Question`.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
            EOFError: there is nothing more to read.
        """
        if typed:
            self.say(f"before: {typed}", "  ")
        return input(_prompt(default))

    def _columns(self, cells: list[str]) -> int:
        width = min(shutil.get_terminal_size().columns, WIDTH) - 1
        cell = max(map(len, cells)) + 2
        per_line = max(1, width // cell)
        lines = -(-len(cells) // per_line)
        for line in range(lines):
            self._write("".join(text.ljust(cell) for text in cells[line::lines]).rstrip())
        return lines

    def _write(self, line: str) -> None:
        print(line, flush=True)


class Completing(Terminal):
    """A terminal that can move its cursor: what is typed is completed and can be edited."""

    def __init__(self) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.output import ColorDepth

        depth = ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None
        self._lines: PromptSession[str] = PromptSession(color_depth=depth, reserve_space_for_menu=6)

    def ask(self, default: str = "", typed: str = "", complete: Complete | None = None) -> str:
        """See `Terminal.ask`."""
        from prompt_toolkit.completion import Completer, Completion, DummyCompleter

        class Completions(Completer):
            def get_completions(self, document: Any, _: Any) -> Iterator[Completion]:
                typed = document.text_before_cursor
                found = complete(typed) if complete and len(typed) > 1 else ()
                for text, meaning in list(dict(found).items())[:_OFFERED]:
                    yield Completion(
                        visible(text), start_position=-len(typed), display_meta=visible(meaning)
                    )

        return self._lines.prompt(
            _prompt(default),
            default=typed,
            completer=Completions() if complete else DummyCompleter(),
            complete_while_typing=True,
        )


def open_terminal() -> Terminal:
    """The terminal that standard input and output are, at its best."""
    plain = os.environ.get("TERM", "dumb") in ("dumb", "") or not sys.stdin.isatty()
    return Terminal() if plain else Completing()


def _prompt(default: str) -> str:
    return f"[{visible(default)}] > " if default else "> "
