"""The HTML report, read by an HTML parser."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from html.parser import HTMLParser
from typing import Any

import pytest

from sahel_incidents.problem import Report
from sahel_incidents.reports import html

NAMES = ["sound", "mixed", "hostile", "many"]


class Page(HTMLParser):
    """Collects the elements of a page, the texts of each kind of element, and all its words."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.words = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.words = " ".join(self.words.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "br", "input"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, "elements must nest"

    def handle_data(self, data: str) -> None:
        tag = self._open[-1] if self._open else ""
        self.texts.setdefault(tag, []).append(data)
        if tag not in ("script", "style"):
            self.words += f" {data}"

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads(self.texts["script"][0]))


def page_of(report: Report, limit: int | None = None, strict: bool = False) -> Page:
    return Page(html.render(report, limit=limit, strict=strict))


@pytest.mark.parametrize("name", NAMES)
def test_the_policy_allows_just_our_own_style_and_script(
    name: str, request: pytest.FixtureRequest
) -> None:
    page = page_of(request.getfixturevalue(name))
    (style,) = page.texts["style"]
    _data, script = page.texts["script"]
    (policy,) = [
        meta["content"]
        for meta in page.all("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy == (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    assert [attributes.get("type") for attributes in page.all("script")] == [
        "application/json",
        None,
    ]


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{b64encode(digest).decode('ascii')}'"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_loaded_and_nothing_runs_from_an_attribute(
    name: str, request: pytest.FixtureRequest
) -> None:
    page = page_of(request.getfixturevalue(name))
    attributes = [(key, value) for _, given in page.elements for key, value in given.items()]
    assert {value for key, value in attributes if key in ("href", "src", "action")} <= {"#problems"}
    assert not [key for key, _ in attributes if key.startswith("on") or key == "style"]
    assert not {tag for tag, _ in page.elements} & {"img", "link", "iframe", "object", "base"}


def test_the_script_only_ever_writes_text() -> None:
    script = (html._HERE / "page.js").read_text(encoding="utf-8")
    for way in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "href =",
    ):
        assert way not in script


def test_sound(sound: Report) -> None:
    page = page_of(sound)
    assert page.texts["h1"] == ["Sound"]
    assert "Found nothing wrong: 5 rules." in page.words
    assert not page.all("form")
    assert page.data["problems"] == []


def test_the_summary_needs_no_script(mixed: Report) -> None:
    page = page_of(mixed)
    assert page.texts["h1"] == ["Not sound"]
    assert page.texts["dd"] == ["3", "1", "3", "4", "1,204", "5"]
    assert "Every place is used" in page.words
    assert "sources : 2 checks skipped: data/sources.csv has a row of 9 cells" in page.words
    assert "The list of 4 problems needs JavaScript" in " ".join(page.texts["p"])
    (form,) = page.all("form")
    assert "hidden" in form, "filters that do nothing without a script must not be shown"


def test_a_skipped_rule_is_not_said_to_have_found_nothing(mixed: Report) -> None:
    assert "Found nothing wrong: no rules." in page_of(mixed).words


def test_every_filter_has_a_label(mixed: Report) -> None:
    page = page_of(mixed)
    fields = [attributes["name"] for tag, attributes in page.elements if tag in ("input", "select")]
    assert fields == ["search", "severity", "rule", "table", "order"]
    assert len(page.all("label")) == len(fields)


def test_the_problems_travel_as_data(mixed: Report) -> None:
    data = page_of(mixed).data
    assert data["files"] == ["data/casualties.csv", "data/places.csv", "data/old copy.csv"]
    assert data["problems"][0] == [
        *(0, 0, 0, 12, 45),
        *("MLI-2025-06-01-boulikessi-f01", "harm", "killd"),
        *("`killd` is not a known word", "did you mean `killed`?"),
    ]
    assert data["problems"][2][3:5] == [None, None]
    assert [rule["severity"] for rule in data["rules"]] == ["error", "error", "warning"]


def test_hostile_cells_stay_data(hostile: Report, hostile_cells: dict[str, str]) -> None:
    text = html.render(hostile, limit=None)
    page = Page(text)
    assert len(page.all("script")) == 2
    values = dict(zip(hostile_cells, (row[7] for row in page.data["problems"]), strict=True))
    assert values["script"] == hostile_cells["script"]
    assert values["bidi"] == r"abc\u202edef\u200b\u2066"
    assert values["long"] == "A" * html.LONG_VALUE + "… (1,000,000 characters)"
    assert not set("<>&") & set(page.texts["script"][0])


def test_hostile_names_stay_text(make_problem: type, sound: Report) -> None:
    name = '"><script>alert(1)</script>'
    problem = make_problem(rule=name, table=name, file=name)
    report = Report(name, name, name, {name: 1}, (problem,), (), {})
    page = page_of(report)
    assert len(page.all("script")) == 2
    assert {"data-rule": name, "href": "#problems"} in page.all("a")


def test_the_limit(many: Report) -> None:
    page = page_of(many, limit=10)
    assert len(page.data["problems"]) == 15
    assert "1,210 and 1,200 more; --limit 0 lists all" in page.words


def test_strict(many: Report, make_report: type[Report]) -> None:
    warned = make_report(many.problems[-5:])
    assert page_of(warned).texts["h1"] == ["Sound"]
    assert page_of(warned, strict=True).texts["h1"] == ["Not sound under --strict"]
