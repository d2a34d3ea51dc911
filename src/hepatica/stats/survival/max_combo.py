"""The largest of several weighted log-rank statistics, with its joint p-value.

Sources: Lee, Biometrics 1996;52:721; Karrison, Stata J 2016;16:678; Lin et al., Stat Biopharm Res
2020;12:187.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._normal_box import MAX_VARIABLES, exceedance
from hepatica.stats.survival._rank_weights import RankWeight, rank_weight, weights_at
from hepatica.stats.survival._risk_tables import RiskTable, checked_entry, layout, risk_tables
from hepatica.stats.survival.counts import SurvivalCounts
from hepatica.stats.survival.logrank import refuse_without_comparison

#: Proportional, late, early and middle differences.
WEIGHTS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))

#: Statistics with a correlation above this are one and the same.
_SAME = 1.0 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class MaxCombo:
    """Combination of m Fleming-Harrington tests of two groups.

    Attributes
    ----------
    statistic : float
        Largest absolute z; with one side largest -z.
    p_value : float
        Joint p-value of it.
    sides : int
        2, or 1 against "fewer events in the second group".
    groups : int array (2,)
        Codes of the groups.
    rho, gamma : float array (m,)
        Exponents of each test.
    z, p_values : float array (m,)
        Normal statistic of each, positive when the second group has more events than expected,
        and its p-value alone.
    correlation : float array (m, m)
        Correlation matrix of the statistics.
    """

    statistic: float
    p_value: float
    sides: int
    groups: IntArray
    rho: FloatArray
    gamma: FloatArray
    z: FloatArray
    p_values: FloatArray
    correlation: FloatArray


def max_combo(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    strata: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    weights: Sequence[tuple[float, float]] = WEIGHTS,
    sides: int = 2,
) -> MaxCombo:
    """Test two groups by the best of several Fleming-Harrington weights, chosen beforehand.

    Parameters
    ----------
    time, event, group, strata, entry
        As in `logrank`, with two groups.
    weights : sequence of (rho, gamma)
        Two to four pairs of exponents.
    sides : {2, 1}
        Two-sided, or one-sided against "fewer events in the second group".

    Raises
    ------
    InputError
        If the arrays or options cannot be used, or a test has no variance.

    Notes
    -----
    The statistics are jointly normal with the covariance of their hypergeometric sums. The
    p-value is a one-dimensional integral with an error below 1e-11; nothing is drawn at random.

    Examples
    --------
    >>> test = max_combo([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, [0, 0, 1, 0, 0, 1, 1, 1])
    >>> test.z.round(3).tolist(), round(test.p_value, 4)
    ([-1.952, -1.875, -1.789, -1.738], 0.094)
    """
    choices = _choices(weights, sides)
    checked = _checks.times(time)
    flags = _checks.events(event, len(checked))
    where, groups = layout(group, strata, len(checked))
    _check_groups(len(groups), bool(flags.any()))
    tables = risk_tables(checked, flags, where, checked_entry(entry, checked))
    return _combined(tables, groups, choices, sides)


def max_combo_from_counts(
    counts: SurvivalCounts,
    *,
    weights: Sequence[tuple[float, float]] = WEIGHTS,
    sides: int = 2,
) -> MaxCombo:
    """Test the two groups that have subjects, over the strata; see `max_combo`.

    Examples
    --------
    >>> from hepatica.stats.survival import count_survival
    >>> counts = count_survival([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, [0, 0, 1, 0, 0, 1, 1, 1])
    >>> round(max_combo_from_counts(counts).p_value, 4)
    0.094
    """
    choices = _choices(weights, sides)
    found = np.flatnonzero(counts.n)
    table = RiskTable(counts.events[:, found], counts.at_risk[:, found])
    _check_groups(len(found), bool(table.events.any()))
    return _combined([table], found, choices, sides)


def _choices(weights: Sequence[tuple[float, float]], sides: int) -> list[RankWeight]:
    _checks.check_sides(sides)
    if not isinstance(weights, Sequence):
        raise InputError("weights must hold pairs of exponents, such as [(0, 0), (0, 1)].")
    if not 2 <= len(weights) <= MAX_VARIABLES:
        raise InputError(
            f"weights must hold two to {MAX_VARIABLES} pairs of exponents; it has {len(weights)}."
        )
    return [rank_weight("fleming-harrington", rho, gamma) for rho, gamma in weights]


def _check_groups(k: int, any_event: bool) -> None:
    refuse_without_comparison(k, any_event)
    if k > 2:
        raise InputError(f"The combination compares two groups; there are {k}.")


def _combined(
    tables: Sequence[RiskTable], groups: IntArray, choices: list[RankWeight], sides: int
) -> MaxCombo:
    difference, covariance = np.zeros(len(choices)), np.zeros((len(choices), len(choices)))
    for table in tables:
        part, spread = _moments(table, choices)
        difference, covariance = difference + part, covariance + spread
    deviation = np.sqrt(np.diag(covariance))
    if not deviation.all():
        raise InputError(
            "A test of the combination has no variance: its weight is 0 at all times of events, "
            "or the groups are never at risk together."
        )
    z = difference / deviation
    correlation = covariance / np.outer(deviation, deviation)
    np.fill_diagonal(correlation, 1.0)
    statistic = float(np.abs(z).max() if sides == 2 else (-z).max())
    different = _different(correlation)
    return MaxCombo(
        statistic=statistic,
        p_value=exceedance(statistic, correlation[np.ix_(different, different)], sides),
        sides=sides,
        groups=freeze(groups.copy()),
        rho=freeze(np.array([choice.rho for choice in choices])),
        gamma=freeze(np.array([choice.gamma for choice in choices])),
        z=freeze(z),
        p_values=freeze(sides * ndtr(z if sides == 1 else -np.abs(z))),
        correlation=freeze(correlation),
    )


def _moments(table: RiskTable, choices: list[RankWeight]) -> tuple[FloatArray, FloatArray]:
    """Return weighted observed less expected of the second group, and their covariance."""
    used = np.flatnonzero(table.events.any(axis=(0, 1)))
    d = table.events[:, :, used].sum(axis=1).astype(np.float64)
    risk = table.risk[:, :, used].astype(np.float64)
    n = risk.sum(axis=1)
    share = risk[:, 1] / np.maximum(n, 1.0)
    excess = (table.events[:, 1, used] - d * share).ravel()
    spread = d * (n - d) / np.maximum(n - 1.0, 1.0) * share * (risk[:, 0] / np.maximum(n, 1.0))
    weights = np.stack([weights_at(choice, d, n).ravel() for choice in choices])
    return weights @ excess, (weights * spread.ravel()) @ weights.T


def _different(correlation: FloatArray) -> list[int]:
    """Return the statistics that are not the same as one before."""
    kept: list[int] = []
    for index in range(len(correlation)):
        if all(correlation[index, before] <= _SAME for before in kept):
            kept.append(index)
    return kept
