"""What a release is made of: one state of the package, its tables, and those derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

from .package import Package, Table

MANIFEST = "manifest.json"
"""The file in which a release says what it holds, and what it was made from and with."""


@dataclass(frozen=True)
class Release:
    """A state of the package that is to be published.

    Attributes:
        package: the package, judged sound.
        descriptor: its `datapackage.json`, as an object.
        issued: the day of the commit it is built from.
        commit: that commit's full name; empty for a draft from a changed work tree.
        tables: its tables in the descriptor's order, typed as by `typed.read_tables`.
        derived: the tables made from these, typed likewise.
        declared: what each table of both is, with its columns.
    """

    package: Package
    descriptor: Mapping[str, Any]
    issued: date
    commit: str
    tables: Mapping[str, pa.Table]
    derived: Mapping[str, pa.Table]
    declared: Mapping[str, Table]

    @property
    def version(self) -> str:
        """The version number, such as 1.0.0."""
        return self.package.version

    @property
    def name(self) -> str:
        """What the release's folder is called."""
        return f"{self.package.name}-{self.version}"

    @cached_property
    def every_table(self) -> dict[str, pa.Table]:
        """The tables of the package, then the derived ones, by name."""
        return {**self.tables, **self.derived}


@dataclass(frozen=True)
class Artifact:
    """A file of a release.

    Attributes:
        path: where it lies in the release's folder, with forward slashes.
        title: what it is, in a few words.
        media_type: its IANA media type.
        size: its length in bytes.
        sha256: its digest, in hexadecimal.
    """

    path: str
    title: str
    media_type: str
    size: int
    sha256: str
