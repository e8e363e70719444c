"""Write a valid package of invented incidents, for tests of speed and of error reporting.

    python scripts/make_synthetic.py --incidents 20000 --seed 1 OUT

N incidents have 2N figures and N sources. Their shape is that of real records: most tolls are
small and a few large (log-normal), most figures unconfirmed, some a part or a successor of
another; more incidents in later years, a few outlets that carry most reports. Nothing in them
happened: forces, groups and outlets are numbered or invented, addresses end with `.example`
(RFC 2606).

The same arguments give the same bytes, as far as Python's `random` does. With `--errors K`, K
errors are planted, each of which causes exactly one problem, and listed in OUT/planted.csv.

Above 2,000,000 incidents, or with `--batches`, the package is made in batches by several processes
and in bounded memory: with a place for every 1,000 incidents, so that places and days still tell
them apart, and without errors.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from random import Random

from synthetic.batches import write_batches
from synthetic.errors import HOSTS_PER_ERROR, Planter
from synthetic.files import Writer, copy_descriptor
from synthetic.outline import GAZETTEER, draw_documents, draw_outlines
from synthetic.places import draw_countries
from synthetic.records import World

from sahel_incidents.descriptor import open_package

FEWEST, MOST = 100, 10_000_000
"""How many incidents can be made."""

MOST_AT_ONCE = 2_000_000
"""How many can be made from the places of one run; with more, days no longer tell them apart."""


def main() -> None:
    """Read the arguments and write the package."""
    parser = argparse.ArgumentParser(
        description="Write a valid package of invented incidents.",
        epilog="example: python scripts/make_synthetic.py --incidents 2000 --seed 1 --errors 400 "
        "build/synthetic",
    )
    parser.add_argument(
        "--incidents", type=int, required=True, metavar="N", help=f"{FEWEST} to {MOST}"
    )
    parser.add_argument("--seed", type=int, required=True, metavar="S", help="any whole number")
    parser.add_argument(
        "--errors", type=int, default=0, metavar="K", help=f"to plant, up to N/{HOSTS_PER_ERROR}"
    )
    parser.add_argument(
        "--batches", action="store_true", help=f"as above {MOST_AT_ONCE:,} incidents"
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="a folder, new or empty")
    given = parser.parse_args()
    if not FEWEST <= given.incidents <= MOST:
        parser.error(f"--incidents: write a number from {FEWEST} to {MOST}")
    if not 0 <= given.errors <= given.incidents // HOSTS_PER_ERROR:
        parser.error(f"--errors: write a number from 0 to {given.incidents // HOSTS_PER_ERROR}")
    batches = given.batches or given.incidents > MOST_AT_ONCE
    if batches and given.errors:
        parser.error("--errors: not for a package that is made in batches")
    if given.out.exists() and (not given.out.is_dir() or any(given.out.iterdir())):
        parser.error(f"{given.out} exists, and is not an empty folder")
    began = time.monotonic()
    if batches:
        write_batches(given.out, given.incidents, given.seed, told=partial(_tell, given.incidents))
    else:
        write_package(given.out, given.incidents, given.seed, given.errors)
    seconds = time.monotonic() - began
    start = "\r\033[K" if sys.stderr.isatty() else ""
    told = f"{given.incidents:,} incidents written to {given.out} in {seconds:.0f} s"
    sys.stderr.write(f"{start}{told}\n")


def write_package(out: Path, incidents: int, seed: int, errors: int) -> None:
    """Write a package of invented incidents, and tell on stderr how far it is.

    Args:
        out: the folder, new or empty.
        incidents: how many incidents.
        seed: the same seed, the same bytes.
        errors: how many errors to plant.
    """
    copy_descriptor(out)
    rng = Random(seed)
    outlines = draw_outlines(rng, draw_countries(rng, GAZETTEER.id), incidents)
    world = World(rng, outlines, list(draw_documents(rng, outlines)))
    planter = Planter(Random(seed), outlines, errors)
    with ExitStack() as stack:
        writer = Writer(open_package(out), stack)
        for number, case in enumerate(world.cases()):
            writer.write(case, planter.plant(number, case))
            if number % 10_000 == 0:
                _tell(incidents, number)
        writer.keep("places", world.places)
        writer.keep("actors", world.actors)
        writer.finish()


def _tell(incidents: int, done: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done:,} of {incidents:,} incidents")


if __name__ == "__main__":
    main()
