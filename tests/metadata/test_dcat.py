"""dcat.ttl, by the official shapes of DCAT-AP and as rdflib reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyshacl
import pytest
import rdflib
from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD

from sahel_incidents.metadata import dcat
from sahel_incidents.release import Release

from .conftest import PROFILES, Published

SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
EU = "http://publications.europa.eu/resource/authority"


@pytest.fixture(scope="module")
def shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(PROFILES / "dcat-ap-3.0.1-SHACL.ttl")


def judge(content: bytes, shapes: rdflib.Graph) -> rdflib.Graph:
    """The document as a graph; the shapes accept it."""
    graph = rdflib.Graph().parse(data=content, format="turtle", publicID="https://example.org/r/")
    conforms, _, report = pyshacl.validate(graph, shacl_graph=shapes)
    assert conforms, report
    return graph


def test_the_shipped_dataset_is_described(published: Published, shapes: rdflib.Graph) -> None:
    graph = judge(published.read("dcat.ttl"), shapes)
    descriptor = published.release.descriptor
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)

    def one(predicate: rdflib.URIRef) -> rdflib.term.Node:
        (value,) = graph.objects(dataset, predicate)
        return value

    assert one(DCTERMS.title) == rdflib.Literal(descriptor["title"], lang="en")
    assert one(DCTERMS.issued) == rdflib.Literal("2026-11-22", datatype=XSD.date)
    assert str(one(rdflib.URIRef(f"{DCAT}version"))) == published.release.version
    keywords = {str(keyword) for keyword in graph.objects(dataset, DCAT.keyword)}
    assert keywords == set(descriptor["keywords"])
    places = {str(place) for place in graph.objects(dataset, DCTERMS.spatial)}
    assert f"{EU}/country/MLI" in places
    boxes = [graph.value(place, DCAT.bbox) for place in graph.objects(dataset, DCTERMS.spatial)]
    assert any(str(box).startswith("POLYGON((") for box in boxes if box)


def test_every_file_is_a_distribution(published: Published, shapes: rdflib.Graph) -> None:
    graph = judge(published.read("dcat.ttl"), shapes)
    found = {
        str(graph.value(file, DCAT.downloadURL)).removeprefix("https://example.org/r/"): (
            int(str(graph.value(file, DCAT.byteSize))),
            str(graph.value(graph.value(file, SPDX.checksum), SPDX.checksumValue)),
            str(graph.value(file, DCTERMS.license)),
        )
        for file in graph.objects(None, DCAT.distribution)
    }
    assert found == {
        artifact.path: (
            artifact.size,
            artifact.sha256,
            published.release.descriptor["licenses"][0]["path"],
        )
        for artifact in published.artifacts
        if artifact.path != "LICENSE"
    }


def test_people_licences_and_doi(
    people: Release, publish: Callable[[Release], Published], shapes: rdflib.Graph
) -> None:
    graph = judge(publish(people).read("dcat.ttl"), shapes)
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(graph.value(dataset, DCTERMS.identifier)) == "https://doi.org/10.5281/zenodo.123456"
    (publisher,) = graph.objects(dataset, DCTERMS.publisher)
    assert str(graph.value(publisher, FOAF.name)) == "Casualty Records"
    creators = {
        str(graph.value(creator, FOAF.name)) for creator in graph.objects(dataset, DCTERMS.creator)
    }
    assert creators == {"Awa Traoré", "J. O'Neil"}
    rights = {str(right) for right in graph.objects(None, DCTERMS.rights)}
    assert rights == {"https://opendatacommons.org/licenses/odbl/1-0/"}


def test_a_homepage_may_be_a_part_of_a_page(release: Release, shapes: rdflib.Graph) -> None:
    part = {**release.descriptor, "homepage": "https://example.org/data?of=sahel#incidents"}
    graph = judge(dcat.content(replace(release, descriptor=part), ()), shapes)
    (dataset,) = graph.subjects(RDF.type, DCAT.Dataset)
    assert str(dataset) == "https://example.org/data?of=sahel#dataset"


def test_no_records(empty: Release, shapes: rdflib.Graph) -> None:
    graph = judge(dcat.content(empty, ()), shapes)
    assert not set(graph.objects(None, DCTERMS.spatial))
    assert not set(graph.objects(None, DCTERMS.temporal))


@pytest.mark.parametrize("property_", ["dct:title", "dcat:accessURL", "spdx:algorithm"])
def test_the_shapes_are_strict(
    published: Published, shapes: rdflib.Graph, property_: str, tmp_path: Path
) -> None:
    broken = published.read("dcat.ttl").replace(property_.encode(), b"dct:nothing")
    with pytest.raises(AssertionError):
        judge(broken, shapes)
