"""The Big List of Naughty Strings in text cells: nothing breaks, and just the harmful is refused.

What is harmful is decided here anew, from Python's own Unicode tables, not from the rules' code.
"""

import csv
import json
import re
import shutil
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest

from sahel_incidents.csvtext import canonical
from sahel_incidents.problem import Report
from sahel_incidents.reports import FORMATS, get
from sahel_incidents.validate import validate

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).parent / "naughty" / "blns.json"
STRINGS: list[str] = sorted(set(json.loads(LIST.read_text(encoding="utf-8"))))
LIMIT = 1000  # the most characters a summary may have

DEFAULT_IGNORABLE = re.compile(
    "VARIATION SELECTOR|HANGUL.* FILLER|GRAPHEME JOINER|VOWEL INHERENT|BRAILLE PATTERN BLANK"
)
"""In the names of characters that are invisible without being of an invisible category."""
SCRIPT = re.compile(
    # Unicode counts the combining signs with CYRILLIC in their name as Cyrillic, and the one with
    # GREEK as of every script.
    "(?:COMBINING (?=CYRILLIC))?(LATIN|CYRILLIC|GREEK|COPTIC|ARMENIAN|CHEROKEE|LISU|TIFINAGH|NKO)"
)
"""How the name of a letter of Latin, or of a script with look-alikes of its letters, begins."""
STYLED = re.compile(
    "FULLWIDTH (LATIN|DIGIT)|MATHEMATICAL .*(CAPITAL|SMALL|DIGIT)"
    "|(PARENTHESIZED|CIRCLED) LATIN|LATIN SMALL LIGATURE (F|ST|LONG)"
)


def name(character: str) -> str:
    """A character's name in Unicode; empty where it has none."""
    return unicodedata.name(character, "")


def damaged(text: str) -> bool:
    """Whether two or three characters in a row are a letter's UTF-8 bytes read one by one."""
    for at in range(len(text)):
        for length, leads in ((2, "ÂÃ"), (3, "â")):
            piece = text[at : at + length]
            try:
                if piece[0] in leads and len(piece.encode("windows-1252").decode("utf-8")) == 1:
                    return True
            except UnicodeError:
                pass
    return "\N{REPLACEMENT CHARACTER}" in text


def mixed(text: str) -> bool:
    """Whether a word holds letters of Latin and of a script with look-alikes."""
    letters = "".join(c if unicodedata.category(c)[0] in "LM" else " " for c in text)
    for word in letters.split():
        scripts = {found[1] for letter in word if (found := SCRIPT.match(name(letter)))}
        if "LATIN" in scripts and len(scripts) > 1:
            return True
    return False


def harmless(text: str) -> bool:
    """Whether a text is fit to be published in a CSV file."""
    names = [name(character) for character in text]
    return (
        text == text.strip()
        and not any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cn", "Zl", "Zp") for c in text)
        and not any(DEFAULT_IGNORABLE.search(n) or STYLED.search(n) for n in names)
        and unicodedata.normalize("NFC", text) == text
        and unicodedata.normalize("NFKC", text)[:1] not in tuple("=+-@")
        and not mixed(text)
        and not damaged(text)
        and len(text) <= LIMIT
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the shipped package."""
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    for folder in ("data", "schemas"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def incidents() -> tuple[list[str], list[list[str]]]:
    """The columns and rows of the shipped incidents."""
    with (ROOT / "data" / "incidents.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def judge(package: Path, summaries: Sequence[str]) -> tuple[Report, set[str]]:
    """Write the texts as summaries of the first incidents; the report, and which texts it names."""
    header, rows = incidents()
    index = header.index("summary")
    texts = dict(zip((row[0] for row in rows), summaries, strict=False))
    for row in rows:
        row[index] = texts.get(row[0], row[index])
    (package / "data" / "incidents.csv").write_bytes(canonical(header, ("incident_id",), rows))
    report = validate(package)
    assert report.skipped == ()
    for problem in report.problems:
        assert (problem.table, problem.field) == ("incidents", "summary")
        assert problem.record in texts
    return report, {texts[str(problem.record)] for problem in report.problems}


def render(report: Report) -> None:
    """Every report of it can be written, and read again where it is JSON."""
    for form in map(get, FORMATS):
        text = form.render(report, limit=None)
        assert text.endswith("\n")
        text.encode("utf-8")
        if form.EXTENSION in (".json", ".sarif"):
            json.loads(text)


def test_harmful_strings_are_refused_and_no_others(package: Path) -> None:
    refused: set[str] = set()
    at_once = len(incidents()[1])
    for start in range(0, len(STRINGS), at_once):
        report, named = judge(package, STRINGS[start : start + at_once])
        render(report)
        refused |= named
    assert refused == {text for text in STRINGS if not harmless(text)}
    assert 50 < len(refused) < len(STRINGS) - 300, "the list holds many of both sorts"


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb", "\r", "\n=1", "a\0b", '"\n"', ",\n,"])
def test_text_that_breaks_lines_or_cells(package: Path, text: str) -> None:
    """Written as the csv module writes it: never accepted, whatever another program made of it."""
    header, rows = incidents()
    rows[0][header.index("summary")] = text
    with (package / "data" / "incidents.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    report = validate(package)
    assert not report.sound()
    rules = {problem.rule for problem in report.problems if problem.file == "data/incidents.csv"}
    assert rules & {"cell-newline", "line-endings", "file-encoding", "csv-quoting"}
    render(report)
