"""Adding figures: what may overlap is refused, and why; the rest adds up."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sahel_incidents as si
from sahel_incidents.descriptor import open_package
from sahel_incidents.records import Records

if TYPE_CHECKING:
    from .conftest import MakeState

ROOT = Path(__file__).parents[2]
ROWS = Records.read(open_package(ROOT)).rows
FIGURES = {id: row for (id,), row in ROWS["casualties"].items()}
DS = si.load()

OVER_30 = "MLI-2025-06-01-boulikessi-f01"
AT_LEAST_44 = "NER-2025-05-26-falmey-f01"
UP_TO_44 = "NER-2025-05-26-falmey-f04"
EXACT_40 = "MLI-2025-05-23-dioura-f01"
ABOUT_60 = "MLI-2025-05-23-dioura-f03"
MANY = "MLI-2025-06-05-boulikessi-f01"


def reasons(ids: Iterable[str], ds: si.Dataset = DS) -> list[str]:
    with pytest.raises(si.CannotAddError) as caught:
        ds.sum_figures(ids)
    assert [str(reason) in caught.value.message for reason in caught.value.reasons[:10]]
    return [str(reason) for reason in caught.value.reasons]


def test_figures_of_different_incidents_add_up() -> None:
    assert DS.sum_figures([EXACT_40]) == si.Sum(40, 40, 1)
    both = DS.sum_figures([EXACT_40, OVER_30])
    assert (both.low, both.high, both.high_open, both.n) == (71, None, True, 2)
    assert str(both) == "at least 71, no upper bound (2 figures)"


def test_an_upper_bound_alone_adds_nothing_to_the_lower() -> None:
    both = DS.sum_figures([EXACT_40, UP_TO_44])
    assert (both.low, both.high, both.high_open) == (40, 84, False)
    assert str(both) == "40 to 84 (2 figures)"


def test_words_without_a_bound_open_the_sum_and_are_named() -> None:
    total = DS.sum_figures([ABOUT_60, MANY, AT_LEAST_44])
    assert total == si.Sum(44, None, 3, (ABOUT_60, MANY))
    assert f"without a bound: {ABOUT_60}, {MANY}" in str(total)


def test_a_frame_a_column_and_a_list_give_the_same() -> None:
    chosen = DS.figures[DS.figures["casualty_id"].isin([EXACT_40, OVER_30])]
    total = DS.sum_figures([EXACT_40, OVER_30])
    for given_as in (chosen, chosen["casualty_id"], {EXACT_40: 1, OVER_30: 2}, chosen.astype(str)):
        assert DS.sum_figures(given_as) == total
    assert DS.sum_figures(EXACT_40) == DS.sum_figures([EXACT_40])
    assert DS.sum_figures([]) == si.Sum(0, 0, 0)


def test_rival_figures_of_one_incident_are_refused() -> None:
    other = "MLI-2025-06-01-boulikessi-f08"
    assert reasons([OVER_30, other]) == [
        f"{OVER_30} and {other}: both are of MLI-2025-06-01-boulikessi: rival claims, or such as "
        "may overlap"
    ]


def test_a_figure_given_twice_is_refused() -> None:
    assert reasons([EXACT_40, EXACT_40]) == [f"{EXACT_40}: given more than once"]


def test_another_harm_is_refused() -> None:
    wounded = "MLI-2019-09-30-boulikessi-f02"
    told = reasons([EXACT_40, wounded])
    assert told == [f"{wounded} and {EXACT_40}: one counts wounded, one killed"]


def test_a_figure_that_was_replaced_is_refused() -> None:
    replaced = next(id for id, row in FIGURES.items() if row["superseded_by"])
    assert reasons([replaced]) == [
        f"{replaced}: was replaced by {FIGURES[replaced]['superseded_by']}"
    ]


def test_a_parent_incident_is_not_added_to_its_parts() -> None:
    part, parent = "MLI-2019-09-30-boulikessi-f01", "MLI-2019-09-30-boulikessi-mondoro-f03"
    assert reasons([part, parent]) == [
        f"{part} and {parent}: MLI-2019-09-30-boulikessi is part of "
        "MLI-2019-09-30-boulikessi-mondoro"
    ]
    sibling = "MLI-2019-09-30-mondoro-f01"
    assert DS.sum_figures([part, sibling]).low == 40


def test_a_parent_of_a_parent_is_found_and_a_circle_does_no_harm(make_state: MakeState) -> None:
    def nested(records: Records) -> None:
        link = {"relation": "part_of", "incident_id": "MLI-2019-09-30-boulikessi-mondoro"}
        records.put("incident_links", link | {"other_incident_id": "MLI-2025-05-23-dioura"})
        back = {"relation": "part_of", "incident_id": "MLI-2025-05-23-dioura"}
        records.put("incident_links", back | {"other_incident_id": "MLI-2019-09-30-boulikessi"})

    ds = si.load(make_state("1.0.0", nested))
    told = reasons(["MLI-2019-09-30-boulikessi-f01", EXACT_40], ds)
    assert "MLI-2019-09-30-boulikessi is part of MLI-2025-05-23-dioura" in told[0]


def test_a_withdrawn_figure_and_a_part_with_its_whole_are_refused(make_state: MakeState) -> None:
    whole, part = "MLI-2025-05-23-dioura-f01", "MLI-2025-05-23-dioura-f02"

    def edit(records: Records) -> None:
        records.rows["casualties"][OVER_30,]["confirmation"] = "withdrawn"
        records.rows["casualties"][part,]["part_of"] = whole

    ds = si.load(make_state("1.0.0", edit))
    assert reasons([OVER_30], ds) == [f"{OVER_30}: was withdrawn by whoever gave it"]
    assert reasons([part, whole], ds) == [f"{whole} and {part}: one is part of the other"]
    assert ds.sum_figures([part]).low == 41


def test_a_total_and_an_unknown_figure_are_refused() -> None:
    total = next(iter(ROWS["totals"]))[0]
    for id, told in ((total, "is a total"), ("X-f01", "there is no figure 'X-f01'")):
        with pytest.raises(si.ToolError, match=told):
            DS.sum_figures([EXACT_40, id])


def test_a_frame_without_ids_is_refused() -> None:
    with pytest.raises(si.ToolError, match="no column casualty_id"):
        DS.sum_figures(DS.incidents)


def test_a_missing_id_is_refused() -> None:
    with pytest.raises(si.ToolError, match="there is no figure"):
        DS.sum_figures(pd.Series([EXACT_40, None]))


def test_many_reasons_are_told_in_short_and_kept_whole() -> None:
    with pytest.raises(si.CannotAddError) as caught:
        DS.sum_figures(DS.figures)
    assert f"{len(caught.value.reasons) - 10:,} more" in caught.value.message
    assert caught.value.message.count("\n") == 11


PARENTS = {
    (link["incident_id"], link["other_incident_id"])
    for link in ROWS["incident_links"].values()
    if link["relation"] == "part_of"
}
FAMILIES = {incident for pair in PARENTS for incident in pair} | {"MLI-2025-06-01-boulikessi"}
OF_FAMILIES = sorted(id for id, row in FIGURES.items() if row["incident_id"] in FAMILIES)


def overlap(one: str, other: str) -> bool:
    """Whether an incident is another or part of it, told without the code that is tested."""
    return one == other or any(overlap(parent, other) for part, parent in PARENTS if part == one)


def some(ids: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(ids), max_size=4)


@given(some(OF_FAMILIES) | some([id for id in OF_FAMILIES if FIGURES[id]["harm"] == "killed"]))
def test_a_sum_is_given_exactly_where_nothing_overlaps(ids: list[str]) -> None:
    rows = [FIGURES[id] for id in ids]
    pairs = itertools.permutations([row["incident_id"] for row in rows], 2)
    fits = (
        len({row["harm"] for row in rows}) < 2
        and not any(row["superseded_by"] or row["confirmation"] == "withdrawn" for row in rows)
        and not any(overlap(one, other) for one, other in pairs)
    )
    if not fits:
        assert reasons(ids)
        return
    total = DS.sum_figures(ids)
    assert total.n == len(ids)
    assert total.low == sum(int(row["low"] or 0) for row in rows)
    assert total.high_open == any(not row["high"] for row in rows)
    if total.high is not None:
        assert total.high == sum(int(row["high"]) for row in rows)
