"""Tables and sentences of competing risks and prognostic models, from rows of patients by hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "analyse"))

import test_competing_risks as causes
import test_prognostic_model as model
from few_patients import plan

from hepatica.present.methods import methods_paragraphs
from hepatica.present.spans import plain_text
from hepatica.present.table import Table
from hepatica.present.tables import table_competing_risks, tables_prognostic_model
from hepatica.protocol.model import Protocol
from hepatica.results import Results


def protocol_of(kind: str, **keys: Any) -> Protocol:
    if kind == "competing_risks":
        base = {"endpoint": "pfs", "causes": causes.CAUSES, "reference": "B", "at": ["20 days"]}
        endpoint, variables = causes.ENDPOINT, causes.VARIABLES
    else:
        base = {
            "endpoint": "os",
            "covariates": ["stage", "age"],
            "at": ["180 days", "1 year"],
            "bootstrap": 50,
        }
        endpoint, variables = model.ENDPOINT, model.VARIABLES
    return plan(
        {"kind": kind, **base, **keys},
        "ADSL",
        "ADTTE",
        endpoints=[endpoint],
        variables=variables,
    )


def cell(table: Table, label: str, column: str, *, place: int = 0) -> str:
    rows = [one for one in table.rows if one.label == label]
    return rows[place].cells[column].text


@pytest.fixture(scope="module")
def prognostic() -> tuple[Results, Protocol]:
    return model.rows_of(), protocol_of("prognostic_model")


def competing(**keys: Any) -> Table:
    protocol = protocol_of("competing_risks", **keys)
    return table_competing_risks(
        causes.rows_of(causes.TIMES, **keys),
        protocol,
        protocol.analyses[0],  # type: ignore[arg-type]
    )


def test_each_cause_has_its_incidence_and_both_ratios() -> None:
    table = competing()
    assert [one.label for one in table.rows if one.kind == "head"] == ["Progression", "Death"]
    assert cell(table, "Events, n", "A") == "2"
    assert cell(table, "Incidence at 20 days, % (95% CI)", "B").startswith("40.0")
    assert cell(table, "Subdistribution hazard ratio (95% CI)", "B") == "reference"
    assert any(one.label == "Gray's test: " for one in table.rows)
    assert "overstates" in table.footnotes[0]


def test_without_times_nothing_is_said_of_kaplan_meier() -> None:
    table = competing(at=[])
    assert "overstates" not in table.footnotes[0]


def test_points_stand_beside_ratios(prognostic: tuple[Results, Protocol]) -> None:
    rows, protocol = prognostic
    points, totals, performance = tables_prognostic_model(rows, protocol, protocol.analyses[0])  # type: ignore[arg-type]
    assert cell(points, "I", "ratio") == "reference"
    assert cell(points, "I", "points") == "0.0"
    assert any(one.label == "Age, per year" for one in points.rows)
    assert "not checked in other patients" in points.footnotes[0]
    assert totals.rows[0].label == "0"
    assert cell(performance, "Calibration slope", "apparent") == "1.00"
    assert cell(performance, "Area under the curve", "corrected") < "1"
    told = next(one for one in performance.rows if one.label == "Resamples with a model: ")
    assert plain_text(told.note) == "50 of 50."


def test_methods_name_causes_covariates_and_what_was_not_done(
    prognostic: tuple[Results, Protocol],
) -> None:
    rows, protocol = prognostic
    text = " ".join(plain_text(one) for one in methods_paragraphs(rows, protocol))
    assert "(stage and age)" in text
    assert "The model was not checked in other patients." in text
    protocol = protocol_of("competing_risks")
    found = causes.rows_of(causes.TIMES)
    text = " ".join(plain_text(one) for one in methods_paragraphs(found, protocol))
    assert "“Progression” and “Death”" in text
    assert "which overstates it" in text
