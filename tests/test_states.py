"""States of the package: folders, commits of real repositories, zip archives; hostile ones too."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from sahel_incidents.descriptor import open_package
from sahel_incidents.history.states import opened
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.problem import DescriptorError, ToolError

ROOT = Path(__file__).parents[1]
RULE = "src/sahel_incidents/rules/bounds_in_order.py"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "core.hooksPath=none")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def copy_package(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / DESCRIPTOR, folder)
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def commit(folder: Path, message: str = "change") -> str:
    git(folder, "add", "--all", ".")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the shipped package in its first commit, tagged v0.1.0."""
    folder = copy_package(tmp_path / "repository")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    (folder / RULE).parent.mkdir(parents=True)
    (folder / RULE).write_text("HOLDS = 1\n")
    commit(folder, "first")
    git(folder, "tag", "v0.1.0")
    return folder


def zipped(package: Path, archive: Path, top: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(package.rglob("*")):
            if file.is_file() and ".git" not in file.parts:
                out.write(file, f"{top}{file.relative_to(package).as_posix()}")
    return archive


def reason(name: str | Path, near: Path) -> str:
    """The message and the remedy of the failure to open a state."""
    with pytest.raises(ToolError) as caught, opened(str(name), near):
        pass
    return f"{caught.value.message} -> {caught.value.remedy}"


def test_a_commit_is_read_as_it_was_and_leaves_no_trace(repository: Path, tmp_path: Path) -> None:
    (repository / "data" / "places.csv").write_text("changed\n")
    before = git(repository, "status", "--porcelain")
    with opened("v0.1.0", repository) as state:
        folder = state.package.root
        assert tmp_path not in folder.parents
        for path in sorted(state.package.listed):
            assert (folder / path).read_bytes() == (ROOT / path).read_bytes()
        assert state.rules == {RULE: b"HOLDS = 1\n"}
        found = {file.relative_to(folder).as_posix() for file in folder.rglob("*.*")}
        assert found == {DESCRIPTOR, *state.package.listed}
    assert not folder.exists()
    assert git(repository, "status", "--porcelain") == before


@pytest.mark.parametrize("name", ["main", "HEAD", "refs/heads/main", "v0.1.0"])
def test_a_branch_a_tag_and_a_commit_are_states(repository: Path, name: str) -> None:
    with opened(name, repository) as state:
        assert state.name == name
        assert state.package.version == open_package(ROOT).version


def test_a_package_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    top = tmp_path / "whole"
    package = copy_package(top / "a b" / "package")
    git(top, "init", "--quiet", "--initial-branch", "main")
    commit(top)
    with opened("main", package) as state:
        assert state.package.listed
    git(top, "mv", "a b", "moved")
    commit(top)
    with opened("HEAD", top / "moved" / "package") as state:
        assert state.package.listed
    assert "has no folder moved/package" in reason("HEAD~1", top / "moved" / "package")


def test_git_run_from_a_hook_still_looks_where_it_is_told(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    with opened("main", repository) as state:
        assert state.package.name == "sahel-incidents"


def test_a_folder_is_read_where_it_is(repository: Path) -> None:
    with opened(str(repository), repository) as state:
        assert state.package.root == repository
        assert list(state.rules) == [RULE]


@pytest.mark.parametrize("top", ["", "sahel-incidents-0.1.0/"])
def test_a_release_is_read_from_its_archive(tmp_path: Path, top: str) -> None:
    archive = zipped(copy_package(tmp_path / "package"), tmp_path / "release.zip", top)
    with opened(str(archive), tmp_path) as state:
        folder = state.package.root
        assert (folder / "data/places.csv").read_bytes() == (ROOT / "data/places.csv").read_bytes()
        assert state.rules == {}
    assert not folder.exists()


@pytest.mark.parametrize("name", ["nope", "main..main", "^main", "HEAD:data", "no\0pe", "v9.9.9"])
def test_an_unknown_state(repository: Path, name: str) -> None:
    assert "there is no state" in reason(name, repository)


@pytest.mark.parametrize("name", ["", "-main", "--output=/tmp/x", "--upload-pack=touch x"])
def test_a_name_that_git_could_take_for_an_option(repository: Path, name: str) -> None:
    assert "is not the name of a state" in reason(name, repository)


def test_a_branch_that_is_only_at_the_origin(repository: Path, tmp_path: Path) -> None:
    git(repository, "branch", "proposal")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    assert "did you mean origin/proposal?" in reason("proposal", clone)
    with opened("origin/proposal", clone) as state:
        assert state.package.tables


def test_a_shallow_clone_knows_what_it_has_and_says_what_to_do_for_the_rest(
    repository: Path, tmp_path: Path
) -> None:
    first = git(repository, "rev-parse", "HEAD")
    (repository / "note.txt").write_text("x")
    commit(repository)
    clone = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), str(clone))
    with opened("HEAD", clone) as state:
        assert state.package.tables
    for name in (first, "HEAD~1", "v0.1.0"):
        assert "fetch-depth: 0" in reason(name, clone)


def test_outside_a_repository(tmp_path: Path) -> None:
    package = copy_package(tmp_path / "package")
    assert "not a git repository" in reason("main", package)


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "git is not installed" in reason("main", repository)


@pytest.mark.parametrize("path", [DESCRIPTOR, "data/places.csv", "schemas/places.json", "data"])
def test_a_link_in_a_commit_is_refused(repository: Path, tmp_path: Path, path: str) -> None:
    secret = tmp_path / "secret"
    shutil.move(repository / path, secret)
    (repository / path).symlink_to(secret)
    commit(repository)
    assert f"{path} is a symbolic link" in reason("HEAD", repository)


def test_a_link_elsewhere_in_a_commit_does_not_matter(repository: Path) -> None:
    (repository / "notes").symlink_to("/etc/passwd")
    commit(repository)
    with opened("HEAD", repository) as state:
        assert not (state.package.root / "notes").exists()


def test_a_descriptor_cannot_lead_out_of_the_folder(repository: Path, tmp_path: Path) -> None:
    file = repository / DESCRIPTOR
    file.write_text(file.read_text().replace('"data/places.csv"', '"../../outside.csv"'))
    commit(repository)
    (tmp_path / "outside.csv").write_text("x")
    with pytest.raises(DescriptorError, match=r"^HEAD: "), opened("HEAD", repository):
        pass


@pytest.mark.parametrize("content", ["", "[]", "{", '{"resources": [1]}', "[" * 100_000])
def test_a_broken_descriptor_is_named_with_its_state(repository: Path, content: str) -> None:
    (repository / DESCRIPTOR).write_text(content)
    commit(repository)
    assert reason("HEAD", repository).startswith(f"HEAD: {DESCRIPTOR}")


def test_a_commit_without_the_package(repository: Path) -> None:
    (repository / DESCRIPTOR).unlink()
    commit(repository)
    assert f"holds no {DESCRIPTOR}" in reason("HEAD", repository)


def member(archive: Path, name: str, content: str, mode: int = stat.S_IFREG | 0o644) -> None:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    with zipfile.ZipFile(archive, "a") as out:
        out.writestr(info, content)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return zipped(copy_package(tmp_path / "package"), tmp_path / "release.zip")


@pytest.mark.parametrize(
    ("name", "mode", "said"),
    [
        ("data/extra.csv", stat.S_IFLNK | 0o777, "data/extra.csv is a symbolic link"),
        ("data/../../escaped.csv", stat.S_IFREG, "'.' or '..' part"),
        ("data//escaped.csv", stat.S_IFREG, "'.' or '..' part"),
        ("data/a\\b.csv", stat.S_IFREG, "not a plain relative path"),
    ],
)
def test_a_hostile_archive_is_refused(
    archive: Path, tmp_path: Path, name: str, mode: int, said: str
) -> None:
    member(archive, name, "/etc/passwd", mode)
    assert said in reason(archive, tmp_path)
    assert not list(tmp_path.rglob("escaped.csv"))


def test_what_an_archive_holds_beside_the_package_is_left_in_it(
    archive: Path, tmp_path: Path
) -> None:
    for name in ("../up.txt", "/absolute.txt", "tools/run.sh"):
        member(archive, name, "x")
    with opened(str(archive), tmp_path) as state:
        assert not list(state.package.root.rglob("*.txt"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_two_files_of_one_name(archive: Path, tmp_path: Path) -> None:
    member(archive, "data/places.csv", "x")
    assert "holds data/places.csv twice" in reason(archive, tmp_path)


def test_an_archive_with_two_packages(archive: Path, tmp_path: Path) -> None:
    two = tmp_path / "two.zip"
    for top in ("a/", "b/"):
        member(two, f"{top}{DESCRIPTOR}", "{}")
    assert "several packages" in reason(two, tmp_path)


@pytest.mark.parametrize("damage", ["cut", "not a zip"])
def test_an_archive_that_is_damaged(archive: Path, tmp_path: Path, damage: str) -> None:
    whole = archive.read_bytes()
    archive.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"PK nonsense")
    assert "cannot be read as a zip archive" in reason(archive, tmp_path)


def test_too_much_is_not_unpacked(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sahel_incidents.history.unpacking.MAX_BYTES", 100_000)
    assert "holds more than 100,000 bytes" in reason(archive, tmp_path)
    monkeypatch.setattr("sahel_incidents.history.unpacking.MAX_FILE_BYTES", 1000)
    assert "at most 1,000" in reason(archive, tmp_path)


def test_no_temporary_folder_remains_after_a_failure(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    (repository / "data" / "link.csv").symlink_to("/etc/passwd")
    commit(repository)
    reason("HEAD", repository)
    reason("nope", repository)
    assert os.listdir(folder) == []


def test_a_version_names_its_tag(repository: Path) -> None:
    with opened("0.1.0", repository) as state:
        assert state.name == "0.1.0"
        assert state.package.version == open_package(ROOT).version


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_a_version_names_what_was_built_of_it(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = copy_package(tmp_path / "package")
    built = root / "dist" / "sahel-incidents-1.0.0"
    if kind == "folder":
        copy_package(built)
    else:
        built.parent.mkdir()
        elsewhere = copy_package(tmp_path / "elsewhere")
        zipped(elsewhere, built.with_name(f"{built.name}.zip"), f"{built.name}/")
    monkeypatch.chdir(tmp_path)
    with opened("1.0.0", root) as state:
        assert (state.package.root == built) == (kind == "folder")
        assert state.package.listed
    assert "there is no state '1.0.1'" in reason("1.0.1", copy_repository(root))


def test_a_tag_says_more_surely_than_a_folder_what_was_released(repository: Path) -> None:
    draft = copy_package(repository / "dist" / "sahel-incidents-0.1.0")
    (draft / "data" / "places.csv").write_text("changed\n")
    with opened("0.1.0", repository) as state:
        table = (state.package.root / "data/places.csv").read_bytes()
    assert table == (ROOT / "data/places.csv").read_bytes()


def test_a_folder_or_a_branch_of_that_name_comes_first(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "branch", "0.1.0")
    (repository / "data" / "notes.csv").write_text("later\n")
    git(repository, "switch", "--quiet", "0.1.0")
    later = commit(repository)
    with opened("0.1.0", repository) as state:
        assert (state.package.root / "data/notes.csv").exists(), later
    monkeypatch.chdir(copy_package(tmp_path / "here" / "0.1.0").parent)
    with opened("0.1.0", repository) as state:
        assert state.package.root == Path("0.1.0")


def copy_repository(folder: Path) -> Path:
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder)
    return folder
