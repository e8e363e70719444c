"""Cards: card and rows stand for each other, whatever is in them; and a wrong card is explained."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sahel_incidents import cards
from sahel_incidents.cards import (
    Card,
    CardError,
    Place,
    dump,
    enter,
    layout,
    load,
    located,
    to_card,
)
from sahel_incidents.cards import schema as card_schema
from sahel_incidents.cards.phrases import parse
from sahel_incidents.cards.reading import MAX_BYTES, MAX_LINE, MAX_NODES
from sahel_incidents.descriptor import open_package
from sahel_incidents.package import Field
from sahel_incidents.problem import Problem, Severity, ToolError
from sahel_incidents.records import Records, Row

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = open_package(ROOT)
SHIPPED = Records.read(PACKAGE)
BOULIKESSI = "MLI-2025-06-01-boulikessi"

INCIDENT = """\
status: active
title: "Boulikessi, 3 June 2025: shelling"
date_start: 2025-06-03
date_precision: day
country: MLI
place: mli-boulikessi
place_precision: near
event_type: shelling
"""
FIGURE = """\
casualties:
  - killed: over 30
    victims: state_force
    said_by: two security sources
    speaker_kind: security_source
    source: trt-2025-06-02
    confirmation: unconfirmed
"""
STATEMENT = """\
statements:
  - link: explicit
    kind: outcome
    asserts: attack_repelled
    said_by: Malian general staff
    speaker_kind: official
    speaker_actor: fama
    stated_on: 2025-06-04
    gist: Says the attack was repelled.
    source: trt-2025-06-02
"""


def rows_of(text: str, table: str, records: Records = SHIPPED) -> list[Row]:
    """The rows of a table that a card stands for."""
    return [row for name, row in cards.to_rows(load(text, "card.yaml"), records) if name == table]


def problems(text: str | bytes, records: Records = SHIPPED) -> list[Problem]:
    """What is wrong with a card."""
    with pytest.raises(CardError) as caught:
        cards.to_rows(load(text, "card.yaml"), records)
    return caught.value.problems


# The shipped incidents


@pytest.mark.parametrize("incident", [key[0] for key in SHIPPED.rows["incidents"]])
def test_a_shipped_incident_as_a_card_changes_no_byte(incident: str) -> None:
    data = to_card(SHIPPED, incident)
    card = load(dump(data), incident)
    assert card.data == data
    assert cards.incident_id(card, SHIPPED) == incident
    assert cards.apply(card, SHIPPED).files() == SHIPPED.files()


def test_what_is_said_in_a_card_reads_like_a_sentence() -> None:
    lines = dump(to_card(SHIPPED, BOULIKESSI), "schema.json").splitlines()
    assert lines[:2] == ["# yaml-language-server: $schema=schema.json", f"id: {BOULIKESSI}"]
    start = lines.index("casualties:")
    assert lines[start + 1 : start + 6] == [
        "  - killed: over 30",
        "    id: f01",
        "    victims: state_force",
        "    victim_actor: fama",
        "    said_by: two security sources",
    ]
    assert max(map(len, lines)) <= 100


def test_an_unknown_incident_is_told_with_its_neighbour() -> None:
    with pytest.raises(ToolError) as caught:
        to_card(SHIPPED, "MLI-2025-06-01-boulikesi")
    assert caught.value.remedy == f"did you mean {BOULIKESSI}?"


def test_a_figure_that_no_phrase_can_tell_is_refused() -> None:
    records = SHIPPED.copy()
    records.rows["casualties"][f"{BOULIKESSI}-f01",]["low"] = "7"
    with pytest.raises(ToolError, match="boulikessi-f01"):
        to_card(records, BOULIKESSI)


# Generated incidents


ANY_CHARACTER = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
ANY_TEXT = (
    st.text(ANY_CHARACTER, min_size=1, max_size=60)
    | st.lists(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])), min_size=12).map(
        " ".join
    )
    | st.sampled_from(
        ["NO", "on", "null", "~", "2025-06-01", "007", "1e3", "0x1F", "12:30:45", "- a", "# no",
         "a # b", "a: b", "a:", "'q'", '"q"', "x\\y", "%x", "@x", "*a", "&a", "!t", "|", ">", "[",
         "{a}", "<<", "=", " a", "a ", "  ", "\x85", "\u2028", "\ufeff", "\x07", "--- a", "..."]
    )
)  # fmt: skip


def cells(field: Field) -> st.SearchStrategy[str]:
    """Cells that a field allows, without the empty one."""
    if field.vocabulary:
        return st.sampled_from(field.vocabulary)
    if field.type == "date":
        return st.dates(min_value=date(1960, 1, 1)).map(str)
    if field.type == "number":
        low, high = field.constraints["minimum"], field.constraints["maximum"]
        return st.decimals(low, high, places=4).map(str)
    if pattern := field.constraints.get("pattern"):
        return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    most = field.constraints.get("maxLength", 100)
    return ANY_TEXT.map(lambda text: text[:most] or "x")


@st.composite
def row_of(draw: st.DrawFn, records: Records, table: str, **fixed: str) -> Row:
    """A row that its schema allows, referring to records that are there; put among them."""
    declared = records.package.tables[table]
    references = {key.field: key.table for key in declared.foreign_keys}
    row = {}
    for field in declared.fields:
        if field.name in fixed:
            row[field.name] = fixed[field.name]
        elif not field.required and draw(st.booleans()):
            row[field.name] = ""
        elif field.name in references:
            known = [key[0] for key in records.rows[references[field.name]]]
            row[field.name] = draw(st.sampled_from(known)) if known else ""
        else:
            row[field.name] = draw(cells(field))
    records.put(table, row)
    return row


PHRASES = st.sampled_from(
    ["30", "0", "over 30", "at least 60", "up to 44", "fewer than 10", "about 100", "30-40", "many"]
)


FIGURES = layout.FIGURES


@st.composite
def generated(draw: st.DrawFn) -> Records:
    """Records of two or three incidents, all that cards hold filled or empty at random."""
    records = Records(PACKAGE, {name: {} for name in PACKAGE.tables})
    for table in ("sources", "actors", "places"):
        for _ in range(2):
            draw(row_of(records, table))
    names = [f"MLI-2025-06-0{n}-x" for n in range(1, draw(st.integers(2, 3)) + 1)]
    for name in names:
        draw(row_of(records, "incidents", incident_id=name))
    for name in names:
        for _ in range(draw(st.integers(0, 2))):
            draw(row_of(records, "participants", incident_id=name))
        for number in range(draw(st.integers(0, 3))):
            told = parse(draw(PHRASES))
            numbers = {"value": told.value, "low": told.low, "high": told.high}
            shown = {key: "" if n is None else str(n) for key, n in numbers.items()}
            figure = f"{name}-f{number + 1:02}"
            fixed = {"incident_id": name, "casualty_id": figure, "qualifier": told.qualifier}
            draw(row_of(records, "casualties", **fixed, **shown))
    for name in names:
        # Only now, so that parts and successors can be any figure of the same incident.
        figures = [
            key[0] for key, row in records.rows["casualties"].items() if row[layout.OWNER] == name
        ]
        for figure in figures:
            for column in ("part_of", "superseded_by"):
                records.rows["casualties"][figure,][column] = draw(st.sampled_from(["", *figures]))
        if draw(st.booleans()):
            draw(row_of(records, "incident_links", incident_id=name))
        if draw(st.booleans()):
            draw(row_of(records, "external_ids", incident_id=name))
    for _ in range(draw(st.integers(0, 3))):
        statement = draw(row_of(records, "statements"))["statement_id"]
        for name in draw(st.sets(st.sampled_from(names))):
            fixed = {"statement_id": statement, "incident_id": name}
            draw(row_of(records, "statement_incidents", **fixed))
    return records


thorough = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@thorough
@given(generated())
def test_a_generated_incident_as_a_card_changes_no_byte(records: Records) -> None:
    for (incident,) in records.rows["incidents"]:
        data = to_card(records, incident)
        card = load(dump(data), "card.yaml")
        assert card.data == data
        assert cards.apply(card, records).rows == records.rows


@thorough
@given(generated())
def test_a_generated_incident_comes_back_where_it_was_taken_out(records: Records) -> None:
    """The card holds all that is the incident's own: nothing of it is read from the records."""
    incident = next(iter(records.rows["incidents"]))[0]
    without = records.copy()
    del without.rows["incidents"][incident,]
    for table in (*layout.OWNED.values(), "statement_incidents"):
        rows = without.rows[table]
        without.rows[table] = {k: row for k, row in rows.items() if row[layout.OWNER] != incident}
    elsewhere = {statement for statement, _ in without.rows["statement_incidents"]}
    for statement, about in records.rows["statement_incidents"]:
        if about == incident and statement not in elsewhere:
            del without.rows["statements"][statement,]
    assert enter(load(dump(to_card(records, incident)), "card.yaml"), without) == incident
    assert without.rows == records.rows


@thorough
@given(generated(), st.randoms(use_true_random=False))
def test_an_edit_replaces_just_what_is_the_incidents_own(records: Records, random: Random) -> None:
    incident, *others = [key[0] for key in records.rows["incidents"]]
    card = to_card(records, incident)
    for name in ("participants", "statements", "links"):
        kept = [item for item in card.pop(name, []) if random.random() < 0.5]
        card |= {name: kept} if kept else {}
    after = cards.apply(load(dump(card), "card.yaml"), records)
    assert to_card(after, incident) == card
    for other in others:
        assert to_card(after, other) == to_card(records, other)
    for table in layout.SHARED.values():
        assert after.rows[table] == records.rows[table]
    linked = {statement for statement, _ in records.rows["statement_incidents"]}
    for key, row in records.rows["statements"].items():
        if key[0] not in linked:  # context, which stands without an incident
            assert after.rows["statements"][key] == row
    kept_statements = {statement for statement, _ in after.rows["statement_incidents"]}
    gone = {key[0] for key in records.rows["statements"].keys() - after.rows["statements"].keys()}
    assert gone == linked - kept_statements


# What a card leaves out


def test_ids_are_assigned() -> None:
    text = INCIDENT + FIGURE + FIGURE.partition("\n")[2] + STATEMENT
    assert rows_of(text, "incidents")[0]["incident_id"] == "MLI-2025-06-03-boulikessi"
    assert [row["casualty_id"] for row in rows_of(text, "casualties")] == [
        "MLI-2025-06-03-boulikessi-f01",
        "MLI-2025-06-03-boulikessi-f02",
    ]
    assert rows_of(text, "statement_incidents") == [
        {
            "statement_id": "S-2025-06-04-fama-attack-repelled",
            "incident_id": "MLI-2025-06-03-boulikessi",
            "link": "explicit",
        }
    ]


@pytest.mark.parametrize(
    ("precision", "id"),
    [
        ("day", "MLI-2025-06-01-boulikessi-2"),
        ("approximate", "MLI-2025-06-boulikessi"),
        ("month", "MLI-2025-06-boulikessi"),
        ("year", "MLI-2025-boulikessi"),
    ],
)
def test_an_incidents_id_tells_its_date_as_far_as_known(precision: str, id: str) -> None:
    text = INCIDENT.replace("06-03", "06-01").replace(": day", f": {precision}")
    assert rows_of(text, "incidents")[0]["incident_id"] == id


def test_an_incident_of_one_day_ends_when_it_starts() -> None:
    assert rows_of(INCIDENT, "incidents")[0]["date_end"] == "2025-06-03"


def test_a_new_figure_gets_a_number_that_was_never_given() -> None:
    records = SHIPPED.copy()
    card = to_card(records, BOULIKESSI)
    figures = card["casualties"]
    last = int(figures[-1]["id"][1:])
    for figure in figures:  # the last one goes, and may not be referred to
        figure.pop("superseded_by", None)
    card["casualties"] = [{**figures[0], "id": "", "said_by": "a third source"}, *figures[:-1]]
    (new, *_) = [row for name, row in cards.to_rows(Card.of(card, "x"), records) if name == FIGURES]
    assert new["casualty_id"] == f"{BOULIKESSI}-f{last + 1:02}"
    retired = {"table": FIGURES, "record_id": f"{BOULIKESSI}-f{last + 5:02}", "action": "retracted"}
    records.put("revisions", {"revision_id": "R-0001", **retired})
    (new, *_) = [row for name, row in cards.to_rows(Card.of(card, "x"), records) if name == FIGURES]
    assert new["casualty_id"] == f"{BOULIKESSI}-f{last + 6:02}"


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("", "'Dozens'"),
        ("no number", "'Dozens'; no number"),
        ("The page says 'dozens'.", "The page says 'dozens'."),
    ],
)
def test_words_without_a_number_go_into_the_note(note: str, kept: str) -> None:
    text = INCIDENT + FIGURE.replace("over 30", "Dozens") + f"    note: {note}\n"
    (row,) = rows_of(text, "casualties")
    assert (row["qualifier"], row["note"]) == ("many", kept)


def test_sources_actors_and_places_can_be_added() -> None:
    text = (
        INCIDENT.replace("mli-boulikessi", "mli-new")
        + FIGURE.replace("trt-2025-06-02", "new-2025-06-04")
        + "    id: f01\n"
        + "sources:\n  - id: new-2025-06-04\n    publisher: New\n    title: New\n    kind: news\n"
        + "places:\n  - id: mli-new\n    name: New\n    kind: settlement\n    country: MLI\n"
    )
    after = cards.apply(load(text, "card.yaml"), SHIPPED)
    assert after.rows["sources"]["new-2025-06-04",]["publisher"] == "New"
    assert after.rows["incidents"]["MLI-2025-06-03-new",]["place_id"] == "mli-new"
    assert SHIPPED.files() != after.files()
    # Entered again, with the incident's id given, the card changes nothing.
    again = load(f"id: MLI-2025-06-03-new\n{text}", "card.yaml")
    assert cards.apply(again, after).files() == after.files()


def test_a_statement_on_record_is_referred_to_by_its_id() -> None:
    statement = "S-2025-06-01-fama-withdrawal"
    text = f"{INCIDENT}statements:\n  - id: {statement}\n    link: possible\n"
    after = cards.apply(load(text, "card.yaml"), SHIPPED)
    assert after.rows["statements"] == SHIPPED.rows["statements"]
    about = {key[1] for key in after.rows["statement_incidents"] if key[0] == statement}
    assert {BOULIKESSI, "MLI-2025-06-03-boulikessi"} <= about


def test_a_figures_parts_are_named_by_number_alone() -> None:
    part = FIGURE.partition("\n")[2].replace("over 30", "10")
    text = f"{INCIDENT}{FIGURE}    id: f07\n{part}    part_of: f07\n"
    whole, share = rows_of(text, "casualties")
    assert whole["casualty_id"] == share["part_of"] == "MLI-2025-06-03-boulikessi-f07"


def test_a_card_can_come_from_a_sheet() -> None:
    def place(path: tuple[str | int, ...]) -> Place:
        return Place("book.xlsx", 7, 3 if path[-1:] == ("country",) else None)

    data = {**load(INCIDENT, "x").data, "country": "MLO", "admin1": None}
    with pytest.raises(CardError) as caught:
        cards.to_rows(Card.of(data, "book.xlsx", place), SHIPPED)
    assert [problem.place for problem in caught.value.problems] == ["book.xlsx:7:3"]


# Text stays text


@pytest.mark.parametrize(
    "text", ["NO", "on", "2025-06-01", "007", "1e3", "12:30:45", "0x1F", "1_000", "yes", ".5", "="]
)
def test_a_value_is_the_text_that_stands_there(text: str) -> None:
    assert load(f"title: {text}\n", "card.yaml").data == {"title": text}


@pytest.mark.parametrize(
    "text",
    [
        "a b\n  c",
        ">-\n  a b\n  c\n",
        "|\n  a b\n  c\n",
        '"a b\n  c"',
        "|\n  a b  \n\n   c\n\n",
        '"a b \\n c"',
    ],
)
def test_a_text_over_several_lines_is_one_line(text: str) -> None:
    assert load(f"note: {text}", "card.yaml").data == {"note": "a b c"}


def test_an_empty_value_is_as_good_as_absent() -> None:
    text = f"{INCIDENT}admin1:\nsummary: ''\nlinks:\nstatements: []\n"
    assert rows_of(text, "incidents") == rows_of(INCIDENT, "incidents")
    assert dump({"id": "x", "note": None, "links": [], "casualties": [{"note": ""}]}, "s") == (
        "# yaml-language-server: $schema=s\nid: x\n"
    )


# What is wrong is told, with its place and its remedy


@pytest.mark.parametrize(
    ("text", "place", "message", "remedy"),
    [
        ("title: Djibo: attack", "1:13", "colon", "quotes"),
        ("\ttitle: x", "1:1", "tab", "spaces"),
        ("title:\n\tx", "2:1", "tab", "spaces"),
        ("status: active\ntitle: 'x\n", "2:8", "not closed", "close it"),
        ('title: "say "x""', "1:14", "indented differently", "in quotes must be wholly"),
        ('title: "a\\qb"', "1:11", "backslash", "write"),
        ('title: "\\UFFFFFFFF"', "1:1", "no character", "itself"),
        ('title: "\\ud800"', "1:8", "half a character", "anew"),
        ("title: @x", "1:8", "meaning of its own", "quotes"),
        ("title: ]", "1:8", "meaning of its own", "quotes"),
        ("title: - x", "1:8", "dash", "quotes"),
        ("title: [x", "1:8", "not closed", "close it"),
        ("killed: >30", "1:11", "begins with >", '">30"'),
        ("a: 1\n\nfoo\nb: 2", "4:1", "neither a name", "name: text"),
        ("a:1", "1:1", "names and values", "a space after the colon"),
        ("- a", "1:1", "names and values", "name: text"),
        ("a: 1\na: 2", "2:1", 'the name "a" occurs twice', "line 1"),
        ("a:\n  - b: 1\n   c: 2", "3:4", "indented differently", "as its neighbours"),
        ("? [a]\n: b", "1:3", "a name must be plain", "name: text"),
        ("a: ~", "1:4", "~ is a word here", "leave the line out"),
        ("a: null", "1:4", "null is a word here", "leave the line out"),
        ("", "1:1", "empty", "incidents show"),
        ("# only this", "1:1", "empty", "incidents show"),
        ("a: \x00", "1:4", "U+0000", "remove it"),
        (b"a: b\nc: \xff", "2:4", "not UTF-8", "save"),
        # What YAML can do and a card must not
        ("a: !!python/object/apply:os.system [x]", "1:4", "tags", "quotes"),
        ("a: !x y", "1:4", "tags", "quotes"),
        ("!!map {a: b}", "1:1", "tags", "quotes"),
        ("a: &x [1]\nb: [*x, *x]", "1:4", "anchors", "quotes"),
        ("a: *x", "1:4", "aliases", "quotes"),
        ("a: *bold*", "1:4", "aliases", "quotes"),
        ("%YAML 1.1\n---\na: b", "2:1", "directives", "out"),
        ("a: 1\n---\nb: 2", "2:1", "second document", "one card"),
        ("a: " + "[" * 100, "1:10", "nested", "incidents show"),
        ("? " * 1000, "1:3", "a name must be plain", "name: text"),
        ("a: b\n" + "x" * (MAX_LINE + 1), "2:1", "characters", "sentences"),
        ("a:\n" + "- x\n" * MAX_NODES, f"{MAX_NODES - 1}:3", "texts", "its own card"),
        ("#" * (MAX_BYTES + 1), "1:1", "bytes", "card of its own"),
    ],
)  # fmt: skip
def test_what_is_no_card_text(text: str | bytes, place: str, message: str, remedy: str) -> None:
    (problem,) = problems(text)
    assert problem.rule == "card-syntax"
    assert problem.place == f"card.yaml:{place}"
    assert message in problem.message
    assert remedy in (problem.suggestion or "")


@pytest.mark.parametrize(
    "text",
    [
        "a: !" + "x" * 900_000,
        "a: [" + "x," * 400_000 + "]",
        "".join(f"k{n}: v\n" for n in range(90_000)),
        "- " * 400_000,
        "{" * 900_000,
    ],
    ids=["tag", "flow list", "names", "lists", "mappings"],
)
def test_a_hostile_text_is_refused(text: str) -> None:
    """The parser alone takes minutes over some of them; without a bound this test never ends."""
    (problem,) = problems(text)
    assert problem.rule == "card-syntax"


def test_a_card_that_begins_with_a_byte_order_mark_is_read() -> None:
    for text in ("\ufefftitle: é\r\n", "\ufefftitle: é\r\n".encode()):
        assert load(text, "card.yaml").data == {"title": "é"}


LINES = INCIDENT.count("\n")


@pytest.mark.parametrize(
    ("text", "line", "column", "rule", "message", "remedy"),
    [
        (INCIDENT + "sumary: x\n", 1, 1, "card-names", 'no "sumary"', "did you mean summary?"),
        (INCIDENT + "place_id: x\n", 1, 1, "card-names", 'no "place_id"', "did you mean place?"),
        (INCIDENT + "<<: x\n", 1, 1, "card-names", 'no "<<"', "it can hold: id, status"),
        (INCIDENT + "figurs: x\n", 1, 1, "card-names", 'no "figurs"', "casualties"),
        (INCIDENT + "links: x\n", 1, 8, "card-names", "links is a list", "- "),
        (INCIDENT + "links:\n  - x\n", 2, 5, "card-names", "has names", "name: text"),
        (INCIDENT + "summary: [x]\n", 1, 10, "card-names", "one text, not a list", "line"),
        (INCIDENT.replace("active", "actve"), -7, 9, "cell-category", "actve", "mean active?"),
        (INCIDENT.replace("2025-06-03\n", "3/6/25\n"), -5, 13, "cell-type", "not a date", "apart"),
        (INCIDENT.replace("country: MLI\n", ""), -7, 1, "cell-required", "country is missing",
         "One of: BEN"),
        (INCIDENT + FIGURE.replace("killed", "kiled"), 2, 5, "card-names", 'no "kiled"', "killed?"),
        (INCIDENT + FIGURE.replace("killed: over 30", "harm: killed"), 2, 5, "card-names",
         "a figure is a phrase", "killed: over 30"),
        (INCIDENT + FIGURE + "    wounded: 3\n", 8, 5, "card-phrase", "two figures in one",
         "of its own"),
        (INCIDENT + FIGURE.replace("over 30", "1.200"), 2, 13, "card-phrase", "thousand", "1200"),
        (INCIDENT + FIGURE.replace("over 30", "20 + 10"), 2, 13, "card-phrase", "sum", "part_of"),
        (INCIDENT + FIGURE.replace("over 30", "[30]"), 2, 13, "card-phrase", "missing", "over 30"),
        (INCIDENT + FIGURE.replace("state_force", "stateforce"), 3, 14, "cell-category",
         'victims: "stateforce"', "did you mean state_force?"),
        (INCIDENT + FIGURE.replace("victims: ", "victms: "), 3, 5, "card-names", 'no "victms"',
         "did you mean victims?"),
        (INCIDENT + FIGURE.replace("    said_by: two security sources\n", ""), 2, 5,
         "cell-required", "said_by is missing", "as the source names them"),
        (INCIDENT + FIGURE.replace("trt-2025-06-02", "trt-2025-06-03"), 6, 13, "card-reference",
         'no source "trt-2025-06-03"', "did you mean trt-2025-06-02? A new one is added under"),
        (INCIDENT + FIGURE + "    victim_actor: Malian Armed Forces\n", 8, 19, "card-reference",
         'no actor "Malian Armed Forces"', "did you mean fama?"),
        (INCIDENT + FIGURE + "    speaker_actor: Wagner Group\n", 8, 20, "card-reference",
         'no actor "Wagner Group"', "did you mean wagner?"),
        (INCIDENT.replace("mli-boulikessi", "mli-boulkesi"), -2, 8, "card-reference",
         'no place "mli-boulkesi"', "did you mean mli-boulikessi?"),
        (INCIDENT + FIGURE + "    part_of: f09\n", 8, 14, "card-reference", "no figure",
         "a figure of this card"),
        (INCIDENT + FIGURE + f"    id: {BOULIKESSI}-f01\n", 8, 9, "card-conflict",
         f"a figure of {BOULIKESSI}", "leave the id out"),
        (INCIDENT + STATEMENT + "    id: S-2025-06-01-fama-withdrawal\n", 11, 9, "card-conflict",
         "about another incident", "only its id and link"),
        (INCIDENT + STATEMENT.replace("  - link: explicit\n", "  - id: S-2025-x\n"), 2, 5,
         "cell-required", "link is missing", "explicit"),
        (INCIDENT + "sources:\n  - id: trt-2025-06-02\n    publisher: X\n    title: Y\n"
         "    kind: news\n", 2, 9, "card-conflict", "on record already", "take it out"),
        (INCIDENT + FIGURE + "    id: f01\n" + FIGURE.partition("\n")[2] + "    id: f01\n", 9, 5,
         "card-conflict", "in the card already, in line 10", "keep one"),
        (INCIDENT + "links:\n  - relation: part_of\n    other_incident: MLI-2025-06-05-boulikesi\n",
         3, 21, "card-reference", "no incident", "did you mean MLI-2025-06-05-boulikessi?"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_card(
    text: str, line: int, column: int, rule: str, message: str, remedy: str
) -> None:
    """Each fault is told once, at its line (counted from the end of the incident's own lines)."""
    (problem,) = problems(text)
    assert problem.rule == rule
    assert (problem.line, problem.column) == (LINES + line, column)
    assert message in problem.message
    assert remedy in (problem.suggestion or "")


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = INCIDENT.replace("MLI", "MALI") + FIGURE.replace("over 30", "1.200").replace("two", " ")
    found = problems(text.replace("unconfirmed", "uncomfirmed"))
    assert [problem.rule for problem in found] == ["cell-category", "card-phrase", "cell-category"]


def test_an_id_that_was_retracted_is_not_given_again() -> None:
    records = SHIPPED.copy()
    gone = {"table": "incidents", "record_id": "MLI-2025-06-03-boulikessi", "action": "merged"}
    records.put("revisions", {"revision_id": "R-0001", **gone})
    assert rows_of(INCIDENT, "incidents", records)[0]["incident_id"].endswith("boulikessi-2")
    (problem,) = problems(f"id: MLI-2025-06-03-boulikessi\n{INCIDENT}", records)
    assert (problem.rule, problem.place) == ("card-conflict", "card.yaml:1:5")


def test_a_wrong_card_leaves_the_records_as_they_were() -> None:
    records = SHIPPED.copy()
    with pytest.raises(CardError):
        enter(load(f"id: {BOULIKESSI}\n{INCIDENT}nonsense: x\n", "card.yaml"), records)
    assert records.rows == SHIPPED.rows


def test_problems_of_the_tables_are_shown_in_the_card() -> None:
    card = load(INCIDENT + FIGURE, "card.yaml")
    figure = "MLI-2025-06-03-boulikessi-f01"

    def found(record: str, field: str | None) -> Problem:
        return Problem(
            "x", Severity.ERROR, "x", "data/casualties.csv", 9, 1, FIGURES, record, field
        )

    shown = located(
        [found(figure, "value"), found(figure, "note"), found(f"{BOULIKESSI}-f01", None)],
        card,
        SHIPPED,
    )
    assert [problem.place for problem in shown] == [
        f"card.yaml:{LINES + 2}:13",
        f"card.yaml:{LINES + 2}:5",
        "data/casualties.csv:9:1",
    ]


CARD = dump(to_card(SHIPPED, "MLI-2025-05-soumpi"))


@settings(max_examples=300)
@given(st.text(max_size=40), st.integers(0, len(CARD)), st.integers(0, 40))
def test_any_text_is_a_card_or_explained(text: str, start: int, cut: int) -> None:
    """Typing anything anywhere into a card never breaks the tool."""
    for damaged in (text, CARD[:start] + text + CARD[start + cut :]):
        try:
            cards.apply(load(damaged, "card.yaml"), SHIPPED)
        except CardError as error:
            for problem in error.problems:
                assert problem.line
                assert 1 <= problem.line <= damaged.count("\n") + 2


# The JSON Schema


def test_the_shipped_schema_is_not_stale() -> None:
    shipped = ROOT / "src" / "sahel_incidents" / "reference" / layout.SCHEMA
    assert shipped.read_text(encoding="utf-8") == card_schema.text(PACKAGE), (
        "run: python scripts/make_card_schema.py"
    )
    assert card_schema.address() == shipped.as_uri()


SCHEMA = card_schema.schema(PACKAGE)
jsonschema.Draft7Validator.check_schema(SCHEMA)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


def as_an_editor_reads_it(text: str) -> Any:
    """A card with the types that YAML 1.2 gives to its values, dates being text."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor(
        "tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node)
    )
    return yaml.load(text)


@pytest.mark.parametrize("incident", [key[0] for key in SHIPPED.rows["incidents"]])
def test_an_editor_finds_a_shipped_card_right(incident: str) -> None:
    card = as_an_editor_reads_it(dump(to_card(SHIPPED, incident)))
    assert [error.message for error in VALIDATOR.iter_errors(card)] == []


@thorough
@given(generated())
def test_an_editor_reads_what_was_written(records: Records) -> None:
    for (incident,) in records.rows["incidents"]:
        data = to_card(records, incident)
        read = as_an_editor_reads_it(dump(data))
        assert read.keys() == data.keys()
        for name, value in data.items():
            assert isinstance(value, str) or len(read[name]) == len(value)
        assert [error.message for error in VALIDATOR.iter_errors(read)] == []


@pytest.mark.parametrize(
    "text",
    [
        INCIDENT + FIGURE.replace("killed: over 30", "kiled: over 30"),
        INCIDENT + FIGURE + "    wounded: 3\n",
        INCIDENT + FIGURE.replace("unconfirmed", "sure"),
        INCIDENT + FIGURE.replace("    source: trt-2025-06-02\n", ""),
        INCIDENT + STATEMENT.replace("    gist: Says the attack was repelled.\n", ""),
        INCIDENT + "sumary: x\n",
        INCIDENT.replace("2025-06-03\n", "3/6/25\n"),
        INCIDENT + "sources:\n  - publisher: X\n    title: Y\n    kind: news\n",
    ],
)
def test_an_editor_sees_what_is_wrong(text: str) -> None:
    assert not VALIDATOR.is_valid(as_an_editor_reads_it(text))
    assert problems(text)


def test_the_schema_explains_every_name() -> None:
    assert json.loads(card_schema.text(PACKAGE)) == SCHEMA
    for name, part in layout.parts(PACKAGE).items():
        mapping = SCHEMA["properties"][name]["items"] if name else SCHEMA
        for key in part.fields:
            assert mapping["properties"][key]["description"]
