"""Limits of the variance between studies, and of I2 and H from it or from Q.

Sources: Q-profile, Viechtbauer, Stat Med 2007;26:37; profile likelihood, Hardy and Thompson, Stat
Med 1996;15:619; generalised Q with weights 1/se, Jackson, Res Synth Methods 2013;4:220, and 1/v,
Biggerstaff and Jackson, Stat Med 2008;27:6093; test-based limits of I2 and H, Higgins and
Thompson, Stat Med 2002;21:1539.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import chdtri, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta._likelihood import maximise
from hepatica.stats.meta._moments import loglik, sums
from hepatica.stats.meta._studies import Studies, read_studies
from hepatica.stats.meta._weighted_chi_square import weighted_chi_square
from hepatica.stats.meta.tau2 import dersimonian_laird, hedges, q_root

METHODS = ("q-profile", "profile-REML", "profile-ML", "jackson", "biggerstaff-jackson")
#: Halvings of a bracket; fewer than 80 leave a double no room.
HALVINGS, DOUBLINGS = 120, 200


@dataclass(frozen=True, slots=True)
class Tau2Limits:
    """Limits of tau2 and what follows from them; I2 is a fraction.

    `empty` is true where no tau2 >= 0 agrees with the data (the studies are more alike than their
    variances allow); both limits are then 0.
    """

    lower: float
    upper: float
    i2_lower: float
    i2_upper: float
    h2_lower: float
    h2_upper: float
    empty: bool
    method: str
    conf_level: float


@dataclass(frozen=True, slots=True)
class Tau2LimitsBatch:
    """Limits of tau2 of many outcomes; arrays (o,), NaN with fewer than two studies."""

    lower: FloatArray
    upper: FloatArray
    i2_lower: FloatArray
    i2_upper: FloatArray
    h2_lower: FloatArray
    h2_upper: FloatArray
    empty: npt.NDArray[np.bool_]
    method: str
    conf_level: float


@dataclass(frozen=True, slots=True)
class InconsistencyLimits:
    """Test-based limits of I2 (fractions) and H, from Q alone."""

    i2: float
    i2_lower: float
    i2_upper: float
    h: float
    h_lower: float
    h_upper: float
    conf_level: float


def tau2_limits(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, method: str = "q-profile", conf_level: float = 0.95
) -> Tau2Limits:
    """Return limits of tau2 of one outcome.

    Parameters
    ----------
    yi, vi : float array (k,)
        As in `pool`; at least two studies.
    method : {"q-profile", "profile-REML", "profile-ML", "jackson", "biggerstaff-jackson"}
        metafor takes the first, R's meta "jackson" under DL. The last two are NaN where the
        distribution cannot be had: variances that differ more than about a million times.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If there are fewer than two studies, or as in `pool`.

    Examples
    --------
    >>> found = tau2_limits([0.0, 2.0], [0.01, 0.01])
    >>> round(found.lower, 4), round(found.upper, 1)
    (0.3881, 2036.5)
    """
    studies = read_studies(yi, vi, 1)
    if studies.k[0] < 2:
        raise InputError("Limits of tau2 need at least two studies; there is one.")
    found = _limits(studies, method, conf_level)
    return Tau2Limits(
        lower=float(found.lower[0]),
        upper=float(found.upper[0]),
        i2_lower=float(found.i2_lower[0]),
        i2_upper=float(found.i2_upper[0]),
        h2_lower=float(found.h2_lower[0]),
        h2_upper=float(found.h2_upper[0]),
        empty=bool(found.empty[0]),
        method=method,
        conf_level=found.conf_level,
    )


def tau2_limits_batch(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, method: str = "q-profile", conf_level: float = 0.95
) -> Tau2LimitsBatch:
    """Return limits of tau2 of many outcomes.

    Parameters
    ----------
    yi, vi : float array (o, k)
        As in `pool_batch`.
    method, conf_level
        As in `tau2_limits`; the last two methods go through the outcomes one by one.

    Examples
    --------
    >>> tau2_limits_batch([[0.0, 2.0]], [[0.01, 0.01]]).lower.round(4).tolist()
    [0.3881]
    """
    return _limits(read_studies(yi, vi, 2), method, conf_level)


def inconsistency_limits(q: float, k: int, *, conf_level: float = 0.95) -> InconsistencyLimits:
    """Return I2 and H with test-based limits.

    Parameters
    ----------
    q : float
        Cochran's Q.
    k : int
        Studies; the limits are NaN with two.
    conf_level : float
        Confidence level.

    Examples
    --------
    >>> found = inconsistency_limits(20.0, 11)
    >>> round(found.i2, 4), round(found.i2_lower, 4), round(found.i2_upper, 4)
    (0.5, 0.002, 0.7495)
    """
    z = float(ndtri(0.5 + _checks.check_conf_level(conf_level) / 2.0))
    if k < 2 or q < 0.0:
        raise InputError("I2 needs at least two studies and a Q that is not negative.")
    h = max(1.0, float(np.sqrt(q / (k - 1))))
    if q > k:
        spread = 0.5 * np.log(q / (k - 1)) / (np.sqrt(2.0 * q) - np.sqrt(2.0 * k - 3.0))
    elif k > 2:
        spread = np.sqrt((1.0 - 1.0 / (3.0 * (k - 2) ** 2)) / (2.0 * (k - 2)))
    else:
        spread = np.nan
    low, high = np.fmax(np.log(h) + np.array([-z, z]) * spread, 0.0) if k > 2 else [np.nan] * 2
    limits = np.exp(np.array([low, high]))
    share = 1.0 - 1.0 / limits**2
    return InconsistencyLimits(
        i2=1.0 - 1.0 / h**2,
        i2_lower=float(share[0]),
        i2_upper=float(share[1]),
        h=h,
        h_lower=float(limits[0]),
        h_upper=float(limits[1]),
        conf_level=float(conf_level),
    )


def _limits(studies: Studies, method: str, conf_level: float) -> Tau2LimitsBatch:
    _checks.check_option("method", method, METHODS)
    _checks.check_conf_level(conf_level)
    count = len(studies.k)
    many = np.flatnonzero(studies.k > 1)
    lower, upper, typical = (np.full(count, np.nan) for _ in range(3))
    empty = np.zeros(count, dtype=np.bool_)
    if len(many):
        some = studies.pick(many)
        tail = (1.0 - conf_level) / 2.0
        if method == "q-profile":
            lower[many], upper[many], empty[many] = _q_profile(some, tail)
        elif method in ("jackson", "biggerstaff-jackson"):
            power = 0.5 if method == "jackson" else 1.0
            lower[many], upper[many], empty[many] = _generalised_q(some, tail, power)
        else:
            restricted = method == "profile-REML"
            lower[many], upper[many] = _profile(some, conf_level, restricted=restricted)
        typical[many] = (some.k - 1) / sums(some, 0.0).trace_p
    return Tau2LimitsBatch(
        lower=freeze(lower),
        upper=freeze(upper),
        i2_lower=freeze(lower / (lower + typical)),
        i2_upper=freeze(upper / (upper + typical)),
        h2_lower=freeze(1.0 + lower / typical),
        h2_upper=freeze(1.0 + upper / typical),
        empty=freeze(empty),
        method=method,
        conf_level=float(conf_level),
    )


def _q_profile(
    studies: Studies, tail: float
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    at_zero = sums(studies, 0.0)
    df = studies.k - 1
    low = q_root(studies, at_zero, np.asarray(chdtri(df, tail)))[0]
    goal = np.asarray(chdtri(df, 1.0 - tail))
    return low, q_root(studies, at_zero, goal)[0], at_zero.q < goal


def _profile(
    studies: Studies, conf_level: float, *, restricted: bool
) -> tuple[FloatArray, FloatArray]:
    zero = np.zeros(len(studies.k))
    at_zero = sums(studies, 0.0)
    starts = dersimonian_laird(studies, at_zero).value, hedges(studies, at_zero).value
    best = maximise(studies, starts, restricted=restricted).tau2
    fall = 0.5 * float(chdtri(1, 1.0 - conf_level))
    goal = loglik(studies, best, restricted=restricted) - fall
    high = 2.0 * best + studies.k / (1.0 / studies.v).sum(axis=0)
    for _ in range(DOUBLINGS):
        inside = loglik(studies, high, restricted=restricted) > goal
        if not inside.any():
            break
        high = np.where(inside, 2.0 * high, high)
    upper = _bisect(studies, best, high, goal, restricted=restricted)
    lower = _bisect(studies, best, zero, goal, restricted=restricted)
    reached = loglik(studies, zero, restricted=restricted) >= goal
    return np.where(reached, 0.0, lower), upper


def _bisect(
    studies: Studies, inside: FloatArray, outside: FloatArray, goal: FloatArray, *, restricted: bool
) -> FloatArray:
    """Return where the likelihood falls to the goal, between a value above and one below it."""
    for _ in range(HALVINGS):
        middle = 0.5 * (inside + outside)
        if ((middle == inside) | (middle == outside)).all():
            break
        above = loglik(studies, middle, restricted=restricted) > goal
        inside, outside = np.where(above, middle, inside), np.where(above, outside, middle)
    return 0.5 * (inside + outside)


def _generalised_q(
    studies: Studies, tail: float, power: float
) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    count = len(studies.k)
    lower, upper, empty = np.zeros(count), np.zeros(count), np.zeros(count, dtype=np.bool_)
    for at in range(count):
        here = studies.present[:, at]
        y, v = studies.y[here, at], studies.v[here, at]
        w = v**-power
        p = np.diag(w) - np.outer(w, w) / w.sum()
        q = float(y @ p @ y)
        lower[at] = _where_share(q, p, v, 1.0 - tail)
        upper[at] = _where_share(q, p, v, tail)
        empty[at] = upper[at] == 0.0
    return lower, upper, empty


class _NoDistributionError(ArithmeticError):
    """The series of the distribution does not end."""


def _share(tau2: float, q: float, p: FloatArray, v: FloatArray) -> float:
    """Return the probability of a generalised Q up to the observed one, given tau2."""
    root = np.sqrt(v + tau2)
    weights: FloatArray = np.linalg.eigvalsh(root[:, None] * p * root)[1:].astype(np.float64)
    share = weighted_chi_square(q, weights)
    if np.isnan(share):
        raise _NoDistributionError
    return share


def _where_share(q: float, p: FloatArray, v: FloatArray, goal: float) -> float:
    """Return the tau2 at which the probability falls to the goal; NaN if it cannot be had."""
    try:
        if _share(0.0, q, p, v) <= goal:
            return 0.0
        high = float(v.mean()) + q / float(np.trace(p))
        for _ in range(DOUBLINGS):
            if _share(high, q, p, v) < goal:
                break
            high *= 2.0
        return float(brentq(lambda t: _share(t, q, p, v) - goal, 0.0, high, xtol=1e-14, rtol=1e-13))
    except _NoDistributionError:
        return float("nan")
