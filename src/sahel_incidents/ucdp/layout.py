"""The columns of UCDP GED, versions 19.1 to 26.1, and the tables that keep what has no other home.

Every version names its columns, so a column is found by its name and never by its place. What
differs between versions:

- 19.1 has 42 columns, in an order of its own: no `relid`, `code_status`, `where_description` and
  none of the older ids (`*_dset_id`);
- from 20.1 on there are 49, the last of them `gwnoa` and `gwnob`, which may list several states
  (`2;200;900`); the country downloads leave these two out (47 columns);
- `active_year` is 1 or 0 up to 24.1 and `true` or `false` from 25.1 on;
- the country downloads and some copies write `best_est`, `high_est` and `low_est`;
- some write a time of day behind `date_start` and `date_end`, always midnight.
"""

from __future__ import annotations

from importlib.resources import files

from .columns import COLUMNS

EVENTS, ARTICLES = "ucdp_events", "ucdp_articles"
"""The tables of an imported package that the shipped one does not have."""

VERSIONS = (19, 26)
"""The first and the last major version whose columns are known."""

SYNONYMS = {"best_est": "best", "high_est": "high", "low_est": "low"}
"""Other names of columns, as they occur in files of these versions."""

LATER = ("gwnoa", "gwnob")
"""The columns that stand behind those of the country downloads."""

NAMES = (*(column.name for column in COLUMNS), *LATER)
"""Every column, in the order of the 49."""

OPTIONAL = frozenset(
    (
        "relid", "active_year", "code_status", "conflict_dset_id", "dyad_dset_id",
        "side_a_dset_id", "side_b_dset_id", "number_of_sources", "source_office", "source_date",
        "source_headline", "source_original", "where_description", "adm_1", "adm_2", "geom_wkt",
        "priogrid_gid", "country_id", "region", *LATER,
    )
)  # fmt: skip
"""The columns that a file may be without, since a version or a common extract is."""

REQUIRED = tuple(name for name in NAMES if name not in OPTIONAL)

DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
TOTALS = ("best", "high", "low")

KEPT = (
    "dyad_name", "side_a", "side_b", "number_of_sources", "source_article", "source_office",
    "source_date", "source_headline", "where_coordinates", "latitude", "longitude", "geom_wkt",
    "priogrid_gid", "country", "country_id", "region", "year",
)  # fmt: skip
"""The columns of `EVENTS` that are filled only where the other tables give something else."""

CIVILIANS = "Civilians"
"""What UCDP calls side B of one-sided violence."""


def schema(table: str) -> bytes:
    """The schema of `EVENTS` or `ARTICLES`, as the content of a file."""
    return (files(__package__) / "schemas" / f"{table}.json").read_bytes()
