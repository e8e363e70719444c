"""The command line as a user meets it: real processes, real files, exit codes and messages."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "sahel_incidents"]


def run(
    *arguments: str | Path, cwd: Path = ROOT, **options: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the shipped package, to be spoilt."""
    copy = tmp_path / "package"
    copy.mkdir()
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, copy / name)
    shutil.copy(ROOT / "datapackage.json", copy)
    return copy


def spoil(package: Path, table: str, old: str, new: str) -> None:
    file = package / "data" / f"{table}.csv"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_data_is_sound() -> None:
    done = run("validate", "--strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Sound" in done.stdout


def test_a_data_problem_costs_exit_code_1_and_names_place_value_and_remedy(package: Path) -> None:
    spoil(package, "casualties", "unconfirmed", "unconfirmd")
    done = run("validate", cwd=package)
    assert done.returncode == 1
    assert "data/casualties.csv:2:" in done.stdout
    assert '"unconfirmd"' in done.stdout
    assert "did you mean unconfirmed?" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_wrong_usage_costs_exit_code_2() -> None:
    assert run("validate", "--format", "nonsense").returncode == 2
    assert run("validate", "--format", "json", "--format", "html").returncode == 2
    assert run("rules", "no-such-rule").returncode == 2
    assert run("nonsense").returncode == 2


def test_a_tool_failure_costs_exit_code_3_and_says_what_to_do(tmp_path: Path) -> None:
    done = run("validate", cwd=tmp_path)
    assert done.returncode == 3
    assert "no datapackage.json" in done.stderr
    assert "->" in done.stderr
    (tmp_path / "datapackage.json").write_text("{ not json")
    done = run("validate", cwd=tmp_path)
    assert done.returncode == 3
    assert "datapackage.json:1:3" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_package_is_found_from_a_folder_inside_it_or_named(
    package: Path, tmp_path: Path
) -> None:
    assert run("validate", cwd=package / "data").returncode == 0
    assert run("validate", package, cwd=tmp_path).returncode == 0
    assert run("validate", package / "data" / "incidents.csv", cwd=tmp_path).returncode == 0
    assert run("--package", package, "validate", cwd=tmp_path).returncode == 0
    assert run("--package", package / "data", "validate", cwd=tmp_path).returncode == 3


def test_warnings_fail_only_under_strict(package: Path) -> None:
    file = package / "data" / "actors.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    width = lines[0].count(",")
    lines.append("zz-never-named,Never named,militia" + "," * (width - 2) + "\n")
    file.write_text("".join(lines), encoding="utf-8")
    loose, strict = run("validate", cwd=package), run("validate", "--strict", cwd=package)
    assert (loose.returncode, strict.returncode) == (0, 1)
    assert "unused-actor" in loose.stdout


def test_several_formats_in_one_run_go_to_a_folder(package: Path, tmp_path: Path) -> None:
    spoil(package, "casualties", "unconfirmed", "unconfirmd")
    formats = ("text", "json", "github", "sarif", "junit", "markdown", "html")
    chosen = [part for name in formats for part in ("--format", name)]
    done = run("validate", *chosen, "--output", tmp_path / "made" / "reports", cwd=package)
    assert done.returncode == 1
    written = sorted((tmp_path / "made" / "reports").iterdir())
    assert len(written) == len(formats)
    assert all(file.stat().st_size > 0 and file.name.startswith("report.") for file in written)
    report = json.loads((tmp_path / "made" / "reports" / "report.json").read_text())
    assert [problem["rule"] for problem in report["problems"]] == ["cell-category"]


def test_limit_shows_so_many_of_each_rule(package: Path) -> None:
    file = package / "data" / "casualties.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace("unconfirmed", "unconfirmd"), encoding="utf-8"
    )
    two, every = (
        run("validate", "--limit", "2", cwd=package),
        run("validate", "--limit", "0", cwd=package),
    )
    assert two.stdout.count("did you mean unconfirmed?") == 2
    assert every.stdout.count("did you mean unconfirmed?") > 50
    assert "more" in two.stdout


@pytest.mark.parametrize("variable", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_only_on_a_terminal_that_wants_it(package: Path, variable: dict[str, str]) -> None:
    spoil(package, "casualties", "unconfirmed", "unconfirmd")
    colourful = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    colourful["TERM"] = "xterm-256color"
    assert "\x1b[" in in_terminal(package, colourful)
    assert "\x1b[3" not in in_terminal(package, colourful | variable)
    assert "\x1b[" not in run("validate", cwd=package).stdout


def in_terminal(package: Path, environment: dict[str, str]) -> str:
    """What `incidents validate` prints to a real pseudo-terminal."""
    import pty

    parent, child = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "validate"],
        cwd=package,
        stdin=child,
        stdout=child,
        stderr=child,
        env=environment,
    )
    os.close(child)
    output = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not part:
            break
        output += part
    process.wait(timeout=60)
    os.close(parent)
    return output.decode("utf-8")


def test_a_full_disk_leaves_the_old_report_and_says_so(package: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("the old report")

    def little_space() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = run(
        "validate", "--format", "html", "--output", target, cwd=package, preexec_fn=little_space
    )
    assert done.returncode == 3
    assert "cannot write" in done.stderr
    assert target.read_text() == "the old report"
    assert [file.name for file in tmp_path.iterdir() if file.name != "package"] == ["report.html"]


def test_a_full_standard_output_is_no_silent_success(package: Path) -> None:
    assert Path("/dev/full").exists(), "run this on Linux, whose /dev/full is an always full disk"
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "validate"],
            cwd=package,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == 3
    assert "cannot write the output" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_it_without_a_traceback(package: Path) -> None:
    # A table large enough that the interrupt falls into the work.
    file = package / "data" / "aliases.csv"
    header = file.read_text(encoding="utf-8").splitlines()[0]
    with file.open("w", encoding="utf-8") as stream:
        stream.write(header + "\n")
        stream.writelines(f"alias {number:09},fr,jnim,\n" for number in range(3_000_000))
    process = subprocess.Popen(
        [*COMMAND, "validate"],
        cwd=package,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(1.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in out + err


def test_rules_lists_every_check_and_explains_one() -> None:
    listed = run("rules").stdout
    assert "bounds-follow-qualifier" in listed
    assert "key-foreign-missing" in listed
    explained = run("rules", "bounds-follow-qualifier").stdout
    assert "Passes" in explained
    assert "Fails" in explained


def test_fmt_mends_the_form_and_nothing_else(package: Path) -> None:
    file = package / "data" / "places.csv"
    before = file.read_bytes()
    header, *rows = before.decode("utf-8").splitlines()
    spoilt = "\r\n".join([header, *reversed(rows)])
    file.write_bytes(b"\xef\xbb\xbf" + spoilt.encode("utf-8"))
    assert run("validate", cwd=package).returncode == 1
    check = run("fmt", "--check", cwd=package)
    assert check.returncode == 1
    assert "data/places.csv would" not in check.stderr
    assert "data/places.csv" in check.stdout
    assert run("fmt", cwd=package).returncode == 0
    assert file.read_bytes() == before
    assert run("fmt", "--check", cwd=package).returncode == 0


def test_fmt_touches_nothing_when_a_table_is_broken(package: Path) -> None:
    places, sources = package / "data" / "places.csv", package / "data" / "sources.csv"
    places.write_bytes(places.read_bytes().replace(b"\n", b"\r\n"))
    sources.write_bytes(sources.read_bytes() + b'"open\n')
    before = places.read_bytes()
    done = run("fmt", cwd=package)
    assert done.returncode == 1
    assert "data/sources.csv" in done.stderr
    assert places.read_bytes() == before


def test_help_has_examples_for_every_command() -> None:
    names = [
        line.split()[0]
        for line in run("--help").stdout.partition("Commands:")[2].splitlines()
        if line.startswith("  ") and not line.startswith("   ")
    ]
    commands = [name for name in names if name.isidentifier() and name.islower()]
    assert {"fmt", "rules", "validate"} <= set(commands)
    for name in ("fmt", "rules", "validate"):
        assert "Examples:" in run(name, "--help").stdout


def test_shell_completion_offers_commands_and_rules() -> None:
    environment = os.environ | {
        "_INCIDENTS_COMPLETE": "bash_complete",
        "COMP_WORDS": "incidents rules bounds-f",
        "COMP_CWORD": "2",
    }
    assert "bounds-follow-qualifier" in run(env=environment).stdout
