"""Incidents in bulk: the template, what is read back from it, and what is refused."""

import datetime
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner

from sahel_incidents import bulk as workbook
from sahel_incidents.bulk import sheets, template
from sahel_incidents.cards import Card, apply, dump, located, to_card
from sahel_incidents.cards import layout as card_layout
from sahel_incidents.cards.nodes import CardError
from sahel_incidents.cli import main
from sahel_incidents.descriptor import open_package
from sahel_incidents.package import Package
from sahel_incidents.problem import Problem, Severity, ToolError
from sahel_incidents.records import Records

ROOT = Path(__file__).resolve().parents[1]
Rows = dict[str, list[dict[str, object]]]

BOOK: Rows = {
    "Incidents": [
        {
            "incident": "konna",
            "title": "Konna, 10 June 2025: attack on an army camp",
            "date_start": "2025-06-10",
            "date_precision": "day",
            "country": "MLI",
            "admin1": "ML-5",
            "place": "mli-konna",
            "place_precision": "near",
            "event_type": "attack_on_position",
        }
    ],
    "Participants": [
        {"actor": "jnim", "role": "attacker", "attribution": "claimed", "source": "ex-2025-06-11"}
    ],
    "Figures": [
        {
            "incident": "konna",
            "harm": "killed",
            "number": "over 30",
            "victims": "State forces",
            "said_by": "two security sources",
            "speaker_kind": "security_source",
            "relayed_by": "Reuters",
            "source": "ex-2025-06-11",
        },
        {
            "harm": "wounded",
            "number": 12,
            "victims": "civilian",
            "said_by": "the mayor",
            "speaker_kind": "official",
            "source": "ex-2025-06-11",
        },
    ],
    "Sources": [
        {
            "id": "ex-2025-06-11",
            "publisher": "Example News",
            "title": "Mali: attack at Konna",
            "url": "https://example.org/konna",
            "published_on": datetime.date(2025, 6, 11),
            "kind": "news",
        }
    ],
    "Places": [
        {"id": "mli-konna", "name": "Konna", "kind": "settlement", "country": "MLI"},
    ],
}


HALF_PAST_FIVE = datetime.datetime(2025, 6, 1, 5, 30)


@pytest.fixture(scope="module")
def package() -> Package:
    return open_package(ROOT)


@pytest.fixture(scope="module")
def records(package: Package) -> Records:
    return Records.read(package)


def write(path: Path, rows: Rows) -> Path:
    """A workbook with the given rows on its sheets; dates as dates, numbers as numbers."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, lines in rows.items():
        sheet = book.add_worksheet(name)
        columns = list(dict.fromkeys(column for line in lines for column in line))
        sheet.write_row(0, 0, columns)
        for number, line in enumerate(lines, 1):
            for column, cell in line.items():
                at = (number, columns.index(column))
                if isinstance(cell, datetime.date):
                    sheet.write_datetime(*at, cell, day)
                elif isinstance(cell, str) and cell.startswith("{="):
                    sheet.write_formula(*at, cell.strip("{}"))
                elif isinstance(cell, str):
                    sheet.write_string(*at, cell)
                else:
                    sheet.write(*at, cell)
    book.close()
    return path


def changed(sheet: str, row: int, /, **cells: object) -> Rows:
    """`BOOK` with some cells of one row changed."""
    rows = {name: [dict(line) for line in lines] for name, lines in BOOK.items()}
    rows[sheet][row] |= cells
    return rows


def problems(path: Path, package: Package) -> list[Problem]:
    """What is wrong with a file, in itself or as cards."""
    records = Records.read(package)
    try:
        for card in workbook.read(path, package):
            records = apply(card, records)
    except CardError as error:
        return error.problems
    return []


def test_a_filled_workbook_becomes_a_card(
    tmp_path: Path, package: Package, records: Records
) -> None:
    [card] = workbook.read(write(tmp_path / "book.xlsx", BOOK), package)
    told = to_card(apply(card, records), "MLI-2025-06-10-konna")
    assert told["status"] == "candidate"
    assert told["date_end"] == "2025-06-10"
    assert [figure["confirmation"] for figure in told["casualties"]] == ["unconfirmed"] * 2
    assert told["casualties"][0]["killed"] == "over 30"
    assert told["casualties"][0]["victims"] == "state_force"
    assert told["casualties"][1]["wounded"] == "12"
    after = apply(card, records).rows
    assert after["sources"]["ex-2025-06-11",]["published_on"] == "2025-06-11"
    assert ("mli-konna",) in after["places"]


def as_rows(package: Package, incidents: dict[str, dict[str, object]]) -> Rows:
    """Cards as the rows of a workbook: the reverse of reading."""
    parts = card_layout.parts(package)
    rows: Rows = {name: [] for name in sheets.SHEETS.values()}
    for key, card in incidents.items():
        rows["Incidents"].append(
            {"incident": key}
            | {n: v for n, v in card.items() if n in parts[""].fields and n != "id"}
        )
        for part, name in sheets.SHEETS.items():
            for item in card.get(part, []) if part else []:  # type: ignore[attr-defined]
                line = dict(item)
                for harm in set(line) & set(card_layout.harms(package)):
                    line |= {"harm": harm, "number": line.pop(harm)}
                rows[name].append({"incident": key, **line})
    return rows


def test_every_incident_on_record_survives_the_way_through_a_workbook(
    tmp_path: Path, package: Package, records: Records
) -> None:
    cards = {id: to_card(records, id) for (id,) in records.rows["incidents"]}
    read = workbook.read(write(tmp_path / "all.xlsx", as_rows(package, cards)), package)
    assert len(read) == len(cards) > 10
    after = records
    for card in read:
        after = apply(card, after)
    assert after.files() == records.files()


def test_an_untouched_template_holds_no_incident(
    tmp_path: Path, package: Package, records: Records
) -> None:
    for name, content in (
        ("t.xlsx", template.workbook(records)),
        ("t.csv", template.flat(records)),
    ):
        (tmp_path / name).write_bytes(content)
        [found] = problems(tmp_path / name, package)
        assert found.message == "there is no incident in it"


def test_the_template_s_examples_are_right_once_they_are_real(
    tmp_path: Path, package: Package, records: Records
) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(template.workbook(records))
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        for (cell,) in sheet.iter_rows(min_row=2, max_col=1):
            cell.value = cell.value and str(cell.value).removeprefix(f"{sheets.EXAMPLE} ")
    for name in ("Sources", "Actors", "Places"):  # these are on record
        assert book[name].max_row >= 2
    book.save(path)
    [card] = workbook.read(path, package)
    assert "over 30" in dump(card.data)
    apply(card, records)


def test_the_template_explains_and_offers(records: Records) -> None:
    content = template.workbook(records)
    assert content == template.workbook(records), "it differs from one time to the next"
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Read me", *sheets.SHEETS.values(), "Lists"]
    assert book["Lists"].sheet_state == "hidden"
    figures = book["Figures"]
    top = {cell.value: cell for cell in figures[1]}
    assert "said_by" in top
    assert all(cell.comment for cell in top.values())
    assert "over 30" in top["number"].comment.text
    assert "disputed" in top["confirmation"].comment.text
    assert figures.freeze_panes == "B2"
    offered = {
        str(rule.sqref).split(":")[0].rstrip("0123456789"): rule
        for rule in figures.data_validations.dataValidation
    }
    for column in ("harm", "victims", "confirmation", "source", "victim_actor"):
        assert top[column].column_letter in offered, column
    assert offered[top["confirmation"].column_letter].errorStyle in ("stop", None)
    assert offered[top["source"].column_letter].errorStyle == "information"
    for row in figures.iter_rows():
        for cell in row:
            assert cell.data_type in ("s", "n")
    assert all(cell.number_format == "@" for cell in figures[1])


@pytest.mark.parametrize(
    ("sheet", "row", "cells", "place", "words"),
    [
        ("Figures", 0, {"number": "lots"}, "Figures!C2", "not understood"),
        ("Figures", 0, {"number": "20 + 10"}, "Figures!C2", "sum"),
        ("Figures", 0, {"number": "{=20+10}"}, "Figures!C2", "formula"),
        ("Figures", 1, {"number": 1.5}, "Figures!C3", "whole number"),
        ("Figures", 0, {"harm": "kiled"}, "Figures!C2", "kiled"),
        ("Figures", 0, {"victims": "soldiers"}, "Figures!D2", "soldiers"),
        ("Figures", 0, {"source": "nowhere-2025"}, "Figures!H2", "no source"),
        ("Figures", 0, {"incident": "homburi"}, "Figures!A2", "homburi"),
        ("Participants", 0, {"actor": "jnmi"}, "Participants!A2", "no actor"),
        ("Incidents", 0, {"date_start": "1/6/25"}, "Incidents!C2", "1/6/25"),
        ("Incidents", 0, {"date_start": HALF_PAST_FIVE}, "Incidents!C2", "time"),
        ("Incidents", 0, {"country": "Malli"}, "Incidents!E2", "Malli"),
        ("Incidents", 0, {"colour": "red"}, "Incidents!J1", "no column"),
        ("Sources", 0, {"published_on": "11 June"}, "Sources!E2", "11 June"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_cell(
    tmp_path: Path,
    package: Package,
    sheet: str,
    row: int,
    cells: dict[str, object],
    place: str,
    words: str,
) -> None:
    found = problems(write(tmp_path / "book.xlsx", changed(sheet, row, **cells)), package)
    assert [p.place for p in found] == [f"book.xlsx {place}"]
    assert words in found[0].message
    assert found[0].suggestion


def test_what_is_missing_is_told_at_its_row(tmp_path: Path, package: Package) -> None:
    path = write(tmp_path / "book.xlsx", changed("Figures", 1, said_by=""))
    [found] = problems(path, package)
    assert (found.place, found.message) == ("book.xlsx Figures!A3", "said_by is missing")


def test_a_row_of_no_incident_is_told_where_there_are_two(tmp_path: Path, package: Package) -> None:
    rows = changed("Incidents", 0)
    rows["Incidents"].append(rows["Incidents"][0] | {"incident": "second"})
    found = problems(write(tmp_path / "book.xlsx", rows), package)
    assert {p.place for p in found} == {"book.xlsx Participants!A2", "book.xlsx Figures!A3"}


def test_an_incident_twice_is_told(tmp_path: Path, package: Package) -> None:
    rows = changed("Incidents", 0)
    rows["Incidents"] *= 2
    [found] = problems(write(tmp_path / "book.xlsx", rows), package)
    assert found.place == "book.xlsx Incidents!A3"
    assert "A2" in found.message


def test_what_comes_from_word_is_kept_or_made_plain(tmp_path: Path, package: Package) -> None:
    rows = changed(
        "Figures",
        0,
        note="\u00a0\u201cover 30\u201d,\u00a0said the\u202fsource\n",
        number="over\u00a030",
    )
    [card] = workbook.read(write(tmp_path / "book.xlsx", rows), package)
    figure = card.data["casualties"][0]
    assert figure["note"] == "\u201cover 30\u201d, said the source"
    assert figure["killed"] == "over 30"


def test_a_text_that_looks_like_a_formula_is_no_formula(tmp_path: Path, package: Package) -> None:
    path = write(tmp_path / "book.xlsx", changed("Figures", 0, note="=HYPERLINK(1)"))
    [card] = workbook.read(path, package)
    assert card.data["casualties"][0]["note"] == "=HYPERLINK(1)"  # for validation to refuse


def test_empty_rows_and_cells_do_not_matter(tmp_path: Path, package: Package) -> None:
    rows = changed("Figures", 0, note="   ")
    rows["Figures"].insert(1, {})
    rows["Actors"] = []
    [card] = workbook.read(write(tmp_path / "book.xlsx", rows), package)
    assert len(card.data["casualties"]) == 2
    assert "note" not in card.data["casualties"][0]


def test_a_source_nothing_refers_to_is_not_lost(tmp_path: Path, package: Package) -> None:
    rows = changed("Sources", 0)
    rows["Sources"].append(
        rows["Sources"][0] | {"id": "other-2025", "url": "https://example.org/b"}
    )
    [card] = workbook.read(write(tmp_path / "book.xlsx", rows), package)
    assert [source["id"] for source in card.data["sources"]] == ["ex-2025-06-11", "other-2025"]


def repacked(path: Path, **parts: bytes) -> Path:
    """A workbook with some parts of its archive replaced or added."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (content | parts).items():
            archive.writestr(name, data)
    return path


BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/activeX/activeX1.bin": b"x"}, "macros"),
        ({"xl/media/image.bin": b"\0" * (workbook.MAX_BYTES * 6)}, "larger when unpacked"),
        ({f"xl/{n}.txt": b"" for n in range(1100)}, "larger when unpacked"),
        ({"xl/worksheets/sheet1.xml": BOMB}, "plain XML"),
        ({"xl/worksheets/sheet1.xml": BOMB.decode().encode("utf-16")}, "plain XML"),
        ({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}, "cannot be read"),
        ({"xl/workbook.xml": b""}, "cannot be read"),
    ],
)
def test_a_hostile_or_damaged_workbook_is_refused(
    tmp_path: Path, package: Package, parts: dict[str, bytes], words: str
) -> None:
    path = repacked(write(tmp_path / "book.xlsx", BOOK), **parts)
    [found] = problems(path, package)
    assert words in found.message
    assert found.file == "book.xlsx"


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, package: Package) -> None:
    path = tmp_path / "book.xlsx"
    for content in (b"", b"PK\x03\x04 broken", b"incident,title\n"):
        path.write_bytes(content)
        [found] = problems(path, package)
        assert "no workbook" in found.message


def test_a_sheet_that_lies_about_its_size_is_read_all_the_same(
    tmp_path: Path, package: Package
) -> None:
    path = write(tmp_path / "book.xlsx", BOOK)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet3.xml")
    assert b"<dimension ref=" in sheet
    small = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', sheet)
    assert len(workbook.read(repacked(path, **{"xl/worksheets/sheet3.xml": small}), package)) == 1


def test_a_cell_in_the_last_row_is_found(tmp_path: Path, package: Package) -> None:
    path = write(tmp_path / "book.xlsx", BOOK)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet3.xml")
    last = b'<row r="1048576"><c r="A1048576"><v>7</v></c></row></sheetData>'
    far = sheet.replace(b"</sheetData>", last)
    [found] = problems(repacked(path, **{"xl/worksheets/sheet3.xml": far}), package)
    assert found.place == "book.xlsx Figures!A1048576"


def test_a_macro_workbook_and_other_files_are_not_opened(tmp_path: Path, package: Package) -> None:
    for name in ("book.xlsm", "book.xls", "book.ods", "missing.xlsx"):
        with pytest.raises(ToolError):
            workbook.read(tmp_path / name, package)


FLAT = """\
incident,title,date_start,date_precision,country,admin1,place,place_precision,event_type,\
place_name,place_kind,attacker,attacker_attribution,harm,number,victims,said_by,speaker_kind,\
source,source_publisher,source_title,source_url,source_published_on,source_kind
konna,"Konna, 10 June 2025: attack",2025-06-10,day,MLI,ML-5,mli-konna,near,\
attack_on_position,Konna,settlement,jnim,claimed,killed,over 30,state_force,two sources,\
security_source,ex-2025-06-11,Example News,Attack at Konna,https://example.org/h,2025-06-11,news
konna,,,,,,,,,,,,,wounded,at least 5,civilian,the mayor,official,ex-2025-06-11,,,,,
"""


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_flat_table_becomes_cards(
    tmp_path: Path, package: Package, records: Records, separator: str
) -> None:
    text = FLAT.replace('"Konna, 10 June', '"Konna\x00 10 June').replace(",", separator)
    (tmp_path / "flat.csv").write_text("\ufeff" + text.replace("\x00", ","), encoding="utf-8")
    [card] = workbook.read(tmp_path / "flat.csv", package)
    told = to_card(apply(card, records), "MLI-2025-06-10-konna")
    assert [figure.get("killed", figure.get("wounded")) for figure in told["casualties"]] == [
        "over 30",
        "at least 5",
    ]
    assert told["participants"][0]["actor"] == "jnim"
    assert [place["id"] for place in card.data["places"]] == ["mli-konna"]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("at least 5", "lots", 3, "not understood"),
        ("konna,,,", "konna,Another title,,", 3, "title is"),
        ("the mayor", "the mayor, he says", 3, "cells"),
        ("konna,,,", ",,,", 3, "incident is missing"),
        ("source_kind", "source_sort", 1, "no column"),
        ("ex-2025-06-11,Example", ",Example", 2, "source is missing"),
        ('"Konna,', '"Konna"x,', 2, "not well formed"),
    ],
)
def test_a_mistake_in_a_flat_table_is_told_at_its_line(
    tmp_path: Path, package: Package, old: str, new: str, line: int, words: str
) -> None:
    assert old in FLAT
    (tmp_path / "flat.csv").write_text(FLAT.replace(old, new, 1), encoding="utf-8")
    found = problems(tmp_path / "flat.csv", package)
    assert f"flat.csv:{line}" in [p.place for p in found]
    assert words in " ".join(p.message for p in found)


def test_a_table_without_incidents_is_told_once(tmp_path: Path, package: Package) -> None:
    (tmp_path / "flat.csv").write_text("title,harm\na,killed\nb,killed\n", encoding="utf-8")
    [found] = problems(tmp_path / "flat.csv", package)
    assert 'no column is named "incident"' in found.message


def test_a_flat_table_in_another_encoding_is_refused(tmp_path: Path, package: Package) -> None:
    (tmp_path / "flat.csv").write_bytes(FLAT.replace("mayor", "maire élu").encode("latin-1"))
    [found] = problems(tmp_path / "flat.csv", package)
    assert "UTF-8" in found.message


def test_problems_of_the_tables_are_shown_at_the_cell(
    tmp_path: Path, package: Package, records: Records
) -> None:
    [card] = workbook.read(write(tmp_path / "book.xlsx", BOOK), package)
    found = Problem(
        rule="some-rule",
        severity=Severity.ERROR,
        message="wrong",
        file="data/casualties.csv",
        table="casualties",
        record="MLI-2025-06-10-konna-f01",
        field="said_by",
    )
    [shown] = located([found], card, records)
    assert shown.place == "book.xlsx Figures!E2"


def test_the_command_writes_a_template(tmp_path: Path) -> None:
    target = tmp_path / "new.xlsx"
    arguments = ["--package", str(ROOT), "template", str(target)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert target.read_bytes().startswith(b"PK")
    again = CliRunner().invoke(main, arguments)
    assert isinstance(again.exception, ToolError)
    assert CliRunner().invoke(main, [*arguments, "--force"]).exit_code == 0
    wrong = CliRunner().invoke(main, ["--package", str(ROOT), "template", "x.ods"])
    assert wrong.exit_code == 2


def test_a_card_knows_where_it_came_from(tmp_path: Path, package: Package) -> None:
    [card] = workbook.read(write(tmp_path / "book.xlsx", BOOK), package)
    assert isinstance(card, Card)
    assert card.name == "book.xlsx"
