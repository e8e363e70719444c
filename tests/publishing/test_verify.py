"""Verifying: what is whole passes, and each way of tampering is named."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sahel_incidents.checksums import SIGNATURE, SUMS, digests, files_in, rendered
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.problem import ToolError
from sahel_incidents.publishing import Published, publish, signing
from sahel_incidents.release import MANIFEST
from sahel_incidents.verifying import Finding, Kind, Verification, showing, verify

TABLE = "data/incidents.csv"
README = "README.md"


def found(release: Path, **options: Path | str | None) -> set[tuple[Kind, str]]:
    """What is wrong, by kind and path."""
    return {(one.kind, one.path) for one in verify(release, **options).findings}  # type: ignore[arg-type]


def message(release: Path, kind: Kind) -> str:
    return next(one.message for one in verify(release).findings if one.kind is kind)


def zipped(folder: Path, archive: Path, top: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in files_in(folder):
            out.write(folder / path, f"{top}{path}")
    return archive


def with_sums(folder: Path) -> None:
    """Make the sums fit whatever was done to the files."""
    (folder / SUMS).write_text(rendered(digests(folder)))


def with_manifest(folder: Path, **changes: object) -> None:
    """Make the manifest and the sums fit whatever was done to the files."""
    told = json.loads((folder / MANIFEST).read_bytes())
    now = digests(folder)
    told["artifacts"] = [
        item | {"sha256": now[item["path"]], "size": (folder / item["path"]).stat().st_size}
        for item in told["artifacts"]
        if item["path"] in now
    ]
    (folder / MANIFEST).write_text(json.dumps(told | changes, indent=2, ensure_ascii=False) + "\n")
    with_sums(folder)


def replace(file: Path, old: bytes, new: bytes) -> None:
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))


def make_key(folder: Path, name: str) -> Path:
    key = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    return key


def allowed(
    file: Path, key: Path, identity: str = "maintainer@example.org", more: str = ""
) -> Path:
    file.write_text(f"{identity} {more}{key.with_name(f'{key.name}.pub').read_text()}")
    return file


def test_a_release_is_verified(first_published: Published) -> None:
    outcome = verify(first_published.folder)
    assert outcome.findings == []
    assert outcome.notes == ["not signed"]
    assert (outcome.name, outcome.version) == ("synthetic-incidents", "1.0.0")
    assert outcome.files == len(files_in(first_published.folder)) - 1


@pytest.mark.parametrize("top", ["", "synthetic-incidents-1.0.0/"])
def test_a_zip_of_a_release_is_verified(release: Path, tmp_path: Path, top: str) -> None:
    assert found(zipped(release, tmp_path / "release.zip", top)) == set()


@pytest.mark.parametrize("path", [TABLE, "LICENSE", "codebook.html", DESCRIPTOR])
def test_a_changed_byte(release: Path, path: str) -> None:
    content = bytearray((release / path).read_bytes())
    content[len(content) // 2] ^= 1
    (release / path).write_bytes(content)
    assert (Kind.CHANGED, path) in found(release)


def test_any_changed_byte_of_any_file(release: Path) -> None:
    for path in files_in(release):
        content = (release / path).read_bytes()
        (release / path).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        assert not verify(release).sound, path
        (release / path).write_bytes(content)


def test_an_added_file(release: Path) -> None:
    (release / "data" / "more.csv").write_text("a\n")
    assert (Kind.ADDED, "data/more.csv") in found(release)


def test_a_file_added_with_the_bytes_of_another(release: Path) -> None:
    shutil.copy(release / TABLE, release / "copy.csv")
    assert (Kind.ADDED, "copy.csv") in found(release)


def test_a_removed_file(release: Path) -> None:
    (release / TABLE).unlink()
    assert (Kind.MISSING, TABLE) in found(release)


def test_a_renamed_file(release: Path) -> None:
    (release / TABLE).rename(release / "data" / "events.csv")
    names = found(release)
    assert (Kind.RENAMED, TABLE) in names
    assert (Kind.ADDED, "data/events.csv") not in names
    assert message(release, Kind.RENAMED) == "was renamed to data/events.csv"


def test_two_files_that_changed_places(release: Path) -> None:
    one, other = release / TABLE, release / "data/places.csv"
    one.rename(release / "aside")
    other.rename(one)
    (release / "aside").rename(other)
    assert {(Kind.CHANGED, TABLE), (Kind.CHANGED, "data/places.csv")} <= found(release)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../elsewhere", "nowhere"])
def test_a_link_in_place_of_a_file(release: Path, target: str) -> None:
    (release / TABLE).unlink()
    (release / TABLE).symlink_to(target)
    assert (Kind.UNSAFE, TABLE) in found(release)


def test_a_linked_folder_and_a_pipe(release: Path, tmp_path: Path) -> None:
    shutil.move(release / "data", tmp_path / "data")
    (release / "data").symlink_to(tmp_path / "data")
    os.mkfifo(release / "pipe")
    assert {(Kind.UNSAFE, "data"), (Kind.UNSAFE, "pipe"), (Kind.MISSING, TABLE)} <= found(release)


def test_a_name_that_is_no_text(release: Path) -> None:
    (release / os.fsdecode(b"caf\xe9")).write_text("")
    assert (Kind.UNSAFE, r"caf\xe9") in found(release)


@pytest.mark.parametrize(
    "text", ["", "no sums\n", f"{'0' * 64}  a\n{'0' * 64}  a\n", "\xff", f"{'0' * 64}  ../../a\n"]
)
def test_sums_that_are_none(release: Path, text: str) -> None:
    (release / SUMS).write_bytes(text.encode("latin-1"))
    assert not verify(release).sound


def test_missing_sums_and_a_missing_manifest(release: Path, tmp_path: Path) -> None:
    (release / SUMS).unlink()
    assert (Kind.SUMS, SUMS) in found(release)
    (release / MANIFEST).unlink()
    outcome = verify(release)
    assert {Kind.SUMS, Kind.MANIFEST} == {one.kind for one in outcome.findings}
    assert any("the data package alone" in note for note in outcome.notes)


def test_sums_that_leave_the_manifest_out(release: Path) -> None:
    lines = (release / SUMS).read_text().splitlines(keepends=True)
    (release / SUMS).write_text("".join(line for line in lines if MANIFEST not in line))
    assert {(Kind.SUMS, SUMS), (Kind.ADDED, MANIFEST)} <= found(release)


def test_sums_made_to_fit_are_held_against_the_manifest(release: Path) -> None:
    (release / README).write_text("another")
    (release / "more.txt").write_text("more")
    (release / "LICENSE").unlink()
    with_sums(release)
    assert found(release) == {
        (Kind.MANIFEST, README),
        (Kind.MANIFEST, "more.txt"),
        (Kind.MANIFEST, "LICENSE"),
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"format": "sahel-incidents-release"}',
        b"\xff",
        b"[" * 100_000,
        b'{"format": 1}',
        b"null",
    ],
    ids=range(8),
)
def test_a_manifest_that_is_none(release: Path, content: bytes) -> None:
    (release / MANIFEST).write_bytes(content)
    with_sums(release)
    assert found(release) == {(Kind.MANIFEST, MANIFEST)}


@pytest.mark.parametrize(
    "changes",
    [
        {"artifacts": [1]},
        {"artifacts": [{"path": "a"}]},
        {"issued": "yesterday"},
        {"issued": 1},
        {"toolkit": []},
        {"previous": 1},
        {"format_version": 2},
        {"format_version": "1"},
        {"draft": True},
        {"commit": ""},
        {"rows": {}},
        {"version": "9.9.9"},
        {"name": "other"},
        {"options": ["none"]},
        {"options": [[]]},
    ],
    ids=str,
)
def test_a_manifest_that_tells_something_else(release: Path, changes: dict[str, object]) -> None:
    told = json.loads((release / MANIFEST).read_bytes())
    (release / MANIFEST).write_text(json.dumps(told | changes))
    with_sums(release)
    assert not verify(release).sound


def test_data_made_to_fit_is_judged(release: Path) -> None:
    replace(release / "data/casualties.csv", b",at_least,1,1,", b",at_least,1,2,")
    with_manifest(release)
    kinds = {one.kind for one in verify(release).findings}
    assert kinds == {Kind.DATA}
    assert "data/casualties.csv:" in next(iter(found(release)))[1]


def test_sound_data_made_to_fit_no_longer_agrees_with_the_formats(release: Path) -> None:
    replace(release / "data/casualties.csv", b",exact,1,1,1,", b",exact,7,7,7,")
    with_manifest(release)
    outcome = verify(release)
    assert {one.kind for one in outcome.findings} >= {Kind.FORMAT}
    told = " ".join(one.message for one in outcome.findings)
    for path in ("parquet/casualties.parquet", ".sqlite", ".xlsx", ".zip", "flat/"):
        assert path in told


@pytest.mark.parametrize(
    "path", ["CITATION.cff", "codebook.md", "codebook.html", README, "datacite.json"]
)
def test_a_document_made_to_fit(release: Path, path: str) -> None:
    (release / path).write_bytes((release / path).read_bytes() + b"\n")
    with_manifest(release)
    assert (Kind.DOCUMENT, path) in found(release)


def test_a_package_that_cannot_be_opened(release: Path) -> None:
    replace(release / DESCRIPTOR, b"data/places.csv", b"/etc/passwd")
    with_manifest(release)
    assert (Kind.DATA, "") in found(release)


def test_a_check_that_came_after_the_release_is_only_noted(release: Path) -> None:
    told = json.loads((release / MANIFEST).read_bytes())
    checks = [check for check in told["toolkit"]["checks"] if check != "bounds-follow-qualifier"]
    replace(release / "data/casualties.csv", b",at_least,1,1,", b",at_least,1,2,")
    with_manifest(release, toolkit=told["toolkit"] | {"checks": checks, "sha256": "0" * 64})
    outcome = verify(release)
    assert outcome.findings == []
    assert "1 problems by checks that came after the release" in outcome.notes
    assert any("another version of the toolkit" in note for note in outcome.notes)


def test_a_draft_is_called_one(repository: Path, tmp_path: Path) -> None:
    folder = publish(repository, "1.0.0", tmp_path / "dist", draft=True).folder
    outcome = verify(folder)
    assert outcome.sound
    assert any(note.startswith("a draft") for note in outcome.notes)
    assert found(folder, rebuild_in=repository) == {(Kind.REBUILD, "")}


def hostile(archive: Path, release: Path, name: str, content: bytes = b"x", mode: int = 0) -> Path:
    """A zip of a release with one more entry."""
    zipped(release, archive)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as out:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = mode << 16
        out.writestr(info, content)
    return archive


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "data/../../escaped",
        "/tmp/escaped",
        "C:\\escaped",
        "..\\escaped",
        "data//escaped",
        "~/escaped",
        "./escaped",
        "..",
    ],
)
def test_an_entry_that_leads_out_of_the_folder(release: Path, tmp_path: Path, name: str) -> None:
    archive = hostile(tmp_path / "release.zip", release, name)
    outcome = verify(archive)
    assert {one.kind for one in outcome.findings} == {Kind.UNSAFE}
    assert "not unpacked" in outcome.notes[0]
    assert list(tmp_path.rglob("escaped")) == []


def test_a_link_in_an_archive(release: Path, tmp_path: Path) -> None:
    archive = hostile(tmp_path / "release.zip", release, "link", b"/etc/passwd", 0o120777)
    assert found(archive) == {(Kind.UNSAFE, "link")}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [TABLE, TABLE.upper(), "data/Incidents.csv"])
def test_an_entry_that_is_there_twice(release: Path, tmp_path: Path, name: str) -> None:
    outcome = verify(hostile(tmp_path / "release.zip", release, name))
    assert {one.kind for one in outcome.findings} == {Kind.UNSAFE}
    assert name in {one.path for one in outcome.findings}


def test_a_bomb(release: Path, tmp_path: Path) -> None:
    """An entry that states an enormous size, and one that unpacks to more than it states."""
    archive = hostile(tmp_path / "release.zip", release, "bomb", b"0" * 50_000_000)
    content = archive.read_bytes()
    size = (50_000_000).to_bytes(4, "little")
    assert content.count(size) == 2
    archive.write_bytes(content.replace(size, (0xFFFFFFF0).to_bytes(4, "little")))
    assert (Kind.UNSAFE, "bomb") in found(archive)
    archive.write_bytes(content.replace(size, (1000).to_bytes(4, "little")))
    assert (Kind.CHANGED, "bomb") in found(archive)


def test_an_archive_with_too_many_entries(release: Path, tmp_path: Path) -> None:
    archive = tmp_path / "release.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for number in range(10_001):
            out.writestr(f"{number}", b"")
    assert found(archive) == {(Kind.UNSAFE, "")}


def test_a_damaged_archive(release: Path, tmp_path: Path) -> None:
    archive = zipped(release, tmp_path / "release.zip")
    with zipfile.ZipFile(archive) as entries:
        entry = entries.getinfo(TABLE)
    content = bytearray(archive.read_bytes())
    middle = entry.header_offset + 30 + len(TABLE) + entry.compress_size // 2
    content[middle] ^= 0xFF
    archive.write_bytes(content)
    assert (Kind.CHANGED, TABLE) in found(archive)
    archive.write_bytes(content[:-1000])
    with pytest.raises(ToolError, match="cannot be read as a zip archive"):
        verify(archive)


def test_what_is_no_release(tmp_path: Path, release: Path) -> None:
    with pytest.raises(ToolError, match="there is no release"):
        verify(tmp_path / "none")
    (tmp_path / "text").write_text("text")
    with pytest.raises(ToolError, match="cannot be read as a zip archive"):
        verify(tmp_path / "text")
    package = verify(release / f"{release.name}.zip")
    assert not package.sound
    assert any("the data package alone" in note for note in package.notes)


def test_a_signature(repository: Path, tmp_path: Path) -> None:
    key, other = make_key(tmp_path, "key"), make_key(tmp_path, "other")
    folder = publish(repository, "1.0.0", tmp_path / "dist", key=key).folder
    mine, others = allowed(tmp_path / "mine", key), allowed(tmp_path / "others", other)
    assert verify(folder, allowed=mine).notes == ["signed by maintainer@example.org"]
    [unchecked] = verify(folder).notes
    assert re.match(r"signed with ED25519 key SHA256:\S+; whose that is was not checked", unchecked)
    assert found(folder, allowed=others) == {(Kind.SIGNATURE, SIGNATURE)}

    (folder / SIGNATURE).rename(tmp_path / "aside")
    signing.sign(folder, other)
    assert verify(folder).sound  # it fits, and proves nothing
    assert found(folder, allowed=mine) == {(Kind.SIGNATURE, SIGNATURE)}
    (folder / SIGNATURE).unlink()
    assert found(folder, allowed=mine) == {(Kind.SIGNATURE, SIGNATURE)}
    assert verify(folder).notes == ["not signed"]

    (tmp_path / "aside").rename(folder / SIGNATURE)
    (folder / SUMS).write_text((folder / SUMS).read_text().replace("  ", " *", 1))
    for signers in (mine, None):
        assert found(folder, allowed=signers) == {(Kind.SIGNATURE, SIGNATURE)}


@pytest.mark.parametrize("content", [b"", b"no signature", b"\xff\x00"])
def test_a_signature_that_is_none(release: Path, content: bytes) -> None:
    (release / SIGNATURE).write_bytes(content)
    assert found(release) == {(Kind.SIGNATURE, SIGNATURE)}


def test_a_signature_for_something_else(release: Path, tmp_path: Path) -> None:
    key = make_key(tmp_path, "key")
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(key), SUMS]
    subprocess.run(command, cwd=release, check=True, capture_output=True)
    assert found(release) == {(Kind.SIGNATURE, SIGNATURE)}
    mine = allowed(tmp_path / "mine", key)
    assert found(release, allowed=mine) == {(Kind.SIGNATURE, SIGNATURE)}


def test_a_key_whose_time_is_over(release: Path, tmp_path: Path) -> None:
    key = make_key(tmp_path, "key")
    signing.sign(release, key)
    over = allowed(tmp_path / "over", key, more='valid-before="20200101" ')
    assert found(release, allowed=over) == {(Kind.SIGNATURE, SIGNATURE)}


def test_allowed_signers_that_are_not_there(release: Path, tmp_path: Path) -> None:
    signing.sign(release, make_key(tmp_path, "key"))
    with pytest.raises(ToolError, match="there is no file"):
        verify(release, allowed=tmp_path / "none")


def test_a_release_is_built_again(released: Path, second: Callable[..., None]) -> None:
    release = released / "dist" / "synthetic-incidents-1.0.0"
    second(released, "1.0.1")
    (released / "data" / "places.csv").write_text("the work tree does not matter\n")
    assert found(release, rebuild_in=released) == set()


def test_a_following_release_is_built_again(
    released: Path, tmp_path: Path, second: Callable[..., None], git: Callable[..., str]
) -> None:
    second(released, "1.0.1")
    folder = publish(released, "1.0.1", tmp_path / "dist").folder
    git(released, "tag", "--annotate", "--message", "1.0.1", "v1.0.1")
    assert found(folder, rebuild_in=released) == set()
    git(released, "tag", "--delete", "v1.0.0")
    with pytest.raises(ToolError, match=r"the release before, 1\.0\.0, is not here as it was"):
        verify(folder, rebuild_in=released)
    before = released / "dist" / "synthetic-incidents-1.0.0"
    assert found(folder, rebuild_in=released, since=str(before)) == set()


def test_what_only_building_again_can_find(release: Path, released: Path) -> None:
    told = json.loads((release / MANIFEST).read_bytes())
    replace(release / "changes.csv", b"BEN-", b"BFA-")
    with_manifest(release, toolkit=told["toolkit"] | {"sha256": "0" * 64})
    assert verify(release).sound
    outcome = verify(release, rebuild_in=released)
    assert {(one.kind, one.path) for one in outcome.findings} == {
        (Kind.REBUILD, path) for path in ("changes.csv", MANIFEST, SUMS)
    }
    assert any(note.startswith("built by another version") for note in outcome.notes)


def test_other_tools_are_named_where_bytes_differ(release: Path, released: Path) -> None:
    told = json.loads((release / MANIFEST).read_bytes())
    with_manifest(release, tools=told["tools"] | {"zlib": "0.9"})
    outcome = verify(release, rebuild_in=released)
    assert not outcome.sound
    assert any(note.startswith("built with zlib 0.9, here is") for note in outcome.notes)


def test_a_tag_that_was_moved(released: Path, git: Callable[..., str], release: Path) -> None:
    git(released, "commit", "--quiet", "--allow-empty", "--message", "later")
    git(released, "tag", "--force", "v1.0.0")
    assert found(release, rebuild_in=released) == {(Kind.REBUILD, "")}


def test_a_commit_that_is_not_here(release: Path, released: Path) -> None:
    with_manifest(release, commit="1" * 40)
    (released / ".git" / "refs" / "tags" / "v1.0.0").unlink()
    # The documents name the commit, so these are found before git is asked.
    assert Kind.DOCUMENT in {kind for kind, _ in found(release)}
    with pytest.raises(ToolError, match="there is no state"):
        verify(release, rebuild_in=released)


@pytest.mark.parametrize("commit", ["HEAD", "--output=x", "main", "abc", "../x"])
def test_a_commit_that_is_none(release: Path, released: Path, commit: str) -> None:
    with_manifest(release, commit=commit)
    assert (Kind.MANIFEST, MANIFEST) in found(release, rebuild_in=released)


def test_the_command(
    release: Path, run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    done = run(tmp_path, "verify", release)
    assert done.returncode == 0, done.stderr
    assert "(synthetic-incidents 1.0.0): verified" in done.stdout
    (release / TABLE).unlink()
    (release / "a\x1b[31m::error::\n.txt").write_text("")
    done = run(tmp_path, "verify", release)
    assert done.returncode == 1
    assert "NOT VERIFIED" in done.stdout
    assert "\x1b" not in done.stdout
    read = json.loads(run(tmp_path, "verify", release, "--format", "json").stdout)
    assert read["verified"] is False
    assert {"kind": "missing", "path": TABLE, "message": "is missing"} in read["findings"]
    assert run(tmp_path, "verify", tmp_path / "none").returncode == 3
    assert run(tmp_path, "verify", release, "--since", "x").returncode == 2


def test_many_findings_are_counted() -> None:
    outcome = Verification("release", findings=[Finding(Kind.ADDED, "a", "was added")] * 60)
    assert "and 10 more" in showing.text(outcome)
    assert len(json.loads(showing.json(outcome))["findings"]) == 60
