"""Exposure of five patients to two drugs; the expected rows by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from few_patients import carried_out, counts, failure, frame, plan

from hepatica.results import Results

DRUG = {
    "id": "anlotinib",
    "drug": "Anlotinib",
    "dose": {"amount": 12, "unit": "mg"},
    "schedule": {"first_day": 1, "last_day": 14, "cycle_days": 21},
    "reductions": [
        {"dose": {"amount": 10, "unit": "mg"}},
        {"dose": {"amount": 8, "unit": "mg"}},
    ],
}
PLAN = plan({"kind": "exposure"}, "DM", "EX", treatments=[DRUG])
SUBJECTS = frame(
    "USUBJID FASFL TRT01P",
    *(("1", "Y", "A"), ("2", "Y", "A"), ("3", "Y", "A"), ("4", "Y", "B"), ("5", "N", "B")),
)
#: Subject, days, cycles, total dose, relative dose intensity, reductions, lowest dose.
COURSES = (
    ("1", 21.0, 1.0, 168.0, 100.0, 0.0, 12.0),
    ("2", 42.0, 2.0, 302.4, 90.0, 1.0, 10.0),
    ("3", 63.0, 3.0, None, None, None, None),
    ("4", 84.0, 4.0, 470.4, 69.99, 2.0, 6.0),
    ("5", 10.0, 1.0, 120.0, 100.0, 0.0, 12.0),
)
UNITS = {
    "DURD": "days",
    "CYCLES": "cycles",
    "TDOSE": "mg",
    "RDI": "%",
    "REDUCT": "reductions",
    "LDOSE": "mg",
}


def exposure() -> pl.DataFrame:
    records: list[tuple[Any, ...]] = [
        (course[0], "Anlotinib", parameter, value, unit)
        for course in COURSES
        for (parameter, unit), value in zip(UNITS.items(), course[1:], strict=True)
    ]
    records += [("4", "ASPIRIN", "DURD", 8.0, "days"), ("4", "ASPIRIN", "TDOSE", 800.0, "mg")]
    return frame("USUBJID EXTRT PARAMCD AVAL AVALU", *records)


def rows() -> Results:
    return carried_out(PLAN, ADSL=SUBJECTS, ADEX=exposure())


def measured(statistic: str, parameter: str, level: str, drug: str = "Anlotinib") -> float | None:
    where: dict[str, Any] = {"variable": drug, "parameter": parameter, "variable_level": ""}
    return rows().one(analysis="one", statistic=statistic, level=level, **where).value


def test_each_drug_counts_the_patients_who_received_it() -> None:
    assert counts(rows(), "Anlotinib") == {"": ["3/3 100", "1/1 100", "4/4 100"]}
    assert counts(rows(), "ASPIRIN") == {"": ["0/3 0", "1/1 100", "1/4 25"]}


@pytest.mark.parametrize(
    ("statistic", "parameter", "expected"),
    [
        ("n", "DURD", [3, 1, 4]),
        ("median", "DURD", [42, 84, 52.5]),
        ("q1", "DURD", [21, 84, 31.5]),
        ("max", "DURD", [63, 84, 84]),
        ("mean", "DURD", [42, 84, 52.5]),
        ("sd", "DURD", [21, None, pytest.approx(27.110883, abs=1e-6)]),
        ("median", "CYCLES", [2, 4, 2.5]),
        ("missing", "TDOSE", [1, 0, 1]),
        ("median", "TDOSE", [pytest.approx(235.2), 470.4, 302.4]),
        ("median", "RDI", [95, 69.99, 90]),
    ],
)
def test_measures_are_summarised(statistic: str, parameter: str, expected: list[Any]) -> None:
    assert [measured(statistic, parameter, level) for level in ("A", "B", "")] == expected


def test_intensity_lies_in_one_category_and_unknown_is_missing() -> None:
    assert counts(rows(), "Anlotinib", "RDI") == {
        ">=90": ["2/3 66.6667", "0/1 0", "2/4 50"],
        "70-<90": ["0/3 0", "0/1 0", "0/4 0"],
        "<70": ["0/3 0", "1/1 100", "1/4 25"],
        "MISSING": ["1/3 33.3333", "0/1 0", "1/4 25"],
    }


def test_reductions_and_lowest_doses_of_the_plan_stand_even_if_nobody_had_them() -> None:
    assert counts(rows(), "Anlotinib", "REDUCT") == {
        ">=1": ["1/3 33.3333", "1/1 100", "2/4 50"],
        "MISSING": ["1/3 33.3333", "0/1 0", "1/4 25"],
    }
    assert counts(rows(), "Anlotinib", "LDOSE") == {
        "12 mg": ["1/3 33.3333", "0/1 0", "1/4 25"],
        "10 mg": ["1/3 33.3333", "0/1 0", "1/4 25"],
        "8 mg": ["0/3 0", "0/1 0", "0/4 0"],
        "6 mg": ["0/3 0", "1/1 100", "1/4 25"],
        "MISSING": ["1/3 33.3333", "0/1 0", "1/4 25"],
    }


def test_a_drug_outside_the_plan_has_duration_and_total_dose() -> None:
    assert measured("median", "TDOSE", "B", "ASPIRIN") == 800
    where = {"variable": "ASPIRIN", "parameter": "DURD", "level": "A", "statistic": "median"}
    nobody = rows().one(analysis="one", **where)
    assert (nobody.status, nobody.value) == ("not_estimable", None)
    assert counts(rows(), "ASPIRIN", "RDI") == {}


def test_no_dose_is_not_a_missing_table() -> None:
    nobody = carried_out(PLAN, ADSL=SUBJECTS)
    found = nobody.where(analysis="one")
    assert [(one.level, one.statistic, one.value) for one in found] == [
        ("A", "n", 3),
        ("B", "n", 1),
        ("", "n", 4),
    ]
    missing = carried_out(plan({"kind": "exposure"}, "DM"), ADSL=SUBJECTS)
    assert "data.tables.EX" in failure(missing)
