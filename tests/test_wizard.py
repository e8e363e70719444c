"""The wizard: what it asks and makes of the answers, and how it behaves in a real terminal."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from pathlib import Path

import pexpect
import pytest

from sahel_incidents import cards
from sahel_incidents.cards import Card
from sahel_incidents.descriptor import open_package
from sahel_incidents.problem import UnclearError
from sahel_incidents.records import Records
from sahel_incidents.wizard import Wizard, drafts, in_order
from sahel_incidents.wizard.interview import SameIncidentError
from sahel_incidents.wizard.lookup import Names
from sahel_incidents.wizard.questions import Choice, choosing, cleaned

ROOT = Path(__file__).resolve().parents[1]
RECORDS = Records.read(open_package(ROOT))

WHAT = [("What happened?", "ambush"), ("in a sentence", "Fighters ambushed a convoy.")]
WHERE = [("Where did it", "Boulkessi"), ("How near", "near")]
WHEN = [("When", "2 June 2024"), ("know the date", "")]
SOURCE = [
    ("did you read it", "https://www.trtworld.com/a-story?utm_source=x"),
    ("published it", ""),
    ("headline", "A story"),
    ("which day", "3 June 2024"),
    ("language", ""),
    ("sort of source", ""),
]
WHO = [
    ("Who attacked", "GSIM"),
    ("How does the source know", "claimed"),
    ("Which source", ""),
    ("Anyone else", ""),
    ("Who was attacked", "Malian Armed Forces"),
    ("How does the source know", "observed"),
    ("Which source", "1"),
    ("Anyone else", ""),
]
FIGURE = [
    ("Figure 1", "over 30"),
    ("What happened to them", "killed"),
    ("Who were they", "state forces"),
    ("Whose people", "FAMa"),
    ("Who said it", "two security sources"),
    ("sort of speaker", ""),
    ("carried it first", "Reuters"),
    ("which source", ""),
    ("confirmed?", ""),
    ("note", ""),
    ("Figure 2", ""),
]
REST = [("claim, deny", ""), ("title", "")]
WHOLE = [*WHAT, *WHERE, *WHEN, *SOURCE, *WHO, *FIGURE, *REST]
EXPECTED = {
    "status": "candidate",
    "event_type": "ambush",
    "summary": "Fighters ambushed a convoy.",
    "place": "mli-boulikessi",
    "country": "MLI",
    "admin1": "ML-5",
    "place_precision": "near",
    "date_start": "2024-06-02",
    "date_end": "2024-06-02",
    "date_precision": "day",
    "sources": [
        {
            "id": "trt-world-2024-06-03",
            "url": "https://www.trtworld.com/a-story",
            "publisher": "TRT World",
            "title": "A story",
            "published_on": "2024-06-03",
            "language": "en",
            "kind": "news",
        }
    ],
    "participants": [
        {
            "actor": "jnim",
            "role": "attacker",
            "attribution": "claimed",
            "source": "trt-world-2024-06-03",
        },
        {
            "actor": "fama",
            "role": "target",
            "attribution": "observed",
            "source": "trt-world-2024-06-03",
        },
    ],
    "casualties": [
        {
            "killed": "over 30",
            "victims": "state_force",
            "victim_actor": "fama",
            "said_by": "two security sources",
            "speaker_kind": "security_source",
            "relayed_by": "Reuters",
            "source": "trt-world-2024-06-03",
            "confirmation": "unconfirmed",
        }
    ],
    "statements": [],
    "title": "Boulikessi, 2 June 2024: ambush",
}


def tell(wizard: Wizard, answers: list[tuple[str, str]]) -> list[str]:
    """Answer questions that hold the given words; what was told about the answers."""
    told: list[str] = []
    for words, answer in answers:
        assert wizard.question is not None, f"nothing asks {words!r}"
        assert words in wizard.question.text
        told += wizard.answer(answer)
    return told


def unclear(wizard: Wizard, answer: str) -> str:
    """What is said of an answer that is not understood; the question stands."""
    question = wizard.question
    with pytest.raises(UnclearError) as caught:
        wizard.answer(answer)
    assert wizard.question is question
    return str(caught.value)


# Without a terminal


def test_answers_make_a_card_that_stands_for_sound_rows() -> None:
    wizard = Wizard(RECORDS)
    told = tell(wizard, WHOLE)
    assert wizard.question is None
    assert wizard.card == EXPECTED
    assert "left out what only tells who shared it: https://www.trtworld.com/a-story" in told
    assert "understood as 31 or more" in told
    card = Card.of(wizard.card, "answers")
    assert cards.incident_id(card, RECORDS) == "MLI-2024-06-02-boulikessi"


def test_after_every_answer_the_draft_can_be_gone_on_with() -> None:
    for n in range(1, len(WHOLE)):
        wizard = Wizard(RECORDS)
        tell(wizard, WHOLE[:n])
        draft = cards.load(cards.dump(in_order(wizard.card, RECORDS.package)), "draft").data
        resumed = Wizard(RECORDS, draft)
        left = dict(WHOLE)
        for _ in range(len(WHOLE) * 2):
            if (question := resumed.question) is None:
                break
            # What was left open is asked again where it cannot be told from what was not asked.
            fits = [answer for words, answer in left.items() if words in question.text]
            done = question.text.startswith("Figure") and bool(resumed.card["casualties"])
            done |= question.text.startswith("Anyone else")
            resumed.answer("" if done else fits[0])
        assert resumed.question is None
        ours, wanted = (cards._filled(card) for card in (resumed.card, EXPECTED))
        assert ours.keys() == wanted.keys(), f"after {n} answers"
        assert ours["casualties"] == wanted["casualties"]


def test_back_forgets_one_answer_at_a_time() -> None:
    wizard = Wizard(RECORDS)
    asked = []
    for words, answer in WHOLE:
        assert wizard.question is not None
        asked.append(wizard.question.text)
        tell(wizard, [(words, answer)])
    for text, (_, answer) in zip(reversed(asked), reversed(WHOLE), strict=True):
        assert wizard.back() == answer
        assert wizard.question is not None
        assert wizard.question.text == text
    assert wizard.back() is None
    assert wizard.card == {"status": "candidate"}
    tell(wizard, WHOLE)
    assert wizard.card == EXPECTED


def test_an_incident_on_record_is_recognised() -> None:
    wizard = Wizard(RECORDS)
    tell(wizard, [*WHAT, *WHERE, ("When", "le 2 juin 2025"), ("know the date", "")])
    assert wizard.question is not None
    assert "on record" in wizard.question.text
    with pytest.raises(SameIncidentError, match="MLI-2025-06-01-boulikessi"):
        wizard.answer("MLI-2025-06-01-boulikessi")
    tell(wizard, [("on record", "another incident")])
    assert wizard.card["date_start"] == "2025-06-02"


def test_a_month_and_an_uncertain_day() -> None:
    wizard = Wizard(RECORDS)
    tell(wizard, [*WHAT, *WHERE, ("When", "mai 2023"), ("know the date", "En mai.")])
    dates = [wizard.card[f"date_{name}"] for name in ("start", "end", "precision", "note")]
    assert dates == ["2023-05-01", "2023-05-31", "month", "En mai."]
    wizard = Wizard(RECORDS)
    tell(wizard, [*WHAT, *WHERE, ("When", "1-3 May 2023"), ("last all", "2"), ("know", "")])
    assert wizard.card["date_precision"] == "approximate"


def test_a_place_of_the_gazetteer_comes_with_its_coordinates_and_their_source() -> None:
    wizard = Wizard(RECORDS)
    tell(wizard, [*WHAT, ("Where did it", "Menaka")])
    question = wizard.question
    assert question is not None
    label = next(c for c in question.choices if c.description.startswith("MLI"))
    tell(wizard, [("No place", str(question.choices.index(label) + 1))])
    place = wizard.card["places"][0]
    assert place["country"] == wizard.card["country"] == "MLI"
    assert wizard.card["place"] == place["id"]
    assert float(place["latitude"]) == pytest.approx(15.9, abs=0.1)
    known = {*(key[0] for key in RECORDS.rows["sources"]), *_ids(wizard.card.get("sources", []))}
    assert place["coordinate_source"] in known


def test_a_misspelt_actor_is_offered_rather_than_added() -> None:
    wizard = Wizard(RECORDS)
    tell(wizard, [*WHAT, *WHERE, *WHEN, *SOURCE, ("Who attacked", "JNIMM")])
    assert wizard.question is not None
    assert wizard.question.choices[0].value == "jnim"
    tell(wizard, [('called just "JNIMM"', "1")])
    assert wizard.card["participants"][0]["actor"] == "jnim"
    assert "actors" not in wizard.card


def test_an_actor_is_offered_by_a_word_of_its_name() -> None:
    likely = [known.id for known in Names(RECORDS, "actors").like("Niger army")]
    assert "niger-armed-forces" in likely


def test_a_new_actor_is_told_with_its_kind() -> None:
    wizard = Wizard(RECORDS)
    tell(wizard, [*WHAT, *WHERE, *WHEN, *SOURCE, ("Who attacked", "Brigade of the River")])
    tell(wizard, [("No party", "new"), ("sort of party", "militia"), ("which country", "Mali")])
    new = {"id": "brigade-of-the-river", "name": "Brigade of the River"}
    assert wizard.card["actors"] == [{**new, "kind": "militia", "country": "MLI"}]


def test_a_confirmed_figure_asks_who_and_where() -> None:
    wizard = Wizard(RECORDS)
    tell(wizard, [*WHAT, *WHERE, *WHEN, *SOURCE, *WHO, *FIGURE[:8], ("confirmed?", "confirmed")])
    tell(wizard, [("Who confirmed", "Malian Armed Forces"), ("Which source", "")])
    figure = wizard.card["casualties"][0]
    assert figure["confirmed_by"] == "fama"
    assert figure["confirmation_source"] == "trt-world-2024-06-03"


@pytest.mark.parametrize(
    ("before", "answer", "said"),
    [
        ([], "ambsh", "did you mean Ambush?"),
        ([], "a", "Attack on a position or Ambush or"),
        ([], "99", "answer 1 to 12"),
        ([], "", "an answer is needed"),
        (WHAT[:1], "=1+1", "formula"),
        (WHAT[:1], "x" * 1001, "1,001"),
        ([*WHAT, *WHERE], "1/6/25", "write 1 June 2025 or 6 January 2025"),
        ([*WHAT, *WHERE], "1 June 2095", "in the future"),
        ([*WHAT, *WHERE, *WHEN], "https://user@example.org/", "user name"),
        ([*WHAT, *WHERE, *WHEN], "Nobody's Gazette", "give its web address"),
        ([*WHAT, *WHERE, *WHEN, *SOURCE, *WHO], "20 + 10", "a sum"),
        ([*WHAT, *WHERE, *WHEN, *SOURCE, *WHO], "1.200", "could be a decimal or a thousand"),
        ([*WHAT, *WHERE, *WHEN, *SOURCE, *WHO], "a dozen", "may be a number"),
    ],
)
def test_what_is_not_understood_is_answered(
    before: list[tuple[str, str]], answer: str, said: str
) -> None:
    wizard = Wizard(RECORDS)
    tell(wizard, before)
    assert said in unclear(wizard, answer)


def test_coordinates_in_the_wrong_order_are_turned_round() -> None:
    wizard = Wizard(RECORDS)
    tell(wizard, [*WHAT, ("Where did it", "Nowherebourg"), ("No place", "new")])
    tell(wizard, [("sort of place", "settlement"), ("country", "Mali"), ("region", "Mopti")])
    said = unclear(wizard, "-1.30, 14.80")
    assert "latitude and longitude are swapped; write 14.80, -1.30" in said
    assert "lies outside MLI" in unclear(wizard, "48.85, 2.35")
    assert "not a latitude" in unclear(wizard, "14°48'N")
    assert wizard.answer("14.80, -1.30") == ()


def test_what_cannot_be_seen_is_taken_out_and_told() -> None:
    assert cleaned("Boulikessi\u200b camp\u00a0") == (
        "Boulikessi camp",
        ("took out what cannot be seen: U+200B ZERO WIDTH SPACE",),
    )
    text, told = cleaned("“N’Djamena”")
    assert text == '"N\'Djamena"'
    assert told == ("wrote straight quotation marks for the curved ones",)


def test_a_choice_is_a_number_value_label_or_beginning() -> None:
    read = choosing([Choice("state_force", "State forces"), Choice("mixed", "Mixed")])
    for text in ("1", "state_force", "State force", "STATE FORCES", "st"):
        assert read(text).value == "state_force"


def _ids(items: list[dict[str, str]]) -> list[str]:
    return [item["id"] for item in items]


# In a terminal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the shipped package."""
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    return tmp_path


def start(root: Path, *arguments: str, term: str = "xterm") -> pexpect.spawn[str]:
    environment = {**os.environ, "TERM": term, "NO_COLOR": "1", "PROMPT_TOOLKIT_NO_CPR": "1"}
    return pexpect.spawn(
        sys.executable,
        ["-m", "sahel_incidents", "add", *arguments],
        cwd=str(root),
        env=environment,
        encoding="utf-8",
        dimensions=(40, 80),
        timeout=15,
    )


def converse(terminal: pexpect.spawn[str], answers: list[tuple[str, str]]) -> None:
    for words, answer in answers:
        terminal.expect(r"\s+".join(map(re.escape, words.split())))
        terminal.expect(PROMPT)
        terminal.send(f"{answer}\r")


def ended(terminal: pexpect.spawn[str]) -> int | None:
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus


PROMPT = "> |>\x1b"
"""The prompt as it is first drawn, with or without colours."""

ADD = ("Add this incident?", "add")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_an_incident_is_told_read_over_and_added(root: Path, term: str) -> None:
    terminal = start(root, term=term)
    converse(terminal, [*WHOLE, ADD])
    terminal.expect("MLI-2024-06-02-boulikessi: added")
    assert ended(terminal) == 0
    after = Records.read(open_package(root))
    assert ("MLI-2024-06-02-boulikessi-f01",) in after.rows["casualties"]
    assert not list(root.glob("incident-draft*"))


def test_ctrl_c_loses_nothing(root: Path) -> None:
    terminal = start(root)
    converse(terminal, [*WHAT, *WHERE, *WHEN, *SOURCE, *WHO, *FIGURE[:1]])
    terminal.expect("happened to them")
    terminal.expect(PROMPT)
    terminal.sendintr()
    terminal.expect("Nothing was added")
    assert ended(terminal) == 130
    draft = root / "incident-draft.yaml"
    assert drafts.is_draft(draft.read_bytes())
    assert "over 30" in draft.read_text(encoding="utf-8")
    terminal = start(root, draft.name)
    converse(terminal, [("Anyone else", ""), ("Anyone else", ""), *FIGURE[1:], *REST, ADD])
    terminal.expect("MLI-2024-06-02-boulikessi: added")
    assert ended(terminal) == 0
    assert not draft.exists()


def test_a_killed_wizard_loses_nothing(root: Path) -> None:
    terminal = start(root)
    converse(terminal, [*WHAT, *WHERE])
    terminal.expect("When did")
    terminal.kill(signal.SIGKILL)
    terminal.wait()
    assert "mli-boulikessi" in (root / "incident-draft.yaml").read_text(encoding="utf-8")


def test_save_and_back_in_a_terminal(root: Path) -> None:
    terminal = start(root, "--draft", "mine.yaml")
    converse(terminal, [("What happened?", "back")])
    terminal.expect("first question")
    terminal.send("clash\r")
    converse(terminal, [("in a sentence", "back")])
    terminal.expect("What happened?")
    terminal.expect(PROMPT)
    terminal.send("\x15ambush\r")
    converse(terminal, [("in a sentence", "save")])
    terminal.expect("The draft is kept: mine.yaml")
    assert ended(terminal) == 0
    assert "event_type: ambush" in (root / "mine.yaml").read_text(encoding="utf-8")


def test_back_in_a_draft_tells_where_its_answers_can_be_changed(root: Path) -> None:
    drafts.keep(root / "mine.yaml", {"event_type": "ambush"})
    terminal = start(root, "mine.yaml")
    converse(terminal, [("in a sentence", "back")])
    terminal.expect("can be changed at the end")
    terminal.expect(PROMPT)
    terminal.send("save\r")
    assert ended(terminal) == 0


def test_a_likely_duplicate_is_shown_and_asked_about(root: Path) -> None:
    terminal = start(root)
    near = [("When", "2 June 2025"), ("know the date", ""), ("on record", "1")]
    later = [(words, "4 June 2025" if words == "which day" else answer) for words, answer in SOURCE]
    converse(terminal, [*WHAT, *WHERE, *near, *later, *WHO, *FIGURE, *REST, ADD])
    terminal.expect("looks like")
    converse(terminal, [("Is it that one?", "other"), ("How do you know", "A day later.")])
    terminal.expect("MLI-2025-06-02-boulikessi: added")
    assert ended(terminal) == 0
    revisions = (root / "data" / "revisions.csv").read_text(encoding="utf-8")
    assert "judged_distinct" in revisions
    assert "A day later." in revisions


def test_a_narrow_terminal_shows_no_longer_lines(root: Path) -> None:
    terminal = start(root, term="dumb")
    terminal.setwinsize(40, 60)
    converse(terminal, [("What happened?", "?")])
    terminal.expect(PROMPT)
    assert max(len(line.rstrip()) for line in terminal.before.splitlines()) <= 80
    terminal.close(force=True)
