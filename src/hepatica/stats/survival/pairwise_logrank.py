"""Log-rank tests of all pairs of groups, adjusted for their number."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.multiplicity import METHODS, adjust_p_values
from hepatica.stats.survival._rank_weights import rank_weight
from hepatica.stats.survival.logrank import logrank, refuse_without_comparison


@dataclass(frozen=True, slots=True, eq=False)
class PairwiseLogRank:
    """Tests of the m pairs of groups; NaN where a pair has no test.

    Attributes
    ----------
    first, second : int array (m,)
        Codes of the groups of each pair.
    statistic, p_value, p_adjusted : float array (m,)
        Chi-square with one degree of freedom, and p-values.
    method : str
        How they were adjusted.
    weight : str
        Name of the weights.
    """

    first: IntArray
    second: IntArray
    statistic: FloatArray
    p_value: FloatArray
    p_adjusted: FloatArray
    method: str
    weight: str


def pairwise_logrank(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    strata: npt.ArrayLike | None = None,
    weight: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
    method: str = "holm",
) -> PairwiseLogRank:
    """Compare each pair of groups, the subjects of other groups left out.

    Parameters
    ----------
    time, event, group, strata, weight, rho, gamma
        As in `logrank`.
    method : str
        As in `adjust_p_values`.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Examples
    --------
    >>> test = pairwise_logrank([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 1, 1, 2, 2])
    >>> test.first.tolist(), test.second.tolist(), test.p_adjusted.round(3).tolist()
    ([0, 0, 1], [1, 2, 2], [0.269, 0.269, 0.269])
    """
    _checks.check_option("method", method, METHODS)
    rank_weight(weight, rho, gamma)
    checked = _checks.times(time)
    flags = _checks.events(event, len(checked))
    groups, position = _checks.codes("group", group, len(checked))
    stratum = np.zeros(len(checked), dtype=np.int64)
    if strata is not None:
        stratum = _checks.codes("strata", strata, len(checked))[1]
    refuse_without_comparison(len(groups), bool(flags.any()))
    pairs = list(combinations(range(len(groups)), 2))
    found = np.full((2, len(pairs)), np.nan)
    for column, (one, other) in enumerate(pairs):
        rows = np.flatnonzero((position == one) | (position == other))
        try:
            test = logrank(
                checked[rows],
                flags[rows],
                position[rows],
                strata=stratum[rows],
                weight=weight,
                rho=rho,
                gamma=gamma,
            )
        except InputError:
            # All else is checked above: this pair has no event, or is never at risk together.
            continue
        found[:, column] = test.statistic, test.p_value
    index = np.array(pairs)
    return PairwiseLogRank(
        first=freeze(groups[index[:, 0]]),
        second=freeze(groups[index[:, 1]]),
        statistic=freeze(found[0].copy()),
        p_value=freeze(found[1].copy()),
        p_adjusted=adjust_p_values(found[1], method),
        method=method,
        weight=weight,
    )
