"""Survival of times of which only an interval is known, without a model of the curve.

Source: Turnbull, J R Stat Soc B 1976;38:290; Peto, Appl Stat 1973;22:86 (where mass can be).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._mixture import maximise

#: Masses below it are none.
NO_MASS = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class IntervalSurvivalAt:
    """A curve of interval-censored times, read at given times; arrays have their length.

    Attributes
    ----------
    time : float array
        The times asked for.
    survival : float array
        Probability of being without the event after the time; NaN where the data do not say
        (within an innermost interval that has mass).
    least, most : float array
        The smallest and the largest survival of the same likelihood; both equal `survival` where
        there is one. They are no confidence limits.
    """

    time: FloatArray
    survival: FloatArray
    least: FloatArray
    most: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Turnbull:
    """Estimate of greatest likelihood; arrays are read-only with one row an innermost interval.

    Attributes
    ----------
    left, right : float array (m,)
        Innermost intervals, rising: ``(left, right]``, or the time itself where both are equal.
        How mass lies within one is not known.
    mass : float array (m,)
        Probability of each.
    log_likelihood : float
        At the estimate.
    iterations : int
        Steps that were taken.
    n : int
        Subjects.
    """

    left: FloatArray
    right: FloatArray
    mass: FloatArray
    log_likelihood: float
    iterations: int
    n: int

    def at(self, times: npt.ArrayLike) -> IntervalSurvivalAt:
        """Read the curve at times, in any order.

        Examples
        --------
        >>> found = turnbull([0, 2, 4], [4, 6, np.inf]).at([2, 3, 4])
        >>> found.survival.round(6).tolist(), found.least.round(6).tolist()
        ([1.0, nan, 0.5], [1.0, 0.5, 0.5])
        """
        wanted = _checks.times(np.atleast_1d(_checks.as_array("times", times))).astype(np.float64)
        mass = np.where(self.mass > NO_MASS, self.mass, 0.0)
        over = self.right <= wanted[:, None]
        begun = over | (self.left < wanted[:, None])
        most = np.clip(1.0 - over @ mass, 0.0, 1.0)
        least = np.clip(1.0 - begun @ mass, 0.0, 1.0)
        known = ~((begun & ~over) @ mass > 0.0)
        least[known] = most[known]
        return IntervalSurvivalAt(
            time=freeze(wanted),
            survival=freeze(np.where(known, most, np.nan)),
            least=freeze(least),
            most=freeze(most),
        )


def turnbull(left: npt.ArrayLike, right: npt.ArrayLike, *, tolerance: float = 1e-10) -> Turnbull:
    """Estimate survival from intervals that hold the times.

    Parameters
    ----------
    left, right : array (n,)
        Each time lies in ``(left, right]``. Both equal: the time is known. `right` infinite: the
        event has not been seen by `left` (right-censored). Not negative.
    tolerance : float
        The log likelihood of a subject is, on average, within it of the greatest, and no mass
        moved by more in the last step.

    Returns
    -------
    Turnbull
        With known and right-censored times only, the Kaplan-Meier estimate.

    Raises
    ------
    InputError
        If the arrays are no intervals.

    Notes
    -----
    Mass can only lie where an interval begins and, as the next thing, one ends. The masses are
    found by steps of expectation and maximisation (self-consistency), then of a constrained
    Newton's method.

    Examples
    --------
    >>> curve = turnbull([0, 2, 4], [4, 6, np.inf])
    >>> curve.left.tolist(), curve.right.tolist(), curve.mass.round(6).tolist()
    ([2.0, 4.0], [4.0, 6.0], [0.5, 0.5])
    """
    lefts, rights = checked_intervals(left, right)
    if not 0.0 < _checks.number("tolerance", tolerance) < 1.0:
        raise InputError(f"tolerance must lie strictly between 0 and 1; it is {tolerance!r}.")
    return estimate(lefts, rights, np.ones(len(lefts)), tolerance)


def checked_intervals(left: npt.ArrayLike, right: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the ends of intervals as floats, or say what they have to be."""
    lefts = _checks.numbers("left", left).astype(np.float64)
    rights = _checks.as_array("right", right)
    if rights.dtype.kind not in "biuf" or rights.ndim != 1:
        raise InputError("right must hold numbers, with one axis.")
    rights = rights.astype(np.float64)
    _checks.check_length("right", rights, len(lefts))
    bad = int(np.count_nonzero(np.isnan(rights)))
    if bad:
        raise InputError(f"right must be a number or infinite; {bad} of {len(rights)} are missing.")
    if lefts.min() < 0:
        raise InputError("left must not be negative.")
    bad = int(np.count_nonzero(rights < lefts))
    if bad:
        raise InputError(f"right must not lie before left; {bad} of {len(rights)} do.")
    return lefts, rights


def estimate(left: FloatArray, right: FloatArray, weight: FloatArray, tolerance: float) -> Turnbull:
    """Estimate from intervals that `weight` subjects each have; see `turnbull`."""
    begin, stop = _coded(left, right)
    start, finish = _innermost(begin, stop)
    first = np.searchsorted(begin[start], begin, side="left")
    end = np.searchsorted(stop[finish], stop, side="right")
    pairs, same = np.unique(np.stack((first, end)), axis=1, return_inverse=True)
    seen = np.bincount(same.reshape(-1), weight, pairs.shape[1]).astype(np.float64)
    best = maximise(pairs[0], pairs[1], seen, len(start), tolerance)
    return Turnbull(
        left=freeze(left[start]),
        right=freeze(right[finish]),
        mass=freeze(best.mass),
        log_likelihood=best.log_likelihood,
        iterations=best.iterations,
        n=round(float(weight.sum())),
    )


def _coded(left: FloatArray, right: FloatArray) -> tuple[IntArray, IntArray]:
    """Return ends as whole numbers in their order on the line.

    On one time, the begin of a known time comes first, then the end of any interval that holds
    the time, then the begin of those that start after it.
    """
    values = np.unique(np.concatenate((left, right)))
    begin = 3 * np.searchsorted(values, left) + np.where(left == right, 0, 2)
    return begin.astype(np.int64), (3 * np.searchsorted(values, right) + 1).astype(np.int64)


def _innermost(begin: IntArray, stop: IntArray) -> tuple[IntArray, IntArray]:
    """Return the subjects whose begin, and those whose end, bound each innermost interval."""
    begins, begun_by = np.unique(begin, return_index=True)
    stops, stopped_by = np.unique(stop, return_index=True)
    # The first end after each begin; the begin next before that end bounds the interval with it.
    following = np.searchsorted(stops, begins, side="left")
    last = np.concatenate((following[1:] != following[:-1], [True]))
    return begun_by[last], stopped_by[following[last]]
