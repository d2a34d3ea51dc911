"""Survival under "begin treatment within a grace period" and "do not", without immortal time.

Every patient is cloned at time 0 and follows both strategies. A clone is censored when the patient
departs from its strategy, and those who are not censored are weighted by the inverse of the
probability of not being so.

Sources: Hernan, BMJ 2018;360:k182 (cloning and grace periods); Maringe, Benitez Majano, Exarchakou
et al., Int J Epidemiol 2020;49:1719 (cloning, censoring and weighting step by step); Cox, J R Stat
Soc B 1972;34:187 and Breslow's hazard in its discussion (time to treatment); Efron and Tibshirani,
An Introduction to the Bootstrap, 1993, chapter 13 (percentile limits).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats._strategy_curves import Clones, Weighted, make_clones, weighted_curves
from hepatica.stats.survival import cox, cox_bootstrap

#: Values of one block of resamples: what fits into memory easily.
_BLOCK = 1 << 21


@dataclass(frozen=True, slots=True, eq=False)
class Strategies:
    """Both strategies, treatment within the grace period first; arrays are read-only.

    Attributes
    ----------
    n : int
        Patients.
    begun, departed, n_events : int array (2,)
        Patients who followed each strategy to the end of the grace period or of their follow-up,
        clones that were censored because the patient departed from it, and clones with an event.
    coef : float array (p,)
        Log hazard ratios of beginning treatment within the grace period.
    time : float array (k,)
        Days with an event.
    survival, at_risk, events : float array (2, k)
        Weighted product-limit estimate, with the weights at risk and with an event.
    followed : int array (2, k)
        Clones at risk, each counted once.
    at : float array (t,)
        Times of comparison.
    survival_at : float array (2, t)
        Survival then; NaN past the last follow-up of a strategy.
    restricted_mean : float array (2,)
        Mean survival time up to the last time of comparison.
    after_grace : int array (2,)
        Patients who are followed past the grace period under each strategy.
    smallest_weight, largest_weight, effective_size : float array (2,)
        Of the weights of these patients; the effective size is (sum w)^2 / sum w^2.
    grace : float
        As given.
    percentile : float
        At which weights were truncated; 100 where they were not.
    """

    n: int
    begun: IntArray
    departed: IntArray
    n_events: IntArray
    coef: FloatArray
    time: FloatArray
    survival: FloatArray
    at_risk: FloatArray
    events: FloatArray
    followed: IntArray
    at: FloatArray
    survival_at: FloatArray
    restricted_mean: FloatArray
    after_grace: IntArray
    smallest_weight: FloatArray
    largest_weight: FloatArray
    effective_size: FloatArray
    grace: float
    percentile: float


@dataclass(frozen=True, slots=True, eq=False)
class StrategiesBootstrap:
    """The same estimates in r resamples; arrays are read-only, NaN where one had none.

    Attributes
    ----------
    survival : float array (r, 2, k)
        Survival on the days with an event among all patients.
    survival_at : float array (r, 2, t)
        Survival at the times of comparison.
    restricted_mean : float array (r, 2)
        Restricted means.
    failed : int
        Resamples without an estimate.
    """

    survival: FloatArray
    survival_at: FloatArray
    restricted_mean: FloatArray
    failed: int


def clone_censor_weight(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    start: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    grace: float,
    at: npt.ArrayLike,
    percentile: float = 100.0,
) -> Strategies:
    """Estimate survival under two strategies that differ in a treatment begun within a grace time.

    Parameters
    ----------
    time, event : array (n,)
        Days from time 0 to the end of follow-up, and 1 for an event.
    start : array (n,)
        Days from time 0 to the treatment; NaN or infinite for patients who had none. A treatment
        on or after the last day of follow-up counts as none, one before time 0 as begun at it.
    X : array (n, p)
        Covariates at time 0 that treatment may depend on; p may be 0.
    grace : float
        Days within which treatment has to begin.
    at : array (t,)
        Times of comparison, in days.
    percentile : float
        Weights above this percentile of the weights after the grace period, of each strategy,
        are set to it; 100 keeps all.

    Returns
    -------
    Strategies
        Curves, survival at the times, restricted means and what became of the weights.

    Raises
    ------
    InputError
        If the arrays cannot be used, nobody or everybody began treatment, nobody is followed past
        the grace period under a strategy, or the model of treatment has no finite estimate.

    Notes
    -----
    One proportional hazards model of the time to treatment (Breslow ties) gives both weights, so
    that they belong together. Without treatment: 1 / P(not begun before t | x). With treatment:
    1 until the grace period ends, and 1 / P(begun by its end | x) from then on, because nobody
    departs from that strategy before.

    Examples
    --------
    Two of four begin treatment; without covariates the weights of a strategy are all the same.

    >>> found = clone_censor_weight([10, 20, 30, 40], [1, 1, 1, 1], [2, None, 3, None],
    ...                             np.empty((4, 0)), grace=5, at=[15, 35])
    >>> found.survival_at.round(3).tolist()
    [[0.5, 0.0], [1.0, 0.5]]
    """
    clones = _clones(time, event, start, X, grace)
    wanted = _times(at)
    _share(percentile)
    if clones.x.shape[1]:
        fit = cox(clones.risk_end, clones.treated, clones.x, ties="breslow")
        coef = fit.coef
    else:
        coef = np.zeros(0)
    counts = np.ones((1, len(clones.time)))
    weighted = weighted_curves(clones, coef[None, :], counts, _cut(percentile))
    return _value(clones, coef, weighted, wanted, percentile)


def clone_censor_weight_bootstrap(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    start: npt.ArrayLike,
    X: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    grace: float,
    at: npt.ArrayLike,
    percentile: float = 100.0,
) -> StrategiesBootstrap:
    """Estimate the same in r resamples of the patients, the model of treatment included.

    Parameters
    ----------
    time, event, start, X, grace, at, percentile
        As in `clone_censor_weight`.
    weights : int array (r, n)
        How often each patient is in each resample, as `resample_weights` counts it.

    Raises
    ------
    InputError
        If the arrays cannot be used. A resample without an estimate is no error: it is NaN.

    Examples
    --------
    >>> found = clone_censor_weight_bootstrap(
    ...     [10, 20, 30, 40], [1, 1, 1, 1], [2, None, 3, None], np.empty((4, 0)),
    ...     [[1, 1, 1, 1], [2, 1, 0, 1]], grace=5, at=[15])
    >>> found.survival_at[:, 0].ravel().tolist(), found.failed
    ([0.5, 0.0], 0)
    """
    clones = _clones(time, event, start, X, grace)
    wanted = _times(at)
    _share(percentile)
    counts = _checks.numbers("weights", weights, 2)
    if counts.shape[1] != len(clones.time) or counts.min() < 0 or (counts % 1 != 0).any():
        raise InputError(f"weights must hold whole numbers for {len(clones.time)} patients.")
    r, n = counts.shape
    survival = np.full((r, 2, len(clones.grid)), np.nan)
    size = max(1, _BLOCK // n)
    for first in range(0, r, size):
        part = slice(first, first + size)
        survival[part] = _resampled(clones, counts[part], percentile)
    failed = int(np.isnan(survival[:, 0, :1]).sum())
    return StrategiesBootstrap(
        survival=freeze(survival),
        survival_at=freeze(_read(clones.grid, survival, wanted)),
        restricted_mean=freeze(_areas(clones.grid, survival, float(wanted.max()))),
        failed=failed,
    )


def _clones(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    start: npt.ArrayLike,
    X: npt.ArrayLike,
    grace: float,
) -> Clones:
    times = _checks.times(time).astype(np.float64)
    flags = _checks.events(event, len(times)).astype(np.float64)
    begun = np.asarray(start, dtype=np.float64)
    _checks.check_length("start", begun, len(times))
    x = np.asarray(X, dtype=np.float64)
    if x.ndim != 2 or len(x) != len(times) or not np.isfinite(x).all():
        raise InputError(f"X must hold finite numbers in {len(times)} rows.")
    if not _checks.number("grace", grace) > 0:
        raise InputError("grace must be above 0.")
    begun = np.where(np.isnan(begun), np.inf, begun)
    if not flags.any():
        raise InputError("There is no event, so that survival cannot be compared.")
    clones = make_clones(times, flags, begun, x, float(grace))
    treated = clones.treated > 0
    if not treated.any():
        raise InputError("Nobody began treatment within the grace period, so there is no strategy.")
    for chosen, what in ((treated, "began"), (~treated, "did not begin")):
        if not (chosen & (times > grace)).any():
            raise InputError(
                f"Nobody who {what} treatment within the grace period was followed past it. "
                "Choose a shorter grace period."
            )
    return clones


def _times(at: npt.ArrayLike) -> FloatArray:
    wanted = _checks.numbers("at", at).astype(np.float64)
    if wanted.min() <= 0:
        raise InputError("at must hold times above 0.")
    return wanted


def _share(percentile: float) -> None:
    if not 0.0 < _checks.number("percentile", percentile) <= 100.0:
        raise InputError(f"percentile must lie above 0 and not above 100; it is {percentile!r}.")


def _cut(percentile: float) -> float | None:
    return None if percentile >= 100.0 else percentile


def _resampled(clones: Clones, counts: FloatArray, percentile: float) -> FloatArray:
    """Return the curves (r, 2, k) of resamples, NaN where one has no estimate."""
    if clones.x.shape[1]:
        fits = cox_bootstrap(
            clones.risk_end, clones.treated, clones.x, counts.astype(np.int64), ties="breslow"
        )
        coef = fits.coef
    else:
        coef = np.zeros((len(counts), 0))
    after = clones.time > clones.grace
    both = [counts @ (after & (clones.treated == one)) > 0 for one in (1, 0)]
    good = np.isfinite(coef).all(axis=1) & both[0] & both[1]
    survival = np.full((len(counts), 2, len(clones.grid)), np.nan)
    if good.any():
        whole = counts[good].astype(np.float64)
        survival[good] = weighted_curves(clones, coef[good], whole, _cut(percentile)).survival
    return survival


def _start(survival: FloatArray) -> FloatArray:
    """Return 1 for each curve, or NaN where it has no estimate."""
    found: FloatArray = np.where(np.isnan(survival[..., :1]), np.nan, 1.0)
    return found


def _read(grid: FloatArray, survival: FloatArray, wanted: FloatArray) -> FloatArray:
    """Return survival (..., t) at times; the curve is 1 before its first step."""
    whole = np.concatenate([_start(survival), survival], axis=-1)
    found: FloatArray = whole[..., np.searchsorted(grid, wanted, side="right")]
    return found


def _areas(grid: FloatArray, survival: FloatArray, tau: float) -> FloatArray:
    """Return the area below curves up to a time."""
    inside = grid < tau
    edges = np.concatenate([[0.0], grid[inside], [tau]])
    whole = np.concatenate([_start(survival), survival[..., inside]], axis=-1)
    found: FloatArray = whole @ np.diff(edges)
    return found


def _followed(end: FloatArray, grid: FloatArray) -> IntArray:
    found: IntArray = len(end) - np.searchsorted(np.sort(end), grid, side="left")
    return found


def _value(
    clones: Clones, coef: FloatArray, weighted: Weighted, wanted: FloatArray, percentile: float
) -> Strategies:
    treated = clones.treated > 0
    ends = (
        np.where(treated, clones.time, np.minimum(clones.time, clones.grace)),
        np.where(treated, clones.start, clones.time),
    )
    curves = weighted.survival[0]
    survival = _read(clones.grid, curves, wanted)
    mean = _areas(clones.grid, curves, float(wanted.max()))
    for strategy, end in enumerate(ends):
        over = (wanted > end.max()) & (survival[strategy] > 0)
        survival[strategy, over] = np.nan
        if over.any():
            mean[strategy] = np.nan
    followed = clones.time > clones.grace
    sizes, spread = [], []
    for strategy, chosen in enumerate((followed & treated, followed & ~treated)):
        weights = weighted.weights[0, strategy, chosen]
        sizes.append(int(chosen.sum()))
        effective = weights.sum() ** 2 / (weights**2).sum()
        spread.append((weights.min(), weights.max(), effective))
    low, high, effective_size = np.array(spread).T.copy()
    departed = np.array([int((followed & ~treated).sum()), int(treated.sum())])
    had = (clones.event > 0) & np.stack([treated | ~followed, ~treated])
    return Strategies(
        n=len(clones.time),
        begun=freeze(len(clones.time) - departed),
        departed=freeze(departed),
        n_events=freeze(had.sum(axis=1)),
        coef=freeze(coef.copy()),
        time=clones.grid,
        survival=freeze(curves.copy()),
        at_risk=freeze(weighted.at_risk[0].copy()),
        events=freeze(weighted.events[0].copy()),
        followed=freeze(np.stack([_followed(end, clones.grid) for end in ends])),
        at=freeze(wanted),
        survival_at=freeze(survival),
        restricted_mean=freeze(mean),
        after_grace=freeze(np.array(sizes)),
        smallest_weight=freeze(low),
        largest_weight=freeze(high),
        effective_size=freeze(effective_size),
        grace=clones.grace,
        percentile=float(percentile),
    )
