"""Add incidents to a package, one write each, beside other processes that do the same.

Run as `adding.py FOLDER NAME COUNT`. Only `editing` judges; here the lock and the writes count.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sahel_incidents.descriptor import open_package
from sahel_incidents.records import Records
from sahel_incidents.store import writing

LIKE = "MLI-2025-06-01-boulikessi"


def add(records: Records, incident_id: str) -> None:
    """A copy of an incident with its participants, under another id."""
    for table in ("incidents", "participants"):
        for row in list(records.rows[table].values()):
            if row["incident_id"] == LIKE:
                records.put(table, row | {"incident_id": incident_id})


def main(root: Path, name: str, count: int) -> None:
    package = open_package(root)
    for number in range(count):
        with writing(root) as writer:
            records = Records.read(package)
            add(records, f"MLI-2025-06-01-{name}-{number}")
            writer.replace(records.files())


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
