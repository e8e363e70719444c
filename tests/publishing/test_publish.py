"""Publishing: what is built, what is refused, and that nothing half-built is ever left."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sahel_incidents import formats
from sahel_incidents.checksums import SIGNATURE, SUMS, files_in
from sahel_incidents.descriptor import open_package
from sahel_incidents.formats import BrokenArtifactError, Written, flat, package_zip
from sahel_incidents.history.states import opened
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.problem import ToolError
from sahel_incidents.publishing import Published, UnsoundError, publish, sources, staging
from sahel_incidents.publishing.building import release_in
from sahel_incidents.records import Records
from sahel_incidents.release import MANIFEST
from sahel_incidents.tables import read_table

INCIDENT = "BEN-2025-03-10-niotaka"
FIGURE = f"{INCIDENT}-f01"


def refused(root: Path, version: str, *, output: Path | None = None, **options: Any) -> str:
    """Why a release is refused; that nothing was published is proven on the way."""
    place = output or root / "dist"
    before = released_files(place)
    with pytest.raises(ToolError) as caught:
        publish(root, version, place, **options)
    assert released_files(place) == before
    return f"{caught.value.message} -> {caught.value.remedy}"


def released_files(output: Path) -> list[str]:
    return [path for path in files_in(output) if path != ".publish.lock"] if output.is_dir() else []


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def manifest(folder: Path) -> dict[str, Any]:
    read = json.loads((folder / MANIFEST).read_bytes())
    assert isinstance(read, dict)
    return read


def merge_one(records: Records) -> None:
    """Merge the earliest source into the next, and tell it in `revisions`."""
    dated = [row for row in records.rows["sources"].values() if row["published_on"]]
    early = sorted(dated, key=lambda row: row["published_on"])[:2]
    old, new = ((row["source_id"],) for row in early)
    for table in records.rows.values():
        for key, row in list(table.items()):
            if row.get("source_id") == old[0] and key != old:
                del table[key]
                row["source_id"] = new[0]
                records.put(_name(records, table), row)
    del records.rows["sources"][old]
    act = {"table": "sources", "record_id": old[0], "action": "merged", "other_id": new[0]}
    revise(records, **act)


def _name(records: Records, table: object) -> str:
    return next(name for name, rows in records.rows.items() if rows is table)


def revise(records: Records, **cells: str) -> None:
    number = len(records.rows["revisions"]) + 1
    usual = {"revision_id": f"R-{number:04}", "revised_on": "2025-12-01", "reason": "Misread."}
    records.put("revisions", usual | cells)


def correct(records: Records) -> None:
    """Correct a figure from at least 1 to at least 2, with its revision."""
    records.rows["casualties"][FIGURE,].update(value="2", low="2")
    for field in ("value", "low"):
        revise(
            records,
            table="casualties",
            record_id=FIGURE,
            field=field,
            action="corrected",
            old_value="1",
            new_value="2",
        )


def add_source(records: Records) -> None:
    """Add a source and what refers to it."""
    figure = dict(records.rows["casualties"][FIGURE,])
    source = records.rows["sources"][figure["source_id"],]
    records.put("sources", source | {"source_id": "new-2025-01-01", "url": "https://new.example/1"})
    figure |= {
        "casualty_id": f"{INCIDENT}-f09",
        "source_id": "new-2025-01-01",
        "said_by": "a mayor",
        "speaker_kind": "official",
    }
    records.put("casualties", figure)


def test_a_release_is_a_data_package_with_all_that_is_declared(
    first_published: Published, first_state: Path
) -> None:
    folder = first_published.folder
    assert first_published.new
    assert folder.name == "synthetic-incidents-1.0.0"
    package = open_package(folder)
    for path in (DESCRIPTOR, "LICENSE", *package.listed):
        assert (folder / path).read_bytes() == (first_state / path).read_bytes(), path
    told = manifest(folder)
    listed = [item["path"] for item in told["artifacts"]]
    assert sorted([*listed, MANIFEST, SUMS]) == files_in(folder)
    for path in ("README.md", "codebook.md", "codebook.html", "changes.csv", "CHANGES.md"):
        assert path in listed
    assert told["name"] == "synthetic-incidents"
    assert told["version"] == "1.0.0"
    assert told["issued"] == "2026-11-23"  # the day in UTC
    assert told["draft"] is False
    assert told["previous"] is None
    for name, table in package.tables.items():
        assert told["rows"][name] == read_table(package, table).rows
    assert told["tools"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {item["path"] for item in told["artifacts"] if not item["title"]} == set()


def test_sha256sum_itself_agrees(first_published: Published) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", SUMS],
        cwd=first_published.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": OK\n") == len(files_in(first_published.folder)) - 1


def test_every_file_and_folder_may_be_read_by_all(first_published: Published) -> None:
    folder = first_published.folder
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o755 if path.is_dir() else 0o644), path


def test_the_zip_is_the_data_package(first_published: Published, tmp_path: Path) -> None:
    folder = first_published.folder
    archive = folder / f"{folder.name}.zip"
    with zipfile.ZipFile(archive) as entries:
        assert entries.testzip() is None
        package = open_package(folder)
        assert set(entries.namelist()) == {DESCRIPTOR, "LICENSE", *package.listed}
        assert {entry.date_time for entry in entries.infolist()} == {(2026, 11, 23, 0, 0, 0)}
    with opened(str(archive), tmp_path) as state:
        for path in state.package.listed:
            assert (state.package.root / path).read_bytes() == (folder / path).read_bytes()


@pytest.mark.parametrize("damage", ["cut", "other", "more"])
def test_a_zip_that_is_not_the_package_is_found(
    first_published: Published, release: Path, damage: str
) -> None:
    source = sources.Source("0" * 40, date(2026, 11, 23), "", "")
    made = release_in(open_package(release), source)
    archive = release / f"{release.name}.zip"
    if damage == "cut":
        archive.write_bytes(archive.read_bytes()[:-1000])
    elif damage == "other":
        (release / "LICENSE").write_text("another")
    else:
        with zipfile.ZipFile(archive, "a") as out:
            out.writestr("more.txt", "more")
    with pytest.raises(BrokenArtifactError, match=r"\.zip"):
        package_zip.check(made, release)


def test_of_a_first_release_every_record_was_added(first_published: Published) -> None:
    folder = first_published.folder
    changes = rows(folder / "changes.csv")
    package = open_package(folder)
    records = Records.read(package).rows
    assert [(row["table"], row["record_id"]) for row in changes] == [
        (table, "|".join(key)) for table in records for key in records[table]
    ]
    assert {row["action"] for row in changes} == {"ADD"}
    assert rows(folder / "retired.csv") == []
    assert "The first release." in (folder / "CHANGES.md").read_text(encoding="utf-8")


def test_a_following_release_tells_what_changed_and_why(
    released: Path, tmp_path: Path, second: Callable[..., None]
) -> None:
    def change(records: Records) -> None:
        correct(records)
        add_source(records)

    second(released, "1.1.0", change)
    done = publish(released, "1.1.0", tmp_path / "dist")
    assert done.since is not None
    changes = rows(done.folder / "changes.csv")
    figures = [row for row in changes if row["table"] == "casualties"]
    assert [
        (row["action"], row["field"], row["old_value"], row["new_value"]) for row in figures
    ] == [
        ("MODIFY", "value", "1", "2"),
        ("MODIFY", "low", "1", "2"),
        ("ADD", "", "", ""),
    ]
    assert [(row["reason"], row["revision_id"]) for row in figures[:2]] == [
        ("Misread.", "R-0001"),
        ("Misread.", "R-0002"),
    ]
    told = manifest(done.folder)
    assert told["previous"]["version"] == "1.0.0"
    assert told["deserved"] == "minor"
    words = (done.folder / "CHANGES.md").read_text(encoding="utf-8")
    assert "1.0.0" in words
    assert "changed from at least 1 to at least 2" in words


def test_what_was_merged_is_retired_with_its_replacement(
    released: Path, tmp_path: Path, second: Callable[..., None]
) -> None:
    second(released, "2.0.0", merge_one)
    folder = publish(released, "2.0.0", tmp_path / "dist").folder
    [ended] = [row for row in rows(folder / "changes.csv") if row["action"] == "MERGE"]
    [retired] = rows(folder / "retired.csv")
    assert retired["id"] == ended["record_id"]
    assert retired["replacement"] == ended["other_id"]
    assert retired["action"] == "merged"
    assert retired["reason"] == ended["reason"] == "Misread."
    kept = {row["source_id"] for row in rows(folder / "data" / "sources.csv")}
    assert retired["id"] not in kept
    assert retired["replacement"] in kept


def test_a_replacement_is_followed_to_the_end(
    released: Path, tmp_path: Path, second: Callable[..., None]
) -> None:
    def twice(records: Records) -> None:
        merge_one(records)
        merge_one(records)

    second(released, "2.0.0", twice)
    retired = rows(publish(released, "2.0.0", tmp_path / "dist").folder / "retired.csv")
    assert len(retired) == 2
    assert len({row["replacement"] for row in retired}) == 1


@pytest.mark.parametrize(
    ("change", "version", "deserved"),
    [
        (correct, "1.0.1", None),
        (add_source, "1.0.1", "a minor version, because sources new-2025-01-01 was added"),
        (add_source, "1.1.0", None),
        (merge_one, "1.1.0", "a major version, because sources "),
        (merge_one, "2.0.0", None),
        (None, "1.0.1", None),
        (correct, "1.7.0", None),
        (correct, "1.0.1-rc.1", None),
        (correct, "0.9.0", "first"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_the_version_must_be_what_the_changes_deserve(
    released: Path,
    second: Callable[..., None],
    change: Callable[[Records], None] | None,
    version: str,
    deserved: str | None,
) -> None:
    second(released, version, change)
    if deserved is None:
        assert publish(released, version, released / "dist").new
    elif deserved == "first":  # it follows none, since none is below it
        assert publish(released, version, released / "dist").since is None
    else:
        assert f"deserve {deserved}" in refused(released, version)


@pytest.mark.parametrize(
    ("at_the_end", "version", "deserved"),
    [(True, "1.0.1", "a minor version"), (False, "1.1.0", "a major version")],
)
def test_what_a_new_column_deserves(
    released: Path, second: Callable[..., None], at_the_end: bool, version: str, deserved: str
) -> None:
    """Whoever reads columns by their place is misled by a new one, unless it comes last."""
    path = released / "schemas/sources.json"
    schema = json.loads(path.read_bytes())
    place = len(schema["fields"]) - (not at_the_end)
    schema["fields"].insert(place, schema["fields"][-1] | {"name": "more"})
    path.write_text(json.dumps(schema, indent=2) + "\n")
    table = released / "data/sources.csv"
    lines = [line.split(",") for line in table.read_text().splitlines()]
    for number, cells in enumerate(lines):
        cells.insert(len(cells) - (not at_the_end), "" if number else "more")
    table.write_text("".join(f"{','.join(cells)}\n" for cells in lines))
    second(released, version)
    assert f"deserve {deserved}, because sources.more was added" in refused(released, version)


@pytest.mark.parametrize("version", ["v1.0.0", "1.0", "1.0.0.0", "01.0.0", "", "1.0.0+b", "٣.0.0"])
def test_what_is_no_version(repository: Path, version: str) -> None:
    assert "is not a version number" in refused(repository, version)


def test_the_version_is_the_descriptors(repository: Path) -> None:
    assert "says version 1.0.0, not 1.0.1" in refused(repository, "1.0.1")


def test_a_tag_of_the_version_elsewhere(
    released: Path, git: Callable[..., str], tmp_path: Path
) -> None:
    git(released, "commit", "--quiet", "--allow-empty", "--message", "later")
    assert "the tag v1.0.0 is at commit" in refused(released, "1.0.0", output=tmp_path / "dist")


def test_the_changelog_tells_of_a_release_whose_tag_is_not_here(
    released: Path, git: Callable[..., str], tmp_path: Path, second: Callable[..., None]
) -> None:
    (released / "CHANGELOG.md").write_text("# Changelog\n\n## [1.0.0] - 2026-11-23\n")
    git(released, "add", "CHANGELOG.md")
    second(released, "1.0.1", correct)
    clone = tmp_path / "clone"
    url = f"file://{released}"
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--no-tags", url, str(clone))
    output = tmp_path / "elsewhere"
    assert "git fetch --tags" in refused(clone, "1.0.1", output=output)
    release = released / "dist" / "synthetic-incidents-1.0.0"
    for since in (release, release / f"{release.name}.zip"):
        shutil.rmtree(output, ignore_errors=True)
        done = publish(clone, "1.0.1", output, since=str(since))
        assert done.since is not None
        assert [change.record for change in done.since.difference.changes] == [
            FIGURE,
            "R-0001",
            "R-0002",
        ]
    whole = publish(released, "1.0.1", tmp_path / "whole")
    assert staging.differing(done.folder, whole.folder) == []


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("data/sources.csv", "changed"),
        ("schemas/sources.json", "changed"),
        ("LICENSE", "changed"),
        (DESCRIPTOR, "changed"),
        ("data/extra.csv", "added"),
        ("data/sources.csv", "removed"),
        ("data/sources.csv", "staged"),
    ],
)
def test_what_is_not_committed_is_named(
    repository: Path, path: str, how: str, git: Callable[..., str]
) -> None:
    file = repository / path
    if how == "removed":
        file.unlink()
    else:
        file.write_bytes((file.read_bytes() if file.exists() else b"") + b" ")
    if how == "staged":
        git(repository, "add", path)
    assert refused(repository, "1.0.0").startswith(f"not committed: {path} -> commit or undo")


def test_what_is_not_released_may_change(repository: Path, tmp_path: Path) -> None:
    (repository / "notes.txt").write_text("anything")
    assert publish(repository, "1.0.0", tmp_path / "dist").new


def test_without_a_repository(repository: Path, tmp_path: Path) -> None:
    shutil.rmtree(repository / ".git")
    assert "a release is built from a commit" in refused(repository, "1.0.0")
    done = publish(repository, "1.0.0", tmp_path / "dist", draft=True)
    assert manifest(done.folder)["draft"] is True


def test_a_draft_says_so_and_gives_way(repository: Path) -> None:
    (repository / "LICENSE").write_text("another\n")
    draft = publish(repository, "1.0.0", repository / "dist", draft=True)
    told = manifest(draft.folder)
    assert (told["draft"], told["commit"]) == (True, "")
    assert "A draft" in (draft.folder / "README.md").read_text(encoding="utf-8")
    (repository / "LICENSE").write_text("yet another\n")
    again = publish(repository, "1.0.0", repository / "dist", draft=True)
    assert (again.folder / "LICENSE").read_text() == "yet another\n"
    (repository / "LICENSE").write_text("CC BY 4.0\n")
    assert publish(repository, "1.0.0", repository / "dist").new
    assert manifest(draft.folder)["draft"] is False
    assert "a release never changes" in refused(repository, "1.0.0", draft=True)


def test_a_release_never_changes(released: Path) -> None:
    again = publish(released, "1.0.0", released / "dist")
    assert not again.new
    (again.folder / "README.md").write_text("changed")
    assert "is there already, and differs in README.md" in refused(released, "1.0.0")
    assert (again.folder / "README.md").read_text() == "changed"


def test_unsound_data_is_not_published(
    repository: Path, edit: Callable[..., None], git: Callable[..., str]
) -> None:
    edit(repository, lambda records: records.rows["casualties"][FIGURE,].update(low="9"))
    git(repository, "commit", "--quiet", "--all", "--message", "wrong")
    with pytest.raises(UnsoundError) as caught:
        publish(repository, "1.0.0", repository / "dist")
    assert "bounds-follow-qualifier" in {problem.rule for problem in caught.value.report.problems}
    assert files_in(repository / "dist") == [".publish.lock"]


def test_a_warning_is_enough(
    repository: Path, edit: Callable[..., None], git: Callable[..., str]
) -> None:
    def unused(records: Records) -> None:
        source = dict(next(iter(records.rows["sources"].values())))
        records.put("sources", source | {"source_id": "u-2025-01-01", "url": "https://u.example/1"})

    edit(repository, unused)
    git(repository, "commit", "--quiet", "--all", "--message", "unused")
    with pytest.raises(UnsoundError) as caught:
        publish(repository, "1.0.0", repository / "dist")
    assert {problem.rule for problem in caught.value.report.problems} == {"unused-source"}


def test_the_toolkit_must_be_that_of_the_commit(repository: Path, git: Callable[..., str]) -> None:
    code = repository / "src/sahel_incidents/code.py"
    code.parent.mkdir(parents=True)
    code.write_text("ONE = 1\n")
    git(repository, "add", "src")
    git(repository, "commit", "--quiet", "--message", "another toolkit")
    assert "the toolkit that runs is not the one in the commit" in refused(repository, "1.0.0")


def test_the_toolkit_of_the_commit_is_recognised(
    repository: Path, git: Callable[..., str], tmp_path: Path
) -> None:
    own = Path(sources.__file__).parents[1]
    leave = shutil.ignore_patterns("__pycache__")
    shutil.copytree(own, repository / "src/sahel_incidents", ignore=leave)
    git(repository, "add", "--force", "src")
    git(repository, "commit", "--quiet", "--message", "the toolkit")
    source = sources.take_commit(repository, "HEAD", tmp_path / "copy")
    assert source.toolkit == sources.running_toolkit()


def test_a_file_that_nobody_declared_stops_the_build(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = flat.write

    def careless(release: Any, folder: Path) -> list[Written]:
        (folder / "flat").mkdir(exist_ok=True)
        (folder / "flat" / "left-over.tmp").write_text("")
        return write(release, folder)

    monkeypatch.setattr(flat, "write", careless)
    assert "flat/left-over.tmp: nobody declared" in refused(repository, "1.0.0")


def test_a_format_that_does_not_read_back_stops_the_build(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = flat.write

    def wrong(release: Any, folder: Path) -> list[Written]:
        written = write(release, folder)
        path = folder / written[0].path
        path.write_bytes(path.read_bytes().replace(b"true", b"false", 1))
        return written

    monkeypatch.setattr(flat, "write", wrong)
    assert "differs in row" in refused(repository, "1.0.0")


@pytest.mark.parametrize("name", [*formats.FORMATS[:2], "history", "metadata", "sums", "put"])
def test_a_build_that_is_killed_leaves_nothing(repository: Path, name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(repository), name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    output = repository / "dist"
    assert [path.name for path in output.iterdir() if not path.name.startswith(".")] == []
    assert publish(repository, "1.0.0", output).new
    assert sorted(path.name for path in output.iterdir()) == [
        ".publish.lock",
        "synthetic-incidents-1.0.0",
    ]


_KILLED = """
import os, signal, sys
from pathlib import Path
from sahel_incidents import formats
from sahel_incidents.publishing import building, history_files, manifest, publish, staging

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

root, name = Path(sys.argv[1]), sys.argv[2]
if name in formats.FORMATS:
    formats.get(name).write = kill
    formats.get(name).OPTION = ""
elif name == "history":
    history_files.write = kill
elif name == "metadata":
    building.documents = kill
elif name == "sums":
    building.rendered = kill
else:
    Path.rename = kill
publish(root, "1.0.0", root / "dist")
"""


def test_an_interrupted_build_leaves_nothing(repository: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sahel_incidents", "publish", "1.0.0"],
        cwd=repository,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        staged = repository / "dist" / ".release-1.0.0.staging" / "data"
        while not staged.exists():
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
    assert "interrupted" in said
    assert process.returncode == 130
    assert files_in(repository / "dist") == [".publish.lock"]


def test_two_builds_do_not_meet(repository: Path, tmp_path: Path) -> None:
    output = tmp_path / "dist"
    with staging.staging(output, "other") as folder:
        (folder / "here").write_text("")
        with pytest.raises(ToolError, match="another process builds"):
            publish(repository, "1.0.0", output)
        assert (folder / "here").exists()


def test_a_disk_that_is_full(repository: Path, tmp_path: Path) -> None:
    publishing = [sys.executable, "-m", "sahel_incidents", "publish", "1.0.0"]
    publishing += ["--output", str(tmp_path / "dist")]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", *publishing],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "error: " in done.stderr
    assert files_in(tmp_path / "dist") == [".publish.lock"]


def test_an_output_that_cannot_be_made(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot write in" in refused(repository, "1.0.0", output=tmp_path / "file" / "dist")


def test_hxl_is_an_option_and_the_manifest_tells(repository: Path, tmp_path: Path) -> None:
    plain = publish(repository, "1.0.0", tmp_path / "plain")
    tagged = publish(repository, "1.0.0", tmp_path / "tagged", options=("hxl",))
    more = set(files_in(tagged.folder)) - set(files_in(plain.folder))
    assert more
    assert all("hxl" in path for path in more)
    assert manifest(tagged.folder)["options"] == ["hxl"]


def test_the_command(
    repository: Path, run: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = run(repository, "publish", "1.0.0")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{repository / 'dist' / 'synthetic-incidents-1.0.0'}\n"
    assert "the first release" in done.stderr
    again = run(repository, "publish", "1.0.0")
    assert "it was there already, byte for byte" in again.stderr
    assert run(repository, "publish", "1.0").returncode == 3


def test_the_command_shows_what_is_not_sound(
    repository: Path,
    edit: Callable[..., None],
    git: Callable[..., str],
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    edit(repository, lambda records: records.rows["casualties"][FIGURE,].update(low="9"))
    git(repository, "commit", "--quiet", "--all", "--message", "wrong")
    done = run(repository, "publish", "1.0.0")
    assert done.returncode == 1
    assert "bounds-follow-qualifier" in done.stdout
    assert str(repository) in done.stdout
    assert "staging" not in done.stdout
    assert "nothing was published" in done.stderr


def test_a_signature_that_cannot_be_made(repository: Path, tmp_path: Path) -> None:
    assert "there is no key" in refused(repository, "1.0.0", key=tmp_path / "none")
    (tmp_path / "text").write_text("no key\n")
    assert "must be a key" in refused(repository, "1.0.0", key=tmp_path / "text")
    locked = tmp_path / "locked"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", locked], check=True)
    environment = {"SSH_ASKPASS": "false", "SSH_ASKPASS_REQUIRE": "force"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        assert "ssh-keygen cannot do it" in refused(repository, "1.0.0", key=locked)


def test_a_machine_without_ssh_keygen(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(shutil.which("git") or "git")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "there is no program ssh-keygen" in refused(repository, "1.0.0", key=tmp_path / "key")


def test_a_release_that_is_there_can_be_signed_later(released: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    done = publish(released, "1.0.0", released / "dist", key=key)
    assert not done.new
    assert done.signed
    assert (done.folder / SIGNATURE).read_text().startswith("-----BEGIN SSH SIGNATURE-----")
    assert os.listdir(tmp_path / "copies") == [done.folder.name]
