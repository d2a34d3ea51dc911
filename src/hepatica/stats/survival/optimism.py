"""Optimism of a prognostic model by bootstrap: how much worse it will do in new patients.

Sources: Efron, J Am Stat Assoc 1983;78:316; Harrell, Lee and Mark, Stat Med 1996;15:361 (the model
is fitted again in each resample; its optimism is how much better it does there than in the whole
sample); Harrell, Califf, Pryor, Lee and Rosati, JAMA 1982;247:2543; Uno et al., Stat Med
2011;30:1105; Uno et al., J Am Stat Assoc 2007;102:527; Graf et al., Stat Med 1999;18:2529; Kattan
and Gerds, Diagn Progn Res 2018;2:7; Austin, Harrell and van Klaveren, Stat Med 2020;39:2714.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._cox_input import covariates
from hepatica.stats.survival._model_performance import Judged, judges_of
from hepatica.stats.survival.batch import _whole_weights
from hepatica.stats.survival.censoring_weights import horizon
from hepatica.stats.survival.cox import cox
from hepatica.stats.survival.cox_batch import BATCH_TIES, CoxStatus, cox_bootstrap

#: Values of an array of one block: what the caches hold.
_BLOCK = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """A measure of a model with its optimism; arrays are read-only.

    Attributes
    ----------
    apparent : float array (k,)
        In the sample that fitted the model, at each of k times; k is 1 where no time is meant.
    optimism : float array (k,)
        Mean of training less test.
    corrected : float array (k,)
        Apparent less optimism.
    training, test : float array (r, k)
        Of each resample's model in the resample, and in the whole sample; NaN without a model, or
        where the resample cannot tell.
    used : int array (k,)
        Resamples that could tell.
    """

    apparent: FloatArray
    optimism: FloatArray
    corrected: FloatArray
    training: FloatArray
    test: FloatArray
    used: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class CoxValidation:
    """Discrimination and calibration of a proportional hazards model, corrected for optimism.

    Attributes
    ----------
    at : float array (t,)
        Times.
    concordance, concordance_uno : Corrected
        Harrell's concordance, and Uno's up to `tau`.
    slope : Corrected
        Calibration slope; the corrected one is the factor of uniform shrinkage.
    auc, brier, accuracy, calibration_error : Corrected
        At each time: area under the time-dependent receiver operating characteristic, Brier score,
        index of prediction accuracy (1 less Brier score over that of Kaplan-Meier), and integrated
        calibration index (mean distance of smoothed observed from predicted risk).
    predicted : float array (t, g)
        Predicted survival, a grid from the 2nd to the 98th percentile of the sample.
    observed : float array (t, g)
        Observed survival there, smoothed.
    observed_corrected : float array (t, g)
        The same corrected for optimism.
    tau : float
        Truncation of Uno's concordance.
    status : int array (r,)
        What became of each resample's model, a `CoxStatus`.
    ties : str
        As given.
    """

    at: FloatArray
    concordance: Corrected
    concordance_uno: Corrected
    slope: Corrected
    auc: Corrected
    brier: Corrected
    accuracy: Corrected
    calibration_error: Corrected
    predicted: FloatArray
    observed: FloatArray
    observed_corrected: FloatArray
    tau: float
    status: IntArray
    ties: str


def validate_cox(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    at: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    tau: float | None = None,
    ties: str = "efron",
    grid: int = 41,
) -> CoxValidation:
    """Correct discrimination and calibration of a proportional hazards model for optimism.

    Parameters
    ----------
    time, event : array (n,)
        As in `cox`.
    X : array (n, p) or (n,)
        Covariates.
    at : array (t,)
        Times of predictions, each before the last follow-up.
    weights : int array (r, n)
        How often each subject is in each resample, as `resample_weights` counts it.
    tau : float, optional
        Truncation of Uno's concordance; the last of `at` without it.
    ties : {"efron", "breslow"}
        Handling of tied event times.
    grid : int
        Points of the calibration curves.

    Raises
    ------
    NoFiniteEstimateError, InputError
        As in `cox`, if nobody is followed past a time, or no resample has a model.

    Notes
    -----
    Each resample is a data set in which a subject drawn twice is two subjects: its own censoring
    curve, its own baseline hazard, its own knots. A resample whose model has no estimate is left
    out and shown in `status`.

    Examples
    --------
    >>> time, event = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 1, 0, 1, 1, 1, 0, 1, 1, 0]
    >>> X = [3, 1, 2, 0, 2, 1, 3, 0, 1, 0]
    >>> drawn = [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [2, 0, 1, 1, 0, 2, 1, 1, 0, 2]]
    >>> found = validate_cox(time, event, X, [4], drawn)
    >>> found.concordance.apparent.round(4).tolist(), found.status.tolist()
    ([0.6143], [0, 0])
    >>> found.concordance.training.round(4).ravel().tolist()
    [0.6143, 0.7344]
    """
    _checks.check_option("ties", ties, BATCH_TIES)
    times = _checks.times(time).astype(np.float64, copy=False)
    n = len(times)
    flags = _checks.events(event, n)
    x = covariates(X, n)
    when = _checks.numbers("at", at).astype(np.float64)
    for one in when:
        horizon(times, float(one))
    last = float(when.max()) if tau is None else _checks.number("tau", tau)
    counts = _whole_weights(weights, n)
    fit = cox(times, flags, x, ties=ties)
    judges = judges_of(times, flags, x, when, last, ties)
    whole = np.ones((1, n), dtype=np.int64)
    predicted = judges.grid(fit.coef, _checks.count("grid", grid))
    apparent, _ = judges.judge(fit.coef[None, :], whole, predicted)
    models = cox_bootstrap(times, flags, x, counts, ties=ties)
    fitted = np.flatnonzero(models.status == CoxStatus.FITTED)
    if not len(fitted):
        raise InputError(
            "No resample has a model with finite estimates, so that optimism cannot be told. Use "
            "fewer covariates."
        )
    size = max(1, _BLOCK // n)
    blocks = [fitted[start : start + size] for start in range(0, len(fitted), size)]
    found = [judges.judge(models.coef[one], counts[one], predicted) for one in blocks]
    training = Judged.joined([one for one, _ in found], fitted, len(counts))
    test = Judged.joined([one for _, one in found], fitted, len(counts))
    curve = apparent.curve[0]
    lifted = _mean(training.curve - test.curve)[0]
    values = {
        name: _corrected(getattr(apparent, name)[0], getattr(training, name), getattr(test, name))
        for name in Judged.MEASURES
    }
    return CoxValidation(
        at=freeze(when.copy()),
        **values,
        predicted=freeze(predicted),
        observed=freeze(curve.copy()),
        observed_corrected=freeze(np.clip(curve - lifted, 0.0, 1.0)),
        tau=last,
        status=models.status,
        ties=ties,
    )


def _corrected(apparent: FloatArray, training: FloatArray, test: FloatArray) -> Corrected:
    optimism, used = _mean(training - test)
    return Corrected(
        apparent=freeze(apparent.copy()),
        optimism=freeze(optimism),
        corrected=freeze(apparent - optimism),
        training=freeze(training),
        test=freeze(test),
        used=freeze(used),
    )


def _mean(values: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return means over the first axis of what is known, and how many are."""
    known = np.isfinite(values)
    used = np.count_nonzero(known, axis=0)
    sums = np.where(known, values, 0.0).sum(axis=0)
    return np.divide(sums, used, out=np.full(sums.shape, np.nan), where=used > 0), used
