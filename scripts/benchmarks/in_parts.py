"""Measure publishing in parts: time, and the memory of all processes together.

    python scripts/benchmarks/in_parts.py PACKAGE [--rows-per-part N] [--workers N]

The package is any that `incidents validate` finds sound; it is not validated here, since how much
that takes is measured elsewhere. Prints one line of JSON. Linux only: memory is read from /proc.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PUBLISH = """
import sys, time
from pathlib import Path
from sahel_incidents.descriptor import open_package
from sahel_incidents.publishing import InParts, publish

began, stages = time.monotonic(), {}

def told(stage, done, total):
    if stage not in stages:
        print(f"{time.monotonic() - began:.0f} s: {stage}", file=sys.stderr)
    stages[stage] = done

if __name__ == "__main__":
    root, output, rows, workers = sys.argv[1:]
    publish(
        Path(root), open_package(Path(root)).version, Path(output), draft=True,
        parts=InParts(int(rows), int(workers)), judge=lambda package, progress: None, progress=told,
    )
"""


def main() -> None:
    """Read the arguments, publish, and print what it took."""
    parser = argparse.ArgumentParser(description="Measure publishing in parts.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--rows-per-part", type=int, default=100_000, metavar="N")
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="incidents-", dir=given.package.parent) as temporary:
        script = Path(temporary, "publish.py")
        script.write_text(PUBLISH, encoding="utf-8")
        output = Path(temporary, "dist")
        command = [sys.executable, script, given.package, output]
        command += [str(given.rows_per_part), str(given.workers)]
        began = time.perf_counter()
        peaks: dict[int, int] = {}
        together = 0
        with subprocess.Popen(command) as process:
            while process.poll() is None:
                now = dict(_memory(process.pid))
                together = max(together, sum(now.values()))
                peaks = {pid: max(size, peaks.get(pid, 0)) for pid, size in (peaks | now).items()}
                time.sleep(0.2)
        if process.returncode:
            raise SystemExit(process.returncode)
        seconds = time.perf_counter() - began
        told = json.loads(next(output.glob("*/manifest.json")).read_bytes())
    print(
        json.dumps(
            {
                "rows": sum(told["rows"].values()),
                "files": len(told["artifacts"]),
                "bytes": sum(item["size"] for item in told["artifacts"]),
                "rows_per_part": given.rows_per_part,
                "workers": given.workers,
                "seconds": round(seconds, 1),
                "largest_process_MB": round(max(peaks.values()) / 1e6),
                "together_MB": round(together / 1e6),
            }
        )
    )


def _memory(root: int) -> list[tuple[int, int]]:
    """The resident memory in bytes of a process and of all below it."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        try:
            text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
            below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        size = next((line for line in text.splitlines() if line.startswith("VmRSS")), "VmRSS: 0")
        found.append((pid, int(size.split()[1]) * 1024))
        waiting += map(int, below.split())
    return found


if __name__ == "__main__":
    main()
