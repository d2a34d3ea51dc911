"""Agreement of two readers beyond chance: Cohen's kappa, plain and weighted.

Sources: Cohen, Educ Psychol Meas 1960;20:37; weights: Cohen, Psychol Bull 1968;70:213; standard
error: Fleiss, Cohen and Everitt, Psychol Bull 1969;72:323.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, check_conf_level, check_option, numbers

Weights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement of two readers.

    Attributes
    ----------
    estimate : float
        Kappa; NaN when both readers put every subject into one and the same category.
    std_error : float
        Standard error in large samples, not under the null hypothesis.
    lower, upper : float
        Limits by the normal distribution, kept within -1 to 1.
    observed, expected : float
        Weighted share of subjects on whom the readers agree, and that expected by chance.
    n : int
        Subjects.
    conf_level : float
        As given.
    """

    estimate: float
    std_error: float
    lower: float
    upper: float
    observed: float
    expected: float
    n: int
    conf_level: float


def kappa(table: npt.ArrayLike, *, weights: Weights = "none", conf_level: float = 0.95) -> Kappa:
    """Return Cohen's kappa of two readers.

    Parameters
    ----------
    table : array (k, k)
        Number of subjects by category of the first reader (rows) and of the second (columns), in
        the same order.
    weights : {"none", "linear", "quadratic"}
        Credit for neighbouring categories: none, or 1 - d/(k - 1), or 1 - (d/(k - 1))^2 for
        categories d apart.
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    InputError
        If the table is not square with at least two categories, or holds anything but counts.

    Examples
    --------
    >>> two = kappa([[20, 5], [10, 15]])
    >>> round(two.observed, 2), round(two.expected, 2), round(two.estimate, 2)
    (0.7, 0.5, 0.4)
    """
    check_conf_level(conf_level)
    check_option("weights", weights, ("none", "linear", "quadratic"))
    shares, n = _shares(table)
    credit = _credit(len(shares), weights)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    observed = float((credit * shares).sum())
    expected = float(rows @ credit @ columns)
    # Chance alone cannot reach 1 unless one category holds everybody.
    if math.isclose(expected, 1.0, abs_tol=1e-12):
        none = math.nan
        return Kappa(none, none, none, none, observed, expected, n, conf_level)
    estimate = (observed - expected) / (1 - expected)
    reach = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = (shares * (credit * (1 - expected) - reach * (1 - observed)) ** 2).sum()
    centre = (observed * expected - 2 * expected + observed) ** 2
    std_error = math.sqrt(max(spread - centre, 0.0) / n) / (1 - expected) ** 2
    reach_of_limits = float(ndtri((1 + conf_level) / 2)) * std_error
    return Kappa(
        estimate=estimate,
        std_error=std_error,
        lower=max(estimate - reach_of_limits, -1.0),
        upper=min(estimate + reach_of_limits, 1.0),
        observed=observed,
        expected=expected,
        n=n,
        conf_level=conf_level,
    )


def _shares(table: npt.ArrayLike) -> tuple[FloatArray, int]:
    counts = numbers("table", table, ndim=2).astype(np.float64)
    if counts.shape[0] != counts.shape[1] or len(counts) < 2:
        raise InputError("table must be square, with the same two or more categories on each side.")
    if (counts < 0).any() or (counts != np.round(counts)).any():
        raise InputError("table must hold numbers of subjects: whole and not negative.")
    n = int(counts.sum())
    if n == 0:
        raise InputError("table holds no subject.")
    return counts / n, n


def _credit(k: int, weights: Weights) -> FloatArray:
    apart = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    match weights:
        case "none":
            return np.eye(k)
        case "linear":
            return np.asarray(1.0 - apart)
        case "quadratic":
            return np.asarray(1.0 - apart**2)
