"""Rows of each kind of analysis on patients few enough to count by hand."""

from __future__ import annotations

from datetime import date
from math import comb
from typing import Any

import polars as pl
import pytest

from hepatica.analyse import analyse
from hepatica.analyse.curve_rows import at_risk_times
from hepatica.derive import derive_datasets
from hepatica.protocol.model import Protocol
from hepatica.results import ResultRow, Results

PATIENTS = [
    # subject, arm, age, stage, OS days, CNSR, response, worst grade of nausea (0 none)
    ("A1", "A", 50, "I", 10, 0, "CR", 3),
    ("A2", "A", 60, "I", 20, 1, "PR", 1),
    ("A3", "A", 70, "II", 30, 0, "SD", 0),
    ("A4", "A", None, None, 40, 1, "PD", 0),
    ("B1", "B", 40, "I", 15, 0, "PD", 2),
    ("B2", "B", 44, "II", 15, 0, None, 5),
]


def protocol(**parts: Any) -> Protocol:
    base: dict[str, Any] = {
        "study": {"id": "HAND", "title": "By hand"},
        "data": {"tables": {"ADSL": {"file": "adsl.csv"}}},
        "arms": [{"id": "a", "label": "A"}, {"id": "b", "label": "B"}],
        "analysis_sets": [{"id": "full", "label": "Full", "flag": "FASFL"}],
        "variables": [
            {"id": "age", "label": "Age", "column": "AGE", "kind": "measured"},
            {
                "id": "stage",
                "label": "Stage",
                "column": "STAGE",
                "kind": "categorical",
                "levels": ["I", "II"],
            },
        ],
        "endpoints": [
            {
                "kind": "time_to_event",
                "id": "os",
                "label": "Overall survival",
                "parameter": "OS",
                "origin": {"label": "start", "variable": "TRTSDT"},
                "events": [{"id": "death", "sentence": "Died.", "description": "Death"}],
                "time_points": ["25 days"],
            },
            {
                "kind": "response",
                "id": "orr",
                "label": "Objective response",
                "counted": ["CR", "PR"],
                "historical": {
                    "rates": {"a": 0.25, "b": 0.25},
                    "source": "earlier",
                    "test": "binomial_exact",
                },
            },
        ],
        "analyses": [
            {"id": "baseline", "kind": "baseline", "set": "full", "variables": ["age", "stage"]},
            {
                "id": "survival",
                "kind": "time_to_event",
                "set": "full",
                "endpoint": "os",
                "compare": {"reference": "B"},
            },
            {"id": "response", "kind": "response", "set": "full", "endpoints": ["orr"]},
            {
                "id": "events",
                "kind": "adverse_events",
                "set": "full",
                "severity": {"column": "ATOXGR", "at_least": 3, "label": "Grade 3 or higher"},
            },
        ],
    }
    return Protocol.model_validate(base | parts)


def tables() -> dict[str, pl.DataFrame]:
    names = ["USUBJID", "TRT01P", "AGE", "STAGE", "AVAL", "CNSR", "AVALC", "GRADE"]
    frame = pl.DataFrame(PATIENTS, schema=names, orient="row")
    subjects = pl.col("USUBJID")
    grades = frame.filter(pl.col("GRADE") > 0)
    again = grades.with_columns(GRADE=pl.lit(1, dtype=pl.Int64))
    return {
        "ADSL": frame.select("USUBJID", "TRT01P", "AGE", "STAGE"),
        "ADTTE": frame.select(
            subjects,
            pl.lit("OS").alias("PARAMCD"),
            pl.col("AVAL").cast(pl.Float64),
            "CNSR",
            pl.when(pl.col("CNSR") == 0).then(pl.lit("Death")).alias("EVNTDESC"),
            pl.when(pl.col("CNSR") == 1).then(pl.lit("Alive")).alias("CNSDTDSC"),
        ),
        "ADRS": frame.filter(~pl.col("AVALC").is_null()).select(
            subjects, pl.lit("BOR").alias("PARAMCD"), "AVALC"
        ),
        "ADAE": pl.concat([grades, again]).select(
            subjects,
            pl.lit("Nausea").alias("AEDECOD"),
            pl.col("GRADE").alias("ATOXGR"),
            pl.lit("Y").alias("TRTEMFL"),
            pl.lit(date(2020, 1, 1)).alias("ASTDT"),
        ),
    }


def results(plan: Protocol | None = None, **replaced: pl.DataFrame) -> Results:
    plan = plan or protocol()
    return analyse(plan, derive_datasets(plan, tables() | replaced))


def value(rows: Results, analysis: str, statistic: str, **columns: Any) -> float | None:
    return rows.one(analysis=analysis, statistic=statistic, **columns).value


def test_baseline_counts_measures_and_missing() -> None:
    rows = results()
    age = {"variable": "age", "level": "A"}
    assert value(rows, "baseline", "n", **age) == 3
    assert value(rows, "baseline", "missing", **age) == 1
    assert value(rows, "baseline", "median", **age) == 60
    assert value(rows, "baseline", "sd", **age) == 10
    stage = {"variable": "stage", "level": "A"}
    assert value(rows, "baseline", "n", variable_level="I", **stage) == 2
    assert value(rows, "baseline", "percent", variable_level="I", **stage) == 50
    assert value(rows, "baseline", "percent", variable_level="Missing", **stage) == 25
    assert value(rows, "baseline", "n", variable="stage", level="", variable_level="I") == 3


def test_survival_of_four_patients_is_algebra() -> None:
    rows = results()
    arm = {"level": "A", "variable": ""}
    assert value(rows, "survival", "events", **arm) == 2
    assert value(rows, "survival", "censored", **arm) == 2
    assert value(rows, "survival", "survival", time=25.0, **arm) == pytest.approx(3 / 4)
    assert value(rows, "survival", "median", **arm) == 30
    curve = {"level": "A", "variable": "curve", "time": 30.0}
    assert value(rows, "survival", "survival", **curve) == pytest.approx(3 / 8)
    assert value(rows, "survival", "at_risk", **curve) == 2
    reason = {"level": "A", "variable": "censoring_reason", "variable_level": "Alive"}
    assert value(rows, "survival", "n", **reason) == 2
    assert value(rows, "survival", "time_max", **arm) == 40


def test_a_landmark_past_the_last_follow_up_is_not_estimable() -> None:
    short = [{**one, "time_points": ["100 days"]} for one in [OS]]
    rows = results(protocol(endpoints=[*short, RESPONSE]))
    row = rows.one(analysis="survival", statistic="survival", level="A", time=100.0, variable="")
    assert (row.value, row.status) == (None, "not_estimable")
    assert "follow-up" in row.message


def test_logrank_by_hand() -> None:
    # Deaths at 10 (5 of 6 at risk are left), 15 (two of B) and 30 (A alone).
    observed, expected = 2.0, 4 / 6 + 2 * 3 / 5 + 1.0
    variance = (4 / 6) * (2 / 6) + 2 * (3 / 5) * (2 / 5) * (3 / 4)
    rows = results()
    statistic = value(rows, "survival", "test_statistic", variable="logrank")
    assert statistic == pytest.approx((observed - expected) ** 2 / variance)
    hazard = rows.where(analysis="survival", variable="cox", statistic="hazard_ratio")
    assert [(row.level, row.reference) for row in hazard] == [("A", "B")]
    assert 0 < (hazard[0].value or 0) < 1


def test_everyone_stays_in_the_denominator_of_response() -> None:
    rows = results()
    missing = {"variable": "best_response", "variable_level": "MISSING", "level": "B"}
    assert value(rows, "response", "n", **missing) == 1
    assert value(rows, "response", "percent", variable="orr", level="A") == 50
    row = rows.one(analysis="response", statistic="percent", variable="orr", level="B")
    assert (row.value, row.denominator) == (0, 2)
    exact = sum(comb(4, k) * 0.25**k * 0.75 ** (4 - k) for k in (2, 3, 4))
    p_value = {"variable": "historical", "level": "A", "statistic": "p_value"}
    assert rows.one(analysis="response", **p_value).value == pytest.approx(exact)


def test_a_patient_counts_once_at_the_worst_grade() -> None:
    rows = results()
    nausea = {"variable_level": "Nausea", "statistic": "n"}
    assert [
        rows.one(analysis="events", variable=kind, level=level, **nausea).value
        for kind in ("any", "severe")
        for level in ("A", "B", "")
    ] == [2, 2, 4, 1, 1, 2]


def test_an_analysis_without_its_table_is_a_row_and_the_others_go_on() -> None:
    plan = protocol()
    some = tables()
    del some["ADAE"]
    rows = analyse(plan, derive_datasets(plan, some))
    failed = [row for row in rows if row.status == "failed"]
    assert [(row.analysis, row.statistic) for row in failed] == [("events", "analysis")]
    assert "ADAE" in failed[0].message
    assert rows.one(analysis="survival", statistic="median", level="A", variable="").value == 30


def test_constructed_patients_are_simulated_rows() -> None:
    study = {"id": "S", "title": "T", "data_status": "constructed", "status_note": "Invented."}
    assert {row.origin for row in results(protocol(study=study))} == {"simulated"}
    assert {row.origin for row in results()} == {"collected"}


def test_the_order_of_records_changes_nothing() -> None:
    shuffled = {
        name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in tables().items()
    }
    assert list(results(**shuffled)) == list(results())


@pytest.mark.parametrize(
    ("months", "last", "step"), [(5, 6, 3), (24, 24, 3), (25, 30, 6), (60, 60, 6), (61, 72, 12)]
)
def test_numbers_at_risk_end_at_the_first_tick_past_the_last_follow_up(
    months: float, last: float, step: float
) -> None:
    ticks = at_risk_times(months * 30.4375) / 30.4375
    assert (ticks[-1], ticks[1]) == (pytest.approx(last), pytest.approx(step))


def test_ids_are_unique_and_do_not_depend_on_values() -> None:
    first = results()
    other = results(ADTTE=tables()["ADTTE"].with_columns(AVAL=pl.col("AVAL") + 0.0))
    ids = [row.id for row in first]
    assert len(set(ids)) == len(ids)
    assert ids == [row.id for row in other]


OS: dict[str, Any] = {
    "kind": "time_to_event",
    "id": "os",
    "label": "Overall survival",
    "parameter": "OS",
    "origin": {"label": "start", "variable": "TRTSDT"},
    "events": [{"id": "death", "sentence": "Died.", "description": "Death"}],
}
RESPONSE: dict[str, Any] = {
    "kind": "response",
    "id": "orr",
    "label": "Objective response",
    "counted": ["CR", "PR"],
}


def test_a_row_is_frozen() -> None:
    with pytest.raises(AttributeError):
        ResultRow(study="S", analysis="a", statistic="n").value = 1.0  # type: ignore[misc]


def test_recorded_columns_may_have_any_name() -> None:
    """A column of the table is never taken for one that the analysis adds."""
    adsl = pl.DataFrame(
        {
            "USUBJID": ["1", "2", "3"],
            "TRT01P": ["A", "A", "B"],
            "GROUP": [5.0, 6.0, 7.0],
            "ARM_LABEL": ["x", "y", "y"],
        }
    )
    variables = [{"id": "size", "label": "Size", "column": "GROUP", "kind": "measured"}]
    plan = {"id": "b", "kind": "baseline", "set": "full", "variables": ["size"]}
    study = protocol(
        variables=variables, endpoints=[], analyses=[plan | {"where": {"ARM_LABEL": "y"}}]
    )
    results = analyse(study, derive_datasets(study, {"ADSL": adsl}))
    row = results.one(analysis="b", variable="size", level="", statistic="mean")
    assert row.value == 6.5


@pytest.mark.parametrize(
    ("rate", "verdict"), [(0.02, "higher"), (0.98, "lower"), (0.5, "not_excluded")]
)
def test_the_verdict_says_on_which_side_the_rate_lies(rate: float, verdict: str) -> None:
    historical = {"rates": {"a": rate, "b": 0.5}, "source": "earlier", "test": "binomial_exact"}
    rows = results(protocol(endpoints=[OS, RESPONSE | {"historical": historical}]))
    row = rows.one(analysis="response", statistic="verdict", level="A", variable="historical")
    assert row.text == verdict


def test_patients_without_a_known_group_or_stratum_are_counted() -> None:
    plan = {
        "id": "by-stage",
        "kind": "time_to_event",
        "set": "full",
        "endpoint": "os",
        "by": "stage",
        "compare": {"hazard_ratio": False},
    }
    by_arm = plan | {"id": "stratified", "by": "arm", "compare": {"strata": ["stage"]}}
    rows = results(protocol(analyses=[plan, by_arm]))
    missing = {"variable_level": "Missing", "statistic": "n"}
    assert rows.one(analysis="by-stage", variable="group", **missing).value == 1
    assert rows.one(analysis="stratified", variable="strata", **missing).value == 1
