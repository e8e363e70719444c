"""The report as one page to open in a browser: summary first, every problem behind filters.

The page is self-contained and asks the network for nothing; its Content-Security-Policy allows
exactly its own style and script. The summary needs no script. Problems travel as JSON, which the
script puts on the page as text.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

from ..problem import Report, Severity
from .common import (
    Group,
    SkippedGroup,
    count,
    groups,
    more,
    shorten,
    shown_message,
    shown_name,
    skipped_groups,
    to_json,
    told,
    verdict,
    visible,
)

EXTENSION = ".html"
MIME_TYPE = "text/html"
DEFAULT_LIMIT: int | None = None

LONG_VALUE = 500
"""Characters of a cell's value on the page, which has more room than a line."""

_SKIP_LINK = '<a class="skip" href="#problems">Skip to the problems</a>'

_HERE = Path(__file__).parent


def render(report: Report, *, limit: int | None, colour: bool = False, strict: bool = False) -> str:
    """The report as an HTML page; see `Format.render`."""
    found = groups(report, limit)
    css, js, page = (_asset(name) for name in ("page.css", "page.js", "page.html"))
    return Template(page).substitute(
        policy=(
            f"default-src 'none'; style-src {_source(css)}; script-src {_source(js)}; "
            "base-uri 'none'; form-action 'none'"
        ),
        skip=_SKIP_LINK if report.problems else "",
        title=_text(f"{report.package} {report.version}"),
        verdict=_text(verdict(report, strict)),
        outcome="sound" if report.sound(strict) else "error",
        counts=_counts(report),
        rules=_rules(report, found),
        skipped=_skipped(report),
        problems=_problems(report, found) if report.problems else "",
        data=_data(report, found),
        css=css,
        js=js,
    )


def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _source(inline: str) -> str:
    """An inline script or style as a source of the policy (CSP Level 3, 2.3.1)."""
    digest = b64encode(hashlib.sha256(inline.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def _counts(report: Report) -> str:
    numbers: tuple[tuple[str, int, str], ...] = (
        ("Errors", report.count(Severity.ERROR), "error"),
        ("Warnings", report.count(Severity.WARNING), "warning"),
        ("Skipped checks", report.newly_skipped, "error"),
        ("Tables", len(report.rows), ""),
        ("Rows", sum(report.rows.values()), ""),
        ("Rules", len(report.rules), ""),
    )
    if report.since:
        numbers += ((f"Already there ({_text(shown_name(report.since))})", report.known, ""),)
    return "\n".join(
        f'<div><dt>{label}</dt><dd class="{kind if number else ""}">{number:,}</dd></div>'
        for label, number, kind in numbers
    )


def _rules(report: Report, found: list[Group]) -> str:
    silent = report.rules.keys() - {group.rule.id for group in found}
    silent -= {skipped.check for skipped in report.skipped}
    closing = f'<p class="quiet">Found nothing wrong: {count(len(silent), "rule")}.</p>'
    if not found:
        return closing
    rows = "\n".join(_rule_row(group) for group in found)
    return f"""<h2>By rule</h2>
<table class="rules">
<thead><tr><th scope="col">Weight</th><th scope="col">Rule</th>
<th scope="col" class="number">Problems</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
{closing}"""


def _rule_row(group: Group) -> str:
    rule = group.rule
    explanation = _text(rule.explanation, lines=True)
    why = f"<details><summary>Why</summary><p>{explanation}</p></details>" if explanation else ""
    known = f'<br><span class="quiet">{group.known:,} already there</span>' if group.known else ""
    omitted = f'<br><span class="quiet">{more(group.omitted)}</span>' if group.omitted else ""
    return (
        f'<tr><td class="{rule.severity}">{rule.severity}</td>'
        f'<td><a href="#problems" data-rule="{_text(rule.id)}">{_text(rule.title)}</a> '
        f"<code>{_text(rule.id)}</code> {why}</td>"
        f'<td class="number">{group.total:,}{known}{omitted}</td></tr>'
    )


def _skipped(report: Report) -> str:
    if not report.skipped:
        return ""
    items = "\n".join(_skipped_item(group) for group in skipped_groups(report))
    return f'<h2>Not checked</h2>\n<ul class="skipped">\n{items}\n</ul>'


def _skipped_item(group: SkippedGroup) -> str:
    return (
        f"<li><code>{_text(shown_name(group.table))}</code>: "
        f"{count(len(group.checks), 'check')} skipped: {_text(shown_message(group.reason))} "
        f"<details><summary>Which</summary><p>{_text(', '.join(group.checks))}</p></details></li>"
    )


def _problems(report: Report, found: list[Group]) -> str:
    listed = [problem for group in found for problem in group.listed]
    tables = sorted({problem.table for problem in listed if problem.table})
    rules = sorted(group.rule.id for group in found)
    return f"""<section id="problems" aria-labelledby="problems-title" tabindex="-1">
<h2 id="problems-title">Problems</h2>
<noscript><p>The list of {count(report.total, "problem")} needs JavaScript; the counts above
do not. <code>incidents validate</code> prints the list as text.</p></noscript>
<form hidden>
<label class="search">Search <input type="search" name="search" autocomplete="off"></label>
<label>Weight <select name="severity"><option value="">all</option>
{_options([severity.value for severity in Severity])}</select></label>
<label class="rule">Rule <select name="rule"><option value="">all</option>
{_options(rules)}</select></label>
<label>Table <select name="table"><option value="">all</option>
{_options(tables)}</select></label>
<label>Order <select name="order"><option value="rule">by rule</option>
<option value="place">by place</option></select></label>
<button type="reset">Clear</button>
</form>
<p class="status" role="status"></p>
<ol class="list"></ol>
<div class="pages" hidden><button type="button">Previous page</button>
<button type="button">Next page</button></div>
</section>"""


def _options(values: list[str]) -> str:
    return "\n".join(f"<option>{_text(value)}</option>" for value in values)


def _data(report: Report, found: list[Group]) -> str:
    """The problems as JSON that cannot close its script element, whatever a cell holds."""
    tables = _positions(problem.table or "" for problem in report.problems)
    files = _positions(problem.file for problem in report.problems)
    data = to_json(
        {
            "rules": [{"id": group.rule.id, "severity": group.rule.severity} for group in found],
            "tables": [visible(table) for table in tables],
            "files": [visible(file) for file in files],
            "problems": [
                (
                    rule,
                    tables[problem.table or ""],
                    files[problem.file],
                    problem.line,
                    problem.column,
                    shown_name(problem.record or ""),
                    shown_name(problem.field or ""),
                    visible(shorten(problem.value or "", LONG_VALUE)),
                    told(problem),
                    shown_message(problem.suggestion or ""),
                )
                for rule, group in enumerate(found)
                for problem in group.listed
            ],
        }
    )
    return data.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _positions(names: Iterable[str]) -> dict[str, int]:
    """Each different name with its position, so that the page holds it only once."""
    return {name: position for position, name in enumerate(dict.fromkeys(names))}


def _text(text: str, *, lines: bool = False) -> str:
    """Text for HTML; line ends are kept only on demand."""
    parts = text.split("\n") if lines else [text]
    return escape("\n".join(visible(part) for part in parts))
