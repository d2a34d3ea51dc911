"""Predictions from a proportional hazards model.

Sources: Tsiatis, Ann Stat 1981;9:93; Link, Biometrics 1984;40:601 (variance and limits of predicted
survival); Therneau and Grambsch, Modeling Survival Data, Springer 2000, chapter 10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._cox_steps import hazard_steps
from hepatica.stats.survival._limits import CONF_TYPES, pointwise_limits
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.cox import CoxFit
from hepatica.stats.survival.cox_baseline import HazardCurve
from hepatica.stats.survival.cox_contrast import covariate_rows


@dataclass(frozen=True, slots=True, eq=False)
class PredictedSurvival:
    """Predicted survival of k covariate rows at t times; NaN past the stratum's last follow-up.

    Attributes
    ----------
    time : float array (t,)
        Times.
    survival, std_error, lower, upper : float array (k, t)
        Probability of being without event after the time, its standard error and limits.
    cumulative_hazard, cumulative_std_error : float array (k, t)
        Cumulative hazard and its standard error, which is also that of the logarithm of survival.
    conf_type, conf_level
        As given.
    """

    time: FloatArray
    survival: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    cumulative_hazard: FloatArray
    cumulative_std_error: FloatArray
    conf_type: str
    conf_level: float


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedEvents:
    """Expected events of k rows over their follow-up.

    Attributes
    ----------
    expected, std_error : float array (k,)
        Cumulative hazard gathered, and its standard error; NaN where follow-up is longer than
        any of the stratum in the fit.
    """

    expected: FloatArray
    std_error: FloatArray


def predict_survival(
    fit: CoxFit,
    rows: npt.ArrayLike,
    *,
    times: npt.ArrayLike | None = None,
    stratum: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    conf_type: str = "log-log",
    conf_level: float = 0.95,
) -> PredictedSurvival:
    """Predict survival curves of covariate rows.

    Parameters
    ----------
    fit : CoxFit
        A model with p covariates.
    rows : array (k, p), or (k,) if p is 1
        Covariates, in the units of the fit.
    times : array (t,), optional
        Times to predict at; without it, every event time of the fit, rising.
    stratum : array (k,), optional
        Position of each row's stratum (from 0, in the order of the strata's codes); needed if the
        fit has more than one.
    offset : array (k,), optional
        Offset of each row; 0 without it.
    conf_type : {"log-log", "log", "plain", "logit", "arcsine", "rothman-wilson"}
        Scale of the limits.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If rows, times or strata do not fit the model, or it has exact ties.

    Notes
    -----
    Survival is exp(-cumulative hazard), never the product of one less the jumps. The variance is
    that of the fit: robust where the fit's is.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> fit = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
    >>> predict_survival(fit, [0, 1], times=[0, 2, 4]).survival.round(4).tolist()
    [[1.0, 0.3679, nan], [1.0, 0.4931, nan]]
    """
    _checks.check_option("conf_type", conf_type, CONF_TYPES)
    _checks.check_conf_level(conf_level)
    covariates = covariate_rows(fit, rows, "rows")
    position = _strata(fit, stratum, len(covariates))
    shift = _per_row("offset", offset, len(covariates))
    steps = hazard_steps(fit)
    curve = HazardCurve(fit, steps)
    when = np.unique(steps.time) if times is None else _times("times", times)
    cumulative = np.full((len(covariates), len(when)), np.nan)
    variance = np.full_like(cumulative, np.nan)
    for one in np.unique(position):
        own = np.flatnonzero(position == one)
        seen = np.flatnonzero(when <= _last_follow_up(fit)[one] * (1.0 + SAME_TIME))
        slot = curve.slots(int(one), when[seen])
        found = curve.at(covariates[own] - steps.centre, shift[own], slot)
        cumulative[np.ix_(own, seen)], variance[np.ix_(own, seen)] = found
    log_std_error = np.sqrt(variance)
    survival = np.exp(-cumulative)
    z = float(ndtri(0.5 + conf_level / 2.0))
    lower, upper = _limits(survival, log_std_error, z, conf_type)
    return PredictedSurvival(
        time=freeze(when.copy()),
        survival=freeze(survival),
        std_error=freeze(survival * log_std_error),
        lower=freeze(lower),
        upper=freeze(upper),
        cumulative_hazard=freeze(cumulative),
        cumulative_std_error=freeze(log_std_error),
        conf_type=conf_type,
        conf_level=float(conf_level),
    )


def expected_events(
    fit: CoxFit,
    rows: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    entry: npt.ArrayLike | None = None,
    stratum: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
) -> ExpectedEvents:
    """Return the events expected of covariate rows that are followed from `entry` to `time`.

    Parameters
    ----------
    rows : array (k, p), or (k,) if p is 1
        Covariates, in the units of the fit.
    time, entry : array (k,)
        End and start of each row's follow-up; without `entry`, from 0.
    stratum, offset : array (k,), optional
        As in `predict_survival`.

    Notes
    -----
    With Efron's ties, a row of the fit that shares its event time counts all of that time's jump
    here and only part of it in `martingale_residuals`.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> fit = cox([1, 2, 3], [1, 1, 1], [1, 0, 1])
    >>> expected_events(fit, [1, 0, 1], [1, 2, 3]).expected.round(4).tolist()
    [0.2929, 1.0, 1.7071]
    """
    covariates = covariate_rows(fit, rows, "rows")
    n = len(covariates)
    position = _strata(fit, stratum, n)
    shift = _per_row("offset", offset, n)
    when = _times("time", time)
    begins = np.zeros(n) if entry is None else _times("entry", entry)
    for name, values in (("time", when), ("entry", begins)):
        if len(values) != n:
            raise InputError(f"{name} must have one value for each row: {n}; it has {len(values)}.")
    if (begins > when).any():
        raise InputError("entry must not lie after time.")
    steps = hazard_steps(fit)
    curve = HazardCurve(fit, steps)
    expected = np.full(n, np.nan)
    variance = np.full(n, np.nan)
    last = _last_follow_up(fit)
    for one in np.unique(position):
        own = np.flatnonzero((position == one) & (when <= last[one] * (1.0 + SAME_TIME)))
        slot = curve.slots(int(one), when[own])[:, None]
        first = curve.slots(int(one), begins[own])[:, None]
        found = curve.at(covariates[own] - steps.centre, shift[own], slot, first)
        expected[own], variance[own] = found[0][:, 0], found[1][:, 0]
    return ExpectedEvents(expected=freeze(expected), std_error=freeze(np.sqrt(variance)))


def _limits(
    survival: FloatArray, log_std_error: FloatArray, z: float, conf_type: str
) -> tuple[FloatArray, FloatArray]:
    """Return limits of a table of probabilities, NaN where those are."""
    order = np.argsort(-survival, axis=None)
    # `pointwise_limits` wants a falling curve; NaN is sorted last.
    order = order[: np.count_nonzero(~np.isnan(survival))]
    lower, upper = np.full(survival.shape, np.nan), np.full(survival.shape, np.nan)
    if len(order):
        values, spread = survival.ravel()[order], log_std_error.ravel()[order]
        lower.flat[order], upper.flat[order] = pointwise_limits(values, spread, z, conf_type)
    return lower, upper


def _times(name: str, values: npt.ArrayLike) -> FloatArray:
    array = _checks.numbers(name, values).astype(np.float64)
    if array.min() < 0.0:
        raise InputError(f"{name} must not be negative.")
    return array


def _per_row(name: str, values: npt.ArrayLike | None, n: int) -> FloatArray:
    if values is None:
        return np.zeros(n)
    array = _checks.numbers(name, values).astype(np.float64)
    if len(array) != n:
        raise InputError(f"{name} must have one value for each row: {n}; it has {len(array)}.")
    return array


def _strata(fit: CoxFit, stratum: npt.ArrayLike | None, n: int) -> IntArray:
    k = int(fit.data.stratum.max()) + 1
    if stratum is None:
        if k > 1:
            raise InputError(f"The fit has {k} strata; say with stratum which each row belongs to.")
        return np.zeros(n, dtype=np.int64)
    array = _checks.numbers("stratum", stratum)
    if len(array) != n:
        raise InputError(f"stratum must have one value for each row: {n}; it has {len(array)}.")
    refusal = f"stratum must hold positions of strata, 0 to {k - 1}."
    whole = _checks.whole(array, refusal)
    if whole.min() < 0 or whole.max() >= k:
        raise InputError(refusal)
    return whole


def _last_follow_up(fit: CoxFit) -> FloatArray:
    last = np.zeros(int(fit.data.stratum.max()) + 1)
    np.maximum.at(last, fit.data.stratum, fit.data.time)
    return last
