"""Packing a release: its files and no others, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import SCRIPTS, Done

Script = Callable[..., Done]
MakeRelease = Callable[..., Path]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_assets_are_the_archive_the_root_and_the_flat_tables(
    make_release: MakeRelease, script: Script, tmp_path: Path
) -> None:
    release = make_release("1.0.0")
    done = script("pack_release.py", release, tmp_path / "out" / "assets")
    assert done.returncode == 0, done.stderr
    packed = contents(tmp_path / "out" / "assets")
    assert done.stdout.split() == sorted(packed)
    assert packed.keys() == {
        "CHANGES.md",
        "README.md",
        "SHA256SUMS",
        "codebook.html",
        "datapackage.json",
        "incidents_flat.csv",
        "manifest.json",
        "sahel-incidents-1.0.0-release.zip",
        "sahel-incidents-1.0.0.zip",
    }
    assert packed["README.md"] == (release / "README.md").read_bytes()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["assets"]
    shutil.unpack_archive(tmp_path / "out/assets/sahel-incidents-1.0.0-release.zip", tmp_path)
    unpacked = tmp_path / release.name
    files = sorted(path.relative_to(release) for path in release.rglob("*") if path.is_file())
    assert files == sorted(p.relative_to(unpacked) for p in unpacked.rglob("*") if p.is_file())
    for path in files:
        assert (unpacked / path).read_bytes() == (release / path).read_bytes()
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=unpacked)
    assert checked.returncode == 0


def test_a_signature_goes_along(make_release: MakeRelease, script: Script, tmp_path: Path) -> None:
    release = make_release("1.0.0")
    (release / "SHA256SUMS.sig").write_bytes(b"signed\n")
    assert script("pack_release.py", release, tmp_path / "assets").returncode == 0
    assert (tmp_path / "assets" / "SHA256SUMS.sig").read_bytes() == b"signed\n"
    assert script("deposit.py", "--dry-run", tmp_path / "assets").returncode == 0
    (tmp_path / "assets" / "SHA256SUMS.sig").write_bytes(b"forged\n")
    assert "SHA256SUMS.sig" in script("deposit.py", "--dry-run", tmp_path / "assets").stderr


def test_two_packings_are_the_same_bytes(
    make_release: MakeRelease, script: Script, tmp_path: Path
) -> None:
    release = make_release("1.0.0")
    assert script("pack_release.py", release, tmp_path / "one").returncode == 0
    copy = tmp_path / "elsewhere" / release.name
    shutil.copytree(release, copy)
    for number, path in enumerate(sorted(copy.rglob("*"))):
        path.chmod(0o700)
        os.utime(path, (number, number))
    command = f'umask 077; cd "{copy.parent}"; exec "$0" "$@"'
    program = [sys.executable, SCRIPTS / "pack_release.py", copy.name, tmp_path / "other"]
    environment = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "PATH": os.environ["PATH"]}
    subprocess.run(["sh", "-c", command, *program], env=environment, check=True)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    with zipfile.ZipFile(tmp_path / "one" / "sahel-incidents-1.0.0-release.zip") as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert all(name.startswith("sahel-incidents-1.0.0/") for name in names)


def test_what_is_not_listed_is_not_packed(
    make_release: MakeRelease, script: Script, tmp_path: Path
) -> None:
    release = make_release("1.0.0")
    (release / "notes.txt").write_text("private")
    (release / "data" / "notes.txt").write_text("private")
    assert script("pack_release.py", release, tmp_path / "assets").returncode == 0
    packed = contents(tmp_path / "assets")
    assert "notes.txt" not in packed
    with zipfile.ZipFile(tmp_path / "assets" / "sahel-incidents-1.0.0-release.zip") as archive:
        assert not any("notes" in name for name in archive.namelist())


def spoil(release: Path, **changes: object) -> None:
    manifest = json.loads((release / "manifest.json").read_bytes())
    (release / "manifest.json").write_text(json.dumps({**manifest, **changes}))


def without(release: Path, path: str) -> None:
    (release / path).unlink()


def linked(release: Path) -> None:
    without(release, "README.md")
    (release / "README.md").symlink_to("/etc/passwd")


def listed(release: Path, line: str) -> None:
    with (release / "SHA256SUMS").open("a", encoding="utf-8") as stream:
        stream.write(line)


UNFIT = {
    "a file is missing": (lambda r: without(r, "data/incidents.csv"), "data/incidents.csv"),
    "no sums": (lambda r: without(r, "SHA256SUMS"), "cannot be packed"),
    "empty sums": (lambda r: (r / "SHA256SUMS").write_bytes(b""), "cannot be packed"),
    "no manifest": (lambda r: without(r, "manifest.json"), "manifest.json"),
    "a draft": (lambda r: spoil(r, draft=True), "draft"),
    "no commit": (lambda r: spoil(r, commit=""), "draft"),
    "no version": (lambda r: spoil(r, version=1), "not the manifest"),
    "no manifest's form": (lambda r: (r / "manifest.json").write_bytes(b"[]"), "cannot be packed"),
    "a link": (linked, "README.md is missing or no plain file"),
    "a path that leads out": (lambda r: listed(r, f"{'0' * 64}  ../../x\n"), "missing"),
    "a line that is none": (lambda r: listed(r, "x\n"), "cannot be packed"),
    "one name twice": (lambda r: listed(r, f"{'0' * 64}  flat/README.md\n"), "flat/README.md"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_a_release_that_is_none_is_not_packed(
    make_release: MakeRelease, script: Script, tmp_path: Path, case: str
) -> None:
    spoiled, message = UNFIT[case]
    release = make_release("1.0.0")
    (release / "flat" / "README.md").write_bytes(b"")
    spoiled(release)
    done = script("pack_release.py", release, tmp_path / "assets")
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a name.txt", "café.csv", "-rf", "x-release.zip", "a\tb"])
def test_a_name_that_not_every_place_takes_is_refused(
    make_release: MakeRelease, script: Script, tmp_path: Path, name: str
) -> None:
    release = make_release("1.0.0", **{name: b"x"})
    done = script("pack_release.py", release, tmp_path / "assets")
    assert done.returncode == 3
    assert "cannot be an asset by that name" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_not_touched(
    make_release: MakeRelease, script: Script, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "mine").write_text("mine")
    done = script("pack_release.py", make_release("1.0.0"), tmp_path / "assets")
    assert done.returncode == 3
    assert contents(tmp_path / "assets") == {"mine": b"mine"}


def changed(folder: Path) -> None:
    with (folder / "README.md").open("ab") as stream:
        stream.write(b" ")


def renamed(folder: Path) -> None:
    (folder / "README.md").rename(folder / "LIESMICH.md")


def cut(folder: Path) -> None:
    os.truncate(folder / "sahel-incidents-1.0.0-release.zip", 1000)


def another(folder: Path) -> None:
    shutil.copy(folder / "README.md", folder / "x-release.zip")


def nested(folder: Path) -> None:
    (folder / "more").mkdir()


def of_another_version(folder: Path) -> None:
    path = folder / "sahel-incidents-1.0.0-release.zip"
    path.rename(folder / "sahel-incidents-1.0.1-release.zip")


def without_archive(folder: Path) -> None:
    (folder / "sahel-incidents-1.0.0-release.zip").unlink()


@pytest.mark.parametrize(
    "spoiled",
    [changed, renamed, cut, another, nested, of_another_version, without_archive],
    ids=lambda function: function.__name__,
)
def test_assets_that_are_not_the_releases_are_refused(
    first: Path, script: Script, tmp_path: Path, spoiled: Callable[[Path], None]
) -> None:
    folder = tmp_path / "assets"
    shutil.copytree(first, folder)
    spoiled(folder)
    done = script("deposit.py", "--dry-run", folder)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "scripts/pack_release.py writes" in done.stderr
    assert "Traceback" not in done.stderr


def test_metadata_of_another_version_is_refused(
    make_release: MakeRelease, script: Script, tmp_path: Path
) -> None:
    release = make_release("1.0.0", **{".zenodo.json": b'{"version": "0.9.0"}'})
    assert script("pack_release.py", release, tmp_path / "assets").returncode == 0
    done = script("deposit.py", "--dry-run", tmp_path / "assets")
    assert done.returncode == 3
    assert ".zenodo.json is not that of version 1.0.0" in done.stderr


def test_the_archive_names_the_digest_of_each_asset(first: Path) -> None:
    with zipfile.ZipFile(first / "sahel-incidents-1.0.0-release.zip") as archive:
        sums = archive.read("sahel-incidents-1.0.0/SHA256SUMS").decode()
    stated = {line[66:].rpartition("/")[2]: line[:64] for line in sums.splitlines()}
    for name, content in contents(first).items():
        if not name.endswith("-release.zip") and name != "SHA256SUMS":
            assert stated[name] == hashlib.sha256(content).hexdigest()
