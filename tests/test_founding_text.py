"""The nine facts of the founding text, held against the data.

The project began from one article: Zoneyetu, "A Group Associated With Al-Qaeda Takes Over a Malian
Army Base in Boulikessi and Targets Timbuktu in Continuing Sahelian Violence" (early June 2025).
Each fact in it must be in the dataset, cited to it, whatever other sources say beside it. The CSVs
are read with the standard library alone, so that these tests do not rest on our own reader.
"""

import csv
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
ARTICLE = "zoneyetu-undated"
BOULIKESSI = "MLI-2025-06-01-boulikessi"
TIMBUKTU = "MLI-2025-06-02-timbuktu"

Row = dict[str, str]


def rows(table: str, **wanted: str) -> list[Row]:
    """Read the rows of a table whose cells equal all the wanted values, in file order."""
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        found = csv.DictReader(file, strict=True)
        return [row for row in found if all(row[name] == cell for name, cell in wanted.items())]


def row(table: str, **wanted: str) -> Row:
    """Read the one row of a table that has all the wanted values."""
    found = rows(table, **wanted)
    assert len(found) == 1, f"{len(found)} rows of {table} have {wanted}"
    return found[0]


def statement(kind: str, asserts: str) -> Row:
    """Read the one statement of the article of this kind and claim."""
    return row("statements", source_id=ARTICLE, kind=kind, asserts=asserts)


def incidents_of(statement_row: Row) -> list[tuple[str, str]]:
    """Find the incidents a statement is about, each with how sure the link is."""
    links = rows("statement_incidents", statement_id=statement_row["statement_id"])
    return [(link["incident_id"], link["link"]) for link in links]


def test_the_article_is_a_source() -> None:
    """The article is cited as what was read: its title, its address, no invented day."""
    source = row("sources", source_id=ARTICLE)
    assert source["publisher"] == "Zoneyetu"
    assert source["title"].startswith(
        "A Group Associated With Al-Qaeda Takes Over a Malian Army Base"
    )
    assert source["url"] == "https://zoneyetu.com/?p=28193"
    assert source["published_on"] == ""


def test_fact_1_jnim_took_the_base() -> None:
    """JNIM (affiliated with al-Qaeda) took the army base at Boulikessi on Sunday 1 June 2025."""
    incident = row("incidents", incident_id=BOULIKESSI)
    assert (incident["date_start"], incident["date_end"]) == ("2025-06-01", "2025-06-01")
    assert incident["date_precision"] == "day"
    assert (incident["country"], incident["place_id"]) == ("MLI", "mli-boulikessi")
    assert incident["event_type"] == "attack_on_position"
    parts = rows("participants", incident_id=BOULIKESSI, source_id=ARTICLE)
    assert {(part["actor_id"], part["role"]) for part in parts} == {
        ("jnim", "attacker"),
        ("fama", "target"),
    }
    assert incidents_of(statement("outcome", "position_seized")) == [(BOULIKESSI, "explicit")]
    tie = row("affiliations", actor_id="jnim", related_actor_id="al-qaeda", source_id=ARTICLE)
    assert tie["relation"] == "affiliated_with"


def test_fact_2_over_thirty_soldiers_killed() -> None:
    """Over 30 soldiers killed, "according to Reuters"."""
    figure = row("casualties", incident_id=BOULIKESSI, source_id=ARTICLE, harm="killed")
    assert (figure["victims"], figure["victim_actor_id"]) == ("state_force", "fama")
    assert (figure["qualifier"], figure["value"]) == ("more_than", "30")
    assert (figure["low"], figure["high"]) == ("31", "")
    assert (figure["said_by"], figure["relayed_by"]) == ("Reuters", "Reuters")
    assert figure["confirmation"] == "unconfirmed"
    better = row("casualties", incident_id=BOULIKESSI, said_by="two security sources")
    assert (better["qualifier"], better["value"]) == ("more_than", "30")
    assert (better["relayed_by"], better["source_id"]) == ("Reuters", "trt-2025-06-02")


def test_fact_3_the_government_had_not_verified_the_number() -> None:
    """Mali's government had not formally verified the number: silence, not a denial."""
    silence = statement("verification", "toll_not_confirmed")
    assert silence["speaker_actor_id"] == "mali-government"
    assert incidents_of(silence) == [(BOULIKESSI, "explicit")]
    assert rows("statements", source_id=ARTICLE, kind="denial") == []


def test_fact_4_jnim_declared_a_second_offensive() -> None:
    """On Monday JNIM declared a second offensive, on military personnel in Timbuktu."""
    claim = statement("responsibility", "responsibility_claimed")
    assert (claim["speaker_actor_id"], claim["speaker_kind"]) == ("jnim", "armed_group")
    assert claim["stated_on"] == "2025-06-02"
    assert incidents_of(claim) == [(TIMBUKTU, "explicit")]
    assert row("incidents", incident_id=TIMBUKTU)["place_id"] == "mli-timbuktu"
    parts = rows("participants", incident_id=TIMBUKTU, source_id=ARTICLE)
    assert {(part["actor_id"], part["role"]) for part in parts} == {
        ("jnim", "attacker"),
        ("fama", "target"),
    }


def test_fact_5_the_army_reacted_and_withdrew() -> None:
    """The army said its troops "reacted vigorously" before a tactical retreat: two statements."""
    reaction = statement("conduct", "fought_back")
    withdrawal = statement("outcome", "tactical_withdrawal")
    assert "reacted vigorously" in reaction["gist"]
    for said in (reaction, withdrawal):
        assert (said["speaker_actor_id"], said["speaker_kind"]) == ("fama", "official")
        assert incidents_of(said) == [(BOULIKESSI, "explicit")]


def test_fact_6_a_local_source_on_the_camp_and_the_casualties() -> None:
    """A local source cited by Reuters: JNIM "cleared the camp" and left many casualties."""
    cleared = statement("outcome", "position_cleared")
    assert (cleared["said_by"], cleared["relayed_by"]) == ("a local source", "Reuters")
    assert incidents_of(cleared) == [(BOULIKESSI, "explicit")]
    figure = row("casualties", incident_id=BOULIKESSI, source_id=ARTICLE, qualifier="many")
    assert figure["harm"] == "killed_or_wounded"
    assert (figure["value"], figure["low"], figure["high"]) == ("", "", "")
    assert (figure["said_by"], figure["relayed_by"]) == ("a local source", "Reuters")
    assert "many casualties" in figure["note"]


def test_fact_7_over_four_hundred_soldiers_in_three_countries() -> None:
    """Over 400 soldiers reportedly killed by extremists in three countries since May 2025."""
    total = row("totals", source_id=ARTICLE)
    assert (total["harm"], total["victims"]) == ("killed", "state_force")
    assert (total["qualifier"], total["value"], total["low"]) == ("more_than", "400", "401")
    assert (total["hedge"], total["perpetrators"]) == ("reportedly", "extremists")
    assert total["period_start"] == "2025-05-01"
    assert total["confirmation"] == "unconfirmed"
    countries = rows("total_countries", total_id=total["total_id"])
    assert {country["country"] for country in countries} == {"MLI", "BFA", "NER"}


def test_fact_8_langley_warned_of_the_coast() -> None:
    """Africom's commander warned on Friday 30 May 2025 of attacks and of access to the coast."""
    warning = statement("warning", "threat_growing")
    assert warning["said_by"] == "Gen. Michael Langley, commander of Africom"
    assert (warning["speaker_actor_id"], warning["stated_on"]) == ("africom", "2025-05-30")
    for word in ("Nigeria", "Sahel", "Lake Chad", "coast"):
        assert word in warning["gist"]
    assert incidents_of(warning) == []


def test_fact_9_coups_and_withdrawals_as_background() -> None:
    """Background: several coups, the withdrawal of UN and French forces; not an incident."""
    for asserts in ("coup_occurred", "foreign_forces_withdrew"):
        assert incidents_of(statement("context", asserts)) == []
