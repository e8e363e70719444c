"""The workflows: checked by two linters, and their own steps run on this machine."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
POST = ROOT / "scripts" / "post_report.py"
COMMIT = "1234567890" * 4


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def linter(name: str) -> str:
    """A program installed beside Python, as `make setup` does."""
    found = shutil.which(
        name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    )
    assert found, f"{name} is missing; run: make setup"
    return found


def test_zizmor_finds_nothing() -> None:
    done = subprocess.run(
        [linter("zizmor"), "--offline", "--no-progress", ".github"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing() -> None:
    command = [linter("actionlint"), "-no-color", *map(str, WORKFLOWS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_least_rights(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert "pull_request_target" not in workflow["on"]
    by_a_pull_request = "pull_request" in workflow["on"]
    for job in workflow["jobs"].values():
        written = {name for name, right in job["permissions"].items() if right == "write"}
        assert not (by_a_pull_request and written)
        assert "timeout-minutes" in job
        checkouts = [s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout@")]
        for step in checkouts:
            assert step["with"]["persist-credentials"] is False
            # With rights, only the main branch's own files are ever there.
            assert by_a_pull_request or "ref" not in step["with"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_their_version_beside(path: Path) -> None:
    uses = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert uses
    for use in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)


def test_one_action_has_one_version() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    pins = set(re.findall(r"uses: ([\w./-]+)@(\w+)", text))
    assert len(pins) == len({name for name, _ in pins})


def test_workflows_name_each_other_rightly() -> None:
    workflows = {path.stem: load(path) for path in WORKFLOWS}
    comment, validate = workflows["comment"], workflows["validate"]
    assert comment["on"]["workflow_run"]["workflows"] == [validate["name"]]
    (upload,) = (
        step["with"]["name"]
        for step in validate["jobs"]["validate"]["steps"]
        if "upload-artifact" in step.get("uses", "")
    )
    for job in comment["jobs"].values():
        (download,) = (s for s in job["steps"] if "download-artifact" in s.get("uses", ""))
        assert download["with"]["name"] == upload
        assert download["with"]["skip-decompress"] is True


def test_pre_commit_hooks_are_commands_of_ours() -> None:
    hooks = load(ROOT / ".pre-commit-hooks.yaml")
    assert {hook["id"] for hook in hooks} == {"incidents-fmt", "incidents-validate"}
    for hook in hooks:
        assert hook["pass_filenames"] is False
        assert re.search(hook["files"], "data/incidents.csv")
        assert not re.search(hook["files"], "src/data/x.csv")
        command, *arguments = hook["entry"].split()
        assert command == "incidents"
        done = subprocess.run(
            [sys.executable, "-m", "sahel_incidents", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr


class Pull:
    """A pull request's two sides, on which the steps of validate.yml are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.summary = folder / "summary.md"
        base = folder / "base"
        (base / "src").mkdir(parents=True)
        (base / "src" / "tool.py").touch()
        shutil.copy(ROOT / "datapackage.json", base)
        for name in ("data", "schemas"):
            shutil.copytree(ROOT / name, base / name)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("base")
        self.git("clone", "--quiet", ".", "../head")
        tool = folder / "base" / ".venv" / "bin" / "incidents"
        tool.parent.mkdir(parents=True)
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sahel_incidents "$@"\n')
        tool.chmod(0o755)

    def git(self, *arguments: str, side: str = "base") -> str:
        identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
        command = ["git", "-C", str(self.folder / side), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, side: str) -> None:
        self.git("add", "--all", side=side)
        self.git("commit", "--quiet", "--allow-empty", "--message", side, side=side)

    def run(self) -> subprocess.CompletedProcess[str]:
        self.commit("head")
        self.git("fetch", "--quiet", "origin", side="head")
        steps = load(ROOT / ".github" / "workflows" / "validate.yml")["jobs"]["validate"]["steps"]
        scripts = [step["run"] for step in steps if "run" in step]
        assert scripts[0] == "make -C base setup"
        return subprocess.run(
            # As GitHub runs a step that names no shell.
            ["bash", "-e", "-c", "\n".join(scripts[1:])],
            cwd=self.folder,
            env={
                **os.environ,
                "BASE": self.git("rev-parse", "HEAD"),
                "GITHUB_STEP_SUMMARY": str(self.summary),
            },
            capture_output=True,
            text=True,
            timeout=120,
        )

    def spoil(self, path: str, old: str, new: str, side: str = "head") -> None:
        file = self.folder / side / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def pull(tmp_path: Path) -> Pull:
    return Pull(tmp_path)


def test_a_sound_pull_request_passes(pull: Pull) -> None:
    done = pull.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "::error" not in done.stdout
    assert "Sound" in pull.summary.read_text(encoding="utf-8")
    reports = {path.name for path in (pull.folder / "reports").iterdir()}
    assert reports == {"report.json", "report.log", "report.md", "report.sarif"}
    assert "no records changed" in (pull.folder / "reports" / "report.md").read_text("utf-8")


def test_a_published_figure_does_not_change_in_silence(pull: Pull) -> None:
    figure = "MLI-2025-06-01-boulikessi-f01"
    line = next(
        line
        for line in (ROOT / "data" / "casualties.csv").read_text("utf-8").splitlines()
        if line.startswith(f"{figure},")
    )
    assert ",unconfirmed," in line
    pull.spoil("data/casualties.csv", line, line.replace(",unconfirmed,", ",withdrawn,"))
    done = pull.run()
    assert done.returncode == 1
    assert "change-figure-unrevised" in done.stdout
    report = (pull.folder / "reports" / "report.md").read_text("utf-8")
    assert "1 record changed" in report


def test_what_the_branch_gained_meanwhile_is_not_missing(pull: Pull) -> None:
    title = "Boulikessi, 1 June 2025: attack on an army camp"
    pull.spoil("data/incidents.csv", title, f"{title} at dawn", side="base")
    pull.spoil("src/tool.py", "", "1\n", side="base")
    pull.commit("base")
    done = pull.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Not judged here" not in done.stdout
    assert "no records changed" in pull.summary.read_text(encoding="utf-8")


def test_a_pull_request_is_judged_by_the_schemas_it_is_meant_for(pull: Pull) -> None:
    pull.spoil("data/casualties.csv", ",unconfirmed,", ",rumoured,")
    pull.spoil("schemas/casualties.json", '"unconfirmed"', '"rumoured"')
    done = pull.run()
    assert done.returncode == 1
    assert "::error file=data/casualties.csv,line=" in done.stdout
    assert "::notice title=Not judged here::This pull request changes schemas." in done.stdout
    assert "casualties" in pull.summary.read_text(encoding="utf-8")


def test_a_link_in_a_pull_request_is_not_followed(pull: Pull) -> None:
    table = pull.folder / "head" / "data" / "casualties.csv"
    table.unlink()
    table.symlink_to("/etc/passwd")
    done = pull.run()
    assert done.returncode == 3
    assert "symbolic link" in done.stderr
    assert "root:" not in done.stdout + done.stderr


class Answers(BaseHTTPRequestHandler):
    """A small part of GitHub's API."""

    asked: list[tuple[str, str, Any]]
    pulls: list[Any]
    comments: list[Any]

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        type(self).asked.append((self.command, self.path, body))
        assert self.headers["Authorization"] == "Bearer secret"
        if "/pulls?" in self.path:
            answer: Any = self.pulls
        elif self.command == "GET":
            answer = self.comments if self.path.endswith("page=1") else []
        else:
            answer = {}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def github() -> Iterator[tuple[type[Answers], str]]:
    answers = type("These", (Answers,), {"asked": [], "pulls": [], "comments": []})
    server = HTTPServer(("127.0.0.1", 0), answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield answers, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def packed(folder: Path, **files: str | bytes) -> Path:
    artifact = folder / "artifact"
    artifact.mkdir()
    with zipfile.ZipFile(artifact / "reports.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return artifact


def post(artifact: Path, url: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GITHUB_API_URL": url,
        "GITHUB_REPOSITORY": "owner/project",
        "GITHUB_TOKEN": "secret",
        "GITHUB_OUTPUT": str(artifact.parent / "outputs"),
        "RUN_URL": "https://github.com/owner/project/actions/runs/1",
        "HEAD_SHA": COMMIT,
        "HEAD_OWNER": "someone",
        "HEAD_BRANCH": "a branch&state=all",
        "NO_PROXY": "127.0.0.1",
        **more,
    }
    return subprocess.run(
        [sys.executable, str(POST), "comment", str(artifact)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


REPORT = {"report_md": "### Sound\n", "report_sarif": "{}", "report_json": "{}", "report_log": ""}


def test_the_comment_goes_to_the_pull_request_of_the_commit(
    github: tuple[type[Answers], str], tmp_path: Path
) -> None:
    answers, url = github
    answers.pulls = [
        {"number": 6, "head": {"sha": "0" * 40}},
        {"number": 7, "head": {"sha": COMMIT}},
    ]
    artifact = packed(tmp_path, **REPORT | {"report_md": "Hello @everyone <!-- x -->\n"})
    done = post(artifact, url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (_, asked, _), _, (method, path, body) = answers.asked
    assert asked.startswith("/repos/owner/project/pulls?state=open&head=someone%3Aa+branch%26state")
    assert (method, path) == ("POST", "/repos/owner/project/issues/7/comments")
    lines = body["body"].split("\n")
    assert lines[0] == "<!-- incidents validate -->"
    assert "1234567" in lines[1]
    assert lines[3] == "Hello @\u200beveryone &lt;!-- x -->"
    assert (tmp_path / "outputs").read_text() == "number=7\n"


def test_the_comment_is_renewed_and_only_ours(
    github: tuple[type[Answers], str], tmp_path: Path
) -> None:
    answers, url = github
    answers.pulls = [{"number": 7, "head": {"sha": COMMIT}}]
    marker = "<!-- incidents validate -->\n"
    answers.comments = [
        {"id": 1, "user": {"login": "someone"}, "body": marker},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": "other"},
        {"id": 3, "user": {"login": "github-actions[bot]"}, "body": marker},
    ]
    done = post(packed(tmp_path, **REPORT | {"report_md": "line\n" * 50_000}), url)
    assert done.returncode == 0, done.stderr
    method, path, body = answers.asked[-1]
    assert (method, path) == ("PATCH", "/repos/owner/project/issues/comments/3")
    assert len(body["body"]) < 65_536
    assert body["body"].endswith("*Cut here; the run has it all.*\n")


def test_a_commit_that_is_no_longer_the_newest_gets_no_comment(
    github: tuple[type[Answers], str], tmp_path: Path
) -> None:
    answers, url = github
    answers.pulls = [{"number": 7, "head": {"sha": "0" * 40}}]
    done = post(packed(tmp_path, **REPORT), url)
    assert done.returncode == 0
    assert "nothing to comment on" in done.stdout
    assert len(answers.asked) == 1


@pytest.mark.parametrize(
    "files",
    [
        {"report_json": "{}"},
        REPORT | {"evil_sh": "rm"},
        REPORT | {"..__report_md": "x"},
        REPORT | {"report_md": b"\xff"},
        REPORT | {"report_md": b"x" * 10_000_001},
    ],
    ids=["no report", "another file", "a path", "not UTF-8", "a bomb"],
)
def test_an_artifact_with_anything_else_is_refused(
    github: tuple[type[Answers], str], tmp_path: Path, files: dict[str, str | bytes]
) -> None:
    answers, url = github
    done = post(packed(tmp_path, **files), url)
    assert done.returncode == 1
    assert "nothing was posted" in done.stderr
    assert "Traceback" not in done.stderr
    assert answers.asked == []


def test_what_is_no_artifact_is_refused(github: tuple[type[Answers], str], tmp_path: Path) -> None:
    answers, url = github
    artifact = packed(tmp_path, **REPORT)
    assert post(artifact, url, HEAD_SHA="main; rm").returncode == 1
    (artifact / "more").write_text("x")
    assert post(artifact, url).returncode == 1
    shutil.rmtree(artifact)
    artifact.mkdir()
    (artifact / "reports.zip").write_bytes(b"PK\x03\x04 and no more")
    assert post(artifact, url).returncode == 1
    assert answers.asked == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"version": "2.1.0", "runs": []}', ""),
        ('{"version": "3.0"}', "not SARIF 2.1.0"),
        ("[]", "not SARIF 2.1.0"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_only_sarif_is_unpacked(tmp_path: Path, content: str, message: str) -> None:
    artifact, target = packed(tmp_path, **REPORT | {"report_sarif": content}), tmp_path / "out"
    done = subprocess.run(
        [sys.executable, str(POST), "sarif", str(artifact), str(target)],
        capture_output=True,
        text=True,
    )
    assert message in done.stderr
    assert (done.returncode == 0) == target.exists() == (message == "")
