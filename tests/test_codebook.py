"""The codebook: complete, current, self-contained, and harmless whatever the schemas say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sahel_incidents import codebook
from sahel_incidents.codebook import diagram
from sahel_incidents.history.since import catalogue
from sahel_incidents.package import Category, Field, ForeignKey, Table
from sahel_incidents.release import Release
from sahel_incidents.ucdp.columns import COLUMNS

ROOT = Path(__file__).parents[1]
VOID = {"meta", "br", "rect", "path", "circle"}
HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style>",
    "a | b || c",
    "`code` and ``more` |",
    "*bold* _under_ [link](javascript:alert(1)) <b>",
    "$title ${css} $$",
    "two\n\n# lines",
    "&amp; & &#60;",
    "{value} {0}",
    "النيجر 马里 🕊️ l'été",
)


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script that writes docs/codebook.md."""
    spec = spec_from_file_location("make_codebook", ROOT / "scripts" / "make_codebook.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def release(maker: ModuleType) -> Release:
    declared: Release = maker.declared(ROOT)
    return declared


class Page(HTMLParser):
    """What a page holds: ids, links, tags that are never closed, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        given = dict(attrs)
        self.ids.update([given["id"]] if given.get("id") else [])
        self.links += [str(given[name]) for name in ("href", "src") if name in given]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def page(release: Release) -> Page:
    return Page(codebook.html(release))


def test_the_codebook_in_the_documents_is_up_to_date(maker: ModuleType, release: Release) -> None:
    text = maker.CODEBOOK.read_text(encoding="utf-8")
    assert codebook.markdown(release, documents="") == text, (
        "out of date: python scripts/make_codebook.py"
    )


def test_the_page_has_an_anchor_for_everything(release: Release, page: Page) -> None:
    assert [id for id, times in page.ids.items() if times > 1] == []
    for name, table in release.declared.items():
        assert name in page.ids
        for field in table.fields:
            apart = f"{name}.{field.name}" in page.ids
            assert apart or field.name in page.words, f"{name}.{field.name}"
    for table in release.package.tables.values():
        for field in table.fields:
            assert f"{table.name}.{field.name}" in page.ids
    for rule in catalogue():
        assert f"rule-{rule}" in page.ids
    for column in COLUMNS:
        assert f"ged.{column.name}" in page.ids


def test_every_value_is_told_once_with_its_meaning(release: Release, page: Page) -> None:
    text = " ".join(page.words)
    vocabularies = {
        field.categories for table in release.declared.values() for field in table.fields
    }
    for vocabulary in vocabularies - {()}:
        holders = {
            id.rpartition(".")[0] for id in page.ids if id.endswith(f".{vocabulary[0].value}")
        }
        told = [
            holder
            for holder in holders
            if all(f"{holder}.{one.value}" in page.ids for one in vocabulary)
        ]
        assert told
        for one in vocabulary:
            assert one.description in text


def test_links_within_the_page_lead_somewhere(page: Page) -> None:
    inner = {link[1:] for link in page.links if link.startswith("#")}
    assert len(inner) > 300
    assert inner - set(page.ids) == set()


def test_the_page_asks_nobody_for_anything(release: Release) -> None:
    text = codebook.html(release)
    page = Page(text)
    assert page.tags & {"script", "link", "img", "iframe", "form", "object", "base"} == set()
    assert not {name for name in page.attributes if name.startswith("on") or name == "style"}
    assert not re.search(r"@import|url\(", text)
    assert "default-src 'none'; style-src 'sha256-" in unescape(text)
    outer = {link for link in page.links if not link.startswith("#")}
    assert all(link.startswith("https://") for link in outer)


def test_documents_are_linked_where_they_lie(release: Release) -> None:
    there = f"https://github.com/sahel-incidents/sahel-incidents/blob/v{release.version}/docs/"
    for text in (codebook.html(release), codebook.markdown(release)):
        for name in ("methodology.md#grades", "ged.md", "validation.md"):
            assert there + name in text
    assert "](methodology.md#grades)" in codebook.markdown(release, documents="")


def test_both_say_how_derived_columns_are_worked_out(release: Release) -> None:
    page = " ".join(Page(codebook.html(release)).words)
    cells = " ".join(cell for row in rows(codebook.markdown(release)) for cell in row)
    for name in ("estimates", "figures_flat"):
        for field in release.declared[name].fields:
            assert field.description in page
            assert " ".join(field.description.split()) in cells


def rows(markdown: str) -> Iterator[list[str]]:
    """The rows of a document's tables, as the text in their cells."""
    row: list[str] | None = None
    for token in MarkdownIt().enable("table").parse(markdown):
        if token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield row
            row = None
        elif token.type == "inline" and row is not None:
            row.append("".join(child.content for child in token.children or ()))


def test_the_tables_of_the_document_hold_every_column_and_value(release: Release) -> None:
    told = Counter(row[0] for row in rows(codebook.markdown(release)))
    for table in release.package.tables.values():
        for field in table.fields:
            assert told[field.name]
            for one in field.categories:
                assert told[one.value]
    for column in COLUMNS:
        assert told[column.name]
    widths = {len(row) for row in rows(codebook.markdown(release))}
    assert widths == {3}


def changed(release: Release, text: str) -> Release:
    """The release with a text in place of every one that is meant for people."""

    def field(old: Field) -> Field:
        categories = tuple(replace(one, label=text, description=text) for one in old.categories)
        return replace(old, title=text, description=text, example=text, unit=text,
                       categories=categories)  # fmt: skip

    tables = {
        name: replace(table, title=text, fields=tuple(map(field, table.fields)))
        for name, table in release.package.tables.items()
    }
    descriptor: dict[str, Any] = json.loads(json.dumps(release.descriptor))
    descriptor |= {"title": text, "description": text}
    descriptor["licenses"][0]["title"] = text
    for resource in descriptor["resources"]:
        resource["description"] = text
    return replace(
        release,
        package=replace(release.package, tables=tables),
        descriptor=descriptor,
        declared={**release.declared, **tables},
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_are_shown_and_never_obeyed(release: Release, page: Page, text: str) -> None:
    hostile = changed(release, text)
    made = Page(codebook.html(hostile))
    assert made.tags == page.tags
    assert made.attributes == page.attributes
    assert not [link for link in made.links if not re.match("#|https://", link)]
    shown = "".join(made.words)
    assert text.replace("`", "") in shown.replace("`", "")
    document = codebook.markdown(hostile)
    assert {len(row) for row in rows(document)} == {3}
    tokens = MarkdownIt().enable("table").parse(document)
    assert not [token for token in tokens if token.type == "html_block"]
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.content for child in inline if child.type == "html_inline"} == {"<br>"}
    links = {str(child.attrs["href"]) for child in inline if child.type == "link_open"}
    assert not [link for link in links if not re.match("#|https://", link)]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
@settings(max_examples=10, deadline=None)
def test_any_text_keeps_the_page_and_the_tables_whole(text: str) -> None:
    spec = spec_from_file_location("make_codebook", ROOT / "scripts" / "make_codebook.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    made = changed(module.declared(ROOT), text)
    Page(codebook.html(made))
    assert {len(row) for row in rows(codebook.markdown(made))} == {3}


def table(name: str, *references: tuple[str, str], required: bool = True) -> Table:
    """A table with a key `id` and columns that refer to the keys of others."""
    fields = [
        Field(column, "string", "default", "", "", "", {"required": required}, ())
        for column in ("id", *(column for column, _ in references))
    ]
    return Table(
        name=name, title=name, path=f"data/{name}.csv", fields=tuple(fields),
        primary_key=("id",), unique_keys=(), missing_values=("",),
        foreign_keys=tuple(ForeignKey(column, other, "id") for column, other in references),
    )  # fmt: skip


GRAPHS: dict[str, Mapping[str, Table]] = {
    "nothing": {},
    "alone": {"a": table("a")},
    "itself": {"a": table("a", ("up", "a"))},
    "circle": {"a": table("a", ("b_id", "b")), "b": table("b", ("a_id", "a"))},
    "twice": {"b": table("b", ("x", "a"), ("y", "a")), "a": table("a")},
    "optional": {"b": table("b", ("x", "a"), required=False), "a": table("a")},
    "many": {
        f"t{number}": table(f"t{number}", *((f"c{to}", f"t{to}") for to in range(number)))
        for number in range(12)
    },
}


@pytest.fixture(params=[*GRAPHS, "shipped"])
def graph(request: pytest.FixtureRequest, release: Release) -> Mapping[str, Table]:
    return GRAPHS.get(request.param, release.package.tables)


def test_the_drawing_shows_every_reference(graph: Mapping[str, Table]) -> None:
    root = ElementTree.fromstring(diagram.svg(graph, "the <tables> & more"))
    keys = [(one, key) for one in graph.values() for key in one.foreign_keys]
    assert len(list(root.iter("circle"))) == len(keys)
    assert len(list(root.iter("rect"))) == len(graph)
    dashed = sum(not one.field(key.field).required for one, key in keys)
    assert len(root.findall(".//path[@class='stroke may']")) == dashed


def test_no_line_of_the_drawing_runs_through_a_box(graph: Mapping[str, Table]) -> None:
    root = ElementTree.fromstring(diagram.svg(graph, "the tables"))
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    bottom = 0.0
    right = 0.0
    for box in root.iter("rect"):
        x, y, w, h = (float(box.attrib[name]) for name in ("x", "y", "width", "height"))
        assert y >= bottom  # boxes do not overlap
        bottom, right = y + h, x + w
    assert bottom <= height
    uprights = []
    for path in root.iter("path"):
        start, line = path.attrib["d"].split()[:2]
        x, y = map(float, start.strip("M").split(","))
        assert right <= x <= width
        if line.startswith("V"):
            uprights.append(x)
            assert y <= float(line[1:]) <= height
        elif line.startswith("H"):
            assert x < float(line[1:]) <= width
    assert len(set(uprights)) == len(uprights)  # no two tables share a line


def test_the_names_fit_into_their_boxes(release: Release) -> None:
    """In the widest usual monospace font a character is 0.6 of its size wide."""
    root = ElementTree.fromstring(diagram.svg(release.package.tables, "the tables"))
    boxes = [float(box.attrib["width"]) for box in root.iter("rect")]
    for text in root.findall(".//a/text"):
        assert float(text.attrib["x"]) + 14 * 0.62 * len(text.text or "") < min(boxes) + 4


def test_the_same_is_told_to_mermaid(graph: Mapping[str, Table]) -> None:
    lines = diagram.mermaid(graph).splitlines()
    assert lines[0] == "erDiagram"
    relations = [line for line in lines if "--" in line]
    assert len(relations) == sum(len(one.foreign_keys) for one in graph.values())
    for line in relations:
        assert re.fullmatch(r'    \w+ \}o--(\|\||o\|) \w+ : "\w+"', line)
    assert sum(line.endswith("{") for line in lines) == len(graph)


def test_a_vocabulary_that_is_told_twice_is_told_apart(release: Release) -> None:
    """Two columns with one vocabulary share its explanation; one with another meaning does not."""
    casualties = release.package.tables["casualties"]
    harm = casualties.field("harm")
    killed = Category("killed", "Killed", "Another meaning.")
    changed_harm = replace(harm, categories=(killed, *harm.categories[1:]))
    fields = tuple(changed_harm if one is harm else one for one in casualties.fields)
    other = replace(casualties, fields=fields)
    made = replace(release, declared={**release.declared, "casualties": other})
    ids = Page(codebook.html(made)).ids
    assert "casualties.harm.killed" in ids
    assert "totals.harm.killed" in ids
    assert "totals.harm.killed" not in Page(codebook.html(release)).ids
