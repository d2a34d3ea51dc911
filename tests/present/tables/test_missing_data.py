"""The table of missing values, and its place in the report with the figure."""

from __future__ import annotations

from typing import Any

from counted import lines, plan, row, sizes, traced

from hepatica.present.report import report_content
from hepatica.present.study_figures import study_figures
from hepatica.present.table import Table
from hepatica.present.tables.missing_data import table_missing_data
from hepatica.protocol.baseline_analysis import MissingDataAnalysis
from hepatica.protocol.model import Protocol
from hepatica.results import Results

AFP = {
    "id": "afp",
    "label": "Alpha-fetoprotein",
    "column": "AFPBL",
    "unit": "ng/mL",
    "cut_points": [
        {"id": "afp-400", "at": 400, "below": "Low", "at_or_above": "High", "source": "Usual"}
    ],
}
VARIABLES = [{"id": "age", "label": "Age", "column": "AGE", "kind": "measured"}]
NAMES = ["age", "afp", "afp-400"]


def protocol(**more: Any) -> Protocol:
    analysis = {"kind": "missing_data", "variables": NAMES} | more
    return plan(analysis, variables=VARIABLES, biomarkers=[AFP])


def rows(lacking: tuple[int, int] = (3, 1)) -> Results:
    found = sizes()
    for level, size, share in (
        ("A", 30, lacking[0]),
        ("B", 20, lacking[1]),
        ("", 50, sum(lacking)),
    ):
        for name, n in (("age", 0), ("afp", share), ("afp-400", share)):
            shown: dict[str, Any] = {"variable": name, "denominator": size}
            found.append(row("missing", n, level, format="integer", **shown))
            shown |= {"format": "percent", "unit": "%"}
            found.append(row("missing_percent", 100 * n / size, level, **shown))
        shown = {"variable": "complete", "denominator": size}
        found.append(row("n", size - share, level, format="integer", **shown))
        shown |= {"format": "percent", "unit": "%"}
        found.append(row("percent", 100 * (size - share) / size, level, **shown))
    if sum(lacking):
        shown = {"variable": "pattern", "variable_level": "afp+afp-400", "denominator": 50}
        found.append(row("n", sum(lacking), format="integer", **shown))
        found.append(row("percent", 2 * sum(lacking), format="percent", unit="%", **shown))
    return Results(found)


def test_a_row_for_each_variable_and_one_for_whom_nothing_is_missing() -> None:
    study = protocol()
    analysis = study.analyses[0]
    assert isinstance(analysis, MissingDataAnalysis)
    table = table_missing_data(rows(), study, analysis)
    assert lines(table) == [
        ("Without a value, n (%)",),
        ("  Age", "0 (0.0)", "0 (0.0)", "0 (0.0)"),
        ("  Alpha-fetoprotein", "3 (10.0)", "1 (5.0)", "4 (8.0)"),
        ("  Alpha-fetoprotein, group", "3 (10.0)", "1 (5.0)", "4 (8.0)"),
        ("Patients, n (%)",),
        ("  Complete", "27 (90.0)", "19 (95.0)", "46 (92.0)"),
    ]
    traced(table, rows())
    empty = table_missing_data(Results([]), study, analysis)
    assert empty.message


def test_table_and_figure_stand_among_the_patients() -> None:
    study = protocol()
    figures = study_figures(rows(), study, digest="", version="")
    assert set(figures) == {"one"}
    content = report_content(study, rows(), figures)
    blocks = content.sections[0].blocks
    place = next(
        n for n, block in enumerate(blocks) if isinstance(block, Table) and block.id == "one"
    )
    assert blocks[place + 1] is figures["one"]


def test_no_figure_without_a_pattern_or_where_none_is_asked_for() -> None:
    assert study_figures(rows((0, 0)), protocol(), digest="", version="") == {}
    assert study_figures(rows(), protocol(figure=False), digest="", version="") == {}
