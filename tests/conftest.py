"""What several test modules share: tiny packages, and numbers worth showing after a run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from sahel_incidents import cells
from sahel_incidents.columns import Data
from sahel_incidents.descriptor import open_package
from sahel_incidents.tables import read_table

# The same commit gets the same verdict on every machine. Whoever wants to look further than the
# examples of every run: pytest --hypothesis-profile search
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).parents[1]

MakePackage = Callable[..., Path]
LoadData = Callable[[dict[str, tuple[dict[str, Any], bytes | None]]], Data]


@pytest.fixture(scope="session")
def make_package(tmp_path_factory: pytest.TempPathFactory) -> MakePackage:
    """Write a tiny data package and return its folder.

    Called with tables, by name a pair of schema (an object) and CSV (bytes, or None for no file),
    and optionally with the folder to write to; files there are overwritten.
    """

    def make(
        tables: dict[str, tuple[dict[str, Any], bytes | None]], root: Path | None = None
    ) -> Path:
        root = root or tmp_path_factory.mktemp("package")
        resources = []
        for folder in ("data", "schemas"):
            (root / folder).mkdir(exist_ok=True)
        for name, (schema, content) in tables.items():
            paths = {"path": f"data/{name}.csv", "schema": f"schemas/{name}.json"}
            resources.append({"name": name, **paths})
            (root / paths["schema"]).write_text(json.dumps(schema), encoding="utf-8")
            if content is not None:
                (root / paths["path"]).write_bytes(content)
        descriptor = {"name": "tiny", "version": "1.0.0", "resources": resources}
        (root / "datapackage.json").write_text(json.dumps(descriptor, indent=2), encoding="utf-8")
        return root

    return make


@pytest.fixture(scope="session")
def copy_shipped() -> Callable[[Path], Path]:
    """Copy the shipped package into a folder, as if all of it were reviewed and nothing revised."""

    def copy(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "datapackage.json", folder)
        for name in ("data", "schemas"):
            shutil.copytree(ROOT / name, folder / name)
        revisions = folder / "data" / "revisions.csv"
        header = revisions.read_text(encoding="utf-8").partition("\n")[0]
        revisions.write_text(f"{header}\n", encoding="utf-8")
        incidents = folder / "data" / "incidents.csv"
        reviewed = incidents.read_text(encoding="utf-8").replace(",candidate,", ",active,")
        incidents.write_text(reviewed, encoding="utf-8")
        return folder

    return copy


@pytest.fixture(scope="session")
def load_data(make_package: MakePackage) -> LoadData:
    """Read the tables of a tiny package and judge their cells, as validation does before keys."""

    def load(content: dict[str, tuple[dict[str, Any], bytes | None]]) -> Data:
        package = open_package(make_package(content))
        readings = {name: read_table(package, table) for name, table in package.tables.items()}
        texts = {name: read.text for name, read in readings.items() if read.text is not None}
        data = Data(package, texts)
        for name in texts:
            table = package.tables[name]
            for field in table.fields:
                for fault in cells.judge(field, data.text(name, field.name), table.missing_values):
                    place = name, field.name
                    data.bad[place] = np.union1d(data.bad.get(place, fault.rows), fault.rows)
        return data

    return load


@pytest.fixture
def failure_without_permission() -> Callable[[Path], str]:
    """Open and read a package as somebody who owns nothing; what the tool then says.

    In a process of its own: who runs the tests may be root, whom no permission stops.
    """

    def run(root: Path) -> str:
        for folder in (root, *root.parents):
            if folder.is_relative_to(tempfile.gettempdir()) and folder.stat().st_uid == os.getuid():
                folder.chmod(folder.stat().st_mode | 0o055)
        done = subprocess.run(
            [sys.executable, "-c", _READ_AS_NOBODY, str(root)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=os.environ | {"PYTHONPATH": str(Path(cells.__file__).parents[1])},
        )
        assert not done.stderr
        return done.stdout

    return run


_READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from sahel_incidents.descriptor import open_package
from sahel_incidents.problem import ToolError
from sahel_incidents.tables import read_table
if os.geteuid() == 0:
    os.setuid(65534)
try:
    package = open_package(Path(sys.argv[1]))
    list(package.unlisted())
    for table in package.tables.values():
        read_table(package, table)
except ToolError as error:
    print(error.message, "->", error.remedy)
"""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show what tests recorded with `record_property("summary", ...)`."""
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get(
        "failed", []
    ):
        for name, value in report.user_properties:
            if name == "summary":
                terminalreporter.write_line(value)
