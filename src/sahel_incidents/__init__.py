"""Sahel Incidents: sourced records of armed-conflict incidents, and the tools that keep them true.

For researchers:

    import sahel_incidents as si

    ds = si.load()

What is named here is imported when it is first used, so that the command line starts without
pandas. docs/loading.md is the guide.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .loading import Dataset, load, update
    from .loading.adding import CannotAddError, Sum
    from .loading.incident import Incident
    from .loading.updating import Update
    from .problem import ToolError

__all__ = [
    "CannotAddError",
    "Dataset",
    "Incident",
    "Sum",
    "ToolError",
    "Update",
    "load",
    "update",
]

if not TYPE_CHECKING:  # or any misspelt name would have a type
    _HOMES = {
        "CannotAddError": "loading.adding",
        "Incident": "loading.incident",
        "Sum": "loading.adding",
        "ToolError": "problem",
        "Update": "loading.updating",
    }

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = import_module(f".{_HOMES.get(name, 'loading')}", __name__)
        return getattr(home, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
