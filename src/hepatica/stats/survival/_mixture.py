"""The masses of a mixture that make what was seen most likely.

Source: Wang, J R Stat Soc B 2007;69:185 (constrained Newton method; each step is a least-squares
problem with non-negative unknowns, after Dax 1990).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray

#: Steps by expectation and maximisation that come before Newton's, and most steps of these.
EM_STEPS, MOST_STEPS = 30, 200
_HALVINGS, _ROUNDING = 40, 1e-13


class Mixture(NamedTuple):
    """Masses that sum to 1, their log likelihood, and the steps taken."""

    mass: FloatArray
    log_likelihood: float
    iterations: int


class _Seen(NamedTuple):
    """Each row saw that the time lies within the places from `first` to before `end`."""

    first: IntArray
    end: IntArray
    weight: FloatArray
    places: int


def maximise(
    first: IntArray, end: IntArray, weight: FloatArray, places: int, tolerance: float
) -> Mixture:
    """Return the masses of greatest likelihood.

    Parameters
    ----------
    first, end : int array (k,)
        Row i saw one of the places ``first[i]`` to ``end[i] - 1``.
    weight : float array (k,)
        Subjects that saw so.
    places : int
        Number of places that can have mass; each is seen by somebody.
    tolerance : float
        The log likelihood of a subject is, on average, within it of the greatest, and no mass
        moved by more in the last step.

    Raises
    ------
    InputError
        If the steps do not end.
    """
    seen = _Seen(first, end, weight, places)
    n = float(weight.sum())
    mass = np.full(places, 1.0 / places)
    for _ in range(EM_STEPS):
        mass = _tidy(mass * _gradient(seen, mass) / n)
    moved = np.inf
    for step in range(MOST_STEPS):
        # The likelihood is concave: the largest gradient bounds what is left to gain.
        if float(_gradient(seen, mass).max()) / n - 1.0 < tolerance and moved < tolerance:
            return Mixture(mass, _log_likelihood(seen, mass), EM_STEPS + step)
        new = _stepped(seen, mass, n)
        moved = float(np.abs(new - mass).max())
        mass = new
    raise InputError(
        f"The masses did not settle within {MOST_STEPS} steps. Check left and right for times that "
        "differ by rounding alone."
    )


def _probability(seen: _Seen, mass: FloatArray) -> FloatArray:
    """Return the probability of what each row saw."""
    total = np.concatenate(([0.0], np.cumsum(mass)))
    found: FloatArray = total[seen.end] - total[seen.first]
    return found


def _log_likelihood(seen: _Seen, mass: FloatArray) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(seen.weight @ np.log(_probability(seen, mass)))
    return value if np.isfinite(value) else -np.inf


def _gradient(seen: _Seen, mass: FloatArray) -> FloatArray:
    """Return the derivative of the log likelihood by each mass; n at a mass that is best."""
    share = seen.weight / _probability(seen, mass)
    length = seen.places + 1
    edges = np.bincount(seen.first, share, length) - np.bincount(seen.end, share, length)
    slope: FloatArray = np.cumsum(edges)[:-1]
    return slope


def _stepped(seen: _Seen, mass: FloatArray, n: float) -> FloatArray:
    """Return the masses after a step of Newton's method, shortened until it gains."""
    target = _newton_target(seen, mass, n)
    before = _log_likelihood(seen, mass)
    # Near the end a step gains less than rounding loses; Newton's steps then need no shortening.
    before -= _ROUNDING * (1.0 + abs(before))
    length = 1.0
    for _ in range(_HALVINGS):
        tried = _tidy(mass + length * (target - mass))
        if _log_likelihood(seen, tried) >= before:
            return tried
        length /= 2.0
    return _tidy(mass * _gradient(seen, mass) / n)


def _newton_target(seen: _Seen, mass: FloatArray, n: float) -> FloatArray:
    """Return the masses at which the quadratic approximation of the likelihood is greatest."""
    place = np.arange(seen.places)
    inside: npt.NDArray[np.bool_] = (place >= seen.first[:, None]) & (place < seen.end[:, None])
    root = np.sqrt(seen.weight / n)
    slopes = inside * (root / _probability(seen, mass))[:, None] - 2.0 * root[:, None]
    rows = np.vstack((slopes, np.ones(seen.places)))
    found, _ = nnls(rows, np.concatenate((np.zeros(len(root)), [1.0])))
    return _tidy(found)


def _tidy(mass: FloatArray) -> FloatArray:
    """Return masses that sum to 1."""
    kept = np.maximum(mass, 0.0)
    tidy: FloatArray = kept / kept.sum()
    return tidy
