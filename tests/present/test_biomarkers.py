"""Tables and figures of biomarkers: what stands first, what is said, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from patient_cases import HOSTILE, check_layout, texts

from hepatica.errors import AnalysisError
from hepatica.present.biomarker_figures import biomarker_figures
from hepatica.present.cut_point_words import cut_point_notes
from hepatica.present.figures.biomarker_change import (
    BiomarkerChangeSpec,
    Marker,
    figure_biomarker_change,
)
from hepatica.present.figures.curves import CurveGroup
from hepatica.present.figures.cut_point import CutPointSpec, figure_cut_point
from hepatica.present.figures.furniture import Plate
from hepatica.present.methods import methods_paragraphs
from hepatica.present.report import report_content
from hepatica.present.spans import plain_text
from hepatica.present.table import Table
from hepatica.present.tables import table_biomarker_change, table_cut_points, table_endpoints
from hepatica.protocol.cut_points import fill_cut_points
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

PLATE = Plate(id="", title="", study="HAND", status="Constructed patients")
CUT = {
    "id": "m-median",
    "choose": {"by": "median", "set": "full", "arm": "b"},
    "below": "Below {at} u",
    "at_or_above": "{at} u or more",
    "source": "Median of arm B",
}


def _analysis(name: str, arm: str) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "time_to_event",
        "set": "full",
        "endpoint": "ttp",
        "by": "m-median",
        "where": {"TRT01P": arm},
        "where_label": arm,
        "compare": {"hazard_ratio": False},
    }


def protocol() -> Protocol:
    plan = {
        "study": {"id": "HAND", "title": "By hand"},
        "data": {"tables": {"ADSL": {"file": "f.csv"}}},
        "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "endpoints": [
            {
                "kind": "time_to_event",
                "id": "ttp",
                "label": "Time to progression",
                "parameter": "TTP",
                "origin": {"label": "start", "variable": "TRTSDT"},
                "events": [{"id": "pd", "sentence": "Progressed.", "description": "PD"}],
            }
        ],
        "biomarkers": [
            {
                "id": "m",
                "label": "CXCL1",
                "column": "MBL",
                "parameter": "M",
                "unit": "u",
                "cut_points": [CUT],
            }
        ],
        "analyses": [
            {"id": "change", "kind": "biomarker_change", "set": "full", "biomarkers": ["m"]},
            _analysis("in-a", "A"),
            _analysis("in-b", "B"),
        ],
    }
    return fill_cut_points(Protocol.model_validate(plan), {"m-median": 7.6})


def row(analysis: str, statistic: str, value: float | None, **columns: Any) -> ResultRow:
    status = "ok" if value is not None else "not_estimable"
    found = ResultRow(study="HAND", analysis=analysis, statistic=statistic, value=value)
    return replace(found, status=status, **columns)


def change_rows(level: str, estimate: float, lower: float | None, scale: float) -> list[ResultRow]:
    place: dict[str, Any] = {"group": "arm", "level": level, "variable": "m"}
    rows = [row("change", "n", 9.0, group="arm", level=level, format="integer")]
    rows.append(row("change", "tests", 13.0, group="arm", level=level, format="integer"))
    for name, value in (("n_baseline", 18.0), ("n_matched", 15.0), ("n", 9.0)):
        rows.append(row("change", name, value, format="integer", **place))
    upper = None if lower is None else 6.8
    limits = (("", estimate), ("_lower", lower), ("_upper", upper))
    for part, factor, shown in (("change", 1.0, "decimal1"), ("scaled", scale, "decimal2")):
        for suffix, value in limits:
            number = None if value is None else value / factor
            name = f"hodges_lehmann{suffix}"
            where = place | {"variable_level": part, "format": shown, "conf_level": 0.95}
            rows.append(row("change", name, number, **where))
    place |= {"variable_level": "change"}
    for name, value in (("median", estimate), ("q1", -2.2), ("q3", 6.8)):
        rows.append(row("change", name, value, format="decimal1", **place))
    for name, value in (
        ("p_value", 0.0273),
        ("p_value_holm", 0.3),
        ("p_value_benjamini_hochberg", 0.12),
    ):
        method = "Wilcoxon signed-rank test, exact" if name == "p_value" else ""
        rows.append(row("change", name, value, format="p_value", method=method, **place))
    return rows


def cut_rows() -> list[ResultRow]:
    place = {"variable": "m-median", "level": "B", "group": "arm"}
    rows = [
        row("cut_points", "cut_point", 7.6, format="decimal1", unit="u", **place),
        row("cut_points", "n", 20.0, format="integer", **place),
        row("cut_points", "n_below_limit", 3.0, format="integer", **place),
        row("cut_points", "missing", 4.0, format="integer", **place),
    ]
    for analysis in ("in-a", "in-b"):
        for level in ("Below 7.6 u", "7.6 u or more"):
            rows.append(row(analysis, "n", 10.0, group="m-median", level=level, format="integer"))
            rows.append(
                row(analysis, "events", 8.0, group="m-median", level=level, format="integer")
            )
        logrank = {"group": "m-median", "variable": "logrank", "format": "p_value"}
        rows.append(row(analysis, "p_value", 0.0029, **logrank))
    best = {"group": "m-median", "variable": "maximally_selected"}
    rows.append(row("in-b", "p_value", 0.031, format="p_value", **best))
    rows.append(row("in-b", "cut_point", 8.1, format="decimal1", **best))
    rows.append(row("in-b", "n", 20.0, format="integer", **best))
    for at, statistic in ((5.5, 1.2), (7.7, 2.4), (8.1, 2.7), (12.0, 0.4)):
        scan = {"group": "m-median", "variable": "cut_point_scan", "variable_level": f"{at:g}"}
        rows.append(row("in-b", "test_statistic", statistic, format="statistic", **scan))
    return rows


def results(
    lower: float | None = -2.2, scale: float = 4.0, extra: Iterable[ResultRow] = ()
) -> Results:
    rows = change_rows("A", 3.5, lower, scale) + change_rows("B", 2.8, lower, scale)
    return Results([*rows, *cut_rows(), *extra])


def cells(table: Table, label: str) -> list[str]:
    found = next(one for one in table.rows if one.label.startswith(label))
    return [found.cells[c.id].text for c in table.columns if c.id in found.cells]


def test_a_raw_p_never_stands_without_the_adjusted_ones() -> None:
    plan = protocol()
    table = table_biomarker_change(results(), plan, plan.analyses[0])  # type: ignore[arg-type]
    assert [one.label for one in table.rows] == ["A", "CXCL1, u", "B", "CXCL1, u"]
    assert cells(table, "CXCL1, u") == [
        *("18", "15", "9"),
        *("3.5 (−2.2 to 6.8)", "3.5 (−2.2 to 6.8)"),
        *("0.027", "0.30", "0.12"),
    ]
    note = table.footnotes[0]
    assert (
        "P values are adjusted over the biomarkers of a group; tests: 13 in A and 13 in B." in note
    )
    assert "Wilcoxon signed-rank test, exact" in note


def test_the_corrected_p_stands_before_the_other() -> None:
    plan = protocol()
    table = table_endpoints(results(), plan, [plan.analyses[2]])  # type: ignore[list-item]
    labels = [one.label for one in table.rows]
    assert labels[-2:] == [
        "P corrected for the choice of the cut-point",
        "Log-rank P, two-sided, all groups, not corrected",
    ]
    assert cells(table, "P corrected") == ["0.031"]
    assert table.title.endswith("exploratory cut-point")


def test_a_cut_point_of_others_is_said_to_be_theirs() -> None:
    plan = protocol()
    said = "CXCL1 is divided at 7.6 u: the median in B, n = 20, 3 below the limit of detection."
    assert cut_point_notes(results(), plan, plan.analyses[1]) == [said]
    assert cut_point_notes(results(), plan, plan.analyses[2]) == [
        said,
        "The cut-point was chosen from these data: exploratory.",
    ]
    table = table_endpoints(results(), plan, [plan.analyses[1]])  # type: ignore[list-item]
    assert table.rows[-1].label == "Log-rank P, two-sided, all groups"
    assert said in table.footnotes[0]
    methods = " ".join(plain_text(one) for one in methods_paragraphs(results(), plan))
    assert "CXCL1 is divided at 7.6 u: the median in B, n = 20" in methods


def test_chosen_cut_points_have_a_table() -> None:
    table = table_cut_points(results(), protocol())
    assert table is not None
    assert cells(table, "Median") == ["7.6", "B", "20", "3", "4"]


def test_the_area_under_the_curve_has_its_interval_and_a_name_is_no_number() -> None:
    place = {"variable": "m-median", "level": "Cohort 2", "group": "arm"}
    limits = {"conf_level": 0.9, "format": "decimal2"}
    added = [
        row("cut_points", "auc", 0.75, format="decimal2", **place),
        row("cut_points", "auc_lower", 0.49, **limits, **place),
        row("cut_points", "auc_upper", 1.0, **limits, **place),
    ]
    table = table_cut_points(results(extra=added), protocol())
    assert table is not None
    assert table.columns[-1].label == "Area under the curve (90% CI)"
    unnamed = [
        span.text
        for span in table.spans()
        if not (span.row_id or span.quoted) and any(one.isdigit() for one in span.text)
    ]
    assert unnamed == []


def test_analyses_by_a_cut_point_stand_with_the_biomarkers() -> None:
    plan, rows = protocol(), results()
    content = report_content(plan, rows, biomarker_figures(rows, plan, PLATE))
    names = {
        section.id: [block.id for block in section.blocks if isinstance(block, Table)]
        for section in content.sections
    }
    assert names["efficacy"] == []
    assert names["biomarkers"] == ["change", "cut-points", "in-a", "in-b"]
    assert len(list(content.figures())) == 2


def test_figures_hold_their_rows_and_status_and_the_same_bytes() -> None:
    plan, rows = protocol(), results()
    figures = biomarker_figures(rows, plan, PLATE)
    assert set(figures) == {"change", "in-b-cut-points"}
    again = biomarker_figures(rows, plan, PLATE)
    known = {one.id for one in rows}
    for name, figure in figures.items():
        assert figure.narrow is not None
        for drawing in (figure.wide, figure.narrow):
            assert set(drawing.row_ids) <= known
            assert "Constructed patients" in drawing.svg
            assert drawing.alt.endswith("Constructed patients.")
        assert figure.wide.svg == again[name].wide.svg
    assert "3.5 (−2.2 to 6.8)" in figures["change"].wide.svg
    assert "P = 0.031" in figures["in-b-cut-points"].wide.svg
    place = figures["in-b-cut-points"].wide.svg
    assert place.index("P = 0.031") < place.index("P = 0.003")


@pytest.mark.parametrize(("lower", "scale"), [(None, 4.0), (-2.2, 0.01), (-2.2, 1000.0)])
def test_a_figure_is_drawn_at_any_scale(lower: float | None, scale: float) -> None:
    rows = results(lower, scale)
    figure = biomarker_figures(rows, protocol(), PLATE)["change"]
    assert "3.5" in figure.wide.svg
    assert ("3.5 (NE)" in figure.wide.svg) is (lower is None)


@pytest.mark.parametrize(("width", "drawn"), [(180, 19), (85, 13)])
def test_a_page_holds_so_many_biomarkers_and_says_so(width: int, drawn: int) -> None:
    one = change_rows("A", 3.5, -2.2, 4.0) + change_rows("B", 2.8, -2.2, 4.0)
    found = [row for row in one if not row.variable]
    for number in range(30):
        found += [replace(row, variable=f"m{number}") for row in one if row.variable]
    spec = BiomarkerChangeSpec(
        plate=PLATE,
        analysis="change",
        heading="Change",
        groups=(CurveGroup("A", 1), CurveGroup("B", 2)),
        biomarkers=tuple(Marker(f"m{n}", f"M{n}", "u") for n in range(30)),
    )
    drawing = figure_biomarker_change(Results(found), spec, width_mm=width)  # type: ignore[arg-type]
    check_layout(drawing)
    assert f"The first {drawn} of 30 biomarkers of the table." in " ".join(texts(drawing))


LONG = "Macrophage inflammatory protein of the plasma before the first dose, by multiplex assay"
NAMES = {
    "plain": ("A", "B", "CXCL1"),
    "long": (LONG, f"{LONG} again", LONG),
    "hostile": (HOSTILE, f"{HOSTILE} B", HOSTILE),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [180, 85])
@pytest.mark.parametrize("lower", [-2.2, None])
def test_nothing_overlaps_in_the_figure_of_changes(
    name: str, width: int, lower: float | None
) -> None:
    first, second, marker = NAMES[name]
    rows = Results(change_rows(first, 3.5, lower, 4.0) + change_rows(second, -280.0, lower, 0.4))
    spec = BiomarkerChangeSpec(
        plate=PLATE,
        analysis="change",
        heading=f"Change, {marker}",
        groups=(CurveGroup(first, 1), CurveGroup(second, 2)),
        biomarkers=(Marker("m", marker, "pg/mL"),),
    )
    check_layout(figure_biomarker_change(rows, spec, width_mm=width))  # type: ignore[arg-type]


SCANS = {
    "rising": [(1.0, 0.1), (2.0, 0.5), (3.0, 2.5)],
    "falling": [(1.0, 3.0), (2.0, 1.5), (3.0, 0.5)],
    "one": [(7.6, 1.0)],
    "wide": [(0.5, 0.1), (7.7, 2.4), (900.0, 1.1)],
    "many": [(n / 7, abs((n % 13) - 6) / 3) for n in range(1, 300)],
}


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("width", [180, 85])
@pytest.mark.parametrize("chosen", [0.6, 1.9, 7.6])
def test_nothing_overlaps_in_the_figure_of_cut_points(name: str, width: int, chosen: float) -> None:
    scan = SCANS[name]
    best = max(scan, key=lambda pair: pair[1])[0]
    place = {"group": "m-median", "variable": "maximally_selected"}
    rows = [
        row("in-b", "p_value", 0.031, format="p_value", **place),
        row("in-b", "cut_point", best, format="decimal1", **place),
    ]
    for at, statistic in scan:
        where = {"variable": "cut_point_scan", "variable_level": f"{at:.10g}"}
        rows.append(row("in-b", "test_statistic", statistic, format="statistic", **where))
    spec = CutPointSpec(
        plate=PLATE,
        analysis="in-b",
        marker=LONG,
        unit="ng/mL",
        endpoint="Time to progression",
        heading=f"Time to progression by {LONG}",
        chosen=chosen,
        chosen_text=f"{chosen:g}",
    )
    drawing = figure_cut_point(Results(rows), spec, width_mm=width)  # type: ignore[arg-type]
    check_layout(drawing)
    assert drawing.svg == figure_cut_point(Results(rows), spec, width_mm=width).svg  # type: ignore[arg-type]


def test_without_a_scan_there_is_no_figure_of_cut_points() -> None:
    rows = Results(one for one in results() if one.variable != "cut_point_scan")
    assert set(biomarker_figures(rows, protocol(), PLATE)) == {"change"}
    spec = CutPointSpec(
        plate=PLATE,
        analysis="in-b",
        marker="M",
        unit="",
        endpoint="Time",
        heading="Time",
        chosen=7.6,
        chosen_text="7.6",
    )
    with pytest.raises(AnalysisError, match="in-b tried no cut-points"):
        figure_cut_point(rows, spec)
