"""Odds ratio of a table of two by two, with limits.

Sources: Woolf, Ann Hum Genet 1955;19:251 (limits of the logarithm); Cornfield, Proc Third Berkeley
Symp 1956;4:135, and Fisher, Aust J Stat 1962;4:41 (given both margins the count has a noncentral
hypergeometric distribution, which gives estimate and exact limits).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.two_proportions import ProportionContrast, two_counts

METHODS = ("woolf", "exact")
#: Within these logarithms every odds ratio that counts of patients can give.
_WIDEST = 700.0


def odds_ratio(
    events1: int,
    n1: int,
    events2: int,
    n2: int,
    *,
    method: str = "woolf",
    conf_level: float = 0.95,
) -> ProportionContrast:
    """Return the odds ratio of two groups, group 1 over group 2.

    Parameters
    ----------
    events1, n1, events2, n2 : int
        Subjects with the event, and all, of each group.
    method : {"woolf", "exact"}
        "woolf": the ratio of the observed odds with Wald limits of its logarithm, which need four
        cells above 0; no half is added. "exact": the conditional estimate given both margins with
        the limits that belong to Fisher's test (each tail half of one less the level); with an
        empty cell the estimate is 0 or infinite, and the limit on its other side is finite.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If counts or options cannot be used, or the odds ratio has no estimate or no such limits;
        the message says what to choose.

    Examples
    --------
    >>> found = odds_ratio(8, 41, 2, 27)
    >>> round(found.estimate, 3), round(found.lower, 3), round(found.upper, 3)
    (3.03, 0.591, 15.533)
    >>> exact = odds_ratio(8, 41, 2, 27, method="exact")
    >>> round(exact.estimate, 3), round(exact.lower, 3), round(exact.upper, 3)
    (2.987, 0.53, 31.284)
    """
    _checks.check_option("method", method, METHODS)
    level = _checks.check_conf_level(conf_level)
    x1, n1, x2, n2 = two_counts(events1, n1, events2, n2)
    if x1 + x2 in (0, n1 + n2):
        who = "Nobody" if not x1 + x2 else "Everybody"
        raise InputError(f"{who} in either group has the event, so there is no odds ratio.")
    if method == "exact":
        estimate, lower, upper = _exact(x1, n1, x2, n2, level)
    else:
        estimate, lower, upper = _woolf(x1, n1, x2, n2, level)
    return ProportionContrast(estimate, lower, upper, "odds_ratio", method, level)


def _woolf(x1: int, n1: int, x2: int, n2: int, level: float) -> tuple[float, float, float]:
    a, b, c, d = x1, n1 - x1, x2, n2 - x2
    if not (a and b and c and d):
        raise InputError(
            "The odds ratio has no finite limits: none or all of a group have the event. Choose "
            "exact limits, or read the difference."
        )
    half = float(ndtri(0.5 + level / 2.0)) * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    estimate = a * d / (b * c)
    return estimate, estimate * math.exp(-half), estimate * math.exp(half)


def _exact(x1: int, n1: int, x2: int, n2: int, level: float) -> tuple[float, float, float]:
    margin = x1 + x2
    counts = np.arange(max(0, margin - n2), min(n1, margin) + 1, dtype=np.float64)
    log_ways: FloatArray = -(
        gammaln(counts + 1.0)
        + gammaln(n1 - counts + 1.0)
        + gammaln(margin - counts + 1.0)
        + gammaln(n2 - margin + counts + 1.0)
    )
    seen = x1 - int(counts[0])
    tail = math.log((1.0 - level) / 2.0)

    def log_tail(part: slice) -> Callable[[float], float]:
        def excess(log_odds: float) -> float:
            terms = log_ways + counts * log_odds
            return float(logsumexp(terms[part]) - logsumexp(terms)) - tail

        return excess

    def mean(log_odds: float) -> float:
        terms = log_ways + counts * log_odds
        weight = np.exp(terms - terms.max())
        return float(weight @ (counts - x1) / weight.sum())

    lowest, highest = seen == 0, seen == len(counts) - 1
    lower = 0.0 if lowest else math.exp(_solve(log_tail(slice(seen, None))))
    upper = math.inf if highest else math.exp(_solve(log_tail(slice(None, seen + 1))))
    if lowest or highest:
        return (0.0 if lowest else math.inf), lower, upper
    return math.exp(_solve(mean)), lower, upper


def _solve(function: Callable[[float], float]) -> float:
    return float(brentq(function, -_WIDEST, _WIDEST, xtol=1e-15, rtol=1e-14, maxiter=1000))
