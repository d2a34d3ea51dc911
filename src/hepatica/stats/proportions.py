"""Limits and tests of one proportion.

Sources: Clopper and Pearson, Biometrika 1934;26:404; Wilson, J Am Stat Assoc 1927;22:209; Brown,
Cai and DasGupta, Stat Sci 2001;16:101 (Jeffreys); Agresti and Coull, Am Stat 1998;52:119.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, betaincinv, gammaln, ndtri, xlog1py, xlogy

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray

#: Outcomes whose probability exceeds the observed one by no more than this share count as
#: equally probable; R uses the same tolerance.
EQUALLY_PROBABLE = 1e-7


@dataclass(frozen=True, slots=True)
class ProportionInterval:
    """A proportion with its limits.

    Attributes
    ----------
    events, n : int
        Subjects with the event, and all.
    estimate, lower, upper : float
        Shares between 0 and 1.
    method : str
        As given.
    conf_level : float
        As given.
    """

    events: int
    n: int
    estimate: float
    lower: float
    upper: float
    method: str
    conf_level: float


@dataclass(frozen=True, slots=True)
class BinomialTest:
    """Exact test of a proportion.

    Attributes
    ----------
    events, n : int
        Subjects with the event, and all.
    estimate : float
        Observed share.
    null : float
        Share under the hypothesis.
    p_value : float
        Its p-value.
    sides : int
        2, or 1 against "the share is higher".
    """

    events: int
    n: int
    estimate: float
    null: float
    p_value: float
    sides: int


def _clopper_pearson(x: int, n: int, conf_level: float) -> tuple[float, float]:
    tail = (1.0 - conf_level) / 2.0
    lower = 0.0 if x == 0 else float(betaincinv(x, n - x + 1, tail))
    upper = 1.0 if x == n else float(betaincinv(x + 1, n - x, 1.0 - tail))
    return lower, upper


def _wilson(x: int, n: int, conf_level: float) -> tuple[float, float]:
    z = float(ndtri(0.5 + conf_level / 2.0))
    centre = (x + z * z / 2.0) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(x * (n - x) / n + z * z / 4.0)
    return 0.0 if x == 0 else centre - half, 1.0 if x == n else centre + half


def _jeffreys(x: int, n: int, conf_level: float) -> tuple[float, float]:
    tail = (1.0 - conf_level) / 2.0
    lower = 0.0 if x == 0 else float(betaincinv(x + 0.5, n - x + 0.5, tail))
    upper = 1.0 if x == n else float(betaincinv(x + 0.5, n - x + 0.5, 1.0 - tail))
    return lower, upper


def _agresti_coull(x: int, n: int, conf_level: float) -> tuple[float, float]:
    z = float(ndtri(0.5 + conf_level / 2.0))
    size = n + z * z
    centre = (x + z * z / 2.0) / size
    half = z * math.sqrt(centre * (1.0 - centre) / size)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _wald(x: int, n: int, conf_level: float) -> tuple[float, float]:
    if x in (0, n):
        raise InputError(
            "Wald limits do not exist when none or all have the event; choose another method."
        )
    share = x / n
    half = float(ndtri(0.5 + conf_level / 2.0)) * math.sqrt(share * (1.0 - share) / n)
    return max(share - half, 0.0), min(share + half, 1.0)


_METHODS: dict[str, Callable[[int, int, float], tuple[float, float]]] = {
    "clopper-pearson": _clopper_pearson,
    "wilson": _wilson,
    "jeffreys": _jeffreys,
    "agresti-coull": _agresti_coull,
    "wald": _wald,
}


def proportion_ci(
    events: int, n: int, *, method: str = "clopper-pearson", conf_level: float = 0.95
) -> ProportionInterval:
    """Return a proportion with its limits.

    Parameters
    ----------
    events, n : int
        Subjects with the event, and all.
    method : {"clopper-pearson", "wilson", "jeffreys", "agresti-coull", "wald"}
        Kind of limits. Jeffreys limits are 0 for no event and 1 for events only.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the counts or options cannot be used; Wald limits are refused for none and for all.

    Examples
    --------
    >>> found = proportion_ci(0, 24)
    >>> found.lower, round(found.upper, 4)
    (0.0, 0.1425)
    """
    _checks.check_option("method", method, _METHODS)
    _checks.check_conf_level(conf_level)
    x, size = _counts(events, n)
    lower, upper = _METHODS[method](x, size, float(conf_level))
    return ProportionInterval(
        events=x,
        n=size,
        estimate=x / size,
        lower=lower,
        upper=upper,
        method=method,
        conf_level=float(conf_level),
    )


def binomial_test(events: int, n: int, null: float, *, sides: int = 2) -> BinomialTest:
    """Test a proportion exactly.

    Parameters
    ----------
    events, n : int
        Subjects with the event, and all.
    null : float
        Share under the hypothesis, strictly between 0 and 1.
    sides : {2, 1}
        Two-sided: the probabilities of all outcomes no more probable than the observed one are
        added. One-sided: against "the share is higher".

    Examples
    --------
    >>> round(binomial_test(7, 10, 0.5).p_value, 6)
    0.34375
    """
    x, size = _counts(events, n)
    _checks.check_probability("null", null)
    _checks.check_sides(sides)
    if sides == 1:
        p_value = 1.0 if x == 0 else float(betainc(x, size - x + 1, null))
    else:
        p_value = _two_sided(x, size, float(null))
    return BinomialTest(
        events=x,
        n=size,
        estimate=x / size,
        null=float(null),
        p_value=p_value,
        sides=sides,
    )


def _two_sided(x: int, n: int, null: float) -> float:
    outcomes = np.arange(n + 1, dtype=np.float64)
    probability: FloatArray = np.exp(
        gammaln(n + 1.0)
        - gammaln(outcomes + 1.0)
        - gammaln(n - outcomes + 1.0)
        + xlogy(outcomes, null)
        + xlog1py(n - outcomes, -null)
    )
    no_more = probability <= probability[x] * (1.0 + EQUALLY_PROBABLE)
    return min(1.0, float(probability[no_more].sum() / probability.sum()))


def _counts(events: int, n: int) -> tuple[int, int]:
    if not (float(events).is_integer() and float(n).is_integer()):
        raise InputError("events and n must be whole numbers.")
    if n < 1 or not 0 <= events <= n:
        raise InputError(f"events must lie between 0 and n, and n be positive; n is {int(n)}.")
    return int(events), int(n)
