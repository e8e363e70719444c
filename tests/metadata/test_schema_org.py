"""schema.org.jsonld, by the vocabulary of schema.org and as a graph."""

from __future__ import annotations

import json
import re

import rdflib

from sahel_incidents.metadata import schema_org
from sahel_incidents.release import Release

from .conftest import Published, Vocabulary


def test_every_property_is_one_of_its_class(
    published: Published, people: Release, vocabulary: Vocabulary
) -> None:
    assert [*vocabulary.faults(published.json("schema.org.jsonld"))] == []
    assert [*vocabulary.faults(json.loads(schema_org.content(people, ())))] == []


def test_the_vocabulary_is_strict(vocabulary: Vocabulary) -> None:
    wrong = {"@type": "Dataset", "colour": 1, "creator": [{"@type": "Person", "sha256": ""}]}
    assert [*vocabulary.faults(wrong)] == ["Dataset.colour", "Person.sha256"]


def test_what_dataset_search_asks_for_is_there(published: Published) -> None:
    document = published.json("schema.org.jsonld")
    assert document["@context"] == "https://schema.org/"
    assert document["@type"] == "Dataset"
    assert document["name"] == published.release.descriptor["title"]
    assert 50 <= len(document["description"]) <= 5000
    assert document["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d", document["temporalCoverage"])
    countries = [place["name"] for place in document["spatialCoverage"] if "name" in place]
    assert "Burkina Faso" in countries
    south, west, north, east = map(float, document["spatialCoverage"][-1]["geo"]["box"].split())
    assert -90 <= south <= north <= 90
    assert -180 <= west <= east <= 180
    assert (south, west) != (west, south)
    assert [file["contentUrl"] for file in document["distribution"]] == [
        artifact.path for artifact in published.artifacts if artifact.path != "LICENSE"
    ]


def test_every_column_is_a_variable(published: Published) -> None:
    variables = published.json("schema.org.jsonld")["variableMeasured"]
    assert [variable["name"] for variable in variables] == [
        f"{table.name}.{field.name}"
        for table in published.release.declared.values()
        for field in table.fields
    ]
    assert all(variable["description"] for variable in variables)


def test_it_is_a_graph(published: Published) -> None:
    """Read by rdflib, with the vocabulary in place of the context that is fetched elsewhere."""
    document = published.json("schema.org.jsonld")
    document["@context"] = {"@vocab": "https://schema.org/"}
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    schema = rdflib.Namespace("https://schema.org/")
    (dataset,) = graph.subjects(rdflib.RDF.type, schema.Dataset)
    assert str(dataset) == document["@id"]
    assert len(set(graph.objects(dataset, schema.distribution))) == len(document["distribution"])


def test_no_records(empty: Release) -> None:
    document = json.loads(schema_org.content(empty, ()))
    assert not {"temporalCoverage", "spatialCoverage", "distribution"} & document.keys()
