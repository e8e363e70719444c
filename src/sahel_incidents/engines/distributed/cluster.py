"""The workers: processes on this machine, or a cluster that runs already. Dask's `distributed`.

Tasks are functions of their arguments alone, so one that is lost with its worker is done again by
another. What Dask raises when it cannot go on is said here in the words of this tool.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import logging
import re
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any
from uuid import uuid4

from ...problem import ToolError

CONNECT_SECONDS = 10
"""So long a scheduler is waited for, before and after it has answered once."""

WORKER_SECONDS = 60
"""So long a cluster may be without any worker."""

ALLOWED_FAILURES = 5
"""A task whose workers died so often is not tried again."""

_AT_ONCE = 50
"""So many futures are waited for at once: Dask makes a task of its own for each, every time."""

_EXTRA = "pip install 'sahel-incidents[dask]'"
_SCHEMES = ("tcp", "tls", "ws", "wss", "ucx")
_ADDRESS = re.compile(r"(?P<scheme>[a-z]+)://[^\s/]+:[0-9]+/?")
_LOST = ToolError(
    "the scheduler of the cluster is gone", "see why it stopped, start it again, and try again"
)

Tell = Callable[[str], None]
"""Told in a sentence what the user may want to know."""


class TaskError(Exception):
    """A fault in the tool itself, in a task; its text says where."""


def carry_out(function: Callable[..., Any], *arguments: Any) -> Any:
    """Do a task, on a worker.

    Raises:
        ToolError: it cannot be done.
        MemoryError: there is not enough memory for it.
        TaskError: there is a fault in the tool. Whatever else was raised might not survive the way
            to the process that waits for it, which would then wait for ever.
    """
    try:
        return function(*arguments)
    except (ToolError, MemoryError):
        raise
    except Exception as error:
        told = "".join(traceback.format_exception(error, limit=20))
        raise TaskError(f"{type(error).__name__} in {function.__name__}: {error}\n{told}") from None


class Workers:
    """What carries out the tasks of a validation; see `run.Pool`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Have a function called; among the arguments, and in lists of them, may be futures.

        Raises:
            ToolError: the scheduler is gone.
        """
        with _explained(self._client):
            name = f"{function.__name__}-{uuid4()}"  # which the dashboard shows
            return self._client.submit(carry_out, function, *arguments, key=name, pure=False)

    def results(
        self, futures: Sequence[Any], told: Callable[[int], None] | None = None
    ) -> list[Any]:
        """What tasks have made, once all have; `told` hears how many are done.

        Raises:
            ToolError: they cannot be carried out.
        """
        with _explained(self._client), self._client.as_current():
            self._wait(futures, told)
            made: list[Any] = self._client.gather(list(futures))
            return made

    def _wait(self, futures: Sequence[Any], told: Callable[[int], None] | None) -> None:
        wait = _library().wait
        waiting, idle = list(futures), 0.0
        while waiting:
            with suppress(TimeoutError):
                wait(waiting[:_AT_ONCE], timeout=1)
            left = [future for future in waiting if not future.done()]
            wrong = [future for future in waiting if future.status not in ("pending", "finished")]
            if wrong:
                self._client.gather(wrong[0])
            idle = idle + 1 if len(left) == len(waiting) else 0
            waiting = left
            if told:
                told(len(futures) - len(waiting))
            if idle >= WORKER_SECONDS and not self._client.scheduler_info()["workers"]:
                raise ToolError(
                    f"the cluster has had no worker for {WORKER_SECONDS} seconds",
                    "see why the workers stopped, or start more; then try again",
                )


@contextmanager
def workers(
    scheduler: str | None, number: int | None, memory: int | None, tell: Tell
) -> Iterator[Workers]:
    """Workers, until the block is left.

    Args:
        scheduler: the address of a cluster's scheduler; None to start processes here.
        number: how many processes; None for one per core.
        memory: how much memory each may take, in bytes; None for an even share.
        tell: told where the work can be watched.

    Raises:
        ToolError: Dask is not installed, or the cluster cannot be used.
    """
    if find_spec("distributed") is None:
        raise ToolError("Dask is not installed", f"install it: {_EXTRA}")
    import dask

    settings = {
        "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s",
        "distributed.scheduler.allowed-failures": ALLOWED_FAILURES,
        "distributed.worker.multiprocessing-method": "spawn",
        # A block is judged within seconds; a worker that says nothing for so long is gone.
        "distributed.scheduler.worker-ttl": "5 minutes",
        "distributed.logging": {"distributed": "critical"},
    }
    with _quiet(), dask.config.set(settings):
        if scheduler is not None:
            with _connected(scheduler) as client:
                tell(f"watch the work at {client.dashboard_link}")
                yield Workers(client)
        else:
            with _started(number, memory) as (cluster, client):
                if find_spec("bokeh") is not None:
                    tell(f"watch the work at {cluster.dashboard_link}")
                else:
                    page = cluster.dashboard_link.replace("/status", "/info/main/workers.html")
                    tell(f"workers: {page} (more with: pip install bokeh)")
                yield Workers(client)


@contextmanager
def _started(number: int | None, memory: int | None) -> Iterator[tuple[Any, Any]]:
    """Processes on this machine, reachable from it alone."""
    from dask.system import CPU_COUNT

    # Ctrl-C reaches every process of a terminal. It is for this one to stop the others, so they
    # start with the signal held back, which they inherit from the thread that starts them. A thread
    # that has to start multiprocessing's tracker first would let the signal through again.
    resource_tracker.ensure_running()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        try:
            cluster = _library().LocalCluster(
                n_workers=number or CPU_COUNT,
                threads_per_worker=1,
                processes=True,
                memory_limit=memory or "auto",
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
                local_directory=tempfile.gettempdir(),
                # What a task leaves free, others can use.
                env={"ARROW_DEFAULT_MEMORY_POOL": "system"},
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise ToolError(
                f"the workers cannot be started: {error}", "try fewer: --workers N"
            ) from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    try:
        with _library().Client(cluster, set_as_default=False) as client:
            yield cluster, client
    finally:
        with suppress(Exception):
            cluster.close(timeout=CONNECT_SECONDS)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """A cluster that runs already and has this toolkit."""
    remedy = "name it as its scheduler does when it starts, such as tcp://10.0.0.5:8786"
    form = _ADDRESS.fullmatch(address)
    if form is None or form["scheme"] not in _SCHEMES:
        raise ToolError(f"{address} is not the address of a scheduler", remedy)
    try:
        # A client would wait for ever for one that takes the call and says nothing. In a thread of
        # its own, since the caller's may have an event loop.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _answer(address)).result()
        client = _library().Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # whatever answers there may be something else altogether
        raise ToolError(
            f"no scheduler of this version of Dask answers at {address}: {_first_line(error)}",
            f"see whether it runs and is of the version here ({_version()}), and {remedy}",
        ) from error
    try:
        _check(client)
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=CONNECT_SECONDS)


async def _answer(address: str) -> None:
    """Have a scheduler say who it is, within the time that one is waited for."""
    arguments = _library().Security().get_connection_args("client")
    call = importlib.import_module("distributed.core").rpc

    async def ask() -> None:
        async with call(address, connection_args=arguments) as scheduler:
            if (await scheduler.identity())["type"] != "Scheduler":
                raise ConnectionError("what answers is no scheduler")

    await asyncio.wait_for(ask(), CONNECT_SECONDS)


def _check(client: Any) -> None:
    """See that there are workers, and that they are as this process is."""
    with suppress(TimeoutError):
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    if not client.scheduler_info()["workers"]:
        raise ToolError(
            "the cluster has no workers", "start some: dask worker ADDRESS, then try again"
        )
    try:
        told = client.run(about_here)
    except Exception as error:
        raise ToolError(
            f"a worker cannot load this toolkit: {_first_line(error)}",
            f"install it for all workers, in the version used here: {_EXTRA}",
        ) from error
    here = about_here()
    for worker, there in told.items():
        for name in here:
            if there[name] != here[name]:
                raise ToolError(
                    f"the worker {worker} has another version of {name}: {there[name]}, here "
                    f"{here[name]}",
                    "install the same versions everywhere: one set of rules must judge all",
                )


def about_here() -> dict[str, str]:
    """The versions of what decides how data is judged."""
    import pandas
    import pyarrow

    top = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for path in sorted(top.rglob("*.py")):
        digest.update(path.relative_to(top).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return {
        "the toolkit": digest.hexdigest()[:12],
        "Python": "{}.{}".format(*sys.version_info[:2]),
        "distributed": _version(),
        "pyarrow": pyarrow.__version__,
        "pandas": pandas.__version__,
    }


def _version() -> str:
    return str(_library().__version__)


def _library() -> Any:
    """Dask's `distributed`, which says nothing of its types and takes a second to load."""
    return importlib.import_module("distributed")


@contextmanager
def _explained(client: Any) -> Iterator[None]:
    """Say in this tool's words why work could not be done."""
    from concurrent.futures import CancelledError

    killed: type[Exception] = _library().KilledWorker
    closed: type[Exception] = importlib.import_module("distributed.comm").CommClosedError
    try:
        yield
    except ToolError:
        raise
    except killed as error:
        raise ToolError(
            f"{ALLOWED_FAILURES + 1} workers died of one task, probably for want of memory",
            "give each more (--memory-limit), or cut tables into smaller blocks (--block-size)",
        ) from error
    except MemoryError as error:
        raise ToolError(
            "the memory of a worker does not suffice",
            "give each more (--memory-limit), or cut tables into smaller blocks (--block-size)",
        ) from error
    except ImportError as error:
        raise ToolError(
            f"a worker cannot load this toolkit: {_first_line(error)}",
            f"install it for all workers, in the version used here: {_EXTRA}",
        ) from error
    except (CancelledError, closed, TimeoutError, ConnectionError) as error:
        raise _LOST from error
    except Exception as error:
        if client.status != "running":  # whatever it is called that is missing then
            raise _LOST from error
        raise


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what libraries log about themselves from the user, who is told what matters."""
    _library()  # its loggers get their own settings when it is loaded
    above = ("distributed", "tornado", "asyncio", "bokeh")
    known = (name for name in logging.root.manager.loggerDict if name.partition(".")[0] in above)
    loggers = [logging.getLogger(name) for name in {*above, *known}]
    before = [(logger, logger.disabled) for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, disabled in before:
            logger.disabled = disabled


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
