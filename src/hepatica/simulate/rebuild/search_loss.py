"""How far statistics of many sets of times lie from printed numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hepatica.simulate.rebuild.search_statistics import (
    Curves,
    Flags,
    Real,
    RiskSets,
    Whole,
    curves_of,
    hazard_ratios,
    logrank_p,
    median_of,
    read_at,
    risk_sets_of,
)
from hepatica.simulate.rebuild.targets import Target, seen

#: Loss of a statistic that is not estimable where a number is printed, and the other way round.
_NOT_ESTIMABLE = 8.0
_WITHIN = 1e-9


def loss_of(targets: Sequence[Target], time: Whole, mark: Whole, entry: Whole) -> Real:
    """Return the loss of each set: the sum over targets.

    Parameters
    ----------
    targets : sequence of Target
        Printed numbers.
    time, mark, entry : int array (sets, patients)
        Times, end marks and days of entry.
    """
    statistics = _Statistics(time, mark, entry)
    total = np.zeros(len(time))
    for target in targets:
        total += outside(target, statistics.of(target))
    return total


def outside(target: Target, value: Real) -> Real:
    """Return how far values lie outside of the rounding interval, on a scale that grows slowly."""
    known = np.isfinite(value)
    if not np.isfinite(target.printed):
        return np.where(known, _NOT_ESTIMABLE, 0.0)
    distance = np.abs(np.where(known, value, 0.0) / target.unit - target.printed)
    beyond = np.maximum(distance / target.half - 1.0 + _WITHIN, 0.0)
    return np.where(known, np.minimum(np.log1p(beyond), _NOT_ESTIMABLE), _NOT_ESTIMABLE)


class _Statistics:
    """Statistics of many sets; what targets share is computed once."""

    def __init__(self, time: Whole, mark: Whole, entry: Whole) -> None:
        self._time, self._mark, self._entry = time, mark, entry
        self._curves: dict[object, Curves] = {}
        self._sets: dict[object, RiskSets] = {}
        self._ratios: dict[object, tuple[Real, Real, Real]] = {}

    def of(self, target: Target) -> Real:
        """Return a statistic of each set."""
        if target.versus:
            return self._comparison(target)
        curves = self._curve(target)
        if target.statistic == "median":
            return median_of(curves, target.limit)
        return read_at(curves, target.limit, target.day)

    def _chosen(self, target: Target) -> tuple[Whole, Flags, Whole]:
        chosen = [*target.members, *target.versus]
        time, event = seen(target, self._time[:, chosen], self._mark[:, chosen])
        return time, event, self._entry[:, chosen]

    def _curve(self, target: Target) -> Curves:
        name = (target.members, target.events, target.entry, target.lag)
        if name not in self._curves:
            time, event, entry = self._chosen(target)
            self._curves[name] = curves_of(time, event, entry if target.entry else None)
        return self._curves[name]

    def _comparison(self, target: Target) -> Real:
        name = (target.members, target.versus, target.events, target.lag)
        if name not in self._sets:
            time, event, _ = self._chosen(target)
            second = np.arange(time.shape[1]) < len(target.members)
            self._sets[name] = risk_sets_of(time, event, second)
        if target.statistic == "p_value":
            return logrank_p(self._sets[name])
        if name not in self._ratios:
            self._ratios[name] = hazard_ratios(self._sets[name])
        return self._ratios[name][("", "lower", "upper").index(target.limit)]
