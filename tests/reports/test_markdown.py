"""The pull-request comment, read by a Markdown parser that would obey HTML if there were any."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sahel_incidents.problem import Problem, Report, RuleInfo, Severity
from sahel_incidents.reports import markdown

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
LIVE = re.compile(r"@\w|#\d|://|www\.|\bgh-\d", re.IGNORECASE)
"""What GitHub makes a mention or a link of when it stands outside code."""


def tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def harmless(text: str) -> None:
    """Fails if there is more than headings, paragraphs, lists, tables, code and our own `<br>`."""
    found = list(tokens(text))
    html = {token.content for token in found if token.type in ("html_inline", "html_block")}
    assert html <= {"<br>"}
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in found}
    assert kinds <= {
        *("heading", "paragraph", "inline", "text", "code_inline", "html_inline", "strong"),
        *("bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td", "text_special"),
    }
    plain = [token.content for token in found if token.type in ("text", "text_special")]
    assert not [text for text in plain if LIVE.search(text)]


def cells(text: str) -> list[list[str]]:
    """The cells of all table rows, each as the text that its code spans hold."""
    rows: list[list[str]] = []
    inside = False
    for token in PARSER.parse(text):
        inside = token.type == "td_open" or (inside and token.type != "td_close")
        if token.type == "tr_open":
            rows.append([])
        if token.type == "inline" and inside:
            codes = [child.content for child in token.children or () if child.type == "code_inline"]
            rows[-1].append("".join(codes))
    return [row for row in rows if row]


@pytest.mark.parametrize("name", ["sound", "mixed", "hostile", "many"])
@pytest.mark.parametrize("limit", [None, 0, 10])
def test_harmless(name: str, limit: int | None, request: pytest.FixtureRequest) -> None:
    text = markdown.render(request.getfixturevalue(name), limit=limit)
    harmless(text)
    assert len(text) <= markdown.MAX_CHARACTERS


def test_sound(sound: Report) -> None:
    assert markdown.render(sound, limit=10) == (
        "### `sahel-incidents` 0.1.0: Sound\n\nno errors, no warnings in 4 tables, 1,204 rows.\n"
    )


def test_mixed(mixed: Report) -> None:
    text = markdown.render(mixed, limit=10)
    assert text.startswith("### `sahel-incidents` 0.1.0: Not sound\n")
    assert "3 errors, 1 warning, 3 skipped checks" in text
    assert "- `sources`: 2 checks skipped: data/sources.csv has a row of 9 cells" in text
    assert "#### Error: A coded cell holds a known word (`cell-category`): 2 problems" in text
    assert cells(text)[0] == [
        "data/casualties.csv:12:45",
        "MLI-2025-06-01-boulikessi-f01",
        "harm",
        "killd",
        "killdkilled",
    ]
    assert "<br>→ did you mean `killed`?" in text


def test_a_cell_is_shown_as_it_is(hostile: Report, hostile_cells: dict[str, str]) -> None:
    rows = cells(markdown.render(hostile, limit=None))
    assert len(rows) == len(hostile_cells)
    assert {len(row) for row in rows} == {5}
    shown = dict(zip(hostile_cells, (row[3] for row in rows), strict=True))
    for name in ("script", "pipes", "backticks", "code-break", "mentions", "links", "arabic"):
        assert shown[name] == hostile_cells[name]
    assert shown["bidi"] == r"abc\u202edef\u200b\u2066"
    assert shown["long"].endswith("… (1,000,000 characters)")


@given(st.text(st.sampled_from("`|\\<>[]()!*_~@#:/w.a1 -&;\n"), max_size=30))
def test_no_text_comes_to_life(text: str) -> None:
    rule = RuleInfo("rule", Severity.ERROR, text, text)
    problem = Problem(
        "rule", Severity.ERROR, text, text, 1, 1, "t", text, text, text, suggestion=text
    )
    report = Report(text, text, ".", {}, (problem,), (), {"rule": rule})
    rendered = markdown.render(report, limit=None)
    harmless(rendered)
    assert [len(row) for row in cells(rendered)] == [5]


def test_the_limit(many: Report) -> None:
    text = markdown.render(many, limit=10)
    assert "\nand 1,200 more; --limit 0 lists all\n" in text
    assert len(cells(text)) == 15


def test_a_comment_that_is_full_says_what_was_cut(many: Report) -> None:
    text = markdown.render(many, limit=None)
    shown = len(cells(text))
    assert 100 < shown < len(many.problems)
    match = re.search(r"Cut for want of room:\*\* ([\d,]+) problems of 2 rules", text)
    assert match is not None
    assert int(match[1].replace(",", "")) + shown == len(many.problems)
