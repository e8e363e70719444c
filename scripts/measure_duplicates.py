"""Measure how well near-duplicates are found, and how long it takes.

    python scripts/measure_duplicates.py 2000 10000 100000

For each number of incidents a package is invented (`make_synthetic.py`) and one record in twenty
entered a second time, as another contributor might: with the place spelt differently or placed
nearby, a day or two off, another toll, sometimes another type or no attacker. What is flagged is
compared with what was planted, and printed as the tables of docs/duplicates.md.

`--time` only times the search, without planting, which takes less memory. `--ged FILE` looks at
UCDP's Georeferenced Event Dataset instead (https://ucdp.uu.se/downloads/, as CSV), which has real
neighbours and, its makers hope, no duplicates.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import pyarrow as pa
from duplicates.ged import read_ged
from duplicates.planting import Planted, plant
from make_synthetic import write_package

from sahel_incidents.columns import Data
from sahel_incidents.descriptor import open_package
from sahel_incidents.duplicates import LIKELY, Pair, candidates
from sahel_incidents.package import Package
from sahel_incidents.records import Records
from sahel_incidents.tables import read_table

SHARE = 20
"""One incident in so many is entered twice."""

LEAST = range(6, 13)
"""The thresholds that are compared."""


def main() -> None:
    """Read the arguments and print what was measured."""
    parser = argparse.ArgumentParser(description="Measure how well near-duplicates are found.")
    parser.add_argument("incidents", type=int, nargs="*", metavar="N", help="how many incidents")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="any whole number")
    parser.add_argument("--time", action="store_true", help="only time the search")
    parser.add_argument("--ged", type=Path, metavar="FILE", help="UCDP GED as CSV")
    given = parser.parse_args()
    for count in given.incidents:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "package"
            write_package(root, count, given.seed, 0)
            package = open_package(root)
            if given.time:
                report_time(package)
            else:
                report_found(Records.read(package), Random(given.seed))
    if given.ged:
        package = open_package(Path(__file__).parents[1])
        report_real(read_ged(package, given.ged))


def report_time(package: Package) -> None:
    """Time the search in a package as it is."""
    texts = {name: read_table(package, table).text for name, table in package.tables.items()}
    data = Data(package, {name: text for name, text in texts.items() if text is not None})
    began = time.perf_counter()
    found = candidates(data)
    seconds = time.perf_counter() - began
    print(f"| {data.rows('incidents'):,} | {len(found):,} | {seconds:.2f} s |", flush=True)


def report_found(records: Records, rng: Random) -> None:
    """Plant duplicates, search, and print what was found of them and what besides."""
    count = len(records.rows["incidents"])
    planted = plant(records, rng, count // SHARE)
    scores = {frozenset((p.first, p.second)): p for p in candidates(as_data(records), LEAST[0])}
    print(f"\n{count:,} incidents, {len(planted):,} of them entered twice\n")
    print("| points | precision | recall | flagged beside the planted |\n|---|---|---|---|")
    truth = {frozenset((item.original, item.copy)) for item in planted}
    for least in LEAST:
        flagged = {ids for ids, pair in scores.items() if pair.points >= least}
        right = len(flagged & truth)
        precision = right / len(flagged) if flagged else 1.0
        mark = " (used)" if least == LIKELY else ""
        recall = right / len(truth)
        print(f"| {least}{mark} | {precision:.3f} | {recall:.3f} | {len(flagged) - right} |")
    print("\n| planted with | number | found |\n|---|---|---|")
    for change, group in sorted(_by_change(planted).items()):
        found = sum(_is_likely(scores.get(frozenset((p.original, p.copy)))) for p in group)
        print(f"| {change} | {len(group)} | {found / len(group):.3f} |")


def report_real(records: Records) -> None:
    """Search among real incidents, none of which is meant to be there twice."""
    pairs = candidates(as_data(records), LEAST[0])
    print(f"\n{len(records.rows['incidents']):,} real incidents\n")
    print("| points | pairs |\n|---|---|")
    for points, number in sorted(Counter(pair.points for pair in pairs).items()):
        print(f"| {points} | {number} |")
    print()
    for pair in sorted(pairs, key=lambda pair: -pair.points)[:20]:
        print(f"{pair.points} {pair.first} {pair.second}: {pair}")


def as_data(records: Records) -> Data:
    """Records as the validator sees them."""
    texts = {}
    for name, table in records.package.tables.items():
        rows = records.rows[name].values()
        texts[name] = pa.table(
            {
                column: pa.array([row[column] for row in rows], pa.string())
                for column in table.columns
            }
        )
    return Data(records.package, texts)


def _by_change(planted: list[Planted]) -> dict[str, list[Planted]]:
    groups: defaultdict[str, list[Planted]] = defaultdict(list)
    for item in planted:
        for change in item.changes:
            groups[change].append(item)
    return groups


def _is_likely(pair: Pair | None) -> bool:
    return pair is not None and pair.points >= LIKELY


if __name__ == "__main__":
    main()
