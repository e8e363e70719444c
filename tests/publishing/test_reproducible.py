"""Same commit, same bytes: whenever, wherever and by whomever a release is built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sahel_incidents.publishing import Published, staging
from sahel_incidents.release import MANIFEST

_BUILD = """
import datetime, os, sys, time, types
from pathlib import Path
from sahel_incidents import formats, metadata
from sahel_incidents.publishing import publish

root, output, umask, later = sys.argv[1:]
os.umask(int(umask, 8))
formats.load(["hxl"]), metadata.load()
import openpyxl, xlsxwriter.workbook

# A clock of its own: whatever of ours or of what writes files asks Python for the time gets
# another year. The types themselves stay, since compiled code relies on them.
seconds = int(later) * 365 * 86400
real = {name: getattr(time, name) for name in ("time", "gmtime", "localtime")}
time.time = lambda: real["time"]() + seconds
time.gmtime = lambda at=None: real["gmtime"](time.time() if at is None else at)
time.localtime = lambda at=None: real["localtime"](time.time() if at is None else at)

class AsBefore(type):
    def __instancecheck__(cls, value):
        return isinstance(value, cls.__mro__[1])

class Later(datetime.datetime, metaclass=AsBefore):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromtimestamp(time.time(), tz)
    utcnow = now

class LaterDay(datetime.date, metaclass=AsBefore):
    @classmethod
    def today(cls):
        return datetime.date.fromtimestamp(time.time())

module = types.SimpleNamespace(**vars(datetime) | {"datetime": Later, "date": LaterDay})
instead = {datetime: module, datetime.datetime: Later, datetime.date: LaterDay}
for name, found in list(sys.modules.items()):
    if name.split(".")[0] in ("sahel_incidents", "xlsxwriter", "openpyxl", "zipfile"):
        for attribute, value in list(vars(found).items()):
            if isinstance(value, (type, types.ModuleType)) and value in instead:
                setattr(found, attribute, instead[value])

from sahel_incidents import clock
print(clock.today().year)
publish(Path(root), "1.0.0", Path(output), options=("hxl",))
"""


def build(repository: Path, output: Path, *, umask: str, later: int, **environment: str) -> Path:
    done = subprocess.run(
        [sys.executable, "-c", _BUILD, str(repository), str(output), umask, str(later)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stderr
    if "SOURCE_DATE_EPOCH" not in environment:
        assert int(done.stdout) == date.today().year + later
    [folder] = [path for path in output.iterdir() if not path.name.startswith(".")]
    return folder


def test_two_builds_in_different_circumstances_are_the_same(
    first_state: Path, tmp_path: Path, git: Callable[..., str]
) -> None:
    clone = tmp_path / "a clone ü" / "elsewhere"
    clone.parent.mkdir()
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{first_state}", str(clone))
    home = tmp_path / "home"
    home.mkdir()
    one = build(
        Path(shutil.copytree(first_state, tmp_path / "copy")),
        tmp_path / "one",
        umask="077",
        later=0,
        TZ="Pacific/Kiritimati",
        LC_ALL="C",
        PYTHONHASHSEED="1",
        HOME=str(home),
        USER="somebody",
    )
    other = build(
        clone,
        tmp_path / "deep" / "other place",
        umask="002",
        later=3,
        TZ="America/Adak",
        LC_ALL="C.UTF-8",
        PYTHONHASHSEED="2",
        COLUMNS="20",
        PYTHONOPTIMIZE="1",
    )
    assert one.name == other.name
    assert staging.differing(one, other) == []
    for path in one.rglob("*"):
        assert path.stat().st_mode == (other / path.relative_to(one)).stat().st_mode


def test_nothing_of_the_machine_is_in_the_bytes(
    first_published: Published, first_state: Path
) -> None:
    folder = first_published.folder
    strange = [str(folder.parent), str(first_state), str(Path.home()), os.uname().nodename]
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for text in strange:
                assert text.encode() not in content or len(text) < 5, f"{text} in {path.name}"


def test_a_time_that_is_given_changes_nothing(
    first_published: Published, first_state: Path, tmp_path: Path
) -> None:
    other = build(first_state, tmp_path, umask="022", later=0, SOURCE_DATE_EPOCH="1900000000")
    differing = staging.differing(first_published.folder, other)
    assert all("hxl" in path or _tells_of_all(path) for path in differing)


def _tells_of_all(path: str) -> bool:
    """Whether a file lists the others, so that one more changes it."""
    return "/" not in path and not path.endswith((".csv", ".zip", ".sqlite", ".xlsx"))


def test_another_commit_gives_other_bytes(
    first_published: Published, repository: Path, tmp_path: Path, git: Callable[..., str]
) -> None:
    git(repository, "commit", "--quiet", "--amend", "--message", "another")
    other = build(repository, tmp_path / "dist", umask="022", later=0)
    differing = set(staging.differing(first_published.folder, other))
    assert MANIFEST in differing
    assert not any(path.startswith(("data/", "parquet/")) for path in differing)


@pytest.mark.parametrize("name", ["python", "pyarrow", "sqlite", "zlib"])
def test_the_manifest_tells_what_decides_the_bytes(first_published: Published, name: str) -> None:
    told = json.loads((first_published.folder / MANIFEST).read_bytes())
    assert told["tools"][name]
    assert len(told["toolkit"]["sha256"]) == 64
