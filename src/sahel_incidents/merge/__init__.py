"""A three-way merge of one table that knows its records by their primary key.

Git merges lines. Two branches that each add a record at the same spot then clash without need, and
a line edited on both sides clashes whole. Here records are matched by key and compared cell by
cell: whatever only one side changed is taken, what both changed alike is taken once, and only a
cell that both changed differently, or a record that one side changed and the other removed, is a
clash. (The rule is that of diff3 applied to cells: S. Khanna, K. Kunal, B. C. Pierce, "A Formal
Investigation of Diff3", FSTTCS 2007.)

A clash stands in the table as whole lines between git's marks, so that no mark is ever inside a
cell. Both lines of a block hold what was merged of the record's other cells: who keeps one of them
loses nothing but the rival cell.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from ..csvtext import canonical
from ..package import Table
from ..problem import ToolError
from ..records import Key, Row

OURS, BETWEEN, THEIRS = b"<<<<<<< ours\n", b"=======\n", b">>>>>>> theirs\n"


@dataclass(frozen=True, slots=True)
class Clash:
    """A record on which the two sides cannot both be followed.

    Attributes:
        key: the record's primary key.
        fields: the columns that both changed differently; empty where a side removed the record.
        base: the record before, None where it is new or not known.
        ours: the record on our side, None where it was removed.
        theirs: the record on their side, None where it was removed.
    """

    key: Key
    fields: tuple[str, ...]
    base: Row | None
    ours: Row | None
    theirs: Row | None


@dataclass(frozen=True, slots=True)
class Joined:
    """A record of which each side changed other cells, so that nobody has seen the whole yet."""

    key: Key
    ours: tuple[str, ...]
    """The columns only our side changed."""
    theirs: tuple[str, ...]
    """The columns only their side changed."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged table: its bytes, canonical but for the blocks, and what a person should look at."""

    content: bytes
    clashes: tuple[Clash, ...]
    joined: tuple[Joined, ...]


Cells = tuple[str, ...]
"""A record's cells, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class _Version:
    columns: Cells
    rows: dict[Key, Cells]


def merge(table: Table, base: bytes, ours: bytes, theirs: bytes) -> Merge:
    """Merge two versions of a table that go back to one.

    Args:
        table: the table, for its primary key.
        base: the common ancestor; empty where both sides added the table. Conflict blocks in it,
            which git leaves there when it first had to merge several ancestors, are passed over.
        ours: the version merged into.
        theirs: the version merged.

    Raises:
        ToolError: a version cannot be read by key, or the two changed the columns differently.
    """
    if not table.primary_key:
        raise _unmergeable(table, "the table has no primary key")
    before = _read(table, _without_blocks(base), "the common ancestor")
    mine, other = _read(table, ours, "our version"), _read(table, theirs, "their version")
    columns = _columns(table, before, mine, other)
    old, left, right = (_aligned(version, columns) for version in (before, mine, other))
    shown: dict[Key, Cells] = {}
    rivals: dict[Key, Cells] = {}
    clashes, joined = [], []
    for key in left.keys() | right.keys():
        was, here, there = old.get(key), left.get(key), right.get(key)
        if here is not None and there is not None:
            ours_alone, theirs_alone, both = _changed(was, here, there)
            shown[key] = _with(here, there, theirs_alone)
            if both:
                rivals[key] = _with(there, here, ours_alone)
                clashes.append(_clash(key, both, columns, was, here, there))
            elif ours_alone and theirs_alone:
                names = [tuple(columns[i] for i in side) for side in (ours_alone, theirs_alone)]
                joined.append(Joined(key, *names))
        elif (kept := here or there) is not None and kept != was:
            shown[key] = kept
            if was is not None:
                clashes.append(_clash(key, [], columns, was, here, there))
    ordered = sorted(clashes, key=lambda clash: clash.key)
    content = canonical(columns, table.primary_key, shown.values())
    if ordered:
        content = _with_blocks(table, columns, content, shown, rivals, ordered)
    return Merge(content, tuple(ordered), tuple(sorted(joined, key=lambda item: item.key)))


def _changed(
    was: Cells | None, here: Cells, there: Cells
) -> tuple[list[int], list[int], list[int]]:
    """The cells in which two records differ: those only ours, only theirs and both changed."""
    differing = [i for i in range(len(here)) if here[i] != there[i]] if here != there else []
    ours = [i for i in differing if was is not None and was[i] == there[i]]
    theirs = [i for i in differing if was is not None and was[i] == here[i]]
    return ours, theirs, [i for i in differing if i not in ours and i not in theirs]


def _with(cells: Cells, other: Cells, indexes: list[int]) -> Cells:
    """A record with some cells of another."""
    if not indexes:
        return cells
    return tuple(other[i] if i in indexes else cell for i, cell in enumerate(cells))


def _clash(
    key: Key,
    both: list[int],
    columns: Cells,
    was: Cells | None,
    here: Cells | None,
    there: Cells | None,
) -> Clash:
    def row(cells: Cells | None) -> Row | None:
        return None if cells is None else dict(zip(columns, cells, strict=True))

    return Clash(key, tuple(columns[i] for i in both), row(was), row(here), row(there))


def _with_blocks(
    table: Table,
    columns: Cells,
    content: bytes,
    shown: dict[Key, Cells],
    rivals: dict[Key, Cells],
    clashes: list[Clash],
) -> bytes:
    """Put each clashing line of a canonical table between git's marks, with its rival."""
    # No cell holds a line break, so the lines after the header are the records in key order.
    lines = dict(zip(_in_order(shown), content.split(b"\n")[1:], strict=False))
    rival_lines = canonical(columns, table.primary_key, rivals.values()).split(b"\n")[1:]
    rival = dict(zip(_in_order(rivals), rival_lines, strict=False))
    for clash in clashes:
        line = lines[clash.key] + b"\n"
        our_line = line if clash.ours is not None else b""
        their_line = rival[clash.key] + b"\n" if clash.key in rival else b""
        if clash.ours is None:
            their_line = line
        block = OURS + our_line + BETWEEN + their_line + THEIRS
        lines[clash.key] = block.removesuffix(b"\n")
    return b"\n".join((content.split(b"\n", 1)[0], *lines.values(), b""))


def _in_order(rows: dict[Key, Cells]) -> list[Key]:
    return sorted(rows, key=lambda key: [part.encode("utf-8") for part in key])


def _columns(table: Table, base: _Version, ours: _Version, theirs: _Version) -> Cells:
    """The merged table's columns: a side that alone added or moved columns is followed."""
    if ours.columns == theirs.columns or theirs.columns == base.columns:
        chosen = ours.columns
    elif ours.columns == base.columns:
        chosen = theirs.columns
    else:
        raise _unmergeable(table, "the two sides changed the columns differently")
    if not set(chosen) >= {*base.columns, *ours.columns, *theirs.columns}:
        raise _unmergeable(table, "a side removed or renamed a column")
    return chosen


def _aligned(version: _Version, columns: Cells) -> dict[Key, Cells]:
    """A version's records with these columns, those it does not have being empty."""
    if version.columns == columns:
        return version.rows
    places = {column: place for place, column in enumerate(version.columns)}
    found = [places.get(column) for column in columns]
    return {
        key: tuple("" if place is None else cells[place] for place in found)
        for key, cells in version.rows.items()
    }


def _read(table: Table, content: bytes, version: str) -> _Version:
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        columns = tuple(next(lines, table.columns))
        if len(set(columns)) < len(columns) or not set(columns) >= set(table.primary_key):
            raise ValueError("its first line does not name the schema's columns")
        places = [columns.index(column) for column in table.primary_key]
        rows: dict[Key, Cells] = {}
        for cells in lines:
            if len(cells) != len(columns):
                raise ValueError(f"line {lines.line_num} has {len(cells)} cells")
            key = tuple(cells[place] for place in places)
            if key in rows:
                raise ValueError(f"two records have the key {'|'.join(key)!r}")
            if lines.line_num != len(rows) + 2:
                raise ValueError(f"a cell of {'|'.join(key)!r} holds a line break")
            rows[key] = tuple(cells)
    except (ValueError, csv.Error) as error:
        raise _unmergeable(table, f"{version} cannot be read: {error}") from error
    return _Version(columns, rows)


def _without_blocks(content: bytes) -> bytes:
    if b"<<<<<<< " not in content:
        return content
    kept, inside = [], False
    for line in content.splitlines(keepends=True):
        inside = inside or line.startswith(b"<<<<<<< ")
        if not inside:
            kept.append(line)
        inside = inside and not line.startswith(b">>>>>>> ")
    return b"".join(kept)


def _unmergeable(table: Table, reason: str) -> ToolError:
    return ToolError(
        f"{table.path} cannot be merged record by record: {reason}",
        "merge its lines by hand, then run: incidents fmt, and: incidents validate",
    )
