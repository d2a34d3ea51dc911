"""Kaplan-Meier figures: what they say, that they are safe text, and the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from cases import CASES, reference, spec
from rows import MONTH, drawn, patients, survival_rows

from hepatica.errors import AnalysisError
from hepatica.present.figures.canvas import Drawing
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.kaplan_meier import figure_kaplan_meier
from hepatica.results import ResultRow, Results

SVG = "{http://www.w3.org/2000/svg}"
HERE = Path(__file__).resolve().parent


def texts(drawing: Drawing) -> list[str]:
    root = ElementTree.fromstring(drawing.svg)
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_the_figure_says_what_its_rows_say() -> None:
    results, figure = reference()
    drawing = figure_kaplan_meier(results, figure)
    shown = texts(drawing)
    assert "11.0 (5.6–16.4)" in shown
    assert "5.3 (3.9–5.6)" in shown
    assert shown.count("11.0") == 1
    assert shown.count("5.3") == 1
    assert {"15/24", "22/25"} <= set(shown)
    assert "Hazard ratio 0.39 (95% CI 0.20–0.77)" in shown
    assert "Log-rank P = 0.005, two-sided" in shown
    assert "Constructed patients" in shown
    assert "No. at risk (cumulative events)" in shown
    assert shown.count("CXCL1 low") == 3  # at the curve, in the table, at risk
    note = " ".join(shown)
    assert "Shading: 95% CI (log-log), shown while 5 or more are at risk." in note
    assert "Hazard ratio: CXCL1 low against CXCL1 high." in note


def test_single_column_keeps_the_comparison_and_says_medians_below() -> None:
    results, figure = reference()
    drawing = figure_kaplan_meier(results, figure, width_mm=85)
    shown = texts(drawing)
    assert "HR 0.39 (95% CI 0.20–0.77)" in shown
    assert "Log-rank P = 0.005" in shown
    assert "No. at risk" in shown
    assert "CXCL1 low 11.0 (5.6–16.4), events 15/24" in " ".join(shown)
    assert (drawing.width_mm, shown.count("(0)")) == (85, 0)


def test_alternative_text_has_kind_numbers_and_status() -> None:
    results, figure = reference()
    assert figure_kaplan_meier(results, figure).alt == (
        "Kaplan–Meier curves of time to progression over 23 months, patients: 24 in CXCL1 low "
        "and 25 in CXCL1 high. Median in months 11.0 (95% CI 5.6–16.4) in CXCL1 low and 5.3 "
        "(95% CI 3.9–5.6) in CXCL1 high; hazard ratio 0.39 (95% CI 0.20–0.77). "
        "Constructed patients."
    )


def test_numbers_at_risk_stand_under_their_ticks() -> None:
    results, figure = reference()
    root = ElementTree.fromstring(figure_kaplan_meier(results, figure).svg)
    place = {
        element.text: float(element.get("x", "nan"))
        for element in root.iter(f"{SVG}text")
        if element.get("text-anchor") == "middle" and element.get("data-row") is None
    }
    at_risk = [e for e in root.iter(f"{SVG}text") if "at_risk" in e.get("data-row", "")]
    for element in at_risk:
        match = re.search(r"/risk_table/([0-9.]+)/at_risk", element.get("data-row", ""))
        assert match is not None
        month = f"{float(match.group(1)) / MONTH:g}"
        assert float(element.get("x", "nan")) == pytest.approx(place[month], abs=0.01)
    assert len(at_risk) == 2 * 9


def test_the_curve_is_a_right_continuous_step_from_its_rows() -> None:
    results = survival_rows([patients("A", [3, 6, 9, 12], [1, 0, 1, 0])])
    root = ElementTree.fromstring(figure_kaplan_meier(results, spec("A")).svg)
    curve = next(e for e in root.iter(f"{SVG}path") if e.get("id", "").endswith("-curve-1"))
    axes = next(e for e in root.iter(f"{SVG}path") if e.get("id", "").endswith("-axes"))
    _, x_axis = axes.get("d", "").split("M")[1:3]
    left, right = float(x_axis.split(" ")[0]), float(x_axis.split("H")[1])
    month = (right - left) / 12
    start, *moves = re.findall(r"[MHV][^MHV]+", curve.get("d", ""))
    top = float(start[1:].split(" ")[1])
    assert [move[0] for move in moves] == ["H", "V", "H", "V", "H"]
    numbers = [float(move[1:]) for move in moves]
    days = [round(m * MONTH) / MONTH for m in (3, 9, 12)]
    expected_x = [left + month * day for day in days]
    assert [numbers[0], numbers[2], numbers[4]] == pytest.approx(expected_x, abs=0.02)
    expected_y = [top + 580 * 0.25, top + 580 * 0.625]
    assert [numbers[1], numbers[3]] == pytest.approx(expected_y, abs=0.02)


def test_band_ends_where_fewer_than_five_are_at_risk() -> None:
    results = survival_rows([patients("A", range(1, 11), [1] * 10)])
    root = ElementTree.fromstring(figure_kaplan_meier(results, spec("A")).svg)
    bands = [e for e in root.iter(f"{SVG}path") if "-band-" in e.get("id", "")]
    assert len(bands) == 1
    reach = max(float(x) for x in re.findall(r"(?:H|M)([0-9.]+)", bands[0].get("d", "")))
    ticks = {
        e.text: float(e.get("x", "nan"))
        for e in root.iter(f"{SVG}text")
        if e.get("text-anchor") == "middle" and e.text in {"0", "12"} and e.get("data-row") is None
    }
    month = (ticks["12"] - ticks["0"]) / 12
    # After the sixth event four patients are left; five are at risk until then.
    assert (reach - ticks["0"]) / month == pytest.approx(round(6 * MONTH) / MONTH, abs=0.01)


def test_no_drop_line_for_a_median_that_is_not_reached() -> None:
    results, figure = CASES["not_reached"]()
    drawing = figure_kaplan_meier(results, figure)
    assert 'id="figure-pfs-180-median-2"' in drawing.svg
    assert 'id="figure-pfs-180-median-1"' not in drawing.svg
    assert "NE: not estimable." in " ".join(texts(drawing))


def test_no_comparison_where_none_was_planned() -> None:
    results, figure = CASES["cohorts"]()
    shown = " ".join(texts(figure_kaplan_meier(results, figure)))
    assert "Hazard" not in shown
    assert "Log-rank" not in shown


def test_confirmed_data_carry_no_tag() -> None:
    results, figure = CASES["all_patients"]()
    drawing = figure_kaplan_meier(results, figure)
    assert "#FFF3D6" not in drawing.svg
    assert "Constructed" not in drawing.svg
    assert "<data-status>" not in drawing.svg


def test_text_is_text_with_sizes_from_six_and_a_half_points() -> None:
    for name in ("six_tangled", "long_names"):
        for width in (180, 85):
            results, figure = CASES[name]()
            drawing = figure_kaplan_meier(results, figure, width_mm=width)  # type: ignore[arg-type]
            root = ElementTree.fromstring(drawing.svg)
            sizes = [float(e.get("font-size", "0")) for e in root.iter(f"{SVG}text")]
            assert len(sizes) > 40
            assert min(sizes) >= 6.5 * 25.4 / 72 * 10 - 0.01
            assert root.get("font-family") == 'Helvetica, Arial, "Liberation Sans", sans-serif'


def test_labels_of_patients_files_cannot_become_markup() -> None:
    results, figure = CASES["hostile"]()
    for width in (180, 85):
        drawing = figure_kaplan_meier(results, figure, width_mm=width)  # type: ignore[arg-type]
        for svg in (drawing.svg, drawing.page_svg):
            assert "<script" not in svg
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in svg
            assert "\x00" not in svg
            ElementTree.fromstring(svg)
        assert "<script>alert(1)</script>" in texts(drawing)


def test_file_states_its_size_and_what_it_is() -> None:
    results, figure = reference()
    drawing = figure_kaplan_meier(results, figure)
    root = ElementTree.fromstring(drawing.svg)
    assert root.get("width") == "180mm"
    assert root.get("viewBox") == f"0 0 1800 {drawing.height_mm * 10:.2f}".rstrip("0").rstrip(".")
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert (title.text, description.text) == (figure.title, drawing.alt)
    for part in ("<study>S</study>", "<data-status>Constructed patients</data-status>"):
        assert part in drawing.svg
    assert "/curve/*/survival</row>" in drawing.svg
    assert "var(--" not in drawing.svg
    numbers = re.findall(r' (?:d|x|y|width|height|font-size)="([^"]+)"', drawing.svg)
    assert len(numbers) > 100
    assert not re.search(r"\d\.\d{3}", " ".join(numbers))


def test_page_drawing_takes_its_colours_from_the_page() -> None:
    results, figure = reference()
    drawing = figure_kaplan_meier(results, figure)
    outside = re.sub(r"var\(--[a-z0-9-]+,#[0-9A-F]{6}\)", "", drawing.page_svg)
    assert "#" not in outside
    assert "var(--arm-1-text,#232C94)" in drawing.page_svg
    assert "var(--band-opacity,0.11)" in drawing.page_svg


def test_every_row_id_exists_and_every_number_names_one() -> None:
    results, figure = CASES["four"]()
    drawing = figure_kaplan_meier(results, figure)
    known = {row.id for row in results}
    assert set(drawing.row_ids) <= known
    assert len(set(drawing.row_ids)) == len(drawing.row_ids)
    named = re.findall(r'data-row="([^"]+)"', drawing.svg)
    assert set(named) <= set(drawing.row_ids)
    assert len(named) > 4 * 11


def test_patients_without_a_time_are_said_and_not_counted() -> None:
    rows = list(survival_rows([drawn("A", 30, 10, 20, 1)]))
    missing = ResultRow(
        study="S",
        analysis="pfs",
        level="A",
        statistic="missing",
        value=2.0,
        format="integer",
    )
    n = next(row for row in rows if row.statistic == "n")
    more = ResultRow(study="S", analysis="pfs", level="A", statistic="n", value=32.0)
    results = Results([more, missing, *(row for row in rows if row is not n)])
    shown = texts(figure_kaplan_meier(results, spec("A")))
    assert any(text.endswith("/30") for text in shown)
    assert "Patients without a usable time, not counted: 2 in A." in " ".join(shown)


def test_failed_or_empty_analyses_are_refused_with_the_reason() -> None:
    failed = ResultRow(
        study="S", analysis="pfs", statistic="analysis", status="failed", message="No ADTTE."
    )
    with pytest.raises(AnalysisError, match=r"No ADTTE\."):
        figure_kaplan_meier(Results([failed]), spec("A"))
    with pytest.raises(AnalysisError, match="no survival curve"):
        figure_kaplan_meier(Results([]), spec("A"))
    with pytest.raises(AnalysisError, match="has 7"):
        figure_kaplan_meier(Results([]), spec(*"ABCDEFG"))
    twice = (CurveGroup("A", 1), CurveGroup("B", 1))
    with pytest.raises(AnalysisError, match="colour of its own"):
        figure_kaplan_meier(Results([]), spec(*twice))


_DIGEST = """
import hashlib, sys
sys.path.insert(0, {here!r})
from cases import CASES
from hepatica.present.figures.kaplan_meier import figure_kaplan_meier
total = hashlib.sha256()
for name in ("reference", "six", "hostile"):
    drawing = figure_kaplan_meier(*CASES[name]())
    total.update(drawing.svg.encode() + drawing.page_svg.encode() + drawing.png)
print(total.hexdigest())
"""


def _digest() -> str:
    total = hashlib.sha256()
    for name in ("reference", "six", "hostile"):
        drawing = figure_kaplan_meier(*CASES[name]())
        total.update(drawing.svg.encode() + drawing.page_svg.encode() + drawing.png)
    return total.hexdigest()


def test_same_rows_give_the_same_bytes_in_every_process() -> None:
    found = {_digest(), _digest()}
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", _DIGEST.format(here=str(HERE))],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout.strip())
    assert len(found) == 1


def test_styles_of_the_user_do_not_reach_a_figure_and_are_left_alone() -> None:
    results, figure = reference()
    plain = figure_kaplan_meier(results, figure).png
    style = {"font.size": 30, "lines.linewidth": 9, "savefig.dpi": 20, "path.sketch": (9, 9, 9)}
    with mpl.rc_context(style):
        before = dict(mpl.rcParams)
        assert figure_kaplan_meier(results, figure).png == plain
        assert dict(mpl.rcParams) == before


def test_figures_can_be_drawn_from_threads() -> None:
    results, figure = reference()
    plain = figure_kaplan_meier(results, figure).png
    before = dict(mpl.rcParams)
    made: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: made.append(figure_kaplan_meier(results, figure).png))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [plain] * 4
    assert dict(mpl.rcParams) == before


def test_picture_is_300_dpi_and_says_what_it_is() -> None:
    results, figure = reference()
    png = figure_kaplan_meier(results, figure, width_mm=85).png
    assert int.from_bytes(png[16:20], "big") == int(85 / 25.4 * 300)
    assert b"Constructed patients" in png
    assert b"Creation" not in png
    assert b"matplotlib" not in png.lower()
