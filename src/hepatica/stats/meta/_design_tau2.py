"""Residual variance between studies, given a design, by the estimators of `tau2`.

Each is the estimator of the same name with k - p for k - 1 and the design's P for the mean's.
Sources: as in `hepatica.stats.meta.tau2`; with a design, Viechtbauer et al., Psychol Methods
2015;20:360, and Raudenbush 2009 (moment estimators), Sidik and Jonkman, J R Stat Soc C 2005;54:367.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import chdtri

from hepatica.stats._checks import FloatArray
from hepatica.stats.meta._design import Designed, gram, moments_of, solve, trace
from hepatica.stats.meta._likelihood import maximise
from hepatica.stats.meta._moments import Moments, dot
from hepatica.stats.meta.tau2 import PM_STEPS, Tau2


def _closed(value: FloatArray, std_error: FloatArray) -> Tau2:
    count = len(value)
    steps = np.zeros(count, dtype=np.int64)
    return Tau2(value, std_error, steps, np.zeros(count, np.bool_), np.ones(count, np.bool_))


def _common(studies: Designed, at_zero: Moments) -> Tau2:
    del at_zero
    count = len(studies.k)
    return _closed(np.zeros(count), np.full(count, np.nan))


def _dersimonian_laird(studies: Designed, at_zero: Moments) -> Tau2:
    df, t = studies.df, at_zero.trace_p
    tau2 = np.maximum((at_zero.q - df) / t, 0.0)
    spread = 2.0 * df + 4.0 * tau2 * t + 2.0 * tau2**2 * at_zero.trace_pp
    return _closed(tau2, np.sqrt(spread) / t)


def _two_step(studies: Designed, at_zero: Moments) -> Tau2:
    w = 1.0 / (studies.v + _dersimonian_laird(studies, at_zero).value)
    second = moments_of(studies, w)[1]
    pv, pvpv, pvp = _traces(studies, w)
    tau2 = np.maximum((second.q - pv) / second.trace_p, 0.0)
    spread = 2.0 * pvpv + 4.0 * tau2 * pvp + 2.0 * tau2**2 * second.trace_pp
    return _closed(tau2, np.sqrt(spread) / second.trace_p)


def _traces(studies: Designed, w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return tr PV, tr PVPV and tr PVP for weights (k, o) and V = diag(v)."""
    v = np.where(studies.present, studies.v, 0.0)
    inverse = solve(studies, w).inverse
    wv, w2v = w * v, w * w * v
    middle = inverse @ gram(studies, w2v)
    pv = wv.sum(axis=0) - np.einsum("opp->o", middle)
    pvpv = (
        dot(wv, wv)
        - 2.0 * trace(inverse, gram(studies, wv * w2v))
        + np.einsum("opq,oqp->o", middle, middle)
    )
    pvp = (
        w2v.sum(axis=0)
        - 2.0 * trace(inverse, gram(studies, w * w2v))
        + np.einsum("opq,oqp->o", middle, inverse @ gram(studies, w * w))
    )
    return pv, pvpv, pvp


def _hunter_schmidt(studies: Designed, at_zero: Moments) -> Tau2:
    return _scaled_hunter_schmidt(studies, at_zero, np.ones(len(studies.k)))


def _hunter_schmidt_small(studies: Designed, at_zero: Moments) -> Tau2:
    return _scaled_hunter_schmidt(studies, at_zero, studies.k / studies.df)


def _scaled_hunter_schmidt(studies: Designed, at_zero: Moments, factor: FloatArray) -> Tau2:
    tau2 = np.maximum((factor * at_zero.q - studies.k) / at_zero.sum_w, 0.0)
    spread = 2.0 * studies.df + 4.0 * tau2 * at_zero.trace_p + 2.0 * tau2**2 * at_zero.trace_pp
    return _closed(tau2, factor * np.sqrt(spread) / at_zero.sum_w)


def _hedges(studies: Designed, at_zero: Moments) -> Tau2:
    del at_zero
    here = studies.present.astype(np.float64)
    r = solve(studies, here).residuals
    pv, pvpv, _ = _traces(studies, here)
    df = studies.df
    tau2 = np.maximum((dot(here * r, r) - pv) / df, 0.0)
    return _closed(tau2, np.sqrt(2.0 * pvpv + 4.0 * tau2 * pv + 2.0 * tau2**2 * df) / df)


def _sidik_jonkman(studies: Designed, at_zero: Moments) -> Tau2:
    del at_zero
    mean = studies.y.sum(axis=0) / studies.k
    r = np.where(studies.present, studies.y - mean, 0.0)
    first = dot(r, r) / studies.k
    w = 1.0 / (studies.v + first)
    found = moments_of(studies, w)[1]
    _, pvpv, pvp = _traces(studies, w)
    tau2 = first * found.q / studies.df
    spread = 2.0 * pvpv + 4.0 * tau2 * pvp + 2.0 * tau2**2 * found.trace_pp
    return _closed(tau2, first / studies.df * np.sqrt(spread))


def _paule_mandel(studies: Designed, at_zero: Moments) -> Tau2:
    return _q_at(studies, at_zero, np.asarray(studies.df, dtype=np.float64))


def _paule_mandel_median(studies: Designed, at_zero: Moments) -> Tau2:
    return _q_at(studies, at_zero, np.asarray(chdtri(studies.df, 0.5)))


def _q_at(studies: Designed, at_zero: Moments, target: FloatArray) -> Tau2:
    """Return the tau2 >= 0 at which Q falls to the target; Newton's steps come from below."""
    tau2 = np.zeros(len(target))
    steps = np.zeros(len(target), dtype=np.int64)
    active = np.flatnonzero(at_zero.q > target)
    unit = studies.k / at_zero.sum_w
    tau2[active] = np.maximum((at_zero.q - target) / at_zero.trace_p, 0.0)[active]
    for step in range(1, PM_STEPS + 1):
        if not len(active):
            break
        some, at = studies.pick(active), tau2[active]
        w = 1.0 / (some.v + at)
        r = solve(some, w).residuals
        wr = w * r
        new = np.maximum(at + (dot(wr, r) - target[active]) / dot(wr, wr), 0.0)
        tau2[active], steps[active] = new, step
        active = active[np.abs(new - at) > 3e-9 * (new + unit[active])]
    sum_w = (1.0 / (studies.v + tau2)).sum(axis=0)
    error = np.sqrt(2.0 * studies.k**2 / studies.df) / sum_w
    return Tau2(tau2, error, steps, np.zeros(len(tau2), np.bool_), steps < PM_STEPS)


def _likelihood(studies: Designed, at_zero: Moments, *, restricted: bool) -> Tau2:
    starts = (_dersimonian_laird(studies, at_zero).value, _hedges(studies, at_zero).value)
    found = maximise(studies, starts, restricted=restricted)
    last = moments_of(studies, 1.0 / (studies.v + found.tau2))[1]
    error = np.sqrt(2.0 / (last.trace_pp if restricted else last.sum_w2))
    return Tau2(found.tau2, error, found.iterations, found.fallback, found.converged)


def _maximum_likelihood(studies: Designed, at_zero: Moments) -> Tau2:
    return _likelihood(studies, at_zero, restricted=False)


def _restricted_likelihood(studies: Designed, at_zero: Moments) -> Tau2:
    return _likelihood(studies, at_zero, restricted=True)


#: Estimators by the name that stands in footnotes.
DESIGN_ESTIMATORS: dict[str, Callable[[Designed, Moments], Tau2]] = {
    "common": _common,
    "DL": _dersimonian_laird,
    "DL2": _two_step,
    "HE": _hedges,
    "HS": _hunter_schmidt,
    "HSk": _hunter_schmidt_small,
    "SJ": _sidik_jonkman,
    "ML": _maximum_likelihood,
    "REML": _restricted_likelihood,
    "PM": _paule_mandel,
    "EB": _paule_mandel,
    "PMM": _paule_mandel_median,
}
