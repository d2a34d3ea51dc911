"""Between-study variance tau2 by named estimators, for many outcomes at once.

Sources: DerSimonian and Laird, Control Clin Trials 1986;7:177 (DL), and Kacker 2007;28:105 (DL2,
two-step); Hedges, J Educ Stat 1983;8:261 (HE); Hunter and Schmidt, 1990 (HS), and Brannick et
al., Res Synth Methods 2019;10:388 (HSk, small samples); Sidik and Jonkman, J R Stat Soc C
2005;54:367 (SJ); Paule and Mandel, J Res Natl Bur Stand 1982;87:377 (PM), and with the median of Q
(PMM); Morris, J Am Stat Assoc 1983;78:47 (EB, the same root as PM); likelihoods (ML, REML) and
standard errors, Viechtbauer, J Educ Behav Stat 2005;30:261.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.meta._likelihood import maximise
from hepatica.stats.meta._moments import Sums, centre, dot, sums
from hepatica.stats.meta._studies import Studies

#: Newton's steps on a convex falling function cannot overshoot twice; 100 is never reached.
PM_STEPS = 100


@dataclass(frozen=True, slots=True)
class Tau2:
    """tau2 of each outcome (o,), its standard error, steps, and how the search went.

    `fallback` is true where a plain Newton step did not do, `converged` where the search ended.
    """

    value: FloatArray
    std_error: FloatArray
    iterations: IntArray
    fallback: npt.NDArray[np.bool_]
    converged: npt.NDArray[np.bool_]


def _no_steps(value: FloatArray, std_error: FloatArray) -> Tau2:
    count = len(value)
    steps = np.zeros(count, dtype=np.int64)
    return Tau2(value, std_error, steps, np.zeros(count, np.bool_), np.ones(count, np.bool_))


def _zeros(studies: Studies) -> FloatArray:
    return np.zeros(len(studies.k))


def common(studies: Studies, at_zero: Sums) -> Tau2:
    """Return no heterogeneity at all: the common-effect model."""
    del at_zero
    zero = _zeros(studies)
    return _no_steps(zero, np.full_like(zero, np.nan))


def dersimonian_laird(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the estimate of DerSimonian and Laird."""
    df, t = studies.k - 1, at_zero.trace_p
    tau2 = np.maximum((at_zero.q - df) / t, 0.0)
    spread = 2.0 * df + 4.0 * tau2 * t + 2.0 * tau2**2 * at_zero.trace_pp
    return _no_steps(tau2, np.sqrt(spread) / t)


def two_step(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the moment estimate with the weights of a first DerSimonian and Laird step."""
    first = dersimonian_laird(studies, at_zero).value
    second = sums(studies, first)
    _, pv, pvpv, pvp = _traces(studies, first)
    tau2 = np.maximum((second.q - pv) / second.trace_p, 0.0)
    spread = 2.0 * pvpv + 4.0 * tau2 * pvp + 2.0 * tau2**2 * second.trace_pp
    return _no_steps(tau2, np.sqrt(spread) / second.trace_p)


def _traces(
    studies: Studies, tau2: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return weights (k, o) at tau2, and tr PV, tr PVPV and tr PVP with V = diag(v)."""
    v = np.where(studies.present, studies.v, 0.0)
    w = 1.0 / (studies.v + tau2)
    total = w.sum(axis=0)
    wv = w * v
    w2v, w2 = dot(w, wv), dot(w, w)
    pv = wv.sum(axis=0) - w2v / total
    pvpv = dot(wv, wv) - 2.0 * dot(wv * wv, w) / total + (w2v / total) ** 2
    pvp = w2v - 2.0 * dot(wv, w * w) / total + w2 * w2v / total**2
    return w, pv, pvpv, pvp


def hunter_schmidt(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the estimate of Hunter and Schmidt."""
    return _hunter_schmidt(studies, at_zero, np.ones(len(studies.k)))


def hunter_schmidt_small(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the estimate of Hunter and Schmidt with the factor k/(k - 1) on Q."""
    return _hunter_schmidt(studies, at_zero, studies.k / (studies.k - 1.0))


def _hunter_schmidt(studies: Studies, at_zero: Sums, factor: FloatArray) -> Tau2:
    tau2 = np.maximum((factor * at_zero.q - studies.k) / at_zero.sum_w, 0.0)
    spread = 2.0 * (studies.k - 1) + 4.0 * tau2 * at_zero.trace_p + 2.0 * tau2**2 * at_zero.trace_pp
    return _no_steps(tau2, factor * np.sqrt(spread) / at_zero.sum_w)


def hedges(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the variance of the estimates less the mean of the variances."""
    del at_zero
    k, df = studies.k, studies.k - 1
    v = np.where(studies.present, studies.v, 0.0)
    mean = studies.y.sum(axis=0) / k
    r = np.where(studies.present, studies.y - mean, 0.0)
    pv = v.sum(axis=0) * df / k
    tau2 = np.maximum((dot(r, r) - pv) / df, 0.0)
    pvpv = dot(v, v) * (1.0 - 2.0 / k) + (v.sum(axis=0) / k) ** 2
    return _no_steps(tau2, np.sqrt(2.0 * pvpv + 4.0 * tau2 * pv + 2.0 * tau2**2 * df) / df)


def sidik_jonkman(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the estimate of Sidik and Jonkman, begun at the variance with divisor k."""
    del at_zero
    k, df = studies.k, studies.k - 1
    mean = studies.y.sum(axis=0) / k
    r = np.where(studies.present, studies.y - mean, 0.0)
    first = dot(r, r) / k
    w, _, pvpv, pvp = _traces(studies, first)
    centred = studies.y - centre(studies.y, w)[0]
    tau2 = first * dot(w * centred, centred) / df
    total, w2 = w.sum(axis=0), dot(w, w)
    pp = w2 - 2.0 * dot(w, w * w) / total + (w2 / total) ** 2
    spread = 2.0 * pvpv + 4.0 * tau2 * pvp + 2.0 * tau2**2 * pp
    return _no_steps(tau2, first / df * np.sqrt(spread))


def paule_mandel(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the tau2 at which Q equals its degrees of freedom."""
    return _paule_mandel(studies, at_zero, np.asarray(studies.k - 1, dtype=np.float64))


def paule_mandel_median(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the tau2 at which Q equals the median of its distribution."""
    return _paule_mandel(studies, at_zero, np.asarray(chdtri(studies.k - 1, 0.5)))


def _paule_mandel(studies: Studies, at_zero: Sums, target: FloatArray) -> Tau2:
    tau2, steps = q_root(studies, at_zero, target)
    sum_w = (1.0 / (studies.v + tau2)).sum(axis=0)
    error = np.sqrt(2.0 * studies.k**2 / (studies.k - 1.0)) / sum_w
    return Tau2(tau2, error, steps, np.zeros(len(tau2), np.bool_), steps < PM_STEPS)


def q_root(studies: Studies, at_zero: Sums, target: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the tau2 >= 0 at which Q(tau2) falls to the target (o,), and the steps taken.

    Q falls and is convex, so Newton's steps reach the root from below without overshooting.
    """
    tau2 = np.maximum((at_zero.q - target) / at_zero.trace_p, 0.0)
    steps = np.zeros(len(tau2), dtype=np.int64)
    inside = at_zero.q > target
    unit = studies.k / at_zero.sum_w
    active = np.flatnonzero(inside)
    some, goal, size, at = studies.pick(active), target[active], unit[active], tau2[active]
    for step in range(1, PM_STEPS + 1):
        if not len(active):
            break
        w = 1.0 / (some.v + at)
        r = some.y - centre(some.y, w)[0]
        wr = w * r
        new = np.maximum(at + (dot(wr, r) - goal) / dot(wr, wr), 0.0)
        tau2[active], steps[active] = new, step
        moving = np.abs(new - at) > 3e-9 * (new + size)
        at = new
        if not moving.all():
            active, some = active[moving], some.pick(moving)
            goal, size, at = goal[moving], size[moving], at[moving]
    return np.where(inside, tau2, 0.0), steps


def _starts(studies: Studies, at_zero: Sums) -> tuple[FloatArray, FloatArray]:
    return dersimonian_laird(studies, at_zero).value, hedges(studies, at_zero).value


def maximum_likelihood(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the maximum-likelihood estimate."""
    found = maximise(studies, _starts(studies, at_zero), restricted=False)
    w = 1.0 / (studies.v + found.tau2)
    error = np.sqrt(2.0 / dot(w, w))
    return Tau2(found.tau2, error, found.iterations, found.fallback, found.converged)


def restricted_likelihood(studies: Studies, at_zero: Sums) -> Tau2:
    """Return the restricted maximum-likelihood estimate."""
    found = maximise(studies, _starts(studies, at_zero), restricted=True)
    error = np.sqrt(2.0 / sums(studies, found.tau2).trace_pp)
    return Tau2(found.tau2, error, found.iterations, found.fallback, found.converged)


#: Estimators by the name that stands in footnotes.
ESTIMATORS: dict[str, Callable[[Studies, Sums], Tau2]] = {
    "common": common,
    "DL": dersimonian_laird,
    "DL2": two_step,
    "HE": hedges,
    "HS": hunter_schmidt,
    "HSk": hunter_schmidt_small,
    "SJ": sidik_jonkman,
    "ML": maximum_likelihood,
    "REML": restricted_likelihood,
    "PM": paule_mandel,
    "EB": paule_mandel,
    "PMM": paule_mandel_median,
}
