"""Version numbers of releases: their form, their order, and which one a change deserves.

The form and the order are those of Semantic Versioning 2.0.0 (https://semver.org), without build
metadata: two releases that differ in nothing else would have no order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import total_ordering

from ..history.schema_changes import Level
from ..problem import ToolError

_NUMBER = r"(0|[1-9][0-9]*)"
_FORM = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    r"(?:-((?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
    r"(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?"
)
_LENGTH = 64  # characters; a number becomes part of file names


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version number, such as 1.0.0, or with a pre-release, such as 1.0.0-rc.1."""

    major: int
    minor: int
    patch: int
    pre: str = ""

    @classmethod
    def of(cls, text: str) -> Version:
        """The version that a text names.

        Raises:
            ToolError: it names none.
        """
        match = _FORM.fullmatch(text) if len(text) <= _LENGTH else None
        if match is None:
            raise ToolError(
                f"{text[:_LENGTH]!r} is not a version number",
                "write three numbers, such as 1.0.0, without a v before them",
            )
        major, minor, patch = (int(part) for part in match.group(1, 2, 3))
        return cls(major, minor, patch, match[4] or "")

    def __str__(self) -> str:
        number = f"{self.major}.{self.minor}.{self.patch}"
        return f"{number}-{self.pre}" if self.pre else number

    def __lt__(self, other: Version) -> bool:
        return self._order < other._order

    @property
    def _order(self) -> tuple[object, ...]:
        parts = tuple(
            (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in self.pre.split(".")
        )
        return self.core, not self.pre, parts

    @property
    def core(self) -> tuple[int, int, int]:
        """The three numbers, without the pre-release."""
        return self.major, self.minor, self.patch

    def raised(self, level: Level) -> Version:
        """The next version for a change of some weight."""
        if level is Level.MAJOR:
            return Version(self.major + 1, 0, 0)
        if level is Level.MINOR:
            return Version(self.major, self.minor + 1, 0)
        return Version(self.major, self.minor, self.patch + 1)


def check_deserved(
    version: Version, previous: Version, level: Level | None, reason: Callable[[], str]
) -> None:
    """Refuse a version that promises its readers more than it keeps.

    A pre-release must have the number of the release it leads to.

    Args:
        version: the one to be published.
        previous: that of the previous release.
        level: what the difference to it deserves; None where nothing differs.
        reason: asked what deserves it, in words, where it is refused.

    Raises:
        ToolError: the version is not above the previous one, or too low for the change.
    """
    if version <= previous:
        raise ToolError(
            f"version {version} is not above the previous release, {previous}",
            f"raise it to {previous.raised(level or Level.PATCH)} or higher",
        )
    needed = previous.raised(level or Level.PATCH)
    leads_here = previous.pre and version.core == previous.core
    if version.core < needed.core and not leads_here:
        raise ToolError(
            f"version {version} is too low: the changes since {previous} deserve a {level} "
            f"version, because {reason()}",
            f"raise it to {needed} or higher: incidents publish {needed} --prepare",
        )
