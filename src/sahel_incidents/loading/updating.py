"""What became of a researcher's rows between two releases.

Rows are followed by their key. Two releases are compared, not the frame with a release, so it does
not matter what was recoded in the frame or left out of it. Columns that are worked out are compared
like the others: the best estimate of an incident may change because a figure was added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..derived.declaration import columns as derived_columns
from ..derived.declaration import origin_of
from ..package import Package, Table
from ..problem import ToolError
from ..records import Records, Row
from ..views.resolve import TABLES, fates
from .dataset import VERSION, Dataset

REVISIONS = "revisions"
_WHY = ["reason", "source_id", "revised_on", "revision_id"]
"""The columns of `revisions` that tell why something was done."""


@dataclass(frozen=True)
class Update:
    """What became of a frame's rows. In each of its frames `row` is a row's label in the index.

    Attributes:
        before: the version that the rows come from.
        after: the version that it was compared with.
        table: the table whose rows they are.
        changed: for each cell that is not what it was `row`, `record`, `field`, `old` and `new`,
            as text, and from the revision that tells why `reason`, `source_id`, `revised_on` and
            `revision_id`; these are empty where no revision is about it.
        merged: the rows whose record was merged: `row`, `record`, `into` and why.
        gone: the rows whose record was retracted or is no longer there: `row`, `record` and why.
        unknown: the rows that the earlier release does not have: `row`, `record`.
        unchanged: the labels of all other rows.
        added: the rows of that table which the earlier release does not have.
    """

    before: str
    after: str
    table: str
    changed: pd.DataFrame
    merged: pd.DataFrame
    gone: pd.DataFrame
    unknown: pd.DataFrame
    unchanged: pd.Index
    added: pd.DataFrame

    def __repr__(self) -> str:
        lines = [f"{self.table}, {self.before} to {self.after}"]
        for name in ("changed", "merged", "gone", "unknown"):
            told = getattr(self, name)
            records = list(dict.fromkeys(told["record"]))
            shown = ", ".join(records[:3]) + (", ..." if len(records) > 3 else "")
            lines.append(f"  {name + ':':<11}{told['row'].nunique():>7,}  {shown}".rstrip())
        lines.append(f"  unchanged: {len(self.unchanged):>7,}")
        lines.append(f"  added:     {len(self.added):>7,}  (in the release, not in your rows)")
        return "\n".join(lines)


def table_of(frame: pd.DataFrame, dataset: Dataset) -> str:
    """The table whose rows a frame holds: that with which it shares most columns, the key included.

    Raises:
        ToolError: it holds the key of none.
    """
    shared = {
        name: len(frame.columns.intersection(list(dataset.declared(name).columns)))
        for name in dataset.tables
        if set(dataset.declared(name).primary_key) <= set(frame.columns)
    }
    if not shared:
        raise ToolError(
            "the frame has the key of no table", "keep a column of ids in it, such as casualty_id"
        )
    return max(shared, key=lambda name: shared[name])


def version_of(frame: pd.DataFrame) -> str:
    """The version that a frame was loaded from.

    Raises:
        ToolError: it is not noted in the frame.
    """
    version = frame.attrs.get(VERSION)
    if not isinstance(version, str):
        raise ToolError(
            "the frame does not say from which version it comes",
            'name it: update(frame, to=..., since="1.0.0")',
        )
    return version


def follow(frame: pd.DataFrame, before: Dataset, after: Dataset, table: str) -> Update:
    """What became of a frame's rows.

    Args:
        frame: rows of the table, with its key.
        before: the release that they come from.
        after: the release to compare it with.
        table: the table.

    Raises:
        ToolError: one of the releases has no such table, or the frame lacks a column of its key.
    """
    key = _key(frame, before, after, table)
    rows = pd.DataFrame({"row": list(frame.index), "record": _joined(frame[key].astype("string"))})
    old, new = _texts(before, table, key), _texts(after, table, key)
    added = after[table].loc[~new.index.isin(old.index)].reset_index(drop=True)
    known = rows["record"].isin(old.index)
    there = known & rows["record"].isin(new.index)
    revisions = _new_revisions(before, after)
    cells = _changed(old, new, rows["record"][there].unique())
    cells = _with_reasons(cells, old, revisions, before, table)
    changed = rows.merge(cells, on="record")
    ends = _ends(old.loc[rows["record"][known & ~there].unique()], revisions, after)
    ended = rows.merge(ends, on="record")
    merged = ended["into"] != ""
    touched = pd.concat([rows["row"][~there], changed["row"]])
    return Update(
        before=before.version,
        after=after.version,
        table=table,
        changed=changed,
        merged=ended[merged].reset_index(drop=True),
        gone=ended[~merged].drop(columns="into").reset_index(drop=True),
        unknown=rows[~known].reset_index(drop=True),
        unchanged=frame.index[~frame.index.isin(touched)],
        added=added,
    )


def _key(frame: pd.DataFrame, before: Dataset, after: Dataset, table: str) -> list[str]:
    for dataset in (before, after):
        if table not in dataset.tables:
            raise ToolError(
                f"version {dataset.version} has no table {table}",
                f"name one of: {', '.join(dataset.tables)}",
            )
    key = list(before.declared(table).primary_key)
    missing = [name for name in key if name not in frame.columns]
    if missing:
        raise ToolError(f"the frame has no column {missing[0]}", f"the key of {table} has it")
    return key


def _joined(key: pd.DataFrame) -> pd.Series:
    """Keys as `revisions` writes them, their parts joined by "|"; empty where a part is missing."""
    whole, others = key.iloc[:, 0], key.iloc[:, 1:]
    if len(others.columns):
        whole = whole.str.cat(others, sep="|")
    return whole.fillna("").astype(object)


def _texts(dataset: Dataset, table: str, key: list[str]) -> pd.DataFrame:
    """A table's cells as text, by record; empty where a cell is."""
    source = dataset.arrow(table)
    columns = [pc.fill_null(column.cast(pa.string()), "") for column in source.columns]
    texts: pd.DataFrame = pa.table(columns, names=source.column_names).to_pandas().astype(object)
    return texts.set_index(_joined(texts[key].astype("string")).rename("record"))


def _changed(old: pd.DataFrame, new: pd.DataFrame, records: Iterable[str]) -> pd.DataFrame:
    """The cells of some records that differ, in the columns that both releases have."""
    old, new = old.loc[list(records)], new.loc[list(records)]
    found = []
    for field in [column for column in old.columns if column in new.columns]:
        differ = (old[field] != new[field]).to_numpy()
        cells = {"field": field, "old": old[field][differ], "new": new[field][differ]}
        found.append(pd.DataFrame(cells).reset_index())
    return pd.concat(found, ignore_index=True)


def _new_revisions(before: Dataset, after: Dataset) -> pd.DataFrame:
    """The revisions that the earlier release does not have, oldest first, as text."""
    if REVISIONS not in before.tables or REVISIONS not in after.tables:
        return pd.DataFrame(columns=["table", "record_id", "field", "action", "other_id", *_WHY])
    revisions = _texts(after, REVISIONS, ["revision_id"])
    known = _texts(before, REVISIONS, ["revision_id"]).index
    return revisions[~revisions.index.isin(known)].sort_values(["revised_on", "revision_id"])


def _with_reasons(
    cells: pd.DataFrame, old: pd.DataFrame, revisions: pd.DataFrame, before: Dataset, table: str
) -> pd.DataFrame:
    """Changed cells with the latest revision of each: of the cell, or else of its record."""
    cells["table"], cells["record_id"], cells["cell"] = "", "", ""
    for field, (home, reference, cell) in _homes(before.package, table).items():
        of_field = cells["field"] == field
        records = cells["record"][of_field]
        owner = old[reference][records].to_numpy() if reference else records
        cells.loc[of_field, ["table", "cell"]] = home, cell
        cells.loc[of_field, "record_id"] = owner
    record = ["table", "record_id"]
    exact = revisions.drop_duplicates([*record, "field"], keep="last")
    loose = revisions.drop_duplicates(record, keep="last")
    told = cells.merge(
        exact.rename(columns={"field": "cell"})[[*record, "cell", *_WHY]],
        on=[*record, "cell"],
        how="left",
    )
    beside = cells[record].merge(loose[[*record, *_WHY]], on=record, how="left")
    for name in _WHY:
        told[name] = told[name].fillna(beside[name]).fillna("")
    return told[["record", "field", "old", "new", *_WHY]]


def _homes(package: Package, table: str) -> dict[str, tuple[str, str, str]]:
    """For each column of a table where its values are entered: table, reference to it, column.

    The reference is "" where that is the row's own record. A column that is worked out has no home.
    """
    if table in package.tables:
        return {name: (table, "", name) for name in package.tables[table].columns}
    homes = {}
    for column in derived_columns(package, table):
        *steps, name = column.path.split(".")
        home: Table | None = package.tables.get(origin_of(table))
        for step in steps:
            home = home and package.tables[home.reference(step).table]
        if home and name:
            homes[column.field.name] = (home.name, steps[-1] if steps else "", name)
    return homes


def _ends(gone: pd.DataFrame, revisions: pd.DataFrame, after: Dataset) -> pd.DataFrame:
    """What became of records that are no longer there: the id they live on under, and why."""
    names = [str(name) for name in revisions.columns]
    cells = (revisions[name] for name in names)
    rows: list[Row] = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
    retired = Records(after.package, {name: {} for name in TABLES})
    retired.rows[REVISIONS] = {(row["revision_id"],): row for row in rows}
    about = {row["record_id"]: row for row in rows}
    owners = gone["incident_id"] if "incident_id" in gone.columns else gone.index
    ends = []
    for record, owner in zip(gone.index, owners, strict=True):
        # A part of an incident goes with it, by the incident's revision.
        steps = fates(retired, record) or fates(retired, owner)
        why = steps[0].revision if steps else about.get(record, {})
        into = steps[-1].into if steps else ""
        ends.append({"record": record, "into": into} | {name: why.get(name, "") for name in _WHY})
    return pd.DataFrame(ends, columns=["record", "into", *_WHY])
