"""Limits of survival of interval-censored times, by drawing subjects again.

Source: Efron, J Am Stat Assoc 1981;76:312 (subjects drawn with replacement; percentiles).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival.interval_censored import checked_intervals, estimate

#: Draws when nothing is said, and how far from the greatest the likelihood of each may end.
RESAMPLES, TOLERANCE = 1000, 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapLimits:
    """Pointwise percentile limits of survival; arrays have the length of the times.

    Attributes
    ----------
    time : float array
        The times asked for.
    lower, upper : float array
        Limits. Where survival is not identified they hold the whole range that is possible: the
        lower one is a percentile of the smallest, the upper one of the largest survival.
    conf_level : float
        Confidence level.
    resamples : int
        Draws.
    """

    time: FloatArray
    lower: FloatArray
    upper: FloatArray
    conf_level: float
    resamples: int


def turnbull_bootstrap(
    left: npt.ArrayLike,
    right: npt.ArrayLike,
    times: npt.ArrayLike,
    generator: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
    conf_level: float = 0.95,
) -> BootstrapLimits:
    """Return bootstrap percentile limits of survival at times.

    Parameters
    ----------
    left, right : array (n,)
        Intervals as in `turnbull`.
    times : array
        When survival is asked for.
    generator : numpy.random.Generator
        Source of the draws; the same seed gives the same limits, in any order of the subjects.
    resamples : int
        Draws of n subjects with replacement.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays are no intervals, or fewer than 100 draws are asked for.

    Notes
    -----
    The limits are those of the percentile bootstrap at single times. Its coverage for this
    estimate, which converges more slowly than Kaplan-Meier's where times are not known exactly,
    is not proven; they show the spread of a sensitivity analysis.

    Examples
    --------
    >>> found = turnbull_bootstrap([1, 2, 3, 4], [1, 2, 3, 4], [2], np.random.default_rng(1))
    >>> found.lower.round(6).tolist(), found.upper.round(6).tolist()
    ([0.0], [1.0])
    """
    _checks.check_conf_level(conf_level)
    if _checks.count("resamples", resamples, 0) < 100:
        raise InputError(f"resamples must be at least 100; it is {resamples}.")
    _checks.check_generator(generator)
    lefts, rights = checked_intervals(left, right)
    wanted = _checks.times(np.atleast_1d(_checks.as_array("times", times))).astype(np.float64)
    n = len(lefts)
    distinct, counts = np.unique(np.stack((lefts, rights)), axis=1, return_counts=True)
    draws = generator.multinomial(n, counts / n, size=resamples)
    least, most = np.empty((resamples, len(wanted))), np.empty((resamples, len(wanted)))
    for row, drawn in enumerate(draws):
        there = drawn > 0
        curve = estimate(
            distinct[0, there], distinct[1, there], drawn[there].astype(np.float64), TOLERANCE
        )
        read = curve.at(wanted)
        least[row], most[row] = read.least, read.most
    tail = (1.0 - conf_level) / 2.0
    return BootstrapLimits(
        time=freeze(wanted),
        lower=freeze(np.quantile(least, tail, axis=0)),
        upper=freeze(np.quantile(most, 1.0 - tail, axis=0)),
        conf_level=float(conf_level),
        resamples=resamples,
    )
