"""Decision curve: the net benefit of acting on a predicted risk.

Sources: Vickers and Elkin, Med Decis Making 2006;26:565; Vickers et al., BMC Med Inform Decis Mak
2008;8:53 (censored outcomes by Kaplan-Meier among those above the threshold).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._cox_steps import distinct_times
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.brier import probabilities


@dataclass(frozen=True, slots=True, eq=False)
class DecisionCurve:
    """Net benefit at k thresholds; arrays are read-only.

    Attributes
    ----------
    threshold : float array (k,)
        Predicted risk from which one acts.
    net_benefit : float array (k,)
        True less false positives times the odds of the threshold, per subject; NaN where survival
        of those above the threshold is not estimable at the time.
    net_benefit_all : float array (k,)
        That of acting on everyone; acting on nobody has 0.
    true_positives, false_positives : float array (k,)
        Per subject.
    n_above : int array (k,)
        Subjects with a risk at or above the threshold.
    at : float
        The time of the outcome.
    """

    threshold: FloatArray
    net_benefit: FloatArray
    net_benefit_all: FloatArray
    true_positives: FloatArray
    false_positives: FloatArray
    n_above: IntArray
    at: float


def decision_curve(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    risk: npt.ArrayLike,
    at: float,
    thresholds: npt.ArrayLike,
) -> DecisionCurve:
    """Estimate the net benefit of acting on those with a predicted risk at or above thresholds.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    risk : array (n,)
        Predicted probability of the event by the time.
    at : float
        The time.
    thresholds : array (k,)
        Risks strictly between 0 and 1.

    Raises
    ------
    InputError
        If the arrays cannot be used, or a risk or threshold is out of its range.

    Examples
    --------
    >>> curve = decision_curve([1, 2, 3, 4], [1, 1, 1, 1], [0.9, 0.4, 0.6, 0.1], 2.5, [0.5])
    >>> curve.net_benefit.tolist(), curve.net_benefit_all.tolist()
    ([0.0], [0.0])
    """
    checked = _checks.times(time).astype(np.float64)
    n = len(checked)
    flags = _checks.events(event, n)
    risks = probabilities("risk", _checks.numbers("risk", risk).astype(np.float64))
    _checks.check_length("risk", risks, n)
    levels = _checks.numbers("thresholds", thresholds).astype(np.float64)
    if levels.min() <= 0.0 or levels.max() >= 1.0:
        raise InputError("thresholds must lie strictly between 0 and 1.")
    if not 0.0 <= _checks.number("at", at) < np.inf:
        raise InputError("The time asked for must be a finite number, not negative.")
    upper, tick = distinct_times(checked)
    reached = int(np.searchsorted(upper, at * (1.0 + SAME_TIME), side="right"))
    stays = checked >= at * (1.0 - SAME_TIME)
    everyone = 1.0 - _survival(tick, flags, reached, bool(stays.any()))
    failed = np.empty(len(levels))
    above = np.empty(len(levels), dtype=np.int64)
    for index, level in enumerate(levels):
        chosen = risks >= level
        above[index] = np.count_nonzero(chosen)
        last = bool(stays[chosen].any())
        failed[index] = 1.0 - _survival(tick[chosen], flags[chosen], reached, last)
    share = above / n
    true = np.where(above > 0, failed * share, 0.0)
    false = np.where(above > 0, share - true, 0.0)
    odds = levels / (1.0 - levels)
    return DecisionCurve(
        threshold=freeze(levels.copy()),
        net_benefit=freeze(true - false * odds),
        net_benefit_all=freeze(everyone - (1.0 - everyone) * odds),
        true_positives=freeze(true),
        false_positives=freeze(false),
        n_above=freeze(above),
        at=float(at),
    )


def _survival(tick: IntArray, event: npt.NDArray[np.bool_], reached: int, last: bool) -> float:
    """Return survival after the first `reached` distinct times; NaN if follow-up ends before.

    `last` says whether somebody is followed to the time asked for.
    """
    size = max(int(tick.max(initial=0)) + 1, reached)
    leaving = np.bincount(tick, minlength=size)
    risk = np.cumsum(leaving[::-1])[::-1][:reached]
    deaths = np.bincount(tick[event], minlength=size)[:reached]
    survival = float(np.prod(1.0 - deaths / np.maximum(risk, 1)))
    return survival if last or survival == 0.0 else float("nan")
