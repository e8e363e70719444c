"""Work done side by side: all of it, in order, and nothing left running."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sahel_incidents.publishing.side_by_side import side_by_side

Told = list[tuple[str, int, int]]


def nothing(stage: str, done: int, total: int) -> None:
    """Shows no progress."""


def test_results_come_in_the_order_of_the_work_whoever_ends_first() -> None:
    second_done = threading.Event()

    def first() -> str:
        assert second_done.wait(60)  # so both are at work at once
        return "one"

    def second() -> str:
        second_done.set()
        return "two"

    made = side_by_side("writing", {"a": first, "b": second, "c": lambda: "three"}, nothing)
    assert list(made.items()) == [("a", "one"), ("b", "two"), ("c", "three")]


def test_progress_names_what_is_being_done() -> None:
    told: Told = []
    works: dict[str, Callable[[], None]] = {name: lambda: None for name in "abcd"}
    side_by_side("writing", works, lambda *one: told.append(one))
    assert told[0] == ("writing a, b", 0, 4)
    assert told[-1] == ("writing", 4, 4)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_no_work() -> None:
    assert side_by_side("writing", {}, nothing) == {}


def test_after_a_failure_nothing_further_begins_and_what_had_begun_ends() -> None:
    alone, ended, begun = threading.Event(), threading.Event(), threading.Event()

    def fail() -> None:
        raise ValueError("the first")

    def long() -> None:
        assert alone.wait(60)
        ended.set()

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "writing b":
            alone.set()

    with pytest.raises(ValueError, match="the first"):
        side_by_side("writing", {"a": fail, "b": long, "c": begun.set}, progress)
    assert ended.is_set()
    assert not begun.is_set()


def test_of_several_failures_the_first_in_order_is_told() -> None:
    both = threading.Barrier(2, timeout=60)

    def fail(text: str) -> None:
        both.wait()
        raise ValueError(text)

    works = {"a": lambda: fail("the first"), "b": lambda: fail("the second")}
    with pytest.raises(ValueError, match="the first"):
        side_by_side("writing", works, nothing)


def test_an_interruption_waits_for_what_had_begun_and_begins_nothing_further() -> None:
    ended, begun = threading.Event(), threading.Event()
    release = threading.Event()

    def long() -> None:
        assert release.wait(60)
        ended.set()

    def interrupt(stage: str, done: int, total: int) -> None:
        release.set()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side("writing", {"a": long, "b": long, "c": begun.set}, interrupt)
    assert ended.is_set()
    assert not begun.is_set()
