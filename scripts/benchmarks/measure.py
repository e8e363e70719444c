"""Measuring whole processes: wall time and peak memory, start-up included."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes there, else KiB


@dataclass(frozen=True)
class Contender:
    """A program to measure.

    Attributes:
        name: what it is called in the results.
        command: the program and its arguments.
        runs: how often it is run.
        codes: the exit codes that mean it did its work.
    """

    name: str
    command: tuple[str, ...]
    runs: int
    codes: tuple[int, ...] = (0,)


@dataclass
class Result:
    """What the runs of a contender took.

    Attributes:
        seconds: the wall time of each run.
        peaks: the peak memory of each run, resident set in bytes.
        output: what the last run printed.
    """

    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)
    output: str = ""

    @property
    def time(self) -> float:
        """The median wall time, in seconds."""
        return median(self.seconds)

    @property
    def memory(self) -> float:
        """The median peak memory, in bytes."""
        return median(self.peaks)


def measure(contenders: Sequence[Contender]) -> dict[str, Result]:
    """Run all contenders in turn, round after round, so that none has the quieter hour.

    Raises:
        RuntimeError: a contender did not do its work.
    """
    results = {contender.name: Result() for contender in contenders}
    for number in range(max(contender.runs for contender in contenders)):
        for contender in contenders:
            if number < contender.runs:
                seconds = _run(contender, results[contender.name])
                sys.stderr.write(f"{contender.name}: {seconds:.2f} s\n")
    return results


def _run(contender: Contender, result: Result) -> float:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(contender.command, stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)  # so that nobody waits for it again
        output.seek(0)
        if process.returncode not in contender.codes:
            errors.seek(0)
            told = errors.read()[-2000:].decode(errors="replace")
            raise RuntimeError(f"{contender.name} ended with {process.returncode}:\n{told}")
        result.seconds.append(seconds)
        result.peaks.append(usage.ru_maxrss * _RSS_UNIT)
        result.output = output.read().decode()
    return seconds


def size(folder: Path) -> int:
    """The bytes of a package's tables; reads them all, so that none is read from disk later.

    In small pieces: a child's peak memory counts from that of the process that started it.
    """
    total = 0
    for path in sorted((folder / "data").glob("*.csv")):
        with open(path, "rb") as stream:
            while piece := stream.read(1 << 16):
                total += len(piece)
    return total
