"""Phrases: what sources say about a number, and the columns that follow from it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents.cards.phrases import EXAMPLES, Figure, PhraseError, parse, phrase
from sahel_incidents.rules.bounds_follow_qualifier import BOUNDS

UNDERSTOOD = {
    "30": ("exact", 30, 30, 30),
    "1,200": ("exact", 1200, 1200, 1200),
    "1 200": ("exact", 1200, 1200, 1200),
    "１２": ("exact", 12, 12, 12),
    "one": ("exact", 1, 1, 1),
    "Ten": ("exact", 10, 10, 10),
    "zero": ("exact", 0, 0, 0),
    "exactly 5": ("exact", 5, 5, 5),
    "at least 60": ("at_least", 60, 60, None),
    "no fewer than 1,200": ("at_least", 1200, 1200, None),
    "au moins 60": ("at_least", 60, 60, None),
    "30+": ("at_least", 30, 30, None),
    "30 or more": ("at_least", 30, 30, None),
    ">= 30": ("at_least", 30, 30, None),
    "≥30": ("at_least", 30, 30, None),
    "over 30": ("more_than", 30, 31, None),
    "more than 30": ("more_than", 30, 31, None),
    "plus de 30": ("more_than", 30, 31, None),
    "more than a hundred": ("more_than", 100, 101, None),
    "plus d'une centaine": ("more_than", 100, 101, None),
    ">30": ("more_than", 30, 31, None),
    "up to 44": ("at_most", 44, None, 44),
    "no more than 44": ("at_most", 44, None, 44),
    "at most 44": ("at_most", 44, None, 44),
    "jusqu’à 44": ("at_most", 44, None, 44),
    "fewer than 10": ("fewer_than", 10, None, 9),
    "less than ten": ("fewer_than", 10, None, 9),
    "moins de dix": ("fewer_than", 10, None, 9),
    "about 100": ("about", 100, None, None),
    "some 100": ("about", 100, None, None),
    "nearly 50": ("about", 50, None, None),
    "~30": ("about", 30, None, None),
    "une centaine": ("about", 100, None, None),
    "près de 50": ("about", 50, None, None),
    "quelque 30": ("about", 30, None, None),
    "30-40": ("range", None, 30, 40),
    "30 – 40": ("range", None, 30, 40),
    "30 to 40": ("range", None, 30, 40),
    "between 30 and 40": ("range", None, 30, 40),
    "entre 30 et 40": ("range", None, 30, 40),
    "de 30 à 40": ("range", None, 30, 40),
    "3 or 4": ("range", None, 3, 4),
    "three or four": ("range", None, 3, 4),
    "many": ("many", None, None, None),
}
MANY = (
    "dozens", "scores", "several", "hundreds", "several dozen", "a few", "tens of thousands",
    "des dizaines", "plusieurs dizaines", "de nombreux", "quelques",
)  # fmt: skip
REFUSED = {
    "": "missing",
    "1.200": "decimal or a thousand",
    "1.5": "whole number",
    "20 + 10": "sum",
    "20 and 10": "sum",
    "30 soldiers and 10 civilians": "two numbers",
    "at least 30-40": "two numbers",
    "30 killed": '"killed" is not part',
    "over 30 soldiers": '"soldiers" is not part',
    "40-30": "backwards",
    "fewer than 0": "below 0",
    "unknown": "no figure",
    "?": "no figure",
    "no": "not understood",
    "a dozen": "just a few",
    "over a dozen": "just a few",
    "une douzaine": "just a few",
    "dix-sept": "not understood",
    "twenty-five": "not understood",
    "30²": "not understood",  # a footnote mark must not become a digit
    "٣٠": "not understood",
    "30%": "not understood",
    "-5": "not understood",
    "9" * 19: "too long",
    "over " + "9" * 200: "not understood",
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_understood(text: str) -> None:
    assert parse(text) == Figure(*UNDERSTOOD[text])


@pytest.mark.parametrize("text", MANY)
def test_words_without_a_number_are_kept(text: str) -> None:
    assert parse(f" {text.capitalize()} ") == Figure("many", words=text.capitalize())


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(PhraseError, match=re.escape(REFUSED[text])) as caught:
        parse(text)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("1.200", "write 1200 if"),
        ("40-30", "write 30-40, if"),
        ("30 killed", "write 30;"),
        ("over 30 soldiers", "write over 30;"),
    ],
)
def test_a_refusal_says_what_to_write(text: str, mended: str) -> None:
    with pytest.raises(PhraseError) as caught:
        parse(text)
    assert caught.value.remedy.startswith(mended)


def test_the_examples_are_understood() -> None:
    assert {parse(text).qualifier for text in EXAMPLES.split(", ")} == {*BOUNDS, "range", "many"}


NUMBERS = st.integers(0, 10**18 - 1)


@st.composite
def figures(draw: st.DrawFn) -> Figure:
    """Any figure whose columns go together."""
    qualifier = draw(st.sampled_from([*BOUNDS, "range", "many"]))
    if qualifier == "many":
        return Figure("many")
    if qualifier == "range":
        low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
        return Figure("range", None, low, high)
    value = draw(NUMBERS)
    low, high = (None if add is None else value + add for add in BOUNDS[qualifier])
    if high is not None and high < 0:
        value, high = 1, 0
    return Figure(qualifier, value, low, high)


@given(figures())
def test_a_figure_survives_being_written_and_read(figure: Figure) -> None:
    written = phrase(figure.qualifier, figure.value, figure.low, figure.high)
    assert parse(written) == figure


@given(
    st.builds(
        Figure, st.sampled_from([*BOUNDS, "range", "many", "odd"]), *[st.none() | NUMBERS] * 3
    )
)
def test_what_has_no_phrase_is_refused(figure: Figure) -> None:
    try:
        written = phrase(figure.qualifier, figure.value, figure.low, figure.high)
    except ValueError:
        return
    assert parse(written) == figure


WORDS = st.sampled_from(
    ["30", "40", "1,200", "1.200", "30²", "-", "–", "+", ">", ">=", "~", "≤", "over", "at", "least",
     "more", "than", "up", "to", "about", "some", "between", "and", "et", "ou", "or", "à", "de",
     "d'", "une", "centaine", "dozens", "a", "dozen", "many", "killed", "dix", "sept"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=100))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Nothing else is ever raised, and a number that was read stands in the text."""
    try:
        figure = parse(text)
    except PhraseError:
        return
    digits = re.sub("[^0-9]", "", text)
    if digits and figure.value is not None:
        assert str(figure.value) in digits
