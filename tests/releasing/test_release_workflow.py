"""The workflow of a release: the shell of its steps, run on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sahel_incidents.descriptor import open_package
from sahel_incidents.publishing.prepare import prepare

from .conftest import TOKEN, Done, Zenodo

ROOT = Path(__file__).parents[2]
WORKFLOW = YAML(typ="safe").load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
JOBS = WORKFLOW["jobs"]

GH = '''\
"""A small part of GitHub's command line: releases, kept in the folder $GH_STATE."""

import json, os, shutil, sys
from pathlib import Path

state = Path(os.environ["GH_STATE"])
group, verb, tag, *options = sys.argv[1:]
assert group == "release" and os.environ["GH_TOKEN"] and os.environ["GH_REPO"] == "owner/project"
with (state / "asked").open("a") as asked:
    print(verb, file=asked)
if verb == os.environ.get("GH_FAILS"):
    sys.exit("HTTP 502")
release = state / tag
draft = state / f"{tag}.draft"
if verb == "create":
    assert not release.exists() and "--verify-tag" in options and "--draft" in options
    notes = Path(options[options.index("--notes-file") + 1]).read_text()
    release.mkdir()
    draft.write_text(notes)
elif not release.exists():
    sys.exit("release not found")
elif verb == "view":
    assert options == ["--json", "isDraft", "--jq", ".isDraft"]
    print(json.dumps(draft.exists()))
elif verb == "upload":
    assert options.pop(0) == "--clobber" and draft.exists()
    for path in options:
        shutil.copy(path, release)
elif verb == "download":
    assert options[0] == "--dir"
    shutil.copytree(release, options[1])
elif verb == "edit":
    assert options == ["--draft=false"]
    draft.unlink()
else:
    raise AssertionError(verb)
'''


def shell(job: str, name: str) -> str:
    """The script of a step."""
    (script,) = (step["run"] for step in JOBS[job]["steps"] if step.get("name") == name)
    return str(script)


def run(script: str, folder: Path, **environment: str) -> Done:
    """Run a step's script as GitHub does where no shell is named."""
    (folder / "step.sh").write_text(script, encoding="utf-8")
    return subprocess.run(
        ["bash", "-e", "step.sh"],
        cwd=folder,
        env={
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=300,
    )


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A tag that was checked out, with the main branch beside it."""
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch=main")
    (origin / "datapackage.json").write_text('{"name": "sahel-incidents", "version": "1.0.0"}')
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "release")
    git(origin, "tag", "v1.0.0")
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "later")
    git(tmp_path, "clone", "--quiet", "origin", "checkout")
    git(tmp_path / "checkout", "checkout", "--quiet", "v1.0.0")
    return tmp_path / "checkout"


COMPARE = "Compare the tag with the version, and with the main branch"


def test_a_tag_of_the_version_on_the_main_branch_is_released(checkout: Path) -> None:
    done = run(shell("build", COMPARE), checkout, TAG="v1.0.0")
    assert done.returncode == 0, done.stderr
    assert (checkout / "outputs").read_text() == "release=sahel-incidents-1.0.0\n"


def test_a_tag_of_another_version_is_not(checkout: Path) -> None:
    done = run(shell("build", COMPARE), checkout, TAG="v1.0.1")
    assert done.returncode == 1
    assert done.stdout == (
        "::error file=datapackage.json::The tag is v1.0.1, but the version is 1.0.0.\n"
    )


def test_a_tag_beside_the_main_branch_is_not(checkout: Path) -> None:
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "not reviewed")
    done = run(shell("build", COMPARE), checkout, TAG="v1.0.0")
    assert done.returncode == 1
    assert "v1.0.0 is not on the main branch" in done.stdout
    assert not (checkout / "outputs").exists()


def test_a_package_that_cannot_be_read_is_not(checkout: Path) -> None:
    (checkout / "datapackage.json").write_text("{")
    assert run(shell("build", COMPARE), checkout, TAG="v1.0.0").returncode != 0


def test_only_final_versions_start_it() -> None:
    (pattern,) = WORKFLOW["on"]["push"]["tags"]
    assert list(WORKFLOW["on"]) == ["push"]
    assert list(WORKFLOW["on"]["push"]) == ["tags"]
    # In GitHub's patterns a point is a point; the rest of this one is as in regular expressions.
    matches = re.compile(pattern.replace(".", r"\.")).fullmatch
    assert matches("v1.0.0")
    assert matches("v10.20.30")
    assert not any(map(matches, ("v1.1.0-rc.1", "1.0.0", "v1.0", "vx", "v1.0.0.0")))


def test_each_job_has_the_one_right_it_needs() -> None:
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "build": {"contents": "read"},
        "attest": {"attestations": "write", "id-token": "write"},
        "attach": {"contents": "write"},
        "deposit": {"contents": "read"},
    }
    # Two runs of one series of deposits would get into each other's way.
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False
    assert "ref" not in WORKFLOW["concurrency"]["group"]


def test_the_token_is_there_for_one_step_which_installs_nothing() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert text.count("secrets.") == 1
    steps = JOBS["deposit"]["steps"]
    (holding,) = (step for step in steps if "ZENODO_TOKEN" in step.get("env", {}))
    assert holding == steps[-1]
    for step in steps:
        assert not re.search("pip|make|setup", step.get("run", "") + step.get("uses", ""))
    sources = [ROOT / "scripts" / "deposit.py", *(ROOT / "scripts" / "releasing").glob("*.py")]
    for source in sources:
        imports = re.findall(r"^(?:from|import) ([a-z_]+)", source.read_text("utf-8"), re.M)
        assert set(imports) - {"releasing"} <= sys.stdlib_module_names


def test_what_is_packed_is_what_all_jobs_hand_out() -> None:
    (kept,) = (s["with"] for s in JOBS["build"]["steps"] if "upload-artifact" in s.get("uses", ""))
    assert (kept["name"], kept["path"]) == ("assets", "assets/")
    for name in ("attest", "attach", "deposit"):
        assert "build" in JOBS[name]["needs"]
        (got,) = (s["with"] for s in JOBS[name]["steps"] if "download-" in s.get("uses", ""))
        assert got == {"name": "assets", "path": "assets"}
    (attested,) = (s["with"] for s in JOBS["attest"]["steps"] if "actions/attest@" in s["uses"])
    assert attested == {"subject-path": "assets/*"}


@pytest.fixture
def runner(tmp_path: Path, first: Path) -> Path:
    """A folder as a job finds it: the assets, the scripts, and GitHub's command line."""
    shutil.copytree(first, tmp_path / "assets")
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    (tmp_path / "bin").mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "bin" / "gh.py").write_text(GH, encoding="utf-8")
    for name, program in (("gh", f'"{tmp_path}/bin/gh.py"'), ("python3", "")):
        path = tmp_path / "bin" / name
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {program} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    return tmp_path


def attach(runner: Path, **environment: str) -> Done:
    shutil.rmtree(runner / "attached", ignore_errors=True)  # each run has a fresh machine
    given = {"GH_REPO": "owner/project", "GH_TOKEN": "x", "TAG": "v1.0.0"}
    script = shell("attach", "Attach")
    return run(script, runner, **given, GH_STATE=str(runner / "state"), **environment)


def attached(runner: Path) -> dict[str, bytes]:
    """What anybody can see of the release."""
    if (runner / "state" / "v1.0.0.draft").exists():
        return {}
    return contents(runner / "state" / "v1.0.0")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_assets_are_attached(runner: Path) -> None:
    done = attach(runner)
    assert done.returncode == 0, done.stderr
    assert attached(runner) == contents(runner / "assets")


@pytest.mark.parametrize("verb", ["create", "upload", "download", "edit"])
def test_a_failure_shows_nothing_and_the_next_run_goes_on(runner: Path, verb: str) -> None:
    assert attach(runner, GH_FAILS=verb).returncode != 0
    assert not (runner / "state" / "v1.0.0").exists() or attached(runner) == {}
    assert attach(runner).returncode == 0
    assert attached(runner) == contents(runner / "assets")


def test_what_is_published_is_compared_and_not_touched(runner: Path) -> None:
    assert attach(runner).returncode == 0
    (runner / "state" / "asked").unlink()
    assert attach(runner).returncode == 0
    assert (runner / "state" / "asked").read_text().split() == ["view", "download"]
    before = attached(runner)
    (runner / "assets" / "README.md").write_bytes(b"other")
    assert attach(runner).returncode != 0
    assert attached(runner) == before


def test_a_draft_with_a_strange_file_is_not_published(runner: Path) -> None:
    assert attach(runner, GH_FAILS="edit").returncode != 0
    (runner / "state" / "v1.0.0" / "strange.txt").write_bytes(b"x")
    done = attach(runner)
    assert done.returncode != 0
    assert "strange.txt" in done.stdout
    assert attached(runner) == {}


DEPOSIT = shell("deposit", "Deposit")


def test_without_a_token_nothing_is_deposited_and_it_is_said(runner: Path) -> None:
    done = run(DEPOSIT, runner, ZENODO_TOKEN="", ZENODO_URL="http://127.0.0.1:9")
    assert done.returncode == 0
    assert done.stdout.startswith("::notice::Not deposited: ")


def test_with_a_token_it_is_deposited(runner: Path, zenodo: Zenodo) -> None:
    done = run(DEPOSIT, runner, ZENODO_TOKEN=TOKEN, ZENODO_URL=zenodo.url)
    assert done.returncode == 0, done.stderr
    (kept,) = zenodo.published
    assert kept.files == contents(runner / "assets")
    address = f"https://doi.org/10.5281/zenodo.{kept.number}"
    assert (runner / "summary").read_text() == f"Deposited: {address}\n"
    assert TOKEN not in done.stdout + done.stderr


def test_a_deposit_that_fails_fails_the_job(runner: Path, zenodo: Zenodo) -> None:
    done = run(DEPOSIT, runner, ZENODO_TOKEN="old", ZENODO_URL=zenodo.url)
    assert done.returncode == 3
    assert not (runner / "summary").exists()
    assert zenodo.published == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """This repository as a tag that was checked out and set up, without installing anything."""
    folder = tmp_path / "repository"
    shutil.copytree(
        ROOT,
        folder,
        symlinks=True,
        ignore=shutil.ignore_patterns(".*", "dist", "tests", "__pycache__"),
    )
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / ".gitignore").write_text("/.venv/\n/assets/\n/bin/\n/dist/\n/outputs\n/step.sh\n")
    # A first release of what is here: records may have changed since the last one was prepared, and
    # a copy has no tags of those before.
    (folder / "CHANGELOG.md").unlink()
    prepare(folder, open_package(folder).version)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "release")
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD")
    tool = folder / ".venv" / "bin" / "incidents"
    tool.parent.mkdir(parents=True)
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sahel_incidents "$@"\n')
    tool.chmod(0o755)
    (folder / ".venv" / ".installed").touch()
    return folder


def test_the_release_of_this_repository_is_built_packed_and_deposited(
    repository: Path, zenodo: Zenodo, deposit: Callable[..., Done]
) -> None:
    given: dict[str, Any] = {"PYTHONPATH": str(repository / "src")}
    version = re.search(r'"version": "([^"]+)"', (repository / "datapackage.json").read_text())
    assert version
    given["TAG"] = f"v{version[1]}"
    given["RELEASE"] = f"sahel-incidents-{version[1]}"
    for step in JOBS["build"]["steps"]:
        if "run" in step:
            done = run(step["run"], repository, **given)
            assert done.returncode == 0, done.stdout + done.stderr
    assert (repository / "outputs").read_text() == f"release={given['RELEASE']}\n"
    packed = contents(repository / "assets")
    assert {"README.md", "SHA256SUMS", f"{given['RELEASE']}-release.zip"} <= packed.keys()
    done = deposit(repository / "assets")
    assert done.returncode == 0, done.stderr
    (kept,) = zenodo.published
    assert kept.files == packed
    assert kept.metadata["version"] == version[1]
    related = [item["identifier"] for item in kept.metadata["related_identifiers"]]
    assert related[-1].endswith(f"/commit/{git(repository, 'rev-parse', 'HEAD')}")
