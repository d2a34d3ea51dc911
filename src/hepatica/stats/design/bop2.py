"""BOP2: a single-arm trial that stops when the rate is improbably above the null, ever stricter.

Source: Zhou, Lee and Yuan, Stat Med 2017;36:3302 (binary endpoint). Go on at n of N patients while
P(rate > null | data) >= scale (n / N)^shape; scale and shape give the largest power whose exact
type I error keeps the level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design import _binomial
from hepatica.stats.design._binomial import ROUNDING
from hepatica.stats.design.monitoring import check_looks, stopping

#: The grid of the paper's rule; counts are whole, so finer steps name few further boundaries.
_SCALES = np.arange(500, 1000) / 1000.0
_SHAPES = np.arange(0, 101) / 100.0


@dataclass(frozen=True, slots=True)
class Bop2Design:
    """A calibrated BOP2 design and its exact properties.

    Attributes
    ----------
    n : int
        Patients at the last look.
    events : int
        Fewest events that declare success.
    looks, futility : ndarray of int, shape (looks,)
        Patients at each look; stop with this many events or fewer (-1: no stop).
    thresholds : ndarray of float, shape (looks,)
        scale (n / N)^shape.
    scale, shape : float
        As calibrated; of the pairs that give the same boundary the first one of the grid.
    type_1_error, power : float
        Exact probability of success at the null and at the alternative.
    expected_n, expected_n_alternative : float
        Expected patients.
    early_stop, early_stop_alternative : float
        Probability of ending before the last look.
    alpha : float
        Largest type I error, as asked.
    prior_events, prior_others : float
        Parameters of the beta prior.
    null, alternative : float
        Rates.
    """

    n: int
    events: int
    looks: IntArray
    futility: IntArray
    thresholds: FloatArray
    scale: float
    shape: float
    type_1_error: float
    power: float
    expected_n: float
    expected_n_alternative: float
    early_stop: float
    early_stop_alternative: float
    alpha: float
    prior_events: float
    prior_others: float
    null: float
    alternative: float


def bop2(
    null: float,
    alternative: float,
    looks: npt.ArrayLike,
    *,
    alpha: float = 0.05,
    prior: tuple[float, float] | None = None,
) -> Bop2Design:
    """Return the BOP2 design of a binary endpoint with the largest power.

    Scale runs from 0.500 to 0.999 by 0.001, shape from 0 to 1 by 0.01. Of rules with the same
    power the one with the smallest expected number at the null is taken.

    Parameters
    ----------
    null, alternative : float
        Rates, strictly between 0 and 1; the alternative is higher.
    looks : array_like of int, shape (looks,)
        Patients at each look; the last is the end.
    alpha : float
        Largest exact type I error.
    prior : tuple of 2 float, optional
        Parameters of the beta prior; null and 1 - null when not given, worth one patient.

    Raises
    ------
    InputError
        If a number cannot be used, or no rule of the grid keeps the level.

    Examples
    --------
    >>> found = bop2(0.2, 0.4, [10, 20, 30, 40])
    >>> found.futility.tolist(), round(found.type_1_error, 3), round(found.power, 3)
    ([1, 4, 7, 12], 0.038, 0.832)
    """
    low, high = _binomial.check_rates(null, alternative)
    level, sizes = _binomial.check_alpha(alpha), check_looks(np.asarray(looks))
    beta = _binomial.check_prior((low, 1.0 - low) if prior is None else prior)
    rules, first = _boundaries(sizes, low, beta)
    below, above = stopping(sizes, rules, _ends(rules, sizes), np.array([low, high]))
    reject = above[-1]
    expected = ((below + above) * sizes[:, None, None]).sum(axis=0)
    # A rule that no course satisfies keeps any level and is no design.
    kept = np.flatnonzero((reject[:, 0] <= level + ROUNDING) & (reject[:, 1] > 0.0))
    if not kept.size:
        raise InputError(
            f"No boundary keeps a type I error of {level:g} with so few patients; allow a larger "
            "alpha or more patients."
        )
    best = kept[np.lexsort((expected[kept, 0], -reject[kept, 1].round(12)))[0]]
    scale = float(_SCALES[first[best] // len(_SHAPES)])
    shape = float(_SHAPES[first[best] % len(_SHAPES)])
    early = below[:-1, best].sum(axis=0)
    return Bop2Design(
        n=int(sizes[-1]),
        events=int(rules[best, -1]) + 1,
        looks=freeze(sizes),
        futility=freeze(rules[best].copy()),
        thresholds=freeze(scale * (sizes / sizes[-1]) ** shape),
        scale=scale,
        shape=shape,
        type_1_error=float(reject[best, 0]),
        power=float(reject[best, 1]),
        expected_n=float(expected[best, 0]),
        expected_n_alternative=float(expected[best, 1]),
        early_stop=float(early[0]),
        early_stop_alternative=float(early[1]),
        alpha=level,
        prior_events=beta[0],
        prior_others=beta[1],
        null=low,
        alternative=high,
    )


def _boundaries(
    looks: IntArray, null: float, prior: tuple[float, float]
) -> tuple[IntArray, IntArray]:
    """Return the different futility boundaries of the grid, and where each first occurs."""
    columns = []
    for size in looks.tolist():
        counts = np.arange(size + 1)
        # Rises with the count: the number below a threshold is the boundary plus one.
        posterior = betainc(prior[1] + size - counts, prior[0] + counts, 1.0 - null)
        threshold = _SCALES[:, None] * (size / looks[-1]) ** _SHAPES
        columns.append(np.searchsorted(posterior, threshold.ravel(), side="left") - 1)
    rules, first = np.unique(np.column_stack(columns), axis=0, return_index=True)
    return rules.astype(np.int64), first.astype(np.int64)


def _ends(rules: IntArray, looks: IntArray) -> IntArray:
    """Return where success is declared: at the last look alone, above the boundary."""
    ends = np.broadcast_to(looks + 1, rules.shape).copy()
    ends[:, -1] = rules[:, -1] + 1
    return ends
