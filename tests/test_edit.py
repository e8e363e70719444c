"""`edit`, `confirm`, `retract`, `merge`, `show` and `find` as a user meets them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parents[1]
ONE, TWO = "MLI-2025-06-01-boulikessi", "MLI-2025-06-05-boulikessi"
FIGURE = f"{ONE}-f05"
WHY = ("--reason", "a misreading", "--source", "trt-2025-06-02")


def run(
    root: Path, *arguments: str, stdin: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sahel_incidents", *arguments],
        cwd=root,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"COLUMNS": "80", "EDITOR": "", "VISUAL": ""} | variables,
        check=False,
    )


@pytest.fixture
def root(tmp_path: Path, copy_shipped: Callable[[Path], Path]) -> Path:
    """A copy of the shipped package, committed to git."""
    copy = copy_shipped(tmp_path / "package")
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(copy)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "published"]):
        subprocess.run([*git, *command], check=True)
    return copy


def tables(root: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (root / "data").iterdir()}


def revisions(root: Path) -> list[dict[str, str]]:
    with (root / "data" / "revisions.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def card(root: Path) -> str:
    return run(root, "show", ONE, "--format", "card").stdout


def sound(root: Path) -> None:
    """The change passes the change policies, too."""
    done = run(root, "validate", "--since", "HEAD")
    assert done.returncode == 0, done.stdout
    assert "change-" not in done.stdout


def editor(root: Path, old: str, new: str) -> str:
    """An editor that replaces some text."""
    program = root.parent / "editor.py"
    program.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        f"file.write_text(file.read_text('utf-8').replace({old!r}, {new!r}, 1), 'utf-8')\n",
        encoding="utf-8",
    )
    return f"{sys.executable} {program}"


def test_an_unchanged_card_changes_no_byte(root: Path) -> None:
    before = tables(root)
    shown = card(root)
    for done in (
        run(root, "edit", ONE, "--card", "-", stdin=shown),
        run(root, "edit", ONE, EDITOR="true"),
        run(root, "edit", FIGURE, "--card", "-", stdin=f"\n# a remark\n{shown}"),
    ):
        assert (done.returncode, done.stdout) == (0, "nothing changed\n"), done.stderr
    assert tables(root) == before


def test_a_change_in_the_editor_has_its_revision(root: Path) -> None:
    change = editor(root, "killed: 30\n", "killed: about 30\n")
    done = run(root, "edit", ONE, *WHY, EDITOR=change)
    assert done.returncode == 0, done.stderr
    told = [(row["field"], row["old_value"], row["new_value"]) for row in revisions(root)]
    assert told == [("qualifier", "exact", "about")]
    assert revisions(root)[0]["source_id"] == "trt-2025-06-02"
    sound(root)


def test_a_published_change_needs_a_reason(root: Path) -> None:
    before = tables(root)
    changed = card(root).replace("killed: 30\n", "killed: 31\n")
    done = run(root, "edit", ONE, "--card", "-", stdin=changed)
    assert done.returncode == 2
    assert "--reason" in done.stderr
    assert tables(root) == before


def test_at_a_terminal_the_reason_is_asked_for(root: Path) -> None:
    program = editor(root, "killed: 30\n", "killed: 31\n")
    child = pexpect.spawn(
        sys.executable,
        ["-m", "sahel_incidents", "edit", ONE],
        cwd=root,
        env=os.environ | {"VISUAL": program},
        encoding="utf-8",
        timeout=60,
    )
    child.expect("value corrected from `30` to `31`")
    child.expect("Why, in a sentence")
    child.sendline("a misreading")
    child.expect("Id of the source")
    child.sendline("trt-2025-06-20")
    child.expect("did you mean trt-2025-06-02")
    child.expect("Id of the source")
    child.sendline("trt-2025-06-02")
    child.expect("changed: data/casualties.csv, data/revisions.csv")
    child.expect(pexpect.EOF)
    (row,) = revisions(root)
    assert (row["reason"], row["source_id"]) == ("a misreading", "trt-2025-06-02")


def test_a_new_figure_needs_no_revision(root: Path) -> None:
    figure = (
        "casualties:\n  - wounded: dozens\n    victims: civilian\n    said_by: a nurse\n"
        "    speaker_kind: medical\n    source: trt-2025-06-02\n    confirmation: unconfirmed\n"
    )
    changed = card(root).replace("casualties:\n", figure, 1)
    done = run(root, "edit", ONE, "--card", "-", stdin=changed)
    assert done.returncode == 0, done.stderr
    assert revisions(root) == []
    sound(root)


def test_a_figure_left_out_is_refused_with_the_remedy(root: Path) -> None:
    before = tables(root)
    shown = card(root)
    start = shown.index("  - killed: over 30\n")
    end = shown.index("  - ", start + 4)
    done = run(root, "edit", ONE, "--card", "-", *WHY, stdin=shown[:start] + shown[end:])
    assert done.returncode == 3
    assert f"incidents retract {ONE}-f01" in done.stderr
    assert tables(root) == before


def test_what_is_wrong_is_told_by_the_cards_line_and_the_text_is_kept(root: Path) -> None:
    before = tables(root)
    for old, new, said in (
        ("killed: 30\n", "killed: 30 soldiers\n", "not part of the number"),
        ("date_start: 2025-06-01\n", "date_start: 2025-06-09\n", "date"),
        ("id: MLI-2025-06-01", "id: MLI-2025-06-11", "id: MLI-2025-06-01-boulikessi"),
    ):
        done = run(root, "edit", ONE, *WHY, EDITOR=editor(root, old, new))
        assert done.returncode in (1, 3)
        assert said in done.stderr
        kept = Path(done.stderr.rpartition("--card ")[2].splitlines()[0])
        assert new.strip() in kept.read_text(encoding="utf-8")
        if done.returncode == 1:
            assert f"{kept}:" in done.stderr
        kept.unlink()
    assert tables(root) == before


def test_a_figure_is_confirmed_by_who_may_and_not_by_others(root: Path) -> None:
    before = tables(root)
    done = run(root, "confirm", FIGURE, "--by", "jnim", "--source", "trt-2025-06-02")
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert tables(root) == before
    done = run(root, "confirm", FIGURE, "--by", "fama", "--source", "trt-2025-06-02")
    assert done.returncode == 0, done.stderr
    (row,) = revisions(root)
    assert (row["action"], row["record_id"], row["new_value"]) == ("confirmed", FIGURE, "confirmed")
    assert "grade" not in run(root, "show", FIGURE).stdout
    again = run(root, "confirm", FIGURE, "--by", "fama", "--source", "trt-2025-06-02")
    assert again.stdout == "nothing changed\n"
    sound(root)


def test_a_retracted_record_says_what_became_of_it(root: Path) -> None:
    before = tables(root)
    trial = run(root, "retract", TWO, *WHY, "--dry-run")
    assert "would change" in trial.stdout
    assert tables(root) == before
    assert run(root, "retract", TWO, *WHY).returncode == 0
    for id in (TWO, f"{TWO}-f01"):
        shown = run(root, "show", id)
        assert shown.returncode == 0
        said = " ".join(shown.stdout.split())
        assert "was retracted on" in said
        assert "a misreading" in said
        assert "TRT World" in said
    done = run(root, "edit", TWO, "--card", "-")
    assert done.returncode == 3
    sound(root)


def test_a_merged_incident_leads_to_the_other(root: Path) -> None:
    assert run(root, "merge", TWO, ONE, *WHY).returncode == 0
    shown = run(root, "show", f"{TWO}-f01").stdout
    assert f"was merged into {ONE}-f" in " ".join(shown.split())
    told = json.loads(run(root, "show", TWO, "--format", "json").stdout)
    assert (told["id"], told["became"][0]["other_id"]) == (ONE, ONE)
    assert "status: active" in run(root, "show", TWO, "--format", "card").stdout
    sound(root)


def test_a_draft_changes_without_a_trace(root: Path) -> None:
    shutil.rmtree(root / ".git")
    file = root / "data" / "incidents.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"{ONE},active", f"{ONE},candidate"), encoding="utf-8")
    changed = card(root).replace("killed: over 30\n", "killed: over 31\n", 1)
    changed = changed.replace("status: active", "status: candidate")
    done = run(root, "edit", ONE, "--card", "-", stdin=changed)
    assert done.returncode == 0, done.stderr
    done = run(root, "retract", f"{ONE}-f01")
    assert done.returncode == 0, done.stderr
    assert revisions(root) == []


def test_every_record_has_a_page_that_fits_the_terminal(root: Path) -> None:
    for width in ("60", "120"):
        done = run(root, "show", ONE, COLUMNS=width)
        assert done.returncode == 0
        long = [line for line in done.stdout.splitlines() if len(line) > int(width)]
        assert all("http" in line or " " not in line.strip() for line in long)
    page = run(root, "show", ONE).stdout
    for word in ("1 June 2025", "killed: over 30", "two security sources", "relayed by Reuters"):
        assert word in page
    assert "https://www.trtworld.com/article/a563a34cf7a0" in page
    statement = next(iter((root / "data" / "statements.csv").read_text("utf-8").splitlines()[1:]))
    total = (root / "data" / "totals.csv").read_text("utf-8").splitlines()[1]
    for id in ("jnim", "trt-2025-06-02", "mli-boulikessi", *(
        row.partition(",")[0] for row in (statement, total)
    )):  # fmt: skip
        done = run(root, "show", id)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{id}\n")
        assert "\x1b" not in done.stdout


def test_a_link_reads_as_a_sentence_from_both_ends(root: Path) -> None:
    part, whole = "BFA-2019-02-04-sounam", "BFA-2019-02-04-kain-banh-bomboro"
    told = " ".join(run(root, "show", part).stdout.split())
    assert f"is part of {whole}: " in told
    told = " ".join(run(root, "show", whole).stdout.split())
    assert "killing of villagers is part of this one" in told


def test_a_hostile_cell_does_not_steer_the_terminal(root: Path) -> None:
    file = root / "data" / "incidents.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("attack on an army camp", "\x1b[2J\u202e"), encoding="utf-8")
    for arguments in (("show", ONE), ("find",), ("show", "jnim"), ("find", "--format", "json")):
        done = run(root, *arguments)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout


def test_an_id_that_is_not_there_is_answered_with_the_nearest(root: Path) -> None:
    done = run(root, "show", "MLI-2025-06-01-boulkessi")
    assert done.returncode == 3
    assert f"did you mean {ONE}?" in done.stderr


def test_find_lists_counts_and_says_when_there_is_nothing(root: Path) -> None:
    done = run(root, "find", "boulkessi", "--from", "2025-06", "--to", "2025")
    every = len((root / "data" / "incidents.csv").read_bytes().splitlines()) - 1
    assert done.stdout.splitlines()[-1] == f"2 of {every} incidents"
    rows = list(csv.DictReader(io.StringIO(run(root, "find", "--format", "csv").stdout)))
    told = json.loads(run(root, "find", "--format", "json").stdout)
    assert [row["incident_id"] for row in rows] == [one["incident_id"] for one in told]
    done = run(root, "find", "bulikessi")
    assert done.returncode == 0
    assert "nothing found" in done.stdout
    assert "did you mean boulikessi?" in done.stderr
    assert run(root, "find", "--from", "1/6/25").returncode == 2


def test_every_command_has_examples_and_completes_ids(root: Path) -> None:
    for name in ("confirm", "edit", "find", "merge", "retract", "show"):
        assert f"\n  Examples:\n    incidents {name}" in run(root, name, "--help").stdout
        if name != "find":
            done = run(
                root,
                _INCIDENTS_COMPLETE="bash_complete",
                COMP_WORDS=f"incidents {name} MLI-2025-06-01",
                COMP_CWORD="2",
            )
            assert ONE in done.stdout
