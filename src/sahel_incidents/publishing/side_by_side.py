"""Several pieces of work at a time: the formats of a release, each of which has its own files.

Most of that work is done by Arrow, zlib and SQLite, which let other threads run. What each piece
writes does not depend on the others, so the same bytes come out as one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from ..validate import Progress

_AT_ONCE = 2
"""Pieces of work at a time; each needs memory of its own, and more gain little."""

Made = TypeVar("Made")


def side_by_side(
    stage: str, works: Mapping[str, Callable[[], Made]], progress: Progress
) -> dict[str, Made]:
    """Do all of some work.

    Args:
        stage: what is done, such as "writing".
        works: the pieces of work by name; they are begun in their order.
        progress: called with the stage and the names of what is being done.

    Returns:
        What each made, in the same order.

    Raises:
        Exception: whatever one of them raised; of several the first in their order. Nothing further
            is begun then, nor after an interruption, and what had begun has ended.
    """
    made: dict[str, Made] = {}
    failed: dict[str, BaseException] = {}
    waiting = list(works)
    running: dict[Future[Made], str] = {}

    def tell(stage: str) -> None:
        progress(f"{stage} {', '.join(running.values())}", len(made), len(works))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            while running or (waiting and not failed):
                while waiting and not failed and len(running) < _AT_ONCE:
                    name = waiting.pop(0)
                    running[pool.submit(works[name])] = name
                tell(stage)
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    if error := future.exception():
                        failed[name] = error
                    else:
                        made[name] = future.result()
        except KeyboardInterrupt:
            tell("interrupted, waiting for")  # which may take some seconds
            raise
    for name in works:
        if name in failed:
            raise failed[name]
    progress(stage, len(works), len(works))
    return {name: made[name] for name in works}
