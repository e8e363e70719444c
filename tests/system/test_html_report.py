"""The HTML report in a real browser: it works, and what it shows of hostile data stays text."""

from __future__ import annotations

import html
import shutil
import subprocess
from pathlib import Path

import pytest

from sahel_incidents.problem import Problem, Report, RuleInfo, Severity
from sahel_incidents.reports import html as html_report

HOSTILE = (
    '</script><script>document.title="taken"</script><img src=x onerror=document.title="taken">'
)
RULE = RuleInfo("cell-category", Severity.ERROR, "A cell holds a known value", "Because.")


def report(problems: int) -> Report:
    return Report(
        package="sahel-incidents",
        version="0.1.0",
        root=".",
        rows={"casualties": problems},
        problems=tuple(
            Problem(
                RULE.id,
                RULE.severity,
                f"problem number {number} is not in the vocabulary",
                file="data/casualties.csv",
                line=number + 2,
                column=7,
                table="casualties",
                record=f"MLI-2025-06-01-boulikessi-f{number:02}",
                field="harm",
                value=HOSTILE,
                suggestion="did you mean killed?",
            )
            for number in range(problems)
        ),
        skipped=(),
        rules={RULE.id: RULE},
    )


def browse(tmp_path: Path, page: str, *options: str) -> str:
    """What headless Chromium prints for a page."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "this test needs Chromium: make test-system installs it, or install it by hand"
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    return subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=5000",
            *options,
            file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout


@pytest.mark.parametrize("problems", [0, 3, 5000])
def test_the_page_shows_the_problems(tmp_path: Path, problems: int) -> None:
    page = html_report.render(report(problems), limit=None)
    shown = html.unescape(browse(tmp_path, page, "--dump-dom"))
    assert shown.count("is not in the vocabulary") >= min(problems, 200)
    assert ("problem number 0 " in shown) is (problems > 0)


def test_a_hostile_value_runs_nothing(tmp_path: Path) -> None:
    page = html_report.render(report(3), limit=None)
    shown = browse(tmp_path, page, "--dump-dom")
    assert "<title>taken" not in shown
    assert "<img src=x" not in shown.replace('"', "").partition("<body")[2].partition("<script")[0]


def test_the_page_can_be_photographed(tmp_path: Path) -> None:
    picture = tmp_path / "report.png"
    browse(tmp_path, html_report.render(report(3), limit=None), f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 5000
