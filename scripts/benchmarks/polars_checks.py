"""The checks as Polars expressions, for the contenders that take such: true where a row is right.

Unknown passes, as everywhere: an empty cell breaks nothing but `required`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
from polars import col

TYPES: dict[str, Any] = {"integer": pl.Int64, "number": pl.Float64}
COMPARISONS: dict[str, tuple[str, Callable[[pl.Expr, Any], pl.Expr]]] = {
    "minimum": ("cell-minimum", lambda value, bound: value >= bound),
    "maximum": ("cell-maximum", lambda value, bound: value <= bound),
    "minLength": ("cell-min-length", lambda value, bound: value.str.len_chars() >= bound),
    "maxLength": ("cell-max-length", lambda value, bound: value.str.len_chars() <= bound),
    "pattern": ("cell-pattern", lambda value, form: value.str.contains(whole(form))),
}


def read(table: dict[str, Any]) -> pl.LazyFrame:
    """A table as text, null where empty."""
    return pl.scan_csv(table["path"], infer_schema=False)


def whole(form: str) -> str:
    """A pattern of the whole cell."""
    return rf"\A(?:{form})\z"


def typed(name: str, field: dict[str, Any]) -> pl.Expr:
    """A column's values; null where the text is none of its type."""
    if field["type"] == "date":
        return col(name).str.to_date("%Y-%m-%d", strict=False)
    if field["type"] == "boolean":
        return col(name).str.to_lowercase().is_in(["true", "1"])
    kind = TYPES.get(field["type"])
    return col(name).cast(kind, strict=False) if kind else col(name)


def cells(name: str, field: dict[str, Any]) -> Iterator[tuple[str, pl.Expr]]:
    """The checks of a column of text, each with its rule."""
    if field["required"]:
        yield "cell-required", col(name).is_not_null()
    value = typed(name, field)
    if field["form"]:
        formed = col(name).str.contains(whole(field["form"]))
        if field["type"] in (*TYPES, "date"):
            formed &= value.is_not_null() | col(name).is_null()
        yield "cell-type", formed
        value = pl.when(formed).then(value)
    if field["categories"]:
        yield "cell-category", col(name).is_in(field["categories"])
    for constraint, (rule, holds) in COMPARISONS.items():
        if constraint in field:
            bound = field[constraint]
            dated = field["type"] == "date" and isinstance(bound, str)
            yield rule, holds(value, pl.lit(bound).str.to_date() if dated else bound)


def texts(plan: dict[str, Any], name: str) -> Iterator[tuple[str, pl.Expr]]:
    """The rules on a column of words."""
    for rule, pattern in plan["texts"].items():
        yield rule, ~col(name).str.contains(pattern)
    yield "text-normalised", col(name) == col(name).str.normalize("NFC")


def rows(plan: dict[str, Any]) -> dict[str, dict[str, pl.Expr]]:
    """The rules that need one row of one table, by table."""
    today = pl.lit(plan["today"]).str.to_date()
    qualifier, value, low, high = (col(n) for n in ("qualifier", "value", "low", "high"))
    stamp = col("incident_id").str.extract(r"\A[A-Z]{3}-([0-9]{4}(?:-[0-9]{2}){0,2})-")
    start, end = col("date_start"), col("date_end")
    month = (start.dt.day() == 1) & (end == end.dt.month_end())
    year = (start.dt.ordinal_day() == 1) & (end.dt.month() == 12) & (end.dt.day() == 31)
    return {
        "incidents": {
            "incident-dates-in-order": start <= end,
            "incident-not-in-future": start <= today,
            "incident-id-of-date": col("incident_id").str.starts_with(col("country") + "-" + stamp)
            & start.cast(pl.String).str.starts_with(stamp),
            "date-precision-fits": pl.when(col("date_precision") == "approximate")
            .then(start != end)
            .when(col("date_precision") == "month")
            .then(month)
            .when(col("date_precision") == "year")
            .then(year)
            .otherwise(True),
        },
        "places": {
            "coordinates-complete": (col("latitude").is_null() == col("longitude").is_null())
            & (col("latitude").is_null() == col("coordinate_precision").is_null())
            & (col("latitude").is_null() == col("coordinate_source_id").is_null()),
            "coordinates-not-too-fine": ((col("latitude") - col("latitude").round(6)).abs() < 1e-12)
            & ((col("longitude") - col("longitude").round(6)).abs() < 1e-12),
        },
        "sources": {
            "source-has-address": pl.any_horizontal(
                col(n).is_not_null() for n in ("url", "archive_url", "cited_in", "note")
            ),
            "source-not-in-future": pl.max_horizontal("published_on", "accessed_on") <= today,
            "source-read-after-publication": col("published_on") <= col("accessed_on"),
            "url-well-formed": col("url").str.contains(plan["well_formed"]),
            "archive-url-well-formed": col("archive_url").str.contains(plan["well_formed"])
            & (col("archive_url") != col("url")).fill_null(True),
            "url-without-tracking": ~col("url").str.contains(plan["tracked"]),
        },
        "incident_links": {
            "incident-not-linked-to-itself": col("incident_id") != col("other_incident_id"),
        },
        "casualties": {
            "figure-has-origin": pl.all_horizontal(
                col(n).is_not_null() for n in ("source_id", "said_by", "confirmation")
            ),
            "figure-id-of-incident": col("casualty_id").str.replace("-f[0-9]+$", "")
            == col("incident_id"),
            "bounds-in-order": low <= high,
            "bounds-follow-qualifier": pl.when(qualifier == "exact")
            .then(low.eq_missing(value) & high.eq_missing(value))
            .when(qualifier == "at_least")
            .then(low.eq_missing(value) & high.is_null())
            .when(qualifier == "more_than")
            .then(low.eq_missing(value + 1) & high.is_null())
            .when(qualifier == "at_most")
            .then(high.eq_missing(value) & low.is_null())
            .when(qualifier == "fewer_than")
            .then(high.eq_missing(value - 1) & low.is_null())
            .when(qualifier == "about")
            .then(value.is_not_null() & low.is_null() & high.is_null())
            .when(qualifier == "range")
            .then(value.is_null() & low.is_not_null() & high.is_not_null())
            .when(qualifier == "many")
            .then(value.is_null() & low.is_null() & high.is_null()),
            "confirmed-has-confirmer": (col("confirmation") == "confirmed")
            == col("confirmed_by").is_not_null(),
            "confirmation-has-source": (col("confirmation") != "unconfirmed")
            == col("confirmation_source_id").is_not_null(),
        },
        "statements": {"statement-not-in-future": col("stated_on") <= today},
    }


SAME_FIGURE = (
    *("incident_id", "harm", "victims", "demographic", "victim_actor_id", "qualifier"),
    *("value", "low", "high", "said_by", "relayed_by", "part_of"),
)
"""What two figures must share to be one figure, entered twice."""

PAGE = (
    col("url")
    .str.replace_all(r"(?i)[?&](?:utm_[a-z]+|[fdg]clid)=[^&#]*|#.*", "")
    .str.to_lowercase()
    .str.replace(r"\Ahttps?://(?:www\.)?", "")
    .str.strip_chars_end("/")
)
"""What two addresses share that lead to one page, nearly."""
