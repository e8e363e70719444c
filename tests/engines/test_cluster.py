"""The engine on a real cluster: a scheduler and workers, each a process of its own on this machine.

Nothing here waits for time to pass, only for something to be seen: a task that was begun (`HOLD`
has it say so and wait), a process that is gone. What is never seen fails after `PATIENCE`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client

from sahel_incidents.engines.distributed import Distributed, cluster
from sahel_incidents.problem import ToolError
from sahel_incidents.validate import validate

ROOT = Path(__file__).parents[2]
PATIENCE = 240
"""Seconds after which something that should have been seen is taken not to come."""

HOLD = '''
"""Have a kind of task say that it was begun, and wait until it is let go."""
import os, time
from pathlib import Path
from sahel_incidents.engines.distributed import {module}

def held(*arguments):
    folder = Path(os.environ["HOLD"])
    (folder / f"begun-{{os.getpid()}}").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    return {module}.real(*arguments)

if not hasattr({module}, "real"):  # this file may be loaded more than once
    real = {module}.real = {module}.{function}
    held.__module__, held.__qualname__ = real.__module__, real.__qualname__
    {module}.{function} = held
'''


def seen(look: Callable[[], Any]) -> Any:
    """Look until there is something to be seen, and return it."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"not seen in {PATIENCE} seconds")


@dataclass
class Started:
    """A process that a test has started."""

    process: subprocess.Popen[bytes]
    stderr: Path

    def ends(self) -> tuple[int, str]:
        """Wait for its end: its exit code, and what it wrote to stderr."""
        code = self.process.wait(PATIENCE)
        return code, self.stderr.read_text(encoding="utf-8")


class Stage:
    """Where a test starts processes and holds tasks; in the end it stops what is left of them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.report = folder / "report.json"
        self._stack = stack

    def hold(self, module: str, function: str) -> dict[str, str]:
        """Settings of a worker by which a kind of task is held."""
        path = self.folder / "hold.py"
        path.write_text(HOLD.format(module=module, function=function), encoding="utf-8")
        return {"HOLD": str(self.folder), "DASK_DISTRIBUTED__WORKER__PRELOAD": str(path)}

    def begun(self) -> list[int]:
        """The processes that began a task which is held."""
        return [int(path.name.split("-")[1]) for path in self.folder.glob("begun-*")]

    def let_go(self) -> None:
        (self.folder / "go").touch()

    def start(self, *command: object, **settings: str) -> Started:
        """Start a process with a group of its own, as a terminal does."""
        told = self.folder / f"stderr-{len(list(self.folder.glob('stderr-*')))}"
        with told.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, *map(str, command)],
                env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "NO_COLOR": "1"} | settings,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=self.folder,
                start_new_session=True,
            )
        self._stack.callback(_stop, process)
        return Started(process, told)

    def scheduler(self) -> tuple[str, Started]:
        """Start a scheduler on a free port of the loopback interface; its address."""
        told = self.folder / "scheduler.json"
        started = self.start(
            *("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", 0),
            *("--dashboard-address", "127.0.0.1:0", "--scheduler-file", told),
        )
        return seen(lambda: _address(told)), started

    def workers(self, address: str, number: int, **settings: str) -> None:
        """Start workers and wait until the scheduler knows them."""
        for _ in range(number):
            self.start(
                *("-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1"),
                *("--no-nanny", "--no-dashboard", "--nthreads", 1, "--memory-limit", "2GB"),
                *("--local-directory", self.folder),
                **settings,
            )
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(number, timeout=PATIENCE)

    def validate(self, package: Path, *options: object, **settings: str) -> Started:
        """Start `incidents validate --engine dask`, which writes the report."""
        return self.start(
            *("-m", "sahel_incidents", "validate", package, "--engine", "dask"),
            *("--block-size", "60kB", "--format", "json", "--output", self.report, *options),
            **settings,
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _address(told: Path) -> str | None:
    try:
        return str(json.loads(told.read_text(encoding="utf-8"))["address"])
    except (FileNotFoundError, ValueError):
        return None


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with ExitStack() as stack:
        yield Stage(tmp_path, stack)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented package with errors, of some blocks."""
    out = tmp_path_factory.mktemp("spoilt") / "package"
    script = ROOT / "scripts" / "make_synthetic.py"
    options = ("--incidents", "400", "--seed", "2", "--errors", "90")
    subprocess.run([sys.executable, str(script), *options, str(out)], check=True)
    return out


@pytest.fixture(scope="module")
def expected(package: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The report of the embedded engine."""
    out = tmp_path_factory.mktemp("expected") / "report.json"
    command = ["validate", str(package), "--format", "json", "--output", str(out)]
    done = subprocess.run([sys.executable, "-m", "sahel_incidents", *command], check=False)
    assert done.returncode == 1
    return out.read_bytes()


def test_a_worker_is_killed(stage: Stage, package: Path, expected: bytes) -> None:
    address, _ = stage.scheduler()
    stage.workers(address, 2, **stage.hold("facts", "judge_records"))
    validation = stage.validate(package, "--scheduler", address)
    first = seen(stage.begun)[0]  # it holds parts of tables by now, which are lost with it
    os.kill(first, signal.SIGKILL)
    stage.let_go()
    code, told = validation.ends()
    assert (code, stage.report.read_bytes()) == (1, expected), told
    assert told.startswith("watch the work at http://127.0.0.1:")
    assert len(told.splitlines()) == 2, told


def test_a_worker_has_less_memory_than_the_data(
    stage: Stage, package: Path, expected: bytes
) -> None:
    """What does not fit is on the disk while tasks go on, and comes back from there."""
    address, _ = stage.scheduler()
    spilling = {  # everything but the last few kilobytes, and not by chance of what else is held
        "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "0.00001",
        "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
        "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    }
    stage.workers(address, 1, **stage.hold("facts", "judge_records"), **spilling)
    validation = stage.validate(package, "--scheduler", address)
    seen(stage.begun)
    with Client(address, set_as_default=False) as client:
        spilled = client.run(lambda dask_worker: dask_worker.data.spilled_total.disk)
    assert sum(spilled.values()) > 100_000
    stage.let_go()
    code, told = validation.ends()
    assert (code, stage.report.read_bytes()) == (1, expected), told


def test_the_scheduler_goes_away(stage: Stage, package: Path) -> None:
    address, scheduler = stage.scheduler()
    stage.workers(address, 1, **stage.hold("facts", "judge_records"))
    validation = stage.validate(package, "--scheduler", address)
    seen(stage.begun)
    scheduler.process.kill()
    code, told = validation.ends()
    assert code == 3
    assert "error: the scheduler of the cluster is gone\n  -> " in told
    assert "Traceback" not in told
    assert not stage.report.exists()


def test_interrupted(stage: Stage, package: Path) -> None:
    validation = stage.validate(package, "--workers", 2, **stage.hold("parts", "judge_part"))
    seen(lambda: len(stage.begun()) == 2)
    started = psutil.Process(validation.process.pid).children(recursive=True)
    assert {process.pid for process in started} >= set(stage.begun())
    os.killpg(validation.process.pid, signal.SIGINT)  # as a terminal does
    code, told = validation.ends()
    assert code == 130
    assert "interrupted: nothing was changed" in told
    assert "Traceback" not in told
    assert not stage.report.exists()
    seen(lambda: not any(map(_runs, started)))


def test_an_interruption_is_not_for_the_workers(
    stage: Stage, package: Path, expected: bytes
) -> None:
    validation = stage.validate(package, "--workers", 2, **stage.hold("parts", "judge_part"))
    seen(lambda: len(stage.begun()) == 2)
    for worker in stage.begun():
        os.kill(worker, signal.SIGINT)
    stage.let_go()
    code, told = validation.ends()
    assert (code, stage.report.read_bytes()) == (1, expected), told
    assert "Traceback" not in told


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_processes_of_its_own(stage: Stage, package: Path, expected: bytes) -> None:
    validation = stage.validate(package, "--workers", 2, "--memory-limit", "1GB")
    code, told = validation.ends()
    assert (code, stage.report.read_bytes()) == (1, expected), told
    assert "http://127.0.0.1:" in told
    assert len(told.splitlines()) == 2, told


def preload(stage: Stage, text: str) -> dict[str, str]:
    """Settings of a worker by which it runs a program when it starts."""
    path = stage.folder / "preload.py"
    path.write_text(text, encoding="utf-8")
    return {"DASK_DISTRIBUTED__WORKER__PRELOAD": str(path)}


def test_workers_without_the_toolkit(stage: Stage, package: Path) -> None:
    address, _ = stage.scheduler()
    missing = preload(stage, "import sys\nsys.modules['sahel_incidents'] = None\n")
    stage.workers(address, 1, **missing)
    with pytest.raises(ToolError, match="a worker cannot load this toolkit"):
        validate(package, engine=Distributed(address))


def test_workers_of_another_version(stage: Stage, package: Path) -> None:
    address, _ = stage.scheduler()
    stage.workers(address, 1, **preload(stage, "import pyarrow\npyarrow.__version__ = '1.0'\n"))
    with pytest.raises(ToolError, match=r"has another version of pyarrow: 1\.0, here "):
        validate(package, engine=Distributed(address))


def test_a_cluster_without_workers(
    stage: Stage, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    address, _ = stage.scheduler()
    with pytest.raises(ToolError, match="the cluster has no workers"):
        validate(package, engine=Distributed(address))


@pytest.mark.parametrize("listens", [False, True])
def test_nobody_answers(package: Path, monkeypatch: pytest.MonkeyPatch, listens: bool) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:
            silent.listen()
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ToolError, match=f"no scheduler .* answers at {address}") as raised:
            validate(package, engine=Distributed(address))
    assert "such as tcp://10.0.0.5:8786" in raised.value.remedy


@pytest.mark.parametrize("address", ["10.0.0.5:8786", "http://10.0.0.5:8786", "tcp://10.0.0.5", ""])
def test_what_is_no_address(package: Path, address: str) -> None:
    with pytest.raises(ToolError, match="is not the address of a scheduler"):
        validate(package, engine=Distributed(address))


def test_without_dask(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(ToolError, match="Dask is not installed") as raised:
        validate(package, engine=Distributed())
    assert raised.value.remedy == "install it: pip install 'sahel-incidents[dask]'"
