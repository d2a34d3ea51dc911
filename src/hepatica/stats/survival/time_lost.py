"""Mean time lost to each of several competing causes up to a time.

Source: Andersen, Stat Med 2013;32:5278.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.aalen_johansen import CumulativeIncidence


@dataclass(frozen=True, slots=True, eq=False)
class TimeLost:
    """Mean time lost up to `tau` to m causes, in the unit of the times.

    Attributes
    ----------
    tau : float
        Up to this time.
    event_free : float
        Mean time without any event; with the times lost it sums to `tau`.
    lost, std_error, lower, upper : float array (m,)
        Area under the cumulative incidence of each cause, with Wald limits.
    conf_level : float
        As given.
    """

    tau: float
    event_free: float
    lost: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    conf_level: float


def time_lost(
    curves: CumulativeIncidence, tau: float | None = None, *, conf_level: float | None = None
) -> TimeLost:
    """Return the mean time lost to each cause up to a time.

    Parameters
    ----------
    curves : CumulativeIncidence
        Incidences of all causes.
    tau : float, optional
        The time, at most the last follow-up unless nobody is left; without it the last follow-up.
    conf_level : float, optional
        Confidence level; without it that of the curves.

    Raises
    ------
    InputError
        If `tau` cannot be used.

    Notes
    -----
    The variance is the multinomial delta method of `cumulative_incidence`; with one cause it is
    Greenwood's area sum of `restricted_mean`.

    Examples
    --------
    >>> from hepatica.stats.survival.aalen_johansen import cumulative_incidence
    >>> lost = time_lost(cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0]), 4)
    >>> lost.lost.tolist(), lost.event_free
    ([1.0, 0.5], 2.5)
    """
    level = _checks.check_conf_level(curves.conf_level if conf_level is None else conf_level)
    end = curves.last_time if tau is None else _checks.number("tau", tau)
    if not (math.isfinite(end) and end > 0.0):
        raise InputError(f"tau must be a time above 0; it is {end!r}.")
    if end > curves.last_time * (1.0 + SAME_TIME) and curves.survival[-1] > 0.0:
        raise InputError(
            f"tau must not lie past the last follow-up, where incidences are not known; {end!r} "
            f"does. Choose an earlier time."
        )
    inside = int(np.searchsorted(curves.time, end * (1.0 + SAME_TIME), side="right"))
    time = np.minimum(curves.time[:inside], end)
    widths = np.diff(np.append(time, end))
    incidence = curves.incidence[:, :inside]
    lost = (incidence * widths).sum(axis=1)
    std_error = np.sqrt(_variance(curves, inside, widths, end - time))
    half = float(ndtri(0.5 + level / 2.0)) * std_error
    return TimeLost(
        tau=end,
        event_free=float(end - lost.sum()),
        lost=freeze(lost),
        std_error=freeze(std_error),
        lower=freeze(lost - half),
        upper=freeze(lost + half),
        conf_level=level,
    )


def _variance(
    curves: CumulativeIncidence, inside: int, widths: FloatArray, left: FloatArray
) -> FloatArray:
    events = curves.events[:, :inside].astype(np.float64)
    n = curves.at_risk[:inside].astype(np.float64)
    incidence = curves.incidence[:, :inside]
    total = events.sum(axis=0)
    before = np.concatenate(([1.0], curves.survival[:-1]))[:inside]
    # What is still to be lost after each time, above the level of the incidence there.
    ahead = np.cumsum((incidence * widths)[:, ::-1], axis=1)[:, ::-1] - incidence * left
    pull = np.divide(1.0, n - total, out=np.zeros_like(n), where=n > total)
    other = -ahead * pull
    own = before / n * left + other
    mean = own * events + other * (total - events)
    terms = own**2 * events + other**2 * (total - events) - mean**2 / n
    return np.asarray(np.maximum(terms.sum(axis=1), 0.0))
