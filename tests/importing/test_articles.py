"""The packed citations of UCDP."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_incidents.importing.articles import UNNAMED, Article, parse, source
from sahel_incidents.importing.texts import Mender, refused

TODAY = date(2026, 11, 22)


def made(article: Article) -> dict[str, str]:
    return source(article, Mender([article.office, article.headline]), "ucdp-ged-2024", TODAY)


def test_each_article_of_a_cell() -> None:
    cell = '"Reuters News,2016-01-18,Mali, Burkina to coordinate";"@SimNasr,2023-12-03,#Mali "'
    assert parse(cell) == (
        Article("Reuters News", "2016-01-18", "Mali, Burkina to coordinate"),
        Article("@SimNasr", "2023-12-03", "#Mali "),
    )


def test_a_quote_that_is_missing_between_two() -> None:
    cell = '"AFP,2013-05-24,Threats";All Africa,2013-05-24,Attack on barracks, mine"'
    assert [article.office for article in parse(cell)] == ["AFP", "All Africa"]


def test_quotes_and_semicolons_within_a_headline() -> None:
    cell = '"Le Pays,2019-02-04,The "drama"; of Yirgou";"AFP,2019-02-05,More"'
    assert [article.headline for article in parse(cell)] == ['The "drama"; of Yirgou', "More"]


def test_a_comma_in_the_publisher() -> None:
    assert parse('"News, Politics and More,2019-02-04,A title"')[0].office == (
        "News, Politics and More"
    )


@pytest.mark.parametrize("cell", ['Lecocq, "Disputed Desert", 306', '"a, b, c"', '""', '"', ";"])
def test_what_cannot_be_taken_apart_stays_whole(cell: str) -> None:
    assert parse(cell) == (Article("", "", cell),)
    row = made(Article("", "", cell))
    assert row["publisher"] == UNNAMED
    assert row["published_on"] == ""
    assert "could not be taken apart" in row["note"]


def test_nothing_is_no_article() -> None:
    assert parse(" ") == ()


@pytest.mark.parametrize("day", ["2019-02-30", "2026-11-23", "0000-00-00"])
def test_a_day_that_cannot_be_stays_in_the_note(day: str) -> None:
    row = made(Article("AFP", day, "A title"))
    assert row["published_on"] == ""
    assert day in row["note"]
    assert "undated" in row["source_id"]


@pytest.mark.parametrize(
    ("office", "kind"),
    [
        ("Agence France Presse", "wire"),
        ("Reuters News", "wire"),
        ("@SimNasr", "social"),
        ("Menastream on Twitter", "social"),
        ("Le Pays", "unknown"),
    ],
)
def test_only_what_the_name_tells_is_said_of_the_kind(office: str, kind: str) -> None:
    assert made(Article(office, "2019-02-04", "A title"))["kind"] == kind


def test_an_account_is_no_formula() -> None:
    assert made(Article("@SimNasr", "2023-12-03", "#Mali"))["publisher"] == "the account @SimNasr"


TEXTS = st.text(min_size=1, max_size=400)


@settings(max_examples=40)
@given(TEXTS, TEXTS)
def test_any_text_becomes_a_cell_that_the_rules_accept(office: str, headline: str) -> None:
    row = made(Article(office, "2019-02-04", headline))
    assert not refused([row["publisher"], row["title"]])
    assert 0 < len(row["publisher"]) <= 200
    assert 0 < len(row["title"]) <= 300


@given(st.text(max_size=60))
def test_any_cell_is_parsed_without_loss_of_words(cell: str) -> None:
    assert "".join(a.office + a.day + a.headline for a in parse(cell)) or not cell.strip()
