"""Exact and random permutation tests of the log-rank family.

Sources: Peto and Peto, J R Stat Soc A 1972;135:185 (scores); Heinze, Gnant and Schemper,
Biometrics 2003;59:1151; Phipson and Smyth, Stat Appl Genet Mol Biol 2010;9:39 (p-values of random
permutations are never 0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._batch import blocks
from hepatica.stats.survival._exact_sums import exact_tails
from hepatica.stats.survival._rank_weights import rank_weight, weights_at
from hepatica.stats.survival._risk_tables import time_index
from hepatica.stats.survival._tally import at_risk
from hepatica.stats.survival.logrank import refuse_without_comparison


@dataclass(frozen=True, slots=True, eq=False)
class PermutationTest:
    """Test by the distribution of a log-rank statistic over permutations of the subjects.

    Attributes
    ----------
    statistic : float
        Two groups: observed less expected of the second over its standard deviation under
        permutation. More: the chi-square of the differences under permutation.
    p_value : float
        Two-sided: as far from the mean as what was seen, or as large a chi-square.
    p_less, p_greater : float
        One-sided p-values against fewer and more events in the second group; NaN for more than
        two groups.
    groups, n : int array (k,)
        Codes of the groups, rising, and their subjects.
    difference : float array (k,)
        Observed less expected of each group.
    replicates : int
        Random permutations; 0 for the exact distribution.
    weight : str
        Name of the weights.
    """

    statistic: float
    p_value: float
    p_less: float
    p_greater: float
    groups: IntArray
    n: IntArray
    difference: FloatArray
    replicates: int
    weight: str


def rank_scores(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    weight: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
) -> FloatArray:
    """Return the score of each subject; their sum over a group is its observed less expected.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    weight, rho, gamma
        As in `logrank`.

    Returns
    -------
    float array (n,)
        Weight at an event less the weighted hazards up to the time; they sum to 0.

    Examples
    --------
    >>> rank_scores([1, 2, 3], [1, 0, 1]).round(3).tolist()
    [0.667, -0.333, -0.333]
    """
    choice = rank_weight(weight, rho, gamma)
    checked = _checks.times(time).astype(np.float64)
    flags = _checks.events(event, len(checked))
    distinct, index = time_index(checked)
    d = np.bincount(index[flags], minlength=len(distinct)).astype(np.float64)
    n = at_risk(np.bincount(index, minlength=len(distinct))).astype(np.float64)
    weights = weights_at(choice, d, n)
    hazard = np.cumsum(weights * d / n)
    scores: FloatArray = np.where(flags, weights[index], 0.0) - hazard[index]
    return freeze(scores)


def logrank_exact(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    weight: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
) -> PermutationTest:
    """Test two groups by all permutations of the subjects.

    Parameters
    ----------
    time, event, group, weight, rho, gamma
        As in `logrank`, with two groups.

    Raises
    ------
    InputError
        If the arrays or options cannot be used, there are not two groups, or there are too many
        different sums (with continuous times above some 40 subjects).

    Notes
    -----
    The distribution is right when censoring is the same in both groups. It is that of the
    linear statistic, whose variance does not depend on the permutation, not that of the
    log-rank chi-square, whose variance does.

    Examples
    --------
    >>> round(logrank_exact([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1]).p_value, 3)
    0.1
    """
    scores, position, groups = _prepared(time, event, group, (weight, rho, gamma))
    if len(groups) > 2:
        raise InputError(
            f"The exact test compares two groups; there are {len(groups)}. Use logrank_permutation."
        )
    second = position == 1
    m = int(second.sum())
    less, greater, both = exact_tails(scores, m, float(scores[second].sum()))
    difference: FloatArray = np.bincount(position, scores).astype(np.float64, copy=False)
    return _value((less, greater, both), scores, position, groups, difference, (0, weight))


def logrank_permutation(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    replicates: int,
    generator: np.random.Generator,
    *,
    weight: str = "logrank",
    rho: float = 0.0,
    gamma: float = 0.0,
) -> PermutationTest:
    """Test k groups by random permutations of the subjects.

    Parameters
    ----------
    time, event, group, weight, rho, gamma
        As in `logrank`.
    replicates : int
        Number of permutations.
    generator : numpy.random.Generator
        Source of randomness: the same seed gives the same p-value.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Notes
    -----
    A p-value is (1 + permutations at least as extreme) / (1 + permutations); see also
    `logrank_exact`.

    Examples
    --------
    >>> test = logrank_permutation([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1], 1000,
    ...                            np.random.default_rng(1))
    >>> 0.08 < test.p_value < 0.12
    True
    """
    replicates = _checks.count("replicates", replicates)
    _checks.check_generator(generator)
    scores, position, groups = _prepared(time, event, group, (weight, rho, gamma))
    k = len(groups)
    difference: FloatArray = np.bincount(position, scores).astype(np.float64, copy=False)
    size = np.bincount(position, minlength=k)
    # The chi-square of the differences is, but for a factor, this sum over the groups.
    seen = float((difference**2 / size).sum())
    slack = 1e-9 * float(np.abs(scores).sum())
    reached = np.zeros(3, dtype=np.int64)
    order = np.argsort(position, kind="stable")
    starts = np.concatenate(([0], np.cumsum(size)[:-1]))
    for part in blocks(replicates, len(scores)):
        # Shuffled scores: the first of them are those of the first group, and so on.
        shuffled = np.tile(scores[order], (part.stop - part.start, 1))
        generator.permuted(shuffled, axis=1, out=shuffled)
        sums = np.add.reduceat(shuffled, starts, axis=1)
        far = (sums**2 / size).sum(axis=1) >= seen * (1.0 - 1e-9)
        reached[0] += np.count_nonzero(sums[:, 1] <= difference[1] + slack)
        reached[1] += np.count_nonzero(sums[:, 1] >= difference[1] - slack)
        reached[2] += np.count_nonzero(far)
    less, greater, both = ((1 + reached) / (1 + replicates)).tolist()
    if k > 2:
        less = greater = math.nan
    return _value((less, greater, both), scores, position, groups, difference, (replicates, weight))


def _prepared(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    group: npt.ArrayLike,
    choice: tuple[str, float, float],
) -> tuple[FloatArray, IntArray, IntArray]:
    weight, rho, gamma = choice
    scores = rank_scores(time, event, weight=weight, rho=rho, gamma=gamma)
    flags = _checks.events(event, len(scores))
    groups, position = _checks.codes("group", group, len(scores))
    refuse_without_comparison(len(groups), bool(flags.any()))
    if np.ptp(scores) <= 1e-12 * float(np.abs(scores).max()):
        raise InputError("There is nothing to compare: all subjects have the same score.")
    return scores, position, groups


def _value(
    tails: tuple[float, float, float],
    scores: FloatArray,
    position: IntArray,
    groups: IntArray,
    difference: FloatArray,
    made: tuple[int, str],
) -> PermutationTest:
    size = np.bincount(position, minlength=len(groups))
    spread = float(scores.var(ddof=1))
    if len(groups) == 2:
        statistic = float(difference[1]) / math.sqrt(spread * size[0] * size[1] / len(scores))
    else:
        statistic = float((difference**2 / size).sum()) / spread
    return PermutationTest(
        statistic=statistic,
        p_value=tails[2],
        p_less=tails[0],
        p_greater=tails[1],
        groups=freeze(groups.copy()),
        n=freeze(size),
        difference=freeze(difference),
        replicates=made[0],
        weight=made[1],
    )
