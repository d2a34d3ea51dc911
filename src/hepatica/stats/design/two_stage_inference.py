"""Estimate, p-value and limits after a two-stage design that could stop for futility.

Sources: Jung and Kim, Stat Med 2004;23:881 (unbiased estimate of least variance); Jung, Owzar,
George and Lee, J Biopharm Stat 2006;16:765 (p-value by the order of that estimate); Koyama and
Chen, Stat Med 2008;27:3145 (the same p-value turned into limits and a median estimate).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats.design._binomial import log_choose, mass, more_than
from hepatica.stats.design.simon import check_two_stage

#: Limits are roots of a smooth increasing function; they are followed to the last digits.
_ROOT = 1e-14


@dataclass(frozen=True, slots=True)
class TwoStageInference:
    """What a finished two-stage trial says about the rate.

    Attributes
    ----------
    events, n : int
        Events and patients of the stages that were carried out.
    stages : int
        1 when the trial stopped early, else 2.
    rejects : bool
        Whether the null is rejected by the rule of the design.
    estimate : float
        Unbiased estimate of least variance.
    estimate_naive : float
        events / n, biased downwards because low first stages end the trial.
    estimate_median : float
        The rate at which the p-value is one half.
    p_value : float
        Probability at the null of an outcome at least as high in the order of the estimate.
    lower, upper : float
        Limits by the same order; a one-sided test at (1 - conf_level) / 2 agrees with `lower`.
    conf_level : float
        Two-sided confidence level.
    null : float
        Rate under the hypothesis.
    """

    events: int
    n: int
    stages: int
    rejects: bool
    estimate: float
    estimate_naive: float
    estimate_median: float
    p_value: float
    lower: float
    upper: float
    conf_level: float
    null: float


def two_stage_inference(
    events: int,
    design: tuple[int, int, int, int],
    *,
    null: float,
    conf_level: float = 0.95,
) -> TwoStageInference:
    """Return estimate, p-value and limits of a rate after a two-stage design.

    Parameters
    ----------
    events : int
        Events of all patients. With `futility_first` or fewer the trial has stopped after its
        first stage; with more it has had both.
    design : tuple of 4 int
        n_first, futility_first, n and futility, as carried out.
    null : float
        Rate under the hypothesis.
    conf_level : float
        Two-sided confidence level.

    Raises
    ------
    InputError
        If the design or the events cannot be.

    Examples
    --------
    >>> found = two_stage_inference(7, (10, 1, 29, 5), null=0.1)
    >>> round(found.estimate, 4), round(found.p_value, 4), found.rejects
    (0.2822, 0.0177, True)
    """
    try:
        given = check_two_stage(*design)
    except TypeError:
        raise InputError(
            "design must be four numbers: n_first, futility_first, n, futility."
        ) from None
    first, stop, size, last = given
    rate = _checks.check_probability("null", null)
    level = _checks.check_conf_level(conf_level)
    count = _checks.count("events", events, 0)
    if count > size:
        raise InputError(f"events must not be more than the {size} patients; they are {count}.")
    early = count <= stop

    def tail(true: float) -> float:
        """Return the probability of an outcome as high as this one or higher."""
        if early:
            return float(more_than(first, count - 1, true))
        passed = np.arange(stop + 1, first + 1)
        later = more_than(size - first, count - 1 - passed, true)
        return float((mass(first, passed, true) * later).sum())

    half = (1.0 - level) / 2.0
    n = first if early else size
    return TwoStageInference(
        events=count,
        n=n,
        stages=1 if early else 2,
        rejects=count > last and not early,
        estimate=count / first if early else _unbiased(count, given),
        estimate_naive=count / n,
        estimate_median=_rate_at(tail, 0.5),
        p_value=tail(rate),
        lower=_rate_at(tail, half),
        upper=_rate_at(_beyond(count, given), 1.0 - half),
        conf_level=level,
        null=rate,
    )


def _beyond(count: int, design: tuple[int, int, int, int]) -> Callable[[float], float]:
    """Return the probability of an outcome higher than this one."""
    first, stop, size, _ = design

    def tail(true: float) -> float:
        if count < stop:
            return float(more_than(first, count, true))
        passed = np.arange(stop + 1, first + 1)
        later = more_than(size - first, count - passed, true)
        if count == stop:
            later = np.ones_like(later)
        return float((mass(first, passed, true) * later).sum())

    return tail


def _rate_at(tail: Callable[[float], float], wanted: float) -> float:
    """Return the rate at which an increasing probability is as wanted; 0 or 1 if it never is."""
    if tail(0.0) >= wanted:
        return 0.0
    if tail(1.0) <= wanted:
        return 1.0
    return float(brentq(lambda true: tail(true) - wanted, 0.0, 1.0, xtol=_ROOT, rtol=1e-14))


def _unbiased(count: int, design: tuple[int, int, int, int]) -> float:
    """Return the mean of the first patient given the total, over first stages that pass."""
    first, stop, size, _ = design
    second = size - first
    passed = np.arange(max(stop + 1, count - second), min(count, first) + 1)
    ways = log_choose(first, passed) + log_choose(second, count - passed)
    share = np.exp(ways - ways.max())
    # Of the ways with x events in the first stage, x / n1 have one at the first patient.
    return float((share * passed / first).sum() / share.sum())
