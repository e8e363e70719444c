"""Two people's work on the same tables, merged by git itself in real repositories."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_incidents.csvtext import canonical
from sahel_incidents.descriptor import open_package
from sahel_incidents.merge import merge
from sahel_incidents.merge.git_driver import driver_command
from sahel_incidents.package import Table
from sahel_incidents.problem import ToolError

ROOT = Path(__file__).resolve().parents[1]
FIGURE = "MLI-2025-06-01-boulikessi-f01"
Row = dict[str, str]


class Repository:
    """A git repository with a copy of the shipped package."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_NAME": "A Contributor" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "contributor@example.org" for who in ("AUTHOR", "COMMITTER")},
        }
        for name in ("datapackage.json", ".gitattributes"):
            shutil.copy(ROOT / name, folder)
        for name in ("data", "schemas"):
            shutil.copytree(ROOT / name, folder / name)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("start")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            arguments,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )

    def git(self, *arguments: str) -> str:
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def incidents(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "sahel_incidents", *arguments)

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def table(self, name: str) -> Path:
        return self.folder / "data" / f"{name}.csv"

    def rows(self, name: str) -> list[Row]:
        with self.table(name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    def change(self, name: str, edit: Callable[[list[Row]], object]) -> None:
        """Edit a table's rows in place and write it canonically."""
        declared = open_package(self.folder).tables[name]
        rows = self.rows(name)
        edit(rows)
        cells = ([row[column] for column in declared.columns] for row in rows)
        content = canonical(declared.columns, declared.primary_key, cells)
        self.table(name).write_bytes(content)

    def branches(
        self,
        name: str,
        ours: Callable[[list[Row]], object],
        theirs: Callable[[list[Row]], object],
    ) -> subprocess.CompletedProcess[str]:
        """Commit one edit on `main` and another on `other`, then merge `other` into `main`."""
        self.git("switch", "--quiet", "--create", "other")
        self.change(name, theirs)
        self.commit("theirs")
        self.git("switch", "--quiet", "main")
        self.change(name, ours)
        self.commit("ours")
        return self.run("git", "merge", "--no-edit", "other")


@pytest.fixture
def plain(tmp_path: Path) -> Repository:
    """A copy in which nobody ran setup-git."""
    return Repository(tmp_path)


@pytest.fixture
def repository(plain: Repository) -> Repository:
    done = plain.incidents("setup-git")
    assert done.returncode == 0, done.stderr
    return plain


def added(number: int, **cells: str) -> Callable[[list[Row]], object]:
    """Add a figure beside the first one."""

    def edit(rows: list[Row]) -> None:
        first = next(row for row in rows if row["casualty_id"] == FIGURE)
        rows.append({**first, "casualty_id": f"{FIGURE[:-2]}{number}", **cells})

    return edit


def edited(**cells: str) -> Callable[[list[Row]], object]:
    """Change cells of the first figure."""
    return lambda rows: next(r for r in rows if r["casualty_id"] == FIGURE).update(cells)


def removed(rows: list[Row]) -> None:
    """Take the first figure out."""
    rows[:] = [row for row in rows if row["casualty_id"] != FIGURE]


def figure(repository: Repository) -> Row:
    (row,) = (row for row in repository.rows("casualties") if row["casualty_id"] == FIGURE)
    return row


def our_side(repository: Repository, name: str) -> str:
    """A table with blocks in it, our line kept in each."""
    kept, side = [], ""
    for line in repository.table(name).read_text(encoding="utf-8").splitlines(keepends=True):
        if line[:7] in ("<<<<<<<", "=======", ">>>>>>>"):
            side = {"<": "ours", "=": "theirs", ">": ""}[line[0]]
        elif side != "theirs":
            kept.append(line)
    return "".join(kept)


def test_two_additions_at_the_same_spot_merge(repository: Repository) -> None:
    done = repository.branches("casualties", added(91, said_by="a"), added(92, said_by="b"))
    assert done.returncode == 0, done.stderr
    ids = [row["casualty_id"] for row in repository.rows("casualties")]
    assert ids == sorted(ids)
    assert {f"{FIGURE[:-2]}{number}" for number in (91, 92)} <= set(ids)
    assert repository.incidents("fmt", "--check").returncode == 0


def test_edits_of_different_cells_of_a_record_merge_and_are_named(repository: Repository) -> None:
    done = repository.branches("casualties", edited(said_by="ours, quoted"), edited(note="theirs"))
    assert done.returncode == 0, done.stderr
    assert figure(repository).items() >= {"said_by": "ours, quoted", "note": "theirs"}.items()
    assert f"{FIGURE} was changed on both sides: said_by by us, note by them" in done.stderr


def test_the_same_edit_on_both_sides_is_one_edit(repository: Repository) -> None:
    done = repository.branches("casualties", edited(note="same"), edited(note="same", hedge=""))
    assert done.returncode == 0, done.stderr
    assert figure(repository)["note"] == "same"


def test_an_edit_beside_a_removal_of_another_record_merges(repository: Repository) -> None:
    done = repository.branches("casualties", removed, added(91))
    assert done.returncode == 0, done.stderr
    assert FIGURE not in {row["casualty_id"] for row in repository.rows("casualties")}


def test_a_clash_leaves_whole_lines_and_names_record_column_and_values(
    repository: Repository,
) -> None:
    before = figure(repository)["note"]
    done = repository.branches(
        "casualties",
        edited(note="ours, it is", said_by="an officer"),
        edited(note="theirs", hedge="allegedly"),
    )
    assert done.returncode == 1
    assert (
        f"data/casualties.csv: {FIGURE}, note: 'ours, it is' by us, 'theirs' by them "
        f"(before: {before!r})"
    ) in done.stderr
    assert "said_by" not in done.stderr
    lines = repository.table("casualties").read_text(encoding="utf-8").split("\n")
    start = lines.index("<<<<<<< ours")
    mark_1, our_line, mark_2, their_line, mark_3 = lines[start : start + 5]
    assert (mark_1, mark_2, mark_3) == ("<<<<<<< ours", "=======", ">>>>>>> theirs")
    header = lines[0].split(",")
    for line, note in ((our_line, "ours, it is"), (their_line, "theirs")):
        row = dict(zip(header, next(csv.reader([line], strict=True)), strict=True))
        # Whoever keeps a line keeps what was merged of the other cells.
        expected = {"note": note, "said_by": "an officer", "hedge": "allegedly"}
        assert row.items() >= expected.items()
    outside = [*lines[:start], *lines[start + 5 :]]
    assert not [line for line in outside if FIGURE + "," in line or "<<<" in line or ">>>" in line]
    assert outside[1:-1] == sorted(outside[1:-1])
    checked = repository.incidents("validate")
    assert checked.returncode == 1
    assert f"data/casualties.csv:{start + 1}" in checked.stdout
    assert "file-conflict" in checked.stdout
    # Resolved as told: keep one line, remove the marks.
    resolved = [*lines[:start], their_line, *lines[start + 5 :]]
    repository.table("casualties").write_text("\n".join(resolved), encoding="utf-8")
    assert repository.incidents("fmt", "--check").returncode == 0
    repository.commit("merged")
    assert figure(repository)["note"] == "theirs"


@pytest.mark.parametrize("ours_removes", [True, False])
def test_a_removal_clashes_with_an_edit(repository: Repository, ours_removes: bool) -> None:
    edit = edited(note="still here")
    sides = (removed, edit) if ours_removes else (edit, removed)
    done = repository.branches("casualties", *sides)
    assert done.returncode == 1
    who = "removed by us and changed by them" if ours_removes else "removed by them and changed by"
    assert f"{FIGURE} was {who}" in done.stderr
    lines = repository.table("casualties").read_text(encoding="utf-8").split("\n")
    start = lines.index("<<<<<<< ours")
    assert lines[start + (1 if ours_removes else 2)] == "======="
    assert lines[start + 3] == ">>>>>>> theirs"
    assert sum(line.startswith(FIGURE) for line in lines) == 1


def test_one_id_given_to_two_new_records_is_a_clash(repository: Repository) -> None:
    done = repository.branches("casualties", added(91, value="5"), added(91, value="6"))
    assert done.returncode == 1
    assert "value: '5' by us, '6' by them" in done.stderr
    assert "if these are two records, give one a new id" in done.stderr


def test_a_value_cannot_write_to_the_terminal(repository: Repository) -> None:
    done = repository.branches("casualties", edited(note="\x1b[31mred"), edited(note="‮x"))
    assert done.returncode == 1
    assert "\x1b" not in done.stderr
    assert "‮" not in done.stderr


def test_a_key_of_several_columns_names_the_record(repository: Repository) -> None:
    first = repository.rows("participants")[0]
    ours, theirs = sorted({"claimed", "attributed", "suspected"} - {first["attribution"]})[:2]
    done = repository.branches(
        "participants",
        lambda rows: rows[0].update(attribution=ours),
        lambda rows: rows[0].update(attribution=theirs),
    )
    assert done.returncode == 1
    key = "|".join(first[column] for column in ("incident_id", "actor_id", "role", "source_id"))
    assert f"{key}, attribution: {ours!r} by us, {theirs!r} by them" in done.stderr


def test_a_column_added_by_one_side_meets_a_record_added_by_the_other(
    repository: Repository,
) -> None:
    path = repository.folder / "data" / "casualties.csv"
    repository.git("switch", "--quiet", "--create", "other")
    lines = path.read_text(encoding="utf-8").splitlines()
    widened = [f"{line},{'extra' if number == 0 else number}" for number, line in enumerate(lines)]
    path.write_text("\n".join(widened) + "\n", encoding="utf-8")
    repository.commit("a column")
    repository.git("switch", "--quiet", "main")
    repository.change("casualties", added(91))
    repository.commit("a record")
    repository.git("merge", "--no-edit", "other")
    rows = repository.rows("casualties")
    assert [row["extra"] for row in rows if row["casualty_id"].endswith("f91")] == [""]
    assert all(row["extra"] for row in rows if not row["casualty_id"].endswith("f91"))


def test_ancestors_that_had_to_be_merged_first_do_no_harm(repository: Repository) -> None:
    """A criss-cross history, whose two ancestors clash, so that git's own base holds blocks."""
    assert repository.branches("casualties", edited(note="a"), edited(note="b")).returncode == 1
    repository.git("merge", "--abort")
    repository.git("branch", "before")
    for branch, merged, note, number in (
        ("main", "other", "first", 91),
        ("other", "before", "second", 92),
    ):
        repository.git("switch", "--quiet", branch)
        assert repository.run("git", "merge", "--no-edit", merged).returncode == 1
        content = our_side(repository, "casualties")
        repository.table("casualties").write_text(content, encoding="utf-8")
        repository.change("casualties", edited(note=note))
        repository.commit("settled")
        repository.change("casualties", added(number))
        repository.commit("more")
    repository.git("switch", "--quiet", "main")
    done = repository.run("git", "merge", "--no-edit", "other")
    assert done.returncode == 1
    assert "note: 'first' by us, 'second' by them" in done.stderr
    content = repository.table("casualties").read_text(encoding="utf-8")
    assert content.count("<<<<<<<") == 1
    assert all(content.count(f"{FIGURE[:-2]}{number},") == 1 for number in (91, 92))


def test_a_rebase_and_a_cherry_pick_use_the_driver(repository: Repository) -> None:
    repository.branches("casualties", added(91), added(92))
    repository.git("switch", "--quiet", "--create", "third", "main~1")
    repository.change("casualties", added(93))
    repository.commit("third")
    repository.git("rebase", "main")
    ids = {row["casualty_id"] for row in repository.rows("casualties")}
    assert {f"{FIGURE[:-2]}{number}" for number in (91, 92, 93)} <= ids


def test_a_package_in_a_folder_of_the_repository_is_found(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    (tmp_path / "inner").mkdir()
    for name in ("datapackage.json", ".gitattributes", "data", "schemas"):
        repository.git("mv", name, f"inner/{name}")
    repository.commit("moved")
    repository.folder = tmp_path / "inner"
    assert repository.incidents("setup-git").returncode == 0
    done = repository.branches("casualties", added(91), added(92))
    assert done.returncode == 0, done.stderr


def test_without_the_driver_git_merges_text(plain: Repository) -> None:
    done = plain.branches("casualties", added(91), added(92))
    assert done.returncode == 1
    assert "<<<<<<< HEAD" in plain.table("casualties").read_text(encoding="utf-8")


def test_where_the_tool_has_gone_git_merges_text_and_stops(repository: Repository) -> None:
    gone = driver_command().replace(sys.executable, "/nowhere/python")
    repository.git("config", "merge.incidents.driver", gone)
    done = repository.branches("casualties", edited(note="a"), added(91))
    assert done.returncode == 1
    assert "data/casualties.csv: merged as text" in done.stderr
    # Both sides' work is there; it only waits for a person.
    assert figure(repository)["note"] == "a"
    assert "f91" in repository.table("casualties").read_text(encoding="utf-8")


def test_a_table_that_cannot_be_read_is_merged_as_text_and_stops(repository: Repository) -> None:
    def broken(rows: list[Row]) -> None:
        rows.append({**rows[0], "note": "twice"})

    done = repository.branches("casualties", edited(note="a"), broken)
    assert done.returncode == 1
    assert "their version cannot be read: two records have the key" in done.stderr
    assert "merged as text" in done.stderr
    content = repository.table("casualties").read_text(encoding="utf-8")
    assert "twice" in content


def test_setup_is_undone(repository: Repository) -> None:
    assert "merge.incidents.driver" in repository.git("config", "--list")
    assert "removed" in repository.incidents("setup-git", "--undo").stdout
    assert "merge.incidents" not in repository.git("config", "--list")
    assert "no merge driver" in repository.incidents("setup-git", "--undo").stdout


def test_setup_needs_a_repository_and_attributes(repository: Repository, tmp_path: Path) -> None:
    (repository.folder / ".gitattributes").write_text("*.csv text\n")
    done = repository.incidents("setup-git")
    assert done.returncode == 3
    assert "add the line: data/*.csv merge=incidents" in done.stderr
    shutil.rmtree(tmp_path / ".git")
    for arguments in ((), ("--undo",)):
        done = repository.incidents("setup-git", *arguments)
        assert done.returncode == 3
        assert "not a git repository" in done.stderr


def test_the_driver_is_fast_to_start(repository: Repository) -> None:
    """Git calls it for every table: pandas and its kin must stay out."""
    code = (
        "import sys; from click.testing import CliRunner; from sahel_incidents.cli import main; "
        "r = CliRunner().invoke(main, ['merge-driver', *['copy.csv'] * 3, 'data/casualties.csv']); "
        "assert r.exit_code == 0, r.output; print(*sys.modules)"
    )
    shutil.copy(repository.table("casualties"), repository.folder / "copy.csv")
    loaded = repository.run(sys.executable, "-c", code).stdout.split()
    assert "sahel_incidents.merge" in loaded
    assert not {"pandas", "pandera", "shapely"} & set(loaded)


CELL = st.sampled_from(["", "1", "2", "a, b", 'say "x"'])
VERSION = st.dictionaries(st.sampled_from("pqrs"), st.tuples(CELL, CELL), max_size=4)
NOTES = Table("notes", "Notes", "data/notes.csv", (), ("id",), (), (), ("",))


def bytes_of(version: dict[str, tuple[str, str]]) -> bytes:
    rows = [[key, *cells] for key, cells in version.items()]
    return canonical(("id", "left", "right"), ("id",), rows)


@given(VERSION, VERSION, VERSION)
def test_merging_is_fair_and_loses_nothing(
    base: dict[str, tuple[str, str]],
    ours: dict[str, tuple[str, str]],
    theirs: dict[str, tuple[str, str]],
) -> None:
    def outcome(a: dict[str, tuple[str, str]], b: dict[str, tuple[str, str]]) -> bytes:
        return merge(NOTES, bytes_of(base), bytes_of(a), bytes_of(b)).content

    assert outcome(ours, base) == outcome(base, ours) == bytes_of(ours)
    assert outcome(ours, ours) == bytes_of(ours)
    result = merge(NOTES, bytes_of(base), bytes_of(ours), bytes_of(theirs))
    mirrored = merge(NOTES, bytes_of(base), bytes_of(theirs), bytes_of(ours))
    assert [clash.key for clash in result.clashes] == [clash.key for clash in mirrored.clashes]
    text = result.content.decode()
    assert text.count("<<<<<<<") == len(result.clashes)
    if not result.clashes:
        assert result.content == mirrored.content
        rows = {row[0]: (row[1], row[2]) for row in list(csv.reader(text.split("\n")[:-1]))[1:]}
        for key in base.keys() | ours.keys() | theirs.keys():
            was, here, there = base.get(key), ours.get(key), theirs.get(key)
            assert rows.get(key) == (there if here == was else here if there == was else None) or (
                here and there and rows[key] in {(here[0], there[1]), (there[0], here[1]), here}
            )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"left,right\n1,2\n", "does not name"),
        (b"id,left,right\np,1\n", "cannot be read"),
        (b'id,left,right\np,"1\n2",3\n', "line break"),
        (b"id,left,right\np,\xff,3\n", "cannot be read"),
        (b"id,left\np,1\n", "removed or renamed a column"),
    ],
)
def test_what_cannot_be_merged_by_record_is_refused(content: bytes, reason: str) -> None:
    good = bytes_of({"p": ("1", "2")})
    with pytest.raises(ToolError, match=reason):
        merge(NOTES, good, good, content)
