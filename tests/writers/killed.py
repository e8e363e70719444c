"""Kill a writer at each of its system calls, and a second time while its write is recovered.

Run as `killed.py FOLDER`; prints what was seen as JSON. Each writer is a fork of this process, so
hundreds take seconds. A profile function counts the calls into the operating system, and ends the
process with SIGKILL just before the one that is asked for.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sahel_incidents import store

AT_LEAST = 200
OLD = {"data/a.csv": b"id\n" + b"a\n" * 5000, "data/b.csv": b"id\nb\n", "data/c.csv": b"id\nc\n"}
NEW = {path: b"id\nnew\n" + content for path, content in OLD.items()} | {"data/d.csv": b"id\nd\n"}


def is_system_call(function: Any) -> bool:
    owner = getattr(function, "__self__", None)
    return "posix" in (function.__module__, getattr(owner, "__name__", "")) or (
        type(owner).__module__ == "_io" or function.__module__ == "_io"
    )


def fork(act: Callable[[], None], kill_at: int = 0) -> int | None:
    """Run in a process of its own; returns its system calls, or None where it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        steps = 0

        def watch(_frame: Any, event: str, function: Any) -> None:
            nonlocal steps
            if event == "c_call" and is_system_call(function):
                steps += 1
                if steps == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(watch)
        act()
        sys.setprofile(None)
        os.write(writer, str(steps).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="ascii") as stream:
        steps = stream.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert status == 0, "the writer failed"
    return int(steps)


def reset(root: Path) -> None:
    shutil.rmtree(root, ignore_errors=True)
    (root / "data").mkdir(parents=True)
    for path, content in OLD.items():
        (root / path).write_bytes(content)


def content(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def tables(root: Path) -> dict[str, bytes]:
    return {path: held for path, held in content(root).items() if path.startswith("data/")}


def state(root: Path) -> str:
    held = tables(root)
    if held in (OLD, NEW):
        return "old" if held == OLD else "new"
    assert all(held[path] in (OLD.get(path), NEW[path]) for path in held), "half a file"
    return "between"


def main(root: Path) -> None:
    chance = random.Random(20250601)
    seen: Counter[str] = Counter()

    def write() -> None:
        store.apply(root, NEW)

    def recover() -> None:
        store.recover(root)

    reset(root)
    steps = fork(write)
    assert steps is not None
    assert state(root) == "new"
    last = "old"
    for number in range(max(AT_LEAST, steps)):
        reset(root)
        assert fork(write, kill_at=number % steps + 1) is None
        seen["writers killed"] += 1
        before = state(root)
        seen[f"killed: {before}"] += 1
        if fork(recover, kill_at=chance.randint(1, steps)) is None:
            seen["recoveries killed"] += 1
        store.recover(root)
        after = state(root)
        seen[f"recovered: {after}"] += 1
        assert after != "between", "half a write"
        assert (before, after) != ("new", "old"), "a lost write"
        assert (last, after) != ("new", "old") or number % steps == 0, "a lost write"
        last = after
        assert content(root).keys() - tables(root).keys() == {".incidents/lock"}, "a stale file"
    print(json.dumps({"steps": steps, **seen}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
