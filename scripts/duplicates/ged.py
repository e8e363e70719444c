"""Events of UCDP's Georeferenced Event Dataset as records, as far as duplicates are concerned.

Columns as in the codebook of GED 24.1 (Sundberg and Melander 2013; Davies et al. 2024; licence
CC BY 4.0): `where_prec` 1 to 3 is a place or its surroundings, above it a region; `date_prec` 1 is
a day, 2 and 3 up to a week, 4 a month, 5 a year; `type_of_violence` 1 is a state against a group,
where the state is side A.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from sahel_incidents.package import Package
from sahel_incidents.records import Records

COUNTRIES = {"Mali": "MLI", "Burkina Faso": "BFA", "Niger": "NER"}
FIRST_YEAR = 2012
TYPES = {"1": "attack_on_position", "2": "clash", "3": "attack_on_civilians"}
DATES = {"1": "day", "2": "approximate", "3": "approximate", "4": "month", "5": "year"}
POINTS = {"1": "exact", "2": "settlement", "3": "area"}
GENERIC = re.compile(r" (village|town|city|camp|department|cercle|commune|region|province)\b")


def read_ged(package: Package, file: Path) -> Records:
    """The events of three countries since 2012; only the columns that are compared are filled."""
    records = Records.of(package, {})
    with file.open(encoding="utf-8", newline="") as lines:
        for event in csv.DictReader(lines):
            if event["country"] in COUNTRIES and int(event["year"]) >= FIRST_YEAR:
                _enter(records, event)
    return records


def _enter(records: Records, event: dict[str, str]) -> None:
    country, day = COUNTRIES[event["country"]], event["date_start"][:10]
    place = f"{event['where_coordinates']} {event['latitude']} {event['longitude']}"
    settled = event["where_prec"] in POINTS
    spot = {"latitude": event["latitude"], "longitude": event["longitude"]} if settled else {}
    records.put(
        "places",
        {
            "place_id": place,
            "name": GENERIC.sub("", event["where_coordinates"]),
            "kind": "settlement" if settled else "admin1",
            "country": country,
            "admin1": event["adm_1"],
            "coordinate_precision": POINTS.get(event["where_prec"], "admin1"),
            **spot,
        },
    )
    own = {"incident_id": f"{country}-{day}-{event['id']}", "source_id": event["source_article"]}
    records.put(
        "incidents",
        own
        | {
            "title": event["source_headline"],
            "date_start": day,
            "date_end": event["date_end"][:10],
            "date_precision": DATES[event["date_prec"]],
            "country": country,
            "place_id": place,
            "event_type": TYPES[event["type_of_violence"]],
        },
    )
    roles = ("target", "attacker") if event["type_of_violence"] == "1" else ("attacker", "target")
    for role, actor in zip(roles, (event["side_a"], event["side_b"]), strict=True):
        kind = "civilians" if actor == "Civilians" else "non_state_armed_group"
        records.put("actors", {"actor_id": actor, "name": actor, "kind": kind})
        records.put("participants", own | {"actor_id": actor, "role": role})
    numbers = {"value": event["best"], "low": event["low"], "high": event["high"]}
    key = {"casualty_id": f"{own['incident_id']}-f01", "harm": "killed", "victims": "mixed"}
    records.put("casualties", own | key | numbers)
