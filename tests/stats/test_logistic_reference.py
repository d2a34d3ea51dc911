"""Logistic models beside R's glm and beside Firth's penalty in R, on the data of the reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.logistic import logistic
from hepatica.stats.logistic_firth import logistic_firth
from hepatica.stats.roc import roc

PINNED = json.loads(
    (Path(__file__).parents[2] / "validation" / "r-models" / "reference.json").read_text("utf-8")
)
CLOSED = 1e-10
NEWTON = 1e-8
#: The reference finds the rest of the coefficients by a general routine.
SOUGHT = 1e-7

LEVELS = {"arm": ["A", "B"], "sex": ["Male", "Female"], "ecog": ["0", "1", "2"]}


def columns(rows: list[dict[str, Any]], names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns of R's model matrix without the intercept, and who is complete."""
    parts = []
    known = np.array([all(row.get(name) is not None for name in names) for row in rows])
    kept = [row for row, yes in zip(rows, known, strict=True) if yes]
    for name in names:
        if name in LEVELS:
            parts += [
                np.array([float(row[name] == level) for row in kept]) for level in LEVELS[name][1:]
            ]
        else:
            parts.append(np.array([float(row[name]) for row in kept]))
    return np.stack(parts, axis=1), known


def events(rows: list[dict[str, Any]], known: np.ndarray, name: str) -> np.ndarray:
    return np.array([row[name] for row in rows])[known].astype(int)


MODELS = {**PINNED["logistic"]["univariable"], "all": PINNED["logistic"]["all"]}


@pytest.mark.parametrize("name", list(MODELS))
def test_a_logistic_model_is_that_of_glm(name: str) -> None:
    wanted, rows = MODELS[name], PINNED["patients"]
    names = ["arm", "age", "sex", "ecog", "afp"] if name == "all" else [name]
    x, known = columns(rows, names)
    event = events(rows, known, "response")
    fit = logistic(event, x)
    assert (fit.n, fit.n_events) == (wanted["n"], wanted["events"])
    np.testing.assert_allclose(fit.intercept, wanted["intercept"], rtol=NEWTON)
    np.testing.assert_allclose(fit.coef, np.atleast_1d(wanted["coef"]), rtol=NEWTON)
    np.testing.assert_allclose(fit.std_error, np.atleast_1d(wanted["std_error"]), rtol=NEWTON)
    np.testing.assert_allclose(fit.lower, np.atleast_1d(wanted["lower"]), rtol=NEWTON)
    np.testing.assert_allclose(fit.upper, np.atleast_1d(wanted["upper"]), rtol=NEWTON)
    np.testing.assert_allclose(fit.loglik, wanted["loglik"], rtol=CLOSED)
    np.testing.assert_allclose(fit.lr_test.statistic, wanted["lr"]["statistic"], rtol=NEWTON)
    np.testing.assert_allclose(fit.lr_test.p_value, wanted["lr"]["p"], rtol=NEWTON)
    np.testing.assert_allclose(fit.score_test.statistic, wanted["score"], rtol=NEWTON)
    np.testing.assert_allclose(roc(fit.probability, event).auc, wanted["auc"], rtol=CLOSED)


def test_weights_count_subjects() -> None:
    rows = PINNED["patients"]
    x, known = columns(rows, ["ecog"])
    event = events(rows, known, "response")
    cells, n = np.unique(np.column_stack([x, event]), axis=0, return_counts=True)
    counted = logistic(cells[:, -1], cells[:, :-1], weights=n)
    single = logistic(event, x)
    np.testing.assert_allclose(counted.coef, single.coef, rtol=CLOSED)
    np.testing.assert_allclose(counted.vcov, single.vcov, rtol=CLOSED)
    np.testing.assert_allclose(counted.loglik_null, single.loglik_null, rtol=CLOSED)


def firth_cases() -> dict[str, tuple[np.ndarray, np.ndarray, dict[str, Any]]]:
    rows, apart = PINNED["patients"], PINNED["separated"]["data"]
    all_of, known = columns(rows, ["arm", "age", "sex", "ecog", "afp"])
    some, complete = columns(apart, ["ecog", "arm", "age"])
    cancer = PINNED["endometrial"]["data"]
    own = np.array([[row[name] for name in ("NV", "PI", "EH")] for row in cancer], dtype=float)
    return {
        "patients": (all_of, events(rows, known, "response"), PINNED["logistic"]["firth"]),
        "separated": (some, events(apart, complete, "response"), PINNED["separated"]["firth"]),
        "endometrial": (
            own,
            np.array([row["HG"] for row in cancer]),
            PINNED["endometrial"]["firth"],
        ),
    }


@pytest.mark.parametrize("name", ["patients", "separated", "endometrial"])
def test_firths_penalty_is_that_of_r(name: str) -> None:
    x, event, wanted = firth_cases()[name]
    fit = logistic_firth(event, x)
    assert fit.converged
    np.testing.assert_allclose(fit.intercept, wanted["intercept"], rtol=NEWTON)
    np.testing.assert_allclose(fit.coef, wanted["coef"], rtol=NEWTON)
    np.testing.assert_allclose(
        np.append(fit.intercept, fit.coef), wanted["brglm2"], rtol=SOUGHT, atol=1e-9
    )
    np.testing.assert_allclose(fit.std_error, wanted["std_error"], rtol=NEWTON)
    np.testing.assert_allclose(fit.loglik, wanted["loglik"], rtol=CLOSED)
    np.testing.assert_allclose(np.log(fit.lower), wanted["lower"], rtol=SOUGHT)
    np.testing.assert_allclose(np.log(fit.upper), wanted["upper"], rtol=SOUGHT)
    np.testing.assert_allclose(fit.statistic, wanted["statistic"], rtol=SOUGHT)
    np.testing.assert_allclose(fit.p_value, wanted["p"], rtol=SOUGHT)
    np.testing.assert_allclose(fit.lr_test.statistic, wanted["lr"]["statistic"], rtol=SOUGHT)


def test_firths_penalty_gives_what_heinze_and_schemper_printed() -> None:
    # The example of Stat Med 2002;21:2409: endometrial cancer, where neovascularisation separates.
    x, event, _ = firth_cases()["endometrial"]
    fit = logistic_firth(event, x)
    assert fit.coef.round(2).tolist() == [2.93, -0.03, -2.60]
    assert np.log(fit.lower).round(2).tolist() == [0.61, -0.12, -4.37]
    assert np.log(fit.upper).round(2).tolist() == [7.85, 0.04, -1.23]
