"""Exact operating characteristics of any rule that looks at a count several times.

Source: Schultz, Nichol, Elfring and Weed, Biometrics 1973;29:293 (recursion over the stages).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design import _binomial
from hepatica.stats.design._binomial import mass

#: Looks beyond this many patients are not followed exactly.
LARGEST_MONITORED = 2_000


@dataclass(frozen=True, slots=True)
class MonitoringProperties:
    """Operating characteristics of a monitored trial.

    Attributes
    ----------
    looks : ndarray of int, shape (looks,)
        Patients at each look; the last is the end.
    futility : ndarray of int, shape (looks,)
        Stop with this many events or fewer; -1 where there is no such stop.
    efficacy : ndarray of int, shape (looks,)
        Stop with this many events or more; looks + 1 where there is no such stop. At the last
        look, the fewest events that reject the null.
    rates : ndarray of float, shape (rates,)
        True rates.
    reject : ndarray of float, shape (rates,)
        Probability of reaching `efficacy` at any look.
    expected_n : ndarray of float, shape (rates,)
        Expected patients.
    early_stop : ndarray of float, shape (rates,)
        Probability of ending before the last look.
    stop_futility, stop_efficacy : ndarray of float, shape (looks, rates)
        Probability of ending at each look on either side; at the last look the two decisions.
    """

    looks: IntArray
    futility: IntArray
    efficacy: IntArray
    rates: FloatArray
    reject: FloatArray
    expected_n: FloatArray
    early_stop: FloatArray
    stop_futility: FloatArray
    stop_efficacy: FloatArray


def monitoring_properties(
    looks: npt.ArrayLike, futility: npt.ArrayLike, efficacy: npt.ArrayLike, rates: npt.ArrayLike
) -> MonitoringProperties:
    """Return exact operating characteristics of a rule with several looks.

    Parameters
    ----------
    looks : array_like of int, shape (looks,)
        Patients at each look, increasing, at most 2,000.
    futility : array_like of int, shape (looks,)
        Stop with this many events or fewer; -1 for no such stop.
    efficacy : array_like of int, shape (looks,)
        Stop with this many events or more; looks + 1 for no such stop. At the last look every
        count that does not reach it leaves the null.
    rates : array_like of float, shape (rates,)
        True rates from 0 to 1.

    Raises
    ------
    InputError
        If the looks do not increase, the lengths differ, or the sides of a look meet.

    Examples
    --------
    Simon's 1/10, 5/29:

    >>> found = monitoring_properties([10, 29], [1, 5], [11, 6], [0.1, 0.3])
    >>> found.reject.round(4).tolist(), found.expected_n.round(2).tolist()
    ([0.0471, 0.8051], [15.01, 26.16])
    """
    sizes = check_looks(looks)
    low = _bounds("futility", futility, sizes)
    high = _bounds("efficacy", efficacy, sizes)
    true = _binomial.check_rate_array("rates", rates)
    if (low >= high).any():
        raise InputError("futility must lie below efficacy at every look.")
    low = low.copy()
    low[-1] = high[-1] - 1
    below, above = stopping(sizes, low[None, :], high[None, :], true)
    below, above = below[:, 0, :], above[:, 0, :]
    ended = below + above
    return MonitoringProperties(
        looks=freeze(sizes),
        futility=freeze(low),
        efficacy=freeze(high.copy()),
        rates=freeze(true),
        reject=freeze(above.sum(axis=0)),
        expected_n=freeze((ended * sizes[:, None]).sum(axis=0)),
        early_stop=freeze(ended[:-1].sum(axis=0)),
        stop_futility=freeze(below),
        stop_efficacy=freeze(above),
    )


def check_looks(looks: npt.ArrayLike) -> IntArray:
    """Return the patients at each look; they increase."""
    array = _checks.numbers("looks", np.atleast_1d(looks))
    sizes = _checks.whole(array, "looks must hold whole numbers.").astype(np.int64)
    if sizes[0] < 1 or (np.diff(sizes) < 1).any():
        raise InputError("looks must be numbers of patients that increase, from 1 on.")
    if sizes[-1] > LARGEST_MONITORED:
        raise InputError(f"looks are followed up to {LARGEST_MONITORED:,} patients.")
    return sizes


def _bounds(name: str, values: npt.ArrayLike, sizes: IntArray) -> IntArray:
    array = _checks.numbers(name, np.atleast_1d(values))
    if len(array) != len(sizes):
        raise InputError(f"{name} must have one bound a look: {len(sizes)}; it has {len(array)}.")
    found = _checks.whole(array, f"{name} must hold whole numbers.")
    return np.clip(found, -1, sizes + 1)


def stopping(
    looks: IntArray, futility: IntArray, efficacy: IntArray, rates: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the probability of ending at each look below and above, for many rules at once.

    Parameters
    ----------
    looks : ndarray of int, shape (looks,)
    futility, efficacy : ndarray of int, shape (rules, looks)
    rates : ndarray of float, shape (rates,)

    Returns
    -------
    two ndarrays of float, shape (looks, rules, rates)
    """
    counts = np.arange(int(looks[-1]) + 1)
    gained = counts[None, :] - counts[:, None]
    state = np.zeros((len(rates), len(futility), len(counts)))
    state[:, :, 0] = 1.0
    below, above = [], []
    for look, added in enumerate(np.diff(looks, prepend=0)):
        step = mass(added, gained, rates[:, None, None])
        state = state @ step
        under = counts <= futility[:, look, None]
        over = counts >= efficacy[:, look, None]
        below.append((state * under).sum(axis=2).T)
        above.append((state * over).sum(axis=2).T)
        state = state * ~(under | over)
    return np.array(below), np.array(above)
