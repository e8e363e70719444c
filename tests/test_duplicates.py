"""Near-duplicates: true neighbours are left alone, second entries of one incident are found.

The neighbours are real. Their places, days, parties and figures are those of the pages cited
beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from sahel_incidents.columns import Data, UnknownError
from sahel_incidents.descriptor import open_package
from sahel_incidents.duplicates import LIKELY, LikelyTwin, Pair, candidates, near
from sahel_incidents.duplicates.nearness import near_places, skeleton
from sahel_incidents.records import Records

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = open_package(ROOT)

TILLABERI, GAO, SAHEL, SEGOU = "NE-6", "ML-7", "BF-12", "ML-4"

# Each a place, its region, the first day, attacker, target, what was done to whom, how many.
NEIGHBOURS: dict[str, tuple[str, str, str, str, str, tuple[str, str, str]]] = {
    # A relief column ambushed; nationalpost.com/pmn/news-pmn/death-toll-in-malian-army-ambush-...
    "MLI-2021-03-15-tessit": (
        *("tessit", GAO, "2021-03-15", "islamic-state-sahel", "fama"),
        ("killed", "state_force", "33"),
    ),
    # tellerreport.com/news/2022-08-10-mali--the-jihadist-attack-of-tessit-killed-42-soldiers
    "MLI-2022-08-07-tessit": (
        *("tessit", GAO, "2022-08-07", "islamic-state-sahel", "fama"),
        ("killed", "state_force", "42"),
    ),
    # French Wikipedia, Attaque de Tessit (2025)
    "MLI-2025-06-04-tessit": (
        *("tessit", GAO, "2025-06-04", "islamic-state-sahel", "fama"),
        ("killed", "state_force", "40"),
    ),
    # Two villages 5 km from Seytenga; 24heures.bf: 31 killed at Kourakou, 13 at Tondobi
    "BFA-2023-04-06-kourakou": (
        *("kourakou", SAHEL, "2023-04-06", "unidentified-attackers", "villagers"),
        ("killed", "civilian", "31"),
    ),
    "BFA-2023-04-06-tondobi": (
        *("tondobi", SAHEL, "2023-04-06", "unidentified-attackers", "villagers"),
        ("killed", "civilian", "13"),
    ),
    # exbulletin.com/world/798267: people on their way from the market, 15 March 2021
    "NER-2021-03-15-banibangou": (
        *("banibangou", TILLABERI, "2021-03-15", "unidentified-attackers", "villagers"),
        ("killed", "civilian", "58"),
    ),
    # thenews.com.pk/print/906404-69-die-in-west-niger-attack: 50 km from Banibangou
    "NER-2021-11-02-adab-dab": (
        *("adab-dab", TILLABERI, "2021-11-02", "unidentified-attackers", "villagers"),
        ("killed", "civilian", "69"),
    ),
    # french.xinhuanet.com/20250620/d7c1cb2f98364bffbd6a078bd5a0aa53/c.html
    "NER-2025-06-19-banibangou": (
        *("banibangou", TILLABERI, "2025-06-19", "islamic-state-sahel", "niger-armed-forces"),
        ("killed", "state_force", "34"),
    ),
    # English Wikipedia, Sokolo attack: gendarmes killed, and civilians by troops the day after
    "MLI-2020-01-26-sokolo": (
        *("sokolo", SEGOU, "2020-01-26", "jnim", "fama"),
        ("killed", "state_force", "20"),
    ),
    "MLI-2020-01-27-sokolo": (
        *("sokolo", SEGOU, "2020-01-27", "fama", "villagers"),
        ("killed", "civilian", "53"),
    ),
}


@pytest.fixture
def records() -> Records:
    """The shipped records."""
    return Records.read(PACKAGE)


def enter(
    records: Records,
    id: str,
    place: str,
    admin1: str,
    day: str,
    attacker: str,
    target: str,
    figure: tuple[str, str, str],
) -> str:
    """Enter an incident that is not on record, with its place and parties; answer with its id."""
    if (id,) in records.rows["incidents"]:
        return id
    country = id[:3]
    records.put("actors", {"actor_id": "villagers", "name": "Villagers", "kind": "civilians"})
    if (f"{country.lower()}-{place}",) not in records.rows["places"]:
        records.put(
            "places",
            {
                "place_id": f"{country.lower()}-{place}",
                "name": place.capitalize(),
                "kind": "settlement",
                "country": country,
                "admin1": admin1,
            },
        )
    records.put(
        "incidents",
        {
            "incident_id": id,
            "title": f"{place.capitalize()}: attack",
            "date_start": day,
            "date_end": day,
            "date_precision": "day",
            "country": country,
            "admin1": admin1,
            "place_id": f"{country.lower()}-{place}",
            "event_type": "attack_on_civilians"
            if figure[1] == "civilian"
            else "attack_on_position",
        },
    )
    for role, actor in (("attacker", attacker), ("target", target)):
        own = {"incident_id": id, "actor_id": actor, "role": role, "source_id": f"page-of-{id}"}
        records.put("participants", own)
    harm, victims, value = figure
    records.put(
        "casualties",
        {
            "casualty_id": f"{id}-f01",
            "incident_id": id,
            "harm": harm,
            "victims": victims,
            "qualifier": "exact",
            "value": value,
            "low": value,
            "high": value,
            "source_id": f"page-of-{id}",
        },
    )
    return id


def again(
    records: Records,
    *,
    place: str = "boulikessi",
    admin1: str = "ML-5",
    day: str = "2025-06-01",
    attacker: str = "jnim",
    toll: str = "30",
) -> str:
    """Enter the attack on Boulikessi of 1 June 2025 once more, with some changes."""
    id = f"MLI-{day}-{place}-again"
    return enter(records, id, place, admin1, day, attacker, "fama", ("killed", "state_force", toll))


def data_of(records: Records) -> Data:
    texts = {
        name: pa.table(
            {
                column: pa.array([row[column] for row in records.rows[name].values()], pa.string())
                for column in table.columns
            }
        )
        for name, table in records.package.tables.items()
    }
    return Data(records.package, texts)


def found(records: Records) -> list[tuple[str, str]]:
    return [(pair.first, pair.second) for pair in candidates(data_of(records))]


def with_boulikessi(records: Records, id: str) -> Pair | None:
    """What is found between an incident and that of 1 June 2025."""
    pairs = {frozenset((pair.first, pair.second)): pair for pair in near(records, id)}
    return pairs.get(frozenset((id, "MLI-2025-06-01-boulikessi")))


def test_shipped_incidents_are_distinct(records: Records) -> None:
    assert found(records) == []


def test_true_neighbours_are_left_alone(records: Records) -> None:
    for id, facts in NEIGHBOURS.items():
        enter(records, id, *facts)
    assert found(records) == []


def test_boulikessi_is_left_alone_even_unlinked_and_shown_as_near(records: Records) -> None:
    records.rows["incident_links"] = {}
    pairs = near(records, "MLI-2025-06-05-boulikessi")
    (pair,) = (p for p in pairs if p.first == "MLI-2025-06-01-boulikessi")
    assert pair.points < LIKELY
    assert "same place, 4 days apart, both jnim on fama" in str(pair)


def test_villages_raided_on_one_night_are_shown_with_their_distance(records: Records) -> None:
    records.rows["incident_links"] = {}
    pairs = near(records, "BFA-2023-04-06-kourakou")
    (pair,) = (p for p in pairs if p.second == "BFA-2023-04-06-tondobi")
    assert pair.points < LIKELY
    assert re.search("Kourakou and Tondobi, [0-9]+ km apart, same day", str(pair))


@pytest.mark.parametrize("days", [-2, -1, 0, 1, 2])
@pytest.mark.parametrize("place", ["boulikessi", "boulkessi", "boulkessy", "boulikesi", "bulkesi"])
@pytest.mark.parametrize("toll", ["30", "34"])
def test_a_second_entry_is_found(records: Records, days: int, place: str, toll: str) -> None:
    day = date(2025, 6, 1) + timedelta(days)
    id = again(records, place=place, day=day.isoformat(), toll=toll)
    pair = with_boulikessi(records, id)
    assert pair is not None
    assert pair.points >= LIKELY


@pytest.mark.parametrize(
    ("first", "second", "warned"),
    [
        ("active", "candidate", "second"),
        ("candidate", "active", "first"),
        ("candidate", "candidate", "second"),
        ("active", "active", None),
    ],
)
def test_the_rule_warns_of_candidates_only(
    records: Records, first: str, second: str, warned: str | None
) -> None:
    ids = {"first": "MLI-2025-06-01-boulikessi", "second": again(records)}
    for name, status in (("first", first), ("second", second)):
        records.rows["incidents"][(ids[name],)]["status"] = status
    data = data_of(records)
    twins = LikelyTwin().compute(data, "incidents").to_pylist()
    keys = data.text("incidents", "incident_id").to_pylist()
    assert [key for key, twin in zip(keys, twins, strict=True) if twin] == (
        [ids[warned]] if warned else []
    )


def test_it_says_why(records: Records) -> None:
    id = again(records, day="2025-06-02", toll="58")
    pair = with_boulikessi(records, id)
    assert pair is not None
    assert pair.reasons[:3] == ("same place", "1 day apart", "both jnim on fama")
    assert pair.reasons[3].startswith("killed ")


@pytest.mark.parametrize(
    ("attacker", "less", "said"),
    [
        ("unidentified-attackers", 2, "both on fama"),
        ("ansarul-islam", 1, "affiliates ansarul-islam and jnim on fama"),
        ("fla", 5, "both on fama"),
    ],
)
def test_another_attacker_says_less_or_speaks_against_it(
    records: Records, attacker: str, less: int, said: str
) -> None:
    other = records.copy()
    same_pair = with_boulikessi(records, again(records))
    other_pair = with_boulikessi(other, again(other, attacker=attacker))
    assert same_pair is not None
    assert other_pair is not None
    assert other_pair.points == same_pair.points - less
    assert said in other_pair.reasons


def test_a_village_of_that_name_elsewhere_is_another(records: Records) -> None:
    assert with_boulikessi(records, again(records, place="boulkessi", admin1="ML-1")) is None


def link(records: Records, id: str) -> None:
    records.put(
        "incident_links",
        {
            "incident_id": id,
            "relation": "continuation_of",
            "other_incident_id": "MLI-2025-06-01-boulikessi",
        },
    )


def siblings(records: Records, id: str) -> None:
    for part in (id, "MLI-2025-06-01-boulikessi"):
        row = {"incident_id": part, "other_incident_id": "MLI-2025-06-02-timbuktu"}
        records.put("incident_links", row | {"relation": "part_of"})


def judge(records: Records, id: str) -> None:
    revision = {"revision_id": "R-9001", "table": "incidents", "action": "judged_distinct"}
    ids = {"record_id": "MLI-2025-06-01-boulikessi", "other_id": id}
    records.put("revisions", revision | ids)


@pytest.mark.parametrize("part", [link, siblings, judge])
def test_what_is_known_to_be_distinct_is_silent(
    records: Records, part: Callable[[Records, str], None]
) -> None:
    id = again(records)
    assert found(records) == [("MLI-2025-06-01-boulikessi", id)]
    part(records, id)
    assert found(records) == []
    assert with_boulikessi(records, id) is None


def test_a_link_to_nothing_leaves_it_open(records: Records) -> None:
    link(records, "MLI-2025-06-09-nowhere")
    with pytest.raises(UnknownError):
        candidates(data_of(records))


def test_a_month_holds_its_days(records: Records) -> None:
    id = again(records)
    row = records.rows["incidents"][id,]
    row |= {"date_start": "2025-06-01", "date_end": "2025-06-30", "date_precision": "month"}
    pair = with_boulikessi(records, id)
    assert pair is not None
    assert pair.reasons[1] == "dates that overlap"
    row |= {"date_start": "2025-07-01", "date_end": "2025-07-31"}
    assert with_boulikessi(records, id) is None


def test_a_region_holds_its_places(records: Records) -> None:
    id = again(records)
    records.rows["incidents"][id,]["place_id"] = "mli-mopti-region"
    pair = with_boulikessi(records, id)
    assert pair is not None
    assert pair.reasons[0] == "Boulikessi lies in Mopti region"


def test_near_agrees_with_the_whole(records: Records) -> None:
    id = again(records)
    (pair,) = candidates(data_of(records))
    assert near(records, id)[0] == pair


def test_near_of_a_faulty_date_is_nothing(records: Records) -> None:
    records.rows["incidents"]["MLI-2025-06-01-boulikessi",]["date_start"] = "1 June"
    assert near(records, "MLI-2025-06-01-boulikessi") == []


@pytest.mark.parametrize("table", ["incidents", "places", "casualties", "participants", "aliases"])
def test_empty_cells_and_tables_never_raise(records: Records, table: str) -> None:
    for row in records.rows[table].values():
        row.update(dict.fromkeys(row.keys() - set(PACKAGE.tables[table].primary_key), ""))
    candidates(data_of(records), 0)
    records.rows[table] = {}
    if table != "incidents":
        candidates(data_of(records), 0)


@pytest.mark.parametrize("id", ["", "MLI-2025-06-01-boulikessi"])
def test_a_faulty_key_is_no_duplicate(records: Records, id: str) -> None:
    row = records.rows["incidents"]["MLI-2025-06-01-boulikessi",]
    records.rows["incidents"]["the same again",] = row | {"incident_id": id}
    other = again(records)
    pairs = set(found(records))
    assert pairs == {("MLI-2025-06-01-boulikessi", other)}


def test_no_records_no_pairs() -> None:
    assert candidates(data_of(Records.of(PACKAGE, {}))) == []


@pytest.mark.parametrize(
    ("spellings", "sound"),
    [
        (("boulikessi", "boulkessi", "boulkessy"), "brks"),
        (("eknewan", "eknewane", "eknawan"), "knn"),
        (("sirakorola", "sirakolola"), "srkrr"),
        (("tombouctou", "timbuktu"), "tmbkt"),
        (("tessit", "tessett"), "tst"),
        (("aoua",), "aoua"),
    ],
)
def test_spellings_of_one_name_share_their_consonants(
    spellings: tuple[str, ...], sound: str
) -> None:
    assert {skeleton(name) for name in spellings} == {sound}


@pytest.mark.parametrize(
    ("latitude", "alike", "points"),
    [("14.80", True, 4), ("15.20", True, 3), ("15.60", True, None), ("14.88", False, 1)],
)
def test_places_by_distance_and_name(
    records: Records, latitude: str, alike: bool, points: int | None
) -> None:
    name = "Boulkessy" if alike else "Tangadji"
    key = records.put(
        "places",
        {
            "place_id": "mli-x",
            "name": name,
            "kind": "settlement",
            "country": "MLI",
            "admin1": "ML-5",
            "latitude": latitude,
            "longitude": "-1.3",
            "coordinate_precision": "settlement",
        },
    )
    order = list(records.rows["places"])
    pair = order.index(("mli-boulikessi",)), order.index(key)
    nearness = near_places(data_of(records)).get((min(pair), max(pair)))
    assert (nearness and nearness.points) == points
