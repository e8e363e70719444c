"""Drafts: cards that are not finished, kept so that nothing is lost."""

from __future__ import annotations

from pathlib import Path

from ..cards import dump
from ..cards.nodes import Data
from ..cards.schema import address
from ..files import write_whole

NAME = "incident-draft"
_MARK = "# A draft, to be gone on with: incidents add "


def free_path(folder: Path) -> Path:
    """Where in a folder a new draft can be kept without writing over another."""
    number, path = 1, folder / f"{NAME}.yaml"
    while path.exists():
        number += 1
        path = folder / f"{NAME}-{number}.yaml"
    return path


def keep(path: Path, card: Data) -> None:
    """Write a draft.

    Raises:
        ToolError: the folder cannot be written to, or the disk is full.
    """
    first, _, rest = dump(card, address()).partition("\n")
    write_whole(path, f"{first}\n{_MARK}{path.name}\n{rest}".encode())


def is_draft(content: bytes) -> bool:
    """Whether a card is marked as a draft."""
    return any(line.startswith(_MARK.encode()) for line in content.split(b"\n", 5)[:5])
