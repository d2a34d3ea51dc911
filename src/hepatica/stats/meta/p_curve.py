"""Whether the significant results of a field hold evidence, and with how much power: p-curve.

Sources: Simonsohn, Nelson and Simmons, J Exp Psychol Gen 2014;143:534 and Perspect Psychol Sci
2014;9:666 (power), J Exp Psychol Gen 2015;144:1146 (half curve, Stouffer's method).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import bdtrc, ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, check_conf_level
from hepatica.stats.meta._studies import read_studies

ALPHA, HALF = 0.05, 0.025
#: A power of a third is the one below which a curve is called flat.
FLAT = 1.0 / 3.0
_LEAST, _MOST = 0.05 + 1e-9, 1.0 - 1e-9
#: Probabilities are kept off 0 and 1, where quantiles are infinite.
_EDGE = 1e-300


@dataclass(frozen=True, slots=True)
class PCurve:
    """p-curve of the significant studies.

    Attributes
    ----------
    k, significant, half : int
        Studies; those with P below .05; those with P below .025.
    right_z, right_p : float
        Test for right skew, full curve: evidential value.
    right_half_z, right_half_p : float
        The same on the half curve; NaN without such studies.
    right_binomial_p : float
        Probability of so many results below .025 without an effect.
    flat_z, flat_p, flat_half_z, flat_half_p, flat_binomial_p : float
        Tests for a curve flatter than that of studies with a power of 33 %.
    evidential : bool
        Half curve right-skewed at .05, or both curves at .10.
    inadequate : bool
        Flatter than 33 % power at .05 on the full curve, or on the half curve and by the binomial
        test at .10 both.
    power, power_lower, power_upper : float
        Mean power of the significant studies with limits; .05 is the lowest possible, .99 and
        above are told as found.
    conf_level : float
        Level of the limits.
    """

    k: int
    significant: int
    half: int
    right_z: float
    right_p: float
    right_half_z: float
    right_half_p: float
    right_binomial_p: float
    flat_z: float
    flat_p: float
    flat_half_z: float
    flat_half_p: float
    flat_binomial_p: float
    evidential: bool
    inadequate: bool
    power: float
    power_lower: float
    power_upper: float
    conf_level: float


def p_curve(yi: npt.ArrayLike, vi: npt.ArrayLike, *, conf_level: float = 0.90) -> PCurve:
    """Analyse the distribution of the significant P values, two-sided from yi/sqrt(vi).

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    conf_level : float
        Level of the limits of power.

    Raises
    ------
    InputError
        With no significant study: there is then no curve.

    Examples
    --------
    >>> found = p_curve([0.6, 0.8, 0.7, 0.1], [0.04, 0.04, 0.04, 0.04])
    >>> found.significant, found.evidential, round(found.power, 3)
    (3, True, 0.925)
    """
    check_conf_level(conf_level)
    studies = read_studies(yi, vi, 1)
    there = studies.present[:, 0]
    z = np.abs(studies.y[there, 0]) / np.sqrt(studies.v[there, 0])
    sharp = z[z > ndtri(1.0 - ALPHA / 2.0)]
    if not len(sharp):
        raise InputError("A p-curve needs a study with P below .05; there is none.")
    half = sharp[sharp > ndtri(1.0 - HALF / 2.0)]
    right, right_half = _stouffer(sharp, 0.0, ALPHA), _stouffer(half, 0.0, HALF)
    shift = _shift(FLAT)
    flat, flat_half = _stouffer(sharp, shift, ALPHA), _stouffer(half, shift, HALF)
    n, m = len(sharp), len(half)
    share = float(_tail(np.array([ndtri(1.0 - HALF / 2.0)]), shift)[0]) / FLAT
    right_p, half_p = float(ndtr(right)), float(ndtr(right_half))
    # a flat curve has large probabilities of being as steep: the other tail
    flat_p, flat_half_p = float(ndtr(-flat)), float(ndtr(-flat_half))
    flat_binomial = 1.0 - float(bdtrc(m, n, share)) if m < n else 1.0
    tail = float(ndtri(0.5 + conf_level / 2.0))
    return PCurve(
        k=len(z),
        significant=n,
        half=m,
        right_z=right,
        right_p=right_p,
        right_half_z=right_half,
        right_half_p=half_p,
        right_binomial_p=float(bdtrc(m - 1, n, 0.5)) if m else 1.0,
        flat_z=flat,
        flat_p=flat_p,
        flat_half_z=flat_half,
        flat_half_p=flat_half_p,
        flat_binomial_p=flat_binomial,
        evidential=half_p < 0.05 or (half_p < 0.10 and right_p < 0.10),
        inadequate=flat_p < 0.05 or (flat_half_p < 0.10 and flat_binomial < 0.10),
        power=_power(sharp, 0.0),
        power_lower=_power(sharp, -tail),
        power_upper=_power(sharp, tail),
        conf_level=conf_level,
    )


def _tail(z: FloatArray, shift: float) -> FloatArray:
    """Return the probability of a statistic at least as large in size, true mean `shift`."""
    out: FloatArray = ndtr(shift - z) + ndtr(-shift - z)
    return out


def _shift(power: float) -> float:
    """Return the true mean of z that has this power at .05."""
    critical = np.array([ndtri(1.0 - ALPHA / 2.0)])
    return float(brentq(lambda at: float(_tail(critical, at)[0]) - power, 0.0, 40.0, xtol=1e-13))


def _stouffer(z: FloatArray, shift: float, alpha: float) -> float:
    """Return the sum of quantiles over sqrt(n) of the P values within the significant ones.

    Under the true mean `shift` each has the conditional probability of being as far out: small
    values say that the curve is steeper than this mean makes it.
    """
    if not len(z):
        return math.nan
    whole = _tail(np.array([ndtri(1.0 - alpha / 2.0)]), shift)
    inside = np.clip(_tail(z, shift) / whole, _EDGE, 1.0 - 1e-16)
    return float(ndtri(inside).sum()) / math.sqrt(len(z))


def _power(z: FloatArray, goal: float) -> float:
    """Return the power under which Stouffer's sum is `goal`; it rises with the power."""

    def off(power: float) -> float:
        return _stouffer(z, _shift(power), ALPHA) - goal

    if off(_LEAST) >= 0.0:
        return ALPHA
    if off(_MOST) <= 0.0:
        return 1.0
    return float(brentq(off, _LEAST, _MOST, xtol=1e-12))
