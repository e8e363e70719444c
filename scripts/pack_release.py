"""Pack a release into flat files, for places that know no folders.

    python scripts/pack_release.py dist/sahel-incidents-1.0.0 dist/assets

Writes one archive that holds the whole release, and copies of its main files. These are attached to
the release on GitHub, attested, and deposited in Zenodo by `scripts/deposit.py`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from releasing import StoppedError
from releasing.assets import pack


def main() -> int:
    """Run; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("release", type=Path, help="the release's folder")
    parser.add_argument("folder", type=Path, help="where to; made anew")
    chosen = parser.parse_args()
    try:
        print("\n".join(pack(chosen.release, chosen.folder)))
    except StoppedError as stopped:
        print(f"error: {stopped.message}\n  -> {stopped.remedy}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
