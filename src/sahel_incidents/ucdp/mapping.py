"""What becomes of each column of UCDP GED when it is imported, and what is lost.

Where a column is kept as it is follows from the schema of `ucdp_events`; it is not said again here.
"""

from __future__ import annotations

import json

from .layout import EVENTS, KEPT, NAMES, schema

_DEATHS = "a figure of killed, exact, `part_of` best"

BECOMES = {
    "id": "`external_ids.external_id`, relation `same`; the end of `incident_id`",
    "year": "follows from `incidents.date_start`",
    "code_status": "`incidents.status`: active if Clear or not said, else candidate",
    "type_of_violence": "`incidents.event_type`: `attack_on_civilians` for 3, else `clash`",
    "dyad_name": "side_a and side_b",
    "side_a_new_id": "tells actors apart; `actors.note`",
    "side_a": "`actors.name`, kind and country; participant, `attacker`",
    "side_b_new_id": "as side_a_new_id",
    "side_b": "as side_a; Civilians is no actor and no participant",
    "number_of_sources": "the rows in `ucdp_articles`",
    "source_article": "a row of `sources` for each article, `cited_in` UCDP GED, and of "
    "`ucdp_articles` for each citation",
    "source_office": "`sources.publisher`",
    "source_date": "`sources.published_on`; in `note` where it is no day that has come",
    "source_headline": "`sources.title`",
    "where_prec": "`incidents.place_precision`: 1 exact, 2 near, 3, 4, 5 and 7 admin1, 6 country; "
    "`places.kind` and `coordinate_precision`",
    "where_coordinates": "`places.name`",
    "adm_1": "`incidents.admin1` and `places.admin1`, by ISO 3166-2, where the list has the name "
    "and the point lies in it",
    "latitude": "`places.latitude`, to six decimals",
    "longitude": "`places.longitude`, to six decimals",
    "geom_wkt": "latitude and longitude",
    "priogrid_gid": "follows from latitude and longitude",
    "country": "`incidents.country`; `places.country` where the point lies in it",
    "country_id": "`incidents.country`, before the name",
    "region": "follows from the country",
    "date_prec": "`incidents.date_precision`: 1 day, 2 to 5 approximate; for 4 and 5 month or year "
    "where the days are those of whole months or years",
    "date_start": "`incidents.date_start`",
    "date_end": "`incidents.date_end`",
    "deaths_a": f"{_DEATHS}; victims by the kind of side_a",
    "deaths_b": f"{_DEATHS}; victims by the kind of side_b; none if that is Civilians",
    "deaths_civilians": f"{_DEATHS}; victims civilian",
    "deaths_unknown": f"{_DEATHS}; victims unknown",
    "best": "a figure of killed, exact; victims: the one kind with dead, mixed if several",
    "high": "with low a figure of killed, range; `at_most` by itself where it is below low; none "
    "where low, best and high are one number",
    "low": "with high; `at_least` by itself where it is above high",
}
"""What becomes of a column in the tables of the model."""

LOST = {
    "date_start": "a time of day, which is always midnight",
    "date_end": "as date_start",
}
"""What cannot be given back."""


def crosswalk() -> str:
    """What becomes of each column, as a table in Markdown."""
    stored = {field["name"] for field in json.loads(schema(EVENTS))["fields"]}
    lines = ["| column | becomes | kept in `ucdp_events` | lost |", "|---|---|---|---|"]
    for name in NAMES:
        kept = "where it differs" if name in KEPT else "always" if name in stored else ""
        lines.append(f"| `{name}` | {BECOMES.get(name, '')} | {kept} | {LOST.get(name, '')} |")
    return "\n".join(lines) + "\n"
