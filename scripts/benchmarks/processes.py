"""Measure a command and all processes that it starts: time, processor time, and memory.

    python scripts/benchmarks/processes.py incidents validate DIR --engine dask --memory-limit 2GB
    cd DIR && python .../processes.py incidents publish 0.1.0 --draft --parts --engine dask

Prints one line of JSON; memory is in millions of bytes, resident, read four times a second.
Linux only: it is read from /proc.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """What a command took.

    Attributes:
        code: its exit code.
        seconds: the wall time.
        busy: the processor time of all processes.
        largest: the most memory of any one of them, in bytes.
        together: the most memory of all of them at one time, in bytes.
    """

    code: int
    seconds: float
    busy: float
    largest: int
    together: int


def run(command: Sequence[str], folder: Path | None = None) -> Usage:
    """Run a command, in a folder, and look at all processes below it meanwhile."""
    began = time.perf_counter()
    largest = together = 0
    with subprocess.Popen(command, stdout=sys.stderr, cwd=folder) as process:
        while (code := process.poll()) is None:
            now = _memory(process.pid)
            largest, together = max(largest, *now), max(together, sum(now))
            time.sleep(0.25)
    seconds = time.perf_counter() - began
    used = os.times()
    return Usage(code, seconds, used.children_user + used.children_system, largest, together)


def _memory(root: int) -> list[int]:
    """The resident memory in bytes of a process and of each below it."""
    found, waiting = [0], [root]
    while waiting:
        folder = Path("/proc", str(waiting.pop()))
        try:
            status = (folder / "status").read_text(encoding="ascii", errors="replace")
            below = [(one / "children").read_text() for one in (folder / "task").iterdir()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        size = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0")
        found.append(int(size.split()[1]) * 1024)
        waiting += [int(child) for children in below for child in children.split()]
    return found


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    took = run(sys.argv[1:])
    told = {"exit_code": took.code, "seconds": round(took.seconds, 1)}
    told |= {"processor_seconds": round(took.busy, 1)}
    told |= {"largest_MB": round(took.largest / 1e6), "together_MB": round(took.together / 1e6)}
    print(json.dumps(told))
    sys.exit(took.code)
