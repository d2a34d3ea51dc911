"""Power at other sizes of a design whose expected statistic grows with the root of the size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.design._binomial import check_errors, check_sizes


def power_by_size(
    n: npt.ArrayLike, n_formula: float, *, alpha: float = 0.05, power: float = 0.8, sides: int = 2
) -> FloatArray:
    """Return power at sizes from the size at which a design has its power exactly.

    For tests with the same variance under both hypotheses: the log-rank test of two arms by
    Schoenfeld, Freedman or Lakatos.

    Parameters
    ----------
    n : array_like of int, shape (sizes,)
        Patients or events.
    n_formula : float
        Size by the formula, not rounded.
    alpha, power : float
        Level, and the power at that size.
    sides : {2, 1}
        Of the test.

    Examples
    --------
    >>> power_by_size([100, 200], 100.0).round(3).tolist()
    [0.8, 0.977]
    """
    level, wanted = check_errors(alpha, power)
    _checks.check_sides(sides)
    sizes = check_sizes(n)
    tail = float(ndtri(level / sides))
    size = _checks.check_positive("n_formula", n_formula)
    expected = np.sqrt(sizes / size) * (float(ndtri(wanted)) - tail)
    found: FloatArray = ndtr(expected + tail)
    return freeze(found)
