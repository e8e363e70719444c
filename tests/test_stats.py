"""Counts of records: against a count made another way, and as people see them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from sahel_incidents import derived
from sahel_incidents.cli import main
from sahel_incidents.descriptor import open_package
from sahel_incidents.records import Records
from sahel_incidents.typed import read_tables
from sahel_incidents.views.count_tables import markdown, text
from sahel_incidents.views.counts import DIMENSIONS, Counts, Line, Table

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def records() -> Records:
    return Records.read(open_package(ROOT))


@pytest.fixture(scope="module")
def counts(records: Records) -> Counts:
    return Counts(records, [id for (id,) in records.rows["incidents"]])


def run(*words: str, package: Path = ROOT) -> Result:
    return CliRunner().invoke(main, ["--package", str(package), "stats", *words])


def sql(query: str) -> dict[str, tuple[int, int]]:
    """Label -> (incidents, figures), from the CSVs themselves."""
    tables = ("incidents", "casualties", "participants", "actors")
    with duckdb.connect() as connection:
        for name in tables:
            path = ROOT / "data" / f"{name}.csv"
            connection.execute(
                f"create view {name} as select * from read_csv('{path}', all_varchar=true)"
            )
        return {label: (a, b) for label, a, b in connection.execute(query).fetchall()}


@pytest.mark.parametrize(
    ("name", "query"),
    [
        (
            "country",
            """select country, count(distinct i.incident_id), count(casualty_id)
               from incidents i left join casualties using (incident_id) group by country""",
        ),
        (
            "year",
            """select date_start[:4], count(distinct i.incident_id), count(casualty_id)
               from incidents i left join casualties using (incident_id)
               where date_start[:4] = date_end[:4] or date_precision = 'day' group by 1""",
        ),
        (
            "harm",
            "select harm, count(distinct incident_id), count(*) from casualties group by harm",
        ),
        (
            "attacker",
            """select name, count(distinct p.incident_id), count(distinct casualty_id)
               from participants p join actors using (actor_id)
               left join casualties c on c.incident_id = p.incident_id
               where role = 'attacker' group by name""",
        ),
    ],
)
def test_the_counts_are_those_of_a_database(
    records: Records, counts: Counts, name: str, query: str
) -> None:
    labels = {
        category.value: category.label
        for table, column in (("incidents", "country"), ("casualties", "harm"))
        for category in records.package.tables[table].field(column).categories
    }
    ours = {line.label: (line.incidents, line.figures) for line in counts.table(name).lines}
    ours.pop("not known", None)
    assert ours == {labels.get(label, label): both for label, both in sql(query).items()}


@pytest.mark.parametrize("name", DIMENSIONS)
def test_the_figures_across_make_up_the_figures(counts: Counts, name: str) -> None:
    for across in ("grade", "harm", "victims", "confirmation"):
        table = counts.table(name, across)
        assert table.lines
        for line in table.lines:
            assert set(line.across) <= set(table.across) or across == name
            assert sum(line.across.values()) == line.figures


def test_an_incident_of_two_rows_is_said_to_be_in_both(counts: Counts) -> None:
    assert counts.table("harm").repeats
    assert not counts.table("country").repeats


def test_months_stand_in_order_and_the_unknown_last(records: Records) -> None:
    rows = [dict(row) for row in list(records.rows["incidents"].values())[:3]]
    days = (
        ("2021-05-30", "2021-06-02", "approximate"),
        ("2020-01-31", "2020-02-01", "day"),
        ("2019-01-01", "2019-12-31", "year"),
    )
    copy = records.copy()
    for row, (start, end, precision) in zip(rows, days, strict=True):
        row |= {"date_start": start, "date_end": end, "date_precision": precision}
        copy.put("incidents", row)
    own = Counts(copy, [row["incident_id"] for row in rows])
    assert [line.label for line in own.table("month").lines] == ["2020-01", "not known"]
    assert [line.label for line in own.table("year").lines] == ["2019", "2020", "2021"]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_the_table_fits_the_terminal_and_drops_no_column(counts: Counts, width: int) -> None:
    for name in DIMENSIONS:
        table = counts.table(name)
        shown = text(table, width)
        assert max(map(len, shown.splitlines())) <= max(width, len("An incident may stand in") + 40)
        for label in ("incidents", "figures", *table.across):
            assert label in shown


def test_a_label_steers_neither_terminal_nor_markdown() -> None:
    table = Table("Attacker", ["confirmed"], [Line("a|b\x1b[2J", 1, 1, {"confirmed": 1})], False)
    assert "\x1b" not in text(table, 80) + markdown(table)
    assert markdown(table).splitlines()[2].count("|") == 5


def test_the_command_shows_what_is_there() -> None:
    done = run()
    assert done.exit_code == 0
    assert "Kind of attacker" in done.output
    assert "people are not added" in done.output


def test_formats_say_the_same() -> None:
    words = ("--by", "country", "--by", "harm", "--across", "victims")
    told = json.loads(run(*words, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv").stdout)))
    assert [
        (name, line["label"], str(line["figures"])) for name in told for line in told[name]
    ] == [(row["by"], row["label"], row["figures"]) for row in rows]
    assert run(*words, "--format", "markdown").stdout.count("|---|") == 2


def test_a_selection_is_counted_and_said() -> None:
    done = run("--country", "Niger", "--by", "country")
    assert "Niger" in done.output
    assert "Mali" not in done.output
    nothing = run("--country", "Mars")
    assert nothing.exit_code == 0
    assert "no country is called Mars" in nothing.output


def test_an_empty_package_is_counted_too(tmp_path: Path) -> None:
    shutil.copy(ROOT / "datapackage.json", tmp_path)
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    (tmp_path / "data").mkdir()
    for path in (ROOT / "data").iterdir():
        (tmp_path / "data" / path.name).write_text(path.read_text("utf-8").split("\n")[0] + "\n")
    done = run(package=tmp_path)
    assert done.exit_code == 0
    assert done.output == "0 of 0 incidents, 0 figures; people are not added\n"


def test_origins_are_those_of_the_release(records: Records) -> None:
    """Only reviewed incidents are released, so only they can be compared."""
    package = records.package
    flat = derived.build(package, read_tables(package))["incidents_flat"]
    worked_out = flat.select(["incident_id", "origins"]).to_pylist()
    assert len(worked_out) > 50
    told = ("none", "1", "2", "3 or more")
    for row in worked_out:
        (line,) = Counts(records, [row["incident_id"]]).table("origins").lines
        assert line.label == told[min(row["origins"], 3)], row
