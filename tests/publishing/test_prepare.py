"""Preparing a release: the version, and its section of the changelog, for a person to commit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.problem import ToolError
from sahel_incidents.publishing import publish
from sahel_incidents.publishing.prepare import prepare, with_section, with_version
from sahel_incidents.publishing.versions import Version
from sahel_incidents.records import Records

FIGURE = ("BEN-2025-03-10-niotaka-f01",)
CHANGELOG = """# Changelog

Words before.

## [Unreleased]

### Added

- What a person wrote.

## [1.0.0] - 2026-11-23

- Older.
"""


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796083200")  # 2026-12-01


def reword(records: Records) -> None:
    records.rows["casualties"][FIGURE]["said_by"] = "two *other* security sources"


def test_a_first_release(repository: Path) -> None:
    assert prepare(repository, "1.0.0") == ("CHANGELOG.md",)
    text = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [1.0.0] - 2026-12-01\n\n### Records\n" in text
    assert "- Incidents: 100 records" in text
    assert prepare(repository, "1.0.0") == ()


def test_a_following_release(
    released: Path, edit: Callable[..., None], git: Callable[..., str], tmp_path: Path
) -> None:
    (released / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    edit(released, reword)
    assert prepare(released, "1.0.1") == (DESCRIPTOR, "CHANGELOG.md")
    assert json.loads((released / DESCRIPTOR).read_bytes())["version"] == "1.0.1"
    text = (released / "CHANGELOG.md").read_text(encoding="utf-8")
    before, rest = text.split("## [1.0.1] - 2026-12-01\n")
    section, older = rest.split("## [1.0.0] - 2026-11-23\n")
    assert before == "# Changelog\n\nWords before.\n\n"
    assert older == "\n- Older.\n"
    assert "- What a person wrote.\n" in section
    assert "1 changed" in section
    assert "two &#42;other&#42; security sources" in section
    assert prepare(released, "1.0.1") == ()
    git(released, "add", "--all")
    git(released, "commit", "--quiet", "--message", "1.0.1")
    assert publish(released, "1.0.1", tmp_path / "dist").new


def test_prepared_again_only_the_records_are_written_anew(
    released: Path, edit: Callable[..., None]
) -> None:
    edit(released, reword)
    prepare(released, "1.0.1")
    path = released / "CHANGELOG.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("### Records", "By hand.\n\n### Records"), encoding="utf-8")
    edit(released, lambda records: records.rows["casualties"][FIGURE].update(said_by="a nurse"))
    prepare(released, "1.0.1")
    again = path.read_text(encoding="utf-8")
    assert "By hand.\n\n### Records" in again
    assert "a nurse" in again
    assert "other" not in again
    assert again.count("## [1.0.1]") == 1


def test_a_changelog_of_other_records_is_not_published(
    repository: Path, edit: Callable[..., None], git: Callable[..., str], tmp_path: Path
) -> None:
    prepare(repository, "1.0.0")

    def new_alias(records: Records) -> None:
        place = next(iter(records.rows["places"]))[0]
        records.put("aliases", {"alias": "Another", "language": "en", "place_id": place})

    edit(repository, new_alias)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "one more")
    with pytest.raises(ToolError, match="tells of other records") as caught:
        publish(repository, "1.0.0", tmp_path / "dist")
    assert caught.value.remedy.startswith("run: incidents publish 1.0.0 --prepare")
    assert not list((tmp_path / "dist").glob("*-1.0.0"))
    assert publish(repository, "1.0.0", tmp_path / "draft", draft=True).new
    prepare(repository, "1.0.0")
    git(repository, "commit", "--quiet", "--all", "--message", "prepared")
    assert publish(repository, "1.0.0", tmp_path / "dist").new


def test_a_section_by_hand_is_taken_as_it_is(
    repository: Path, git: Callable[..., str], tmp_path: Path
) -> None:
    text = "# Changelog\n\n## [1.0.0] - 2026-12-01\n\n- Incidents: 3 records\n"
    (repository / "CHANGELOG.md").write_text(text, encoding="utf-8")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "by hand")
    assert publish(repository, "1.0.0", tmp_path / "dist").new


def test_a_version_that_is_too_low_is_refused_at_once(
    released: Path, edit: Callable[..., None]
) -> None:
    def new_alias(records: Records) -> None:
        place = next(iter(records.rows["places"]))[0]
        records.put("aliases", {"alias": "Another", "language": "en", "place_id": place})

    edit(released, new_alias)
    before = (released / DESCRIPTOR).read_bytes()
    with pytest.raises(ToolError, match="deserve a minor version"):
        prepare(released, "1.0.1")
    assert (released / DESCRIPTOR).read_bytes() == before
    assert not (released / "CHANGELOG.md").exists()


def test_an_unreleased_section_gives_its_place_only_where_there_is_no_other() -> None:
    text = CHANGELOG.replace("[1.0.0] - 2026-11-23", "[1.1.0] - not yet released")
    made = with_section(text, Version.of("1.1.0"), ["told"])
    assert "## [Unreleased]" in made
    assert "## [1.1.0] - 2026-12-01" in made


@given(
    body=st.text(alphabet=st.sampled_from("ab #-*[]\n"), max_size=200),
    told=st.lists(st.text(alphabet="xyz ", min_size=1, max_size=10), max_size=3),
)
def test_a_changelog_keeps_every_line_and_settles(body: str, told: list[str]) -> None:
    version = Version.of("2.0.0")
    once = with_section(body, version, told)
    lines = once.splitlines()
    assert all(line in lines for line in body.splitlines() if line.strip())
    assert with_section(once, version, told) == once


def test_only_the_version_changes_in_the_descriptor() -> None:
    text = b'{"a": {"version": "1.0.0"},\n  "version" : "1.0.0", "x": "version"}'
    assert with_version(text, Version.of("1.1.0")) == (
        b'{"a": {"version": "1.0.0"},\n  "version" : "1.1.0", "x": "version"}'
    )
    with pytest.raises(ToolError, match="was not found"):
        with_version(b'{"version": "1.0.\\u0030"}', Version.of("1.1.0"))


def test_the_command(
    repository: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = run(repository, "publish", "1.1.0", "--prepare")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "changed: datapackage.json, CHANGELOG.md\n"
    assert "is prepared already" in run(repository, "publish", "1.1.0", "--prepare").stdout
    assert run(repository, "publish", "1.1.0", "--prepare", "--draft").returncode == 2
    assert not (repository / "dist").exists()
