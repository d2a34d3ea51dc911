"""Agreement with the pinned answers of R in validation/r-competing, and with shared data."""

from __future__ import annotations

import csv
import importlib.util
import json
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import (
    cumulative_incidence,
    fine_gray,
    gray_test,
    kaplan_meier_by_group,
    restricted_mean,
)

FOLDER = Path(__file__).parents[3] / "validation" / "r-competing"
CASES = (
    "ties",
    "days",
    "three_causes",
    "months",
    "continuous",
    "heavy_censoring",
    "no_censoring",
)
GRID = {
    "survival without event": 1,
    "cumulative incidence": 1,
    "its variance, Aalen (cuminc)": 1,
    "its standard error (survfit)": 1,
    "limits, log-log": 2,
    "limits, log": 2,
    "limits, plain": 2,
    "Gray's statistic": 5,
    "Gray's p-value": 5,
    "Fine-Gray coefficient": 2,
    "Fine-Gray covariance, robust": 2,
    "Fine-Gray covariance, naive": 2,
    "Fine-Gray log pseudo-likelihood": 2,
    "predicted incidence": 2,
    "coefficient, censoring by group": 1,
    "naive covariance, censoring by group": 1,
    "log pseudo-likelihood, censoring by group": 1,
    "restricted mean, standard error": 3,
    "pseudo-values of restricted mean": 3,
    "pseudo-values of survival": 1,
    "pseudo-values of incidence": 1,
    "wins, losses and ties": 1,
    "their covariance": 1,
    "net benefit and its variance (pROC)": 1,
}
UNTIED = "coefficient of finegray and coxph, no ties"
UNTIED_CASES = ("months", "continuous")
MGUS_COEF = [-0.018135647707021873, -0.20117703458047065, -0.013802265937158492, 0.9222105343273482]
MGUS_SE = [0.0060217340545259176, 0.19038964259707503, 0.047723297465008307, 0.15523611910811946]
MGUS_GRAY = [1.0728872254925708, 10.696404930517314]


def _agreement() -> ModuleType:
    spec = importlib.util.spec_from_file_location("agreement_competing", FOLDER / "agreement.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


AGREEMENT = _agreement()


@pytest.mark.parametrize("name", CASES)
def test_r(name: str) -> None:
    seen: Counter[str] = Counter()
    for what, theirs, ours, bound in AGREEMENT.comparisons(AGREEMENT.pinned()["cases"][name]):
        assert AGREEMENT.largest_difference(theirs, ours) <= bound, what
        assert theirs.size, what
        seen[what] += 1
    assert seen.pop(UNTIED, 0) == (name in UNTIED_CASES)
    assert dict(seen) == GRID


def test_delayed_entry() -> None:
    seen = 0
    for what, theirs, ours, bound in AGREEMENT.delayed(AGREEMENT.pinned()["delayed"]):
        assert AGREEMENT.largest_difference(theirs, ours) <= bound, what
        seen += 1
    assert seen == 3


def test_all_cases_are_pinned() -> None:
    answers = AGREEMENT.pinned()
    assert tuple(answers["cases"]) == CASES
    assert set(answers["versions"]) >= {"R", "survival", "cmprsk", "etm", "prodlim", "pROC"}


def shared_rows(shared: Path, name: str) -> list[dict[str, str]]:
    path = shared / "data" / "survival" / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def golden(shared: Path) -> dict[str, Any]:
    path = shared / "data" / "survival" / "golden.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.shared
def test_restricted_means_of_shared_data(shared: Path) -> None:
    cases = golden(shared)["rmst_survfit"]
    for case in cases:
        group = case["formula"].split("~")[1].strip()
        table = shared_rows(shared, case["dataset"])
        time, event = (np.array([float(row[key]) for row in table]) for key in ("time", "event"))
        codes = np.unique([row[group] for row in table], return_inverse=True)[1]
        curves = kaplan_meier_by_group(time, event, codes).curves
        means = [restricted_mean(curve, case["tau"]) for curve in curves]
        np.testing.assert_allclose([m.estimate for m in means], case["rmean"], rtol=1e-10)
        np.testing.assert_allclose([m.std_error for m in means], case["se"], rtol=1e-10)
    assert len(cases) == 4


@pytest.mark.shared
def test_cumulative_incidence_of_shared_data(shared: Path) -> None:
    case = golden(shared)["aalen_johansen"]
    table = shared_rows(shared, case["dataset"])
    time, cause = (np.array([int(row[key]) for row in table]) for key in ("etime", "etype"))
    read = cumulative_incidence(time, cause).at(case["time"])
    states, errors = np.array(case["pstate"]).T, np.array(case["std_err"]).T
    np.testing.assert_allclose(read.survival, states[0], rtol=1e-10)
    np.testing.assert_allclose(read.incidence, states[1:], rtol=1e-10)
    np.testing.assert_allclose(read.std_error, errors[1:], rtol=1e-10)


@pytest.mark.shared
def test_subdistribution_hazards_of_shared_data(shared: Path) -> None:
    # Answers of cmprsk 2.2-11: crr with gtol = 1e-14, and cuminc by sex.
    table = shared_rows(shared, "mgus2_crr_input")
    columns = {key: np.array([float(row[key]) for row in table]) for key in table[0]}
    time, cause = columns["t"], columns["s"]
    x = np.column_stack([columns[key] for key in ("age", "male", "hgb", "mspike")])
    fit = fine_gray(time, cause, x)
    np.testing.assert_allclose(fit.coef, MGUS_COEF, rtol=1e-8)
    np.testing.assert_allclose(fit.std_error, MGUS_SE, rtol=1e-8)
    tests = [gray_test(time, cause, columns["male"], cause_of_interest=c) for c in (1, 2)]
    np.testing.assert_allclose([test.statistic for test in tests], MGUS_GRAY, rtol=1e-10)
