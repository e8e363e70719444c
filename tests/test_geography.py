"""The shipped geography, asked about real places."""

import csv
import json
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from sahel_incidents import geography

COUNTRIES = {
    *("MLI", "BFA", "NER", "BEN", "TGO", "CIV", "GHA"),
    *("NGA", "MRT", "SEN", "GIN", "DZA", "LBY", "TCD"),
}
BOUNDARIES = files("sahel_incidents") / "reference" / "boundaries.geojson"
FEATURES = json.loads(BOUNDARIES.read_text(encoding="utf-8"))["features"]
SHAPES = {f["properties"]["code"]: shape(f["geometry"]) for f in FEATURES}

# name, code, latitude, longitude
PLACES = [
    ("Bamako", "ML-BKO", 12.64, -8.00),
    ("Timbuktu", "ML-6", 16.77, -3.01),
    ("Gao", "ML-7", 16.27, -0.04),
    ("Mopti", "ML-5", 14.49, -4.19),
    ("Djibo", "BF-12", 14.10, -1.63),
    ("Ouagadougou", "BF-03", 12.37, -1.52),
    ("Niamey", "NE-8", 13.51, 2.11),
    ("Falmey", "NE-3", 12.60, 2.85),
    ("Maiduguri", "NG-BO", 11.85, 13.16),
    ("Dapaong", "TG-S", 10.86, 0.21),
    ("Natitingou", "BJ-AK", 10.30, 1.38),
    ("Bouna", "CI-ZZ", 9.27, -3.00),
    ("Bolgatanga", "GH-UE", 10.79, -0.85),
    ("Kankan", "GN-K", 10.39, -9.31),
    ("Bakel", "SN-TC", 14.90, -12.46),
    ("Kiffa", "MR-03", 16.62, -11.40),
    ("Tamanrasset", "DZ-11", 22.79, 5.52),
    ("Derna", "LY-DR", 32.76, 22.64),
    ("Ati", "TD-BA", 13.21, 18.33),
]

# Chief towns of the subdivisions that are judged against an older polygon.
YOUNGER = [
    ("Menaka", "ML-9", 15.92, 2.40),
    ("Taoudenni", "ML-10", 22.68, -3.98),
    ("Abidjan", "CI-AB", 5.36, -4.01),
    ("Yamoussoukro", "CI-YM", 6.82, -5.28),
    ("Goaso", "GH-AF", 6.80, -2.52),
    ("Techiman", "GH-BE", 7.58, -1.93),
    ("Sunyani", "GH-BO", 7.34, -2.33),
    ("Nalerigu", "GH-NE", 10.52, -0.37),
    ("Dambai", "GH-OT", 8.07, 0.18),
    ("Damongo", "GH-SV", 9.08, -1.82),
    ("Sefwi Wiawso", "GH-WN", 6.21, -2.49),
    ("Nouakchott", "MR-13", 18.09, -15.98),
    ("Nouakchott", "MR-14", 18.09, -15.98),
    ("Nouakchott", "MR-15", 18.09, -15.98),
    ("Timimoun", "DZ-49", 29.26, 0.24),
    ("Bordj Badji Mokhtar", "DZ-50", 21.33, 0.95),
    ("Ouled Djellal", "DZ-51", 34.42, 5.07),
    ("Beni Abbes", "DZ-52", 30.13, -2.17),
    ("In Salah", "DZ-53", 27.20, 2.48),
    ("In Guezzam", "DZ-54", 19.57, 5.77),
    ("Touggourt", "DZ-55", 33.10, 6.06),
    ("Djanet", "DZ-56", 24.55, 9.48),
    ("El Meghaier", "DZ-57", 33.95, 5.92),
    ("El Meniaa", "DZ-58", 30.59, 2.88),
    ("Amdjarass", "TD-EE", 16.07, 22.84),
    ("Fada", "TD-EO", 17.18, 21.58),
]


def is_outside(code: str, longitude: float, latitude: float) -> bool:
    return bool(geography.outside(code, np.array([longitude]), np.array([latitude]))[0])


@pytest.mark.parametrize(("name", "code", "latitude", "longitude"), PLACES + YOUNGER)
def test_a_place_lies_in_its_subdivision_and_country(
    name: str, code: str, latitude: float, longitude: float
) -> None:
    assert not is_outside(code, longitude, latitude)
    assert not is_outside(geography.admin1_codes()[code], longitude, latitude)


@pytest.mark.parametrize(("name", "code", "latitude", "longitude"), PLACES + YOUNGER)
def test_swapped_coordinates_are_outside(
    name: str, code: str, latitude: float, longitude: float
) -> None:
    assert is_outside(code, latitude, longitude)


def test_a_flipped_sign_is_outside() -> None:
    assert is_outside("ML-9", -2.40, 15.92)


def test_the_atlantic_is_outside_everything() -> None:
    every_code = COUNTRIES | set(geography.admin1_codes())
    assert [code for code in every_code if not is_outside(code, -25.0, 15.0)] == []
    assert geography.where(-25.0, 15.0) is None


def test_a_place_just_over_the_line_is_accepted() -> None:
    assert not SHAPES["ML-8"].covers(shapely.Point(0.603, 18.044))  # Anefis, 5.5 km over
    assert not is_outside("ML-8", 0.603, 18.044)


def test_the_tolerance_ends() -> None:
    west = SHAPES["SEN"].bounds[0]  # Dakar's cape: only sea beyond
    latitude = next(y for x, y in shapely.get_coordinates(SHAPES["SEN"]) if x == west)
    five_km = 5 / 111.2
    assert not is_outside("SEN", west - 0.9 * five_km, latitude)
    assert is_outside("SEN", west - 1.1 * five_km, latitude)


def test_many_points_at_once_and_an_empty_one() -> None:
    longitude = np.array([[-8.00, 12.64], [np.nan, -8.00]])
    latitude = np.array([[12.64, -8.00], [12.64, np.nan]])
    answer = geography.outside("MLI", longitude, latitude)
    assert answer.dtype == bool
    assert answer.tolist() == [[False, True], [False, False]]


def test_infinite_coordinates_are_outside() -> None:
    assert is_outside("MLI", np.inf, 12.64)


@pytest.mark.parametrize("code", ["ML-99", "FRA", "", "GH-BA", "TD-EN"])
def test_an_unknown_or_withdrawn_code_has_no_boundary(code: str) -> None:
    assert not geography.has_boundary(code)
    with pytest.raises(KeyError):
        is_outside(code, 0.0, 0.0)


def test_every_code_and_country_has_a_boundary() -> None:
    assert all(map(geography.has_boundary, COUNTRIES | set(geography.admin1_codes())))


def test_every_subdivision_has_a_known_country_and_a_name() -> None:
    assert set(geography.admin1_codes().values()) == COUNTRIES
    assert geography.admin1_names().keys() == geography.admin1_codes().keys()
    assert all(geography.admin1_names().values())


@pytest.mark.parametrize(("name", "code", "latitude", "longitude"), PLACES)
def test_where_names_the_subdivision(
    name: str, code: str, latitude: float, longitude: float
) -> None:
    shared = {"ML-6", "ML-7", "DZ-11"}
    expected = geography.admin1_codes()[code] if code in shared else code
    assert geography.where(longitude, latitude) == expected


def test_where_names_the_country_when_subdivisions_share_the_polygon() -> None:
    assert geography.where(2.40, 15.92) == "MLI"


def test_where_of_an_empty_point_is_nowhere() -> None:
    assert geography.where(float("nan"), 12.64) is None


def test_admin1_is_sorted_and_points_to_boundaries() -> None:
    text = (files("sahel_incidents") / "reference" / "admin1.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines()))
    assert rows[0] == ["code", "name", "country", "polygon"]
    assert all(before[0] < after[0] for before, after in pairwise(rows[1:]))
    subdivisions = SHAPES.keys() - COUNTRIES
    assert {row[3] for row in rows[1:]} == subdivisions


def test_boundaries_are_valid_and_small() -> None:
    assert len(BOUNDARIES.read_bytes()) < 600_000
    for feature in FEATURES:
        properties, geometry = feature["properties"], SHAPES[feature["properties"]["code"]]
        assert properties.keys() == {"code", "country", "level", "name"}
        assert properties["country"] in COUNTRIES
        assert geometry.is_valid
        assert not geometry.is_empty
        coordinates = shapely.get_coordinates(geometry)
        assert np.array_equal(coordinates, coordinates.round(3))
        for polygon in shapely.get_parts(geometry):  # RFC 7946: counterclockwise outside
            assert polygon.exterior.is_ccw


def test_subdivisions_fill_their_country_without_overlap() -> None:
    for country in COUNTRIES:
        own = [
            SHAPES[f["properties"]["code"]]
            for f in FEATURES
            if f["properties"]["country"] == country and f["properties"]["level"] == "admin1"
        ]
        assert shapely.coverage_is_valid(own)
        assert shapely.union_all(own).equals(SHAPES[country])
