"""What a verification finds wrong with a release, and what it only remarks."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum

from ..problem import Report


class Kind(StrEnum):
    """What is wrong."""

    MISSING = "missing"
    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    UNSAFE = "unsafe"
    SUMS = "sums"
    MANIFEST = "manifest"
    DATA = "data"
    FORMAT = "format"
    DOCUMENT = "document"
    SIGNATURE = "signature"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a release.

    Attributes:
        kind: what kind of thing.
        path: the file, in the release's folder; empty where no single one is meant.
        message: what is wrong with it, as a phrase that follows the path.
    """

    kind: Kind
    path: str
    message: str


@dataclass
class Verification:
    """The outcome of verifying a release.

    Attributes:
        release: the release as the user named it.
        name: its name as it gives it; empty where it could not be read.
        version: its version as it gives it, likewise.
        findings: what is wrong.
        notes: what a person should know though it is not wrong, such as a check not made.
        report: the validation of its data, where it was judged and is not sound.
        files: how many files it states.
    """

    release: str
    name: str = ""
    version: str = ""
    findings: list[Finding] = attribute(default_factory=list)
    notes: list[str] = attribute(default_factory=list)
    report: Report | None = None
    files: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def add(self, kind: Kind, path: str, message: str) -> None:
        """Note that something is wrong."""
        self.findings.append(Finding(kind, path, message))
