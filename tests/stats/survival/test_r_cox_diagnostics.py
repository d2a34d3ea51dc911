"""Agreement with the pinned answers of R in validation/r-cox-diagnostics."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.stats.survival import (
    CoxFit,
    baseline_hazard,
    brier_score,
    calibration_slope,
    concordance_of,
    cox,
    decision_curve,
    deviance_residuals,
    dfbeta,
    dfbetas,
    expected_events,
    harrell_c,
    integrated_brier,
    linear_predictor,
    martingale_residuals,
    observed_to_expected,
    predict_survival,
    profile_limits,
    proportionality_test,
    schoenfeld_residuals,
    score_residuals,
    subset_test,
    time_auc,
    uno_c,
)

PINNED = Path(__file__).parents[3] / "validation" / "r-cox-diagnostics" / "reference.json"
CLOSED = 1e-10
# Coefficients, their covariance and standard errors that follow from it.
NEWTON = 1e-8

SETS = ("ties", "continuous", "heavy_censoring")
MODELS = ("plain", "strata", "full", "cluster")
TIES = ("efron", "breslow")
FITS = [(model, ties) for ties in TIES for model in MODELS]
TRANSFORMS = ("km", "rank", "identity", "log")
RESIDUALS = ("martingale", "deviance", "score", "schoenfeld", "scaledsch", "dfbeta", "dfbetas")
CONCORDANCES = (
    "continuous",
    "tied",
    "weighted",
    "strata",
    "entry",
    "truncated",
    "uno",
    "uno_truncated",
    "uno_strata",
)


@cache
def pinned() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PINNED.read_text(encoding="utf-8"))
    return found


@cache
def case(name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(case for case in pinned()["sets"] if case["name"] == name)
    return found


@cache
def column(name: str, key: str) -> np.ndarray:
    return np.asarray(case(name)["data"][key])


@cache
def fitted(name: str, model: str, ties: str) -> CoxFit:
    given: dict[str, Any] = {}
    if model in ("strata", "full"):
        given["strata"] = column(name, "stratum")
    if model == "full":
        given |= {"entry": column(name, "entry"), "offset": column(name, "offset")}
    if model in ("full", "cluster"):
        given["weights"] = column(name, "weight")
    if model == "cluster":
        given["cluster"] = column(name, "cluster")
    return cox(column(name, "time"), column(name, "event"), covariates(name), ties=ties, **given)


def covariates(name: str) -> np.ndarray:
    return np.column_stack([column(name, "x1"), column(name, "x2")])


def answers(name: str, model: str, ties: str) -> dict[str, Any]:
    found: dict[str, Any] = case(name)["fits"][FITS.index((model, ties))]
    return found


def asked_rows(model: str) -> dict[str, Any]:
    rows = pinned()["rows"]
    given: dict[str, Any] = {}
    if model in ("strata", "full"):
        given["stratum"] = np.asarray(rows["stratum"]) - 1
    if model == "full":
        given["offset"] = rows["offset"]
    return {"rows": np.column_stack([rows["x1"], rows["x2"]]), **given}


def same(ours: object, theirs: object, bound: float = CLOSED) -> None:
    found = np.asarray(ours, dtype=np.float64)
    wanted = np.asarray(theirs, dtype=np.float64)
    size = float(np.nanmax(np.abs(wanted), initial=0.0))
    np.testing.assert_allclose(found, wanted, rtol=bound, atol=bound * size / 100)


every_fit = pytest.mark.parametrize(
    ("name", "model", "ties"), [(name, *fit) for name in SETS for fit in FITS]
)
every_set = pytest.mark.parametrize("name", SETS)


def test_the_whole_grid_is_present() -> None:
    assert [case["name"] for case in pinned()["sets"]] == list(SETS)
    for name in SETS:
        assert [(fit["model"], fit["ties"]) for fit in case(name)["fits"]] == FITS
        for fit in case(name)["fits"]:
            assert list(fit["residuals"]) == list(RESIDUALS)
            assert list(fit["proportionality"]) == list(TRANSFORMS)
            assert len(fit["curves"]) == 4
            assert all(len(curve["survival"]) == 4 for curve in fit["curves"])
        assert list(case(name)["profiles"]) == ["efron", "breslow", "exact"]
        assert list(case(name)["agreement"]) == ["tau", *CONCORDANCES]
        assert len(case(name)["score"]["auc"]) == 2
    versions = pinned()["versions"]
    assert (versions["survival"], versions["riskRegression"]) == ("3.5.3", "2022.11.28")


@every_fit
def test_coefficients(name: str, model: str, ties: str) -> None:
    fit, theirs = fitted(name, model, ties), answers(name, model, ties)
    same(fit.coef, theirs["coef"], NEWTON)
    same(fit.vcov, theirs["vcov"], NEWTON)


@every_fit
def test_residuals(name: str, model: str, ties: str) -> None:
    fit, theirs = fitted(name, model, ties), answers(name, model, ties)["residuals"]
    schoenfeld = schoenfeld_residuals(fit)
    ours = {
        "martingale": martingale_residuals(fit),
        "deviance": deviance_residuals(fit),
        "score": score_residuals(fit),
        "schoenfeld": schoenfeld.residual,
        "scaledsch": schoenfeld.scaled,
        "dfbeta": dfbeta(fit),
        "dfbetas": dfbetas(fit),
    }
    assert list(ours) == list(RESIDUALS)
    for kind, values in ours.items():
        same(values, theirs[kind])


@every_fit
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_proportionality(name: str, model: str, ties: str, transform: str) -> None:
    ours = proportionality_test(fitted(name, model, ties), transform=transform)
    theirs = answers(name, model, ties)["proportionality"][transform]
    table = np.asarray(theirs["table"], dtype=np.float64)
    same([*ours.statistic, ours.overall.statistic], table[:, 0])
    same([*ours.df, ours.overall.df], table[:, 1])
    same([*ours.p_value, ours.overall.p_value], table[:, 2])
    same(ours.transformed, theirs["x"])


@every_fit
def test_curves(name: str, model: str, ties: str) -> None:
    fit, theirs = fitted(name, model, ties), answers(name, model, ties)
    for scale in ("log", "log-log", "plain"):
        ours = predict_survival(fit, times=theirs["asked"], conf_type=scale, **asked_rows(model))
        for row, curve in enumerate(theirs["curves"]):
            wanted = np.asarray(curve["survival"])
            same(ours.survival[row], wanted)
            same(ours.cumulative_hazard[row], curve["cumulative"])
            same(ours.std_error[row], curve["std_error"], NEWTON)
            # R gives limits of 1 before the first event on every scale.
            begun = (wanted < 1.0) | (scale != "log-log")
            limits = {key: np.asarray(value) for key, value in curve["limits"][scale].items()}
            same(ours.lower[row][begun], limits["lower"][begun], NEWTON)
            same(ours.upper[row][begun], limits["upper"][begun], NEWTON)


@every_fit
def test_baseline(name: str, model: str, ties: str) -> None:
    ours = baseline_hazard(fitted(name, model, ties), at="zero")
    theirs = answers(name, model, ties)["baseline"]
    assert int(ours.stratum.max()) + 1 == len(theirs)
    for stratum, curve in enumerate(theirs):
        own = ours.stratum == stratum
        same(ours.time[own], curve["time"])
        same(ours.at_risk[own], curve["at_risk"])
        same(ours.events[own], curve["events"])
        same(ours.cumulative_hazard[own], curve["cumulative"])
        same(ours.cumulative_std_error[own], curve["std_error"], NEWTON)


@every_fit
def test_predictions(name: str, model: str, ties: str) -> None:
    fit, theirs = fitted(name, model, ties), answers(name, model, ties)
    rows = asked_rows(model)
    linear = linear_predictor(fit, rows["rows"], reference="zero")
    # R takes the mean offset off, whatever the reference.
    offset = np.asarray(rows.get("offset", 0.0)) - (
        fit.data.offset.mean() if model == "full" else 0.0
    )
    same(linear.value + offset, theirs["lp"])
    same(linear.std_error, theirs["lp_std_error"], NEWTON)
    expected = expected_events(fit, time=theirs["asked"], **rows)
    if model == "full":
        # R adds a new row's offset to the hazard ratio and not to its logarithm: its curves serve.
        own = [(curve["cumulative"][i], curve) for i, curve in enumerate(theirs["curves"])]
        spread = [curve["std_error"][i] / curve["survival"][i] for i, (_, curve) in enumerate(own)]
        same(expected.expected, [value for value, _ in own])
        same(expected.std_error, spread, NEWTON)
    else:
        same(expected.expected, theirs["expected"])
        same(expected.std_error, theirs["expected_std_error"], NEWTON)


@every_fit
def test_concordance_of_models(name: str, model: str, ties: str) -> None:
    ours = concordance_of(fitted(name, model, ties))
    same([ours.c, ours.std_error**2], answers(name, model, ties)["concordance"])


@every_set
@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
def test_profiles(name: str, ties: str) -> None:
    fit = cox(column(name, "time"), column(name, "event"), covariates(name), ties=ties)
    theirs = case(name)["profiles"][ties]
    limits = profile_limits(fit)
    same(np.column_stack([limits.lower, limits.upper]), theirs["limits"], NEWTON)
    ours = subset_test(fit, [1])
    for kind in ("likelihood_ratio", "score", "wald"):
        same(getattr(ours, kind).statistic, theirs["tests"][kind], NEWTON)


@every_set
@pytest.mark.parametrize("kind", CONCORDANCES)
def test_concordance(name: str, kind: str) -> None:
    theirs = case(name)["agreement"]
    estimate = uno_c if kind.startswith("uno") else harrell_c
    given: dict[str, Any] = {}
    if kind in ("weighted", "strata", "entry", "uno_strata"):
        given["weights"] = column(name, "weight")
    if kind in ("strata", "entry", "uno_strata"):
        given["strata"] = column(name, "stratum")
    if kind == "entry":
        given["entry"] = column(name, "entry")
    if kind in ("truncated", "uno_truncated"):
        given["tau"] = theirs["tau"]
    score = column(name, "x1" if kind in ("continuous", "uno_truncated") else "x2")
    ours = estimate(column(name, "time"), column(name, "event"), score, **given)
    same(ours.c, theirs[kind]["c"])
    same(ours.std_error**2, theirs[kind]["variance"])
    counts = (ours.concordant, ours.discordant, ours.tied_score, ours.tied_time, ours.tied_both)
    same(counts, theirs[kind]["counts"])


@every_set
def test_auc_and_brier(name: str) -> None:
    theirs = case(name)["score"]
    time, event, risk = (column(name, key) for key in ("time", "event", "risk"))
    # R was given the risk for the first time and its root for the second.
    risks = np.column_stack([risk, np.sqrt(risk)])
    auc = time_auc(time, event, risks, theirs["times"])
    same(auc.auc, theirs["auc"])
    same(auc.std_error, theirs["auc_std_error"])
    same(auc.lower, theirs["auc_lower"])
    same(auc.upper, theirs["auc_upper"])
    brier = brier_score(time, event, 1.0 - risks, theirs["times"])
    same(brier.score, theirs["brier"])
    same(brier.std_error, theirs["brier_std_error"])
    same(brier.lower, theirs["brier_lower"])
    same(brier.upper, theirs["brier_upper"])
    same(brier.reference, theirs["reference"])


@every_set
def test_integrated_brier(name: str) -> None:
    theirs = case(name)["integrated"]
    survival = np.asarray(theirs["survival"])
    ours = brier_score(column(name, "time"), column(name, "event"), survival, theirs["time"])
    same(ours.score, theirs["error"])
    same(integrated_brier(theirs["time"], ours.score, theirs["end"]), theirs["integrated"])


@every_set
def test_calibration(name: str) -> None:
    theirs = case(name)["calibrated"]
    time, event, risk = (column(name, key) for key in ("time", "event", "risk"))
    survival = 1.0 - np.clip(risk, 0.02, 0.98)
    slope = calibration_slope(time, event, survival)
    same([slope.slope, slope.std_error], theirs["slope"], NEWTON)
    ours = observed_to_expected(event, -np.log(survival) * time / theirs["at"])
    same([ours.intercept, ours.std_error], theirs["large"], NEWTON)
    curve = decision_curve(time, event, risk, theirs["at"], theirs["thresholds"])
    positives = np.asarray(theirs["positives"])
    same(curve.true_positives, positives[:, 0])
    same(curve.false_positives, positives[:, 1])
    odds = np.asarray(theirs["thresholds"]) / (1.0 - np.asarray(theirs["thresholds"]))
    same(curve.net_benefit, positives[:, 0] - positives[:, 1] * odds)
