"""Difference and ratio of two independent proportions, with limits.

Sources: Newcombe, Stat Med 1998;17:873 (method 10, hybrid of two Wilson intervals); Miettinen and
Nurminen, Stat Med 1985;4:213 (score limits of a difference, and of a ratio); Farrington and
Manning, Stat Med 1990;9:1447 (closed form of the proportions under a given difference); Koopman,
Biometrics 1984;40:513 (score limits of a ratio); Katz et al., Biometrics 1978;34:469.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import chdtri, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats.proportions import proportion_ci

DIFFERENCES = ("newcombe", "miettinen-nurminen", "wald")
RATIOS = ("katz", "score")


@dataclass(frozen=True, slots=True)
class ProportionContrast:
    """A comparison of the share of group 1 with that of group 2.

    Attributes
    ----------
    estimate, lower, upper : float
        Difference, ratio or odds ratio with its limits; a limit that lies beyond all bounds is
        infinite.
    measure : {"difference", "ratio", "odds_ratio"}
        What is compared.
    method : str
        Kind of limits, as given.
    conf_level : float
        As given.
    """

    estimate: float
    lower: float
    upper: float
    measure: str
    method: str
    conf_level: float


def two_counts(events1: int, n1: int, events2: int, n2: int) -> tuple[int, int, int, int]:
    """Return checked counts of two groups."""
    found = []
    for events, n, group in ((events1, n1, 1), (events2, n2, 2)):
        size = _checks.count(f"n{group}", n)
        seen = _checks.count(f"events{group}", events, least=0)
        if seen > size:
            raise InputError(f"events{group} must not exceed n{group}, which is {size}.")
        found += [seen, size]
    return found[0], found[1], found[2], found[3]


def risk_difference(
    events1: int,
    n1: int,
    events2: int,
    n2: int,
    *,
    method: str = "newcombe",
    conf_level: float = 0.95,
) -> ProportionContrast:
    """Return the difference of two proportions, group 1 less group 2.

    Parameters
    ----------
    events1, n1, events2, n2 : int
        Subjects with the event, and all, of each group.
    method : {"newcombe", "miettinen-nurminen", "wald"}
        Limits: Newcombe's hybrid of two Wilson intervals; the score interval of Miettinen and
        Nurminen with the factor N / (N - 1); or Wald's, which are refused where either share is
        0 or 1, because they are then too narrow.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If counts or options cannot be used.

    Examples
    --------
    Newcombe 1998, table II, column (a): 56/70 and 48/80.

    >>> found = risk_difference(56, 70, 48, 80)
    >>> round(found.estimate, 4), round(found.lower, 4), round(found.upper, 4)
    (0.2, 0.0524, 0.3339)
    """
    _checks.check_option("method", method, DIFFERENCES)
    level = _checks.check_conf_level(conf_level)
    x1, n1, x2, n2 = two_counts(events1, n1, events2, n2)
    limits = {"newcombe": _newcombe, "miettinen-nurminen": _score_difference, "wald": _wald}
    lower, upper = limits[method](x1, n1, x2, n2, level)
    return ProportionContrast(x1 / n1 - x2 / n2, lower, upper, "difference", method, level)


def risk_ratio(
    events1: int,
    n1: int,
    events2: int,
    n2: int,
    *,
    method: str = "katz",
    conf_level: float = 0.95,
) -> ProportionContrast:
    """Return the ratio of two proportions, group 1 over group 2.

    Parameters
    ----------
    events1, n1, events2, n2 : int
        Subjects with the event, and all, of each group.
    method : {"katz", "score"}
        Limits: Wald's of the logarithm, which exist only with an event in both groups; or
        Koopman's score interval, which exists with an event in either.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If counts or options cannot be used, or the ratio has no estimate or no such limits; the
        message says what to choose.

    Notes
    -----
    Without an event in group 2 the estimate is infinite, and with the score method its lower
    limit is finite.

    Examples
    --------
    >>> found = risk_ratio(30, 41, 12, 27)
    >>> round(found.estimate, 3), round(found.lower, 3), round(found.upper, 3)
    (1.646, 1.039, 2.61)
    """
    _checks.check_option("method", method, RATIOS)
    level = _checks.check_conf_level(conf_level)
    x1, n1, x2, n2 = two_counts(events1, n1, events2, n2)
    if not x1 and not x2:
        raise InputError("The risk ratio has no estimate: nobody in either group has the event.")
    if method == "katz":
        lower, upper = _katz(x1, n1, x2, n2, level)
    else:
        lower, upper = _score_ratio(x1, n1, x2, n2, level)
    estimate = math.inf if not x2 else x1 * n2 / (n1 * x2)
    return ProportionContrast(estimate, lower, upper, "ratio", method, level)


def _newcombe(x1: int, n1: int, x2: int, n2: int, level: float) -> tuple[float, float]:
    p1, p2 = x1 / n1, x2 / n2
    own = proportion_ci(x1, n1, method="wilson", conf_level=level)
    other = proportion_ci(x2, n2, method="wilson", conf_level=level)
    difference = p1 - p2
    return (
        difference - math.hypot(p1 - own.lower, other.upper - p2),
        difference + math.hypot(own.upper - p1, p2 - other.lower),
    )


def _wald(x1: int, n1: int, x2: int, n2: int, level: float) -> tuple[float, float]:
    if x1 in (0, n1) or x2 in (0, n2):
        raise InputError(
            "Wald limits of a difference are too narrow where none or all of a group have the "
            "event; choose newcombe or miettinen-nurminen."
        )
    p1, p2 = x1 / n1, x2 / n2
    half = _z(level) * math.sqrt(p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2)
    return max(p1 - p2 - half, -1.0), min(p1 - p2 + half, 1.0)


def _katz(x1: int, n1: int, x2: int, n2: int, level: float) -> tuple[float, float]:
    if not x1 or not x2:
        raise InputError(
            "Limits of the logarithm of the risk ratio do not exist without an event in both "
            "groups; choose the score limits."
        )
    half = _z(level) * math.sqrt(1.0 / x1 - 1.0 / n1 + 1.0 / x2 - 1.0 / n2)
    estimate = x1 * n2 / (n1 * x2)
    return estimate * math.exp(-half), estimate * math.exp(half)


def _z(level: float) -> float:
    return float(ndtri(0.5 + level / 2.0))


def _critical(level: float) -> float:
    return float(chdtri(1, 1.0 - level))


def _root(distance: Callable[[float], float], inside: float, bound: float) -> float:
    """Return where the distance is 0 between a place inside the limits and a bound."""
    if distance(bound) <= 0.0:
        return bound
    return float(brentq(distance, inside, bound, xtol=1e-15, rtol=1e-14, maxiter=500))


def _score_difference(x1: int, n1: int, x2: int, n2: int, level: float) -> tuple[float, float]:
    critical = _critical(level)
    estimate = x1 / n1 - x2 / n2
    factor = (n1 + n2) / (n1 + n2 - 1.0)

    def distance(delta: float) -> float:
        away = estimate - delta
        if away == 0.0:
            return -critical
        p1, p2 = shares_under_difference((x1, n1), (x2, n2), delta)
        variance = (p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2) * factor
        return math.inf if variance <= 0.0 else away**2 / variance - critical

    return _bracketed(distance, estimate, -1.0), _bracketed(distance, estimate, 1.0)


def _bracketed(distance: Callable[[float], float], estimate: float, bound: float) -> float:
    """Return the limit on one side; at the bound itself the variance can be 0."""
    if abs(bound - estimate) < 1e-15:
        return bound
    near = bound - math.copysign(1e-12, bound)
    return bound if distance(near) <= 0.0 else _root(distance, estimate, near)


def shares_under_difference(
    first: tuple[int, int], second: tuple[int, int], delta: float
) -> tuple[float, float]:
    """Return the most likely proportions whose difference is given.

    The score equation is a cubic in the second proportion; its root in the unit interval has a
    closed form.

    Examples
    --------
    >>> tuple(round(p, 6) for p in shares_under_difference((5, 10), (5, 10), 0.0))
    (0.5, 0.5)
    """
    x1, n1 = first
    x2, n2 = second
    total = n1 + n2
    a = float(total)
    b = (n1 + 2.0 * n2) * delta - total - x1 - x2
    c = (n2 * delta - total - 2.0 * x2) * delta + x1 + x2
    d = x2 * delta * (1.0 - delta)
    shift = b / (3.0 * a)
    v = shift**3 - b * c / (6.0 * a * a) + d / (2.0 * a)
    square = max(shift**2 - c / (3.0 * a), 0.0)
    u = math.copysign(math.sqrt(square), v if v else 1.0)
    cosine = 0.0 if u == 0.0 else min(1.0, max(-1.0, v / u**3))
    angle = (math.pi + math.acos(cosine)) / 3.0
    return _polished(first, second, delta, 2.0 * u * math.cos(angle) - shift)


def _polished(
    first: tuple[int, int], second: tuple[int, int], delta: float, p2: float
) -> tuple[float, float]:
    """Take Newton steps of the score, because the closed form loses digits near 0 and 1."""
    x1, n1 = first
    x2, n2 = second
    low, high = max(0.0, -delta), min(1.0, 1.0 - delta)
    p2 = min(high, max(low, p2))
    for _ in range(3):
        p1 = p2 + delta
        if not (0.0 < p1 < 1.0 and 0.0 < p2 < 1.0):
            break
        q1, q2 = 1.0 - p1, 1.0 - p2
        score = x1 / p1 - (n1 - x1) / q1 + x2 / p2 - (n2 - x2) / q2
        slope = x1 / p1**2 + (n1 - x1) / q1**2 + x2 / p2**2 + (n2 - x2) / q2**2
        p2 = min(high, max(low, p2 + score / slope))
    # At a bound one of the two is 0 or 1 exactly.
    p1 = 0.0 if p2 == -delta else 1.0 if p2 == 1.0 - delta else p2 + delta
    return min(1.0, max(0.0, p1)), p2


def _score_ratio(x1: int, n1: int, x2: int, n2: int, level: float) -> tuple[float, float]:
    critical = _critical(level)

    def distance(log_ratio: float) -> float:
        ratio = math.exp(log_ratio)
        p2 = _second_share(x1, n1, x2, n2, ratio)
        p1 = p2 * ratio
        # One less the first share, without the loss where it is near 1.
        q1 = max(1.0 - p1, 0.0)
        away = x1 / n1 - ratio * (x2 / n2)
        if away == 0.0:
            return -critical
        variance = p1 * (q1 / n1 + ratio * (1.0 - p2) / n2)
        return away**2 / variance - critical if variance > 0.0 else math.inf

    lower, upper = 0.0, math.inf
    middle = math.log((x1 + 0.5) * n2 / (n1 * (x2 + 0.5)))
    if x1 and x2:
        middle = math.log(x1 * n2 / (n1 * x2))
    # The estimate is 0 or infinite without an event in one group: go towards it.
    while distance(middle) > 0.0:
        middle += 1.0 if x1 else -1.0
    if x1:
        lower = math.exp(_walk(distance, middle, -1.0))
    if x2:
        upper = math.exp(_walk(distance, middle, 1.0))
    return lower, upper


def _walk(distance: Callable[[float], float], middle: float, side: float) -> float:
    """Return the root on one side of a place inside the limits."""
    step = 0.5
    while distance(middle + side * step) <= 0.0:
        step *= 2.0
    return _root(distance, middle, middle + side * step)


def _second_share(x1: int, n1: int, x2: int, n2: int, ratio: float) -> float:
    """Return the most likely second proportion under a ratio of proportions."""
    total = n1 + n2
    a = total * ratio
    b = n1 * ratio + x1 + n2 + x2 * ratio
    c = float(x1 + x2)
    root = math.sqrt(max(b * b - 4.0 * a * c, 0.0))
    return min(2.0 * c / (b + root), 1.0, 1.0 / ratio)
