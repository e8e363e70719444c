"""Draw docs/images/validate.svg: what `incidents validate` says of a few mistakes.

    python scripts/picture.py

The mistakes are made in a copy of the shipped package, and the report is the real one.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.text import Text

from sahel_incidents import reports
from sahel_incidents.validate import validate

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "validate.svg"
WIDTH = 120

# Table, the text as it stands, the mistake.
MISTAKES = (
    ("casualties", "more_than,30,31,,,two security", "more_than,30,30,,,two security"),
    (
        "casualties",
        "60,60,,,a local elected official,local_",
        "60,60,,,a local elected official,local ",
    ),
    (
        "casualties",
        "RFI,allafrica-2025-06-03,unconfirmed,,,,,\"The army's",
        "RFI,allafrica-2025-06-03,confirmed,fama,allafrica-2025-06-03,,,\"The army's",
    ),
    ("incidents", "2025-06-05,2025-06-05,day", "05/06/2025,2025-06-05,day"),
    ("places", "14.8252,-5.2547", "-5.2547,14.8252"),
)


def main() -> None:
    """Make the mistakes, validate, and draw the report."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copy(ROOT / "datapackage.json", copy)
        for name in ("data", "schemas"):
            shutil.copytree(ROOT / name, copy / name)
        for table, right, wrong in MISTAKES:
            path = copy / "data" / f"{table}.csv"
            text = path.read_text(encoding="utf-8")
            if text.count(right) != 1:
                raise SystemExit(f"{table}: {right!r} occurs {text.count(right)} times")
            path.write_text(text.replace(right, wrong), encoding="utf-8")
        report = replace(validate(copy), root="~/sahel-incidents")
    shown = reports.get("text").render(report, limit=None, colour=True)
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text("$ incidents validate", style="bold"))
    console.print(Text.from_ansi(shown.rstrip("\n")))
    picture = console.export_svg(title="incidents validate", unique_id="validate")
    # A picture in a README loads nothing from elsewhere: the font is the reader's own.
    picture = re.sub(r" *@font-face \{.*?\}\n", "", picture, flags=re.DOTALL)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
