"""Tests that means are equal: of two groups, and of several.

Sources: Student, Biometrika 1908;6:1; Welch, Biometrika 1947;34:28 (two groups with unequal
variances) and Biometrika 1951;38:330 (several); Fisher, Statistical Methods for Research Workers,
1925 (analysis of variance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, stdtr

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray


@dataclass(frozen=True, slots=True)
class MeansTest:
    """A test that means are equal.

    Attributes
    ----------
    statistic : float
        t of two groups (mean of the first less mean of the second, over its standard error), F of
        several.
    df : float
        Degrees of freedom of t, or of the numerator of F.
    df_error : float
        Degrees of freedom of the denominator of F; NaN for t.
    p_value : float
        Two-sided p-value.
    equal_variances : bool
        As given.
    """

    statistic: float
    df: float
    df_error: float
    p_value: float
    equal_variances: bool


def t_test(
    first: npt.ArrayLike, second: npt.ArrayLike, *, equal_variances: bool = False
) -> MeansTest:
    """Test whether two means are equal.

    Parameters
    ----------
    first, second : float array (n1,), (n2,)
        Values of two groups.
    equal_variances : bool
        Student's test with a pooled variance; otherwise Welch's, with the degrees of freedom of
        Welch and Satterthwaite.

    Raises
    ------
    InputError
        If a group has fewer than two values, or the values do not differ within the groups.

    Examples
    --------
    >>> test = t_test([5.1, 4.9, 6.2, 5.8], [4.1, 5.0, 4.4])
    >>> round(test.statistic, 4), round(test.df, 3), round(test.p_value, 4)
    (2.4871, 4.977, 0.0556)
    """
    groups = _groups([first, second])
    n, mean, variance = _moments(groups)
    if equal_variances:
        df = float(n.sum() - 2)
        error = float((variance * (n - 1)).sum() / df * (1.0 / n).sum())
    else:
        each = variance / n
        error = float(each.sum())
        df = error**2 / float((each**2 / (n - 1)).sum())
    statistic = float(mean[0] - mean[1]) / error**0.5
    p_value = 2.0 * float(stdtr(df, -abs(statistic)))
    return MeansTest(statistic, df, float("nan"), p_value, equal_variances)


def compare_means(
    values: npt.ArrayLike, group: npt.ArrayLike, *, equal_variances: bool = False
) -> MeansTest:
    """Test whether the means of several groups are equal.

    Parameters
    ----------
    values : float array (n,)
        Values.
    group : int array (n,)
        Codes of the groups; at least two occur.
    equal_variances : bool
        Analysis of variance; otherwise Welch's test, which weighs each group by its own variance.

    Raises
    ------
    InputError
        If a group has fewer than two values, or the values do not differ within a group (in all
        groups, with equal variances).

    Examples
    --------
    >>> test = compare_means([1, 2, 4, 5, 7, 6, 9, 8.5, 7], [0, 0, 0, 1, 1, 1, 2, 2, 2])
    >>> round(test.statistic, 4), test.df, round(test.df_error, 3), round(test.p_value, 4)
    (12.8314, 2.0, 3.898, 0.0193)
    """
    given = _checks.numbers("values", values).astype(np.float64)
    levels, code = _checks.codes("group", group, len(given))
    if len(levels) < 2:
        raise InputError("group must have at least two groups.")
    order = np.argsort(code, kind="stable")
    ends = np.cumsum(np.bincount(code))[:-1]
    groups = _groups(np.split(given[order], ends), each=not equal_variances)
    n, mean, variance = _moments(groups)
    k = len(groups)
    if equal_variances:
        df_error = float(n.sum() - k)
        within = float((variance * (n - 1)).sum()) / df_error
        center = float((n * mean).sum() / n.sum())
        statistic = float((n * (mean - center) ** 2).sum()) / (k - 1) / within
    else:
        weight = n / variance
        share = weight / weight.sum()
        center = float(share @ mean)
        spread = float((((1.0 - share) ** 2) / (n - 1)).sum())
        between = float(weight @ (mean - center) ** 2) / (k - 1)
        statistic = between / (1.0 + 2.0 * (k - 2) / (k**2 - 1) * spread)
        df_error = (k**2 - 1) / (3.0 * spread)
    p_value = float(fdtrc(k - 1, df_error, statistic))
    return MeansTest(statistic, float(k - 1), df_error, p_value, equal_variances)


def _groups(groups: Sequence[npt.ArrayLike], *, each: bool = False) -> list[FloatArray]:
    found = [_checks.numbers("values", one).astype(np.float64) for one in groups]
    if min(len(one) for one in found) < 2:
        raise InputError("Each group must have at least two values.")
    spread = [float(np.ptp(one)) > 0.0 for one in found]
    if not (all(spread) if each else any(spread)):
        raise InputError(
            "The values do not differ within a group, so that there is no error to test against."
        )
    return found


def _moments(groups: list[FloatArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
    n = np.array([len(one) for one in groups], dtype=np.float64)
    mean = np.array([one.mean() for one in groups])
    variance = np.array([one.var(ddof=1) for one in groups])
    return n, mean, variance
