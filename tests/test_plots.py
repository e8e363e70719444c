"""Pictures: nothing left out, nothing on top of something else, the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from sahel_incidents.descriptor import open_package
from sahel_incidents.plots import ATTACKERS, attackers, rendered, style, timeline, tolls
from sahel_incidents.plots import map as map_of_incidents
from sahel_incidents.problem import ToolError
from sahel_incidents.records import Records
from sahel_incidents.views.page_words import number

ROOT = Path(__file__).parents[1]
RECORDS = Records.read(open_package(ROOT))
WITH_FIGURES = sorted({row["incident_id"] for row in RECORDS.rows["casualties"].values()})
EVERY = list(RECORDS.rows["incidents"].values())


def texts(figure: Figure) -> list[Text]:
    found = figure.findobj(Text)
    return [text for text in found if isinstance(text, Text) and text.get_text()]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sahel_incidents", "--package", str(ROOT), "plot", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | environment
    )


@pytest.mark.parametrize("incident", WITH_FIGURES)
def test_every_figure_stands_at_its_number_with_its_speaker(incident: str) -> None:
    with style():
        picture = tolls.draw(RECORDS, incident)
    written = " ".join(" ".join(text.get_text().split()) for text in texts(picture))
    at = [float(x) for line in picture.axes[0].get_lines() for x in line.get_xdata()]  # type: ignore[union-attr]
    figures = [f for f in RECORDS.rows["casualties"].values() if f["incident_id"] == incident]
    marks = [line for line in picture.axes[0].get_lines() if line.get_marker() not in ("None", "")]
    assert len(marks) == sum(figure["qualifier"] != "many" for figure in figures)
    for figure in figures:
        assert number(figure) in written
        assert " ".join(figure["said_by"].split())[:30] in written
        for said in (figure["value"], figure["low"] if figure["qualifier"] == "range" else ""):
            assert not said or float(said) in at


@pytest.mark.parametrize("incident", WITH_FIGURES)
def test_no_text_runs_into_the_marks_or_off_the_page(incident: str) -> None:
    with style():
        picture = tolls.draw(RECORDS, incident)
        canvas = FigureCanvasAgg(picture)
        canvas.draw()
        renderer = canvas.get_renderer()
        left = picture.axes[0].get_window_extent(renderer).x0
        width, height = picture.bbox.width, picture.bbox.height
        largest = picture.axes[0].get_xlim()[1]
        ticks = picture.axes[0].get_xticklabels()
        unseen = [text for text in ticks if text.get_position()[0] > largest]
        for text in texts(picture):
            if text in unseen:
                continue
            box = text.get_window_extent(renderer)
            assert box.x0 >= 0, text.get_text()
            assert box.x1 <= width, text.get_text()
            assert 0 <= box.y0 <= box.y1 <= height, text.get_text()
            beside = text.axes is not None and text.get_position()[0] < 0
            assert not beside or box.x1 < left, text.get_text()


@pytest.mark.parametrize("form", ["svg", "png"])
def test_a_picture_is_what_it_says(form: str) -> None:
    with style():
        content = rendered(tolls.draw(RECORDS, WITH_FIGURES[0], ["killed"]), form)
    if form == "png":
        assert content.startswith(b"\x89PNG\r\n")
    else:
        root = ElementTree.fromstring(content)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        links = [v for e in root.iter() for k, v in e.attrib.items() if k.endswith("href")]
        assert all(link.startswith(("#", "data:")) for link in links)


def test_the_same_bytes_whatever_the_time_and_place(tmp_path: Path) -> None:
    digests = set()
    for seed, zone, start in (("1", "Asia/Tokyo", "0"), ("2", "America/Lima", "1700000000")):
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": start}
        for kind in (["map"], ["timeline"], ["tolls", WITH_FIGURES[0]]):
            for form in ("svg", "png"):
                path = tmp_path / f"{kind[0]}.{form}"
                assert run(*kind, "--output", str(path), **environment).returncode == 0
                digests.add((path.name, hashlib.sha256(path.read_bytes()).hexdigest()))
    assert len(digests) == 6


def test_the_map_holds_each_incident_that_has_coordinates_within_its_borders() -> None:
    with style():
        axes = map_of_incidents.draw(RECORDS, EVERY).axes[0]
    located = [r for r in EVERY if RECORDS.rows["places"][r["place_id"],]["latitude"]]
    assert len(axes.get_lines()) == len(located)
    assert len(axes.patches) > 5
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    for line in axes.get_lines():
        (x,), (y,) = line.get_data()
        assert west < float(x) < east
        assert south < float(y) < north


def test_incidents_at_one_place_hide_none() -> None:
    located = [r for r in EVERY if RECORDS.rows["places"][r["place_id"],]["latitude"]]
    copies = RECORDS.copy()
    for at in range(4):
        copies.put("incidents", located[0] | {"incident_id": f"{located[0]['incident_id']}-{at}"})
    rows = [
        row
        for row in copies.rows["incidents"].values()
        if row["place_id"] == located[0]["place_id"]
    ]
    lines = map_of_incidents.draw(copies, rows).axes[0].get_lines()
    assert len({tuple(map(tuple, line.get_data())) for line in lines}) == len(rows)


def test_the_timeline_has_a_bar_piece_for_each_incident_of_a_known_month() -> None:
    with style():
        axes = timeline.draw(RECORDS, EVERY).axes[0]
    known = [
        r for r in EVERY if r["date_precision"] == "day" or r["date_start"][:7] == r["date_end"][:7]
    ]
    assert sum(bar.get_height() for group in axes.containers for bar in group) == len(known)  # type: ignore[union-attr]


def test_what_has_nothing_to_draw_says_so() -> None:
    nowhere = [r for r in EVERY if not RECORDS.rows["places"][r["place_id"],]["latitude"]][:1]
    for draw, rows in ((map_of_incidents.draw, nowhere), (timeline.draw, [])):
        with pytest.raises(ToolError):
            draw(RECORDS, rows)
    with pytest.raises(ToolError, match="no such figures"):
        tolls.draw(RECORDS, WITH_FIGURES[0], ["sexual_violence"])


def test_sides_are_told_apart_by_shape_and_by_colour() -> None:
    shapes, colours = zip(*ATTACKERS.values(), strict=True)
    assert len(set(shapes)) == len(set(colours)) == len(ATTACKERS)
    assert set(attackers(RECORDS).values()) <= ATTACKERS.keys()
    assert isinstance(Line2D([], [], marker=shapes[0]), Line2D)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("tolls",), 2, "needs the ID"),
        (("map", "MLI-2025-06-01-boulikessi"), 2, "take none"),
        (("tolls", "MLI-2025-06-01-boulikess"), 3, "did you mean MLI-2025-06-01-boulikessi"),
        (("tolls", "MLI-2025-06-01-boulikessi", "--harm", "dead"), 2, "'dead' is no harm"),
        (("map", "--output", "map.jpg"), 2, "neither in .svg nor in .png"),
        (("map", "--country", "Mars"), 3, "no country is called Mars"),
    ],
)
def test_a_wrong_wish_is_told_what_to_do(words: tuple[str, ...], code: int, said: str) -> None:
    done = run(*words)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


def test_a_picture_is_written_where_asked(tmp_path: Path) -> None:
    path = tmp_path / "boulikessi.png"
    done = run("tolls", "MLI-2025-06-01-boulikessi", "--output", str(path))
    assert done.returncode == 0, done.stderr
    assert path.read_bytes().startswith(b"\x89PNG")
    assert [path] == list(tmp_path.iterdir())
