"""How long `incidents publish` takes, beside bare writers of the same bytes.

An invented package of a million rows is committed to a repository of its own and published: all
that the command does, from the commit to the finished folder, in all usual formats. Beside it
`bare_writers.py` writes the same tables again; only the time within its writers counts, neither its
start nor its reading. What it leaves out is said there and on the page.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from .measure import Contender, Result, measure
from .page import Goal, machine, table

OURS, BARE = "incidents publish", "bare writers"
LIMIT, AIM = 4, 3
INCIDENTS = 178_000
"""As many as make a million rows."""

_WRITERS = Path(__file__).with_name("bare_writers.py")
_DAY = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Findings:
    """What was measured.

    Attributes:
        load: how many other processes were busy before the start, on average over a minute.
        manifest: that of the release.
        release_bytes: the bytes of its files.
        ours: the runs of our command.
        bare: what each run of the bare writers told, by writer.
    """

    load: float
    manifest: dict[str, Any]
    release_bytes: int
    ours: Result
    bare: list[dict[str, dict[str, float]]]

    @property
    def bare_seconds(self) -> float:
        """The median of what all bare writers took together."""
        return median(sum(one["seconds"] for one in told.values()) for told in self.bare)

    @property
    def goals(self) -> list[Goal]:
        """What the project set itself, with the numbers measured."""
        ratio = self.ours.time / self.bare_seconds
        return [Goal(f"time, in times of {BARE}", ratio, LIMIT, AIM)]


def benchmark(package: Path, license: Path, runs: int) -> Findings:
    """Publish a package and write its release barely, in turn.

    Args:
        package: its folder; what is made of it lies beside.
        license: the licence to publish it under.
        runs: how often.

    Raises:
        RuntimeError: one of both failed.
    """
    load = os.getloadavg()[0]
    repository = _committed(package, license)
    output, folder = (package.with_name(f"{package.name}-{one}") for one in ("release", "bare"))
    version = json.loads((package / "datapackage.json").read_bytes())["version"]
    command = (sys.executable, "-m", "sahel_incidents", "--package", str(repository), "publish")
    ours, told = Result(), []
    for _ in range(runs):
        for old in (output, folder):
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir()
        run = measure([Contender(OURS, (*command, version, "--output", str(output)), 1)])[OURS]
        ours.seconds += run.seconds
        ours.peaks += run.peaks
        release = next(path for path in output.iterdir() if path.is_dir())
        again = (sys.executable, str(_WRITERS), str(release), str(folder))
        told.append(json.loads(measure([Contender(BARE, again, 1)])[BARE].output))
        shutil.rmtree(folder)
    manifest = json.loads((release / "manifest.json").read_bytes())
    size = sum(path.stat().st_size for path in release.rglob("*") if path.is_file())
    shutil.rmtree(output)
    return Findings(load, manifest, size, ours, told)


def _committed(package: Path, license: Path) -> Path:
    """A package in a repository of its own, all of it committed."""
    repository = package.with_name(f"{package.name}-repository")
    shutil.rmtree(repository, ignore_errors=True)
    repository.mkdir()
    for name in ("datapackage.json", "data", "schemas"):
        if (package / name).is_dir():
            shutil.copytree(package / name, repository / name)
        else:
            shutil.copy(package / name, repository)
    shutil.copy(license, repository / "LICENSE")

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "gc.auto=0")
        days = {"GIT_AUTHOR_DATE": _DAY, "GIT_COMMITTER_DATE": _DAY}
        subprocess.run(
            ["git", "-C", str(repository), *identity, *arguments],
            check=True,
            env=os.environ | days,
        )

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--no-gpg-sign", "--message", "The package")
    return repository


def render(found: Findings) -> str:
    """The part of the page on publishing."""
    rows = found.manifest["rows"]
    own = sum(rows[name] for name in rows if name not in _derived(found))
    parts = [
        _INTRODUCTION.format(
            own=own,
            derived=sum(rows.values()) - own,
            files=len(found.manifest["artifacts"]) + 2,
            megabytes=found.release_bytes / 1e6,
        ),
        table(("", "measured", "limit", "aim", ""), [goal.cells for goal in found.goals]),
        table(
            ("", "seconds", "fastest to slowest", "runs", "peak memory, MB"),
            [
                (
                    OURS,
                    f"{found.ours.time:.1f}",
                    _range(found.ours.seconds),
                    str(len(found.ours.seconds)),
                    f"{found.ours.memory / 1e6:,.0f}",
                ),
                (
                    BARE,
                    f"{found.bare_seconds:.1f}",
                    _range([sum(o["seconds"] for o in told.values()) for told in found.bare]),
                    str(len(found.bare)),
                    "",
                ),
            ],
        ),
        _COUNTERPART,
        table(
            ("writer", "seconds", "MB", "files", "of them as in the release, byte for byte"),
            [
                (
                    name,
                    f"{median(told[name]['seconds'] for told in found.bare):.1f}",
                    f"{one['bytes'] / 1e6:,.1f}",
                    str(one["files"]),
                    str(one["same"]),
                )
                for name, one in found.bare[-1].items()
            ],
        ),
        _TRIED,
        f"{machine()} Load average before the start: {found.load:.1f}.\n",
    ]
    return "\n".join(parts)


def _derived(found: Findings) -> set[str]:
    paths = [artifact["path"] for artifact in found.manifest["artifacts"]]
    return {Path(path).stem for path in paths if path.startswith("flat/")}


def _range(seconds: list[float]) -> str:
    return f"{min(seconds):.1f} to {max(seconds):.1f}"


_INTRODUCTION = """\
`incidents publish VERSION`, of {own:,} rows, from which {derived:,} more are derived:
the whole command, from the commit to the finished folder of {files} files and {megabytes:,.0f} MB.
It validates the package, derives tables, writes every format, reads every one back and compares it
with the tables, value for value, hashes all files and flushes them to disk.
"""

_COUNTERPART = """The bare writers (`scripts/benchmarks/bare_writers.py`) write the same tables,
one after the other, with the same settings. Only the time within them counts: they are given tables
in Arrow's form, ready tuples of Python for SQLite, and the ready XML of the workbook. They leave
out all else that publishing does: git, validation, derivation, making GeoJSON and XML, metadata,
the codebook, reading back and comparing, hashing, and waiting for the disk. GeoJSON, of which
pyarrow has no writer, is stood for by a CSV of its table. pyarrow puts quotes around texts that the
canonical form of the data's own CSV leaves bare.
"""

_TRIED = """### What was tried

Seconds of single runs of these steps, by hand on a machine of the same kind, for a million rows:

| step | before | after |
| --- | --- | --- |
| writing the workbook | 20.6 | 12.5 |
| checking the workbook | 23.5 | 15.5 |
| checking the workbook and the database | 33 | 22 |

- In writing the workbook, characters to escape are looked for in all bytes of a column at once, no
  longer by an expression for each of them in each text. Half of what remains is compression.
- In checking it, the tags are found by numpy in blocks of bytes, no longer by an expression for
  each cell.
- Two formats are written or checked at a time: Arrow, zlib and SQLite let other threads run.
- Writing the database takes as long as the bare writer. Checking it takes 15 seconds: 3 for
  SQLite's own checks, 8 to read its rows and views, 4 to make columns of them. A larger cache or
  mapped memory for reading gave nothing; reading text as bytes gave a tenth, but then texts and
  blobs look the same.
- Two threads gain only where two cores are free. On a machine that is busy otherwise, both
  programs take longer, and ours, which keeps two cores busy, loses more.
- The memory is that of all tables, in Arrow's form, and of the tables that are read back while two
  formats are compared with them.
"""
