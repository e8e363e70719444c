"""The report formats. A format is one module here; adding one is adding one file."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from ..problem import Report, ToolError


class Format(Protocol):
    """What a report format's module offers.

    Attributes:
        EXTENSION: how the name of its file ends, with the dot.
        MIME_TYPE: its media type.
        DEFAULT_LIMIT: the most problems listed per rule if the user says nothing; None for all.
    """

    EXTENSION: str
    MIME_TYPE: str
    DEFAULT_LIMIT: int | None

    def render(
        self, report: Report, *, limit: int | None, colour: bool = False, strict: bool = False
    ) -> str:
        """The whole report as text that ends with a newline.

        Args:
            report: the outcome of one validation.
            limit: the most problems listed per rule; None lists all. What is left out is counted.
            colour: whether to use terminal colours; only a format for terminals does.
            strict: whether warnings count against the verdict.
        """


FORMATS = tuple(sorted(info.name for info in iter_modules(__path__) if info.name != "common"))
"""The report formats' names, each that of its module. None is imported before it is asked for."""


def get(name: str) -> Format:
    """The format of that name; raises `ToolError` if there is none."""
    if name not in FORMATS:
        raise ToolError(f"there is no report format {name!r}", f"choose from {', '.join(FORMATS)}")
    return cast(Format, import_module(f"{__name__}.{name}"))
