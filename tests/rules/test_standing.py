"""Who may confirm whose losses: the whole of it, one cell for each kind of actor and of victims.

A value added to either vocabulary has no place in this table until someone decides on it.
"""

from itertools import product
from pathlib import Path

import pandas as pd
import pyarrow as pa

from sahel_incidents import rules
from sahel_incidents.descriptor import open_package

TABLES = open_package(Path(__file__).resolve().parents[2]).tables

# "may": it may confirm; "not": it has no standing; "foe": a party speaks of those it fights.
STANDING = """
                         civilian state_force volunteer_or_militia non_state_armed_group foreign_force mixed unknown
state_force              not      may         may                  foe                   may           not   not
state_body               may      may         may                  foe                   may           may   may
non_state_armed_group    foe      foe         foe                  may                   foe           foe   foe
militia                  not      not         may                  foe                   not           not   not
foreign_force            not      not         not                  foe                   may           not   not
private_military_company not      not         not                  foe                   may           not   not
international_body       may      may         may                  may                   may           may   may
civilians                not      not         not                  not                   not           not   not
media                    not      not         not                  not                   not           not   not
ngo                      not      not         not                  not                   not           not   not
unidentified             not      not         not                  not                   not           not   not
"""  # noqa: E501 a table is read best whole


def test_standing() -> None:
    kinds = TABLES["actors"].field("kind").vocabulary
    victims = TABLES["casualties"].field("victims").vocabulary
    pairs = list(product(kinds, victims))
    frame = pa.table(
        {
            "confirmed_by": ["x"] * len(pairs),
            "confirmed_by.kind": [kind for kind, _ in pairs],
            "victims": [harmed for _, harmed in pairs],
            "victim_actor_id": ["x"] * len(pairs),
            "speaker_actor_id": pa.nulls(len(pairs), pa.string()),
            "speaker_kind": pa.nulls(len(pairs), pa.string()),
        }
    ).to_pandas(types_mapper=pd.ArrowDtype)
    found = dict.fromkeys(pairs, "may")
    for rule, word in (
        ("confirmer-has-standing", "not"),
        ("no-confirmation-of-enemy-losses", "foe"),
    ):
        for index in rules.load()[rule].failing(frame):
            assert found[pairs[index]] == "may", "one fault, one rule"
            found[pairs[index]] = word
    header, *lines = (line.split() for line in STANDING.strip().splitlines())
    expected = {
        (kind, harmed): word
        for kind, *words in lines
        for harmed, word in zip(header, words, strict=True)
    }
    assert found == expected
