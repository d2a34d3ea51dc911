"""A model in imputed tables: the complete model where nothing is missing, and what forbids one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from model_patients import carried_out, value
from scipy.special import stdtrit

from hepatica.results import Results

COVARIATES = ["arm", "age", "ecog", "afp"]
PLAN = {"variables": ["age", "ecog", "afp"], "imputations": 6, "iterations": 3}


def patients(n: int = 150, *, lacking: bool) -> list[dict[str, Any]]:
    draw = np.random.default_rng(3)
    found = []
    for _ in range(n):
        one: dict[str, Any] = {
            "arm": "AB"[int(draw.integers(2))],
            "age": float(draw.integers(40, 80)),
            "ecog": "012"[int(draw.integers(3))],
            "afp": float(draw.integers(1, 400)),
        }
        one["time"] = int(draw.exponential(300 * np.exp(-0.02 * (one["age"] - 60)))) + 1
        one["event"] = int(draw.random() < 0.7)
        for name in ("age", "ecog", "afp"):
            if draw.random() < 0.2 and lacking:
                one[name] = None
        found.append(one)
    return found


def run(rows: list[dict[str, Any]], covariates: list[str] | None = None, **keys: Any) -> Results:
    plan = {"kind": "cox", "endpoint": "os", "covariates": covariates or COVARIATES}
    imputation = keys.pop("imputation", PLAN)
    return carried_out(plan | {"imputed": True} | keys, rows, imputation=imputation)


def test_where_nothing_is_missing_the_pooled_model_is_the_complete_one() -> None:
    rows = run(patients(lacking=False))
    for variable, place in (("age", {}), ("ecog", {"variable_level": "2", "reference": "0"})):
        for name in ("hazard_ratio", "coef", "std_error"):
            pooled, whole = (
                value(rows, name, level, variable=variable, **place)
                for level in ("imputed", "multivariable")
            )
            assert pooled == pytest.approx(whole, rel=1e-9)
        assert value(rows, "fmi", "imputed", variable=variable, **place) == pytest.approx(
            2 / (value(rows, "df", "imputed", variable=variable, **place) + 3)
        )
    # Limits by Student's t: events less five coefficients, by the formula of Barnard and Rubin.
    events = value(rows, "events", "imputed", variable="")
    complete = events - 5
    df = (complete + 1) / (complete + 3) * complete
    coef, error = (value(rows, name, "imputed", variable="age") for name in ("coef", "std_error"))
    upper = np.exp(coef + stdtrit(df, 0.975) * error)
    assert value(rows, "hazard_ratio_upper", "imputed", variable="age") == pytest.approx(upper)
    assert not [row for row in rows if row.variable == "imputation" and row.statistic == "missing"]


def test_all_patients_are_in_the_pooled_model() -> None:
    rows = run(patients(lacking=True))
    assert value(rows, "n", "imputed", variable="") == 150
    assert value(rows, "n", "multivariable", variable="") < 100
    for variable in ("age", "afp"):
        assert 0.0 < value(rows, "fmi", "imputed", variable=variable) < 0.8
    errors = [
        value(rows, "std_error", level, variable="arm") for level in ("imputed", "multivariable")
    ]
    assert errors[0] < errors[1]
    joint = [row for row in rows if (row.level, row.variable) == ("imputed", "ecog")]
    assert {"test_statistic", "df", "df_error", "p_value"} <= {
        row.statistic for row in joint if not row.variable_level
    }
    told = {row.variable_level for row in rows if row.variable == "imputation"}
    assert {"age", "ecog: 0", "afp"} <= told


def test_a_covariate_that_is_not_imputed_leaves_patients_out_and_says_so() -> None:
    data = patients(lacking=True)
    rows = run(data, imputation=PLAN | {"variables": ["age", "ecog"]})
    lacking = sum(one["afp"] is None for one in data)
    assert value(rows, "n", "imputed", variable="") == 150 - lacking
    (row,) = [one for one in rows if (one.level, one.statistic) == ("imputed", "missing")]
    assert row.value == lacking
    assert "List it under imputation" in row.message


def test_what_forbids_a_model_forbids_the_pooled_one() -> None:
    data = [one | {"arm": "A"} for one in patients(lacking=True)]
    rows = run(data)
    (arm,) = [row for row in rows if (row.level, row.variable) == ("imputed", "arm")]
    assert (arm.status, arm.statistic) == ("not_estimable", "hazard_ratio")
    assert value(rows, "hazard_ratio", "imputed", variable="age") > 0


def test_too_few_events() -> None:
    data = [one | {"event": int(n < 4)} for n, one in enumerate(patients(lacking=True))]
    rows = run(data)
    found = [row for row in rows if row.level == "imputed" and row.statistic == "hazard_ratio"]
    assert found
    assert all("no more events than coefficients" in row.message for row in found)


def test_a_variable_that_nobody_has_fails_with_its_name() -> None:
    data = [one | {"afp": None} for one in patients(lacking=True)]
    rows = run(data, ["arm", "age"])
    (row,) = [one for one in rows if one.statistic == "analysis"]
    assert "afp has no known value" in row.message
