"""No text of the descriptor breaks a document, whatever is in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import rdflib
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sahel_incidents import metadata
from sahel_incidents.release import Release

from .conftest import HOSTILE, texts

JSON = sorted({*metadata.DOCUMENTS} - {"citation_cff", "dcat"})


def told(release: Release, **changes: Any) -> Release:
    return replace(release, descriptor={**release.descriptor, **changes})


def by(name: str) -> list[dict[str, Any]]:
    return [{"title": name, "roles": ["creator"]}]


def strings(value: Any) -> set[str]:
    """Every text in a JSON document."""
    if isinstance(value, dict):
        return set().union(*map(strings, value.values()))
    if isinstance(value, list):
        return set().union(*map(strings, value))
    return {value} if isinstance(value, str) else set()


@pytest.mark.parametrize("name", JSON)
@settings(deadline=None, max_examples=50)
@given(text=texts)
def test_json_says_it_and_stays_within_a_script(release: Release, name: str, text: str) -> None:
    release = told(release, title=text, contributors=by(text), keywords=[text])
    content = metadata.load()[name].content(release, ())
    assert text in strings(json.loads(content))
    assert not set("<>&\u2028\u2029") & set(content.decode())


@settings(deadline=None, max_examples=50)
@given(texts, st.lists(texts, min_size=1, max_size=3, unique=True))
@example("".join(map(chr, range(0x3000))), ["a\x85b", "\ufffe"])
def test_yaml_says_it(release: Release, text: str, keywords: Sequence[str]) -> None:
    release = told(
        release, title=text, description=text, contributors=by(text), keywords=[*keywords]
    )
    content = metadata.load()["citation_cff"].content(release, ())
    read = yaml.safe_load(content)
    assert (read["title"], read["abstract"], read["keywords"]) == (text, text, [*keywords])
    assert read["authors"] == [{"name": text}]
    assert dict(YAML(typ="safe", pure=True).load(content)) == read


@settings(deadline=None, max_examples=50)
@given(texts)
@example("\n".join(HOSTILE))
def test_turtle_says_it(release: Release, text: str) -> None:
    release = told(release, title=text, description=text, contributors=by(text), keywords=[text])
    content = metadata.load()["dcat"].content(release, ())
    graph = rdflib.Graph().parse(data=content, format="turtle", publicID="https://example.org/")
    literal = rdflib.Literal(text, lang="en")
    for predicate in ("DCTERMS.title", "DCTERMS.description", "DCAT.keyword", "FOAF.name"):
        namespace, name = predicate.split(".")
        assert literal in set(graph.objects(None, getattr(rdflib, namespace)[name])), predicate


@pytest.mark.parametrize("name", metadata.DOCUMENTS)
def test_a_long_text_is_told_whole(release: Release, name: str) -> None:
    text = "Sahel " * 100_000
    changed = told(release, title=text, description=text)
    assert text.encode() in metadata.load()[name].content(changed, ())
