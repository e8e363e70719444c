"""Rebuild `src/sahel_incidents/reference/card.schema.json` from the tables' schemas.

    python scripts/make_card_schema.py

To be run after a change of a schema; a test tells when it was forgotten.
"""

from pathlib import Path

from sahel_incidents.cards import layout as card_layout
from sahel_incidents.cards import schema as card_schema
from sahel_incidents.descriptor import open_package
from sahel_incidents.files import write_whole

ROOT = Path(__file__).resolve().parents[1]


if __name__ == "__main__":
    result = ROOT / "src/sahel_incidents/reference" / card_layout.SCHEMA
    write_whole(result, card_schema.text(open_package(ROOT)).encode("utf-8"))
