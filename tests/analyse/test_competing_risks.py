"""Competing risks on patients few enough to count by hand."""

from __future__ import annotations

from math import log
from typing import Any

import polars as pl
import pytest
from few_patients import carried_out, failure, frame, plan

from hepatica.results import Results

CAUSES = [
    {"label": "Progression", "events": ["Disease progression"]},
    {"label": "Death", "events": ["Death"]},
]
ENDPOINT = {
    "kind": "time_to_event",
    "id": "pfs",
    "label": "Progression-free survival",
    "parameter": "PFS",
    "origin": {"label": "start", "variable": "TRTSDT"},
    "events": [
        {"id": "pd", "sentence": "Progressed.", "description": "Disease progression"},
        {"id": "death", "sentence": "Died.", "description": "Death"},
    ],
}
VARIABLES = [
    {
        "id": "stage",
        "label": "Stage",
        "column": "STAGE",
        "kind": "categorical",
        "levels": ["I", "II"],
    }
]
P, D = "Disease progression", "Death"
TIMES = [
    ("A1", 10, 0, P),
    ("A2", 20, 0, D),
    ("A3", 30, 1, None),
    ("A4", 40, 0, P),
    ("A5", 50, 0, D),
    ("B1", 5, 0, P),
    ("B2", 15, 0, P),
    ("B3", 25, 0, D),
    ("B4", 35, 0, P),
    ("B5", 45, 1, None),
]


def rows_of(times: list[tuple[Any, ...]], **keys: Any) -> Results:
    analysis = {
        "kind": "competing_risks",
        "endpoint": "pfs",
        "causes": CAUSES,
        "reference": "B",
        "at": ["20 days"],
        **keys,
    }
    protocol = plan(analysis, "ADSL", "ADTTE", endpoints=[ENDPOINT], variables=VARIABLES)
    subjects = [one[0] for one in times]
    adsl = pl.DataFrame(
        {
            "USUBJID": subjects,
            "FASFL": ["Y"] * len(subjects),
            "TRT01P": [one[0] for one in subjects],
            "STAGE": ["I" if int(one[1]) % 2 else "II" for one in subjects],
            "DTHCAUS": ["Liver" if int(one[1:]) < 3 else "Other" for one in subjects],
            "STAGE_CAT": ["I" if int(one[1]) % 2 else "II" for one in subjects],
        }
    )
    adtte = frame(
        "USUBJID PARAMCD AVAL CNSR EVNTDESC",
        *((subject, "PFS", day, censored, told) for subject, day, censored, told in times),
    )
    return carried_out(protocol, ADSL=adsl, ADTTE=adtte)


def value(rows: Results, statistic: str, level: str, cause: str, **columns: Any) -> float:
    columns = {"variable": "cause", "time": None} | columns
    found = rows.one(
        analysis="one", statistic=statistic, level=level, variable_level=cause, **columns
    )
    assert found.value is not None, found
    return found.value


def test_incidence_by_hand() -> None:
    rows = rows_of(TIMES)
    # A: progression at 10 of 5, death at 20 of 4: 1/5, and 4/5 of 1/4.
    at = {"time": 20.0}
    assert value(rows, "cumulative_incidence", "A", "Progression", **at) == pytest.approx(0.2)
    assert value(rows, "cumulative_incidence", "A", "Death", **at) == pytest.approx(0.2)
    assert value(rows, "cumulative_incidence", "B", "Progression", **at) == pytest.approx(0.4)
    assert value(rows, "events", "A", "Progression") == 2
    assert value(rows, "events", "B", "Death") == 1
    none = rows.one(
        analysis="one",
        statistic="cumulative_incidence_lower",
        level="B",
        variable_level="Death",
        time=20.0,
    )
    assert none.status == "not_estimable"


def test_one_less_kaplan_meier_is_larger_once_another_cause_came_first() -> None:
    rows = rows_of(TIMES, at=["40 days"])
    naive = value(
        rows,
        "one_minus_survival",
        "A",
        "Progression",
        variable="one_minus_kaplan_meier",
        time=40.0,
    )
    # 1 - 4/5 x 1/2, against 1/5 + 3/5 x 1/2.
    assert naive == pytest.approx(0.6)
    incidence = value(rows, "cumulative_incidence", "A", "Progression", time=40.0)
    assert incidence == pytest.approx(0.5)
    told = rows.where(analysis="one", variable="one_minus_kaplan_meier")
    assert all("overstates" in one.message for one in told)


def test_steps_and_numbers_at_risk() -> None:
    rows = rows_of(TIMES)
    steps = rows.where(
        analysis="one",
        variable="cumulative_incidence",
        variable_level="Progression",
        level="A",
        statistic="incidence",
    )
    assert [(one.time, round(one.value or 0, 10)) for one in steps] == [
        (10.0, 0.2),
        (20.0, 0.2),
        (30.0, 0.2),
        (40.0, 0.5),
        (50.0, 0.5),
    ]
    risk = rows.where(analysis="one", variable="risk_table", level="A", statistic="at_risk")
    assert risk[0].value == 5


def test_both_hazard_ratios_stand_beside_each_other() -> None:
    rows = rows_of(TIMES)
    for variable, statistic in (
        ("fine_gray", "subdistribution_hazard_ratio"),
        ("cause_specific", "hazard_ratio"),
    ):
        ratio = value(rows, statistic, "A", "Progression", variable=variable)
        coef = value(rows, "coef", "A", "Progression", variable=variable)
        assert log(ratio) == pytest.approx(coef)
        assert coef < 0
    test = value(rows, "p_value", "", "Progression", variable="gray")
    assert 0 < test < 1


def test_adjusted_ratios_and_who_lacks_a_covariate() -> None:
    rows = rows_of(TIMES, covariates=["arm", "stage"])
    plain = value(rows, "coef", "A", "Progression", variable="cause_specific")
    adjusted = value(rows, "coef", "A", "Progression", variable="cause_specific_adjusted")
    assert plain != adjusted
    named = rows.where(analysis="one", variable="fine_gray_adjusted", statistic="coef")
    assert all(one.method.endswith("adjusted for Stage") for one in named)


def test_an_arm_without_a_cause_is_said_and_has_no_ratio() -> None:
    times = [one if one[3] != D or one[0][0] == "B" else (*one[:3], P) for one in TIMES]
    rows = rows_of(times)
    (ratio,) = rows.where(
        analysis="one", statistic="subdistribution_hazard_ratio", variable_level="Death"
    )
    assert ratio.status == "not_estimable"
    assert "Nobody in A had Death" in ratio.message
    counted = rows.one(
        analysis="one", statistic="events", level="A", variable="cause", variable_level="Death"
    )
    assert counted.value == 0
    assert counted.message


def test_events_that_no_cause_has_are_listed() -> None:
    told = failure(rows_of([("A6", 12, 0, "Transplant"), *TIMES]))
    assert "1 events of PFS belong to no cause" in told
    assert "Transplant" in told


def test_a_cause_that_no_event_has_is_named_with_those_left() -> None:
    causes = [CAUSES[0], {"label": "Death", "events": ["Died"]}]
    told = failure(rows_of(TIMES, causes=causes))
    assert "No event of PFS is described as Died. Events that no cause has: Death." in told


def test_a_condition_on_the_patient_tells_causes_of_death_apart() -> None:
    causes = [
        CAUSES[0],
        {"label": "Liver", "events": ["Death"], "where": {"DTHCAUS": ["Liver"]}},
        {"label": "Other", "events": ["Death"]},
    ]
    rows = rows_of(TIMES, causes=causes)
    assert value(rows, "events", "A", "Liver") == 1
    assert value(rows, "events", "A", "Other") == 1


def test_patients_without_a_group_are_counted() -> None:
    rows = rows_of([("C1", 12, 0, P), *TIMES])
    left = rows.one(analysis="one", statistic="n", variable="group", variable_level="Missing")
    assert left.value == 1
    assert "not in the analysis" in left.message
