"""The codebook as one page for a browser, which needs no script and asks the network for nothing.

Its Content-Security-Policy allows exactly its own style. Every table, column, value and rule has an
anchor: `#casualties`, `#casualties.harm`, `#casualties.harm.killed`, `#rule-bounds-in-order`.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from string import Template

from ..problem import RuleInfo
from ..release import Release
from ..ucdp.columns import COLUMNS, LEFT_OUT
from . import diagram
from .chapters import Chapter, Column, Contents, contents
from .prose import parts, spans

_HERE = Path(__file__).parent


def html(release: Release, documents: str | None = None) -> str:
    """The codebook of a release as an HTML page.

    Args:
        release: the release; only what it declares is looked at, its tables may be left out.
        documents: where the project's documents lie, as a prefix of their names; None for their
            place on the web.
    """
    told = contents(release, documents)
    css, page = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.html"))
    digest = b64encode(hashlib.sha256(css.encode()).digest()).decode("ascii")
    return Template(page).substitute(
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        css=css,
        title=escape(told.title),
        description=_text(told.description),
        licences=_licences(told),
        contents=_contents(told),
        diagram=diagram.svg(release.package.tables, "The tables and what their columns refer to"),
        recorded=_joined(map(_chapter, told.recorded)),
        about_derived="Worked out from the recorded tables when a release is built, never edited. "
        "How each column is worked out is its description; the rules have version "
        f"{escape(told.rule_version)}. "
        f"{_document(told, 'methodology.md#grades', 'How a grade is worked out')}.",
        derived=_joined(map(_chapter, told.derived)),
        about_rules="What must be true of the data, or is pointed out where it is not. An error is "
        f"never in a release; nor is a warning. "
        f"{_document(told, 'validation.md', 'How validation works')}.",
        rules=_joined(map(_rule, told.rules)),
        about_crosswalk="What stands in the columns of <code>ucdp/ged.csv</code>, and how "
        f"that differs from what UCDP means. A column of which nothing is said stays empty. "
        f"{_document(told, 'ged.md', 'More on it')}.",
        crosswalk=_crosswalk(),
    )


def _joined(pieces: Iterable[str]) -> str:
    return "\n".join(pieces)


def _licences(told: Contents) -> str:
    return ", ".join(
        f'<a rel="license" href="{escape(one.address)}">{escape(one.title)}</a>'
        for one in told.licences
    )


def _document(told: Contents, name: str, words: str) -> str:
    return f'<a href="{escape(told.documents + name)}">{words}</a>'


def _contents(told: Contents) -> str:
    def listed(chapters: Sequence[Chapter]) -> str:
        links = (_link(one.table.name, one.table.name) for one in chapters)
        return f"<ul>{_joined(f'<li>{link}</li>' for link in links)}</ul>"

    return (
        f"<ul>\n<li>{_link('diagram', 'How the tables hang together')}</li>\n"
        f"<li>{_link('recorded', 'Recorded tables')}{listed(told.recorded)}</li>\n"
        f"<li>{_link('derived', 'Derived tables')}{listed(told.derived)}</li>\n"
        f"<li>{_link('rules', f'Rules ({len(told.rules)})')}</li>\n"
        f"<li>{_link('ged', 'The columns of UCDP GED')}</li>\n</ul>"
    )


def _link(anchor: str, text: str) -> str:
    return f'<a href="#{escape(anchor)}">{escape(text)}</a>'


def _named(anchor: str, text: str) -> str:
    """A name that is a link to itself, for whoever wants to point others there."""
    return f'<a class="self" href="#{escape(anchor)}">{escape(text)}</a>'


def _chapter(chapter: Chapter) -> str:
    table = chapter.table
    key = ", ".join(f"<code>{escape(column)}</code>" for column in table.primary_key)
    rules = ", ".join(_link(f"rule-{rule.id}", rule.id) for rule in chapter.rules)
    return (
        f'<section class="card" id="{escape(table.name)}">\n'
        f"<h3>{_named(table.name, table.name)}</h3>\n"
        f"<p>{_text(table.title)}. {_text(chapter.description)}</p>\n"
        f'<p class="quiet">File <code>{escape(table.path)}</code>, key {key}, ordered by it.</p>\n'
        f'<dl class="columns">\n{_joined(map(_column, chapter.columns))}\n</dl>\n'
        + (f'<p class="quiet">Rules: {rules}.</p>\n' if rules else "")
        + "</section>"
    )


def _column(column: Column) -> str:
    entry = column.entry
    anchor = f"{entry.table}.{column.name}"
    facts = [escape(entry.type)]
    facts += [escape(entry.unit)] if entry.unit else []
    facts += ['<span class="must">required</span>'] if entry.required else []
    title = f"<strong>{escape(entry.title)}.</strong> " if entry.title else ""
    said = [f"<p>{title}{_text(entry.description)}</p>"]
    more = []
    if column.names:
        more.append(f"Columns: {', '.join(_code(name) for name in column.names)}")
    if entry.key:
        more.append(_key(entry.key))
    if entry.limits:
        more.append(_sentence(_text(entry.limits)))
    if column.same_as:
        more.append(f"Values: those of {_link(column.same_as, column.same_as)}")
    if entry.example:
        more.append(f"Example: {_code(entry.example)}")
    if more:
        said.append(f'<p class="quiet">{". ".join(more)}.</p>')
    if column.values:
        values = _joined(
            f'<div id="{escape(f"{anchor}.{one.value}")}"><dt>'
            f"<code>{_named(f'{anchor}.{one.value}', one.value)}</code></dt>"
            f"<dd>{_label(one.label, one.value)}{_text(one.description)}</dd></div>"
            for one in column.values
        )
        said.append(f'<dl class="values">{values}</dl>')
    return (
        f'<div class="column" id="{escape(anchor)}"><dt>'
        f"<code>{_named(anchor, column.name)}</code><small>{', '.join(facts)}</small></dt>"
        f"<dd>{_joined(said)}</dd></div>"
    )


def _key(key: str) -> str:
    """A column's part in the keys, with a link to the column it refers to."""
    shown = []
    for part in key.split("; "):
        words, _, target = part.rpartition("refers to ")
        shown.append(f"{words}refers to {_link(target, target)}" if "refers to" in part else part)
    return _sentence("; ".join(shown))


def _label(label: str, value: str) -> str:
    return "" if label == value else f"<strong>{escape(label)}.</strong> "


def _rule(rule: RuleInfo) -> str:
    tables = ", ".join(_link(table, table) for table in rule.tables) or "every table"
    blocks = _joined(
        f"<pre><code>{escape(part.text)}</code></pre>"
        if part.is_block
        else f"<p>{_text(part.text)}</p>"
        for part in parts(rule.explanation)
    )
    return (
        f'<section class="rule" id="rule-{escape(rule.id)}">\n'
        f"<h3><code>{_named(f'rule-{rule.id}', rule.id)}</code></h3>\n"
        f'<p><strong>{_text(rule.title)}.</strong> <span class="{rule.severity}">{rule.severity}'
        f"</span>; {tables}.</p>\n{blocks}\n</section>"
    )


def _crosswalk() -> str:
    rows = _joined(
        f'<tr id="ged.{escape(one.name)}"><th scope="row"><code>{escape(one.name)}</code></th>'
        f"<td>{_text(one.filled)}</td>"
        f'<td data-name="differs">{_text(one.lost)}</td></tr>'
        for one in COLUMNS
    )
    out = _joined(
        f"<li><strong>{_text(what)}.</strong> {_text(why)}</li>" for what, why in LEFT_OUT
    )
    return (
        '<table class="crosswalk">\n<thead><tr><th scope="col">Column</th>'
        '<th scope="col">What stands in it</th><th scope="col">How that differs</th></tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table>\n<p>Left out:</p>\n<ul>\n{out}\n</ul>"
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _text(text: str) -> str:
    """Plain text as HTML; what stands between backticks is code."""
    return "".join(_code(piece) if is_code else escape(piece) for piece, is_code in spans(text))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
