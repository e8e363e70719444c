"""The gazetteer: what it suggests, and whether its points lie where they say."""

import csv
import io
import subprocess
import sys
import unicodedata
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents import gazetteer, geography
from sahel_incidents.descriptor import open_package
from sahel_incidents.records import Records

ROOT = Path(__file__).parents[1]
RESOURCE = files("sahel_incidents") / "reference" / "gazetteer.csv"


@pytest.mark.parametrize(
    ("written", "name", "country"),
    [
        ("Boulikessi", "Boulikessi", "MLI"),
        ("boulkessy", "Boulikessi", "MLI"),
        ("BOULKESSI", "Boulikessi", "MLI"),
        ("Tombouctou", "Timbuktu", "MLI"),
        ("menaka", "Ménaka", "MLI"),
        ("Inates", "I-n-Atès", "NER"),
        ("Wagadugu", "Ouagadougou", "BFA"),
        ("djenne", "Djenné", "MLI"),
        ("Banibangou", "Bani Bangou", "NER"),
        ("Seytenga", "Seytenga", "BFA"),
        ("  Gao ", "Gao", "BFA"),  # there are two; the next test tells them apart
        ("N’Djamena", "N'Djamena", "TCD"),
    ],
)
def test_a_place_is_found_however_it_is_spelt(written: str, name: str, country: str) -> None:
    first = gazetteer.suggest(written)[0]
    assert (first.name, first.country) == (name, country)


def test_the_country_chooses_among_namesakes() -> None:
    found = gazetteer.suggest("Gao", country="MLI")
    assert (found[0].name, found[0].admin1) == ("Gao", "ML-7")
    assert {place.country for place in found} == {"MLI"}


def test_the_beginning_of_a_name_is_enough() -> None:
    assert "Boulikessi" in [place.name for place in gazetteer.suggest("Boulik")]


def test_of_namesakes_those_in_the_sahel_come_first() -> None:
    countries = [place.country for place in gazetteer.suggest("San", limit=20)]
    assert countries[0] in ("BFA", "MLI", "NER")


@pytest.mark.parametrize("text", ["", "  ", "?!", "qqqqqqqq"])
def test_nothing_is_suggested_for_nothing(text: str) -> None:
    assert gazetteer.suggest(text) == []


@given(st.text(max_size=40), st.integers(0, 12))
def test_any_text_can_be_asked_for(text: str, limit: int) -> None:
    assert len(gazetteer.suggest(text, limit=limit)) <= limit


def test_the_nearest_place_to_a_point() -> None:
    near, distance = gazetteer.nearest(-3.0, 16.77)
    assert near.name == "Timbuktu"
    assert distance < 2


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert gazetteer.kilometres((0, 10), (0, 11)) == pytest.approx(111.2, abs=0.1)


def test_every_point_lies_in_its_country_and_subdivision() -> None:
    for level in ("country", "admin1"):
        for code in {getattr(place, level) for place in gazetteer.read()} - {""}:
            if not geography.has_boundary(code):
                continue
            here = [place for place in gazetteer.read() if getattr(place, level) == code]
            east, north = np.array([place.point for place in here]).T
            strayed = geography.outside(code, east, north)
            assert not strayed.any(), [here[n].name for n in np.flatnonzero(strayed)]


def test_every_subdivision_is_of_the_country() -> None:
    codes = geography.admin1_codes()
    assert all(codes[place.admin1] == place.country for place in gazetteer.read() if place.admin1)


def test_the_cells_are_those_of_a_place_on_record() -> None:
    package = open_package(ROOT)
    table = package.tables["places"]
    for place in gazetteer.read():
        cells = place.cells()
        assert cells.keys() <= set(table.columns)
        for field in table.fields:
            if field.categories and field.name in cells:
                assert cells[field.name] in field.vocabulary


def test_the_sources_are_rows_of_sources() -> None:
    records = Records.read(open_package(ROOT))
    assert {place.source_id for place in gazetteer.read()} == gazetteer.SOURCES.keys()
    for id, row in gazetteer.SOURCES.items():
        assert row["source_id"] == id
        recorded = records.rows["sources"].get((id,))
        filled = {name: cell for name, cell in (recorded or row).items() if cell}
        uses = {"note": row["note"]}  # what else the source is used for is the records' own affair
        assert filled | uses == row, "what is on record of this source differs"


def test_the_file_is_small_sorted_and_clean() -> None:
    content = RESOURCE.read_bytes()
    assert len(content) < 700_000
    text = content.decode("utf-8")
    assert text == unicodedata.normalize("NFC", text)
    assert "\r" not in text
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    order = [(row["country"], row["name"], row["latitude"], row["longitude"]) for row in rows]
    assert order == sorted(order)
    assert len(order) == len(set(order))
    for row in rows:
        for name in (row["name"], *row["other_names"].split(gazetteer.SEPARATOR)):
            assert name == name.strip()
            assert not name.startswith(("=", "+", "-", "@"))


def test_it_starts_without_slow_libraries() -> None:
    program = (
        "import sys; from sahel_incidents.gazetteer import suggest; suggest('Djibo');"
        "print(sorted({'numpy', 'pandas', 'pyarrow', 'shapely'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
