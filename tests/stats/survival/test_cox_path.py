"""Penalised paths: by algebra, by their optimality conditions, against glmnet and ridge of R."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.survival import CoxPath, cox, cox_path, validate_cox_path
from hepatica.stats.survival._cox_input import middle
from hepatica.stats.survival._partial_likelihood import PartialLikelihood

PINNED = Path(__file__).parents[3] / "validation" / "r-cox-path" / "reference.json"
NARROW = ("continuous", "ties")


@cache
def pinned() -> dict[str, Any]:
    return json.loads(PINNED.read_text(encoding="utf-8"))


def case(name: str) -> dict[str, Any]:
    return next(case for case in pinned()["cases"] if case["name"] == name)


def path_of(data: dict[str, Any], fit: dict[str, Any], **more: Any) -> CoxPath:
    options = {"strata": data["stratum"]} if fit["strata"] else {}
    options |= {"weights": data["weight"]} if fit["weights"] else {}
    X = np.array(data["x"])
    return cox_path(
        data["time"], data["event"], X, share=fit["alpha"], ties="breslow", **options, **more
    )


def test_the_whole_grid_is_present() -> None:
    assert [case["name"] for case in pinned()["cases"]] == [*NARROW, "wide"]
    shares = [(1, False, False), (0.5, False, False), (0, False, False)]
    more = [(0.7, True, False), (1, False, True), (1, True, True)]
    for name in (*NARROW, "wide"):
        found = [(fit["alpha"], fit["strata"], fit["weights"]) for fit in case(name)["fits"]]
        assert found == (shares + more if name in NARROW else shares)
        assert all(len(fit["strength"]) == 8 for fit in case(name)["fits"])
        assert (case(name)["validation"] is not None) == (name in NARROW)
        assert len(case(name)["ridge"] or []) == (6 if name in NARROW else 0)


def optimal(path: CoxPath) -> float:
    """Return how far the path is from the conditions that only the maximum fulfils."""
    data = path.data
    likelihood = PartialLikelihood(data, middle(data.X), path.ties)
    total = data.weights.sum() if len(data.weights) else len(data.time)
    worst = 0.0
    for strength, coef in zip(path.strength, path.coef, strict=True):
        slope = likelihood.slope(coef)[1] / total / path.scale
        unit = coef * path.scale
        slope -= strength * (1 - path.share) * unit
        lasso = strength * path.share
        off = np.where(
            unit == 0, np.maximum(np.abs(slope) - lasso, 0), slope - lasso * np.sign(unit)
        )
        worst = max(worst, float(np.abs(off).max()))
    return worst


@pytest.mark.parametrize("name", [*NARROW, "wide"])
def test_glmnet(name: str) -> None:
    data = case(name)["data"]
    for theirs in case(name)["fits"]:
        ours = path_of(data, theirs, strength=theirs["strength"])
        assert ours.converged.all()
        assert optimal(ours) < 1e-13
        # glmnet's stratified models take another way and stop earlier; and it is less exact where
        # there are more columns than rows. That ours is the maximum is shown above.
        bound = 2e-5 if theirs["strata"] else 1e-6 if name == "wide" else 1e-8
        np.testing.assert_allclose(ours.coef, theirs["coef"], atol=bound)
        assert ours.n_nonzero.tolist() == np.count_nonzero(theirs["coef"], axis=1).tolist()
        first = path_of(data, theirs).strength[0]
        assert first == pytest.approx(theirs["first"], rel=1e-12)


@pytest.mark.parametrize("name", NARROW)
def test_cross_validation_of_glmnet(name: str) -> None:
    data, theirs = case(name)["data"], case(name)["validation"]
    path = cox_path(
        data["time"],
        data["event"],
        np.array(data["x"]),
        strength=theirs["strength"],
        ties="breslow",
    )
    ours = validate_cox_path(path, data["fold"])
    np.testing.assert_allclose(ours.deviance, theirs["deviance"], rtol=1e-8)
    np.testing.assert_allclose(ours.std_error, theirs["std_error"], rtol=1e-8)
    assert path.strength[ours.best] == pytest.approx(theirs["best"])
    assert path.strength[ours.sparing] == pytest.approx(theirs["sparing"])


@pytest.mark.parametrize("name", NARROW)
def test_ridge_of_survival(name: str) -> None:
    data = case(name)["data"]
    X = np.array(data["x"])[:, :4]
    for theirs in case(name)["ridge"]:
        ours = cox_path(
            data["time"],
            data["event"],
            X,
            share=0,
            strength=[theirs["theta"] / len(X)],
            standardise=False,
            ties=theirs["ties"],
        )
        np.testing.assert_allclose(ours.coef[0], theirs["coef"], rtol=1e-8)


def test_ridge_by_hand() -> None:
    # One event among two: 1 / (1 + r) = 2 k b with b = log r; k chosen so that r = e.
    strength = 1 / (1 + math.e) / 2
    path = cox_path([1, 2], [1, 0], [1, 0], share=0, strength=[strength], standardise=False)
    assert path.coef[0, 0] == pytest.approx(1, rel=1e-12)


def test_lasso_by_hand() -> None:
    # 1 / (1 + r) = 2 k has r = 1 / (2 k) - 1.
    path = cox_path([1, 2], [1, 0], [1, 0], strength=[0.3, 0.1, 0.2], standardise=False)
    np.testing.assert_allclose(path.coef[:, 0], [0, math.log(1.5), math.log(4)], atol=1e-12)
    assert path.strength.tolist() == [0.3, 0.2, 0.1]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_a_weak_penalty_leaves_the_fit(ties: str, share: float) -> None:
    rng = np.random.default_rng(9)
    X = rng.normal(size=(150, 4)) * [1, 10, 0.1, 3]
    time = np.ceil(rng.exponential(np.exp(-0.5 * X[:, 0])) * 9)
    event, entry = rng.random(150) < 0.7, -rng.random(150)
    path = cox_path(time, event, X, ties=ties, share=share, strength=[1e-11], entry=entry)
    np.testing.assert_allclose(path.coef[0], cox(time, event, X, ties=ties).coef, rtol=1e-6)
    whole = cox_path(time, event, X, ties=ties, share=share)
    assert optimal(whole) < 1e-12
    assert (np.diff(whole.loglik) >= -1e-10).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 1.5}, "share must lie between 0"),
        ({"strength": [0.1, 0.0]}, "strength must be above 0"),
        ({"ties": "exact"}, "ties must be one of efron, breslow"),
        ({"X": [1, 1, 1, 1]}, "Column 0 of X is the same for all subjects"),
    ],
)
def test_refused(options: dict[str, Any], message: str) -> None:
    rows = {"time": [1, 2, 3, 4], "event": [1, 1, 0, 1], "X": [0, 1, 1, 0]}
    with pytest.raises(InputError, match=message):
        cox_path(**rows | options)


def test_refused_folds() -> None:
    path = cox_path([1, 2, 3, 4], [1, 1, 0, 1], [0, 1, 1, 0], strength=[0.1])
    with pytest.raises(InputError, match="folds must be at least 3; there are 2"):
        validate_cox_path(path, [0, 1, 0, 1])
    with pytest.raises(InputError, match="Each fold needs an event"):
        validate_cox_path(path, [0, 1, 2, 1])
