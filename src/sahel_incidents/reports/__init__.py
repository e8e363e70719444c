"""The report formats. A format is one module here; adding one is adding one file."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from ..problem import Report, ToolError


class Format(Protocol):
    """What a report format's module offers.

    Attributes:
        NAME: what the user writes to choose it.
        EXTENSION: how the name of its file ends, with the dot.
        MIME_TYPE: its media type.
        DEFAULT_LIMIT: the most problems listed per rule if the user says nothing; None for all.
    """

    NAME: str
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


def _found() -> dict[str, Format]:
    modules = [import_module(f"{__name__}.{info.name}") for info in iter_modules(__path__)]
    formats = [cast(Format, module) for module in modules if hasattr(module, "render")]
    return {format_.NAME: format_ for format_ in formats}


FORMATS = _found()
"""Every report format by its name, in alphabetical order."""


def get(name: str) -> Format:
    """The format of that name; raises `ToolError` if there is none."""
    if name not in FORMATS:
        raise ToolError(f"there is no report format {name!r}", f"choose from {', '.join(FORMATS)}")
    return FORMATS[name]
