"""Operating characteristics of a design from simulated trials, with their Monte Carlo error."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design.trial_draws import RecordedTimes, draw_patients, recorded
from hepatica.stats.design.trial_plan import TrialPlan

#: Trials of one stream of random numbers: results do not depend on how many run at once.
BLOCK = 5_000
#: Called with the trials that are done.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class SimulatedShare:
    """How often something happened among trials.

    Attributes
    ----------
    trials : int
        Trials.
    estimate : float
        Share.
    monte_carlo_error : float
        Its standard error, sqrt(p (1 - p) / trials).
    """

    trials: int
    estimate: float
    monte_carlo_error: float


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedDistribution:
    """How an estimate is distributed over trials.

    Attributes
    ----------
    trials, missing : int
        Trials, and those without the estimate, which the rest leaves out.
    mean, monte_carlo_error : float
        Mean, and its standard error.
    sd : float
        Standard deviation.
    p : ndarray, shape (5,)
        Shares .025, .25, .5, .75 and .975.
    quantile : ndarray, shape (5,)
        Quantiles at these shares, missing as the largest: a median that was not reached is late.
    """

    trials: int
    missing: int
    mean: float
    monte_carlo_error: float
    sd: float
    p: FloatArray
    quantile: FloatArray


def simulated_trials(
    plan: TrialPlan, trials: int, seed: int, progress: Progress | None = None
) -> Iterator[RecordedTimes]:
    """Yield the records of so many trials, block by block.

    Parameters
    ----------
    plan : TrialPlan
        What is assumed.
    trials : int
        Number of trials.
    seed : int
        The same seed gives the same trials, and the first thousand of a hundred thousand are those
        of a thousand when both are whole blocks.
    progress : callable, optional
        Called with the number of trials done.

    Examples
    --------
    >>> from hepatica.stats.design.follow_up import follow_up
    >>> from hepatica.stats.design.survival_shapes import Weibull
    >>> from hepatica.stats.design.trial_plan import TrialArm
    >>> plan = TrialPlan((TrialArm(28, Weibull(150.0), Weibull(400.0)),), follow_up(365, 540), 42)
    >>> [len(block.pfs_time) for block in simulated_trials(plan, 6000, seed=1)]
    [5000, 1000]
    """
    trials = _checks.count("trials", trials)
    for number, size in enumerate(block_sizes(trials)):
        yield trial_block(plan, size, seed, number)
        if progress is not None:
            progress(number * BLOCK + size)


def block_sizes(trials: int) -> tuple[int, ...]:
    """Return how many trials each block holds.

    Examples
    --------
    >>> block_sizes(11_000)
    (5000, 5000, 1000)
    """
    return tuple(min(BLOCK, trials - start) for start in range(0, trials, BLOCK))


def trial_block(plan: TrialPlan, trials: int, seed: int, number: int) -> RecordedTimes:
    """Return the records of one block, which is the same wherever and whenever it is made.

    Parameters
    ----------
    plan : TrialPlan
        What is assumed.
    trials : int
        Trials of the block.
    seed, number : int
        Seed of all blocks, and the place of this one among them.
    """
    whole = _checks.count("seed", seed, 0)
    stream = np.random.SeedSequence(whole, spawn_key=(_checks.count("number", number, 0),))
    return recorded(draw_patients(plan, trials, np.random.default_rng(stream)), plan.every_days)


def simulated_share(happened: npt.ArrayLike) -> SimulatedShare:
    """Return how often something happened.

    Parameters
    ----------
    happened : array_like of bool, shape (trials,)
        One value a trial.

    Examples
    --------
    >>> simulated_share([True, False, True, True]).estimate
    0.75
    """
    flags = np.asarray(happened)
    if flags.ndim != 1 or not flags.size or flags.dtype.kind != "b":
        raise InputError("happened must hold one truth value for each trial.")
    share = float(np.count_nonzero(flags)) / len(flags)
    return SimulatedShare(len(flags), share, math.sqrt(share * (1.0 - share) / len(flags)))


def simulated_distribution(estimate: npt.ArrayLike) -> SimulatedDistribution:
    """Return how an estimate is distributed.

    Parameters
    ----------
    estimate : array_like of float, shape (trials,)
        One value a trial; NaN where there is none.

    Examples
    --------
    >>> found = simulated_distribution([1.0, 2.0, 3.0, float("nan")])
    >>> found.missing, found.mean, found.quantile.tolist()[2]
    (1, 2.0, 2.5)
    """
    values = np.asarray(estimate, dtype=np.float64)
    if values.ndim != 1 or not values.size:
        raise InputError("estimate must hold one number for each trial.")
    known = values[~np.isnan(values)]
    shares = np.array([0.025, 0.25, 0.5, 0.75, 0.975])
    ordered = np.sort(np.where(np.isnan(values), np.inf, values))
    at = shares * (len(values) - 1)
    low, high = ordered[np.floor(at).astype(int)], ordered[np.ceil(at).astype(int)]
    with np.errstate(invalid="ignore"):
        between = low + (high - low) * (at - np.floor(at))
    quantile = np.where(low == high, low, between)
    sd = float(known.std(ddof=1)) if len(known) > 1 else math.nan
    return SimulatedDistribution(
        trials=len(values),
        missing=len(values) - len(known),
        mean=float(known.mean()) if len(known) else math.nan,
        monte_carlo_error=sd / math.sqrt(len(known)) if len(known) else math.nan,
        sd=sd,
        p=freeze(shares),
        quantile=freeze(np.where(np.isinf(quantile), np.nan, quantile)),
    )
