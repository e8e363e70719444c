"""Which day it is: a release is judged by the day it was made."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sahel_incidents.clock import explain_future, latest_day
from sahel_incidents.problem import ToolError


def test_latest_day_is_tomorrow_for_the_zones_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    before = datetime.now(UTC).date()
    assert before <= latest_day() - timedelta(days=1) <= datetime.now(UTC).date()


def test_a_release_is_judged_by_its_own_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1748736000")  # 2025-06-01 00:00 UTC
    assert latest_day() == date(2025, 6, 2)
    message, _ = explain_future(published_on=date(2025, 6, 3), accessed_on=None)
    assert message == "in the future: published_on 2025-06-03"


@pytest.mark.parametrize("epoch", ["", "today", "1e9", "-99999999999999", "9" * 30])
def test_a_broken_epoch_stops_the_tool(epoch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    with pytest.raises(ToolError, match="SOURCE_DATE_EPOCH"):
        latest_day()
