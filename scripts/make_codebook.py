"""Write docs/codebook.md anew from the schemas, the rules and the derived tables' declaration.

    python scripts/make_codebook.py

tests/test_codebook.py fails where it is out of date.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from sahel_incidents import codebook, derived
from sahel_incidents.descriptor import open_package
from sahel_incidents.files import write_whole
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.release import Release

ROOT = Path(__file__).resolve().parents[1]
CODEBOOK = ROOT / "docs" / "codebook.md"


def declared(root: Path) -> Release:
    """What a package declares, as a release without rows."""
    package = open_package(root)
    return Release(
        package=package,
        descriptor=json.loads((root / DESCRIPTOR).read_text(encoding="utf-8")),
        issued=date.min,
        commit="",
        tables={},
        derived={},
        declared={**package.tables, **derived.declared(package)},
    )


if __name__ == "__main__":
    write_whole(CODEBOOK, codebook.markdown(declared(ROOT), documents="").encode("utf-8"))
