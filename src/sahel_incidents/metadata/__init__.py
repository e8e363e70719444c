"""What harvesters and catalogues read of a release. A document is one module here.

Each is made from the descriptor, the schemas, the records and the list of the release's files;
`common.py` reads these once for all. Adding a document is adding one file.

Addresses of files are relative, as in `datapackage.json`: a release is one folder, wherever it is
copied to.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from ..release import Artifact, Release


class Document(Protocol):
    """What a document's module offers.

    Attributes:
        TITLE: what it is, in a few words.
        PATH: where it lies in the release's folder.
        MEDIA_TYPE: its IANA media type.
    """

    TITLE: str
    PATH: str
    MEDIA_TYPE: str

    def content(self, release: Release, artifacts: Sequence[Artifact]) -> bytes:
        """The document's bytes; the same for the same arguments.

        Args:
            release: what is published.
            artifacts: the files of the release that are there by now.

        Raises:
            DescriptorError: `datapackage.json` lacks what a catalogue must be told.
        """


DOCUMENTS = tuple(sorted(info.name for info in iter_modules(__path__) if info.name != "common"))
"""The documents' names, each that of its module."""


def load() -> dict[str, Document]:
    """All documents by name, in the order of their names."""
    return {name: cast(Document, import_module(f"{__name__}.{name}")) for name in DOCUMENTS}
