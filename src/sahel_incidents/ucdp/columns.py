"""The columns of UCDP GED: what stands in them here, and what is lost on the way.

Their order and meaning are those of the UCDP Georeferenced Event Dataset, country downloads of
events to 2023 (codebook: https://ucdp.uu.se/downloads/). An id or a judgement of UCDP's is never
made up: such a column stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A column of UCDP GED.

    Attributes:
        name: its name there.
        type: the type of its values, as in Table Schema.
        filled: what stands in it here; "" where it stays empty.
        lost: how this differs from what UCDP means by it; "" where it does not.
    """

    name: str
    type: str
    filled: str
    lost: str = ""


_OTHER_LISTS = "UCDP's own list of conflicts, dyads and actors"

COLUMNS = (
    Column("id", "integer", "a number made of incident_id, the same in every release",
           "not a number of UCDP's"),
    Column("relid", "string", "incident_id", "another form"),
    Column("year", "integer", "the year of date_start"),
    Column("active_year", "boolean", "", "not judged here"),
    Column("code_status", "string", "Clear, since candidates are left out"),
    Column("type_of_violence", "integer",
           "3 if every target is civilian, media or an NGO; else 1 if a state, a foreign force, a "
           "private military company or an international body is on either side; else 2; empty if "
           "attackers or targets are not recorded",
           "unidentified attackers count as non-state"),
    Column("conflict_dset_id", "integer", "", _OTHER_LISTS),
    Column("conflict_new_id", "integer", "", _OTHER_LISTS),
    Column("conflict_name", "string", "", _OTHER_LISTS),
    Column("dyad_dset_id", "integer", "", _OTHER_LISTS),
    Column("dyad_new_id", "integer", "", _OTHER_LISTS),
    Column("dyad_name", "string", "side_a - side_b", "our names of actors"),
    Column("side_a_dset_id", "integer", "", _OTHER_LISTS),
    Column("side_a_new_id", "integer", "", _OTHER_LISTS),
    Column("side_a", "string",
           "the attackers; in type 1 the side with the state; without civilians",
           "our names of actors, several joined by \"; \"; whether they claimed the attack or are "
           "suspected is lost"),
    Column("side_b_dset_id", "integer", "", _OTHER_LISTS),
    Column("side_b_new_id", "integer", "", _OTHER_LISTS),
    Column("side_b", "string", "the other side, without civilians; Civilians in type 3",
           "as side_a"),
    Column("number_of_sources", "integer", "incidents_flat.sources",
           "documents, of which several may repeat one origin"),
    Column("source_article", "string",
           "\"publisher,published_on,title\" of each document, joined by ;",
           "quotes within are doubled; the rest of the source's record"),
    Column("source_office", "string", "sources.publisher, joined by ;"),
    Column("source_date", "string", "sources.published_on, joined by ;",
           "nothing stands where the day is not known"),
    Column("source_headline", "string", "sources.title, joined by ;"),
    Column("source_original", "string", "casualties.said_by, each once, joined by \"; \"",
           "which of them said which number"),
    Column("where_prec", "integer", "place_precision: exact 1, near 2, admin1 4, country 6",
           "3, 5 and 7 are not used"),
    Column("where_coordinates", "string", "places.name"),
    Column("where_description", "string", "incidents.title", "the title tells more than the place"),
    Column("adm_1", "string", "the name in ISO 3166-2 of incidents.admin1",
           "spelt otherwise than by UCDP"),
    Column("adm_2", "string", "", "not recorded here"),
    Column("latitude", "number", "places.latitude",
           "empty where no openly licensed source gives it"),
    Column("longitude", "number", "places.longitude",
           "empty where no openly licensed source gives it"),
    Column("geom_wkt", "string", "the point, longitude first"),
    Column("priogrid_gid", "integer", "the cell of the PRIO-GRID (3), half a degree wide"),
    Column("country", "string", "incidents.country, in words", "spelt otherwise than by UCDP"),
    Column("country_id", "integer", "the country's number by Gleditsch and Ward (4)"),
    Column("region", "string", "Africa"),
    Column("event_clarity", "integer", "1, since operations over several places are left out"),
    Column("date_prec", "integer",
           "date_precision: day 1; approximate 2 up to six days, 3 up to seven, 4 up to 31, "
           "else 5; one month 4, several 5; year 5",
           "why the date is not sharper"),
    Column("date_start", "date", "incidents.date_start"),
    Column("date_end", "date", "incidents.date_end"),
    Column("deaths_a", "integer", "in type 1 best of state_force killed, from estimates",
           "foreign forces, volunteers and militia; empty, not 0, where nobody gives a number"),
    Column("deaths_b", "integer", "in type 1 best of non_state_armed_group killed, from estimates",
           "as deaths_a"),
    Column("deaths_civilians", "integer", "best of civilian killed, from estimates",
           "empty, not 0, where nobody gives a number"),
    Column("deaths_unknown", "integer", "best of unknown killed, from estimates",
           "empty, not 0, where nobody gives a number"),
    Column("best", "integer", "incidents_flat.killed_best",
           "not the sum of the deaths_ columns; empty where nobody gives a number, and where "
           "numbers count several kinds of victims, which may be the same people"),
    Column("high", "integer", "incidents_flat.killed_high",
           "that more are not excluded (killed_high_open); empty as best"),
    Column("low", "integer", "incidents_flat.killed_low",
           "that fewer are not excluded (killed_low_open); empty as best"),
)  # fmt: skip
"""The columns in UCDP's order."""

LEFT_OUT = (
    ("Candidates", "Not yet reviewed; UCDP keeps its candidates apart, too."),
    (
        "Operations over several places",
        "An event of UCDP's has one place. The incidents that an operation consists of are there; "
        "what was said only of the whole is not.",
    ),
    (
        "Totals over a region and a period, and statements",
        "UCDP GED has no place for them.",
    ),
    (
        "Who said what, the grade and the confirmation",
        "One number is left of several claims; figures_flat has them all, by incident_id = relid.",
    ),
    ("All harm but killing", "UCDP GED counts deaths."),
)
"""What has no row or no column, and why."""


def crosswalk() -> str:
    """What stands in each column and what is lost, as a table in Markdown."""
    lines = ["| column | holds | lost |", "|---|---|---|"]
    lines += (
        f"| `{column.name}` | {column.filled or '(empty)'} | {column.lost} |" for column in COLUMNS
    )
    return "\n".join(lines) + "\n"


def left_out() -> str:
    """What has no row or no column, and why, as a list in Markdown."""
    return "".join(f"- **{what}.** {why}\n" for what, why in LEFT_OUT)
