"""Issue forms: what GitHub makes of them, read back into a card."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sahel_incidents.cards import Card, apply
from sahel_incidents.cards import layout as card_layout
from sahel_incidents.cards.nodes import CardError
from sahel_incidents.descriptor import open_package
from sahel_incidents.issues import card as issue_card
from sahel_incidents.issues.card import Draft, draft
from sahel_incidents.issues.form import FOLDER, Form, forms
from sahel_incidents.problem import ToolError
from sahel_incidents.records import Records

ROOT = Path(__file__).resolve().parents[1]
FORMS = {form.name: form for form in forms(ROOT / FOLDER)}
INCIDENT, ERROR = FORMS[issue_card.INCIDENT_FORM], FORMS[issue_card.ERROR_FORM]

GIVEN = {
    "title": "Attack on the army camp at Konna",
    "event_type": "Attack on a position",
    "date_start": "2025-06-10",
    "date_precision": "Day",
    "country": "Mali",
    "place": "Konna",
    "place_kind": "Settlement",
    "place_precision": "At the place",
    "sources": "address: https://example.org/konna\npublisher: Example News\n"
    "title: Mali: attack at Konna\npublished: 2025-06-11\nkind: News\nlanguage: en\n\n"
    "address: https://example.org/second\npublisher: Example Radio\ntitle: Konna\nkind: news\n",
    "participants": "party: JNIM\nrole: Attacker\nknown as: claimed\nsource: 2",
    "casualties": "killed: over 30\nvictims: State forces\nsaid by: two security sources\n"
    "speaker kind: Security source\nrelayed by: Reuters\nsource: 1\n\n\n"
    "- Wounded: at least 5\n- victims: civilian\n- said by: the mayor of the\ncommune\n"
    "- speaker kind: official\n- source: 2",
    "remarks": "The army said nothing.",
}


@pytest.fixture(scope="module")
def records() -> Records:
    return Records.read(open_package(ROOT))


def body(form: Form, given: dict[str, str]) -> str:
    """The text of an issue as GitHub writes it: unanswered templates stay, boxes are ticked."""
    parts = []
    for question in form.questions:
        if question.kind == "checkboxes":
            answer = "\n".join(f"- [X] {label}" for label in question.must_tick)
        else:
            answer = given.get(question.id, question.template or "_No response_")
        parts.append(f"### {question.label}\n\n{answer}")
    return "\n\n".join(parts)


def messages(found: Draft) -> list[str]:
    return [f"{problem.line}: {problem.message}" for problem in found.problems]


def test_an_answered_form_becomes_a_card_that_can_be_added(records: Records) -> None:
    found = draft(body(INCIDENT, GIVEN), "issue.md", records)
    assert messages(found) == []
    assert found.remarks == ["Anything else: The army said nothing."]
    assert found.card == {
        "status": "candidate",
        "title": "Attack on the army camp at Konna",
        "date_start": "2025-06-10",
        "event_type": "attack_on_position",
        "date_precision": "day",
        "country": "MLI",
        "place_precision": "exact",
        "place": "mli-konna",
        "places": [{"id": "mli-konna", "name": "Konna", "country": "MLI", "kind": "settlement"}],
        "sources": [
            {
                "id": "example-news-2025-06-11",
                "url": "https://example.org/konna",
                "publisher": "Example News",
                "title": "Mali: attack at Konna",
                "published_on": "2025-06-11",
                "kind": "news",
                "language": "en",
            },
            {
                "id": "example-radio-undated",
                "url": "https://example.org/second",
                "publisher": "Example Radio",
                "title": "Konna",
                "kind": "news",
            },
        ],
        "participants": [
            {
                "actor": "jnim",
                "role": "attacker",
                "attribution": "claimed",
                "source": "example-radio-undated",
            }
        ],
        "casualties": [
            {
                "killed": "over 30",
                "victims": "state_force",
                "said_by": "two security sources",
                "speaker_kind": "security_source",
                "relayed_by": "Reuters",
                "source": "example-news-2025-06-11",
                "confirmation": "unconfirmed",
            },
            {
                "wounded": "at least 5",
                "victims": "civilian",
                "said_by": "the mayor of the commune",
                "speaker_kind": "official",
                "source": "example-radio-undated",
                "confirmation": "unconfirmed",
            },
        ],
    }
    added = apply(Card.of(found.card, "issue.md", found.place), records)
    assert len(added.rows["incidents"]) == len(records.rows["incidents"]) + 1
    assert len(added.rows["casualties"]) == len(records.rows["casualties"]) + 2


def test_what_the_card_finds_wrong_is_shown_on_the_line_of_the_issue(records: Records) -> None:
    text = body(INCIDENT, GIVEN | {"date_start": "1/6/25"})
    found = draft(text, "issue.md", records)
    with pytest.raises(CardError) as error:
        apply(Card.of(found.card, "issue.md", found.place), records)
    line = text.split("\n").index("1/6/25") + 1
    assert line in {problem.line for problem in error.value.problems}


def test_known_places_and_sources_are_referred_to(records: Records) -> None:
    place = (
        records.rows["places"][("mli-boulikessi",)]
        if ("mli-boulikessi",) in (records.rows["places"])
        else next(row for row in records.rows["places"].values() if row["country"] == "MLI")
    )
    source = next(row for row in records.rows["sources"].values() if row["url"])
    given = GIVEN | {"place": place["name"].upper(), "sources": f"address: {source['url']}"}
    found = draft(body(INCIDENT, given | {"participants": "", "casualties": ""}), "i.md", records)
    assert messages(found) == []
    assert found.card["place"] == place["place_id"]
    assert "places" not in found.card
    assert "sources" not in found.card


def test_what_is_missing_is_named(records: Records) -> None:
    text = body(INCIDENT, {key: GIVEN[key] for key in ("title", "country")})
    found = draft(text.replace("- [X] It names", "- [ ] It names"), "issue.md", records)
    labels = {q.label for q in INCIDENT.questions if q.required and q.kind != "checkboxes"}
    told = {
        label for label in labels if any(f'"{label}" is not answered' in m for m in messages(found))
    }
    assert told == labels - {"What happened, in one line", "Country"}
    assert any('not ticked: "It names no victim' in message for message in messages(found))
    cut = text.replace("### Place\n", "### A place\n")
    assert any('"Place" is not in the issue' in m for m in messages(draft(cut, "i.md", records)))


@pytest.mark.parametrize(
    ("question", "answer", "message"),
    [
        ("country", "Malli", '"Malli" is no country'),
        ("casualties", "killd: 5\nsource: 1", '"killd" is not a name the form knows'),
        ("casualties", "killed: 5\nvictims: soldiers", '"soldiers" is no'),
        ("casualties", "killed: 5\nsource: 3", "there is no source 3"),
        ("casualties", "some thirty soldiers", '"some thirty soldiers" is not a name'),
        ("participants", "party: Katiba X", '"Katiba X" is no known actor'),
        ("sources", "id: no-such-source", 'no source has the id "no-such-source"'),
    ],
)
def test_what_is_not_understood_is_named(
    records: Records, question: str, answer: str, message: str
) -> None:
    text = body(INCIDENT, GIVEN | {question: answer})
    found = draft(text, "issue.md", records)
    assert any(message in problem.message and problem.suggestion for problem in found.problems)


def test_an_error_report_is_the_card_of_the_incident_and_remarks(records: Records) -> None:
    given = {
        "record": "MLI-2025-06-01-boulikessi-f01",
        "wrong": "It says 30.",
        "right": "It says\nover 30.",
        "sources": GIVEN["sources"],
    }
    found = draft(body(ERROR, given), "issue.md", records)
    assert messages(found) == []
    assert found.card["id"] == "MLI-2025-06-01-boulikessi"
    assert [source["id"] for source in found.card["sources"]] == [
        "example-news-2025-06-11",
        "example-radio-undated",
    ]
    assert found.remarks == ["What is wrong: It says 30.", "What it should say: It says over 30."]
    missing = draft(body(ERROR, given | {"record": "MLI-2025-06-01-boulikesi"}), "i.md", records)
    assert missing.card == {}
    assert [p.suggestion for p in missing.problems] == ["did you mean MLI-2025-06-01-boulikessi?"]


@pytest.mark.parametrize(
    "text", ["", "killed: 30", b"\xff\xfe", "x" * 1_000_001, "### Something else\n\nyes"]
)
def test_what_is_no_answered_form_is_refused(records: Records, text: str | bytes) -> None:
    with pytest.raises(CardError):
        draft(text, "issue.md", records)


def test_a_heading_inside_an_answer_is_no_question(records: Records) -> None:
    given = GIVEN | {"remarks": "### Place\n\nElsewhere\n\n### What happened, in one line\n\nNo"}
    found = draft(body(INCIDENT, given), "issue.md", records)
    assert found.card["place"] == "mli-konna"
    assert found.card["title"] == GIVEN["title"]


def test_the_forms_and_the_reader_know_the_same_questions() -> None:
    asked = {question.id for question in INCIDENT.questions}
    of_place = {"place", "place_kind"}
    read = {*issue_card.COPIED, *issue_card.CHOSEN, *issue_card.LISTED, *of_place, "sources"}
    assert asked == read | {"remarks", "consent"}
    assert {q.id for q in ERROR.questions} == {"record", "wrong", "right", "sources", "consent"}


def test_the_forms_offer_the_vocabularies_of_the_schemas(records: Records) -> None:
    tables = records.package.tables
    content = YAML(typ="safe").load((ROOT / FOLDER / f"{INCIDENT.name}.yml").read_text("utf-8"))
    items = {item["id"]: item["attributes"] for item in content["body"] if "id" in item}

    def labels(table: str, column: str) -> list[str]:
        return [category.label for category in tables[table].field(column).categories]

    for id in issue_card.CHOSEN:
        assert items[id]["options"] == labels("incidents", id)
    assert items["place_kind"]["options"] == labels("places", "kind")
    for id, table, columns in (
        ("sources", "sources", ["kind"]),
        ("participants", "participants", ["role", "attribution"]),
        ("casualties", "casualties", ["victims", "speaker_kind"]),
    ):
        for column in columns:
            assert ", ".join(labels(table, column)) in items[id]["description"]
    harms = labels("casualties", "harm")
    assert ", ".join(harms[1:]) in items["casualties"]["description"]


@pytest.mark.parametrize("form", [INCIDENT, ERROR], ids=lambda form: form.name)
def test_a_template_holds_only_names_the_reader_knows(form: Form, records: Records) -> None:
    parts = card_layout.parts(records.package)
    for question in form.questions:
        if not question.template:
            continue
        names = [line.partition(":")[0] for line in question.template.strip().split("\n")]
        filled = "\n".join(f"{name}: x" for name in names)
        found = draft(body(form, {question.id: filled}), "issue.md", records)
        assert question.id in parts
        assert not [m for m in messages(found) if "is not a name the form knows" in m]


def test_broken_forms_are_a_failure_of_the_tool(tmp_path: Path, records: Records) -> None:
    with pytest.raises(ToolError, match="no issue forms"):
        draft("x", "issue.md", records, tmp_path)
    (tmp_path / "form.yml").write_text("body: [")
    with pytest.raises(ToolError, match="is not an issue form"):
        draft("x", "issue.md", records, tmp_path)
    (tmp_path / "form.yml").write_text(json.dumps({"body": [{"type": "input"}]}))
    with pytest.raises(ToolError, match="is not an issue form"):
        draft("x", "issue.md", records, tmp_path)
