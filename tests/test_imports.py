"""The house plan's import order, as docs/architecture.md states it, held against the code."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "sahel_incidents"
FILES = sorted(SOURCE.rglob("*.py"))
PACKAGES = {file.parent.name for file in FILES} - {SOURCE.name}
APART = ("rules", "reports", "plots", "formats", "metadata", "cli")
"""Folders whose modules know nothing of each other."""
SHARED = {"reports": {"common"}, "metadata": {"common"}}
"""What siblings of a package may import beside its `__init__`."""
HEAVY = (
    "dask",
    "distributed",
    "fsspec",
    "matplotlib",
    "numpy",
    "pandas",
    "pandera",
    "pyarrow",
    "shapely",
)


def house_plan() -> list[str]:
    """The modules in the order of the table in docs/architecture.md, top to bottom."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    return [
        name.rstrip("/") for name in re.findall(r"^\| `(\w+(?:\.py|/))` \|", text, re.MULTILINE)
    ]


def unit(parts: tuple[str, ...]) -> str:
    """A module by its place in the house plan: a file, or the folder it lies in."""
    return parts[0] if parts[0] in PACKAGES else f"{parts[0]}.py"


def imported(file: Path) -> Iterator[tuple[str, ...]]:
    """What a file imports, wherever in it: ours as parts below the package, others by name.

    Ours begin with an empty part: `("", "rules", "bounds")`; the package itself is `("",)`.
    """
    here = ("sahel_incidents", *file.relative_to(SOURCE).with_suffix("").parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (_ours(tuple(alias.name.split("."))) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[: -node.level] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            for alias in node.names:
                inner = SOURCE.parent.joinpath(*base, alias.name)
                is_module = inner.with_suffix(".py").exists() or inner.is_dir()
                yield _ours((*base, alias.name) if is_module else base)


def _ours(parts: tuple[str, ...]) -> tuple[str, ...]:
    return ("", *parts[1:]) if parts[0] == "sahel_incidents" else parts


def test_the_house_plan_names_every_module() -> None:
    found = {unit(file.relative_to(SOURCE).with_suffix("").parts) for file in FILES}
    assert sorted(house_plan()) == sorted(found - {"__init__.py"})


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_a_module_imports_only_what_stands_above_it(file: Path) -> None:
    order = [*house_plan(), "__init__.py"]  # what the package offers comes from anywhere in it
    own = file.relative_to(SOURCE).with_suffix("").parts
    for target in imported(file):
        if target[0]:
            assert target[0] != "click" or own[0] == "cli", "only the command line imports click"
        elif len(target) > 1 and unit(target[1:]) != unit(own):
            below = order.index(unit(target[1:])) > order.index(unit(own))
            assert not below, f"imports {'.'.join(target[1:])}, which stands below it"
        elif len(target) > 2 and own[0] in APART:
            allowed = target[2] in SHARED.get(own[0], set()) or own[-1] == "__init__"
            assert allowed, f"imports its sibling {target[2]}"


def test_the_problem_module_imports_nothing_of_ours() -> None:
    assert [target for target in imported(SOURCE / "problem.py") if not target[0]] == []


def test_reports_know_problems_and_nothing_else_of_ours() -> None:
    for file in (SOURCE / "reports").glob("*.py"):
        ours = {target[1] for target in imported(file) if not target[0] and len(target) > 1}
        assert ours <= {"problem", "reports"}, file.name


@pytest.mark.parametrize(
    ("arguments", "unloaded"),
    [
        (["--help"], HEAVY),
        (["validate", "--help"], HEAVY),
        (["fmt", "--help"], HEAVY),
        # Loads every rule; what judges a frame or a point is loaded only to do so. (pandas is
        # imported by pyarrow itself with its first array.)
        (["rules"], ("pandera", "shapely")),
    ],
)
def test_a_command_loads_no_library_it_does_not_need(
    arguments: list[str], unloaded: tuple[str, ...]
) -> None:
    program = (
        "import json, sys\n"
        "from sahel_incidents.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "print(json.dumps(list(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "click" in loaded
    assert sorted(set(unloaded) & set(loaded)) == []
