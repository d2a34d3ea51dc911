"""Stopping a trial for toxicity.

Sources: Ivanova, Qaqish and Schell, Biometrics 2005;61:540 (Pocock's boundary for a count); Geller,
Follmann, Leifer and Carter, in Geller (ed), Advances in Clinical Trial Biostatistics, 2003 (by the
posterior probability of a rate above the limit).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.design import _binomial
from hepatica.stats.design._binomial import ROUNDING, more_than
from hepatica.stats.design.monitoring import check_looks, stopping


@dataclass(frozen=True, slots=True)
class ToxicityBoundary:
    """Counts of toxicities that end a trial.

    Attributes
    ----------
    n : int
        Patients at the last look.
    events : int
        Fewest toxicities that stop at the last look; n + 1 when none does.
    looks, boundary : ndarray of int, shape (looks,)
        Patients at each look, and fewest toxicities that stop; looks + 1 where none does.
    type_1_error, power : float
        Exact probability of stopping at the tolerable and at the excessive rate.
    expected_n, expected_n_alternative : float
        Expected patients at either rate.
    alpha : float
        As asked; nan for the posterior rule, which has none.
    threshold : float
        Level of each look (Pocock), or of the posterior probability.
    null, alternative : float
        Tolerable and excessive rate.
    prior_events, prior_others : float
        Parameters of the beta prior; nan for Pocock's boundary.
    method : {"pocock", "posterior"}
        The rule.
    """

    n: int
    events: int
    looks: IntArray
    boundary: IntArray
    type_1_error: float
    power: float
    expected_n: float
    expected_n_alternative: float
    alpha: float
    threshold: float
    null: float
    alternative: float
    prior_events: float
    prior_others: float
    method: str


def toxicity_boundary(
    null: float, alternative: float, looks: npt.ArrayLike, *, alpha: float = 0.05
) -> ToxicityBoundary:
    """Return Pocock's boundary: every look tests at one level, as high as alpha allows in all.

    Parameters
    ----------
    null, alternative : float
        Tolerable rate of toxicity, and an excessive one.
    looks : array_like of int, shape (looks,)
        Patients at each look.
    alpha : float
        Largest exact probability of stopping at the tolerable rate.

    Examples
    --------
    >>> found = toxicity_boundary(0.2, 0.4, [5, 10, 15, 20])
    >>> found.boundary.tolist(), round(found.type_1_error, 4)
    ([4, 6, 7, 8], 0.0415)
    """
    low, high = _binomial.check_rates(null, alternative)
    level, sizes = _binomial.check_alpha(alpha), check_looks(np.asarray(looks))
    counts = np.arange(int(sizes[-1]) + 1)
    tails = more_than(sizes[:, None], counts - 1, low)
    possible = counts <= sizes[:, None]
    levels = np.unique(np.append(tails[possible & (tails <= level + ROUNDING)], 0.0))

    def boundary(nominal: float) -> IntArray:
        found: IntArray = sizes + 1 - (possible & (tails <= nominal + ROUNDING)).sum(axis=1)
        return found

    # Crossing grows with the level of a look, so the highest level allowed is found by halving.
    kept, beyond = 0, len(levels)
    while beyond - kept > 1:
        middle = (kept + beyond) // 2
        crossed = _crossing(sizes, boundary(float(levels[middle])), np.array([low]))[0][0]
        kept, beyond = (middle, beyond) if crossed <= level + ROUNDING else (kept, middle)
    threshold = float(levels[kept])
    nothing = float("nan")
    return _value("pocock", sizes, boundary(threshold), (low, high), (level, threshold), nothing)


def posterior_toxicity_boundary(
    null: float,
    alternative: float,
    looks: npt.ArrayLike,
    *,
    threshold: float = 0.95,
    prior: tuple[float, float] = (1.0, 1.0),
) -> ToxicityBoundary:
    """Return the boundary that stops when P(toxicity > null | data) exceeds a threshold.

    Parameters
    ----------
    null, alternative : float
        Tolerable rate of toxicity, and an excessive one.
    looks : array_like of int, shape (looks,)
        Patients at each look.
    threshold : float
        Posterior probability above which the trial stops.
    prior : tuple of 2 float
        Parameters of the beta prior: events and others.

    Examples
    --------
    >>> posterior_toxicity_boundary(0.3, 0.5, [3, 6, 9, 12]).boundary.tolist()
    [3, 4, 5, 7]
    """
    low, high = _binomial.check_rates(null, alternative)
    limit, sizes = _checks.check_probability("threshold", threshold), check_looks(looks)
    beta = _binomial.check_prior(prior)
    counts = np.arange(int(sizes[-1]) + 1)
    possible = counts <= sizes[:, None]
    others = np.maximum(sizes[:, None] - counts, 0)
    above = betainc(beta[1] + others, beta[0] + counts, 1.0 - low) > limit
    boundary = sizes + 1 - (possible & above).sum(axis=1)
    return _value("posterior", sizes, boundary, (low, high), (float("nan"), limit), *beta)


def _crossing(
    looks: IntArray, boundary: IntArray, rates: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the probability of stopping and the expected patients at each rate."""
    none = np.full((1, len(looks)), -1, dtype=np.int64)
    stops = stopping(looks, none, boundary[None, :], rates)[1][:, 0, :]
    crossed = stops.sum(axis=0)
    return crossed, (stops * looks[:, None]).sum(axis=0) + (1.0 - crossed) * looks[-1]


def _value(
    method: str,
    looks: IntArray,
    boundary: IntArray,
    rates: tuple[float, float],
    levels: tuple[float, float],
    prior_events: float,
    prior_others: float = float("nan"),
) -> ToxicityBoundary:
    crossed, expected = _crossing(looks, boundary, np.array(rates))
    return ToxicityBoundary(
        n=int(looks[-1]),
        events=int(boundary[-1]),
        looks=freeze(looks),
        boundary=freeze(boundary),
        type_1_error=float(crossed[0]),
        power=float(crossed[1]),
        expected_n=float(expected[0]),
        expected_n_alternative=float(expected[1]),
        alpha=levels[0],
        threshold=levels[1],
        null=rates[0],
        alternative=rates[1],
        prior_events=prior_events,
        prior_others=prior_others,
        method=method,
    )
