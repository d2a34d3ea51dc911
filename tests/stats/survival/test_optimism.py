"""Bootstrap optimism: each resample by the estimators of one sample, and what they add up to."""

from __future__ import annotations

import numpy as np
import pytest

from hepatica.errors import InputError
from hepatica.stats.survival import (
    CoxStatus,
    CoxValidation,
    brier_score,
    calibration_slope,
    cox,
    cox_batch,
    harrell_c,
    predict_survival,
    resample_weights,
    time_auc,
    uno_c,
    validate_cox,
)
from hepatica.stats.survival._resample_splines import basis

AT = np.array([6.0, 14.0])


def sample(n: int, seed: int, *, coarse: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.stack((rng.integers(0, 3, n), rng.normal(size=n).round(1 if coarse else 6)), axis=1)
    hazard = np.exp(0.4 * x[:, 0] - 0.5 * x[:, 1])
    time, censored = rng.exponential(14.0 / hazard), rng.uniform(4.0, 40.0, n)
    event = time <= censored
    seen = np.minimum(time, censored)
    return (np.ceil(seen) if coarse else seen), event, x


@pytest.fixture(scope="module", params=[True, False], ids=["ties", "no ties"])
def case(request: pytest.FixtureRequest) -> tuple[CoxValidation, tuple[np.ndarray, ...]]:
    time, event, x = sample(90, 3, coarse=request.param)
    drawn = np.random.default_rng(5).integers(0, 90, (12, 90))
    found = validate_cox(time, event, x, AT, resample_weights(drawn, 90))
    return found, (time, event, x, drawn)


def measures(
    model: tuple[np.ndarray, np.ndarray, np.ndarray], data: tuple[np.ndarray, ...]
) -> dict[str, np.ndarray]:
    """Judge the model of one data set in another, by the estimators of one sample."""
    fit = cox(*model)
    time, event, x = data
    score = x @ fit.coef
    survival = predict_survival(fit, x, times=AT).survival
    brier = brier_score(time, event, survival, AT)
    link = np.log(-np.log(survival[:, :1]))
    columns = basis(link.T, np.quantile(link, [0.1, 0.5, 0.9])[None, :])[0]
    smooth = cox(time, event, columns)
    observed = predict_survival(smooth, columns, times=AT).survival
    return {
        "concordance": np.array([harrell_c(time, event, score).c]),
        "concordance_uno": np.array([uno_c(time, event, score, tau=AT[-1]).c]),
        "slope": np.array([calibration_slope(time, event, survival[:, 0]).slope]),
        "auc": time_auc(time, event, score, AT).auc,
        "brier": brier.score,
        "accuracy": brier.accuracy,
        "calibration_error": np.abs(observed - survival).mean(axis=0),
    }


def test_each_resample_is_judged_as_one_sample_is(
    case: tuple[CoxValidation, tuple[np.ndarray, ...]],
) -> None:
    found, (time, event, x, drawn) = case
    whole = (time, event, x)
    for name, value in measures(whole, whole).items():
        assert getattr(found, name).apparent == pytest.approx(value, rel=1e-10), name
    for place, rows in enumerate(drawn[:6]):
        own = (time[rows], event[rows], x[rows])
        for name, value in measures(own, own).items():
            assert getattr(found, name).training[place] == pytest.approx(value, rel=1e-9), name
        for name, value in measures(own, whole).items():
            assert getattr(found, name).test[place] == pytest.approx(value, rel=1e-9), name


def test_optimism_is_training_less_test(
    case: tuple[CoxValidation, tuple[np.ndarray, ...]],
) -> None:
    found, _ = case
    for name in ("concordance", "auc", "brier", "slope", "calibration_error"):
        one = getattr(found, name)
        assert one.optimism == pytest.approx((one.training - one.test).mean(axis=0))
        assert one.corrected == pytest.approx(one.apparent - one.optimism)
    assert found.concordance.optimism[0] > 0
    assert found.slope.corrected[0] < 1
    assert found.slope.apparent.tolist() == [1.0]


def test_the_sample_itself_has_no_optimism() -> None:
    time, event, x = sample(40, 8, coarse=True)
    found = validate_cox(time, event, x, AT, np.ones((3, 40), dtype=np.int64))
    for name in ("concordance", "concordance_uno", "auc", "brier", "accuracy"):
        assert getattr(found, name).optimism == pytest.approx(0.0, abs=1e-12), name
    assert found.observed_corrected == pytest.approx(found.observed, abs=1e-12)


def test_the_order_of_subjects_does_not_matter() -> None:
    time, event, x = sample(60, 2, coarse=True)
    weights = resample_weights(np.random.default_rng(1).integers(0, 60, (20, 60)), 60)
    turn = np.random.default_rng(2).permutation(60)
    one = validate_cox(time, event, x, AT, weights)
    other = validate_cox(time[turn], event[turn], x[turn], AT, weights[:, turn])
    for name in ("concordance", "auc", "brier", "slope", "calibration_error"):
        left, right = getattr(one, name).corrected, getattr(other, name).corrected
        assert left == pytest.approx(right, rel=1e-9), name


def test_blocks_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    time, event, x = sample(50, 4, coarse=False)
    weights = resample_weights(np.random.default_rng(1).integers(0, 50, (30, 50)), 50)
    whole = validate_cox(time, event, x, AT, weights)
    monkeypatch.setattr("hepatica.stats.survival.optimism._BLOCK", 1)
    single = validate_cox(time, event, x, AT, weights)
    assert whole.auc.test == pytest.approx(single.auc.test, rel=1e-12)
    assert whole.slope.test == pytest.approx(single.slope.test, rel=1e-9)


def test_a_resample_without_a_model_is_left_out_and_shown() -> None:
    time = np.arange(1.0, 13.0)
    event = np.array([1, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1], dtype=bool)
    x = np.array([1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0], dtype=float)
    constant = np.where(x == 0, 2, 0)
    weights = np.stack((np.ones(12, dtype=np.int64), constant))
    found = validate_cox(time, event, x, [6.0], weights)
    assert found.status.tolist() == [CoxStatus.FITTED, CoxStatus.DEPENDENT_COLUMNS]
    assert found.concordance.used.tolist() == [1]
    assert np.isnan(found.auc.training[1]).all()


def test_without_any_model_there_is_no_optimism() -> None:
    time = np.arange(1.0, 7.0)
    x = np.array([1.0, 0, 1, 0, 1, 0])
    with pytest.raises(InputError, match="fewer covariates"):
        validate_cox(time, np.ones(6, dtype=bool), x, [3.0], [[6, 0, 0, 0, 0, 0]])


def test_the_slope_of_a_batch_of_data_sets() -> None:
    time, event, x = sample(70, 9, coarse=True)
    drawn = np.random.default_rng(3).integers(0, 70, (4, 70))
    found = validate_cox(time, event, x, AT, resample_weights(drawn, 70))
    coef = np.stack([cox(time[one], event[one], x[one]).coef for one in drawn])
    batch = cox_batch(np.tile(time, (4, 1)), np.tile(event, (4, 1)), coef @ x.T)
    assert found.slope.test[:, 0] == pytest.approx(batch.coef[:, 0], rel=1e-8)
