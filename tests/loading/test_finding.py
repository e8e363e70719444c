"""Finding a release: by path, version and address; with what may go wrong on the way."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import traceback
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sahel_incidents as si
from sahel_incidents.loading import downloads, finding
from sahel_incidents.package import DESCRIPTOR

if TYPE_CHECKING:
    from .conftest import MakeState, Server

ROOT = Path(__file__).parents[2]


def reason(*arguments: object, **options: object) -> str:
    """The message and the remedy of the failure to load."""
    with pytest.raises(si.ToolError) as caught:
        si.load(*arguments, **options)  # type: ignore[arg-type]
    return f"{caught.value.message} -> {caught.value.remedy}"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def spoilt(release: Path, tmp_path: Path) -> Path:
    """A copy of the release, to be spoilt."""
    return Path(shutil.copytree(release, tmp_path / release.name))


# The data beside the code


def test_the_shipped_data_is_loaded_by_default() -> None:
    ds = si.load()
    assert ds.name == "sahel-incidents"
    assert f'"version": "{ds.version}"' in (ROOT / DESCRIPTOR).read_text(encoding="utf-8")


def test_an_installed_copy_carries_its_data_with_it(tmp_path: Path) -> None:
    """As a wheel has it: the package's folder alone, with the data in it."""
    home = tmp_path / "site-packages" / "sahel_incidents"
    shutil.copytree(ROOT / "src" / "sahel_incidents", home)
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, home / "shipped" / name)
    shutil.copy(ROOT / DESCRIPTOR, home / "shipped")
    program = "import sahel_incidents as si; print(si.__file__, len(si.load().incidents))"
    environment = os.environ | {"PYTHONPATH": str(home.parent)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=tmp_path,
    )
    assert done.stdout.split() == [str(home / "__init__.py"), str(len(si.load().incidents))]


def test_code_without_data_says_what_to_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_SHIPPED", (tmp_path,))
    assert reason() == "no data came with the code -> name a release, such as load('1.0.0')"


# Paths


def test_a_release_is_loaded_from_its_folder(release: Path) -> None:
    for name in (release, str(release), os.path.relpath(release)):
        assert si.load(name).version == "1.0.0"


def test_a_release_is_loaded_from_its_archive(archive: Path, release: Path) -> None:
    ds = si.load(archive)
    assert ds.version == "1.0.0"
    assert ds.issued == si.load(release).issued
    for table in ds.tables:
        assert ds[table].equals(si.load(release)[table]), table


def test_an_unpacked_package_without_sums_is_loaded_as_it_is(spoilt: Path) -> None:
    (spoilt / "SHA256SUMS").unlink()
    assert si.load(spoilt).version == "1.0.0"


@pytest.mark.parametrize("path", [DESCRIPTOR, "schemas/casualties.json", "data/casualties.csv"])
def test_a_changed_file_of_a_release_is_named(spoilt: Path, path: str) -> None:
    file = spoilt / path
    content = file.read_bytes()
    file.write_bytes(content.replace(b"killed", b"lilled").replace(b"Sahel", b"Sahal"))
    assert file.read_bytes() != content
    assert reason(spoilt).startswith(f"{file} is not the file that SHA256SUMS states")


def test_a_file_that_the_sums_do_not_state_is_named(spoilt: Path) -> None:
    sums = spoilt / "SHA256SUMS"
    lines = sums.read_text(encoding="utf-8").splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if "data/places.csv" not in line))
    assert "places.csv is not the file that SHA256SUMS states" in reason(spoilt)
    for broken in (b"no sums\n", b"\xff\xfe", b""):
        sums.write_bytes(broken)
        assert "is not a digest and a path" in reason(spoilt)
    sums.unlink()
    sums.mkdir()
    assert "SHA256SUMS cannot be read" in reason(spoilt)


def test_a_missing_table_is_named(spoilt: Path) -> None:
    (spoilt / "data" / "places.csv").unlink()
    assert "places.csv is not the file" in reason(spoilt)


def test_an_archive_is_checked_against_what_lies_beside_it(archive: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(archive, tmp_path))
    beside = copy.with_name(f"{copy.name}.sha256")
    beside.write_text(f"{sha256(archive)}  {copy.name}\n")
    assert si.load(copy).version == "1.0.0"
    beside.write_text(f"{'0' * 64}  {copy.name}\n")
    assert "is not the file that was announced" in reason(copy)
    beside.unlink()
    assert si.load(copy, sha256=sha256(archive).upper()).version == "1.0.0"
    assert "is not the file that was announced" in reason(copy, sha256="0" * 64)
    assert "is not a SHA-256" in reason(copy, sha256="1234")


@pytest.mark.parametrize("name", ["nowhere", "nowhere.zip", "/nowhere/at/all", ""])
def test_what_is_not_there_is_said(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "-> name a folder with a datapackage.json" in reason(name)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "release.zip").write_bytes(b"no archive")
    assert "cannot be read as a zip archive" in reason(tmp_path / "release.zip")
    (tmp_path / "table.csv").write_bytes(b"a,b\n")
    assert "there is no release at" in reason(tmp_path / "table.csv")


def test_an_archive_that_leads_out_of_its_folder_is_refused(tmp_path: Path, archive: Path) -> None:
    hostile = Path(shutil.copy(archive, tmp_path))
    with zipfile.ZipFile(hostile, "a") as out:
        out.writestr("data/../../escaped.csv", "x\n")
    assert "has an empty, '.' or '..' part" in reason(hostile)
    assert not list(tmp_path.rglob("escaped.csv"))


def test_a_folder_has_no_digest(release: Path) -> None:
    assert "is a folder, which has no SHA-256" in reason(release, sha256="0" * 64)


# Versions


def test_a_version_is_found_where_it_was_built(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "_SHIPPED", (release.parents[1],))
    assert si.load("1.0.0").version == "1.0.0"


def test_a_version_is_fetched_once_and_then_loaded_without_the_network(
    server: Server,
    published: str,
    cache: Path,
    make_state: MakeState,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "_SHIPPED", (make_state("0.9.0"),))  # nothing is built there
    first = si.load("1.0.0", base_url=server.url)
    assert first.version == "1.0.0"
    assert server.asked == ["/v1.0.0/SHA256SUMS", published.removeprefix(server.url)]
    shutil.rmtree(server.folder)
    again = si.load("1.0.0", base_url=f"{server.url}/")
    assert again.casualties.equals(first.casualties)
    assert len(server.asked) == 2
    assert len(files(cache)) == 2


def test_a_version_is_fetched_from_the_releases_of_the_homepage(
    server: Server, published: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = server.folder / "here" / "releases" / "download"
    there.mkdir(parents=True)
    (server.folder / "v1.0.0").rename(there / "v1.0.0")
    home = tmp_path / "home"
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, home / name)
    descriptor = json.loads((ROOT / DESCRIPTOR).read_text(encoding="utf-8"))
    descriptor["homepage"] = f"{server.url}/here"
    (home / DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
    monkeypatch.setattr(finding, "_SHIPPED", (home,))
    assert si.load("1.0.0").version == "1.0.0"
    del descriptor["homepage"]
    (home / DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
    assert "names no homepage to fetch releases from -> give base_url" in reason("1.0.0")


def test_a_draft_in_dist_is_not_taken_for_the_release(
    spoilt: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dist").mkdir()
    draft = spoilt.rename(tmp_path / "dist" / spoilt.name)
    manifest = draft / "manifest.json"
    told = manifest.read_text(encoding="utf-8").replace('"draft": false', '"draft": true')
    manifest.write_text(told, encoding="utf-8")
    shutil.copy(draft / DESCRIPTOR, tmp_path)
    shutil.copytree(draft / "schemas", tmp_path / "schemas")
    shutil.copytree(draft / "data", tmp_path / "data")
    monkeypatch.setattr(finding, "_SHIPPED", (tmp_path,))
    assert "nothing says which SHA-256" in reason("1.0.0", base_url=server.url)


def test_a_version_that_was_never_published_is_said(server: Server) -> None:
    assert "check that there is such a release" in reason("9.9.9", base_url=server.url)


def test_an_archive_of_another_version_is_refused(
    server: Server, published: str, archive: Path
) -> None:
    shutil.copytree(server.folder / "v1.0.0", server.folder / "v1.1.0")
    other = archive.name.replace("1.0.0", "1.1.0")
    (server.folder / "v1.1.0" / archive.name).rename(server.folder / "v1.1.0" / other)
    sums = server.folder / "v1.1.0" / "SHA256SUMS"
    sums.write_text(sums.read_text(encoding="utf-8").replace(archive.name, other))
    assert "is version 1.0.0, not 1.1.0" in reason("1.1.0", base_url=server.url)


# Addresses


def test_an_address_is_checked_against_the_digest_that_is_given(
    server: Server, published: str, archive: Path
) -> None:
    (server.folder / "v1.0.0" / "SHA256SUMS").unlink()
    assert si.load(published, sha256=sha256(archive)).version == "1.0.0"
    assert "is not the file that was announced" in reason(published, sha256="0" * 64)


def test_an_address_is_checked_against_a_digest_beside_it(
    server: Server, published: str, archive: Path
) -> None:
    folder = server.folder / "v1.0.0"
    (folder / "SHA256SUMS").unlink()
    (folder / f"{archive.name}.sha256").write_text(f"{sha256(archive)}  {archive.name}\n")
    assert si.load(published).version == "1.0.0"


def test_an_address_without_a_digest_is_refused(server: Server, published: str) -> None:
    (server.folder / "v1.0.0" / "SHA256SUMS").unlink()
    assert "nothing says which SHA-256" in reason(published)
    assert not any(path.endswith(".zip") for path in server.asked)


def test_a_tampered_download_is_refused_and_not_kept(
    server: Server, published: str, archive: Path, cache: Path
) -> None:
    file = server.folder / "v1.0.0" / archive.name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert "is not the file that was announced" in reason(published)
    assert files(cache) == []


def test_a_download_that_is_cut_short_leaves_nothing_and_can_be_tried_again(
    server: Server, published: str, archive: Path, cache: Path
) -> None:
    server.faults[f"/v1.0.0/{archive.name}"] = 1000
    told = reason(published)
    assert "is not the file that was announced" in told or "cannot be fetched" in told
    assert files(cache) == []
    server.faults.clear()
    assert si.load(published).version == "1.0.0"


@pytest.mark.parametrize("status", [500, 503, 403])
def test_a_failing_server_is_said(server: Server, published: str, status: int) -> None:
    server.faults["/v1.0.0/SHA256SUMS"] = (status, {})
    assert f"HTTP Error {status}" in reason(published)


def test_a_server_that_is_not_there_is_said(server: Server) -> None:
    server.shutdown()
    server.server_close()
    told = reason(f"{server.url}/v1.0.0/x.zip")
    assert "cannot be fetched" in told
    assert "load it by its path" in told


def test_a_server_that_falls_silent_is_given_up(
    published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        monkeypatch.setattr(downloads, "TIMEOUT", 0.2)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x.zip"
        assert "timed out" in reason(url, sha256="0" * 64)


@pytest.mark.parametrize(
    "target", ["http://198.51.100.1/x.zip", "ftp://127.0.0.1/x.zip", "file:///etc/passwd"]
)
def test_a_redirect_to_where_one_may_not_go_is_refused(
    server: Server, published: str, archive: Path, target: str, cache: Path
) -> None:
    server.faults[f"/v1.0.0/{archive.name}"] = (302, {"Location": target})
    told = reason(published)
    assert "is not an https address" in told or "is not allowed" in told
    assert files(cache) == []


def test_a_redirect_to_a_safe_address_is_followed(
    server: Server, published: str, archive: Path
) -> None:
    (server.folder / "elsewhere.zip").write_bytes(archive.read_bytes())
    target = {"Location": f"{server.url}/elsewhere.zip"}
    server.faults[f"/v1.0.0/{archive.name}"] = (302, target)
    assert si.load(published).version == "1.0.0"


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/x.zip",
        "http://127.0.0.1.example.org/x.zip",
        "ftp://example.org/x.zip",
        "file:///etc/x.zip",
        "https:///x.zip",
        "https://[::1/x.zip",
        "https://example.org/x.tar",
        "https://example.org/",
        "https://example.org/..%2f..%2fx.zip",
    ],
)
def test_an_unsafe_address_is_refused_before_anything_is_sent(address: str) -> None:
    told = reason(address, sha256="0" * 64)
    assert "is not an https address" in told or "names no .zip file" in told


def test_a_file_that_never_ends_is_refused(
    server: Server, published: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MAX_BYTES", 1000)
    assert "holds more than 1,000 bytes" in reason(published)


# The cache


def test_a_tampered_cache_is_found_out(server: Server, published: str, cache: Path) -> None:
    si.load(published)
    (kept,) = cache.rglob("*.zip")
    kept.write_bytes(kept.read_bytes() + b"x")
    told = reason(published)
    assert f"{kept} has changed since it was fetched -> remove {kept.parent}" in told


def test_a_broken_note_of_a_digest_is_said(server: Server, published: str, cache: Path) -> None:
    si.load(published)
    (note,) = cache.rglob("*.sha256")
    note.write_bytes(b"\xff")
    assert f"remove {note}" in reason(published)


def test_a_cache_that_cannot_be_written_to_is_said(
    published: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert "set XDG_CACHE_HOME" in reason(published)


def test_a_relative_cache_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert downloads.cache_folder() == tmp_path / ".cache" / "sahel-incidents"


# What a researcher sees


def test_a_traceback_shows_the_remedy() -> None:
    with pytest.raises(si.ToolError) as caught:
        si.load("/nowhere")
    shown = "".join(traceback.format_exception(caught.value))
    assert "there is no release at /nowhere\nname a folder with a datapackage.json" in shown


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = (
        "import sys, sahel_incidents as si\n"
        "assert not {'numpy', 'pandas', 'pyarrow'} & set(sys.modules)\n"
        "assert set(si.__all__) <= set(dir(si))\n"
        "assert all(hasattr(si, name) for name in si.__all__)\n"
        "assert not hasattr(si, 'laod')\n"
        "assert not {'click', 'matplotlib', 'pandera'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
