"""Other datasets as packages of this model; so far UCDP GED.

A file is read and judged, its rows become tables, and the package is written aside, validated as
any other and moved into its place: it is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from .. import typed_csv
from ..clock import latest_day, today
from ..descriptor import open_package
from ..package import DESCRIPTOR, Package
from ..problem import Problem, Report, ToolError
from ..ucdp.layout import ARTICLES, EVENTS, VERSIONS, schema
from ..validate import validate
from . import model
from .checking import Checker, fits
from .model import Model
from .reading import read

Progress = Callable[[str, int, int], None]

_STAGES = 4
_TITLES = {
    EVENTS: (
        "UCDP's codes of events",
        "For each incident the ids and codes of UCDP's event for which the model has no column, "
        "and UCDP's own cells where the other tables say the same otherwise.",
    ),
    ARTICLES: (
        "Articles that UCDP cites",
        "Which articles UCDP cites for an incident, in its order.",
    ),
}
_HOME = "https://ucdp.uu.se/downloads/"
_CITATION = (
    "Sundberg, R. and Melander, E. (2013), Introducing the UCDP Georeferenced Event Dataset. "
    "Journal of Peace Research 50(4), 523-532. https://doi.org/10.1177/0022343313484347"
)
_YEARLY = (
    "and the article on organized violence of that release's year (Davies, S., Pettersson, T. and "
    "others, Journal of Peace Research)"
)


class RejectedError(Exception):
    """Rows of the file cannot be imported, so nothing was written.

    Attributes:
        problems: what is wrong with them.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True)
class Imported:
    """A finished import.

    Attributes:
        rows: the number of rows of each table.
        left_out: what is wrong with the rows that were left out.
        kept: how many of UCDP's own cells are kept, by column.
        whole: how many citations could not be taken apart.
        astray: how many places have a point outside their country.
        report: what validation says of the package.
    """

    rows: Mapping[str, int]
    left_out: list[Problem]
    kept: Mapping[str, int]
    whole: int
    astray: int
    report: Report


def import_ged(
    base: Path,
    file: Path,
    into: Path,
    *,
    release: str = "",
    keep_going: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Imported:
    """Make a package of a file of UCDP GED.

    Args:
        base: the folder of the package whose schemas the new one takes.
        file: the CSV file.
        into: the new package's folder; it must not be there, or be empty.
        release: UCDP's number of the release, such as 24.1; empty where it is not known.
        keep_going: leave out the rows that cannot be imported.
        progress: called as the work advances.

    Raises:
        RejectedError: rows cannot be imported.
        ToolError: a file cannot be read or written.
    """
    _refuse_filled(into)
    shipped = open_package(base)
    progress("import", 0, _STAGES)
    sheet = read(file, fits)
    if sheet.text is None:
        raise RejectedError(sheet.problems)
    countries = {c.value: c.label for c in shipped.tables["incidents"].field("country").categories}
    progress("import", 1, _STAGES)
    rows = Checker(sheet, countries, _last_year(release), latest_day()).run()
    sheet.let_go()
    if sheet.problems and not (keep_going and rows.count):
        raise RejectedError(_sorted(sheet.problems))
    progress("import", 2, _STAGES)
    with _aside(into) as folder:
        package = _declare(shipped, folder, release)
        made = model.build(package, rows, _dataset(release), latest_day())
        del rows  # memory that validation can use
        counts = _write(package, made)
        made.tables.clear()
        progress("import", 3, _STAGES)
        report = validate(folder)
        if not report.sound():
            raise _unsound(report)
        progress("import", 4, _STAGES)
        _put(folder, into)
    return Imported(counts, _sorted(sheet.problems), made.kept, made.whole, made.astray, report)


def _sorted(problems: list[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: (p.line or 0, p.column or 0, p.rule))


def _last_year(release: str) -> int | None:
    """The last year that a final release covers; 24.1 covers 2023."""
    major, _, minor = release.partition(".")
    return 1999 + int(major) if release and minor == "1" else None


def known_release(release: str) -> bool:
    """Whether it is a release whose columns are known."""
    parts = release.split(".")
    first, last = VERSIONS
    return (
        len(parts) >= 2
        and all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts)
        and first <= int(parts[0]) <= last
    )


def _refuse_filled(into: Path) -> None:
    try:
        if os.path.lexists(into) and (
            into.is_symlink() or not into.is_dir() or any(into.iterdir())
        ):
            raise ToolError(
                f"{into} is there already and not empty", "name a new folder: --into DIR"
            )
    except OSError as error:
        raise ToolError(
            f"cannot look into {into}: {error.strerror}", "name another folder"
        ) from error


def _dataset(release: str) -> dict[str, str]:
    """UCDP GED itself, as the source of all that is said."""
    year = f"20{release.partition('.')[0]}" if release else ""
    return {
        "source_id": f"ucdp-ged-{year or 'undated'}"
        + (f"-{release.replace('.', '-')}" * bool(year)),
        "publisher": model.SPEAKER,
        "title": f"UCDP Georeferenced Event Dataset (GED) {release}".rstrip(),
        "url": _HOME,
        "language": "en",
        "kind": "academic",
        "note": f"Cite: {_CITATION}; {_YEARLY}.",
        "version": release,
    }


def _declare(shipped: Package, folder: Path, release: str) -> Package:
    """Write the descriptor and the schemas of the new package, and open it."""
    descriptor: dict[str, Any] = json.loads((shipped.root / DESCRIPTOR).read_bytes())
    # The package at hand may be an imported one itself.
    resources = [one for one in descriptor["resources"] if one["name"] not in _TITLES]
    named = f" {release}" if release else ""
    for name, (title, text) in _TITLES.items():
        resources.append(
            {
                **resources[0], "name": name, "title": title, "description": text,
                "path": f"data/{name}.csv", "schema": f"schemas/{name}.json",
            }
        )  # fmt: skip
    digits = [*release.split("."), "0", "0"][:3] if release else ["0", "0", "0"]
    new = {
        "$schema": descriptor.get("$schema"),
        "name": "-".join(("ucdp-ged", *(release.split(".") if release else ()))),
        "title": f"UCDP GED{named} in the model of {descriptor.get('title', shipped.name)}",
        "description": f"Events of the UCDP Georeferenced Event Dataset{named}, imported. The "
        f"coding is that of the Uppsala Conflict Data Program. Cite: {_CITATION}; {_YEARLY}.",
        "homepage": _HOME,
        "version": ".".join(digits),
        "created": f"{today()}T00:00:00Z",
        "keywords": ["UCDP", "GED", "armed conflict", "organized violence", "events"],
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "path": "https://creativecommons.org/licenses/by/4.0/",
                "title": "Creative Commons Attribution 4.0 International",
            }
        ],
        "contributors": [
            {"title": "Uppsala Conflict Data Program", "path": "https://ucdp.uu.se/",
             "roles": ["creator"]}
        ],
        "sources": [{"title": f"UCDP GED{named}", "path": _HOME}],
        "resources": resources,
    }  # fmt: skip
    try:
        schemas = {
            path: (shipped.root / path).read_bytes()
            for path in sorted(shipped.listed)
            if path.endswith(".json") and path != DESCRIPTOR
        }
        schemas |= {f"schemas/{name}.json": schema(name) for name in _TITLES}
        for path, content in schemas.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        text = json.dumps({k: v for k, v in new.items() if v}, indent=2, ensure_ascii=False) + "\n"
        (folder / DESCRIPTOR).write_text(text, encoding="utf-8")
        (folder / "data").mkdir(exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return open_package(folder)


def _write(package: Package, made: Model) -> dict[str, int]:
    counts = {}
    for name, table in package.tables.items():
        rows = made.tables.get(name)
        if rows is None:
            rows = pa.table({column: pa.array([], pa.string()) for column in table.columns})
        try:
            package.file(table).parent.mkdir(parents=True, exist_ok=True)
            typed_csv.write_canonical(package.file(table), rows)
        except OSError as error:
            raise _unwritable(package.root, error) from error
        counts[name] = rows.num_rows
    return counts


@contextmanager
def _aside(into: Path) -> Iterator[Path]:
    """A folder beside the place of the new package; it goes when the block is left."""
    place = into.absolute()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{place.name}.", suffix=".new", dir=place.parent))
    except OSError as error:
        raise _unwritable(place.parent, error) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put(folder: Path, into: Path) -> None:
    try:
        folder.chmod(0o755)
        place = into.absolute()
        if place.is_dir():
            place.rmdir()  # empty, or it is refused
        folder.rename(place)
    except OSError as error:
        raise _unwritable(into, error) from error


def _unwritable(folder: Path, error: OSError) -> ToolError:
    return ToolError(
        f"cannot write in {folder}: {error.strerror or error}",
        "check the folder's permissions and the free space (df -h); nothing was imported",
    )


def _unsound(report: Report) -> ToolError:
    first = next((p for p in report.problems if p.severity == "error"), None)
    told = f"{first.place}: {first.message}" if first else f"{report.skipped[0].reason}"
    return ToolError(
        f"the imported package would not be sound: {told}",
        "please report it, with the row of the file that it is of; nothing was imported",
    )
