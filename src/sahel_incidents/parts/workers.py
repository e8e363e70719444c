"""Who does the work: this process alone, or several processes of this machine."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Protocol

from ..problem import ToolError

Told = Callable[[int], None]
"""Told how many tasks are done."""


class Pool(Protocol):
    """What carries out tasks, each a function of its arguments."""

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Have a function called, and get something that stands for what it returns."""

    def results(self, futures: Sequence[Any], told: Told | None = None) -> list[Any]:
        """What the functions have returned, in the order of `futures`, once all have.

        Raises:
            ToolError: one of them raised it, or the work cannot go on.
        """


@contextmanager
def workers(number: int) -> Iterator[Pool]:
    """Workers, until the block is left; one is this process itself."""
    if number == 1:
        yield _Here()
        return
    # Not forked: a process that is forked from one with threads, as Arrow's, may hang.
    pool = ProcessPoolExecutor(number, multiprocessing.get_context("spawn"))
    try:
        yield _Processes(pool)
    finally:
        pool.shutdown(cancel_futures=True)


class _Here:
    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return lambda: function(*arguments)

    def results(self, futures: Sequence[Any], told: Told | None = None) -> list[Any]:
        made = []
        for done, call in enumerate(futures, 1):
            made.append(call())
            if told:
                told(done)
        return made


class _Processes:
    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        # Ctrl-C reaches every process of a terminal. It is for this one to stop the others, so they
        # start, with the first task, while the signal is held back, and inherit that.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._pool.submit(_call, function, *arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def results(self, futures: Sequence[Any], told: Told | None = None) -> list[Any]:
        waiting: Sequence[Future[Any]] = futures
        try:
            for done, future in enumerate(as_completed(waiting), 1):
                _returned(future)
                if told:
                    told(done)
        except BrokenProcessPool as error:
            raise ToolError(
                "a worker died, probably for want of memory",
                "take fewer workers (--workers) or smaller parts (--rows-per-part)",
            ) from error
        return [_returned(future) for future in waiting]


def _call(function: Callable[..., Any], *arguments: Any) -> tuple[Any, tuple[str, str] | None]:
    """A function's value; or what stopped it, as plain text, which crosses to another process."""
    try:
        return function(*arguments), None
    except ToolError as error:
        return None, (error.message, error.remedy)


def _returned(future: Future[Any]) -> Any:
    value, stopped = future.result()
    if stopped:
        raise ToolError(*stopped)
    return value
