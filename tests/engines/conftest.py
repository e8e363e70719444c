"""Both engines on one package: what they report must not differ in anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest

from sahel_incidents.descriptor import open_package
from sahel_incidents.engines.distributed import run
from sahel_incidents.engines.distributed.blocks import LocalFolder
from sahel_incidents.problem import Report
from sahel_incidents.validate import validate_package

Judge = Callable[..., Report]


class AtOnce:
    """Carries out each task when it is given, in this process: the engine without its cluster."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    def results(
        self, futures: Sequence[Any], told: Callable[[int], None] | None = None
    ) -> list[Any]:
        return list(futures)


def judge_in_blocks(root: Path, blocksize: int, most: int | None = None) -> Report:
    opened = open_package(root, parted=True)
    folder = LocalFolder(opened.root)
    told: list[tuple[str, int, int]] = []
    progress = lambda stage, done, total: told.append((stage, done, total))  # noqa: E731
    report = run.Run(opened, folder, AtOnce(), progress, most, blocksize).run()
    assert all(done <= total for _, done, total in told)
    return report


def assert_same(ours: Report, theirs: Report) -> None:
    """Compare two reports in all they hold, also where problems count as equal."""
    assert [astuple(one) for one in ours.problems] == [astuple(one) for one in theirs.problems]
    assert ours.skipped == theirs.skipped
    assert ours == theirs


@pytest.fixture(scope="session")
def judged() -> Judge:
    """Judge a package by both engines, in blocks of several sizes, and return the report."""

    def judge(root: Path, *blocksizes: int, most: int | None = None) -> Report:
        expected = validate_package(open_package(root), most=most)
        for blocksize in blocksizes:
            assert_same(judge_in_blocks(root, blocksize, most), expected)
        return expected

    return judge


@pytest.fixture(scope="session")
def in_blocks() -> Judge:
    """Judge a package in blocks, called with its folder and the size of a block."""
    return judge_in_blocks


@pytest.fixture(scope="session")
def at_once() -> AtOnce:
    """What carries out tasks in this process."""
    return AtOnce()


@pytest.fixture(scope="module")
def small_groups() -> Iterator[None]:
    """Have few parts answer together, few rows compared at once: as in a package of many blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "_ON_A_SHELF", 2)
        patch.setattr(run, "_AT_ONCE", 2)
        patch.setattr(run, "_ROWS_IN_A_BUCKET", 40)
        yield
