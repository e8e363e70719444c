"""`incidents add` from files: sound or not at all, and the likeliest mistakes each answered."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sahel_incidents.issues.form import FOLDER, forms

ROOT = Path(__file__).resolve().parents[1]
NEW = "MLI-2024-06-03-boulikessi"
CARD = """\
status: active
title: "Boulikessi, 3 June 2024: shelling"
date_start: 2024-06-03
date_precision: day
country: MLI
admin1: ML-5
place: mli-boulikessi
place_precision: near
event_type: shelling
participants:
  - actor: jnim
    role: attacker
    attribution: claimed
    source: trt-2025-06-02
casualties:
  - killed: over 30
    victims: state_force
    said_by: two security sources
    speaker_kind: security_source
    source: trt-2025-06-02
    confirmation: unconfirmed
"""
SOURCE = """\
sources:
  - id: example-2024-06-04
    publisher: Example
    title: Shelling at Boulikessi
    url: https://www.example.org/a?fbclid=1
    published_on: 2024-06-04
    kind: news
"""
PLACE = """\
places:
  - id: mli-elsewhere
    name: Elsewhere
    kind: settlement
    country: MLI
    latitude: -1.30
    longitude: 14.80
    coordinate_precision: settlement
    coordinate_source: ucdp-ged-undated
"""
LIKE = "MLI-2025-06-01-boulikessi"
DUPLICATE = CARD.replace("2024", "2025").replace("06-03", "06-02").replace("3 June", "2 June")
DUPLICATE = DUPLICATE.replace("shelling", "attack_on_position")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the shipped package."""
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    return tmp_path


def add(root: Path, *arguments: str, card: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run `incidents add` without a terminal; a card goes through a file."""
    if card is not None:
        (root / "card.yaml").write_text(card, encoding="utf-8")
        arguments = ("card.yaml", *arguments)
    return subprocess.run(
        [sys.executable, "-m", "sahel_incidents", "add", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )


def contents(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "data").iterdir()}


def test_a_card_is_added_with_all_its_rows(root: Path) -> None:
    done = add(root, card=CARD)
    assert (done.returncode, done.stdout) == (0, f"{NEW}: added\n"), done.stderr
    changed = {n for n, c in contents(root).items() if c != (ROOT / "data" / n).read_bytes()}
    assert changed == {"incidents.csv", "participants.csv", "casualties.csv"}


def test_a_card_from_standard_input(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sahel_incidents", "add", "-"],
        cwd=root, input=CARD, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"{NEW}: added\n")


def test_a_dry_run_shows_the_rows_and_writes_nothing(root: Path) -> None:
    before = contents(root)
    done = add(root, "--dry-run", card=CARD)
    assert done.returncode == 0
    assert "casualties:\n  + casualty_id: " + NEW in done.stdout
    assert "low: 31" in done.stdout
    assert f"{NEW}: would be added" in done.stdout
    assert contents(root) == before


def test_twice_the_same_id_is_refused(root: Path) -> None:
    assert add(root, card=CARD).returncode == 0
    done = add(root, card=f"id: {NEW}\n{CARD}")
    assert done.returncode == 1
    assert f"card.yaml:1:5: {NEW} is on record already" in done.stderr
    assert f"incidents edit {NEW}" in done.stderr


# The twelve most likely mistakes: what was written, and what the answer must hold.
MISTAKES = {
    "misspelt actor": (CARD.replace("actor: jnim", "actor: jnimm"), "did you mean jnim?"),
    "actor with two letters swapped": (CARD.replace("actor: jnim", "actor: jnmi"), "mean jnim?"),
    "future date": (CARD.replace("2024-06-03", "2095-06-03"), "check the year"),
    "missing source": (
        CARD.replace("    source: trt-2025-06-02\n    conf", "    conf"),
        "source is missing",
    ),
    "confirmed without confirmer": (
        CARD.replace("confirmation: unconfirmed", "confirmation: confirmed"),
        "confirmed_by",
    ),
    "wrong country": (CARD.replace("country: MLI", "country: NER"), "write country MLI"),
    "latitude and longitude swapped": (
        CARD.replace("place: mli-boulikessi", "place: mli-elsewhere") + PLACE,
        "swap the two: write latitude 14.8, longitude -1.3",
    ),
    "duplicate incident": (DUPLICATE, f"looks like {LIKE}"),
    "comma in a number": (CARD.replace("over 30", "1.200"), "write 1200 if that is meant"),
    "invisible character": (
        CARD.replace("Boulikessi, 3", "Boulikessi\u200b, 3"),
        "ZERO WIDTH SPACE",
    ),
    "word quotes": (CARD.replace("2024-06-03", "“2024-06-03”"), "as 2025-06-01"),
    "word quotes around a colon": (
        re.sub("title: .*", "title: “Boulikessi, 3 June: attack”", CARD),
        "straight quotes",
    ),
    "day and month": (CARD.replace("2024-06-03", "3/6/24"), "cannot be told apart"),
    "tracking parameters": (
        CARD.replace("source: trt-2025-06-02", "source: example-2024-06-04") + SOURCE,
        "write https://www.example.org/a",
    ),
    "sum": (CARD.replace("over 30", "20 + 10"), "make each number a figure of its own"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_likely_mistake_is_answered_with_what_to_do(root: Path, name: str) -> None:
    card, answer = MISTAKES[name]
    before = contents(root)
    done = add(root, card=card)
    told = done.stdout + done.stderr
    assert answer in told
    assert "card.yaml" in told
    if name == "tracking parameters":  # does no harm: a warning
        assert done.returncode == 0
    else:
        assert done.returncode == 1
        assert "nothing was added" in told
        assert contents(root) == before


def test_a_comma_between_thousands_is_understood(root: Path) -> None:
    done = add(root, "--dry-run", card=CARD.replace("over 30", "1,200"))
    assert "value: 1200" in done.stdout


def test_a_judged_pair_is_recorded_and_then_silent(root: Path) -> None:
    decided = ("--not-duplicate-of", LIKE, "--because", "A second attack, a day later.")
    done = add(root, *decided, card=DUPLICATE)
    assert done.returncode == 0, done.stderr
    revisions = (root / "data" / "revisions.csv").read_text(encoding="utf-8")
    assert f"incidents,MLI-2025-06-02-boulikessi,,judged_distinct,,,{LIKE}," in revisions


def test_a_decision_on_what_is_not_alike_is_refused(root: Path) -> None:
    decided = ("--not-duplicate-of", LIKE, "--because", "Another year.")
    done = add(root, *decided, card=CARD)
    assert done.returncode == 3
    assert f"no new incident resembles {LIKE}" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name a card (incidents add card.yaml)"),
        (("x.yaml", "--from-issue", "datapackage.json"), "not both"),
        (("x.yaml", "--because", "So."), "go together"),
    ],
)
def test_wrong_usage_is_answered(root: Path, arguments: tuple[str, ...], told: str) -> None:
    done = add(root, *arguments)
    assert done.returncode == 2
    assert told in done.stderr


def test_a_file_that_is_not_there(root: Path) -> None:
    done = add(root, "nowhere.yaml")
    assert done.returncode == 3
    assert "cannot read nowhere.yaml" in done.stderr


def test_an_issue_opened_without_a_form_is_refused(root: Path) -> None:
    shutil.copytree(ROOT / ".github", root / ".github")
    (root / "issue.md").write_text("Something happened.", encoding="utf-8")
    done = add(root, "--from-issue", "issue.md")
    assert done.returncode == 1
    assert "issue.md" in done.stderr
    assert not list(root.glob("incident-draft*"))


def test_an_issue_that_lacks_answers_becomes_a_draft(root: Path) -> None:
    shutil.copytree(ROOT / ".github", root / ".github")
    form = next(f for f in forms(ROOT / FOLDER) if f.name == "report-an-incident")
    labels = "".join(f"### {question.label}\n\n_No response_\n\n" for question in form.questions)
    (root / "issue.md").write_text(labels, encoding="utf-8")
    done = add(root, "--from-issue", "issue.md", "--dry-run")
    assert done.returncode == 1
    assert "is not answered" in done.stderr
    assert not list(root.glob("incident-draft*"))
    done = add(root, "--from-issue", "issue.md")
    assert done.returncode == 1
    assert "is not answered" in done.stderr
    assert "incidents add" in done.stdout
    assert (root / "incident-draft.yaml").exists()
