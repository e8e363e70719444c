"""Deposit a release in Zenodo.

    ZENODO_TOKEN=... python scripts/deposit.py dist/assets
    python scripts/deposit.py --dry-run dist/assets
    ZENODO_TOKEN=... python scripts/deposit.py --discard dist/assets

FOLDER holds what `scripts/pack_release.py` writes. The first release becomes a new record, later
ones new versions of it. The token needs the scopes deposit:write and deposit:actions. After a
failure the same command goes on where it stopped. Prints the record's address.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from functools import partial
from pathlib import Path

from releasing import StoppedError
from releasing.assets import Assets, opened
from releasing.calls import Api, Patience
from releasing.depositing import check_limits, deposit, discard
from releasing.deposits import described

TOKEN = "ZENODO_TOKEN"
USUAL = Patience()


def parser() -> argparse.ArgumentParser:
    """What may be asked for."""
    made = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("folder", type=Path, help="the packed release")
    made.add_argument(
        "--base-url",
        default="https://zenodo.org",
        help="where to; https://sandbox.zenodo.org is for trials (default: %(default)s)",
    )
    what = made.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="only show what would be deposited")
    what.add_argument("--draft", action="store_true", help="leave publishing to a person")
    what.add_argument("--discard", action="store_true", help="remove the draft of this release")
    for name, usual, meaning in (
        ("--attempts", USUAL.attempts, "how often a call is made at most"),
        ("--wait", USUAL.first_wait, "seconds before the second attempt"),
        ("--longest-wait", USUAL.longest_wait, "seconds between two attempts at most"),
        ("--timeout", USUAL.timeout, "seconds until an answer is given up"),
    ):
        made.add_argument(
            name,
            type=partial(positive, kind=type(usual)),
            default=usual,
            metavar="N",
            help=f"{meaning} (default: %(default)s)",
        )
    return made


def positive(text: str, kind: type[float]) -> float:
    """A number above 0.

    Raises:
        ArgumentTypeError: the text is none.
    """
    try:
        number = kind(text)
    except ValueError:
        number = kind(0)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def show(assets: Assets) -> None:
    """Print what would be deposited."""
    check_limits(assets)
    for file in assets.files.values():
        print(f"{file.md5}  {file.size:>12,}  {file.name}")
    print(json.dumps({"metadata": described(assets)}, ensure_ascii=False, indent=2))


def say(line: str) -> None:
    """Tell what is going on, beside the result."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Run; returns the exit code."""
    chosen = parser().parse_args()
    try:
        assets = opened(chosen.folder)
        if chosen.dry_run:
            show(assets)
            return 0
        token = os.environ.get(TOKEN, "")
        if not token:
            raise StoppedError(f"there is no token in the variable {TOKEN}", "set it, or --dry-run")
        patience = Patience(chosen.attempts, chosen.wait, chosen.longest_wait, chosen.timeout)
        api = Api(chosen.base_url, token, patience, say)
        if chosen.discard:
            removed = discard(assets, api)
            say(f"removed: {', '.join(map(str, removed))}" if removed else "there is no draft")
        else:
            print(deposit(assets, api, publish=not chosen.draft))
    except StoppedError as stopped:
        print(f"error: {stopped.message}\n  -> {stopped.remedy}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
