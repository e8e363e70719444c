"""Version numbers: their form, their order, and what a change deserves."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents.history.schema_changes import Level
from sahel_incidents.problem import ToolError
from sahel_incidents.publishing.versions import Version, check_deserved

IN_ORDER = (  # the example of Semantic Versioning 2.0.0, section 11, and a few around it
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.10",
    "1.2.0",
    "1.10.0",
    "10.0.0",
)


def test_the_order() -> None:
    for lower, higher in pairwise(map(Version.of, IN_ORDER)):
        assert lower < higher
        assert not higher < lower


@given(st.tuples(*[st.integers(0, 10**18)] * 3))
def test_a_version_reads_back(numbers: tuple[int, int, int]) -> None:
    text = ".".join(map(str, numbers))
    assert str(Version.of(text)) == text


@pytest.mark.parametrize("text", IN_ORDER)
def test_forms(text: str) -> None:
    assert str(Version.of(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0+1"),
        *("1.0.0\n", "1.0.0 ", "１.0.0", "1.0.0-a..b", "-1.0.0", "../1.0.0", "1.0.0/.."),
        f"1.0.0-{'a' * 100}",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ToolError, match="is not a version number"):
        Version.of(text)


@pytest.mark.parametrize(
    ("version", "previous", "level", "refused"),
    [
        ("1.0.1", "1.0.0", None, False),
        ("1.0.0", "1.0.0", None, True),
        ("0.9.0", "1.0.0", None, True),
        ("1.0.1", "1.0.0", Level.PATCH, False),
        ("1.0.1", "1.0.0", Level.MINOR, True),
        ("1.1.0", "1.0.5", Level.MINOR, False),
        ("1.1.0", "1.0.5", Level.MAJOR, True),
        ("2.0.0", "1.9.9", Level.MAJOR, False),
        ("3.0.0", "1.9.9", Level.PATCH, False),
        ("1.1.0-rc.1", "1.0.0", Level.MINOR, False),
        ("1.0.1-rc.1", "1.0.0", Level.MINOR, True),
        ("1.1.0", "1.1.0-rc.1", Level.MAJOR, False),
        ("1.1.0-rc.2", "1.1.0-rc.1", Level.MINOR, False),
        ("1.1.0-rc.1", "1.1.0", None, True),
        ("0.2.0", "0.1.0", Level.MAJOR, True),
    ],
)
def test_what_a_change_deserves(
    version: str, previous: str, level: Level | None, refused: bool
) -> None:
    def check() -> None:
        check_deserved(Version.of(version), Version.of(previous), level, lambda: "so it is")

    if refused:
        with pytest.raises(ToolError) as caught:
            check()
        assert "raise it to" in caught.value.remedy
    else:
        check()
