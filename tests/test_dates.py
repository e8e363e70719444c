"""Dates as people write them are read as one thing, or refused with what to write instead."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents.wizard.dates import DateError, Span, day, parse, shown

JUNE_1 = date(2025, 6, 1)


def days(first: date, last: date | None = None) -> Span:
    return Span(first, last or first, "day")


@pytest.mark.parametrize(
    "text",
    [
        "2025-06-01", "2025-6-1", "1 June 2025", "01 june 2025", "1st June 2025", "June 1, 2025",
        "June 1st 2025", "1 jun 2025", "Jun. 1, 2025", "Sunday 1 June 2025", "Sunday, June 1, 2025",
        "1er juin 2025", "le 1er juin 2025", "dimanche 1er juin 2025", "le dimanche 1 Juin 2025",
        "the 1st of June 2025", " 1  June\u00a02025. ",
    ],
)  # fmt: skip
def test_a_day(text: str) -> None:
    assert parse(text) == days(JUNE_1)
    assert day(text) == JUNE_1


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("13/06/2025", days(date(2025, 6, 13))),
        ("06/13/2025", days(date(2025, 6, 13))),
        ("5.5.2025", days(date(2025, 5, 5))),
        ("15 août 2025", days(date(2025, 8, 15))),
        ("15 AOUT 2025", days(date(2025, 8, 15))),
        ("1-2 June 2025", days(JUNE_1, date(2025, 6, 2))),
        ("1–2 June 2025", days(JUNE_1, date(2025, 6, 2))),
        ("from 1 to 3 June 2025", days(JUNE_1, date(2025, 6, 3))),
        ("du 1er au 3 juin 2025", days(JUNE_1, date(2025, 6, 3))),
        ("June 1-3, 2025", days(JUNE_1, date(2025, 6, 3))),
        ("30 May to 1 June 2025", days(date(2025, 5, 30), JUNE_1)),
        ("30 mai - 1er juin 2025", days(date(2025, 5, 30), JUNE_1)),
        ("entre le 30 mai et le 1er juin 2025", days(date(2025, 5, 30), JUNE_1)),
        ("31 December 2024 to 1 January 2025", days(date(2024, 12, 31), date(2025, 1, 1))),
        ("2025-05-30 to 2025-06-01", days(date(2025, 5, 30), JUNE_1)),
        ("June 2025", Span(JUNE_1, date(2025, 6, 30), "month")),
        ("juin 2025", Span(JUNE_1, date(2025, 6, 30), "month")),
        ("2024-02", Span(date(2024, 2, 1), date(2024, 2, 29), "month")),
        ("May to June 2025", Span(date(2025, 5, 1), date(2025, 6, 30), "month")),
        ("mai-juin 2025", Span(date(2025, 5, 1), date(2025, 6, 30), "month")),
        ("2025", Span(date(2025, 1, 1), date(2025, 12, 31), "year")),
    ],
)
def test_other_dates(text: str, span: Span) -> None:
    assert parse(text) == span


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("1/6/25", '"1/6/25" could be two days', "write 1 June 2025 or 6 January 2025"),
        ("01/06/2025", "two days", "1 June 2025 or 6 January 2025"),
        ("1.6.25", "two days", "1 June 2025 or 6 January 2025"),
        ("13/6/25", "not plainly one day", "write 13 June 2025"),
        ("99/99/2025", "not plainly", "1 June 2025"),
        ("Monday 2 May 2025", "2 May 2025 was a Friday, not a Monday", "check the day"),
        ("31 June 2025", "June 2025 has no day 31", "1 to 30"),
        ("29 février 2025", "February 2025 has no day 29", "1 to 28"),
        ("2025-13-01", "no month 13", "as in"),
        ("1 June", "lacks the year", "1 June 2025"),
        ("mercredi", "not understood", "as in"),
        ("yesterday", "depends on when it is read", "the date itself"),
        ("lundi dernier", "depends on when it is read", "the date itself"),
        ("mid-May 2025", "names no days", "the first and the last day"),
        ("début juin 2025", "names no days", "note on the date"),
        ("about 1 June 2025", "not certain", "the first and the last day"),
        ("3-1 June 2025", "before it begins", "turn it round"),
        ("1 June 1025", "out of reach", "check the year"),
        ("", "missing", "1 June 2025"),
        ("during the rainy season", "not understood", "1 June 2025"),
        ("x" * 1000, "too long", "as in"),
    ],
)
def test_what_is_refused_is_answered(text: str, message: str, remedy: str) -> None:
    with pytest.raises(DateError) as caught:
        parse(text)
    assert message in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("text", ["June 2025", "1-2 June 2025", "2025"])
def test_a_day_is_one_day(text: str) -> None:
    with pytest.raises(DateError, match="not one day"):
        day(text)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(0, 40))
def test_what_is_shown_is_read_as_the_same(first: date, more: int) -> None:
    last = min(date.fromordinal(first.toordinal() + more), date(2199, 12, 31))
    span = days(first, last)
    assert parse(shown(span)) == span


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        span = parse(text)
    except DateError:
        return
    assert span.first <= span.last
