"""Exact single-stage designs of one proportion, against a higher one.

Sources: A'Hern, Stat Med 2001;20:859 (Fleming's single stage by exact binomial probabilities);
Chernick and Liu, Am Stat 2002;56:149 (power is a sawtooth in n).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrik

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design import _binomial
from hepatica.stats.design._binomial import LARGEST_SIZE, ROUNDING, more_than
from hepatica.stats.design.one_proportion_normal import normal_size, refuse_too_large

#: Sizes that are looked at in one go; power repeats its sawtooth well within them.
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class OneProportionDesign:
    """A single-stage design whose test counts events exactly.

    Attributes
    ----------
    n : int
        Patients.
    events : int
        Fewest events that reject the null.
    type_1_error, power : float
        Exact probabilities of rejection at the null and at the alternative.
    alpha, power_target : float
        As asked.
    null, alternative : float
        Rates.
    sides : int
        2 when alpha is halved for the upper tail.
    lasting : bool
        True when every larger n keeps the power as well.
    """

    n: int
    events: int
    type_1_error: float
    power: float
    alpha: float
    power_target: float
    null: float
    alternative: float
    sides: int
    lasting: bool


@dataclass(frozen=True, slots=True)
class OneProportionPower:
    """Exact power of single-stage designs of given sizes.

    Attributes
    ----------
    n : ndarray of int, shape (sizes,)
        Patients.
    events : ndarray of int, shape (sizes,)
        Fewest events that reject; n + 1 where no count rejects.
    type_1_error, power : ndarray of float, shape (sizes,)
        Exact probabilities of rejection.
    alpha, null, alternative : float
        As asked.
    sides : int
        2 when alpha is halved for the upper tail.
    """

    n: IntArray
    events: IntArray
    type_1_error: FloatArray
    power: FloatArray
    alpha: float
    null: float
    alternative: float
    sides: int


def one_proportion_power(
    n: npt.ArrayLike, null: float, alternative: float, *, alpha: float = 0.05, sides: int = 1
) -> OneProportionPower:
    """Return the exact power of tests of one proportion at given sizes.

    Parameters
    ----------
    n : array_like of int, shape (sizes,)
        Patients, at least 1 each.
    null, alternative : float
        Rates, strictly between 0 and 1; the alternative is higher.
    alpha : float
        Significance level.
    sides : {1, 2}
        2 halves alpha for the upper tail; rejections in the lower tail are not counted as power.

    Raises
    ------
    InputError
        If a number cannot be used.

    Examples
    --------
    >>> found = one_proportion_power([24, 26], 0.65, 0.80, alpha=0.025)
    >>> found.events.tolist(), found.power.round(2).tolist()
    ([21, 22], [0.26, 0.38])
    """
    low, high = _binomial.check_rates(null, alternative)
    level = _binomial.check_alpha(alpha)
    _checks.check_sides(sides)
    sizes = _binomial.check_sizes(n)
    events = critical_events(sizes, low, level / sides)
    return OneProportionPower(
        n=freeze(sizes.copy()),
        events=freeze(events),
        type_1_error=freeze(more_than(sizes, events - 1, low)),
        power=freeze(more_than(sizes, events - 1, high)),
        alpha=level,
        null=low,
        alternative=high,
        sides=sides,
    )


def critical_events(sizes: IntArray, null: float, level: float) -> IntArray:
    """Return the fewest events whose upper tail at the null is at most the level."""
    start = np.ceil(bdtrik(1.0 - level, sizes.astype(np.float64), null))
    events: IntArray = np.clip(np.nan_to_num(start, nan=0.0).astype(np.int64), 0, sizes)
    # The inverse is continuous in the count, so its ceiling can be one off on either side.
    while (high := more_than(sizes, events - 1, null) > level + ROUNDING).any():
        events = events + high
    while (low := (events > 0) & (more_than(sizes, events - 2, null) <= level + ROUNDING)).any():
        events = events - low
    return events


def one_proportion_exact(
    null: float,
    alternative: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    sides: int = 1,
    lasting: bool = False,
) -> OneProportionDesign:
    """Return the smallest exact single-stage design of one proportion (A'Hern).

    Parameters
    ----------
    null, alternative : float
        Rates, strictly between 0 and 1; the alternative is higher.
    alpha, power : float
        Largest exact type I error and smallest exact power.
    sides : {1, 2}
        2 halves alpha for the upper tail.
    lasting : bool
        Exact power is a sawtooth in n: a larger trial can have less of it. False gives the
        smallest n that has the power; True the smallest from which every larger n has it too.

    Raises
    ------
    InputError
        If the rates or errors cannot be used, or more than a million patients are needed.

    Examples
    --------
    >>> found = one_proportion_exact(0.10, 0.30)
    >>> found.n, found.events, round(found.power, 3)
    (25, 6, 0.807)
    """
    low, high = _binomial.check_rates(null, alternative)
    level, wanted = _binomial.check_errors(alpha, power)
    _checks.check_sides(sides)
    tail = level / sides
    guess = normal_size(low, high, tail, wanted)
    refuse_too_large(guess)
    n = _smallest(low, high, tail, wanted, _sure_from(guess) if lasting else None)
    sizes = np.array([n], dtype=np.int64)
    events = int(critical_events(sizes, low, tail)[0])
    return OneProportionDesign(
        n=n,
        events=events,
        type_1_error=float(more_than(n, events - 1, low)),
        power=float(more_than(n, events - 1, high)),
        alpha=level,
        power_target=wanted,
        null=low,
        alternative=high,
        sides=sides,
        lasting=lasting,
    )


def _sure_from(guess: float) -> int:
    """Return a size beyond which the dips of the sawtooth no longer reach the power."""
    return int(2.0 * guess) + 2 * _BLOCK


def _smallest(null: float, alternative: float, tail: float, power: float, last: int | None) -> int:
    """Return the first size with the power; with `last`, the first after the last without it."""
    start, found = 1, 0
    while start <= 4 * LARGEST_SIZE:
        sizes = np.arange(start, start + _BLOCK, dtype=np.int64)
        events = critical_events(sizes, null, tail)
        enough = more_than(sizes, events - 1, alternative) >= power - ROUNDING
        if last is None and enough.any():
            return int(sizes[enough.argmax()])
        if last is not None:
            short = sizes[~enough]
            found = int(short[-1]) + 1 if short.size else found
            if sizes[-1] >= last and sizes[-1] >= found + _BLOCK - 1:
                return max(found, 1)
        start += _BLOCK
    raise InputError("No size up to four million has the power; choose other rates.")
