"""The tables of a release once more, written by bare pyarrow, sqlite3 and zipfile: a yardstick.

    python scripts/benchmarks/bare_writers.py RELEASE FOLDER

What a release holds is first read from it, which is not timed, and then written into a folder:

- **csv**: every table, and those of the files for UCDP's tools and of the changes, by
  `pyarrow.csv.write_csv`. GeoJSON, of which pyarrow has no writer, is stood for by one more CSV
  of its table.
- **parquet**: every file by `pyarrow.parquet.write_table`, with the same compression.
- **zip**: the data package by `zipfile`, with its default level.
- **xlsx**: the workbook's parts, which are there as ready XML, by `zipfile` with the same level.
- **sqlite**: the statements that the database states of itself, the rows by `executemany` from
  tuples that are there already, then `ANALYZE` and `VACUUM`.

Nothing is validated, derived, described, made text, read back or hashed in the time that counts.
Prints the seconds and bytes of each as JSON, and which files came out byte for byte as they are in
the release. This imports nothing of ours.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

_XLSX_LEVEL = 1
_ROWS_IN_A_GROUP = 1 << 17
_BLOCK = 1 << 20
_PLAIN = pyarrow.csv.WriteOptions(quoting_header="none")


class Writers:
    """The writers; `seconds` and `written` say how long each took, and what it wrote.

    Args:
        release: the folder of a release.
        folder: an empty one.
    """

    def __init__(self, release: Path, folder: Path) -> None:
        self.release, self.folder = release, folder
        self.seconds: dict[str, float] = {}
        self.written: dict[str, dict[Path, Path | None]] = {}

    def timed(self, name: str, origin: Path | None, write: Callable[[Path], object]) -> None:
        """Write a file and count the time.

        Args:
            name: the writer.
            origin: the release's file that it should equal; None where there is none.
            write: what writes it, given a path.
        """
        number = sum(map(len, self.written.values()))
        path = self.folder / f"{number}-{name}"
        began = time.perf_counter()
        write(path)
        self.seconds[name] = self.seconds.get(name, 0) + time.perf_counter() - began
        self.written.setdefault(name, {})[path] = origin

    def columnar(self) -> None:
        """CSV and Parquet."""
        for origin in sorted(self.release.glob("*/*.parquet")):
            with pq.ParquetFile(origin) as file:
                table = file.read()
            self._parquet(table, origin)
            if origin.parent.name == "parquet":
                places = (self.release / place / f"{origin.stem}.csv" for place in ("data", "flat"))
                self._csv(table, next(place for place in places if place.exists()))
            else:
                flat = self.release / "parquet" / "incidents_flat.parquet"
                self._csv(pq.read_table(flat), None)
        for origin in (self.release / "ucdp" / "ged.csv", self.release / "changes.csv"):
            self._csv(pyarrow.csv.read_csv(origin), origin)

    def _parquet(self, table: pa.Table, origin: Path) -> None:
        def write(path: Path) -> None:
            pq.write_table(table, path, compression="zstd", row_group_size=_ROWS_IN_A_GROUP)

        self.timed("parquet", origin, write)

    def _csv(self, table: pa.Table, origin: Path | None) -> None:
        self.timed("csv", origin, lambda path: pyarrow.csv.write_csv(table, path, _PLAIN))

    def zipped(self) -> None:
        """The data package in one file."""
        origin = next(self.release.glob("*.zip"))
        with zipfile.ZipFile(origin) as archive:
            entries = archive.infolist()

        def write(path: Path) -> None:
            with zipfile.ZipFile(path, "w") as archive:
                for entry in entries:
                    _copy(archive, entry, self.release / entry.filename)

        self.timed("zip", origin, write)

    def workbook(self) -> None:
        """The parts of the workbook."""
        origin = next(self.release.glob("*.xlsx"))
        parts = self.folder / "parts"
        with zipfile.ZipFile(origin) as archive:
            archive.extractall(parts)
            names = archive.namelist()

        def write(path: Path) -> None:
            deflated = zipfile.ZIP_DEFLATED
            with zipfile.ZipFile(path, "w", deflated, compresslevel=_XLSX_LEVEL) as archive:
                for name in names:
                    _copy(archive, name, parts / name, large=True)

        self.timed("xlsx", origin, write)

    def database(self) -> None:
        """The database."""
        origin = next(self.release.glob("*.sqlite"))
        path = self.folder / "database"
        began = self.seconds.setdefault("sqlite", 0)
        with closing(sqlite3.connect(origin)) as given:
            objects = given.execute(
                "SELECT type, name, sql FROM sqlite_master "
                "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
            ).fetchall()
            with closing(sqlite3.connect(path, isolation_level=None)) as made:
                self._replay(given, made, objects)
        assert self.seconds["sqlite"] > began
        self.written["sqlite"] = {path: origin}

    def _replay(
        self,
        given: sqlite3.Connection,
        made: sqlite3.Connection,
        objects: list[tuple[str, str, str]],
    ) -> None:
        def count(run: Callable[[], object]) -> None:
            began = time.perf_counter()
            run()
            self.seconds["sqlite"] += time.perf_counter() - began

        def run(statement: str) -> None:
            count(lambda: made.execute(statement))

        for pragma in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF",
                       "cache_size = -200000"):  # fmt: skip
            run(f"PRAGMA {pragma}")
        run("BEGIN")
        for kind, name, sql in objects:
            run(sql)
            if kind == "table":
                rows = given.execute(f'SELECT * FROM "{name}" ORDER BY rowid').fetchall()
                marks = ", ".join("?" * len(rows[0])) if rows else "?"
                insert = f'INSERT INTO "{name}" VALUES ({marks})'
                if rows:
                    count(lambda insert=insert, rows=rows: made.executemany(insert, rows))  # type: ignore[misc]
                del rows
        run("ANALYZE")
        run("COMMIT")
        run("VACUUM")


def _copy(
    archive: zipfile.ZipFile, entry: str | zipfile.ZipInfo, origin: Path, *, large: bool = False
) -> None:
    with origin.open("rb") as source, archive.open(entry, "w", force_zip64=large) as target:
        while block := source.read(_BLOCK):
            target.write(block)


def _same(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        while (block := first.read(_BLOCK)) == second.read(_BLOCK):
            if not block:
                return True
    return False


def main() -> None:
    """Write everything and print what it took."""
    writers = Writers(*map(Path, sys.argv[1:3]))
    writers.columnar()
    writers.zipped()
    writers.workbook()
    writers.database()
    told = {
        name: {
            "seconds": writers.seconds[name],
            "bytes": sum(path.stat().st_size for path in files),
            "files": len(files),
            "same": sum(
                origin is not None and _same(path, origin) for path, origin in files.items()
            ),
        }
        for name, files in writers.written.items()
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
