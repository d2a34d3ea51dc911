"""One kernel behind `pool` and `pool_batch`: from checked studies to every figure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta._moments import Sums, sums
from hepatica.stats.meta._studies import Studies
from hepatica.stats.meta.tau2 import ESTIMATORS, Tau2

CI = ("wald", "t", "hartung-knapp", "hartung-knapp-floor")
PREDICTION = ("z", "t(k-1)", "t(k-2)")
METHODS = tuple(ESTIMATORS)
#: Squared residuals below this share of squared estimates are rounding: the studies are identical.
NO_SPREAD = 1e-26


@dataclass(frozen=True, slots=True)
class Fit:
    """Arrays (o,) of one run of the kernel; `weights` is (o, k)."""

    k: IntArray
    estimate: FloatArray
    std_error: FloatArray
    reference_df: FloatArray  # infinite: normal
    lower: FloatArray
    upper: FloatArray
    tau2: FloatArray
    tau2_std_error: FloatArray
    q: FloatArray
    typical: FloatArray
    prediction_lower: FloatArray
    prediction_upper: FloatArray
    weights: FloatArray
    iterations: IntArray
    status: npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Options:
    """Checked options of a fit."""

    method: str
    ci: str
    prediction: str
    conf_level: float
    q_about: FloatArray | None = None  # (o,)


def fit(studies: Studies, options: Options) -> Fit:
    """Return every figure; an outcome with one study or none gets what can be had, and a status."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _fit(studies, options)


def _fit(studies: Studies, options: Options) -> Fit:
    k = studies.k
    at_zero = sums(studies, 0.0)
    if options.q_about is None:
        tau2 = _tau2(studies, at_zero, options.method)
    else:
        r = studies.y - options.q_about
        at_zero = replace(at_zero, q=np.einsum("ko,ko,ko->o", 1.0 / studies.v, r, r))
        tau2 = _tau2_about(studies, at_zero, options.method)
    w = 1.0 / (studies.v + tau2.value)
    sum_w = w.sum(axis=0)
    estimate = np.einsum("ko,ko->o", w, studies.y) / sum_w
    error = np.sqrt(_scale(studies, w, estimate, options.ci) / sum_w)
    reference: FloatArray = np.full(len(k), np.inf)
    if options.ci != "wald":
        reference = np.asarray(k - 1, dtype=np.float64)
    half = quantiles(reference, options.conf_level) * error
    low, high = _predict(estimate, error, tau2.value, k, options)
    df = k - 1
    return Fit(
        k=freeze(k),
        estimate=freeze(estimate),
        std_error=freeze(error),
        reference_df=freeze(reference),
        lower=freeze(estimate - half),
        upper=freeze(estimate + half),
        tau2=freeze(tau2.value),
        tau2_std_error=freeze(tau2.std_error),
        q=freeze(np.where(df > 0, at_zero.q, np.where(df == 0, 0.0, np.nan))),
        typical=freeze(df / at_zero.trace_p),
        prediction_lower=freeze(low),
        prediction_upper=freeze(high),
        weights=freeze((w / sum_w).T),
        iterations=freeze(tau2.iterations),
        status=freeze(_status(k, tau2, error)),
    )


def _tau2(studies: Studies, at_zero: Sums, method: str) -> Tau2:
    """Return tau2; 0 with an error of NaN where one study or none leaves nothing to estimate."""
    few = studies.k < 2
    if method == "common" or not few.any():
        return ESTIMATORS[method](studies, at_zero)
    count = len(few)
    value, error = np.zeros(count), np.full(count, np.nan)
    steps = np.zeros(count, dtype=np.int64)
    fallback, converged = np.zeros(count, np.bool_), np.ones(count, np.bool_)
    many = np.flatnonzero(~few)
    if len(many):
        some = studies.pick(many)
        found = ESTIMATORS[method](some, sums(some, 0.0))
        value[many], error[many], steps[many] = found.value, found.std_error, found.iterations
        fallback[many], converged[many] = found.fallback, found.converged
    return Tau2(value, error, steps, fallback, converged)


def _tau2_about(studies: Studies, at_zero: Sums, method: str) -> Tau2:
    """Return tau2 where Q has another centre, which only DL makes use of."""
    if method != "DL":
        return _tau2(studies, sums(studies, 0.0), method)
    found = ESTIMATORS["DL"](studies, at_zero)
    few = studies.k < 2
    return replace(
        found,
        value=np.where(few, 0.0, found.value),
        std_error=np.where(few, np.nan, found.std_error),
    )


def _scale(studies: Studies, w: FloatArray, estimate: FloatArray, ci: str) -> FloatArray:
    """Return the factor on the variance: 1, or the mean square of Hartung and Knapp."""
    if ci in ("wald", "t"):
        return np.ones(len(estimate))
    r = studies.y - estimate
    factor: FloatArray = np.einsum("ko,ko,ko->o", w, r, r) / (studies.k - 1)
    if ci == "hartung-knapp-floor":
        return np.maximum(factor, 1.0)
    size = np.einsum("ko,ko,ko->o", w, studies.y, studies.y)
    return np.where(factor > NO_SPREAD * size, factor, np.nan)


def quantiles(df: FloatArray, conf_level: float) -> FloatArray:
    """Return two-sided quantiles of t with df (o,); infinite df is normal, df <= 0 is NaN."""
    level = 0.5 + conf_level / 2.0
    out = np.full(len(df), float(ndtri(level)))
    if np.isinf(df[0]) and (df == df[0]).all():
        return out
    for one in np.unique(df[np.isfinite(df)]):
        out[df == one] = stdtrit(one, level) if one > 0 else np.nan
    return out


def _predict(
    estimate: FloatArray, error: FloatArray, tau2: FloatArray, k: IntArray, options: Options
) -> tuple[FloatArray, FloatArray]:
    if options.method == "common":
        gone = np.full(len(k), np.nan)
        return gone, gone.copy()
    minus = {"z": 1, "t(k-1)": 1, "t(k-2)": 2}[options.prediction]
    df: FloatArray = np.asarray(k - minus, dtype=np.float64)
    if options.prediction == "z":
        df = np.where(k > 1, np.inf, 0.0)
    half = quantiles(df, options.conf_level) * np.sqrt(tau2 + error**2)
    return estimate - half, estimate + half


def _status(k: IntArray, tau2: Tau2, error: FloatArray) -> npt.NDArray[np.str_]:
    out = np.full(len(k), "ok", dtype="<U14")
    out[tau2.fallback] = "fallback"
    out[~tau2.converged] = "not_converged"
    out[np.isnan(error)] = "no_spread"
    out[k == 1] = "one_study"
    out[k == 0] = "no_study"
    return out
