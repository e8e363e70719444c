"""Known errors to plant, each of which causes exactly one problem.

An incident is host to one error at most, and no neighbour of a host is one: so no error hides or
causes another. Errors that would make the validator skip a check (a source that does not exist,
and "every source is referred to" cannot be judged) are left out, so that every rule is at work.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from sahel_incidents.geography import admin1_codes
from sahel_incidents.rules.same_figure_once import SAME

from .figures import counted
from .outline import Outline
from .places import Row
from .records import Case

HOSTS_PER_ERROR = 4
"""At least so many incidents are needed for each error."""


@dataclass(frozen=True)
class Kind:
    """A kind of error.

    Attributes:
        rule: the rule that finds it.
        field: the column on which it is shown.
        spoil: puts it into a case and returns the row on which it is shown; returns None, and
            changes nothing, where the case does not lend itself to it.
    """

    rule: str
    field: str
    spoil: Callable[[Case], Row | None]


@dataclass(frozen=True)
class Planted:
    """An error in a row: the rule that must find it, on which column."""

    rule: str
    field: str
    row: Row


class Planter:
    """Plants errors of all kinds in turn.

    Args:
        rng: the random choices.
        outlines: all incidents.
        count: how many errors.
    """

    def __init__(self, rng: Random, outlines: Sequence[Outline], count: int) -> None:
        self._hosts = set(rng.sample(list(_hosts(outlines)), count))
        self._kinds = list(KINDS)

    def plant(self, number: int, case: Case) -> Planted | None:
        """Plant an error into an incident's rows, if it is chosen as a host."""
        if number not in self._hosts:
            return None
        for kind in self._kinds:
            if row := kind.spoil(case):
                # To the back of the queue: a kind that suits few cases stays in front for them.
                self._kinds.remove(kind)
                self._kinds.append(kind)
                return Planted(kind.rule, kind.field, row)
        raise AssertionError("some errors fit any case")


def _hosts(outlines: Sequence[Outline]) -> Iterator[int]:
    """The incidents that may be hosts: every other one, but no country's first."""
    for number in range(2, len(outlines), 2):
        if outlines[number - 1].country == outlines[number].country:
            yield number


def _cell(
    table: str, field: str, change: Callable[[str], str | None]
) -> Callable[[Case], Row | None]:
    """An error made by changing one cell; the change gives None where the cell does not suit."""

    def spoil(case: Case) -> Row | None:
        row = {
            "incidents": case.incident,
            "sources": case.source,
            "participants": case.participants[-1],
            "casualties": case.casualties[-1],
        }[table]
        changed = change(row.get(field, ""))
        if changed is None:
            return None
        row[field] = changed
        return row

    return spoil


def _misspelt(word: str) -> str | None:
    return word[:2] + word[3:] if word else None


def _invisible(text: str) -> str | None:
    return text.replace(" ", " \u200b", 1) if " " in text else None


def _lookalike(text: str) -> str | None:
    changed = re.sub("(?<=[b-z])a", "\u0430", text, count=1)  # a Cyrillic letter
    return changed if changed != text else None


def _decomposed(text: str) -> str | None:
    changed = unicodedata.normalize("NFD", text)
    return changed if changed != text else None


def _damaged(text: str) -> str | None:
    return text.replace("é", "Ã©", 1) if "é" in text else None  # UTF-8 read as Windows-1252


# Incidents


def _ends_too_early(case: Case) -> Row | None:
    row = case.incident
    if row["date_precision"] != "day":
        return None
    row["date_end"] = "2011-12-31"
    return row


def _other_region(case: Case) -> Row | None:
    row = case.incident
    country_of = admin1_codes()
    others = (code for code in country_of if country_of[code] == row["country"])
    row["admin1"] = next(code for code in others if code != row["admin1"])
    return row


def _whole_year(case: Case) -> Row | None:
    row = case.incident
    if row["date_precision"] != "day":
        return None
    row["date_precision"] = "year"
    return row


def _other_day(case: Case) -> Row | None:
    row = case.incident
    if row["date_precision"] != "day":
        return None
    row["date_start"] = "2011-12-31"
    return row


def _country_for_a_spot(case: Case) -> Row | None:
    row = case.incident
    if row["place_precision"] not in ("exact", "near"):
        return None
    row["place_precision"] = "country"
    return row


def _no_attacker(case: Case) -> Row | None:
    case.participants[0]["role"] = "bystander"
    return case.incident


# Figures


def _high_too_high(case: Case) -> Row | None:
    row = case.casualties[-1]
    if row["qualifier"] != "exact":
        return None
    row["high"] = str(int(row["high"]) + 1)
    return row


def _low_above_high(case: Case) -> Row | None:
    row = case.casualties[0]
    if any("part_of" in other for other in case.casualties):
        return None
    row |= {"qualifier": "range", "value": "", "low": "9", "high": "4"}
    return row


def _confirmed_by(case: Case, confirmer: str) -> Row:
    row = case.casualties[-1]
    row |= {
        "confirmation": "confirmed",
        "confirmed_by": confirmer,
        "confirmation_source_id": row["source_id"],
    }
    return row


def _no_confirmer(case: Case) -> Row | None:
    return _confirmed_by(case, "")


def _confirmed_by_attacker(case: Case) -> Row | None:
    attacker = case.participants[0]["actor_id"]
    if (
        not attacker.startswith("group-")
        or case.casualties[-1]["victims"] == "non_state_armed_group"
    ):
        return None
    return _confirmed_by(case, attacker)


def _confirmed_by_nobody(case: Case) -> Row | None:
    attacker = case.participants[0]["actor_id"]
    return _confirmed_by(case, attacker) if attacker == "unidentified" else None


def _source_of_unconfirmed(case: Case) -> Row | None:
    row = case.casualties[-1]
    if row["confirmation"] != "unconfirmed":
        return None
    row["confirmation_source_id"] = row["source_id"]
    return row


def _two_alike(case: Case) -> tuple[Row, Row] | None:
    """The first and second figure, where both count the same harm and neither is a part."""
    first, *others = case.casualties
    if not others or "part_of" in others[0] or others[0]["harm"] != first["harm"]:
        return None
    return first, others[0]


def _part_above_whole(case: Case) -> Row | None:
    pair = _two_alike(case)
    if not pair or not pair[0].get("high"):
        return None
    whole, row = pair
    row |= counted("exact", int(whole["high"]) + 5) | {"part_of": whole["casualty_id"]}
    return row


def _same_figure(case: Case) -> Row | None:
    pair = _two_alike(case)
    if not pair:
        return None
    first, row = pair
    row |= {column: first.get(column, "") for column in SAME}
    return row


def _no_such_figure(case: Case) -> Row | None:
    row = case.casualties[-1]
    row["superseded_by"] = f"{row['incident_id']}-f99"
    return row


def _figure_from_earlier_source(case: Case) -> Row | None:
    if not case.early_source:
        return None
    row = case.casualties[-1]
    row["source_id"] = case.early_source
    return row


# Sources and participants


def _read_in_future(case: Case) -> Row | None:
    case.source["accessed_on"] = "2999-01-01"
    return case.source


def _same_page(case: Case) -> Row | None:
    row, other = case.source, case.previous_source
    if row["source_id"] < other["source_id"]:
        return None  # the other one would be the repetition
    row["url"] = other["url"]
    return row


def _read_before_published(case: Case) -> Row | None:
    row = case.source
    if "published_on" not in row:
        return None
    row["accessed_on"] = "2011-12-31"
    return row


def _no_address(case: Case) -> Row | None:
    case.source |= {"url": "", "archive_url": "", "note": ""}
    return case.source


def _participant_from_earlier_source(case: Case) -> Row | None:
    if not case.early_source:
        return None
    row = case.participants[-1]
    row["source_id"] = case.early_source
    return row


KINDS = (
    Kind("cell-category", "event_type", _cell("incidents", "event_type", _misspelt)),
    Kind(
        "cell-type", "date_end", _cell("incidents", "date_end", lambda day: day.replace("-", "/"))
    ),
    Kind("cell-required", "title", _cell("incidents", "title", lambda _: "")),
    Kind("text-visible", "summary", _cell("incidents", "summary", _invisible)),
    Kind("incident-dates-in-order", "date_end", _ends_too_early),
    Kind("incident-in-its-place", "place_id", _other_region),
    Kind("date-precision-fits", "date_precision", _whole_year),
    Kind("incident-id-of-date", "incident_id", _other_day),
    Kind("place-precision-fits", "place_precision", _country_for_a_spot),
    Kind("incident-has-attacker", "incident_id", _no_attacker),
    Kind("cell-type", "value", _cell("casualties", "value", lambda n: f"{n} " if n else None)),
    Kind("cell-minimum", "low", _cell("casualties", "low", lambda n: f"-{n}" if n else None)),
    Kind("cell-required", "said_by", _cell("casualties", "said_by", lambda _: "")),
    Kind("cell-category", "qualifier", _cell("casualties", "qualifier", _misspelt)),
    Kind("text-no-formula", "note", _cell("casualties", "note", lambda _: "=SUM(K2:K9)")),
    Kind("bounds-follow-qualifier", "qualifier", _high_too_high),
    Kind("bounds-in-order", "low", _low_above_high),
    Kind("confirmed-has-confirmer", "confirmed_by", _no_confirmer),
    Kind("no-confirmation-of-enemy-losses", "confirmed_by", _confirmed_by_attacker),
    Kind("confirmer-has-standing", "confirmed_by", _confirmed_by_nobody),
    Kind("confirmation-has-source", "confirmation_source_id", _source_of_unconfirmed),
    Kind("parts-within-whole", "part_of", _part_above_whole),
    Kind("same-figure-once", "said_by", _same_figure),
    Kind("key-foreign-missing", "superseded_by", _no_such_figure),
    Kind("source-not-before-incident", "source_id", _figure_from_earlier_source),
    Kind("url-well-formed", "url", _cell("sources", "url", lambda u: u.replace(".example", "."))),
    Kind("url-without-tracking", "url", _cell("sources", "url", lambda u: f"{u}?utm_source=feed")),
    Kind("cell-type", "url", _cell("sources", "url", lambda u: u.removeprefix("https://"))),
    Kind("same-document-once", "url", _same_page),
    Kind("source-has-address", "url", _no_address),
    Kind("cell-pattern", "language", _cell("sources", "language", lambda _: "French")),
    Kind("cell-type", "accessed_on", _cell("sources", "accessed_on", lambda _: "31/12/2025")),
    Kind(
        "source-not-in-future",
        "published_on",
        _cell("sources", "accessed_on", lambda _: "2999-01-01"),
    ),
    Kind("source-read-after-publication", "accessed_on", _read_before_published),
    Kind("text-trimmed", "title", _cell("sources", "title", lambda text: f"{text} ")),
    Kind("text-one-script", "title", _cell("sources", "title", _lookalike)),
    Kind("text-normalised", "title", _cell("sources", "title", _decomposed)),
    Kind("text-undamaged", "title", _cell("sources", "title", _damaged)),
    Kind("cell-max-length", "title", _cell("sources", "title", lambda text: text * 9 + "." * 300)),
    Kind("cell-category", "attribution", _cell("participants", "attribution", _misspelt)),
    Kind("cell-required", "attribution", _cell("participants", "attribution", lambda _: "")),
    Kind("source-not-before-incident", "source_id", _participant_from_earlier_source),
)
"""Every kind of error, planted in turn."""
