"""Depth of response, and shares that say yes or no, on seven patients by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from few_patients import carried_out, frame, plan

from hepatica.present.methods import methods_paragraphs
from hepatica.present.spans import plain_text
from hepatica.present.tables import table_response
from hepatica.protocol.analyses import ResponseAnalysis
from hepatica.protocol.model import Protocol
from hepatica.protocol.presets import preset_mapping
from hepatica.results import Results

SUBJECTS = frame(
    "USUBJID FASFL TRT01P TRTSDT",
    *((str(n), "Y", "A" if n < 5 else "B", "2020-01-01") for n in range(1, 8)),
)
# Best change in A: -50, -10, 0, 20; in B one patient of three, -40 before the other therapy.
SUMS = frame(
    "USUBJID PARAMCD ADT AVISITN PCHG",
    ("1", "SDIAM", "2020-02-12", 2.0, -50.0),
    ("1", "SDIAM", "2020-03-25", 3.0, -20.0),
    ("2", "SDIAM", "2020-02-12", 2.0, 5.0),
    ("2", "SDIAM", "2020-03-25", 3.0, -10.0),
    ("3", "SDIAM", "2020-02-12", 2.0, 0.0),
    ("4", "SDIAM", "2020-02-12", 2.0, 20.0),
    ("5", "SDIAM", "2020-02-12", 2.0, -40.0),
    ("5", "SDIAM", "2020-03-25", 3.0, -90.0),
    ("6", "LDIAM1", "2020-02-12", 2.0, -30.0),
)
THERAPIES = frame("USUBJID NEWTHFL ASTDT", ("5", "Y", "2020-03-01"))
RESPONSES = frame(
    "USUBJID PARAMCD AVALC ADT",
    ("1", "BOR", "PR", "2020-02-12"),
    ("2", "BOR", "SD", "2020-02-12"),
    *((str(n), "CB", "Y" if n in (1, 2, 5) else "N", None) for n in range(1, 7)),
)
TABLES = ("ADSL", "ADRS", "ADTR")


def study(*names: str) -> Protocol:
    analysis = {"kind": "response", "endpoints": list(names)}
    endpoints = [dict(preset_mapping("endpoints", name)) for name in names]
    return plan(analysis, "ADSL", "ADRS", endpoints=endpoints)


def rows(*names: str, **other: pl.DataFrame) -> Results:
    tables = {"ADSL": SUBJECTS, "ADRS": RESPONSES, "ADTR": SUMS, "ADCM": THERAPIES} | other
    return carried_out(study(*names), **tables)


@pytest.fixture(scope="module")
def found() -> Results:
    return rows("orr", "cbr")


def value(found: Results, statistic: str, level: str, **columns: Any) -> tuple[Any, Any]:
    row = found.one(analysis="one", statistic=statistic, level=level, **columns)
    return row.value, row.denominator


def test_the_best_change_is_summarised_by_group(found: Results) -> None:
    where = {"variable": "depth", "variable_level": ""}
    assert value(found, "n", "A", **where) == (4, 4)
    assert value(found, "n", "B", **where) == (1, 3)
    assert value(found, "n", "", **where) == (5, 7)
    assert value(found, "median", "A", **where)[0] == -5
    assert value(found, "q1", "A", **where)[0] == -30
    assert value(found, "q3", "A", **where)[0] == 10
    assert value(found, "median", "B", **where)[0] == -40
    assert value(found, "median", "", **where)[0] == -10


def test_no_change_is_no_shrinkage(found: Results) -> None:
    where = {"variable": "depth", "variable_level": "shrunk"}
    assert value(found, "n", "A", **where) == (2, 4)
    assert value(found, "percent", "A", **where) == (50, 4)
    assert value(found, "percent", "", **where) == (60, 5)


def test_a_group_without_a_measurement_has_no_median() -> None:
    found = rows("orr", ADTR=SUMS.filter(pl.col("USUBJID") != "5"))
    row = found.one(analysis="one", statistic="median", level="B", variable="depth")
    assert (row.status, row.value) == ("not_estimable", None)
    assert value(found, "n", "B", variable="depth", variable_level="shrunk") == (0, 0)


def test_without_sums_there_are_no_rows() -> None:
    tables = {"ADSL": SUBJECTS, "ADRS": RESPONSES}
    assert not carried_out(study("orr"), **tables).where(analysis="one", variable="depth")


def test_a_share_of_yes_is_counted_of_all_patients(found: Results) -> None:
    assert value(found, "n", "A", variable="cbr") == (2, 4)
    assert value(found, "n", "B", variable="cbr") == (1, 3)
    assert value(found, "percent", "B", variable="cbr")[0] == pytest.approx(100 / 3)


def test_yes_and_no_are_no_best_responses(found: Results) -> None:
    assert {row.parameter for row in found.where(analysis="one", variable="best_response")} == {
        "BOR"
    }
    alone = rows("cbr")
    assert not alone.where(analysis="one", variable="best_response")
    assert value(alone, "n", "A", variable="cbr") == (2, 4)


def test_the_table_ends_with_the_depth(found: Results) -> None:
    protocol = study("orr", "cbr")
    analysis = protocol.analyses[0]
    assert isinstance(analysis, ResponseAnalysis)
    table = table_response(found, protocol, analysis)
    heads = [row.label for row in table.rows if row.kind == "head"]
    assert heads == [
        "Best overall response, n (%)",
        "Objective response rate",
        "Clinical benefit rate",
        "Depth of response: best change in sum of target lesions",
    ]
    text = [[cell.text for cell in row.cells.values()] for row in table.rows[-3:]]
    assert text == [
        ["4", "1", "5"],
        ["−5.0 (−30.0 to 10.0)", "−40.0 (−40.0 to −40.0)", "−10.0 (−40.0 to 0.0)"],
        ["2 (50)", "1 (100)", "3 (60)"],
    ]


def test_methods_define_the_share_in_its_own_words(found: Results) -> None:
    said = " ".join(plain_text(one) for one in methods_paragraphs(found, study("orr", "cbr")))
    assert "with disease control for at least the time that stable disease has to last" in said
    assert "The share of patients with CR or PR." in said
    assert "with Y" not in said


def test_a_share_at_a_visit_says_which_visit() -> None:
    own = {"at": "24 weeks", "label": "Disease control"}
    endpoint = dict(preset_mapping("endpoints", "dcr-at-week")) | own
    protocol = plan(
        {"kind": "response", "endpoints": ["dcr-at-week"]},
        *("ADSL", "ADRS"),
        endpoints=[endpoint],
        assessments={"every_days": 42, "window_days": 7, "criteria": "RECIST 1.1"},
    )
    responses = RESPONSES.with_columns(pl.col("PARAMCD").replace("CB", "DCWEEK"))
    found = carried_out(protocol, ADSL=SUBJECTS, ADRS=responses)
    assert value(found, "n", "A", variable="dcr-at-week") == (2, 4)
    analysis = protocol.analyses[0]
    assert isinstance(analysis, ResponseAnalysis)
    assert table_response(found, protocol, analysis).rows[0].label == "Disease control, 24 weeks"
    said = " ".join(plain_text(one) for one in methods_paragraphs(found, protocol))
    assert "The visit is planned 24 weeks after the time origin." in said
