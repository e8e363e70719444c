"""Global facts as columns, held against plain Python that goes row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents import tables as reading
from sahel_incidents.columns import Data, UnknownError, combinations, frame
from sahel_incidents.facts import FirstOf, Leads, Lookup, Named, References, Used

LoadData = Callable[..., Data]


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "encoded"], autouse=True)
def encoded(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every column as read from a small file, then as if all of a large one had few values."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param:
            patch.setattr(reading, "_SAMPLED_BYTES", 0)
            patch.setattr(reading, "_FEW", 1)
        yield


Row = tuple[str, ...]

NAMES = st.sampled_from(["", "a", "b", "c", "d"])
KNOWN = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), unique=True, max_size=5)

SCHEMAS: dict[str, dict[str, Any]] = {
    "figures": {
        "fields": [
            {"name": "id", "type": "string"},
            {"name": "source", "type": "string"},
            {"name": "part_of", "type": "string"},
            {"name": "flag", "type": "string", "categories": ["yes", "no"]},
            {"name": "value", "type": "integer"},
        ],
        "primaryKey": ["id"],
        "foreignKeys": [
            {"fields": ["source"], "reference": {"resource": "sources", "fields": ["id"]}},
            {"fields": ["part_of"], "reference": {"resource": "", "fields": ["id"]}},
        ],
    },
    "sources": {
        "fields": [
            {"name": "id", "type": "string"},
            {"name": "publisher", "type": "string"},
            {"name": "day", "type": "date"},
        ],
        "primaryKey": ["id"],
        "foreignKeys": [
            {"fields": ["publisher"], "reference": {"resource": "publishers", "fields": ["id"]}}
        ],
    },
    "publishers": {
        "fields": [{"name": "id", "type": "string"}, {"name": "rank", "type": "integer"}],
        "primaryKey": ["id"],
    },
}


def tables(load: LoadData, **rows: list[Row]) -> Data:
    files = {}
    for name, schema in SCHEMAS.items():
        out = io.StringIO()
        header = [field["name"] for field in schema["fields"]]
        csv.writer(out, lineterminator="\n").writerows([header, *rows.get(name, [])])
        files[name] = (schema, out.getvalue().encode())
    return load(files)


def test_typed_columns(load_data: LoadData) -> None:
    data = tables(load_data, publishers=[("a", "7"), ("b", ""), ("c", "x"), ("d", "007")])
    assert data.typed("publishers", "rank").to_pylist() == [7, None, None, 7]
    assert data.text("publishers", "rank").cast("string").to_pylist() == ["7", "", "x", "007"]
    assert data.rows("publishers") == 4
    before = data.typed("publishers", "rank")
    assert data.typed("publishers", "rank") is before
    data.forget("publishers")
    assert data.typed("publishers", "rank").equals(before)


@pytest.mark.parametrize(
    ("sources", "targets", "expected"),
    [
        (["a", "b", "c"], ["a", "b", "c"], [0, 1, 2]),
        (["b", "a"], ["b", "a"], [0, 1]),
        (["a", "a"], ["a", "a"], [0, 0]),
        (["a", "b", "a", "b"], ["a", "b", "a", "b"], [0, 1, 0, 1]),
        (["b", "", "gone", "b"], ["a", "b", "b"], [1, -1, -2, 1]),
        (["y", "gone", "y"], [*("ab" * 40), "x", "y", "x", "y"], [81, -2, 81]),
    ],
)
def test_a_link_leads_to_the_first_record_of_a_key(
    load_data: LoadData, sources: list[str], targets: list[str], expected: list[int]
) -> None:
    figures = [(f"f{n}", source, "", "yes", "") for n, source in enumerate(sources)]
    data = tables(load_data, figures=figures, sources=[(name, "", "") for name in targets])
    assert data.link("figures", "source").tolist() == expected


def test_a_table_that_could_not_be_read(load_data: LoadData) -> None:
    files = {name: (schema, b"") for name, schema in SCHEMAS.items()}
    data = load_data(files)
    with pytest.raises(UnknownError, match="the table sources could not be read"):
        data.text("sources", "id")


DAYS = st.sampled_from(["", "2025-06-01", "2025-06-02", "June"])
RANKS = st.sampled_from(["", "1", "02", "x"])


@settings(max_examples=150)
@given(
    st.lists(NAMES, max_size=8),
    KNOWN.flatmap(lambda ids: st.tuples(*(st.tuples(st.just(i), NAMES, DAYS) for i in ids))),
    KNOWN.flatmap(lambda ids: st.tuples(*(st.tuples(st.just(i), RANKS) for i in ids))),
)
def test_look_ups_of_one_and_two_steps(
    load_data: LoadData, own: list[str], sources: list[Row], publishers: list[Row]
) -> None:
    figures = [(f"f{n}", source, "", "yes", "") for n, source in enumerate(own)]
    data = tables(load_data, figures=figures, sources=list(sources), publishers=list(publishers))
    source_of = {row[0]: row for row in sources}
    rank_of = dict(publishers)  # type: ignore[arg-type]
    days, ranks = [], []
    for name in own:
        source = source_of.get(name)
        days.append(source[2] if source and source[2].startswith("2025") else None)
        rank = rank_of.get(source[1], "") if source else ""
        ranks.append(int(rank) if rank.isdigit() else None)
    found = Lookup("source.day").compute(data, "figures").to_pylist()
    assert [day and day.isoformat() for day in found] == days
    assert Lookup("source.publisher.rank").compute(data, "figures").to_pylist() == ranks


FIGURES = st.lists(
    st.tuples(st.sampled_from(["a", "b", ""]), st.sampled_from(["yes", "no", ""])), max_size=10
)


@settings(max_examples=100)
@given(FIGURES)
def test_references_are_counted(load_data: LoadData, rows: list[tuple[str, str]]) -> None:
    figures = [(f"f{n}", source, "", flag, "") for n, (source, flag) in enumerate(rows)]
    sources = [("a", "", ""), ("b", "", ""), ("c", "", "")]
    data = tables(load_data, figures=figures, sources=sources)
    for where in ((), (("flag", "yes"),), (("flag", "yes"), ("id", "f0"))):
        cells = [{"source": row[0], "flag": row[1], "id": f"f{n}"} for n, row in enumerate(rows)]
        expected = [
            sum(cell["source"] == source and all(cell[k] == v for k, v in where) for cell in cells)
            for source, *_ in sources
        ]
        column = References("figures", "source", where)
        assert column.compute(data, "sources").to_pylist() == expected
    used = [any(row[0] == source for row in rows) for source, *_ in sources]
    assert Used().compute(data, "sources").to_pylist() == used
    assert Used(ignoring=("figures",)).compute(data, "sources").to_pylist() == [False] * 3


def test_counts_are_unknown_while_a_reference_points_to_nothing(load_data: LoadData) -> None:
    figures = [("f0", "nowhere", "", "yes", "")]
    data = tables(load_data, figures=figures, sources=[("a", "", "")])
    for column in (References("figures", "source"), Used()):
        with pytest.raises(UnknownError, match=r"figures\.source has references that point to not"):
            column.compute(data, "sources")


def test_counts_are_unknown_while_what_is_counted_is_faulty(load_data: LoadData) -> None:
    figures = [("f0", "a", "", "yse", "")]
    data = tables(load_data, figures=figures, sources=[("a", "", "")])
    assert References("figures", "source").compute(data, "sources").to_pylist() == [1]
    with pytest.raises(UnknownError, match=r"figures\.flag has faulty cells"):
        References("figures", "source", (("flag", "yes"),)).compute(data, "sources")


@pytest.mark.parametrize(
    ("parents", "expected"),
    [
        ([], []),
        ([""], [False]),
        (["f0"], [True]),
        (["f1", "f0"], [True, True]),
        (["f1", "f2", "f3", ""], [False] * 4),
        (["f1", "f2", "f3", "f1"], [False, True, True, True]),
        (["f1", "f0", "f3", "f2", "f0"], [True, True, True, True, False]),
        (["gone", "f0"], [False, False]),
    ],
)
def test_cycles(load_data: LoadData, parents: list[str], expected: list[bool]) -> None:
    figures = [(f"f{n}", "", parent, "yes", "") for n, parent in enumerate(parents)]
    data = tables(load_data, figures=figures)
    assert Leads("part_of").compute(data, "figures").to_pylist() == expected


@pytest.mark.parametrize("back_to", [0, 4_000, 199_999])
def test_a_long_chain_that_ends_in_a_cycle(load_data: LoadData, back_to: int) -> None:
    count = 200_000
    parents = [*range(1, count), back_to]
    figures = [(f"f{n:06}", "", f"f{parent:06}", "yes", "") for n, parent in enumerate(parents)]
    data = tables(load_data, figures=figures)
    found = Leads("part_of").compute(data, "figures")
    assert found.to_pylist() == [n >= back_to for n in range(count)]


@settings(max_examples=150)
@given(st.lists(st.integers(-1, 7), max_size=8))
def test_cycles_as_following_each_chain_finds_them(load_data: LoadData, targets: list[int]) -> None:
    count = len(targets)
    parents = [f"f{t}" if 0 <= t < count else "" for t in targets]
    figures = [(f"f{n}", "", parent, "yes", "") for n, parent in enumerate(parents)]
    expected = []
    for start in range(count):
        row: int | None = start
        for _ in range(count):
            row = targets[row] if row is not None and 0 <= targets[row] < count else None
            if row == start:
                break
        expected.append(row == start)
    data = tables(load_data, figures=figures)
    assert Leads("part_of").compute(data, "figures").to_pylist() == expected


CELLS = st.tuples(
    st.sampled_from(["", "a", "b", "gone", "lost"]),
    st.sampled_from(["", "a", "A"]),
    st.sampled_from(["yes", "no", ""]),
    st.sampled_from(["", "1", "01", "-1", "x", "y", "999999999999999999", "999999999999999998"]),
)


@settings(max_examples=400)
@given(
    st.lists(CELLS, max_size=12),
    st.lists(
        st.sampled_from(["source", "part_of", "flag", "value"]), min_size=1, max_size=4, unique=True
    ),
    st.booleans(),
)
def test_the_first_of_records_with_the_same_values(
    load_data: LoadData, rows: list[Row], columns: list[str], readable: bool
) -> None:
    figures = [(f"f{n:02}", *cells) for n, cells in enumerate(rows)]
    if readable:
        data = tables(load_data, figures=figures, sources=[("a", "", ""), ("b", "", "")])
    else:
        data = tables(load_data, figures=figures)
        del data.texts["sources"]  # type: ignore[attr-defined]
    names = ["source", "part_of", "flag", "value"]
    seen: dict[tuple[object, ...], str] = {}
    expected: list[str | None] = []
    for key, *cells in figures:
        values: list[object] = []
        for name in columns:
            cell = cells[names.index(name)]
            whole = cell.lstrip("-").isdigit() if name == "value" else False
            values.append(int(cell) if whole else cell)
        if not any(value != "" for value in values) or "x" in values or "y" in values:
            expected.append(None)
        else:
            expected.append(seen.get(tuple(values)))
            seen.setdefault(tuple(values), key)
    assert FirstOf(tuple(columns)).compute(data, "figures").to_pylist() == expected


def test_the_first_of_records_alike_once_normalised(load_data: LoadData) -> None:
    figures = [
        ("f0", "a", "", "yes", ""),
        ("f1", "A", "", "yes", ""),
        ("f2", "b", "", "yes", ""),
        ("f3", "A", "", "no", ""),
    ]
    sources = [("a", "", ""), ("A", "", ""), ("b", "", "")]
    data = tables(load_data, figures=figures, sources=sources)
    lowered = FirstOf(("source",), normalised=pc.utf8_lower)
    assert lowered.compute(data, "figures").to_pylist() == [None, "f0", None, "f0"]
    both = FirstOf(("source", "flag"), normalised=pc.utf8_lower)
    assert both.compute(data, "figures").to_pylist() == [None, "f0", None, None]


def test_the_first_of_many_records(load_data: LoadData) -> None:
    count = 100_000
    figures = [(f"f{n:06}", "", "", "yes", str(n % (count - 3))) for n in range(count)]
    data = tables(load_data, figures=figures)
    found = FirstOf(("value",)).compute(data, "figures").to_pylist()
    assert found == [None] * (count - 3) + ["f000000", "f000001", "f000002"]


def test_what_is_missing_of_a_record_named_in_words(load_data: LoadData) -> None:
    act = {
        "fields": [{"name": n, "type": "string"} for n in ("id", "table", "record", "field", "do")],
        "primaryKey": ["id"],
    }
    other = {
        "fields": [{"name": n, "type": "string"} for n in ("id", "role")],
        "primaryKey": ["id", "role"],
    }
    rows = [
        "1,o,a|p,role,",
        "2,o,a|q,role,",
        "3,x,a|p,role,",
        "4,o,a|p,rule,",
        "5,,,,",
        "6,o,gone|p,,retracted",
        "7,o,gone|p,,",
        "8,o,,id,",
    ]
    content = ("id,table,record,field,do\n" + "\n".join(rows) + "\n").encode()
    data = load_data({"t": (act, content), "o": (other, b"id,role\na,p\n")})
    retired = ("record", "do", ("retracted",))
    found = Named("table", "record", retired, "field").compute(data, "t").to_pylist()
    assert found == [None, "record", "table", "field", None, None, None, None]


def test_a_frame_holds_just_what_is_asked_for(load_data: LoadData) -> None:
    figures = [("f0", "a", "", "yes", "5"), ("f1", "", "", "no", "")]
    data = tables(load_data, figures=figures, sources=[("a", "", "2025-06-01")])
    found = frame(data, "figures", {"value": None, "day": Lookup("source.day"), "u": Used()})
    assert list(found.columns) == ["value", "day", "u"]
    assert [str(kind) for kind in found.dtypes] == [
        "int64[pyarrow]",
        "date32[day][pyarrow]",
        "bool[pyarrow]",
    ]
    assert found["value"].isna().tolist() == [False, True]


def test_an_empty_table(load_data: LoadData) -> None:
    data = tables(load_data)
    assert len(frame(data, "figures", {"id": None, "day": Lookup("source.day")})) == 0
    for column in (References("figures", "source"), Used(), FirstOf(("id", "day"))):
        assert column.compute(data, "sources").to_pylist() == []
    assert Leads("part_of").compute(data, "figures").to_pylist() == []


READ = ("source", "flag", "value", "source.day", "source.publisher", "part_of.flag")


@settings(max_examples=150)
@given(
    st.lists(st.tuples(NAMES, NAMES, st.sampled_from(["yes", "no", "?", ""]), RANKS), max_size=12),
    st.lists(st.tuples(NAMES, DAYS), max_size=4),
    st.lists(st.sampled_from(READ), unique=True, min_size=1),
)
def test_each_row_is_one_of_the_combinations(
    load_data: LoadData,
    figures: list[tuple[str, str, str, str]],
    sources: list[tuple[str, str]],
    chosen: list[str],
) -> None:
    rows = [(f"f{n}", *figure) for n, figure in enumerate(figures)]
    data = tables(load_data, figures=rows, sources=[(name, "", day) for name, day in sources])
    columns = {name: Lookup(name) if "." in name else None for name in chosen}
    whole = frame(data, "figures", columns)
    found = combinations(data, "figures", columns)
    if found is None:  # a column is not encoded, or there are as many combinations as rows
        return
    view, numbers = found
    assert len(view) <= len(whole)
    assert list(view.columns) == list(whole.columns)
    assert list(view.dtypes) == list(whole.dtypes)
    assert view.take(numbers).reset_index(drop=True).equals(whole)


def test_many_combinations_are_not_counted_out(load_data: LoadData) -> None:
    rows = [(f"f{n}", "", "", "yes", str(n)) for n in range(20)]
    data = tables(load_data, figures=rows)
    assert combinations(data, "figures", {"flag": None, "value": None}) is not None
    pairs = {"value": None, "source": None, "part_of.value": Lookup("part_of.value")}
    assert combinations(data, "figures", pairs) is None


def test_long_chains_and_a_cycle_at_their_end(load_data: LoadData) -> None:
    chain = [(f"c{n}", "", f"c{n + 1}", "yes", "") for n in range(50)]
    cycle = [("c50", "", "c51", "yes", ""), ("c51", "", "c50", "yes", "")]
    ending = [(f"e{n}", "", f"e{n + 1}" if n < 49 else "", "yes", "") for n in range(50)]
    data = tables(load_data, figures=[*chain, *cycle, *ending])
    on_cycle = Leads("part_of").compute(data, "figures").to_pylist()
    assert [n for n, leads in enumerate(on_cycle) if leads] == [50, 51]
