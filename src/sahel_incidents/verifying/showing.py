"""A verification as text for a terminal, and as JSON.

File names come from strangers, so every text goes through what the reports use to make it harmless.
"""

from __future__ import annotations

from dataclasses import asdict

from ..reports.common import (
    count,
    shown_message,
    shown_name,
    to_json,
    visible,
    without_commands,
)
from .findings import Verification

FORMAT = "sahel-incidents-verification"
FORMAT_VERSION = 1
"""Grows only when a reader of the former version could misunderstand the new one."""

_LISTED = 50  # findings that are listed; the others are counted


def text(found: Verification) -> str:
    """The verification for a person at a terminal."""
    named = f" ({found.name} {found.version})" if found.name else ""
    lines = [f"{found.release}{named}: {'verified' if found.sound else 'NOT VERIFIED'}"]
    for finding in found.findings[:_LISTED]:
        path = f"{shown_name(finding.path)} " if finding.path else ""
        lines.append(f"  {finding.kind.upper():<9}  {path}{shown_message(finding.message)}")
    left = len(found.findings) - _LISTED
    if left > 0:
        lines.append(f"  and {left:,} more; --format json lists all")
    lines += [f"  note: {shown_message(note)}" for note in found.notes]
    files = count(found.files, "file")
    lines.append(f"{files}, {count(len(found.findings), 'problem')}")
    return without_commands("\n".join(map(visible, lines)) + "\n")


def json(found: Verification) -> str:
    """The verification as one JSON object, one finding to a line."""
    head = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "release": found.release,
        "name": found.name,
        "version": found.version,
        "verified": found.sound,
        "files": found.files,
        "notes": found.notes,
    }
    members = [f'"{key}": {to_json(value)}' for key, value in head.items()]
    findings = ",\n".join(to_json(asdict(finding)) for finding in found.findings)
    members.append(f'"findings": [\n{findings}\n]' if findings else '"findings": []')
    return "{\n" + ",\n".join(members) + "\n}\n"
