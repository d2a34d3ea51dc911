"""How far two groups lie apart, in standard deviations.

Sources: Austin, Stat Med 2009;28:3083 (means and shares); Yang and Dalton, SAS Global Forum 2012,
paper 335 (several categories, ranks, and the limits); Hedges and Olkin, Statistical Methods for
Meta-Analysis, 1985, 5.B (variance).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats._ranks import doubled_mid_ranks, tied_groups


@dataclass(frozen=True, slots=True)
class StandardisedDifference:
    """An absolute standardised difference of two groups.

    Attributes
    ----------
    estimate : float
        Distance in standard deviations, not negative; infinite where the groups differ and neither
        has any spread.
    std_error : float
        Root of (n1 + n2) / (n1 n2) + estimate² / (2 (n1 + n2)).
    lower, upper : float
        Normal limits; the lower is not below 0.
    conf_level : float
        As given.
    """

    estimate: float
    std_error: float
    lower: float
    upper: float
    conf_level: float


def standardised_mean_difference(
    first: npt.ArrayLike, second: npt.ArrayLike, *, conf_level: float = 0.95
) -> StandardisedDifference:
    """Return the difference of two means over the root of the mean of their variances.

    Parameters
    ----------
    first, second : float array (n1,), (n2,)
        Values of two groups, at least two in each.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Examples
    --------
    >>> found = standardised_mean_difference([1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
    >>> found.estimate, round(found.std_error, 4), found.lower
    (1.0, 0.866, 0.0)
    """
    level = _checks.check_conf_level(conf_level)
    x = _checks.numbers("first", first).astype(np.float64)
    y = _checks.numbers("second", second).astype(np.float64)
    if min(len(x), len(y)) < 2:
        raise InputError("Each group must have at least two values.")
    spread = math.sqrt((float(x.var(ddof=1)) + float(y.var(ddof=1))) / 2.0)
    apart = abs(float(x.mean() - y.mean()))
    return _with_limits(_ratio(apart, spread), len(x), len(y), level)


def standardised_rank_difference(
    first: npt.ArrayLike, second: npt.ArrayLike, *, conf_level: float = 0.95
) -> StandardisedDifference:
    """Return the standardised difference of the mean ranks of both groups together.

    A few values far out hide a difference of means; ranks know no distance. Equal values have the
    middle of their ranks.

    Parameters
    ----------
    first, second : float array (n1,), (n2,)
        Values of two groups, at least two in each.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays or options cannot be used.

    Examples
    --------
    >>> found = standardised_rank_difference([1.0, 2.0, 3.0, 90.0], [4.0, 5.0, 6.0, 7.0])
    >>> round(found.estimate, 4)
    0.8402
    """
    x = _checks.numbers("first", first).astype(np.float64)
    y = _checks.numbers("second", second).astype(np.float64)
    ranks = doubled_mid_ranks(tied_groups(np.concatenate([x, y]), 0.0)) / 2.0
    return standardised_mean_difference(ranks[: len(x)], ranks[len(x) :], conf_level=conf_level)


def standardised_category_difference(
    table: npt.ArrayLike, *, conf_level: float = 0.95
) -> StandardisedDifference:
    """Return the distance of two distributions over categories.

    Of two categories it is the difference of the shares over the root of the mean of their
    variances p (1 - p); of more the distance of Mahalanobis, with the mean of the two multinomial
    covariance matrices.

    Parameters
    ----------
    table : int array (k, 2)
        Counts of k categories in two groups; a category that nobody has is left out.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the table or options cannot be used.

    Examples
    --------
    >>> round(standardised_category_difference([[30, 11], [11, 16]]).estimate, 4)
    0.6932
    >>> round(standardised_category_difference([[10, 20], [20, 15], [20, 15]]).estimate, 4)
    0.4472
    """
    level = _checks.check_conf_level(conf_level)
    counts = _checks.numbers("table", table, ndim=2).astype(np.float64)
    if counts.shape[1] != 2 or counts.min() < 0.0 or not counts.sum(axis=0).all():
        raise InputError("table must have counts of two groups, and subjects in both.")
    counts = counts[counts.sum(axis=1) > 0.0]
    n = counts.sum(axis=0)
    share = (counts / n)[1:]
    apart = share[:, 0] - share[:, 1]
    return _with_limits(_distance(apart, share), int(n[0]), int(n[1]), level)


def _distance(apart: FloatArray, share: FloatArray) -> float:
    if not apart.any():
        return 0.0
    covariance = sum(
        (np.diag(one) - np.outer(one, one) for one in share.T), np.zeros((len(apart), len(apart)))
    )
    try:
        squared = float(apart @ np.linalg.solve(covariance / 2.0, apart))
    except np.linalg.LinAlgError:
        return math.inf
    # Groups without a common category leave a matrix that has no inverse but for rounding.
    return math.sqrt(squared) if 0.0 <= squared < 1e12 else math.inf


def _ratio(apart: float, spread: float) -> float:
    if spread > 0.0:
        return apart / spread
    return math.inf if apart > 0.0 else 0.0


def _with_limits(estimate: float, n1: int, n2: int, level: float) -> StandardisedDifference:
    error = math.sqrt((n1 + n2) / (n1 * n2) + estimate**2 / (2.0 * (n1 + n2)))
    if math.isinf(estimate):
        return StandardisedDifference(estimate, error, math.nan, math.nan, level)
    width = float(ndtri(0.5 + level / 2.0)) * error
    return StandardisedDifference(
        estimate, error, max(0.0, estimate - width), estimate + width, level
    )
