"""Keys: what repeats, what is empty, what points to nothing; held against plain Python."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents import keys
from sahel_incidents.columns import Data
from sahel_incidents.keys import KeyFaults
from sahel_incidents.problem import Skipped
from sahel_incidents.validate import validate

LoadData = Callable[..., Data]


def schema(
    *fields: str | dict[str, Any],
    key: tuple[str, ...] = ("id",),
    foreign: dict[str, tuple[str, str]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A schema of text columns, unless a field says more; `foreign` as column: (table, key)."""
    return {
        "fields": [{"name": f, "type": "string"} if isinstance(f, str) else f for f in fields],
        "primaryKey": list(key),
        "foreignKeys": [
            {"fields": [own], "reference": {"resource": table, "fields": [other]}}
            for own, (table, other) in (foreign or {}).items()
        ],
        **more,
    }


def content(header: str, *rows: str) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def outcomes(data: Data, table: str = "t", ordered: bool = False) -> list[KeyFaults | Skipped]:
    return list(keys.judge(data, data.package.tables[table], ordered))


def faults(data: Data, table: str = "t", ordered: bool = False) -> list[tuple[str, str, list[int]]]:
    found = outcomes(data, table, ordered)
    assert not [outcome for outcome in found if isinstance(outcome, Skipped)]
    return [(f.rule.id, f.field, f.rows.tolist()) for f in found if isinstance(f, KeyFaults)]


def test_sound_keys(load_data: LoadData) -> None:
    table = schema("id", "up", foreign={"up": ("", "id")})
    data = load_data({"t": (table, content("id,up", "a,", "b,a", "c,c"))})
    assert faults(data) == []
    assert faults(data, ordered=True) == []


def test_a_primary_key_that_repeats(load_data: LoadData) -> None:
    rows = ["b,1", "a,2", "b,3", "c,4", "b,1"]
    data = load_data({"t": (schema("id", "x"), content("id,x", *rows))})
    (found,) = outcomes(data)
    assert isinstance(found, KeyFaults)
    assert (found.rule.id, found.field) == ("key-primary-repeated", "id")
    assert found.rows.tolist() == [2, 4]
    assert found.explanations[1][0] == "the same id as in row 1 of the table"
    assert found.explanations[1][1]


def test_a_composite_primary_key(load_data: LoadData) -> None:
    table = schema("id", "role", "x", key=("id", "role"))
    rows = ["a,p,1", "a,q,1", "b,p,1", "a,p,2", "ap,,3", "b,q,1"]
    data = load_data({"t": (table, content("id,role,x", *rows))})
    assert faults(data) == [
        ("key-primary-empty", "role", [4]),
        ("key-primary-repeated", "id", [3]),
    ]


def test_the_parts_of_a_key_are_not_run_together(load_data: LoadData) -> None:
    table = schema("a", "b", key=("a", "b"))
    data = load_data({"t": (table, content("a,b", "x,yz", "xy,z", "x|y,z", "x,y|z", "a\x01,b"))})
    assert faults(data) == []


def test_an_empty_key_is_told_once(load_data: LoadData) -> None:
    required = {"name": "id", "type": "string", "constraints": {"required": True}}
    rows = content("id,x", ",1", ",2")
    data = load_data({"t": (schema(required, "x"), rows), "u": (schema("id", "x"), rows)})
    assert faults(data) == []  # the empty required cells have been reported as such
    assert faults(data, "u") == [("key-primary-empty", "id", [0, 1])]


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        ("integer", "01", "1"),
        ("number", "1.0", "1"),
        ("number", "-0", "0"),
        ("boolean", "1", "true"),
    ],
)
def test_a_key_written_in_two_ways(load_data: LoadData, kind: str, left: str, right: str) -> None:
    table = schema({"name": "id", "type": kind})
    data = load_data({"t": (table, content("id", *sorted([left, right])))})
    assert faults(data, ordered=True) == [("key-primary-repeated", "id", [1])]


def test_text_is_compared_as_it_stands(load_data: LoadData) -> None:
    data = load_data(
        {"t": (schema("id", "x"), content("id,x", "a,", "A,", "á,", "a\u0301,", "01,"))}
    )
    assert faults(data) == []


def test_a_cell_not_of_its_type_is_not_judged_as_a_key(load_data: LoadData) -> None:
    number = {"name": "id", "type": "integer"}
    table = schema(number, "x", key=("id", "x"))
    # Were they taken for empty, the first two would be the same record.
    data = load_data({"t": (table, content("id,x", "one,a", "two,a", ",a", "1,a", "1,a"))})
    assert faults(data) == [("key-primary-empty", "id", [2]), ("key-primary-repeated", "id", [4])]


def test_unique_columns(load_data: LoadData) -> None:
    number = {"name": "n", "type": "integer", "constraints": {"unique": True}}
    rows = ["a,5,p", "b,,q", "c,,p", "d,05,q", "e,999999999999999999,p", "f,999999999999999998,q"]
    table = schema("id", number, "x")
    data = load_data({"t": (table, content("id,n,x", *rows))})
    assert faults(data) == [("key-unique-repeated", "n", [3])]


def test_unique_keys_of_several_columns(load_data: LoadData) -> None:
    table = schema("id", "x", "y", uniqueKeys=[["x", "y"]])
    rows = ["a,p,q", "b,p,", "c,,q", "d,p,q", "e,,", "f,,", "g,p,"]
    data = load_data({"t": (table, content("id,x,y", *rows))})
    # Empty cells equal each other; wholly empty keys repeat nothing.
    assert faults(data) == [("key-unique-repeated", "x", [3, 6])]


def test_repeated_keys_that_also_point_to_nothing(load_data: LoadData) -> None:
    other = schema("id")
    table = schema("id", "role", key=("id", "role"), foreign={"id": ("u", "id")})
    rows = content("id,role", "x,r", "y,r", "y,r", "a,r", "a,r")
    data = load_data({"t": (table, rows), "u": (other, content("id", "a"))})
    assert faults(data) == [
        ("key-primary-repeated", "id", [2, 4]),
        ("key-foreign-missing", "id", [0, 1, 2]),
    ]


def test_foreign_keys(load_data: LoadData) -> None:
    table = schema("id", "up", "u", foreign={"up": ("t", "id"), "u": ("u", "id")})
    rows = content("id,up,u", "a,b,x", "b,,z", "c,c,", "d,A,X", "e,x,y")
    data = load_data({"t": (table, rows), "u": (schema("id"), content("id", "x", "y"))})
    assert faults(data) == [
        ("key-foreign-missing", "up", [3, 4]),
        ("key-foreign-missing", "u", [1, 3]),
    ]


def test_a_foreign_key_to_an_empty_table(load_data: LoadData) -> None:
    table = schema("id", "u", foreign={"u": ("u", "id")})
    data = load_data({"t": (table, content("id,u", "a,x", "b,")), "u": (schema("id"), b"id\n")})
    assert faults(data) == [("key-foreign-missing", "u", [0])]
    assert faults(data, "u") == []


def test_an_empty_table_with_foreign_keys(load_data: LoadData) -> None:
    table = schema("id", "u", foreign={"u": ("u", "id")})
    data = load_data({"t": (table, b"id,u\n"), "u": (schema("id"), b"id\n")})
    assert faults(data) == []


def test_a_foreign_key_of_numbers(load_data: LoadData) -> None:
    number = {"name": "id", "type": "integer"}
    table = schema("id", {"name": "u", "type": "integer"}, foreign={"u": ("u", "id")})
    rows = content("id,u", "a,1", "b,01", "c,+2", "d,3", "e,x", "f,")
    data = load_data({"t": (table, rows), "u": (schema(number), content("id", "1", "2"))})
    assert faults(data) == [("key-foreign-missing", "u", [3])]


def test_what_is_empty_in_the_other_table_is_no_record(load_data: LoadData) -> None:
    table = schema("id", "u", foreign={"u": ("u", "id")})
    other = schema("id", "x", missingValues=["-"])
    rows = content("id,u", "a,-", "b,x", "c,")
    data = load_data({"t": (table, rows), "u": (other, content("id,x", "-,1", "x,1"))})
    assert faults(data) == [("key-foreign-missing", "u", [0])]


def test_a_foreign_key_to_a_column_that_repeats(load_data: LoadData) -> None:
    table = schema("id", "u", foreign={"u": ("u", "x")})
    rows = content("id,x", "1,p", "2,p", "3,q")
    data = load_data({"t": (table, content("id,u", "a,p", "b,q")), "u": (schema("id", "x"), rows)})
    assert data.link("t", "u").tolist() == [0, 2]


def test_keys_to_a_table_that_could_not_be_read_are_skipped(load_data: LoadData) -> None:
    table = schema("id", "u", key=("id", "u"), foreign={"u": ("u", "id")})
    rows = content("id,u", "b,x", "a,y", "b,x")
    data = load_data({"t": (table, rows), "u": (schema("id"), b"")})
    repeated, skipped = outcomes(data)
    assert isinstance(repeated, KeyFaults)
    assert repeated.rows.tolist() == [2]
    assert skipped == Skipped("key-foreign-missing", "t", "u: the table u could not be read")


def test_nothing_cascades_from_a_broken_table(make_package: Callable[..., Path]) -> None:
    table = schema("id", "u", foreign={"u": ("u", "id")})
    files = {"t": (table, content("id,u", "a,x")), "u": (schema("id"), b'id\n"x\n')}
    report = validate(make_package(files))
    assert [(p.rule, p.file) for p in report.problems] == [("csv-quoting", "data/u.csv")]
    assert {(skipped.check, skipped.table) for skipped in report.skipped} >= {
        ("cells", "u"),
        ("key-foreign-missing", "t"),
    }
    assert not report.sound()


def test_a_problem_with_a_key_stands_on_its_physical_line(
    make_package: Callable[..., Path],
) -> None:
    table = schema("id", "x", "up", foreign={"up": ("", "id")})
    rows = b'id,x,up\na,"two\nlines",\nb,"\xc3\xa9,",c\na,,\n'
    report = validate(make_package({"t": (table, rows)}))
    found = {p.rule: (p.line, p.column, p.record, p.value) for p in report.problems}
    assert found["key-foreign-missing"] == (4, 8, "b", "c")
    assert found["key-primary-repeated"] == (5, 1, "a", "a")


def suggestions(data: Data) -> list[str | None]:
    return [
        suggestion
        for found in outcomes(data)
        if isinstance(found, KeyFaults) and found.rule is keys.FOREIGN
        for _, suggestion in found.explanations
    ]


def test_the_nearest_key_is_suggested(load_data: LoadData) -> None:
    table = schema("id", "u", foreign={"u": ("u", "id")})
    rows = content("id,u", "a,jnin", "b,fama ", "c,something-else", "d,JNIM")
    data = load_data({"t": (table, rows), "u": (schema("id"), content("id", "fama", "jnim"))})
    assert suggestions(data) == [
        "did you mean jnim?",
        "did you mean fama?",
        "add it to u, or mend the reference",
        "add it to u, or mend the reference",
    ]


def test_the_nearest_of_very_many_keys(load_data: LoadData) -> None:
    table = schema("id", "u", foreign={"u": ("u", "id")})
    known = [f"place-{n:06}" for n in range(10_000)]
    rows = content("id,u", "a,place-004711x", "b,palce-000001")
    data = load_data({"t": (table, rows), "u": (schema("id"), content("id", *known))})
    assert suggestions(data)[0] == "did you mean place-004711?"


def test_very_many_dangling_keys_are_all_found(load_data: LoadData) -> None:
    table = schema("id", "u", foreign={"u": ("u", "id")})
    count = 20 * keys.SEARCH_LIMIT
    rows = content("id,u", *(f"{n:06},plac-{n:06}" for n in range(count)))
    known = content("id", *(f"place-{n:06}" for n in range(count)))
    data = load_data({"t": (table, rows), "u": (schema("id"), known)})
    found = suggestions(data)
    assert len(found) == count
    assert found[0] == "did you mean place-000000?"
    assert set(found[keys.SEARCH_LIMIT :]) == {"add it to u, or mend the reference"}


SMALL = st.sampled_from(["", "a", "b", "ab", "é"])
ROWS = st.lists(st.tuples(SMALL, SMALL, SMALL), max_size=12)


@settings(max_examples=200)
@given(ROWS, ROWS, st.sampled_from([("id",), ("id", "x"), ("x", "u", "id")]))
def test_keys_as_plain_python_finds_them(
    load_data: LoadData, own: list[tuple[str, ...]], others: list[tuple[str, ...]], key: Any
) -> None:
    columns = ["id", "x", "u"]
    foreign = {"u": ("o", "id"), "x": ("", "id")}
    unique = {"name": "id", "type": "string", "constraints": {"unique": True}}
    files = {}
    for name, rows, table in (
        ("t", own, schema(unique, "x", "u", key=key, foreign=foreign)),
        ("o", others, schema(*columns, key=("id", "x"))),
    ):
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([columns, *rows])
        files[name] = (table, out.getvalue().encode())
    expected: list[tuple[str, str, list[int]]] = []

    def expect(rule: str, column: str, wrong: list[int]) -> None:
        if wrong:
            expected.append((rule, column, wrong))

    places = [columns.index(name) for name in key]
    for name, place in zip(key, places, strict=True):
        expect("key-primary-empty", name, [n for n, row in enumerate(own) if not row[place]])
    parts = [tuple(row[place] for place in places) for row in own]
    again = [n for n, part in enumerate(parts) if any(part) and part in parts[:n]]
    expect("key-primary-repeated", key[0], again)
    firsts = [row[0] for row in own]
    expect("key-unique-repeated", "id", [n for n, x in enumerate(firsts) if x and x in firsts[:n]])
    for column, known in (("u", {row[0] for row in others}), ("x", set(firsts))):
        values = [row[columns.index(column)] for row in own]
        missing = [n for n, value in enumerate(values) if value and value not in known]
        expect("key-foreign-missing", column, missing)
    assert faults(load_data(files)) == expected


_LIKE_EACH_OTHER = st.text("ab-", min_size=1, max_size=8)


@given(_LIKE_EACH_OTHER, st.lists(_LIKE_EACH_OTHER, max_size=12))
def test_the_nearest_key_is_the_one_difflib_finds(value: str, others: list[str]) -> None:
    expected = next(iter(difflib.get_close_matches(value, others, 1, 0.7)), None)
    assert keys.nearest(value, others) == expected
