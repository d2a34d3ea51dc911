"""Binomial probabilities of whole tables, and what every design on proportions checks."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrc, gammaln, xlog1py, xlogy

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray

#: Probabilities that should equal a limit may miss it by rounding.
ROUNDING = 1e-12
#: Sizes above this are no trial; the search says so and does not run on.
LARGEST_SIZE = 1_000_000


def log_choose(n: npt.ArrayLike, k: npt.ArrayLike) -> FloatArray:
    """Return the logarithm of the ways to choose k of n. Shapes broadcast."""
    n, k = np.asarray(n, dtype=np.float64), np.asarray(k, dtype=np.float64)
    found: FloatArray = gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)
    return found


def mass(n: npt.ArrayLike, events: npt.ArrayLike, rate: npt.ArrayLike) -> FloatArray:
    """Return P(X = events); 0 outside 0 to n. Shapes broadcast."""
    n, k = np.asarray(n, dtype=np.float64), np.asarray(events, dtype=np.float64)
    inside = np.clip(k, 0.0, n)
    ways = log_choose(n, inside)
    log_mass = ways + xlogy(inside, rate) + xlog1py(n - inside, np.negative(rate))
    found: FloatArray = np.where((k >= 0) & (k <= n), np.exp(log_mass), 0.0)
    return found


def more_than(n: npt.ArrayLike, events: npt.ArrayLike, rate: npt.ArrayLike) -> FloatArray:
    """Return P(X > events) for whole numbers of any sign. Shapes broadcast."""
    n, k = np.asarray(n), np.asarray(events)
    inside = bdtrc(np.clip(k, 0, n).astype(np.float64), n, rate)
    found: FloatArray = np.where(k < 0, 1.0, np.where(k >= n, 0.0, inside))
    return found


def at_most(n: npt.ArrayLike, events: npt.ArrayLike, rate: npt.ArrayLike) -> FloatArray:
    """Return P(X <= events) for whole numbers of any sign. Shapes broadcast."""
    n, k = np.asarray(n), np.asarray(events)
    inside = bdtr(np.clip(k, 0, n).astype(np.float64), n, rate)
    found: FloatArray = np.where(k < 0, 0.0, np.where(k >= n, 1.0, inside))
    return found


def check_alpha(alpha: float) -> float:
    """Return the significance level; it lies strictly between 0 and 1."""
    return _checks.check_probability("alpha", alpha)


def check_errors(alpha: float, power: float) -> tuple[float, float]:
    """Return significance level and power; the power exceeds the level."""
    level, wanted = check_alpha(alpha), _checks.check_probability("power", power)
    if wanted <= level:
        raise InputError(
            f"power must lie between alpha and 1: a test of level {level:g} has at least that "
            f"power whatever its size; it is {wanted:g}. Ask for a power such as 0.8."
        )
    return level, wanted


def check_rates(null: float, alternative: float) -> tuple[float, float]:
    """Return the two rates; the alternative is the higher one."""
    low = _checks.check_probability("null", null)
    high = _checks.check_probability("alternative", alternative)
    if high <= low:
        raise InputError(
            f"alternative must be higher than null; they are {high:g} and {low:g}. When fewer "
            "events are better, plan on the patients without the event."
        )
    return low, high


def check_rate(name: str, rate: Any) -> float:
    """Return a rate from 0 to 1, both allowed."""
    found = _checks.number(name, rate)
    if not 0.0 <= found <= 1.0:
        raise InputError(f"{name} must lie between 0 and 1; it is {found:g}.")
    return found


def check_rate_array(name: str, rates: npt.ArrayLike) -> FloatArray:
    """Return rates from 0 to 1 as a new float array with one axis."""
    found = np.array(_checks.numbers(name, np.atleast_1d(rates)), dtype=np.float64)
    if found.min() < 0.0 or found.max() > 1.0:
        raise InputError(f"{name} must lie between 0 and 1.")
    return found


def check_sizes(n: npt.ArrayLike) -> IntArray:
    """Return sizes of trials: whole numbers from 1 on."""
    sizes = _checks.whole(_checks.numbers("n", np.atleast_1d(n)), "n must hold whole numbers.")
    if sizes.min() < 1 or sizes.max() > LARGEST_SIZE:
        raise InputError(f"n must lie between 1 and {LARGEST_SIZE:,}.")
    return sizes


def check_prior(prior: Any) -> tuple[float, float]:
    """Return the two parameters of a beta prior; both are positive."""
    try:
        first, second = prior
    except (TypeError, ValueError):
        raise InputError("prior must be two numbers: the parameters of a beta prior.") from None
    a, b = _checks.number("prior", first), _checks.number("prior", second)
    if not (a > 0.0 and b > 0.0 and np.isfinite(a + b)):
        raise InputError("Both parameters of a beta prior must be positive.")
    return a, b
