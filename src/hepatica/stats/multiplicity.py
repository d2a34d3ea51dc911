"""P-values adjusted for the number of tests.

Sources: Holm, Scand J Stat 1979;6:65; Hochberg, Biometrika 1988;75:800; Benjamini and Hochberg,
J R Stat Soc B 1995;57:289.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze

METHODS = ("holm", "hochberg", "benjamini-hochberg", "bonferroni")


def adjust_p_values(p: npt.ArrayLike, method: str = "holm") -> FloatArray:
    """Adjust p-values of one family of tests.

    Parameters
    ----------
    p : array (m,)
        P-values; NaN is a test that could not be done. It stays NaN and is not counted.
    method : {"holm", "hochberg", "benjamini-hochberg", "bonferroni"}
        ``benjamini-hochberg`` controls the false discovery rate, the others the probability of
        any false rejection (``hochberg`` under independence or positive dependence).

    Returns
    -------
    float array (m,)
        Adjusted p-values in the order given, read-only.

    Raises
    ------
    InputError
        If p-values lie outside 0 to 1.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, float("nan"), 0.03]).round(2).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    _checks.check_option("method", method, METHODS)
    values = np.array(p, dtype=np.float64)
    if values.ndim != 1:
        raise InputError(f"p must have 1 axis; it has {values.ndim}.")
    there = ~np.isnan(values)
    done = values[there]
    outside = int(np.count_nonzero((done < 0.0) | (done > 1.0)))
    if outside:
        raise InputError(f"p must lie between 0 and 1; {outside} of {values.size} values do not.")
    values[there] = _adjust(done, method)
    return freeze(values)


def _adjust(p: FloatArray, method: str) -> FloatArray:
    m = len(p)
    if method == "bonferroni":
        return np.minimum(1.0, m * p)
    order = np.argsort(p, kind="stable")
    place = np.arange(m)
    factor = m / (place + 1.0) if method == "benjamini-hochberg" else m - place
    raised = factor * p[order]
    if method == "holm":
        monotone = np.maximum.accumulate(raised)
    else:
        monotone = np.minimum.accumulate(raised[::-1])[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(1.0, monotone)
    return adjusted
