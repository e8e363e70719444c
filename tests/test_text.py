"""Characters, one by one through all of Unicode, and the rules on text that rest on them."""

from __future__ import annotations

import unicodedata

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents import judging, rules
from sahel_incidents.rules import text_normalised, text_one_script
from sahel_incidents.text import INVISIBLE, INVISIBLE_HERE, folded, matches, named, write

CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]


def matching(pattern: str) -> set[str]:
    """The characters that match an RE2 pattern."""
    found = pc.match_substring_regex(pa.array(CHARACTERS), pattern).to_pylist()
    return {character for character, hit in zip(CHARACTERS, found, strict=True) if hit}


def failing(rule: str, texts: list[str | None]) -> list[int]:
    """Which of some texts break a rule on text."""
    frame = pd.DataFrame({"text": pd.array(texts, dtype=pd.ArrowDtype(pa.string()))})
    return list(rules.load()[rule].failing(frame))


def test_invisible_is_the_same_to_both_engines() -> None:
    assert matching(INVISIBLE) == {c for c in CHARACTERS if INVISIBLE_HERE.fullmatch(c)}


def test_invisible_agrees_with_the_categories_of_unicode() -> None:
    """All of the invisible categories but line breaks, and format characters that have a shape."""
    shaped = {c for c in CHARACTERS if unicodedata.category(c) == "Cf"} - matching(INVISIBLE)
    assert {unicodedata.name(c).split()[0] for c in shaped} == {
        *("ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN"),
    }
    by_category = {c for c in CHARACTERS if unicodedata.category(c) in ("Cc", "Co", "Zl", "Zp")}
    assert by_category - matching(INVISIBLE) == {"\n", "\r"}
    others = matching(INVISIBLE) - by_category
    assert {unicodedata.category(c) for c in others} == {"Cf", "Cn", "Lo", "Mn", "So"}
    for character in others:
        if unicodedata.category(character) in ("Lo", "Mn", "So"):
            assert any(
                word in unicodedata.name(character)
                for word in ("SELECTOR", "FILLER", "JOINER", "INHERENT", "BLANK")
            )


def test_only_suspects_can_be_out_of_normal_form() -> None:
    """No other character changes by itself, joins the one before it, or changes places with it."""
    safe = set(CHARACTERS) - matching(text_normalised.SUSPECT)
    parts = (unicodedata.decomposition(character).split() for character in CHARACTERS)
    joining = {chr(int(pair[1], 16)) for pair in parts if len(pair) == 2 and pair[0][0] != "<"}
    assert safe >= {chr(code) for code in range(0x300)}
    assert not safe & joining
    assert all(unicodedata.is_normalized("NFC", c) and not unicodedata.combining(c) for c in safe)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=8))
def test_normal_form_as_unicode_defines_it(texts: list[str]) -> None:
    expected = [i for i, t in enumerate(texts) if unicodedata.normalize("NFC", t) != t]
    assert failing("text-normalised", list(texts)) == expected


def test_lookalikes_are_letters_of_the_scripts_they_are_said_to_be_of() -> None:
    pairs = (
        ("CYRILLIC", text_one_script.CYRILLIC, text_one_script.LIKE_CYRILLIC),
        ("GREEK", text_one_script.GREEK, text_one_script.LIKE_GREEK),
    )
    for script, foreign, latin in pairs:
        assert len(foreign) == len(set(foreign)) == len(latin) == len(set(latin))
        for one, other in zip(foreign, latin, strict=True):
            assert unicodedata.name(one).startswith(f"{script} ")
            assert unicodedata.name(other).startswith("LATIN ")
            assert one.isupper() == other.isupper()


@given(st.sampled_from(["Boulikessi", "Timbuktu", "JNIM", "Opération"]), st.data())
def test_a_lookalike_is_found_and_the_word_mended(word: str, data: st.DataObject) -> None:
    table = data.draw(st.sampled_from(text_one_script.FROM_LATIN))
    at = data.draw(st.sampled_from([i for i, c in enumerate(word) if ord(c) in table]))
    forged = word[:at] + word[at].translate(table) + word[at + 1 :]
    text = f"« {forged} », 2025"
    assert failing("text-one-script", [text, f"« {word} », 2025"]) == [0]
    message, suggestion = text_one_script.explain({"text": text})
    assert suggestion == f"write: « {word} », 2025"
    assert f"U+{ord(forged[at]):04X}" in message


@pytest.mark.parametrize("rule", [id for id in rules.load() if id.startswith("text-")])
@given(texts=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), max_size=6))
def test_every_text_is_judged_and_explained(rule: str, texts: list[str]) -> None:
    for index in failing(rule, [*texts, None]):
        message, suggestion = rules.load()[rule].explain({"text": texts[index]})
        assert message
        assert suggestion


@pytest.mark.parametrize(
    ("rule", "text", "mended"),
    [
        ("text-visible", "a\u200bb\tc\u2028d\u00ad", "ab c d"),
        ("text-visible", "\ufeff \u202eabc", "abc"),
        ("text-trimmed", "\u00a0abc\u2003", "abc"),
        ("text-no-formula", " =-+ 1+1", "1+1"),
        ("text-normalised", "Ope\u0301ration", "Opération"),
        ("text-undamaged", "lâ€™armÃ©e", "l’armée"),
        ("text-one-script", "ＪＮＩＭ, con\ufb02it", "JNIM, conflit"),
    ],
)
def test_the_mended_text_is_offered_and_sound(rule: str, text: str, mended: str) -> None:
    assert failing(rule, [text]) == [0]
    assert rules.load()[rule].explain({"text": text})[1] == f"write: {mended}"
    for other in rules.load():
        if other.startswith("text-"):
            assert failing(other, [mended]) == []


@pytest.mark.parametrize("shape", ["{}", "{}a", "a{}", "a{}b", "Ã{}", "â{}", "Ø{}Ø{}"])
def test_validation_shows_the_rules_every_text_they_refuse(shape: str) -> None:
    """It spares them the common ones, so none of those may be one that a rule would refuse."""
    texts = [shape.format(chr(code), chr(code)) for code in range(0x3000)]
    unusual = pc.match_substring_regex(pa.array(texts), judging._UNUSUAL).to_pylist()
    for rule, known in rules.load().items():
        if known.of_texts:
            refused = failing(rule, list(texts))
            assert [texts[index] for index in refused if not unusual[index]] == []


def test_matches_keeps_the_index_and_empty_cells() -> None:
    texts = pd.Series(["a", None, "b"], index=[7, 3, 5], dtype=pd.ArrowDtype(pa.string()))
    found = matches(texts, "a")
    assert list(found.index) == [7, 3, 5]
    assert found.isna().tolist() == [False, True, False]
    assert found.fillna(False).tolist() == [True, False, False]


def test_names_folded() -> None:
    one = ["Al-Qaïda", "al qaida", "AL‑QAI\u0308DA", "Al-Qa’ida", "القاعدة", "القـاعدة", None]
    *latin, arabic, stretched, nothing = folded(pa.chunked_array([one])).to_pylist()
    assert set(latin) == {"alqaida"}
    assert arabic == "القاعدة" != stretched
    assert nothing is None


def test_a_character_is_named_or_sorted() -> None:
    assert named("\u200b") == "U+200B ZERO WIDTH SPACE"
    assert named("\t") == "U+0009 control character"
    assert named("\uf8ff") == "U+F8FF private-use character"
    assert named("\ufdd0") == "U+FDD0 noncharacter"


def test_a_mended_text_is_offered_on_one_line_unless_very_long() -> None:
    assert write("a" * 1000) == "write: " + "a" * 1000
    assert write("a" * 1001) == "mend it; the cell then has 1,001 characters"
    assert write("a\r\nb") == "write: a b"
    assert write("") == "leave the cell empty, or fill it"
