"""Several files replaced together: what a kill, a crowd, a full disk and a forged journal may do.

The hostile journals matter because a folder with one may come with a clone or an archive.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sahel_incidents import store
from sahel_incidents.problem import DescriptorError, ToolError
from sahel_incidents.store import journal
from sahel_incidents.validate import validate

ROOT = Path(__file__).parents[1]
WRITERS = Path(__file__).parent / "writers"
OLD = {"data/a.csv": b"id\na\n", "data/b.csv": b"id\nb\n", "data/c.csv": b"id\nc\n"}
NEW = {path: content + b"new\n" for path, content in OLD.items()} | {"data/d.csv": b"id\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A package's folder with three tables; a fourth is yet to come."""
    folder = tmp_path / "package"
    lay_out(folder)
    return folder


def lay_out(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    schema = {"fields": [{"name": "id", "type": "string"}], "primaryKey": "id"}
    resources = [{"name": Path(path).stem, "path": path, "schema": schema} for path in OLD]
    descriptor = {"name": "tiny", "version": "1.0.0", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    for path, content in OLD.items():
        (folder / path).write_bytes(content)


def tables(root: Path) -> dict[str, bytes]:
    return {f"data/{file.name}": file.read_bytes() for file in (root / "data").iterdir()}


def leftovers(root: Path) -> set[str]:
    folder = root / ".incidents"
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*")} - {"lock"}


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def interrupt(root: Path, moved: int) -> None:
    """Leave a write as a process does that is killed after it replaced so many files."""
    for path, content in NEW.items():
        staged = root / ".incidents" / "new" / path
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(content)
    moves = [
        {"path": path, "old": sha256(OLD[path]) if path in OLD else None, "new": sha256(content)}
        for path, content in NEW.items()
    ]
    for path in list(NEW)[:moved]:
        os.replace(root / ".incidents" / "new" / path, root / path)
    forge(root, {"files": moves})


def forge(root: Path, content: Any) -> None:
    (root / ".incidents").mkdir(exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (root / ".incidents" / "journal.json").write_text(text, encoding="utf-8")


def run(script: str | Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    given = [str(script)] if isinstance(script, Path) else ["-c", textwrap.dedent(script)]
    return subprocess.run(
        [sys.executable, *given, *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        **options,
    )


# What a write does


def test_all_files_are_replaced_and_nothing_stays_behind(root: Path) -> None:
    store.apply(root, NEW)
    assert tables(root) == NEW
    assert leftovers(root) == set()


def test_a_file_that_has_its_content_already_is_not_touched(root: Path) -> None:
    before = (root / "data/a.csv").stat()
    store.apply(root, OLD | {"data/b.csv": b"id\nx\n"})
    after = (root / "data/a.csv").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert (root / "data/b.csv").read_bytes() == b"id\nx\n"


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o444])
def test_a_file_keeps_its_permissions(root: Path, mode: int) -> None:
    (root / "data/a.csv").chmod(mode)
    store.apply(root, NEW)
    assert stat.S_IMODE((root / "data/a.csv").stat().st_mode) == mode


def test_the_check_sees_the_package_as_it_would_become(root: Path) -> None:
    seen: dict[str, bytes] = {}

    def check(folder: Path) -> None:
        seen.update(tables(folder))
        assert (folder / "datapackage.json").read_bytes() == (
            root / "datapackage.json"
        ).read_bytes()
        assert tables(root) == OLD

    store.apply(root, {"data/b.csv": b"id\nx\n"}, check=check)
    assert seen == OLD | {"data/b.csv": b"id\nx\n"}


def test_what_the_check_refuses_is_not_written(root: Path) -> None:
    def refuse(_: Path) -> None:
        raise LookupError("not sound")

    with pytest.raises(LookupError, match="not sound"):
        store.apply(root, NEW, check=refuse)
    assert tables(root) == OLD
    assert leftovers(root) == set()


def test_a_dry_run_checks_and_writes_nothing(root: Path) -> None:
    checked: list[Path] = []
    with store.writing(root) as writer:
        writer.replace(NEW, check=checked.append, dry_run=True)
    assert len(checked) == 1
    assert tables(root) == OLD
    assert leftovers(root) == set()


def test_what_another_program_wrote_during_the_check_is_kept(root: Path) -> None:
    def check(_: Path) -> None:
        (root / "data/b.csv").write_bytes(b"by hand\n")

    with pytest.raises(ToolError, match="another program changed a file meanwhile"):
        store.apply(root, NEW, check=check)
    assert tables(root) == OLD | {"data/b.csv": b"by hand\n"}
    assert leftovers(root) == set()


@pytest.mark.parametrize(
    "path",
    ["../out.csv", "/etc/out.csv", "data/../../out.csv", ".git/hooks/pre-commit", "a/.b/c", ""],
)
def test_a_path_out_of_the_package_is_refused(root: Path, path: str) -> None:
    with pytest.raises(DescriptorError):
        store.apply(root, {"data/a.csv": b"x", path: b"x"})
    assert tables(root) == OLD


@pytest.mark.parametrize("link", ["data/a.csv", "data", ".incidents", ".incidents/lock"])
def test_a_symbolic_link_is_refused(root: Path, tmp_path: Path, link: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    place = root / link
    if place.exists():
        place.rename(elsewhere)
    else:
        place.parent.mkdir(exist_ok=True)
        elsewhere.mkdir()
    place.symlink_to(elsewhere)
    with pytest.raises(DescriptorError, match="symbolic link"):
        store.apply(root, NEW)
    assert place.is_symlink()
    held = elsewhere / "a.csv" if elsewhere.is_dir() else elsewhere
    assert not held.exists() or held.read_bytes() == OLD["data/a.csv"]


def test_a_folder_in_the_place_of_a_table_is_refused(root: Path) -> None:
    (root / "data/d.csv").mkdir()
    with pytest.raises(ToolError, match=r"data/d\.csv is not a file"):
        store.apply(root, NEW)
    assert (root / "data/a.csv").read_bytes() == OLD["data/a.csv"]


def test_writing_loads_no_large_library() -> None:
    heavy = ("numpy", "pandas", "pandera", "pyarrow", "shapely")
    done = run(
        f"import sys, sahel_incidents.store; print(set({heavy!r}) & set(sys.modules))", cwd=ROOT
    )
    assert (done.stdout.strip(), done.returncode) == ("set()", 0), done.stderr


# When it fails


def failing_at(number: int, error: BaseException) -> Callable[..., None]:
    """A stand-in for `os.replace` that fails once, at its call of that number."""
    calls = 0
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            raise error
        real(source, target)

    return replace


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("number", range(1, 10))
def test_a_write_that_fails_halfway_is_undone(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException
) -> None:
    """Renames 1 to 4 stage the files, 5 the journal, 6 to 9 replace the files."""
    monkeypatch.setattr(os, "replace", failing_at(number, error))
    expected = ToolError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as raised:
        store.apply(root, NEW)
    assert tables(root) == OLD
    assert leftovers(root) == set()
    if isinstance(raised.value, ToolError):
        assert raised.value.remedy.endswith("nothing was changed")


def test_a_write_that_cannot_even_be_undone_is_completed_later(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, broken = os.replace, False

    def replace(source: Any, target: Any) -> None:
        nonlocal broken
        broken = broken or (str(target).endswith("data/c.csv") and "new" not in Path(target).parts)
        if broken:
            raise OSError(5, "Input/output error")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(ToolError, match="failed halfway and cannot be undone now") as raised:
        store.apply(root, NEW)
    assert "incidents fmt" in raised.value.remedy
    with pytest.raises(ToolError, match="was interrupted"):
        store.check_clean(root)
    monkeypatch.setattr(os, "replace", real)
    store.recover(root)
    assert tables(root) == NEW


WRITE_AS_NOBODY = """
    import os, sys
    from pathlib import Path
    from sahel_incidents import store
    from sahel_incidents.problem import ToolError
    store.apply(Path(sys.argv[1]), {"data/a.csv": b"id"})  # loads what is loaded on first use
    if os.geteuid() == 0:  # whom no permission stops
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
    try:
        store.apply(Path(sys.argv[2]), {"data/a.csv": b"x", "data/d.csv": b"x"})
    except ToolError as error:
        print(error.message, "->", error.remedy)
"""


@pytest.mark.parametrize("read_only", [[""], ["data"], ["", "data"]])
def test_a_read_only_folder_stays_as_it_is(tmp_path: Path, read_only: list[str]) -> None:
    lay_out(tmp_path / "warm")
    with tempfile.TemporaryDirectory() as name:  # pytest's own are closed to other users
        Path(name).chmod(0o755)
        root = Path(name) / "package"
        lay_out(root)
        if os.geteuid() == 0:
            for path in (root, *root.rglob("*")):
                os.chown(path, 65534, 65534)
        for folder in read_only:
            (root / folder).chmod(0o555)
        done = run(WRITE_AS_NOBODY, str(tmp_path / "warm"), str(root), cwd=ROOT)
        assert "Permission denied" in done.stdout, done.stderr
        assert done.stdout.strip().endswith("nothing was changed")
        assert tables(root) == OLD
        assert not (root / ".incidents").exists() or leftovers(root) == set()
        for folder in read_only:
            (root / folder).chmod(0o755)


WRITE_MUCH = """
    import sys
    from pathlib import Path
    from sahel_incidents import store
    from sahel_incidents.problem import ToolError
    try:
        store.apply(Path(sys.argv[1]), {"data/a.csv": b"x", "data/b.csv": b"x" * 300_000})
    except ToolError as error:
        print(error.message, "->", error.remedy)
"""


def test_a_file_that_may_not_grow_so_large_leaves_all_as_it_was(root: Path) -> None:
    limit = (100_000, 100_000)
    done = run(
        WRITE_MUCH,
        str(root),
        cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    assert "File too large" in done.stdout, done.stderr
    assert done.stdout.strip().endswith("nothing was changed")
    assert tables(root) == OLD
    assert leftovers(root) == set()


# When it is killed


def test_a_writer_killed_at_any_step_leaves_all_old_or_all_new(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    done = run(WRITERS / "killed.py", str(tmp_path / "package"), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["writers killed"] >= max(200, seen["steps"])
    # Kills in the midst of the renames were among them, and both outcomes.
    assert min(seen["killed: between"], seen["recoveries killed"]) >= 10
    assert min(seen["recovered: old"], seen["recovered: new"]) >= 10
    record_property("summary", f"kill -9 while writing: {done.stdout.strip()}")


@pytest.mark.parametrize("moved", range(5))
def test_an_interrupted_write_is_completed_by_the_next_writer(root: Path, moved: int) -> None:
    interrupt(root, moved)
    told: list[str] = []
    with store.writing(root, tell=told.append):
        assert tables(root) == NEW
    assert leftovers(root) == set()
    assert told == [
        "an interrupted write was completed: data/a.csv, data/b.csv, data/c.csv, data/d.csv"
    ]


def test_a_write_that_cannot_be_completed_is_undone(root: Path) -> None:
    """As after a kill while a failed write was being undone: what was staged is partly gone."""
    interrupt(root, moved=2)
    (root / ".incidents/new/data/c.csv").unlink()
    for path in ("data/a.csv", "data/b.csv"):
        kept = root / ".incidents/old" / path
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(OLD[path])
    told: list[str] = []
    store.recover(root, tell=told.append)
    assert tables(root) == OLD
    assert told[0].startswith("an interrupted write was undone")


def test_what_was_staged_without_a_journal_is_removed(root: Path) -> None:
    interrupt(root, moved=0)
    (root / ".incidents/journal.json").rename(root / ".incidents/.journal.json.x1.new")
    told: list[str] = []
    store.recover(root, tell=told.append)
    assert tables(root) == OLD
    assert leftovers(root) == set()
    assert told == []


def test_a_reader_notices_an_interrupted_write(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_PATIENCE", 0.1)
    store.check_clean(root)
    interrupt(root, moved=1)
    with pytest.raises(ToolError, match="was interrupted") as raised:
        store.check_clean(root)
    assert "incidents fmt" in raised.value.remedy


def test_a_reader_waits_for_a_write_that_is_being_made(root: Path) -> None:
    interrupt(root, moved=1)
    finishing = threading.Timer(0.3, store.recover, [root])
    finishing.start()
    store.check_clean(root)
    finishing.join()


# A journal that is not to be trusted


@pytest.mark.parametrize(
    "path",
    [
        "../out.csv",
        "/tmp/out.csv",
        "data/../../out.csv",
        ".git/hooks/pre-commit",
        ".github/workflows/validate.yml",
        "data/.hidden/x",
        "C:x",
        "",
        7,
        None,
    ],
)
def test_a_journal_that_leads_out_of_the_package_is_refused(root: Path, path: object) -> None:
    (root / ".git/hooks").mkdir(parents=True)
    interrupt(root, moved=0)
    content = b"#!/bin/sh\n"
    if isinstance(path, str) and path and not path.startswith("/"):
        staged = root / ".incidents/new" / path
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(content)
    forge(root, {"files": [{"path": path, "old": None, "new": sha256(content)}]})
    with pytest.raises(ToolError, match="was interrupted and cannot be completed"):
        store.recover(root)
    assert tables(root) == OLD
    assert not (root.parent / "out.csv").exists()
    assert list((root / ".git/hooks").iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not JSON",
        "[]",
        "[" * 100_000,
        {},
        {"files": 1},
        {"files": [1]},
        {"files": [{"path": "data/a.csv"}]},
        {"files": [{"path": "data/a.csv", "old": None, "new": None}]},
        {"files": [{"path": "data/a.csv", "old": "", "new": "0" * 64}]},
        {"files": [{"path": "data/a.csv", "old": None, "new": "0" * 64, "mode": "4755"}]},
    ],
)
def test_a_damaged_journal_is_refused(root: Path, content: Any) -> None:
    forge(root, content)
    with pytest.raises(ToolError, match="cannot be completed") as raised:
        store.apply(root, NEW)
    assert ".incidents" in raised.value.remedy
    assert tables(root) == OLD


def test_staged_bytes_that_are_not_what_the_journal_says_are_refused(root: Path) -> None:
    interrupt(root, moved=1)
    (root / ".incidents/new/data/b.csv").write_bytes(b"id\nforged\n")
    with pytest.raises(ToolError, match="its files were changed since"):
        store.recover(root)
    assert tables(root) == OLD | {"data/a.csv": NEW["data/a.csv"]}


def test_a_table_that_was_changed_after_the_interruption_is_kept(root: Path) -> None:
    interrupt(root, moved=1)
    (root / "data/c.csv").write_bytes(b"id\nby hand\n")
    with pytest.raises(ToolError, match="its files were changed since"):
        store.recover(root)
    assert (root / "data/c.csv").read_bytes() == b"id\nby hand\n"


def test_a_staged_symbolic_link_is_refused(root: Path, tmp_path: Path) -> None:
    interrupt(root, moved=0)
    secret = tmp_path / "secret"
    secret.write_bytes(NEW["data/a.csv"])
    staged = root / ".incidents/new/data/a.csv"
    staged.unlink()
    staged.symlink_to(secret)
    with pytest.raises(ToolError, match="symbolic link"):
        store.recover(root)
    assert tables(root) == OLD


# In a crowd


@pytest.fixture
def held(root: Path) -> Iterator[Path]:
    """A package in which another process is writing."""
    hold = "import sys, time; from pathlib import Path; from sahel_incidents import store\n"
    hold += "with store.writing(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    with (
        subprocess.Popen(
            [sys.executable, "-c", hold, str(root)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as holder,
        ExitStack() as stack,
    ):
        stack.callback(holder.kill)
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        (root / "holder").write_text(str(holder.pid), encoding="ascii")
        yield root


def test_waiting_for_the_lock_says_so_and_gives_up(
    held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_QUIET", 0.1)
    told: list[str] = []
    with pytest.raises(ToolError, match="another process has been writing") as raised:
        store.apply(held, NEW, timeout=0.3, tell=told.append)
    assert told[0].startswith("another process is writing in ")
    assert raised.value.remedy.endswith("nothing was changed")
    assert tables(held) == OLD


def test_a_dead_process_holds_no_lock(held: Path) -> None:
    os.kill(int((held / "holder").read_text(encoding="ascii")), 9)
    store.apply(held, NEW, timeout=5)
    assert tables(held) == NEW


def test_eight_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    root = tmp_path / "package"
    root.mkdir()
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "datapackage.json", root)
    before = validate(root).rows["incidents"]
    writers = [
        subprocess.Popen(
            [sys.executable, str(WRITERS / "adding.py"), str(root), f"writer-{name}", "25"],
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        for name in "abcdefgh"
    ]
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert writer.returncode == 0, errors
    report = validate(root)
    assert report.rows["incidents"] == before + 200
    assert report.sound(), [problem.message for problem in report.problems][:3]
    assert leftovers(root) == set()


def test_the_journal_goes_before_what_it_speaks_of(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a kill in between would leave a journal that nothing can be done about."""
    gone: list[bool] = []
    real = shutil.rmtree
    monkeypatch.setattr(
        journal.shutil,
        "rmtree",
        lambda path: (gone.append(not (root / journal.JOURNAL).exists()), real(path)),
    )
    store.apply(root, NEW)
    assert gone == [True, True]
