"""A release in R and in LibreOffice: every cell of every table arrives as it was published."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sahel_incidents import derived
from sahel_incidents.descriptor import open_package
from sahel_incidents.package import DESCRIPTOR
from sahel_incidents.publishing import publish

ROOT = Path(__file__).parents[2]
VERSION = json.loads((ROOT / DESCRIPTOR).read_text(encoding="utf-8"))["version"]
PACKAGE = open_package(ROOT)
DECLARED = {**PACKAGE.tables, **derived.declared(PACKAGE)}

Cells = list[list[str]]

READ_AND_WRITE = """
arguments <- commandArgs(trailingOnly = TRUE)
table <- read.csv(arguments[1], colClasses = "character", na.strings = "", encoding = "UTF-8")
write.csv(table, arguments[2], na = "", row.names = FALSE, fileEncoding = "UTF-8")
"""
SUM = """
file <- commandArgs(trailingOnly = TRUE)[1]
flags <- c(confirmed = "logical")
figures <- read.csv(file, na.strings = "", encoding = "UTF-8", colClasses = flags)
stopifnot(is.integer(figures$value), is.logical(figures$confirmed))
exact <- figures[figures$qualifier == "exact" & figures$harm == "killed", ]
cat(nrow(exact), sum(exact$value), sum(is.na(figures$high)), sum(figures$confirmed))
"""
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""LibreOffice's options: comma, double quote, UTF-8, cells as they are shown, a file per sheet."""


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft of the release that the shipped data would give."""
    return publish(ROOT, VERSION, tmp_path_factory.mktemp("dist"), draft=True).folder


def program(*names: str) -> str:
    found = next((path for path in map(shutil.which, names) if path), None)
    assert found, f"this test needs {names[0]}: make test-system installs it, or do it by hand"
    return found


def run(*command: str | Path) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def cells(file: Path) -> Cells:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, strict=True))


def r(tmp_path: Path, code: str, *arguments: str | Path) -> str:
    script = tmp_path / "script.R"
    script.write_text(code, encoding="utf-8")
    return run(program("Rscript"), "--vanilla", script, *arguments)


@pytest.mark.parametrize("name", DECLARED)
def test_r_reads_every_cell_as_it_is(release: Path, name: str, tmp_path: Path) -> None:
    file, out = release / DECLARED[name].path, tmp_path / "out.csv"
    r(tmp_path, READ_AND_WRITE, file, out)
    assert cells(out) == cells(file)


def test_r_takes_numbers_for_numbers_and_flags_for_flags(release: Path, tmp_path: Path) -> None:
    file = release / DECLARED["figures_flat"].path
    header, *rows = cells(file)
    figures = [dict(zip(header, row, strict=True)) for row in rows]
    exact = [
        int(figure["value"])
        for figure in figures
        if (figure["qualifier"], figure["harm"]) == ("exact", "killed")
    ]
    expected = [
        len(exact),
        sum(exact),
        sum(not figure["high"] for figure in figures),
        sum(figure["confirmed"] == "true" for figure in figures),
    ]
    assert [int(number) for number in r(tmp_path, SUM, file).split()] == expected


def test_libreoffice_shows_every_cell_as_it_is(release: Path, tmp_path: Path) -> None:
    (workbook,) = release.glob("*.xlsx")
    run(
        program("soffice", "libreoffice"),
        f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        EVERY_SHEET,
        "--outdir",
        tmp_path / "sheets",
        workbook,
    )
    sheets = {file.stem.removeprefix(f"{workbook.stem}-") for file in tmp_path.glob("sheets/*.csv")}
    assert {name.lower() for name in sheets} - set(DECLARED) == {"codebook"}
    for name, table in DECLARED.items():
        shown = cells(tmp_path / "sheets" / f"{workbook.stem}-{name}.csv")
        flags = [column.name for column in table.fields if column.type == "boolean"]
        header, *rows = cells(release / table.path)
        # A flag is shown in the words of a spreadsheet.
        for row in rows:
            for column in flags:
                row[header.index(column)] = row[header.index(column)].upper()
        assert shown == [header, *rows], name
