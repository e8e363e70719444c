"""The documents: what they promise exists, and what exists is documented."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sahel_incidents.cells import STRICTER
from sahel_incidents.cli import main
from sahel_incidents.descriptor import open_package
from sahel_incidents.records import Records
from sahel_incidents.reports import FORMATS
from sahel_incidents.validate import catalogue

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
CONTEXT = click.Context(main, info_name="incidents")
COMMANDS = {
    name: command
    for name in main.list_commands(CONTEXT)
    if (command := main.get_command(CONTEXT, name)) is not None
}
RECORDS = Records.read(open_package(ROOT))
EVERYTHING = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tokens(path: Path) -> list[Token]:
    """The blocks of a document and, below each, what stands in it, in one list."""
    markdown = MarkdownIt().enable("table")
    found: list[Token] = []
    for token in markdown.parse(path.read_text(encoding="utf-8")):
        found += [token, *(token.children or ())]
    return found


def code_blocks(kind: str) -> Iterator[tuple[Path, str, str]]:
    """The fenced blocks of a kind: the document, the rest of the label, the text."""
    for path in DOCUMENTS:
        for token in tokens(path):
            label, _, rest = token.info.partition(" ")
            if token.type == "fence" and label == kind:
                yield path, rest, token.content


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found = tokens(path)
    titles = [found[i + 1].content for i, token in enumerate(found) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=relative)
def test_links_between_documents_resolve(path: Path) -> None:
    targets = [str(t.attrs[key]) for t in tokens(path) for key in ("href", "src") if key in t.attrs]
    for target in targets:
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), f"{target}: https only"
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        assert file.exists(), f"{target}: there is no such file"
        assert file.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(file), f"{target}: there is no such heading"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_help_of_a_command_shows_examples_that_are_valid(name: str) -> None:
    command = COMMANDS.get(name, main)
    text = re.sub(r"\\\n +", "", command.get_help(click.Context(command)))  # continued lines
    block = re.search(r"^ *Examples:\n((?: +incidents.*\n)+)", text, re.MULTILINE)
    assert block, f"no examples, each on a line of its own, in:\n{text}"
    for line in block.group(1).splitlines():
        parse(line.strip())


def parse(line: str) -> None:
    """Parse a command line as click would, without running it; raises where it is wrong."""
    program, *words = shlex.split(line.partition(" > ")[0])
    assert program == "incidents", line
    context = main.make_context(program, list(words))
    at = next(i for i, word in enumerate(words) if word in COMMANDS)
    command = COMMANDS[words[at]]
    parsed = command.make_context(words[at], words[at + 1 :], parent=context)
    if words[at] == "rules":
        rule = parsed.params["id"]
        assert rule is None or rule.isupper() or rule in catalogue(), f"{line}: no such rule"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_options_are_documented(name: str) -> None:
    assert f"incidents {name}" in EVERYTHING
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            assert any(option in EVERYTHING for option in parameter.opts), parameter.opts


def test_commands_in_the_documents_are_valid() -> None:
    written = re.findall(r"`(incidents [^`\n]+)`", EVERYTHING)
    for kind in ("", "sh"):
        for _, _, text in code_blocks(kind):
            written += [line for line in text.splitlines() if line.startswith("incidents ")]
    assert len(written) > 10
    for line in written:
        if "COMMAND" not in line:
            parse(re.split(r" {3,}", line)[0])


def test_make_targets_in_the_documents_exist() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", EVERYTHING, re.MULTILINE))
    assert {"release", "test", "test-system", "setup"} <= named <= targets


def test_files_named_in_the_documents_exist() -> None:
    """Paths in backticks below a folder of ours, unless they hold a placeholder."""
    for path in re.findall(r"`((?:src|docs|scripts|tests|data|schemas)/[^`*<>\s]+)`", EVERYTHING):
        assert (ROOT / path).exists(), path


def test_rules_named_in_the_picture_exist() -> None:
    picture = (ROOT / "docs" / "images" / "validate.svg").read_text(encoding="utf-8")
    named = set(re.findall(r">((?:[a-z0-9]+-)+[a-z0-9]+)</text>", picture))
    assert len(named & set(catalogue())) >= 3, "draw it again: python scripts/picture.py"
    assert re.findall(r"(?:url\(|href=|src=)[\"']?https?:", picture) == [], (
        "it loads from elsewhere"
    )


@pytest.fixture(scope="module")
def made() -> ModuleType:
    """The script that writes what the documents tell of the data."""
    spec = spec_from_file_location("make_docs", ROOT / "scripts" / "make_docs.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_counts_are_those_of_the_data(made: ModuleType) -> None:
    text = made.BALANCE.read_text(encoding="utf-8")
    assert made.balance(RECORDS) == text, "out of date: python scripts/make_docs.py"


def test_the_pictures_are_those_of_the_data(made: ModuleType) -> None:
    for name, content in made.pictures(RECORDS).items():
        drawn = (made.IMAGES / name).read_bytes()
        words = [re.findall(rb">([^<>]+)</text>", picture) for picture in (drawn, content)]
        marks = [picture.count(b"<use ") for picture in (drawn, content)]
        assert words[0] == words[1], f"{name} is out of date: python scripts/make_docs.py"
        assert marks[0] == marks[1], f"{name} is out of date: python scripts/make_docs.py"


def test_the_citation_is_that_of_the_descriptor(made: ModuleType) -> None:
    assert made.CITATION.read_bytes() == made.citation(), "out of date: python scripts/make_docs.py"


def test_the_readme_counts_the_records_right() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for table in ("incidents", "figures", "sources"):
        rows = RECORDS.rows[{"figures": "casualties"}.get(table, table)]
        assert f"{len(rows):,} {table}" in " ".join(readme.split())


def logged(name: str, group: str) -> dict[str, dict[str, tuple[str, str]]]:
    """By part or sample, then by figure, on what it was read and its worst severity.

    A figure that was added is "added", and no figure read.
    """
    found: dict[str, dict[str, tuple[str, str]]] = {}
    with (ROOT / "docs" / "audit" / name).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if not re.search(r"-f[0-9]+$", row["record_id"]):
                continue
            figures = found.setdefault(row[group], {})
            if "missing" in row["errors"].split(";"):
                figures[f"{row['record_id']} added {len(figures)}"] = "added", ""
                continue
            read_on, severity = figures.get(row["record_id"], (row["read_on"], ""))
            figures[row["record_id"]] = (
                read_on,
                min(filter(None, (severity, row["severity"])), default=""),
            )
    return found


@pytest.mark.parametrize(
    ("reading", "group", "bases", "added"),
    [
        ("Second", "part", ("cited page", "other page", "transcript", "none"), True),
        ("Third", "sample", ("cited page", "other page", "none"), False),
        ("Fourth", "part", ("cited page", "other page", "none"), True),
    ],
)
def test_the_audit_counts_its_log(
    reading: str, group: str, bases: tuple[str, ...], added: bool
) -> None:
    name = f"{reading.lower()}-reading-2026-11.csv"
    title = f"## {reading} reading"
    text = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    section = text.partition(title)[2].partition("\n## ")[0]
    told = {
        key: list(map(int, numbers.split(" | ")))
        for key, numbers in re.findall(r"^\| (\d+)\b[^|]*\| ([\d |]+?) \|$", section, re.MULTILINE)
    }
    counted = {}
    for key, figures in logged(name, group).items():
        if not key.isdigit():
            continue
        read = [one for one in figures.values() if one[0] != "added"]
        on = [sum(one[0] == base for one in read) for base in bases]
        wrong = [sum(bool(one[1]) for one in read), sum(one[1] == "major" for one in read)]
        counted[key] = on + wrong
        if added:
            counted[key] = [len(read), *counted[key], len(figures) - len(read)]
    assert told == counted


def test_every_report_format_is_in_the_table() -> None:
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    section = text.partition("## Reports")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(FORMATS)


def test_the_stricter_list_is_the_code_s_own() -> None:
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    table = "".join(f"| `{name}` | {what} |\n" for name, what in STRICTER.items())
    assert f"|---|---|\n{table}\n" in text, f"write the table of docs/validation.md so:\n{table}"


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = project["dependencies"] + project["optional-dependencies"]["dev"]
    reasons = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    section = reasons.partition("## Dependencies")[2]
    for requirement in needed:
        name = re.split(r"[<>=\[ ]", requirement)[0]
        assert re.search(rf"\b{name}\b", section), f"say in docs/decisions.md why {name} is needed"


def test_decisions_are_numbered_in_order() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^([0-9]+)\. ", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_changelog_tells_of_this_version() -> None:
    version = json.loads((ROOT / "datapackage.json").read_text(encoding="utf-8"))["version"]
    latest = re.search(r"^## \[([0-9.]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert latest is not None
    assert latest[1] == version
    assert f"version {version}" in (ROOT / "README.md").read_text(encoding="utf-8").lower()


def test_records_shown_in_the_documents_are_in_the_data() -> None:
    shown = list(code_blocks("csv"))
    assert shown
    for path, name, text in shown:
        with (ROOT / name).open(encoding="utf-8", newline="") as file:
            records = list(csv.DictReader(file, strict=True))
        for row in csv.DictReader(io.StringIO(text), strict=True):
            matching = [record for record in records if row.items() <= record.items()]
            assert len(matching) == 1, f"{relative(path)} shows a row that {name} has not: {row}"


def test_python_in_the_documents_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    blocks = list(code_blocks("python"))
    assert blocks
    for path, _, text in blocks:
        exec(compile(text, relative(path), "exec"), {})
    assert "unconfirmed" in capsys.readouterr().out
