"""The articles that UCDP cites for an event, packed into one cell: `"office,day,headline";"…"`.

Events coded before UCDP packed them so have a citation in free words instead, and no number of
sources. It is kept whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from ..cards.ids import slug
from .texts import Mender

UNNAMED = "Not named apart"
"""The publisher of an article whose citation could not be taken apart."""

MAX_PUBLISHER, MAX_TITLE = 200, 300  # characters, as the schema has them

_ITEM = re.compile(r"(.*?),([0-9]{4}-[0-9]{2}-[0-9]{2}),(.*)", re.DOTALL)
_BETWEEN = re.compile(r'";"?(?=(?:(?!";).)*?,[0-9]{4}-[0-9]{2}-[0-9]{2},)', re.DOTALL)
"""What stands between two articles; some cells leave out the quote before the second."""

_SOCIAL = re.compile(r"@|.*\b(twitter|facebook|telegram|tweet)\b", re.IGNORECASE | re.DOTALL)
_WIRE = re.compile(
    r"(agence france[- ]presse|afp|reuters( news)?|associated press( newswires)?|ap|xinhua.*)\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Article:
    """A citation as UCDP gives it.

    Attributes:
        office: who published it; empty where the citation could not be taken apart.
        day: the day as it is written; empty likewise.
        headline: its headline, or the whole citation.
    """

    office: str
    day: str
    headline: str


def parse(cell: str) -> tuple[Article, ...]:
    """The articles of a cell, in their order; what cannot be taken apart stays whole."""
    if not cell.strip():
        return ()
    packed = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    items = _BETWEEN.split(cell[1:-1]) if packed else [cell]
    found = [_ITEM.fullmatch(item) for item in items]
    if not packed or not any(found):
        return (Article("", "", cell),)
    return tuple(
        Article(*match.groups()) if match else Article("", "", item)
        for match, item in zip(found, items, strict=True)
    )


def source(article: Article, mend: Mender, dataset: str, today: date) -> dict[str, str]:
    """An article as a row of `sources`.

    Args:
        article: the article.
        mend: makes its texts fit for cells.
        dataset: the id of the source it is quoted in.
        today: no document is younger.
    """
    publisher = mend(article.office, MAX_PUBLISHER) if article.office.strip() else UNNAMED
    title = mend(article.headline, MAX_TITLE) if article.headline.strip() else "Without a title"
    day = _certain(article.day, today)
    notes = []
    if not article.day:
        notes.append("UCDP's citation, which could not be taken apart, stands whole in the title.")
    if article.day and not day:
        notes.append(f"UCDP gives its day as {article.day}.")
    digest = sha256("\0".join((publisher, article.day, title)).encode()).hexdigest()[:10]
    return {
        "source_id": f"{slug(publisher) or 'source'}-{day or 'undated'}-{digest}",
        "publisher": publisher,
        "title": title,
        "published_on": day,
        "kind": _kind(article.office),
        "cited_in": dataset,
        "note": " ".join(notes),
    }


def _certain(day: str, today: date) -> str:
    """The day, where there is such a day and it has come."""
    try:
        return day if date.fromisoformat(day) <= today else ""
    except ValueError:
        return ""


def _kind(office: str) -> str:
    """What the publisher's name tells for certain of the sort of document."""
    if _SOCIAL.match(office):
        return "social"
    return "wire" if _WIRE.fullmatch(office) else "unknown"
