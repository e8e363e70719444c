"""A card's text: YAML read as nothing but text, with the place of every word.

Every value is text as it stands. No YAML type is ever resolved, so `2025-06-01` is no date, `NO` no
truth value and `007` not seven, whatever a YAML version makes of them. Tags, anchors, aliases,
directives and second documents are refused, so nothing is constructed and nothing can expand; the
parser (ruamel.yaml) is asked for its events only; a card's size and depth are bounded.

A text over several lines becomes one line: each line break, with the spaces around it, one space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..problem import RuleInfo, Severity
from .nodes import CardError, Entries, Items, Node, Path, Place, Text, one_line, problem

MAX_BYTES = 1_000_000
"""The largest card read; an honest one has some thousand bytes."""

MAX_DEPTH = 6
"""The deepest nesting read, two more than a card has, so that a misplaced list is explained."""

MAX_LINE = 10_000
"""The longest line read, ten times the longest text; the parser is slow on longer ones."""

MAX_NODES = 20_000
"""The most names, texts and lists read; a card of 300 figures has half as many."""

SYNTAX = RuleInfo(
    "card-syntax",
    Severity.ERROR,
    "A card is plain YAML: names, texts and lists, each name once",
    "What YAML can do beyond that (types, tags, anchors) changes texts behind the writer's back or "
    "makes a small file enormous.",
)


def read(content: str | bytes, name: str) -> Entries:
    """Read a card's text.

    Args:
        content: the YAML.
        name: the card's file, for messages.

    Raises:
        CardError: it is not a card's YAML; the first fault only, since what follows is not known.
    """
    return _Reader(_decoded(content, name), name).card()


def _decoded(content: str | bytes, name: str) -> str:
    """The content as text.

    Raises:
        CardError: it is too large or not UTF-8.
    """
    start = Place(name, 1, 1)
    if len(content) > MAX_BYTES:
        message = f"holds more than {MAX_BYTES:,} bytes, which no card needs"
        raise CardError([problem(SYNTAX, start, message, "give each incident a card of its own")])
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = Place(name, before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1)
        message = "is not UTF-8 text"
        raise CardError([problem(SYNTAX, place, message, "save the card as UTF-8")]) from error


# How the parser words a fault, in part, and what a writer of cards can do with it.
_EXPLAINED = (
    (
        "directive",
        "directives (%) are refused",
        "take the line out, or put the text in quotes",
    ),
    (
        "mapping values are not allowed",
        "there is a colon where none can stand",
        "put a text that holds a colon and a space in quotes, or indent the line as its neighbours",
    ),
    (
        "block scalar",
        "a value that begins with > or | is read as a block of lines",
        'write the figure in words, such as over 30, or put it in quotes: ">30"',
    ),
    (
        "'\\t'",
        "a tab stands where only spaces can",
        "indent with spaces",
    ),
    (
        "that cannot start any token",
        "a value begins with a sign that has a meaning of its own in YAML",
        "put the text in quotes",
    ),
    (
        "sequence entries are not allowed",
        "a dash begins an item of a list",
        "begin the list on a line of its own, or put the text in quotes",
    ),
    (
        "expected the node content",
        "a value begins with a sign that has a meaning of its own in YAML",
        "put the text in quotes",
    ),
    (
        "escape",
        "a backslash in double quotes begins an escape that there is not",
        "write \\\\ for a backslash",
    ),
    (
        "quoted scalar",
        "a quotation mark is opened and not closed",
        'close it; a text with " inside can stand between single quotes, with \' inside between "',
    ),
    (
        "could not find expected ':'",
        "a line has neither a name with a colon nor a place in the text before it",
        "write name: text, and indent the further lines of a long text",
    ),
    (
        "did not find expected <document start>",
        "something follows the end of the card",
        "one file holds one card",
    ),
    (
        "expected <block end>",
        "a line is indented differently from the lines it belongs to",
        "indent it as its neighbours; a text in quotes must be wholly inside them",
    ),
    (
        "expected ',' or",
        "a list or mapping in brackets is not closed",
        "close it, or put the text in quotes",
    ),
    (
        "expected alphabetic or numeric character",
        "a value that begins with * or & is read as a reference",
        "put the text in quotes",
    ),
)


# What YAML counts as the end of a line, so that its line numbers find the line.
_LINE_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")

# A word processor's quotation mark at the beginning of a value, which is only text to YAML.
_WORD_QUOTES = re.compile(r"[:-] +([\u201c\u201d\u201e\u2018\u2019\u00ab])")
_WORD_QUOTES_EXPLAINED = (
    "a typographic quotation mark does not quote a text",
    'put the text in straight quotes: "',
)


class _Reader:
    """Turns the parser's events into nodes, and refuses all that a card has no use for."""

    def __init__(self, text: str, name: str) -> None:
        self._text = text
        self._name = name
        self._nodes = 0

    def card(self) -> Entries:
        """The whole card.

        Raises:
            CardError: the first fault.
        """
        from ruamel.yaml.error import MarkedYAMLError, YAMLError
        from ruamel.yaml.reader import ReaderError

        lines = _LINE_BREAK.split(self._text)
        for number, line in enumerate(lines, 1):
            if len(line) > MAX_LINE:
                raise self._fault(
                    Place(self._name, number, 1),
                    f"the line holds more than {MAX_LINE:,} characters",
                    "a text of a card is at most a few sentences",
                )
        try:
            return self._card()
        except ReaderError as error:
            raise self._unreadable(error.position) from error
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            if mark and mark.index >= len(self._text) and error.context_mark:
                mark = error.context_mark  # what was never closed is to be mended where it begins
            place = Place(self._name, mark.line + 1, mark.column + 1) if mark else self._start
            written = lines[place.line - 1] if place.line else ""
            if quotes := _WORD_QUOTES.search(written):
                place = Place(self._name, place.line, quotes.start(1) + 1)
                raise self._fault(place, *_WORD_QUOTES_EXPLAINED) from error
            raise self._fault(place, *_explained(f"{error.context} {error.problem}")) from error
        except YAMLError as error:
            raise self._fault(self._start, *_explained(str(error))) from error
        except (ValueError, OverflowError) as error:
            # Python's own, which the parser lets out.
            message = "an escape such as \\U0010FFFF stands for no character"
            raise self._fault(self._start, message, "write the character itself") from error

    @property
    def _start(self) -> Place:
        return Place(self._name, 1, 1)

    def _card(self) -> Entries:
        from ruamel.yaml import YAML, events

        parsed: Iterator[Any] = YAML(typ="safe", pure=True).parse(self._text)
        for event in parsed:
            if isinstance(event, events.DocumentStartEvent):
                if event.version or event.tags:
                    raise self._fault(
                        self._place(event), "directives (%) are refused", "take the line out"
                    )
            elif isinstance(event, events.StreamEndEvent):
                raise self._fault(
                    self._start, "the card is empty", "incidents show ID prints one to learn from"
                )
            elif not isinstance(event, events.StreamStartEvent):
                break
        root = self._node(event, parsed, ())
        if not isinstance(root, Entries):
            raise self._fault(
                root.place,
                "a card is a list of names and values",
                "write name: text, with a space after the colon",
            )
        for event in parsed:
            if isinstance(event, events.DocumentStartEvent):
                raise self._fault(
                    self._place(event), "a second document begins here", "one file holds one card"
                )
        return root

    def _node(self, event: Any, parsed: Iterator[Any], path: Path) -> Node:
        from ruamel.yaml import events

        place = self._place(event)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._fault(
                place, f"holds more than {MAX_NODES:,} texts", "give each incident its own card"
            )
        if isinstance(event, events.AliasEvent):
            raise self._fault(
                place, "aliases (*) are refused", "repeat the text, or put it in quotes"
            )
        if event.anchor is not None:
            raise self._fault(
                place, "anchors (&) are refused", "take it out, or put the text in quotes"
            )
        if event.tag is not None:
            raise self._fault(
                place, "tags (!) are refused", "take it out, or put the text in quotes"
            )
        if len(path) > MAX_DEPTH:
            raise self._fault(place, "is nested more deeply than a card is", "see incidents show")
        if isinstance(event, events.ScalarEvent):
            if event.style in (None, "") and event.value in ("~", "null", "Null", "NULL"):
                raise self._fault(
                    place,
                    f"{event.value} is a word here, not an empty value",
                    "leave the line out, or put the word in quotes if it is meant",
                )
            if re.search("[\ud800-\udfff]", event.value):
                raise self._fault(place, "holds half a character", "type the text anew")
            return Text(path, place, one_line(event.value))
        if isinstance(event, events.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(event := next(parsed), events.SequenceEndEvent):
                items.append(self._node(event, parsed, (*path, len(items))))
            return Items(path, place, tuple(items))
        return self._entries(place, parsed, path)

    def _entries(self, place: Place, parsed: Iterator[Any], path: Path) -> Entries:
        from ruamel.yaml import events

        entries = Entries(path, place, {}, {})
        while not isinstance(event := next(parsed), events.MappingEndEvent):
            if isinstance(event, events.CollectionStartEvent):
                raise self._fault(
                    self._place(event), "a name must be plain text", "write name: text"
                )
            key = self._node(event, parsed, path)
            assert isinstance(key, Text)
            if key.text in entries.values:
                raise self._fault(
                    key.place,
                    f'the name "{key.text}" occurs twice',
                    f"it stands in line {entries.names[key.text].line} already; keep one",
                )
            entries.values[key.text] = self._node(next(parsed), parsed, (*path, key.text))
            entries.names[key.text] = key.place
        return entries

    def _place(self, event: Any) -> Place:
        return Place(self._name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _unreadable(self, position: int) -> CardError:
        before = self._text[:position]
        place = Place(self._name, before.count("\n") + 1, position - before.rfind("\n"))
        code = f"U+{ord(self._text[position]):04X}"
        return self._fault(
            place, f"holds the character {code}, which no text can", "remove it, or type it anew"
        )

    def _fault(self, place: Place, message: str, suggestion: str | None) -> CardError:
        return CardError([problem(SYNTAX, place, message, suggestion)])


def _explained(fault: str) -> tuple[str, str | None]:
    for part, message, suggestion in _EXPLAINED:
        if part in fault:
            return message, suggestion
    return f"is not YAML: {' '.join(fault.split())}", "put the text in quotes"
