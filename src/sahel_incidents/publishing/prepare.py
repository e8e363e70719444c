"""What a person commits before a release: its version, and its section of the changelog.

The version is written to `datapackage.json`, its only home. In `CHANGELOG.md`, in the form of Keep
a Changelog (https://keepachangelog.com/en/1.1.0/), the section of what is not yet released becomes
that of the version. Its text stays; what changed in the records is added between two marks, and
written anew whenever the release is prepared again.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .. import store
from ..clock import today
from ..descriptor import open_package
from ..history import Action, Change
from ..history.wording import Teller
from ..package import DESCRIPTOR, Package
from ..problem import ToolError
from ..records import Records
from ..reports.common import count
from ..reports.markdown import as_text
from . import previous
from .previous import Since
from .sources import CHANGELOG
from .versions import Version, check_deserved

_BEGIN = "<!-- records: written by `incidents publish VERSION --prepare` -->"
_END = "<!-- end of records -->"
_TOLD = 20  # changes that are told one by one; the others are counted
_HEADING = re.compile(r"(?m)^## .*$")
_VERBS = {
    Action.ADD: "added",
    Action.MODIFY: "changed",
    Action.DELETE: "deleted",
    Action.MERGE: "merged",
}
_NEW = """# Changelog

All notable changes, newest first. The form is that of
[Keep a Changelog](https://keepachangelog.com/en/1.1.0/). The version is that of `datapackage.json`.
"""


def prepare(root: Path, version: str, *, since: str | None = None) -> tuple[str, ...]:
    """Write a version and its section of the changelog, for a person to look at and commit.

    Args:
        root: the package's folder.
        version: the version that is to be published.
        since: the release before, see `history.states.opened`; None finds it by the tags of git.

    Returns:
        The files that changed; none where all was written already.

    Raises:
        ToolError: the version is none, or too low for what changed; or a file cannot be written.
    """
    wanted = Version.of(version)
    package = open_package(root)
    changelog = _changelog(root)
    before = since or previous.find(root, wanted, changelog)
    if before is None:
        told = _told(package, None)
    else:
        with previous.changes_since(before, root, package) as found:
            since_then = found
            check_deserved(wanted, found.version, found.level, lambda: previous.reason(since_then))
            told = _told(package, found)
    descriptor = (root / DESCRIPTOR).read_bytes()
    files = {
        DESCRIPTOR: with_version(descriptor, wanted),
        CHANGELOG: with_section(changelog, wanted, told).encode("utf-8"),
    }
    present = {DESCRIPTOR: descriptor, CHANGELOG: changelog.encode("utf-8")}
    changed = tuple(path for path, content in files.items() if content != present[path])
    store.apply(root, files)
    return changed


def check_section(changelog: str, version: Version, package: Package, since: Since | None) -> None:
    """Refuse a section that was written before the records became what they are.

    A section without the two marks was written by a person alone, and is taken as it is.

    Args:
        changelog: its text; empty where there is none.
        version: the version that is to be published.
        package: what is to be published.
        since: what it changes of the release before; None where there is none.

    Raises:
        ToolError: between the marks stands something else than `prepare` would write now.
    """
    own = _section(changelog, version)
    body = "" if own is None else changelog[own[0].end() : own[1]]
    there = _records_in(body)
    if there is not None and body[there] != _marked(_told(package, since)):
        raise ToolError(
            f"the section of {version} in {CHANGELOG} tells of other records than there are",
            f"run: incidents publish {version} --prepare, and commit what it writes",
        )


def with_version(descriptor: bytes, version: Version) -> bytes:
    """A descriptor that says another version, and is else the same, byte for byte.

    Raises:
        ToolError: it does not say its version in the usual place.
    """
    there = json.loads(descriptor)
    number = json.dumps(there["version"]).encode("ascii")
    found = list(re.finditer(rb'"version"\s*:\s*(' + re.escape(number) + rb")", descriptor))
    for match in found:
        start, end = match.span(1)
        changed = descriptor[:start] + f'"{version}"'.encode("ascii") + descriptor[end:]
        if json.loads(changed) == there | {"version": str(version)}:
            return changed
    raise ToolError(
        f"the version in {DESCRIPTOR} was not found", f'write it by hand: "version": "{version}"'
    )


def with_section(changelog: str, version: Version, told: list[str]) -> str:
    """A changelog with the section of a version, made of the one of what is not yet released.

    Args:
        changelog: its text; empty where there is none.
        version: the version.
        told: what changed in the records, one item each.
    """
    text = changelog or _NEW
    heading = f"## [{version}] - {today()}"
    records = _marked(told)
    own = _section(text, version, or_unreleased=True)
    if own is None:
        first = _HEADING.search(text)
        start = first.start() if first else len(text)
        before = text[:start].rstrip("\n")
        return (
            f"{before}\n\n{heading}\n\n### Records\n\n{records}\n\n{text[start:]}".rstrip() + "\n"
        )
    found, end = own
    body = _with_records(text[found.end() : end], records)
    return f"{text[: found.start()]}{heading}{body}{text[end:]}".rstrip() + "\n"


def _section(
    text: str, version: Version, *, or_unreleased: bool = False
) -> tuple[re.Match[str], int] | None:
    """The heading of a version's section, or else that of the unreleased, and where it ends."""
    headings = list(_HEADING.finditer(text))
    fitting = [found for found in headings if f"[{version}]" in found[0]]
    if or_unreleased:
        fitting += filter(_is_unreleased, headings)
    if not fitting:
        return None
    following = headings[headings.index(fitting[0]) + 1 :]
    return fitting[0], following[0].start() if following else len(text)


def _is_unreleased(heading: re.Match[str]) -> bool:
    """Whether a section is that of what is not yet released."""
    return "[unreleased]" in heading[0].lower() or "not yet released" in heading[0].lower()


def _with_records(body: str, records: str) -> str:
    there = _records_in(body)
    if there is not None:
        return body[: there.start] + records + body[there.stop :]
    rest = body.rstrip("\n")
    return f"{rest}\n\n### Records\n\n{records}\n\n"


def _records_in(body: str) -> slice | None:
    """Where a section tells of the records, its two marks included."""
    start, end = body.find(_BEGIN), body.find(_END)
    return slice(start, end + len(_END)) if 0 <= start < end else None


def _marked(told: list[str]) -> str:
    return "\n".join([_BEGIN, "", *(f"- {item}" for item in told), "", _END])


def _changelog(root: Path) -> str:
    try:
        return (root / CHANGELOG).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError(f"{CHANGELOG} cannot be read: {error}", "mend it first") from error


def _told(package: Package, since: Since | None) -> list[str]:
    """What a release tells of its records, one item each."""
    return list(_first(package) if since is None else _changed(since))


def _first(package: Package) -> Iterator[str]:
    """What a first release holds, table by table."""
    for name, rows in Records.read(package).rows.items():
        yield f"{as_text(package.tables[name].title)}: {count(len(rows), 'record')}"


def _changed(since: Since) -> Iterator[str]:
    """What changed in the records, in words: the first of them one by one, all of them counted."""
    difference = since.difference
    tables = difference.before.package.tables | difference.after.package.tables
    numbers = Counter((change.table, change.action) for change in difference.changes)
    for name, table in tables.items():
        parts = [
            f"{numbers[name, action]:,} {verb}"
            for action, verb in _VERBS.items()
            if numbers[name, action]
        ]
        if parts:
            yield f"{as_text(table.title)}: {', '.join(parts)}"
    for schema in difference.schemas:
        column = f"{schema.table}.{schema.field}" if schema.field else schema.table
        yield as_text(f"{column} {schema.text}")
    yield from _one_by_one(difference.changes, Teller(difference))


def _one_by_one(changes: tuple[Change, ...], teller: Teller) -> Iterator[str]:
    """Changes of what was published; what is new is counted only."""
    notable = [change for change in changes if change.action is not Action.ADD]
    for change in notable[:_TOLD]:
        yield as_text(teller.sentence(change))
    if len(notable) > _TOLD:
        yield f"and {count(len(notable) - _TOLD, 'more change')}: changes.csv of the release"
