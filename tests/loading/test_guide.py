"""The guide for researchers: what it shows of two releases runs, and its tables are true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sahel_incidents as si
from sahel_incidents.loading import finding

if TYPE_CHECKING:
    from .conftest import MakeState

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "loading.md").read_text(encoding="utf-8")


def test_what_is_shown_of_two_releases_runs(
    release: Path,
    make_state: MakeState,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for version in ("1.0.0", "1.1.0"):
        folder = make_state(version).rename(tmp_path / "unnamed")
        (folder / "SHA256SUMS").write_text(sums(folder), encoding="utf-8")
        (tmp_path / "dist").mkdir(exist_ok=True)
        folder.rename(tmp_path / "dist" / f"sahel-incidents-{version}")
    shutil.copytree(release.parents[1] / "schemas", tmp_path / "schemas")
    shutil.copy(release / "datapackage.json", tmp_path)
    monkeypatch.setattr(finding, "_SHIPPED", (tmp_path,))
    blocks = re.findall(r"^```py\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "docs/loading.md", "exec"), {})
    assert "figures_flat, 1.0.0 to 1.1.0" in capsys.readouterr().out


def sums(folder: Path) -> str:
    from sahel_incidents.checksums import digests, rendered

    return rendered(digests(folder))


def test_the_sum_that_is_shown_is_right() -> None:
    ids = re.search(r"^chosen = \[(.*)\]$", GUIDE, re.MULTILINE)
    told = re.search(r"print\(total\) +# (.*)$", GUIDE, re.MULTILINE)
    assert ids is not None
    assert told is not None
    assert str(si.load().sum_figures(re.findall(r'"([^"]+)"', ids[1]))) == told[1]


def test_every_part_of_what_is_told_is_named() -> None:
    ds = si.load()
    told = si.update(ds.casualties, since=str(ROOT), to=str(ROOT))
    for name in ("changed", "merged", "gone", "unknown", "unchanged", "added"):
        assert hasattr(told, name)
        assert f"| `{name}` |" in GUIDE
    for name in ("row", "figures", "participants", "statements", "links", "sources"):
        assert hasattr(ds.incident("MLI-2025-06-01-boulikessi"), name)
        assert f"`.{name}`" in GUIDE
    for frame in re.findall(r"`ds\.(\w+)`", GUIDE):
        assert frame in {*ds.tables, "figures", "tables"}, frame
