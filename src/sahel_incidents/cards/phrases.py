"""How sources word a number: "over 30", "au moins 60", "30-40", "dozens"; read and written.

People write the phrase a source uses; the columns `qualifier`, `value`, `low` and `high` follow
from it. English and French are understood. What could be read in two ways is refused, with what to
write instead, since a wrong guess would be a wrong toll.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from ..problem import UnclearError
from ..rules.bounds_follow_qualifier import BOUNDS

EXAMPLES = "30, over 30, at least 60, up to 44, fewer than 10, about 100, 30-40, dozens"
"""Phrases to learn from."""

MAX_LENGTH = 80
"""The longest phrase read; longer ones are sentences."""

MAX_DIGITS = 18
"""The longest number, as in the tables' integer columns."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as its source words it.

    Attributes:
        qualifier: as in the vocabulary of `casualties.qualifier`.
        value: the number stated, in people; None for a range and for many.
        low: the fewest people the words allow; None where they set no bound.
        high: the most people the words allow; None where they set no bound.
        words: for many, the words used, unless they are just "many"; they belong into the note.
    """

    qualifier: str
    value: int | None = None
    low: int | None = None
    high: int | None = None
    words: str = ""


class PhraseError(UnclearError):
    """A phrase is not understood, or could mean two things."""


def _alternatives(*words: str) -> str:
    return "(?:" + "|".join(words) + ")"


_WORDS = {
    **dict.fromkeys(("zero", "none", "aucun", "aucune"), 0),
    **dict.fromkeys(("one", "un", "une"), 1),
    **dict.fromkeys(("two", "deux"), 2),
    **dict.fromkeys(("three", "trois"), 3),
    **dict.fromkeys(("four", "quatre"), 4),
    **dict.fromkeys(("five", "cinq"), 5),
    **dict.fromkeys(("six",), 6),
    **dict.fromkeys(("seven", "sept"), 7),
    **dict.fromkeys(("eight", "huit"), 8),
    **dict.fromkeys(("nine", "neuf"), 9),
    **dict.fromkeys(("ten", "dix"), 10),
}
_ROUND_WORDS = {
    "a hundred": 100,
    "a thousand": 1000,
    "une dizaine": 10,
    "une quinzaine": 15,
    "une vingtaine": 20,
    "une trentaine": 30,
    "une quarantaine": 40,
    "une cinquantaine": 50,
    "une soixantaine": 60,
    "une centaine": 100,
    "un millier": 1000,
}
"""Words that give a round number without claiming to be exact: alone they mean "about"."""

_QUALIFIERS = {
    "exact": _alternatives("exactly", "precisely", "exactement", "precisement"),
    "at_least": _alternatives(
        "at least", "no fewer than", "not fewer than", "no less than", "not less than",
        "a minimum of", "minimum", "au moins", "pas moins de", "au minimum", ">=", "≥",
    ),
    "more_than": _alternatives(
        "more than", "over", "above", "upwards? of", "in excess of", "exceeding", "plus d[e']",
        "au-dela de", ">",
    ),
    "at_most": _alternatives(
        "at most", "no more than", "not more than", "up to", "a maximum of", "maximum", "au plus",
        "pas plus d[e']", "jusqu'a", "au maximum", "<=", "≤",
    ),
    "fewer_than": _alternatives("fewer than", "less than", "under", "below", "moins d[e']", "<"),
    "about": _alternatives(
        "about", "around", "some", "approximately", r"approx\.?", "roughly", "nearly", "almost",
        "close to", "circa", r"ca?\.", "an estimated", "estimated", "environ", "autour d[e']",
        "pres d[e']", "quelque", "presque", "a peu pres", "~", "≈",
    ),
}  # fmt: skip
"""How a number may be begun, without accents. "Nearly 50" is about 50, as the codebook has it."""

_ENDINGS = {
    "at_least": _alternatives(r"\+", "or more", "at least", "ou plus", "et plus", "au moins"),
    "at_most": _alternatives(
        "or fewer", "or less", "at most", "ou moins", "au plus", "au maximum", "maximum"
    ),
    "about": _alternatives("or so", "environ", "approximately"),
}

_MANY = _alternatives(
    "(?:a great |a good |very )?many", "numerous", "several", "some", "a few", "few",
    "an unknown number", "an? (?:large |unspecified |undetermined )?number",
    "(?:several |many |a few |some |tens of )?(?:dozens?|scores|hundreds?|thousands?)",
    "(?:de )?(?:tres )?nombreu(?:x|ses)", "plusieurs", "quelques", "beaucoup", "un grand nombre",
    "un nombre (?:indetermine|inconnu|important)",
    "(?:des |plusieurs |quelques )?(?:dizaines|douzaines|vingtaines|centaines|milliers)",
)  # fmt: skip

_DIGITS = r"(?:[0-9]{1,3}(?:[, '][0-9]{3})+(?![0-9])|[0-9]+)"
_NUMBER = f"(?:{_DIGITS}|{_alternatives(*_WORDS, *_ROUND_WORDS)})"
_RANGES = (
    rf"({_DIGITS}) ?- ?({_DIGITS})",  # in words a hyphen may join one number: dix-sept
    rf"(?:from )?({_NUMBER}) to ({_NUMBER})",
    rf"between ({_NUMBER}) and ({_NUMBER})",
    rf"({_NUMBER}) (?:or|ou) ({_NUMBER})",
    rf"entre ({_NUMBER}) et ({_NUMBER})",
    rf"(?:de )?({_NUMBER}) a ({_NUMBER})",
)
_SUM = re.compile(rf"{_NUMBER} ?(?:\+|and|et|plus|&) ?{_NUMBER}")

_WRITTEN = {
    "exact": "{}",
    "at_least": "at least {}",
    "more_than": "over {}",
    "at_most": "at most {}",
    "fewer_than": "fewer than {}",
    "about": "about {}",
}


def phrase(qualifier: str, value: int | None, low: int | None, high: int | None) -> str:
    """The phrase for a figure's columns; `parse` reads it as the same.

    Raises:
        ValueError: the columns do not go together.
    """
    figure = Figure(qualifier, value, low, high)
    if qualifier == "range" and low is not None and high is not None:
        written = f"{low}-{high}"
    elif qualifier == "many":
        written = "many"
    else:
        written = _WRITTEN.get(qualifier, "").format(value)
    try:
        fits = parse(written) == figure
    except PhraseError:
        fits = False
    if not fits:
        raise ValueError(f"{qualifier} does not go with value {value}, low {low}, high {high}")
    return written


def parse(text: str) -> Figure:
    """Read a phrase.

    Raises:
        PhraseError: it is not understood, or could mean two things.
    """
    text = " ".join(text.split())
    words = _normalised(text[:MAX_LENGTH])
    figure = _understood(words) if len(text) <= MAX_LENGTH else None
    if figure is None:
        raise _refusal(text[:MAX_LENGTH], words)
    if figure.qualifier == "many" and words != "many":
        return replace(figure, words=text)
    return figure


def _normalised(text: str) -> str:
    """Lower case, without accents, with plain spaces, hyphens and apostrophes."""
    # Compatibility forms would turn the footnote mark of 30² into a digit.
    marked = "".join("?" if unicodedata.category(c) == "No" else c for c in text)
    letters = unicodedata.normalize("NFKD", marked)
    bare = "".join(c for c in letters if not unicodedata.combining(c)).lower()
    bare = re.sub("[\u2010-\u2015\u2212]", "-", bare).replace("\u2019", "'")
    return " ".join(bare.split())


def _understood(words: str) -> Figure | None:
    if re.fullmatch(_MANY, words):
        return Figure("many")
    for pattern in _RANGES:
        if found := re.fullmatch(pattern, words):
            return _range(*found.groups())
    if re.fullmatch(_NUMBER, words):
        return _figure("about" if words in _ROUND_WORDS else "exact", words)
    for qualifier, pattern in _QUALIFIERS.items():
        if found := re.fullmatch(rf"{pattern} ?({_NUMBER})", words):
            return _figure(qualifier, found[1])
    for qualifier, pattern in _ENDINGS.items():
        if found := re.fullmatch(rf"({_NUMBER}) ?{pattern}", words):
            return _figure(qualifier, found[1])
    return None


def _figure(qualifier: str, number: str) -> Figure:
    value = _number(number)
    low, high = (None if add is None else value + add for add in BOUNDS[qualifier])
    if high is not None and high < 0:
        raise PhraseError("no number of people is below 0", "write 0 if the source denies any")
    return Figure(qualifier, value, low, high)


def _range(first: str, last: str) -> Figure:
    low, high = _number(first), _number(last)
    if low > high:
        raise PhraseError(
            f"the range runs backwards, from {low} to {high}", f"write {high}-{low}, if that is it"
        )
    return Figure("range", None, low, high)


def _number(text: str) -> int:
    if text in _WORDS or text in _ROUND_WORDS:
        return _WORDS.get(text, _ROUND_WORDS.get(text, 0))
    digits = re.sub("[^0-9]", "", text).lstrip("0")
    if len(digits) > MAX_DIGITS:
        raise PhraseError("the number is too long to be one of people", "check it in the source")
    return int(digits or "0")


def _refusal(text: str, words: str) -> PhraseError:
    """Why a phrase was not understood, as precisely as its words tell."""
    if not words:
        return PhraseError("the number is missing", f"write one as the source has it: {EXAMPLES}")
    if found := re.search(r"[0-9]{1,3}(?:\.[0-9]{3})+(?![0-9])", words):
        plain = found[0].replace(".", "")
        return PhraseError(
            f'"{found[0]}" could be a decimal or a thousand', f"write {plain} if that is meant"
        )
    if re.search("[0-9][.,][0-9]", words):
        return PhraseError(f'"{text}" is not a whole number of people', "write digits only")
    if _SUM.search(words):
        return PhraseError(
            f'"{text}" is a sum or two figures in one',
            "make each number a figure of its own, part_of the total where the source gives one",
        )
    if len(re.findall(_DIGITS, words)) > 1:
        return PhraseError(
            f'"{text}" holds two numbers',
            "write a range as 30-40; make of two figures two items",
        )
    if re.search(r"\b(?:dozen|(?:une|demi-) ?douzaine)\b", words):
        return PhraseError(
            f'"{text}" may be a number or just a few',
            "write 12 for it (about 12, over 12) where the source counts, several where not",
        )
    if re.fullmatch(
        r"(?:\?+|-+|unknown|not (?:known|stated|given)|n/?a|inconnue?s?|no number)", words
    ):
        return PhraseError(
            f'"{text}" is no figure', "leave the figure out, or tell it as a statement"
        )
    for end in range(len(text) - 1, 0, -1):
        if text[end] == " " and _reads(text[:end]):
            rest = text[end + 1 :]
            return PhraseError(
                f'"{rest}" is not part of the number',
                f"write {text[:end]}; harm and victims say what happened to whom",
            )
    return PhraseError(f'"{text}" is not understood as a number', f"write it as in: {EXAMPLES}")


def _reads(text: str) -> bool:
    try:
        return _understood(_normalised(text)) is not None
    except PhraseError:
        return False
