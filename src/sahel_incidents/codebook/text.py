"""The codebook as Markdown, in GitHub's dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..problem import RuleInfo
from ..release import Release
from ..ucdp.columns import COLUMNS, LEFT_OUT
from . import diagram
from .chapters import Chapter, Column, Contents, contents
from .prose import parts, spans


def markdown(release: Release, documents: str | None = None) -> str:
    """The codebook of a release as Markdown.

    Args:
        release: the release; only what it declares is looked at, its tables may be left out.
        documents: where the project's documents lie, as a prefix of their names; None for their
            place on the web.
    """
    told = contents(release, documents)
    return "\n".join(_lines(told, release)) + "\n"


def _lines(told: Contents, release: Release) -> Iterator[str]:
    licences = ", ".join(f"[{_text(one.title)}]({one.address})" for one in told.licences)
    yield from (f"# Codebook of {_text(told.title)}", "", _text(told.description), "")
    yield from (
        f"Licence: {licences}.",
        "",
        "Generated from the schemas, the rules and the declaration of the derived tables; do not",
        "edit it by hand.",
        "",
        "- [How the tables hang together](#how-the-tables-hang-together)",
        "- [Recorded tables](#recorded-tables): " + _listed(told.recorded),
        "- [Derived tables](#derived-tables): " + _listed(told.derived),
        "- [Rules](#rules)",
        "- [The columns of UCDP GED](#the-columns-of-ucdp-ged)",
        "",
        "An empty cell means that nothing is known or that the column does not apply. A column",
        "marked **required** is never empty. Days are written as YYYY-MM-DD.",
        "",
        "## How the tables hang together",
        "",
        "Keys only. A line ends at the table that a column refers to.",
        "",
        "```mermaid",
        diagram.mermaid(release.package.tables).rstrip("\n"),
        "```",
        "",
        "## Recorded tables",
        "",
    )
    for chapter in told.recorded:
        yield from _chapter(chapter)
    yield from ("## Derived tables", "")
    yield from (_derived(told), "")
    for chapter in told.derived:
        yield from _chapter(chapter)
    yield from ("## Rules", "", _rules_intro(told), "")
    for rule in told.rules:
        yield from _rule(rule)
    yield from _crosswalk(told)


def _listed(chapters: Sequence[Chapter]) -> str:
    return ", ".join(f"[{one.table.name}](#{one.table.name})" for one in chapters)


def _derived(told: Contents) -> str:
    grades = _document(told, "methodology.md#grades", "How a grade is worked out")
    return (
        "Worked out from the recorded tables when a release is built, never edited. How each "
        f"column is worked out is its description; the rules have version {told.rule_version}. "
        f"{grades}."
    )


def _rules_intro(told: Contents) -> str:
    page = _document(told, "validation.md", "How validation works")
    return (
        "What must be true of the data, or is pointed out where it is not. An error is never in a "
        f"release; nor is a warning. {page}."
    )


def _document(told: Contents, name: str, words: str) -> str:
    return f"[{words}]({told.documents}{name})"


def _chapter(chapter: Chapter) -> Iterator[str]:
    table = chapter.table
    yield from (f"### {table.name}", "", f"{_text(table.title)}. {_text(chapter.description)}", "")
    key = ", ".join(f"`{column}`" for column in table.primary_key)
    yield from (f"File `{table.path}`, key {key}, ordered by it.", "")
    yield from ("| column | type | meaning |", "|---|---|---|")
    for column in chapter.columns:
        yield f"| {_code(column.name)} | {_kind(column)} | {_meaning(column)} |"
    yield ""
    for column in chapter.columns:
        if column.values:
            yield from (f"#### {table.name}.{column.name}", "")
            yield from ("| value | label | meaning |", "|---|---|---|")
            for one in column.values:
                yield f"| {_code(one.value)} | {_text(one.label)} | {_text(one.description)} |"
            yield ""
    if chapter.rules:
        links = ", ".join(f"[{rule.id}](#{rule.id})" for rule in chapter.rules)
        yield from (f"Rules: {links}.", "")


def _kind(column: Column) -> str:
    entry = column.entry
    kind = entry.type + (f", {_text(entry.unit)}" if entry.unit else "")
    return kind + ("<br>**required**" if entry.required else "")


def _meaning(column: Column) -> str:
    entry = column.entry
    said = [f"{_text(entry.title)}." if entry.title else "", _text(entry.description)]
    if column.names:
        said.append(f"Columns: {', '.join(map(_code, column.names))}.")
    if entry.key:
        said.append(f"{_text(_sentence(entry.key))}.")
    if entry.limits:
        said.append(f"{_text(_sentence(entry.limits))}.")
    if column.values:
        own = f"{entry.table}.{column.name}"
        said.append(f"[Values](#{_anchor(own)}).")
    if column.same_as:
        said.append(f"[Values of {_text(column.same_as)}](#{_anchor(column.same_as)}).")
    if entry.example:
        said.append(f"Example: {_code(entry.example)}.")
    return " ".join(filter(None, said))


def _rule(rule: RuleInfo) -> Iterator[str]:
    tables = ", ".join(rule.tables) or "every table"
    yield from (f"### {rule.id}", "", f"**{_text(rule.title)}.** {rule.severity}; {tables}.", "")
    for part in parts(rule.explanation):
        if part.is_block:
            yield from ("```json", part.text, "```", "")
        else:
            yield from (_text(part.text), "")


def _crosswalk(told: Contents) -> Iterator[str]:
    page = _document(told, "ged.md", "More on it")
    yield from (
        "## The columns of UCDP GED",
        "",
        "What stands in the columns of `ucdp/ged.csv`, and how that differs from what UCDP "
        f"means. A column whose middle cell is empty stays empty. {page}.",
        "",
        "| column | what stands in it | how that differs |",
        "|---|---|---|",
    )
    for column in COLUMNS:
        yield f"| {_code(column.name)} | {_text(column.filled)} | {_text(column.lost)} |"
    yield from ("", "Left out:", "")
    for what, why in LEFT_OUT:
        yield f"- **{_text(what)}.** {_text(why)}"


def _anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _text(text: str) -> str:
    """Plain text as Markdown that shows it, on one line; what stands between backticks is code."""
    pieces = spans(" ".join(text.split()))
    return "".join(_code(piece) if is_code else _escaped(piece) for piece, is_code in pieces)


def _escaped(text: str) -> str:
    text = re.sub(r"([\\*\[\]|~])", r"\\\1", text).replace("&", "&amp;").replace("<", "&lt;")
    # Within a word an underscore marks nothing.
    return re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", text)


def _code(text: str) -> str:
    """Text as code; in a table, a bar would end the cell even there."""
    marks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if "`" in text else ""
    return f"{marks}{space}{' '.join(text.split())}{space}{marks}".replace("|", r"\|")
