"""The JUnit report, read by an XML parser."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from sahel_incidents.problem import Report, Skipped
from sahel_incidents.reports import junit

NAMES = ["sound", "mixed", "hostile", "many"]


def parsed(report: Report, limit: int | None = None, strict: bool = False) -> ElementTree.Element:
    text = junit.render(report, limit=limit, strict=strict)
    return ElementTree.fromstring(text.encode("utf-8"))


def suites(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {suite.attrib["name"]: suite for suite in root}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("strict", [False, True])
def test_the_counts_are_those_of_the_cases(
    name: str, strict: bool, request: pytest.FixtureRequest
) -> None:
    root = parsed(request.getfixturevalue(name), strict=strict)
    assert root.tag == "testsuites"
    for holder in (root, *root):
        cases = list(holder.iter("testcase"))
        assert holder.attrib["tests"] == str(len(cases))
        assert holder.attrib["failures"] == str(len(list(holder.iter("failure"))))
        assert holder.attrib["skipped"] == str(len(list(holder.iter("skipped"))))
        assert holder.attrib["errors"] == "0"
    for suite in root:
        assert suite.tag == "testsuite"
        names = [case.attrib["name"] for case in suite]
        assert len(set(names)) == len(names)
        assert {case.attrib["classname"] for case in suite} == {suite.attrib["name"]}


def test_sound_rules_pass_on_the_tables_they_look_at(sound: Report) -> None:
    root = parsed(sound)
    assert list(suites(root)) == list(sound.rows)
    cases = {name: [case.attrib["name"] for case in suite] for name, suite in suites(root).items()}
    everywhere = ["listed-files", "cell-category", "citation-ends"]
    assert cases["incidents"] == everywhere
    assert sorted(cases["casualties"]) == sorted([*everywhere, "figure-source"])
    assert not list(root.iter("failure"))


def test_mixed(mixed: Report) -> None:
    root = suites(parsed(mixed))
    assert list(root) == ["package", "incidents", "places", "sources", "casualties"]
    assert [case.attrib["name"] for case in root["package"]] == ["listed-files"]
    failure = root["casualties"].find("testcase[@name='cell-category']/failure")
    assert failure is not None
    assert failure.attrib == {
        "message": "2 problems: `killd` is not a known word",
        "type": "error",
    }
    assert failure.text is not None
    assert "data/casualties.csv:12:45  MLI-2025-06-01-boulikessi-f01.harm" in failure.text
    assert len(failure.text.splitlines()) == 2
    skipped = root["sources"].find("testcase[@name='citation-ends']/skipped")
    assert skipped is not None
    assert "row of 9 cells" in skipped.attrib["message"]


def test_a_warning_fails_only_when_strict(mixed: Report) -> None:
    path = "testsuite[@name='places']/testcase[@name='used-place']"
    lenient = parsed(mixed).find(path)
    assert lenient is not None
    assert [child.tag for child in lenient] == ["system-out"]
    strict = parsed(mixed, strict=True).find(path)
    assert strict is not None
    assert [child.tag for child in strict] == ["failure"]


def test_nothing_passes_on_a_table_of_which_a_stage_was_skipped(
    make_report: type[Report],
) -> None:
    root = suites(parsed(make_report([], [Skipped("keys", "places", "a cell is broken")])))
    assert [case.attrib["name"] for case in root["places"]] == ["keys"]


def test_hostile_cells_stay_text(hostile: Report) -> None:
    root = parsed(hostile)
    tags = {element.tag for element in root.iter()}
    assert tags == {"testsuites", "testsuite", "testcase", "failure"}
    (failure,) = root.iter("failure")
    assert failure.text is not None
    assert len(failure.text.splitlines()) == len(hostile.problems)


def test_the_limit(many: Report) -> None:
    failure = parsed(many, limit=10).find(".//failure")
    assert failure is not None
    assert failure.text is not None
    assert len(failure.text.splitlines()) == 11
    assert failure.text.endswith("and 1,200 more; --limit 0 lists all")
    assert failure.attrib["message"].startswith("1,210 problems")
