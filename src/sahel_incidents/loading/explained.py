"""Errors as a researcher meets them: in a traceback, which shows only the message."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from ..problem import ToolError

P = ParamSpec("P")
R = TypeVar("R")


def explained(function: Callable[P, R]) -> Callable[P, R]:
    """Have the remedy of each `ToolError` that leaves a function stand below its message."""

    @wraps(function)
    def call(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return function(*arguments, **options)
        except ToolError as error:
            if error.remedy not in getattr(error, "__notes__", ()):
                error.add_note(error.remedy)
            raise

    return call
