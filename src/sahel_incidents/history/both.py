"""The records of two states, read as far as a comparison needs them.

Where two files share nearly all their lines, only the others are taken apart, which is what a large
table costs most.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from ..package import Package, read_file
from ..problem import ToolError
from ..records import Key, Records, Row
from ..tables import MAX_FILE_BYTES
from .states import State


def read_both(
    before: State, after: State, whole: Collection[str]
) -> tuple[Records, Records, dict[str, str]]:
    """The records of two states.

    Args:
        before: the earlier state.
        after: the later state.
        whole: the tables of which all records are wanted; of others, those that are the same in
            both states may be left out of both.

    Returns:
        The earlier records, the later ones, and the tables that could not be read in one of the
        states, with the reason; neither of the two holds these.
    """
    old, new = Records(before.package), Records(after.package)
    unread: dict[str, str] = {}
    for name in before.package.tables | after.package.tables:
        here = [
            (state, records)
            for state, records in ((before, old), (after, new))
            if name in state.package.tables
        ]
        contents = [_content(state.package, name) for state, _ in here]
        if name not in whole and len(contents) == 2:
            contents = _without_common_lines(*contents)
        for (state, records), content in zip(here, contents, strict=True):
            try:
                records.rows[name] = _rows(state.package, name, content)
            except ToolError as error:
                unread[name] = f"{state.name}: {error.message}"
    for name in unread:
        old.rows.pop(name, None)
        new.rows.pop(name, None)
    return old, new, unread


def _content(package: Package, table: str) -> bytes | None:
    """A table's bytes; None where reading its records will say what is wrong."""
    try:
        return read_file(package.root, package.tables[table].path, MAX_FILE_BYTES)
    except (FileNotFoundError, IsADirectoryError, OverflowError):
        return None


def _rows(package: Package, table: str, content: bytes | None) -> dict[Key, Row]:
    only = replace(package, tables={table: package.tables[table]})
    if content is None:
        return Records.read(only).rows[table]
    return Records.of(only, {package.tables[table].path: content}).rows[table]


def _without_common_lines(before: bytes | None, after: bytes | None) -> list[bytes | None]:
    """Two tables of one header without the lines that both hold, in whatever order.

    They stay whole where a line is not a record of its own, because a cell holds a line break.
    """
    if before is None or after is None:
        return [before, after]
    old, new = before.split(b"\n"), after.split(b"\n")
    if old[0] != new[0] or _runs_on(old) or _runs_on(new):
        return [before, after]
    common = set(old[1:]) & set(new[1:])
    return [
        b"\n".join([lines[0], *(line for line in lines[1:] if line and line not in common), b""])
        for lines in (old, new)
    ]


def _runs_on(lines: Iterable[bytes]) -> bool:
    return any(line.count(b'"') % 2 for line in lines)
