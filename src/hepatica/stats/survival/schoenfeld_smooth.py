"""How a coefficient changes with time: a smooth of its scaled Schoenfeld residuals.

Source: Grambsch and Therneau, Biometrika 1994;81:515, section 4: the residuals scatter about the
coefficient at their time with a variance of about the number of events times that of the estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.splines import harrell_knots, restricted_cubic_spline
from hepatica.stats.survival.cox import CoxFit
from hepatica.stats.survival.proportionality import ProportionalityTest

#: Below so many events a straight line is drawn, and below the second three knots.
_LINE, _FEW = 12, 30


@dataclass(frozen=True, slots=True, eq=False)
class SmoothedCoefficient:
    """A coefficient as a smooth function of time; arrays are read-only.

    Attributes
    ----------
    time : float array (m,)
        Times of events, rising.
    coef, lower, upper : float array (m,)
        Coefficient at these times with pointwise limits.
    knots : int
        Knots of the restricted cubic spline in the transformed time; 0 for a straight line.
    conf_level : float
        As given.
    """

    time: FloatArray
    coef: FloatArray
    lower: FloatArray
    upper: FloatArray
    knots: int
    conf_level: float


def smooth_coefficient(
    fit: CoxFit,
    test: ProportionalityTest,
    column: int,
    *,
    most: int = 100,
    conf_level: float = 0.95,
) -> SmoothedCoefficient:
    """Smooth the scaled residuals of one column on the transformed time of the test.

    Parameters
    ----------
    fit : CoxFit
        The model.
    test : ProportionalityTest
        Its test, with residuals and transformed times.
    column : int
        Which covariate.
    most : int
        Most times in the answer, spread over the ranks of the events.
    conf_level : float
        Confidence level of the pointwise band.

    Raises
    ------
    InputError
        If the column does not exist, or events are at fewer than three times.

    Examples
    --------
    >>> from hepatica.stats.survival import cox, proportionality_test
    >>> fit = cox([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], [1, 0, 1, 0, 1])
    >>> smooth = smooth_coefficient(fit, proportionality_test(fit), 0)
    >>> smooth.knots, smooth.coef.round(2).tolist()
    (0, [0.87, 0.11, -0.66, -1.42])
    """
    _checks.check_conf_level(conf_level)
    if not 0 <= column < len(fit.coef):
        raise InputError(f"column must be one of the {len(fit.coef)} covariates.")
    order = np.argsort(test.time, kind="stable")
    time, g = test.time[order], test.transformed[order]
    y = test.scaled[order, column]
    if len(np.unique(time)) < 3:
        raise InputError("A smooth needs events at three or more times.")
    knots = _knots(g)
    upper, first = np.unique(time, return_index=True)
    kept = np.unique(np.linspace(0, len(upper) - 1, min(len(upper), most)).round().astype(np.int64))
    design = _columns(g, knots)
    at = _columns(g[first[kept]], knots)
    inverse = np.linalg.inv(design.T @ design)
    coef = at @ (inverse @ (design.T @ y))
    variance = len(y) * fit.naive_vcov[column, column]
    half = float(ndtri(0.5 + conf_level / 2.0)) * np.sqrt(
        variance * np.einsum("ij,jk,ik->i", at, inverse, at)
    )
    return SmoothedCoefficient(
        time=freeze(upper[kept].astype(np.float64)),
        coef=freeze(coef),
        lower=freeze(coef - half),
        upper=freeze(coef + half),
        knots=len(knots),
        conf_level=float(conf_level),
    )


def _knots(g: FloatArray) -> FloatArray:
    if len(g) < _LINE:
        return np.empty(0)
    for count in (4, 3) if len(g) >= _FEW else (3,):
        try:
            return harrell_knots(g, count)
        except InputError:
            # Many events at a few times: fewer knots, or a line.
            continue
    return np.empty(0)


def _columns(g: FloatArray, knots: npt.NDArray[np.float64]) -> FloatArray:
    """Return intercept, time and spline, with the time on a scale of about 1."""
    width = float(np.ptp(knots)) if len(knots) else 1.0
    scale = 1.0 if not math.isfinite(width) or width <= 0.0 else width
    columns = [np.ones(len(g)), g / scale]
    if len(knots):
        columns.extend((restricted_cubic_spline(g, knots) / scale).T)
    return np.column_stack(columns)
