"""Cells: lexical forms and constraints, at the right rows, with words that help."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents import cells
from sahel_incidents.descriptor import open_package
from sahel_incidents.package import Category, Field


def field(kind: str, *, form: str = "default", categories: Any = (), **constraints: Any) -> Field:
    found = tuple(Category(value, value.title(), "") for value in categories)
    return Field("x", kind, form, "X", "What x means.", "", constraints, found)


def column(texts: list[str], encoded: bool, chunks: int = 1) -> pa.ChunkedArray:
    """Cells as the reader gives them: in chunks, each with its own dictionary if encoded."""
    size = -(-len(texts) // chunks) or 1
    parts = [pa.array(texts[n : n + size], pa.string()) for n in range(0, len(texts), size)]
    if encoded:
        parts = [part.dictionary_encode() for part in parts]
        return pa.chunked_array(parts, pa.dictionary(pa.int32(), pa.string()))
    return pa.chunked_array(parts, pa.string())


def faults(
    declared: Field, texts: list[str], missing: tuple[str, ...] = ("",), encoded: bool = False
) -> dict[str, list[int]]:
    found = cells.judge(declared, column(texts, encoded), missing)
    return {fault.rule.id: fault.rows.tolist() for fault in found}


def good(declared: Field, text: str) -> bool:
    return not faults(declared, [text])


VALID: dict[str, dict[str, Any]] = {
    "integer": {
        "0": 0, "-0": 0, "+7": 7, "-7": -7, "007": 7, "12": 12, "0" * 300 + "5": 5,
        "9" * 18: 10**18 - 1, "-" + "9" * 18: 1 - 10**18,
    },
    "number": {
        "0": 0.0, "-0": 0.0, "0.5": 0.5, ".5": 0.5, "5.": 5.0, "-.5e-1": -0.05, "+1E+2": 100.0,
        "007.50": 7.5, "123456789012345": 123456789012345.0, "0.00000000000001": 1e-14,
        "0" * 99 + ".5": 0.5, "0.123456789012345": 0.123456789012345, "1e99": 1e99, "1e-99": 1e-99,
    },
    "boolean": {
        "true": True, "True": True, "TRUE": True, "1": True,
        "false": False, "False": False, "FALSE": False, "0": False,
    },
    "date": {
        "2025-06-01": datetime.date(2025, 6, 1), "2024-02-29": datetime.date(2024, 2, 29),
        "2000-02-29": datetime.date(2000, 2, 29), "0001-01-01": datetime.date(1, 1, 1),
        "9999-12-31": datetime.date(9999, 12, 31),
    },
    "year": {"2025": 2025, "0001": 1, "0000": 0, "9999": 9999},
    "string": {"a": "a", " a ": " a ", "é": "é", "1": "1", "\u200b": "\u200b"},
}  # fmt: skip
INVALID = {
    "integer": [
        "1_000", "1,000", "1 000", "1\u202f000", " 1", "1 ", "1\n", "\u00a01", "1.0", "1e3", "0x1",
        "--1", "+-1", "+", "-", "one", "NaN", "inf", "TRUE", "٣٠", "１２", "१२", "²", "Ⅷ", "−1",
        "9" * 19, "1" + "0" * 18, "9" * 400, "9" * 5000, "1\u200b", "\ufeff1", "=1",
    ],
    "number": [
        "1_000", "1,000.5", "1,5", " 1", "1 ", "1\n", "NaN", "nan", "inf", "-Infinity", "1e400",
        "1e100", "1e-400", "1e", "e1", ".", "+.", "1.2.3", "0x1p3", "１２", "٣.٥", "½", "−1", "1e+",
        "1234567890123456", "0.1234567890123456", "9" * 400, "0." + "0" * 400 + "1", "1%", "$1",
    ],
    "boolean": ["yes", "no", "t", "T", "tRUE", " true", "true ", "true\n", "1.0", "on", "2", "-1"],
    "date": [
        "2024-1-5", "2024-01-5", "2024-1-05", "20240105", "2024/01/05", "05/01/2024", "2024-01",
        "2024", "2025-02-29", "1900-02-29", "2025-06-31", "2025-13-01", "2025-00-01", "2025-01-00",
        "0000-01-01", "0000-02-29", "10000-01-01", "-2024-01-01", "2024-01-05T00:00:00",
        "2024-01-05Z", " 2024-01-05", "2024-01-05 ", "2024-01-05\n", "２０２４-01-05", "٢٠٢٤-٠١-٠٥",
        "2024–01–05", "1 June 2025", "yesterday", "2024-W01-1",
    ],
    "year": ["25", "02025", "-025", "+123", "1_23", "２０２５", "١٩٩٩", " 123", "123\n", "1e03"],
}  # fmt: skip
URIS = ["https://example.org/a", "mailto:a@b.org", "x-y+z.1:", "javascript:alert(1)", "a:é\nb"]
NO_URIS = ["example.org", "//example.org", "/a", ":a", "1a:b", "é:b", "a_b:c", " https://a", "http"]


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("kind", VALID)
def test_valid_forms_and_their_values(kind: str, encoded: bool) -> None:
    declared = field(kind)
    texts = [*VALID[kind], ""]
    assert faults(declared, texts, encoded=encoded) == {}
    values = cells.typed(declared, column(texts, encoded, chunks=3), ("",))
    assert values.type == cells.ARROW_TYPES[kind]
    found = values.to_pylist()
    expected = [*VALID[kind].values(), None]
    assert found == expected
    assert [str(value) for value in found] == [str(value) for value in expected]  # no -0.0


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("kind", INVALID)
def test_invalid_forms(kind: str, encoded: bool) -> None:
    declared = field(kind)
    texts = INVALID[kind]
    assert faults(declared, texts, encoded=encoded) == {"cell-type": list(range(len(texts)))}
    assert cells.typed(declared, column(texts, encoded), ("",)).null_count == len(texts)


def test_addresses() -> None:
    declared = field("string", form="uri")
    assert faults(declared, URIS) == {}
    assert faults(declared, NO_URIS) == {"cell-type": list(range(len(NO_URIS)))}


@pytest.mark.parametrize("kind", [kind for kind in VALID if kind != "string"])
def test_surrounding_space_is_never_trimmed(kind: str) -> None:
    for text in VALID[kind]:
        for space in (" ", "\t", "\n", "\u00a0", "\u2003", "\u200b", "\ufeff"):
            assert not good(field(kind), space + text)
            assert not good(field(kind), text + space)


def test_every_day_of_four_centuries() -> None:
    day, texts = datetime.date(1999, 12, 31), []
    while day.year < 2101:
        texts.append(day.isoformat())
        day += datetime.timedelta(days=1)
    assert faults(field("date"), texts) == {}
    every = [f"{y:04}-{m:02}-{d:02}" for y in (1900, 2000, 2023, 2024) for m in range(14)
             for d in range(33)]  # fmt: skip
    wrong = [n for n, text in enumerate(every) if not _is_day(text)]
    assert faults(field("date"), every) == {"cell-type": wrong}


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


CONSTRAINTS: list[tuple[Field, list[str], list[str], str]] = [
    (field("string", required=True), ["a", " "], [""], "cell-required"),
    (field("string", required=False), ["a", ""], [], ""),
    (field("string", minLength=2), ["ab", "é€", "", "a\u0301"], ["a", "😀"], "cell-min-length"),
    (field("string", maxLength=2), ["ab", "😀😀", ""], ["abc", "a\u0301b"], "cell-max-length"),
    (field("string", enum=["a", "b"]), ["a", "b", ""], ["c", "A", "a ", "ab"], "cell-enum"),
    (field("string", categories=["a", "b"]), ["a", ""], ["c", "A", " a"], "cell-category"),
    (field("integer", enum=[1, 20]), ["1", "01", "+20", ""], ["2", "0"], "cell-enum"),
    (field("number", enum=[1, 0.5]), ["1", "1.0", ".5", "5e-1"], ["2", "0.51"], "cell-enum"),
    (field("boolean", enum=[True]), ["true", "1"], ["false", "0"], "cell-enum"),
    (field("date", enum=["2025-06-01"]), ["2025-06-01"], ["2025-06-02"], "cell-enum"),
    (field("integer", minimum=0), ["0", "1", "-0", ""], ["-1", "-999999999999999999"],
     "cell-minimum"),
    (field("integer", maximum=9), ["9", "-10"], ["10", "999999999999999999"], "cell-maximum"),
    (field("number", minimum=-0.5), ["-0.5", "-.50", "1"], ["-0.51", "-1e9"], "cell-minimum"),
    (field("number", maximum=180), ["180", "180.0"], ["180.000000000001"], "cell-maximum"),
    (field("number", exclusiveMinimum=0), ["0.1", "1e-99"], ["0", "-0", "0.0"],
     "cell-exclusive-minimum"),
    (field("integer", exclusiveMaximum=5), ["4"], ["5", "05", "6"], "cell-exclusive-maximum"),
    (field("date", minimum="2025-06-01"), ["2025-06-01", ""], ["2025-05-31"], "cell-minimum"),
    (field("date", exclusiveMaximum="2025-06-01"), ["2025-05-31"], ["2025-06-01"],
     "cell-exclusive-maximum"),
    (field("year", minimum=1960, maximum=2100), ["1960", "2100"], ["1959"], "cell-minimum"),
    (field("string", pattern="INC-[0-9]{4}"), ["INC-0001", ""],
     ["INC-0001\n", "INC-00011", "xINC-0001", "INC-٠٠٠١", "inc-0001", "INC-0001 "],
     "cell-pattern"),
    (field("string", pattern="^INC-[0-9]{4}$"), ["INC-0001"], ["INC-0001\n", "a\nINC-0001"],
     "cell-pattern"),
    (field("string", pattern="a|bc"), ["a", "bc"], ["ac", "ab", "abc", "b"], "cell-pattern"),
    (field("string", pattern=""), [""], ["a"], "cell-pattern"),
    (field("string", form="uri", pattern="https?:.*"), ["http:"], ["ftp:a"], "cell-pattern"),
]  # fmt: skip


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("number", range(len(CONSTRAINTS)))
def test_constraints(number: int, encoded: bool) -> None:
    declared, passing, failing, rule = CONSTRAINTS[number]
    assert faults(declared, passing, encoded=encoded) == {}
    texts = [*passing, *failing, *passing]
    rows = list(range(len(passing), len(passing) + len(failing)))
    assert faults(declared, texts, encoded=encoded) == ({rule: rows} if rows else {})


def test_a_cell_not_of_its_type_is_judged_no_further() -> None:
    declared = field("integer", required=True, minimum=5, enum=[7])
    assert faults(declared, ["x", "", "7", "1"]) == {
        "cell-type": [0],
        "cell-required": [1],
        "cell-minimum": [3],
        "cell-enum": [3],
    }


@pytest.mark.parametrize("encoded", [False, True])
def test_missing_values_are_as_declared(encoded: bool) -> None:
    declared = field("integer", required=True)
    texts = ["", "NA", "-", "1"]
    assert faults(declared, texts, ("NA", "-"), encoded) == {
        "cell-type": [0],
        "cell-required": [1, 2],
    }
    assert faults(declared, texts, (), encoded) == {"cell-type": [0, 1, 2]}
    assert faults(field("string", minLength=1), ["", "NA"], ("NA",)) == {"cell-min-length": [0]}


def test_empty_columns() -> None:
    for kind in VALID:
        for encoded in (False, True):
            for chunks in ([], column([], encoded).chunks):
                kind_of = pa.dictionary(pa.int32(), pa.string()) if encoded else pa.string()
                empty = pa.chunked_array(chunks, kind_of)
                declared = field(kind, required=True, enum=[])
                assert list(cells.judge(declared, empty, ("",))) == []
                assert len(cells.typed(declared, empty, ("",))) == 0


TEXTS = st.lists(st.text("01-+.eE 2٣tru", max_size=5), max_size=30)


@settings(max_examples=200)
@given(TEXTS, st.sampled_from(list(VALID)), st.integers(1, 4))
def test_encoded_or_in_chunks_a_column_is_judged_alike(
    texts: list[str], kind: str, chunks: int
) -> None:
    declared = field(kind, required=True)
    plain = column(texts, encoded=False)
    expected = faults(declared, texts)
    for encoded in (False, True):
        other = column(texts, encoded, chunks)
        found = {f.rule.id: f.rows.tolist() for f in cells.judge(declared, other, ("",))}
        assert found == expected
        assert (
            cells.typed(declared, other, ("",)).to_pylist()
            == cells.typed(declared, plain, ("",)).to_pylist()
        )


@settings(max_examples=300)
@given(
    st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=8),
    st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=8),
)
def test_numbers_compare_as_written(left: Any, right: Any) -> None:
    # Up to 15 digits a 64-bit float tells decimals apart, so it orders them as they are written.
    texts = [f"{value:.8f}" for value in (left, right)]
    exact = [Decimal(text) for text in texts]
    declared = field("number", minimum=float(texts[1]))
    assert good(declared, texts[0]) == (exact[0] >= exact[1])


SUGGESTIONS: list[tuple[Field, str, str]] = [
    (field("integer"), "1,000", "write 1000"),
    (field("integer"), "1_000", "write 1000"),
    (field("integer"), "1\u202f000", "write 1000"),
    (field("integer"), "12.0", "write 12"),
    (field("integer"), " 30 ", "write 30"),
    (field("integer"), "٣٠", "write 30"),
    (field("integer"), "１２", "write 12"),
    (field("integer"), "−5", "write -5"),
    (field("integer"), "1\u00a0000", "write 1000"),
    (field("integer"), "30²", "write digits only"),
    (field("integer"), "thirty", "write digits only, at most 18"),
    (field("integer"), "9" * 400, "write digits only, at most 18"),
    (field("number"), "14,5", "write 14.5"),
    (field("number"), "14.12345678901234567", "write digits only, at most 15"),
    (field("boolean"), "yes", "write true or false"),
    (field("year"), "25", "write four digits"),
    (field("date"), "2024-1-5", "write 2024-01-05"),
    (field("date"), "20240105", "write 2024-01-05"),
    (field("date"), "5 January 2024", "write 2024-01-05"),
    (field("date"), "٢٠٢٤-٠١-٠٥", "write 2024-01-05"),
    (field("date"), "03/04/2024", "day and month cannot be told apart"),
    (field("date"), "last Sunday", "leave it empty if unknown"),
    (field("string", form="uri"), "example.org", "https://"),
    (field("string", categories=["killed", "wounded"]), "Killed", "did you mean killed?"),
    (field("string", categories=["state_force"]), "state force", "did you mean state_force?"),
    (field("string", categories=["killed", "wounded"]), "xyz", "use one of: killed, wounded"),
    (field("string", enum=["killed"]), "kiled", "did you mean killed?"),
    (field("string", pattern="[a-z]+(-[a-z]+)*"), "Ménaka Camp", "write menaka-camp"),
    (field("string", pattern="[A-Z]{3}"), "mli", "write MLI"),
    (field("string", pattern="[A-Z]{3}"), "MLI\n", "write MLI"),
    (field("string", pattern="[A-Z]{3}"), "12", "use the form [A-Z]{3}"),
    (field("string", maxLength=1), "ab", "shorten it"),
]


@pytest.mark.parametrize("number", range(len(SUGGESTIONS)))
def test_suggestions(number: int) -> None:
    declared, text, expected = SUGGESTIONS[number]
    (fault,) = cells.judge(declared, column([text], encoded=False), ("",))
    message, suggestion = fault.explain(text)
    assert message
    assert expected in str(suggestion)


@settings(max_examples=400)
@given(
    st.text(max_size=12),
    st.sampled_from([declared for declared, *_ in SUGGESTIONS] + [row[0] for row in CONSTRAINTS]),
)
def test_every_fault_can_be_explained(text: str, declared: Field) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    for fault in cells.judge(declared, column([text], encoded=False), ("",)):
        message, suggestion = fault.explain(text)
        assert message
        assert message.isprintable()
        mended = re.fullmatch("write (.*)", suggestion or "")
        if mended and "," not in mended[1] and " or " not in mended[1] and " " not in mended[1]:
            assert good(Field(**(vars(declared) | {"constraints": {}})), mended[1])


def test_a_value_is_quoted_short_and_visible() -> None:
    assert cells.quoted("a") == '"a"'
    assert cells.quoted("a\u200bb\x07\u202e") == '"a\\u200bb\\x07\\u202e"'
    assert len(cells.quoted("x" * 10_000_000)) == 82


def test_the_stricter_list_names_types_constraints_and_keys() -> None:
    known = {*cells.ARROW_TYPES, *cells.CHECKS, "categories", "uniqueKeys", "primaryKey"}
    assert set(cells.STRICTER) <= known


def test_a_category_is_declared_once_and_enforced(make_package: Callable[..., Path]) -> None:
    values = [{"value": "killed", "label": "Killed", "description": "Dead."}]
    schema = {
        "fields": [{"name": "harm", "type": "string", "categories": values}],
        "primaryKey": ["harm"],
    }
    package = open_package(make_package({"t": (schema, b"harm\nkilled\n")}))
    declared = package.tables["t"].field("harm")
    assert declared.vocabulary == ("killed",)
    assert faults(declared, ["killed", "dead"]) == {"cell-category": [1]}
