"""Text made harmless, counts in words, problems in groups."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents.problem import Report
from sahel_incidents.reports import common

TEXT = st.text(st.characters())


def test_every_control_format_and_space_character_is_shown_as_an_escape() -> None:
    hidden = {"Cc", "Cf", "Zl", "Zp", "Zs", "Cs"}
    missed = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if chr(code) != " "
        and unicodedata.category(chr(code)) in hidden
        and common.visible(chr(code)) == chr(code)
    ]
    assert missed == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ménaka, بوليكسي 💥", "Ménaka, بوليكسي 💥"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202e\ufeff", r"\u202e\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("❤\ufe0f\u3164", r"❤\ufe0f\u3164"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert common.visible(text) == shown


@given(TEXT)
def test_visible_text_is_printable_and_stays_as_it_is(text: str) -> None:
    shown = common.visible(text)
    assert common.visible(shown) == shown
    assert "\n" not in shown


@given(st.dictionaries(TEXT, TEXT | st.none() | st.integers()))
def test_json_gives_back_what_went_in(value: dict[str, str | int | None]) -> None:
    text = common.to_json(value)
    assert json.loads(text) == value
    text.encode("utf-8")
    assert "##[" not in text


def test_json_keeps_letters_readable() -> None:
    assert common.to_json("Ménaka\u202e") == '"Ménaka\\u202e"'


@pytest.mark.parametrize(
    ("text", "broken_up"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("a\n  ::error::x", "a\n  \\x3a:error::x"),
        ("a ::error::x", "a ::error::x"),
        ("x ##[add-mask]y", r"x #\x23[add-mask]y"),
        ("## Heading", "## Heading"),
    ],
)
def test_without_commands(text: str, broken_up: str) -> None:
    assert common.without_commands(text) == broken_up


@pytest.mark.parametrize(
    ("number", "words"), [(0, "no errors"), (1, "1 error"), (2, "2 errors"), (1204, "1,204 errors")]
)
def test_count(number: int, words: str) -> None:
    assert common.count(number, "error") == words


def test_shorten_tells_the_true_length() -> None:
    assert common.shorten("abc", 3) == "abc"
    assert common.shorten("x" * 2000, 3) == "xxx… (2,000 characters)"


def test_groups_put_errors_first_and_count_what_they_leave_out(mixed: Report) -> None:
    groups = common.groups(mixed, 1)
    assert [group.rule.id for group in groups] == ["cell-category", "listed-files", "used-place"]
    assert [(len(group.listed), group.omitted) for group in groups] == [(1, 1), (1, 0), (1, 0)]


def test_a_rule_of_which_nothing_is_known_is_still_reported(
    make_problem: type, make_report: type[Report]
) -> None:
    (group,) = common.groups(make_report([make_problem(rule="unheard-of")]), None)
    assert (group.rule.id, group.rule.title, group.total) == ("unheard-of", "unheard-of", 1)


def test_checks_skipped_for_one_reason_stand_together(mixed: Report) -> None:
    groups = common.skipped_groups(mixed)
    assert [(group.table, group.checks) for group in groups] == [
        ("sources", ("cell-category", "citation-ends")),
        ("casualties", ("figure-source",)),
    ]


def test_verdicts(sound: Report, mixed: Report, many: Report, make_report: type[Report]) -> None:
    warned = make_report(many.problems[-5:])
    assert common.verdict(sound, strict=True) == "Sound"
    assert common.verdict(warned, strict=False) == "Sound"
    assert common.verdict(warned, strict=True) == "Not sound under --strict"
    assert common.verdict(mixed, strict=True) == "Not sound"
