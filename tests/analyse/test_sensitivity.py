"""Two sets of rules on five patients, and what stands beside a rate at a fixed time, by hand."""

from __future__ import annotations

from typing import Any

import pytest
from few_patients import carried_out, frame, plan

from hepatica.results import Results


def endpoint(identifier: str, parameter: str) -> dict[str, Any]:
    return {
        "kind": "time_to_event",
        "id": identifier,
        "label": identifier,
        "parameter": parameter,
        "origin": {"label": "first dose", "variable": "TRTSDT"},
        "time_points": ["10 days"],
        "events": [
            {
                "id": "e",
                "sentence": "Event.",
                "description": "Event",
                "dataset": "ADRS",
                "date": "ADT",
            }
        ],
    }


SUBJECTS = frame("USUBJID FASFL TRT01P", *((str(n), "Y", "A") for n in range(1, 6)))
MAIN = ((5, 0), (10, 0), (12, 0), (20, 1), (30, 1))
OTHER = ((5, 0), (4, 1), (12, 0), (20, 0), (31, 1))
TIMES = frame(
    "USUBJID PARAMCD AVAL CNSR EVNTDESC CNSDTDSC",
    *(
        (
            str(n),
            code,
            float(days),
            censored,
            None if censored else "Event",
            "End" if censored else None,
        )
        for code, times in (("M", MAIN), ("O", OTHER))
        for n, (days, censored) in enumerate(times, start=1)
    ),
)
ASSESSMENTS = {"every_days": 42, "window_days": 3, "criteria": "RECIST 1.1"}
ENDPOINTS = [endpoint("main", "M"), endpoint("other", "O")]


@pytest.fixture(scope="module")
def rows() -> Results:
    analysis = {"kind": "sensitivity", "endpoints": ["main", "other"]}
    return carried_out(
        plan(analysis, "ADSL", "ADTTE", endpoints=ENDPOINTS), ADSL=SUBJECTS, ADTTE=TIMES
    )


@pytest.fixture(scope="module")
def fixed() -> Results:
    analysis = {"kind": "time_to_event", "endpoint": "main"}
    protocol = plan(analysis, "ADSL", "ADTTE", endpoints=ENDPOINTS, assessments=ASSESSMENTS)
    return carried_out(protocol, ADSL=SUBJECTS, ADTTE=TIMES)


def value(rows: Results, statistic: str, **columns: Any) -> float | None:
    return rows.one(analysis="one", statistic=statistic, level="A", **columns).value


def test_each_set_of_rules_has_its_estimates(rows: Results) -> None:
    assert value(rows, "events", parameter="M") == 3
    assert value(rows, "events", parameter="O") == 3
    assert value(rows, "survival", parameter="M", time=10.0) == pytest.approx(3 / 5)
    assert value(rows, "survival", parameter="O", time=10.0) == pytest.approx(3 / 4)


def test_who_differs_from_the_main_rules_is_counted(rows: Results) -> None:
    """Patient 2 is censored earlier, patient 4 has an event, patient 5 is followed longer."""
    for name, n in (("changed_time", 2), ("changed_event", 2), ("changed", 3)):
        assert value(rows, "n", parameter="O", variable=name) == n
        assert value(rows, "n", parameter="M", variable=name) == 0


def test_a_progression_first_seen_within_the_window_is_shown(fixed: Results) -> None:
    where = {"variable": "window_end", "time": 10.0, "variable_level": "day 13"}
    assert value(fixed, "events", **where) == 1
    assert value(fixed, "survival", **where) == pytest.approx(2 / 5)
    assert value(fixed, "survival", variable="", time=10.0) == pytest.approx(3 / 5)


def test_plain_counting_agrees_when_nobody_was_censored_before(fixed: Results) -> None:
    assert value(fixed, "percent", variable="plain", time=10.0) == pytest.approx(60)


def test_plain_counting_is_undefined_after_censoring() -> None:
    early = frame(
        "USUBJID PARAMCD AVAL CNSR EVNTDESC CNSDTDSC",
        ("1", "M", 9.0, 1, None, "End"),
        ("2", "M", 10.0, 1, None, "End"),
        ("3", "M", 20.0, 0, "Event", None),
    )
    analysis = {"kind": "time_to_event", "endpoint": "main"}
    rows = carried_out(
        plan(analysis, "ADSL", "ADTTE", endpoints=ENDPOINTS), ADSL=SUBJECTS, ADTTE=early
    )
    row = rows.one(analysis="one", statistic="percent", level="A", variable="plain", time=10.0)
    assert row.status == "not_estimable"
    assert row.message == "Undefined: 1 of 3 patients were censored earlier."
