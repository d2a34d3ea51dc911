"""How many studies without an effect would undo a finding, and whether findings are too many.

Sources: Rosenthal, Psychol Bull 1979;86:638; Orwin, J Educ Stat 1983;8:157; Rosenberg, Evolution
2005;59:464; excess significance, Ioannidis and Trikalinos, Clin Trials 2007;4:245.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta._studies import read_studies

METHODS = ("rosenthal", "orwin", "rosenberg")


@dataclass(frozen=True, slots=True)
class FailSafe:
    """Studies without an effect that would undo a finding.

    Attributes
    ----------
    method : str
        As given.
    k : int
        Studies with the outcome.
    needed : int
        Studies that would do; 0 where there is nothing to undo.
    exact : float
        The same before it was rounded up.
    estimate : float
        Mean effect (Rosenthal: NaN); unweighted for Orwin unless weighted was asked for.
    target : float
        Effect that is no longer of interest (Orwin), else NaN.
    p_value : float
        P of the finding before (Orwin: NaN); one-sided for Rosenthal, two-sided for Rosenberg.
    """

    method: str
    k: int
    needed: int
    exact: float
    estimate: float
    target: float
    p_value: float


def fail_safe(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    method: str = "rosenthal",
    alpha: float = 0.05,
    target: float | None = None,
    weighted: bool = False,
) -> FailSafe:
    """Return how many studies without an effect would undo the finding.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    method : {"rosenthal", "orwin", "rosenberg"}
        Sum of z at one-sided `alpha`; mean effect at `target`; common effect at two-sided `alpha`.
    alpha : float
        Level at which a finding is one.
    target : float, optional
        Effect that is no longer of interest; half of the mean unless given.
    weighted : bool
        For Orwin: mean with weights 1/vi (metafor from 4.0 on) and not the plain one.

    Raises
    ------
    InputError
        If an option is not known, or the target has another sign than the mean effect.

    Examples
    --------
    >>> found = fail_safe([1.0, 1.0, 1.0, 1.0], [0.25, 0.25, 0.25, 0.25])
    >>> found.needed, round(found.exact, 3)
    (20, 19.655)
    """
    _checks.check_option("method", method, METHODS)
    _checks.check_probability("alpha", alpha)
    y, v = _present(yi, vi)
    k = len(y)
    w = 1.0 / v
    estimate, aim, p_value = float((w * y).sum() / w.sum()), math.nan, math.nan
    if method == "rosenthal":
        z = abs(float((y * np.sqrt(w)).sum())) / math.sqrt(k)
        p_value, estimate = float(ndtr(-z)), math.nan
        exact = k * (z / float(ndtri(1.0 - alpha))) ** 2 - k
    elif method == "orwin":
        estimate = estimate if weighted else float(y.mean())
        aim = estimate / 2.0 if target is None else target
        if aim * estimate <= 0.0:
            raise InputError("The target has to lie between 0 and the mean effect.")
        exact = k * (estimate - aim) / aim
    else:
        z = abs(float((w * y).sum())) / math.sqrt(float(w.sum()))
        p_value = 2.0 * float(ndtr(-z))
        quantile = float(ndtri(1.0 - alpha / 2.0))
        exact = float(((w * y).sum() / quantile) ** 2 - w.sum()) / float(w.mean())
    exact = max(exact, 0.0)
    return FailSafe(method, k, math.ceil(exact - 1e-9), exact, estimate, aim, p_value)


@dataclass(frozen=True, slots=True)
class ExcessSignificance:
    """Whether more studies are significant than their power explains.

    Attributes
    ----------
    observed : int
        Studies with a two-sided P of at most alpha.
    expected : float
        Sum of the powers.
    power : float array (k,)
        Power of each study at the effect.
    effect : float
        Effect at which the power was taken.
    p_value : float
        Exact probability of at least so many.
    """

    observed: int
    expected: float
    power: FloatArray
    effect: float
    p_value: float


def excess_significance(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, alpha: float = 0.05, effect: float | None = None
) -> ExcessSignificance:
    """Test whether too many studies are significant.

    Parameters
    ----------
    yi, vi : float array (k,)
        Estimates and variances; NaN in both for a study without the outcome.
    alpha : float
        Two-sided level of the studies.
    effect : float, optional
        Effect at which power is taken; the common effect unless given.

    Examples
    --------
    >>> found = excess_significance([0.5, 0.6, 0.7], [0.04, 0.04, 0.04])
    >>> found.observed, round(found.expected, 4), round(found.p_value, 4)
    (3, 2.5525, 0.6159)
    """
    _checks.check_probability("alpha", alpha)
    y, v = _present(yi, vi)
    at = float((y / v).sum() / (1.0 / v).sum()) if effect is None else float(effect)
    error, critical = np.sqrt(v), float(ndtri(1.0 - alpha / 2.0))
    power = ndtr(at / error - critical) + ndtr(-at / error - critical)
    observed = int(np.count_nonzero(np.abs(y) / error >= critical))
    share = np.ones(1)  # distribution of the number of significant studies
    for one in power:
        share = np.convolve(share, (1.0 - one, one))
    p_value = float(share[observed:].sum())
    return ExcessSignificance(observed, float(power.sum()), freeze(power), at, min(p_value, 1.0))


def _present(yi: npt.ArrayLike, vi: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    studies = read_studies(yi, vi, 1)
    there = studies.present[:, 0]
    return studies.y[there, 0], studies.v[there, 0]
