"""Which day it is, as far as the data may know.

A release is judged by the day it was made, however late it is validated again: `SOURCE_DATE_EPOCH`
(https://reproducible-builds.org/specs/source-date-epoch/), where it is set, stands for now.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from .problem import ToolError

if TYPE_CHECKING:
    import pandas as pd


def today() -> date:
    """The day it is, in UTC.

    Raises:
        ToolError: `SOURCE_DATE_EPOCH` is set, but not to a number of seconds since 1970.
    """
    return _now().date()


def latest_day() -> date:
    """The latest day it can be anywhere on Earth: tomorrow in UTC, for the zones ahead of it.

    Raises:
        ToolError: `SOURCE_DATE_EPOCH` is set, but not to a number of seconds since 1970.
    """
    return today() + timedelta(days=1)


def _now() -> datetime:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise ToolError(
            f"SOURCE_DATE_EPOCH is {epoch!r}, not a time",
            "set it to whole seconds since 1970 (git log -1 --format=%ct), or unset it",
        ) from None


def has_come(days: pd.Series) -> pd.Series:
    """Where a column of days lies in the past or today; unknown where a cell is empty."""
    return days <= latest_day()


def explain_future(**days: date | None) -> tuple[str, str]:
    """The message and suggestion for a row in which some of the named days are yet to come."""
    ahead = [f"{name} {day}" for name, day in days.items() if day and day > latest_day()]
    return f"in the future: {', '.join(ahead)}", "check the year, and the order of day and month"
