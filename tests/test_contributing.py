"""CONTRIBUTING.md: every command in it is run, in a copy of the project, in the order it has there.

Blocks labelled `sh` must succeed, `sh exits 1` must find a data problem, and a block of YAML with a
file's name is written to that file. What a reader would fill in is filled in here.
"""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from markdown_it import MarkdownIt

from sahel_incidents.cards import load, to_card
from sahel_incidents.cards.phrases import parse
from sahel_incidents.cli import main
from sahel_incidents.descriptor import open_package
from sahel_incidents.records import Records

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "CONTRIBUTING.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
ADDRESS = "https://github.com/YOUR-NAME/sahel-incidents"

CARD = """\
status: candidate
title: "Konna, 10 June 2025: attack on an army camp"
date_start: 2025-06-10
date_precision: day
country: MLI
admin1: ML-5
place: mli-konna
place_precision: near
event_type: attack_on_position
participants:
  - actor: jnim
    role: attacker
    attribution: claimed
    source: example-2025-06-11
casualties:
  - killed: over 30
    victims: state_force
    said_by: two security sources
    speaker_kind: security_source
    source: example-2025-06-11
    confirmation: unconfirmed
sources:
  - id: example-2025-06-11
    publisher: Example
    title: Attack at Konna
    url: https://example.org/konna
    published_on: 2025-06-11
    language: en
    kind: news
places:
  - id: mli-konna
    name: Konna
    kind: settlement
    country: MLI
    admin1: ML-5
"""

SHEETS = {
    "Incidents": {
        "title": "Ansongo, 20 June 2025: ambush",
        "date_start": "2025-06-20",
        "date_precision": "day",
        "country": "MLI",
        "place": "mli-ansongo",
        "place_precision": "near",
        "event_type": "ambush",
    },
    "Participants": {"actor": "jnim", "role": "attacker", "attribution": "claimed"},
    "Figures": {
        "harm": "wounded",
        "number": "at least 5",
        "victims": "civilian",
        "said_by": "the mayor",
        "speaker_kind": "official",
    },
    "Sources": {
        "id": "example-2025-06-21",
        "publisher": "Example",
        "title": "Ambush at Ansongo",
        "url": "https://example.org/ansongo",
        "language": "en",
        "published_on": "2025-06-21",
        "kind": "news",
    },
    "Places": {"id": "mli-ansongo", "name": "Ansongo", "kind": "settlement", "country": "MLI"},
}


def blocks() -> Iterator[tuple[str, str, str]]:
    """The fenced blocks: their kind, the rest of the label, their text."""
    for token in MarkdownIt().enable("table").parse(TEXT):
        if token.type == "fence":
            kind, _, rest = token.info.partition(" ")
            yield kind, rest, token.content


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """The environment of a contributor: the command, and a copy of the project to clone."""
    programs = tmp_path / "bin"
    programs.mkdir()
    # What `make setup` installs, the tests run in; here it only makes what is activated.
    for name, script in (
        ("incidents", f'exec "{sys.executable}" -m sahel_incidents "$@"'),
        ("make", 'test "$1" = setup && mkdir -p .venv/bin && touch .venv/bin/activate'),
    ):
        program = programs / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    home = tmp_path / "home"
    home.mkdir()
    published = tmp_path / "published"
    published.mkdir()
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, published / name)
    for name in ("datapackage.json", ".gitattributes", ".gitignore"):
        shutil.copy(ROOT / name, published / name)
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "LC_ALL": "C.UTF-8",
        "EDITOR": "true",
        **{f"GIT_{who}_NAME": "A Contributor" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "contributor@example.org" for who in ("AUTHOR", "COMMITTER")},
    }
    for line in (
        f"git config --global url.{tmp_path / 'fork.git'}.insteadOf {ADDRESS}",
        "git init --quiet --initial-branch main published",
        "git -C published add --all",
        "git -C published commit --quiet --message Published",
        "git clone --quiet --bare published fork.git",
    ):
        subprocess.run(line.split(), cwd=tmp_path, env=environment, check=True)
    return environment


def fill(path: Path) -> None:
    """Fill in the template, under its own headings."""
    book = openpyxl.load_workbook(path)
    for name, cells in SHEETS.items():
        sheet = book[name]
        columns = [cell.value for cell in sheet[1]]
        ties = {"incident": "ansongo", "source": "example-2025-06-21"}
        given = {name: text for name, text in ties.items() if name in columns} | cells
        row = sheet.max_row + 1
        for column, text in given.items():
            sheet.cell(row, columns.index(column) + 1, text)
    book.save(path)


def test_every_command_runs(tmp_path: Path, shell: dict[str, str]) -> None:
    here = tmp_path
    ran = 0
    for kind, label, text in blocks():
        if kind == "yaml":
            (here / label).write_text(text, encoding="utf-8")
        if kind != "sh":
            continue
        if "incidents add my-incident.yaml" in text:
            (here / "my-incident.yaml").write_text(CARD, encoding="utf-8")
        if "incidents add my-incidents.xlsx" in text:
            fill(here / "my-incidents.xlsx")
        done = subprocess.run(
            ["bash", "-e", "-c", text], cwd=here, env=shell, capture_output=True, text=True
        )
        wanted = 1 if label == "exits 1" else 0
        assert done.returncode == wanted, f"{text}\n{done.stdout}\n{done.stderr}"
        if "exits 1" in label:
            assert "looks like MLI-2025-06-01-boulikessi " in done.stderr
        if "git clone" in text:
            here = tmp_path / "sahel-incidents"
        ran += 1
    assert ran >= 8
    told = subprocess.run(
        ["git", "log", "--oneline", "my-incident"],
        cwd=tmp_path / "fork.git", env=shell, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(told.stdout.splitlines()) == 2, "the new incidents were not pushed"
    added = Records.read(open_package(here)).rows["incidents"]
    assert {("MLI-2025-06-10-konna",), ("MLI-2025-06-20-ansongo",)} <= added.keys()


def test_the_worked_example_is_what_is_on_record() -> None:
    records = Records.read(open_package(ROOT))
    [(name, text)] = [(label, text) for kind, label, text in blocks() if kind == "yaml"]
    shown = load(text, name).data
    recorded = to_card(records, "MLI-2025-06-01-boulikessi")
    for key, value in shown.items():
        if isinstance(value, str) and key != "status":
            assert value == recorded[key], key
    for part in ("participants", "casualties", "statements"):
        for item in shown[part]:
            assert [r for r in recorded[part] if item.items() <= r.items()], f"{part}: {item}"
    for item in shown["sources"]:
        row = records.rows["sources"][item["id"],]
        filled = {name.removesuffix("_id"): cell for name, cell in row.items() if cell}
        assert {"source" if n == "id" else n: cell for n, cell in item.items()} == filled


def test_the_schema_named_in_the_card_is_there() -> None:
    [path] = re.findall(r"yaml-language-server: \$schema=(\S+)", TEXT)
    assert (ROOT / path).is_file()


def test_every_phrase_in_the_table_is_understood() -> None:
    harms = "killed|killed_missing_or_captured"
    phrases = re.findall(rf"`(?:{harms}): ([^`]+)`", TEXT)
    row = next(line for line in TEXT.splitlines() if "some 100" in line)
    phrases += re.findall(r"`([^`:]+)`", row.split("|")[2])
    assert len(phrases) > 8
    for phrase in phrases:
        parse(phrase)


def test_every_way_to_write_is_told() -> None:
    """The commands that change records are all in the document."""
    for name in ("add", "template", "edit", "confirm", "retract", "merge", "setup-git", "fmt"):
        assert name in main.commands or main.get_command(None, name)  # type: ignore[arg-type]
        assert f"incidents {name}" in TEXT
