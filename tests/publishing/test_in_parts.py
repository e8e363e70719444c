"""Publishing in parts, and verifying what was published so."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from sahel_incidents.checksums import SUMS, digests, files_in, rendered
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.problem import ToolError
from sahel_incidents.publishing import InParts, Published, UnsoundError, publish, staging
from sahel_incidents.records import Records
from sahel_incidents.release import MANIFEST
from sahel_incidents.verifying import Kind, Verification, verify

from .conftest import Edit, Git, Run

PROFILE = Path(__file__).parents[1] / "profiles" / "datapackage.json"
ROWS = 70


@pytest.fixture(scope="module")
def published(first_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The first release in parts; not to be changed."""
    return publish(first_state, "1.0.0", tmp_path_factory.mktemp("dist"), parts=InParts(ROWS, 1))


@pytest.fixture
def release(published: Published, tmp_path: Path) -> Path:
    """A copy of it, to be changed at will."""
    return Path(shutil.copytree(published.folder, tmp_path / "copies" / published.folder.name))


def findings(found: Verification) -> set[tuple[Kind, str]]:
    return {(one.kind, one.path) for one in found.findings}


def settle(folder: Path, **changes: object) -> None:
    """Make the manifest and the sums fit whatever was done to the files."""
    told = json.loads((folder / MANIFEST).read_bytes())
    now = digests(folder)
    told["artifacts"] = [
        item | {"sha256": now[item["path"]], "size": (folder / item["path"]).stat().st_size}
        for item in told["artifacts"]
    ]
    (folder / MANIFEST).write_text(json.dumps(told | changes))
    (folder / SUMS).write_text(rendered(digests(folder)))


def replace(file: Path, old: bytes, new: bytes) -> None:
    content = file.read_bytes()
    assert old in content
    file.write_bytes(content.replace(old, new, 1))


def test_what_it_holds(published: Published, first_state: Path) -> None:
    folder = published.folder
    told = json.loads((folder / MANIFEST).read_bytes())
    assert told["rows_per_part"] == ROWS
    assert told["rows"]["incidents"] == 100
    assert told["rows"]["figures_flat"] == told["rows"]["casualties"] == 200
    assert {item["path"] for item in told["artifacts"]} | {MANIFEST, SUMS} == set(files_in(folder))
    for path in (DESCRIPTOR, f"flat/{DESCRIPTOR}", f"parquet/{DESCRIPTOR}"):
        descriptor = json.loads((folder / path).read_bytes())
        jsonschema.validate(descriptor, json.loads(PROFILE.read_text(encoding="utf-8")))
        for resource in descriptor["resources"]:
            assert all((folder / path).parent.joinpath(part).is_file() for part in resource["path"])
    original = json.loads((first_state / DESCRIPTOR).read_bytes())
    own = json.loads((folder / DESCRIPTOR).read_bytes())
    for one, other in zip(own.pop("resources"), original.pop("resources"), strict=True):
        assert one.pop("path")[0] == other.pop("path").replace(".csv", "/part-00000.csv")
        assert one == other
    assert own == original


def test_it_is_verified(published: Published, first_state: Path) -> None:
    assert verify(published.folder).findings == []
    assert verify(published.folder, rebuild_in=first_state).findings == []


def test_the_command(first_state: Path, published: Published, run: Run, tmp_path: Path) -> None:
    given = ("publish", "1.0.0", "--parts", "--rows-per-part", ROWS, "--workers", 2)
    done = run(first_state, *given, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / published.folder.name
    assert staging.differing(folder, published.folder) == []
    assert files_in(tmp_path) == sorted(
        [".publish.lock", *(f"{folder.name}/{path}" for path in files_in(folder))]
    )
    again = publish(first_state, "1.0.0", tmp_path, parts=InParts(ROWS, 1))
    assert not again.new


def test_a_draft(repository: Path, run: Run) -> None:
    done = run(repository, "publish", "1.0.0", "--parts", "--draft", "--workers", 1)
    assert done.returncode == 0, done.stderr
    found = verify(next((repository / "dist").glob("[!.]*")))
    assert found.findings == []
    assert any("draft" in note for note in found.notes)


def test_several_processes_judge_it(repository: Path, run: Run, tmp_path: Path) -> None:
    engine = ("--engine", "dask", "--workers", "1", "--memory-limit", "1GB")
    done = run(repository, "publish", "1.0.0", "--parts", *engine, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "workers: http://127.0.0.1:" in done.stderr
    (folder,) = tmp_path.glob("*-1.0.0*")
    verified = run(repository, "verify", folder, *engine)
    assert verified.returncode == 0, verified.stdout
    assert "workers: http://127.0.0.1:" in verified.stderr


def test_several_processes_refuse_unsound_data(repository: Path, edit: Edit, run: Run) -> None:
    edit(repository, lambda records: records.rows["places"].popitem())
    engine = ("--engine", "dask", "--workers", "1")
    done = run(repository, "publish", "1.0.0", "--parts", "--draft", *engine)
    assert done.returncode == 1, done.stderr
    assert "nothing was published" in done.stderr
    assert "key-foreign-missing" in done.stdout
    assert files_in(repository / "dist") == [".publish.lock"]


def test_a_package_too_large_for_one_process(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sahel_incidents.verifying.in_parts.MAX_FILE_BYTES", 100)
    found = verify(release)
    assert found.findings == []
    assert any("--engine dask" in note for note in found.notes)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--engine", "dask"),
        ("--parts", "--memory-limit", "2GB"),
        ("--parts", "--engine", "dask", "--memory-limit", "much"),
        ("--parts", "--hxl"),
        ("--rows-per-part", "5"),
        ("--workers", "2"),
        ("--parts", "--rows-per-part", "0"),
        ("--parts", "--prepare"),
    ],
)
def test_wrong_usage(repository: Path, run: Run, arguments: tuple[str, ...]) -> None:
    assert run(repository, "publish", "1.0.0", *arguments).returncode == 2
    assert not (repository / "dist").exists()


def test_unsound_data_is_not_published(repository: Path, edit: Edit, git: Git) -> None:
    edit(repository, lambda records: records.rows["places"].popitem())
    git(repository, "commit", "--quiet", "--all", "--message", "worse")
    with pytest.raises(UnsoundError):
        publish(repository, "1.0.0", repository / "dist", parts=InParts(ROWS))
    assert files_in(repository / "dist") == [".publish.lock"]


def test_a_version_that_is_too_low(released: Path, edit: Edit, git: Git) -> None:
    def add(records: Records) -> None:
        (place,) = next(iter(records.rows["places"]))
        records.put("aliases", {"alias": "Elsewhere", "language": "en", "place_id": place})

    edit(released, add)
    text = (released / DESCRIPTOR).read_text(encoding="utf-8")
    changed = text.replace('"version": "1.0.0"', '"version": "1.0.1"')
    (released / DESCRIPTOR).write_text(changed, encoding="utf-8")
    git(released, "commit", "--quiet", "--all", "--message", "second")
    with pytest.raises(ToolError, match=r"1\.0\.1"):
        publish(released, "1.0.1", released / "dist", parts=InParts(ROWS))


def test_an_interrupted_build_leaves_nothing(repository: Path) -> None:
    given = ["--parts", "--rows-per-part", "5", "--workers", "2"]
    with subprocess.Popen(
        [sys.executable, "-m", "sahel_incidents", "publish", "1.0.0", *given],
        cwd=repository,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        part = "release/data/incidents/part-00000.csv"
        while not (repository / "dist" / ".release-1.0.0.staging" / part).exists():
            assert process.poll() is None
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate()[1]
    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert files_in(repository / "dist") == [".publish.lock"]


def test_a_part_that_says_something_else(release: Path) -> None:
    path = "flat/estimates/part-00001.csv"
    replace(release / path, b"killed", b"injured")
    assert (Kind.CHANGED, path) in findings(verify(release))
    settle(release)
    assert findings(verify(release)) == {(Kind.FORMAT, path)}


def test_parquet_that_says_something_else(release: Path) -> None:
    one, other = (release / f"parquet/casualties/part-{n:05}.parquet" for n in (0, 1))
    shutil.copyfile(one, other)
    settle(release)
    assert findings(verify(release)) == {(Kind.FORMAT, "parquet/casualties/part-00001.parquet")}


def test_tables_that_are_not_sound(release: Path) -> None:
    path = "data/incidents/part-00001.csv"
    replace(release / path, b",active,", b",activ,")
    settle(release)
    found = verify(release)
    assert {kind for kind, _ in findings(found)} == {Kind.DATA}
    assert all(one.path.startswith("data/incidents.csv") for one in found.findings)


@pytest.mark.parametrize(
    "changes", [{"rows_per_part": 1}, {"rows_per_part": 40}, {"rows": {"incidents": 1}}]
)
def test_a_manifest_that_lies(release: Path, changes: dict[str, object]) -> None:
    settle(release, **changes)
    assert findings(verify(release)) == {(Kind.MANIFEST, MANIFEST)}


def test_parts_of_another_size(release: Path) -> None:
    settle(release, rows_per_part=ROWS + 1)
    assert {kind for kind, _ in findings(verify(release))} == {Kind.FORMAT}


@pytest.mark.parametrize("rows", [0, -1, True, "60", None])
def test_a_manifest_that_makes_no_sense(release: Path, rows: object) -> None:
    settle(release, rows_per_part=rows)
    assert findings(verify(release)) == {(Kind.MANIFEST, MANIFEST)}
