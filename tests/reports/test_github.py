"""The workflow commands, read as GitHub's runner reads them."""

from __future__ import annotations

from sahel_incidents.problem import Report
from sahel_incidents.reports import github

Command = tuple[str, dict[str, str], str]


def commands(report: Report, limit: int | None = None) -> list[Command]:
    return [_read(line) for line in github.render(report, limit=limit).splitlines()]


def _read(line: str) -> Command:
    """A command as actions/runner parses it: `ActionCommand.TryParseV2`."""
    _, info, data = line.split("::", 2)
    name, _, given = info.partition(" ")
    properties = dict(part.split("=", 1) for part in given.split(","))
    return name, {key: _unescaped(value) for key, value in properties.items()}, _unescaped(data)


def _unescaped(text: str) -> str:
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


def test_sound(sound: Report) -> None:
    assert commands(sound) == [
        (
            "notice",
            {"title": "sahel-incidents 0.1.0: Sound"},
            "no errors, no warnings in 4 tables, 1,204 rows.",
        )
    ]


def test_mixed(mixed: Report) -> None:
    found = commands(mixed)
    assert [name for name, _, _ in found] == [
        *("warning", "warning"),  # skipped checks
        *("error", "error", "error", "warning"),
        "notice",
    ]
    name, properties, message = found[2]
    assert (name, properties["file"], properties["line"], properties["col"]) == (
        *("error", "data/casualties.csv"),
        *("12", "45"),
    )
    assert properties["title"] == "A coded cell holds a known word (cell-category)"
    assert message == (
        "MLI-2025-06-01-boulikessi-f01.harm: `killd` is not a known word\n-> did you mean `killed`?"
    )


def test_a_problem_of_a_whole_file_names_no_line(mixed: Report) -> None:
    _, properties, _ = commands(mixed)[4]
    assert properties.keys() == {"file", "title"}
    assert properties["file"] == "data/old copy.csv"


def test_skipped_checks_are_told_with_their_reason(mixed: Report) -> None:
    _, properties, message = commands(mixed)[0]
    assert properties == {"title": "Not checked: sources"}
    assert message.startswith("2 checks skipped: data/sources.csv has a row of 9 cells")
    assert message.endswith("\ncell-category, citation-ends")


def test_a_cell_cannot_write_a_command_of_its_own(hostile: Report) -> None:
    found = commands(hostile)
    assert [name for name, _, _ in found] == ["error"] * len(hostile.problems) + ["notice"]
    assert all(properties.keys() <= {"file", "line", "col", "title"} for _, properties, _ in found)


def test_a_file_name_cannot_add_a_property(make_problem: type, make_report: type[Report]) -> None:
    problem = make_problem(file="data/a,title=b::c%0A\n.csv")
    _, properties, _ = commands(make_report([problem]))[0]
    assert properties["title"].startswith("A coded cell")
    assert properties["file"] == r"data/a,title=b::c%0A\n.csv"


def test_the_limit_is_told_in_the_notice(many: Report) -> None:
    found = commands(many, limit=10)
    assert len(found) == 16
    assert "cell-category: and 1,200 more; --limit 0 lists all" in found[-1][2]
