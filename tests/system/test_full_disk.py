"""A disk that fills up in the midst of a write: a small one of the test's own, mounted for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]

WRITE_MUCH = """
import sys
from pathlib import Path
from sahel_incidents import store
from sahel_incidents.problem import ToolError
try:
    store.apply(Path(sys.argv[1]), {"data/actors.csv": b"x", "data/aliases.csv": b"x" * 3_000_000})
except ToolError as error:
    print(error.message, "->", error.remedy)
"""


def test_a_full_disk_leaves_all_as_it_was(tmp_path: Path) -> None:
    package = tmp_path / "package"
    for name in ("data", "schemas"):
        shutil.copytree(ROOT / name, package / name)
    shutil.copy(ROOT / "datapackage.json", package)
    (tmp_path / "disk").mkdir()
    (tmp_path / "write.py").write_text(WRITE_MUCH, encoding="utf-8")
    mount = "mount -t tmpfs -o size=2m none disk"
    tried = subprocess.run([*OWN_MOUNTS, mount], cwd=tmp_path, capture_output=True, check=False)
    assert tried.returncode == 0, (
        "this test mounts a small disk in a namespace of its own: run it as root, or allow "
        f"user namespaces (sysctl kernel.unprivileged_userns_clone=1): {tried.stderr!r}"
    )
    script = f"""
        {mount}
        cp -r package disk/
        {sys.executable} write.py disk/package
        diff -r package/data disk/package/data
        ls -A disk/package/.incidents
    """
    done = subprocess.run(
        [*OWN_MOUNTS, script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    message, *rest = done.stdout.splitlines()
    assert "No space left on device" in message, done.stderr
    assert message.endswith("nothing was changed")
    assert (rest, done.returncode) == (["lock"], 0)
