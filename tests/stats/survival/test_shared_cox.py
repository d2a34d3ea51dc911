"""All proportional hazards fits of R on its own data sets, from the folder of shared data."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import cox

pytestmark = pytest.mark.shared

# R stopped by its default criterion; so near all the same.
R_NEWTON = 1e-8


@pytest.fixture
def golden(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "data" / "survival" / "golden.json").read_text(encoding="utf-8"))


def table(shared: Path, name: str) -> list[dict[str, str]]:
    path = shared / "data" / "survival" / "data" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def source(term: str, header: list[str]) -> tuple[str, str, str]:
    """Return column, function and level of a term such as log(bili) or factor(grade)2."""
    for function in ("log", "factor"):
        if term.startswith(f"{function}("):
            column, level = term.removeprefix(f"{function}(").split(")")
            return column, function, level
    column = max((name for name in header if term.startswith(name)), key=len)
    level = term.removeprefix(column)
    return column, "factor" if level else "", level


def values(rows: list[dict[str, str]], term: str) -> np.ndarray:
    column, function, level = source(term, list(rows[0]))
    texts = [row[column] for row in rows]
    if function == "factor":
        return np.array([float(text == level) for text in texts])
    numbers = np.array([float(text) for text in texts])
    return np.log(numbers) if function == "log" else numbers


def inside(formula: str, word: str) -> list[str]:
    if f"{word}(" not in formula:
        return []
    return [
        name.strip() for name in formula.split(f"{word}(")[1].split(")", maxsplit=1)[0].split(",")
    ]


def joint(rows: list[dict[str, str]], names: list[str]) -> np.ndarray | None:
    if not names:
        return None
    texts = ["|".join(row[name] for name in names) for row in rows]
    return np.unique(texts, return_inverse=True)[1]


def complete(rows: list[dict[str, str]], names: list[str]) -> list[dict[str, str]]:
    return [row for row in rows if all(row[name] not in ("", "NA") for name in names)]


def test_every_fit(shared: Path, golden: dict[str, Any]) -> None:
    assert len(golden["cox"]) == 25
    for case in golden["cox"]:
        formula = case["formula"]
        rows = table(shared, case["dataset"])
        strata, cluster = inside(formula, "strata"), inside(formula, "cluster")
        names = [source(term, list(rows[0]))[0] for term in case["terms"]]
        rows = complete(rows, ["time", "event", *names, *strata, *cluster])
        X = np.column_stack([values(rows, term) for term in case["terms"]])
        ours = cox(
            values(rows, "time"),
            values(rows, "event"),
            X,
            ties=case["ties"],
            strata=joint(rows, strata),
            cluster=joint(rows, cluster),
        )
        said = f"{case['dataset']} {formula} {case['ties']}"
        assert (ours.n, ours.n_events) == (case["n"], case["nevent"]), said
        # A coefficient of nearly nothing is compared in standard errors.
        gap = np.abs(ours.coef - case["coef"])
        assert (gap <= R_NEWTON * np.maximum(np.abs(case["coef"]), case["se"])).all(), said
        np.testing.assert_allclose(ours.vcov, case["vcov"], rtol=R_NEWTON, atol=1e-11, err_msg=said)
        naive = np.sqrt(np.diag(ours.naive_vcov))
        np.testing.assert_allclose(naive, case["se"], rtol=R_NEWTON, err_msg=said)
        if case["robust_se"]:
            np.testing.assert_allclose(ours.std_error, case["robust_se"], rtol=R_NEWTON)
        limits = np.column_stack((ours.lower, ours.upper))
        printed = np.column_stack((case["hr_lcl"], case["hr_ucl"]))
        np.testing.assert_allclose(limits, printed, rtol=R_NEWTON, err_msg=said)
        np.testing.assert_allclose(
            [ours.loglik_null, ours.loglik], [case["loglik_null"], case["loglik"]], rtol=1e-10
        )
        for test, key in ((ours.lr_test, "lr_test"), (ours.score_test, "score")):
            assert test.statistic == pytest.approx(case[key]["chisq"], rel=R_NEWTON), said
            assert test.df == case[key]["df"]
        np.testing.assert_allclose(ours.p_value, case["p"], rtol=1e-6, err_msg=said)


def test_covariates_that_change_with_time(shared: Path, golden: dict[str, Any]) -> None:
    case = golden["cox_time_varying"]
    rows = table(shared, case["dataset"])
    X = np.column_stack([values(rows, term) for term in case["terms"]])
    columns = [values(rows, name) for name in ("start", "stop", "event")]
    ours = cox(columns[1], columns[2], X, ties=case["ties"], entry=columns[0])
    np.testing.assert_allclose(ours.coef, case["coef"], rtol=R_NEWTON)
    np.testing.assert_allclose(ours.std_error, case["se"], rtol=R_NEWTON)
    np.testing.assert_allclose([ours.loglik_null, ours.loglik], case["loglik"], rtol=1e-10)
