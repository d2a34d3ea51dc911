"""A prognostic model: points that add up to the predicted survival, and what is said of it."""

from __future__ import annotations

from functools import cache
from math import exp
from typing import Any

import numpy as np
import polars as pl
import pytest
from few_patients import carried_out, plan

from hepatica.results import Results
from hepatica.stats.survival import cox, harrell_c, predict_survival

ENDPOINT = {
    "kind": "time_to_event",
    "id": "os",
    "label": "Overall survival",
    "parameter": "OS",
    "origin": {"label": "start", "variable": "TRTSDT"},
    "events": [{"id": "death", "sentence": "Died.", "description": "Death"}],
}
VARIABLES = [
    {"id": "age", "label": "Age", "column": "AGE", "kind": "measured", "unit": "years"},
    {
        "id": "stage",
        "label": "Stage",
        "column": "STAGE",
        "kind": "categorical",
        "levels": ["I", "II", "III"],
    },
]


@cache
def patients(n: int = 120) -> pl.DataFrame:
    rng = np.random.default_rng(20)
    stage, age = rng.integers(0, 2, n), rng.integers(30, 81, n)
    hazard = np.exp(0.9 * stage + 0.03 * (age - 55)) / 300
    died, lost = rng.exponential(1 / hazard), rng.uniform(200, 900, n)
    return pl.DataFrame(
        {
            "USUBJID": [f"S{one:03d}" for one in range(n)],
            "FASFL": "Y",
            "TRT01P": [("A", "B")[one % 2] for one in range(n)],
            "AGE": age,
            "STAGE": [("I", "II")[one] for one in stage],
            "STAGE_CAT": [("I", "II")[one] for one in stage],
            "AVAL": np.ceil(np.minimum(died, lost)),
            "CNSR": (died > lost).astype(int),
        }
    )


def rows_of(adsl: pl.DataFrame | None = None, **keys: Any) -> Results:
    adsl = patients() if adsl is None else adsl
    analysis = {
        "kind": "prognostic_model",
        "endpoint": "os",
        "covariates": ["stage", "age"],
        "at": ["180 days", "1 year"],
        "bootstrap": 50,
        **keys,
    }
    protocol = plan(analysis, "ADSL", "ADTTE", endpoints=[ENDPOINT], variables=VARIABLES)
    adtte = adsl.select(
        "USUBJID",
        pl.lit("OS").alias("PARAMCD"),
        "AVAL",
        "CNSR",
        pl.lit("Death").alias("EVNTDESC"),
    )
    return carried_out(protocol, ADSL=adsl.drop("AVAL", "CNSR"), ADTTE=adtte)


@pytest.fixture(scope="module")
def rows() -> Results:
    return rows_of()


def matrix(adsl: pl.DataFrame) -> np.ndarray:
    stage = (adsl["STAGE"] == "II").cast(pl.Float64).to_numpy()
    return np.stack((stage, adsl["AGE"].cast(pl.Float64).to_numpy()), axis=1)


def value(rows: Results, statistic: str, **columns: Any) -> float:
    found = rows.one(analysis="one", statistic=statistic, **columns)
    assert found.value is not None
    return found.value


def test_points_that_are_added_by_hand_give_the_predicted_survival(rows: Results) -> None:
    adsl = patients()
    fit = cox(adsl["AVAL"].to_numpy(), adsl["CNSR"].to_numpy() == 0, matrix(adsl))
    first = min(
        (one for one in rows.where(analysis="one", statistic="points", variable="age")),
        key=lambda one: one.value or 0.0,
    )
    per_year = value(rows, "points_per_unit", variable="age")
    rise = value(rows, "log_hazard_per_point")
    for age, stage, day in ((40, "I", 180.0), (70, "II", 180.0), (64, "II", 365.25)):
        points = value(rows, "points", variable="stage", variable_level=stage)
        points += per_year * (age - float(first.variable_level))
        none = value(rows, "survival", variable="total_points", variable_level="0", time=day)
        by_hand = none ** exp(rise * points)
        row = [float(stage == "II"), float(age)]
        model = predict_survival(fit, np.array([row]), times=[day]).survival[0, 0]
        assert by_hand == pytest.approx(model, rel=1e-10)


def test_the_widest_covariate_has_a_hundred_points_and_each_begins_at_none(
    rows: Results,
) -> None:
    found: dict[str, list[float]] = {}
    for row in rows.where(analysis="one", statistic="points"):
        found.setdefault(row.variable, []).append(row.value or 0.0)
    assert {min(one) for one in found.values()} == {0.0}
    assert max(max(one) for one in found.values()) == pytest.approx(100.0)


def test_totals_and_survival_are_two_readings_of_one_scale(rows: Results) -> None:
    total = value(rows, "total_points", variable="survival", variable_level="0.5", time=365.25)
    none = value(rows, "survival", variable="total_points", variable_level="0", time=365.25)
    rise = value(rows, "log_hazard_per_point")
    assert none ** exp(rise * total) == pytest.approx(0.5, rel=1e-10)


def test_performance_is_told_as_apparent_optimism_and_corrected(rows: Results) -> None:
    adsl = patients()
    x = matrix(adsl)
    time, event = adsl["AVAL"].to_numpy(), adsl["CNSR"].to_numpy() == 0
    fit = cox(time, event, x)
    expected = harrell_c(time, event, x @ fit.coef).c
    assert value(rows, "concordance", variable="apparent") == pytest.approx(expected)
    for statistic, day in (("concordance", None), ("auc", 180.0), ("brier", 365.25)):
        apparent, optimism, corrected = (
            value(rows, statistic, variable=part, time=day)
            for part in ("apparent", "optimism", "corrected")
        )
        assert corrected == pytest.approx(apparent - optimism)
    assert value(rows, "calibration_slope", variable="apparent") == 1.0
    assert value(rows, "calibration_slope", variable="corrected") < 1.0
    said = rows.one(analysis="one", statistic="validation")
    assert said.text == "internal only"
    assert "other patients" in said.message


def test_a_category_that_nobody_has_is_said_and_the_others_stand(rows: Results) -> None:
    (none,) = rows.where(analysis="one", variable="stage", variable_level="III")
    assert none.status == "not_estimable"
    assert "Nobody of the 120 patients" in none.message
    assert value(rows, "hazard_ratio", variable="stage", variable_level="II") > 1


def test_the_same_seed_gives_the_same_rows(rows: Results) -> None:
    assert [one.value for one in rows_of()] == [one.value for one in rows]


def test_a_time_that_nobody_reaches_is_a_row_with_the_reason() -> None:
    rows = rows_of(at=["180 days", "9 years"])
    (late,) = rows.where(analysis="one", time=9 * 365.25, statistic="survival")
    assert late.status == "not_estimable"
    assert "Nobody is followed past this time" in late.message
    assert value(rows, "auc", variable="corrected", time=180.0) > 0.5


def test_separation_leaves_no_number() -> None:
    adsl = patients().with_columns(
        pl.when(pl.col("STAGE") == "I").then(1).otherwise(pl.col("CNSR")).alias("CNSR")
    )
    rows = rows_of(adsl)
    refused = rows.where(analysis="one", statistic="hazard_ratio")
    assert {one.status for one in refused} == {"not_estimable"}
    assert any("with Stage: I has an event" in one.message for one in refused)
    assert not rows.where(analysis="one", statistic="points")
    assert not rows.where(analysis="one", variable="corrected")


def test_patients_without_a_covariate_are_counted() -> None:
    adsl = patients().with_columns(
        pl.when(pl.int_range(pl.len()) < 7).then(None).otherwise(pl.col("AGE")).alias("AGE")
    )
    rows = rows_of(adsl)
    assert value(rows, "n", variable="covariates", variable_level="Missing") == 7
    assert value(rows, "n", level="prognostic", variable="") == 113
