"""Post the report of a validation run on its pull request; called by `.github/workflows`.

The artifact was written by a run that the pull request controls: it may hold anything. So it stays
packed until its names and sizes are known, and what it says is only ever shown as text. Which pull
request it belongs to is not read from it but asked of GitHub, by the commit that was run.

    post_report.py comment FOLDER         comment with report.md, or renew the comment
    post_report.py sarif FOLDER TARGET    unpack report.sarif

FOLDER holds the packed artifact and nothing else. Only the standard library is used: the job that
runs this installs nothing.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

NAMES = frozenset({"report.json", "report.log", "report.md", "report.sarif"})
MAX_BYTES = 10_000_000
"""The largest report read; GitHub takes no larger SARIF."""

MAX_CHARACTERS = 60_000
"""GitHub refuses a comment of more than 65,536 characters."""

MARKER = "<!-- incidents validate -->"
"""By its first line the comment is found again, so that a pull request has one, always current."""

BOT = "github-actions[bot]"


class RefusedError(Exception):
    """The artifact is not what validate.yml writes."""


def unpacked(folder: Path, name: str) -> str:
    """One report out of the packed artifact.

    Raises:
        RefusedError: the artifact holds anything unexpected.
    """
    packed = list(folder.iterdir())
    if len(packed) != 1 or packed[0].is_symlink() or not packed[0].is_file():
        raise RefusedError("the artifact is not one file")
    if packed[0].stat().st_size > MAX_BYTES:
        raise RefusedError("the artifact is too large")
    try:
        with zipfile.ZipFile(packed[0]) as archive:
            names = archive.namelist()
            if len(set(names)) < len(names) or not NAMES.issuperset(names) or name not in names:
                raise RefusedError("the artifact holds other files than the reports")
            with archive.open(name) as stream:
                content = stream.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise RefusedError("a report is too large")
        return content.decode("utf-8")
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise RefusedError("the artifact cannot be unpacked") from error


def comment_text(report: str, run_url: str, commit: str) -> str:
    """The comment: a head that is ours, and the report with nobody called by it."""
    # A zero-width space keeps @name from calling somebody.
    shown = report.replace("@", "@\u200b").replace("<!--", "&lt;!--")
    if len(shown) > MAX_CHARACTERS:
        shown = shown[:MAX_CHARACTERS].rpartition("\n")[0] + "\n\n*Cut here; the run has it all.*\n"
    head = f"What [the check of {commit[:7]}]({run_url}) reports:"
    return f"{MARKER}\n{head}\n\n{shown}"


class GitHub:
    """The repository's API, as far as it is needed here."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._base = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}"
        self._token = environment["GITHUB_TOKEN"]

    def call(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        """Call the API and return the answer's JSON."""
        request = Request(
            f"{self._base}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def pull_request(self, owner: str, branch: str, commit: str) -> int | None:
        """The open pull request from that branch whose newest commit is the one that was run."""
        query = urlencode({"state": "open", "head": f"{owner}:{branch}", "per_page": "100"})
        for found in self.call("GET", f"/pulls?{query}"):
            if found["head"]["sha"] == commit:
                return int(found["number"])
        return None

    def post(self, number: int, text: str) -> None:
        """Comment on a pull request, or renew the comment that is there."""
        page = 1
        while found := self.call("GET", f"/issues/{number}/comments?per_page=100&page={page}"):
            for comment in found:
                if comment["user"]["login"] == BOT and comment["body"].startswith(MARKER):
                    self.call("PATCH", f"/issues/comments/{int(comment['id'])}", {"body": text})
                    return
            page += 1
        self.call("POST", f"/issues/{number}/comments", {"body": text})


def post(folder: Path, environment: dict[str, str]) -> None:
    """Comment with the report, and tell the workflow the pull request's number."""
    commit = environment["HEAD_SHA"]
    if not re.fullmatch("[0-9a-f]{40,64}", commit):
        raise RefusedError("there is no commit")
    text = comment_text(unpacked(folder, "report.md"), quote(environment["RUN_URL"], ":/"), commit)
    github = GitHub(environment)
    number = github.pull_request(environment["HEAD_OWNER"], environment["HEAD_BRANCH"], commit)
    if number is None:
        print("no open pull request ends with this commit: nothing to comment on")
        return
    github.post(number, text)
    with Path(environment["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as outputs:
        outputs.write(f"number={number}\n")


def write_sarif(folder: Path, target: Path) -> None:
    """Unpack the SARIF report, which must be a log of SARIF 2.1.0."""
    content = unpacked(folder, "report.sarif")
    try:
        log = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise RefusedError("report.sarif is not JSON") from error
    if not isinstance(log, dict) or log.get("version") != "2.1.0":
        raise RefusedError("report.sarif is not SARIF 2.1.0")
    target.write_text(content, encoding="utf-8")


def main(arguments: list[str]) -> str | int:
    """Run; returns what `sys.exit` takes."""
    try:
        match arguments:
            case ["comment", folder]:
                post(Path(folder), dict(os.environ))
            case ["sarif", folder, target]:
                write_sarif(Path(folder), Path(target))
            case _:
                return str(__doc__)
    except RefusedError as refused:
        return f"error: {refused}; nothing was posted"
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
