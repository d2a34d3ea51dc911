"""Incidence rates of single arms and comparisons of two.

Sources: Rothman, Greenland and Lash, Modern Epidemiology, 2008; Bagos and Nikolopoulos, Stat Appl
Genet Mol Biol 2009;8 (square root); Freeman and Tukey, Ann Math Stat 1950;21:607.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta.effects import Effects, build, given, refuse

RATES = {"IR": "identity", "IRLN": "log", "IRS": "square root", "IRFT": "freeman-tukey rate"}
RATE_RATIOS = {"IRR": "log", "IRD": "identity", "IRSD": "identity"}
RULES = ("only0", "if0all", "all", "none")


def rate_effects(
    events: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    measure: str = "IRLN",
    correction: float = 0.5,
    rule: str = "only0",
) -> Effects:
    """Return incidence rates on the scale of pooling.

    Parameters
    ----------
    events : int array (..., k)
        Events; NaN for a study without the outcome.
    time : float array (..., k)
        Total time at risk, in one unit.
    measure : {"IR", "IRLN", "IRS", "IRFT"}
        Raw, log, square root, Freeman-Tukey. The last two are never corrected.
    correction : float
        Added to the events.
    rule : {"only0", "if0all", "all", "none"}
        Studies whose events are corrected: those without an event, all if there is one, all, none.

    Examples
    --------
    >>> rate_effects([4], [100.0], measure="IRS").yi.tolist()
    [0.2]
    """
    _checks.check_option("measure", measure, RATES)
    _checks.check_option("rule", rule, RULES)
    x, t = given(events=events, time=time)
    _check(x, t)
    if measure in ("IRS", "IRFT"):
        root = np.sqrt(x / t)
        yi = root if measure == "IRS" else 0.5 * (root + np.sqrt((x + 1.0) / t))
        return build(yi, 0.25 / t, measure, RATES[measure], excluded=np.isnan(x))
    corrected = _where(x == 0.0, rule)
    x = x + np.where(corrected, correction, 0.0)
    with np.errstate(divide="ignore"):
        yi, vi = (x / t, x / t**2) if measure == "IR" else (np.log(x / t), 1.0 / x)
    excluded = ~np.isfinite(yi) | ~np.isfinite(vi)
    return build(yi, vi, measure, RATES[measure], corrected, excluded)


def rate_ratio_effects(
    events1: npt.ArrayLike,
    time1: npt.ArrayLike,
    events2: npt.ArrayLike,
    time2: npt.ArrayLike,
    *,
    measure: str = "IRR",
    correction: float = 0.5,
    rule: str = "only0",
) -> Effects:
    """Return the rate of the first arm against that of the second.

    Parameters
    ----------
    events1, time1, events2, time2 : array (..., k)
        Events and total time at risk of each arm.
    measure : {"IRR", "IRD", "IRSD"}
        Log rate ratio, rate difference, difference of square roots (never corrected).
    correction, rule
        As in `rate_effects`; a study counts as empty if either arm has no event.

    Examples
    --------
    >>> effects = rate_ratio_effects([10], [100.0], [20], [100.0])
    >>> round(float(effects.yi[0]), 4), round(float(effects.vi[0]), 4)
    (-0.6931, 0.15)
    """
    _checks.check_option("measure", measure, RATE_RATIOS)
    _checks.check_option("rule", rule, RULES)
    x1, t1, x2, t2 = given(events1=events1, time1=time1, events2=events2, time2=time2)
    _check(x1, t1)
    _check(x2, t2)
    if measure == "IRSD":
        yi, vi = np.sqrt(x1 / t1) - np.sqrt(x2 / t2), 0.25 / t1 + 0.25 / t2
        return build(yi, vi, measure, RATE_RATIOS[measure], excluded=np.isnan(x1))
    corrected = _where((x1 == 0.0) | (x2 == 0.0), rule)
    add = np.where(corrected, correction, 0.0)
    x1, x2 = x1 + add, x2 + add
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "IRR":
            yi, vi = np.log(x1 / t1) - np.log(x2 / t2), 1.0 / x1 + 1.0 / x2
        else:
            yi, vi = x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2
    excluded = ~np.isfinite(yi) | ~np.isfinite(vi)
    return build(yi, vi, measure, RATE_RATIOS[measure], corrected, excluded)


def freeman_tukey_rate_inverse(values: npt.ArrayLike, time: float) -> FloatArray:
    """Return rates from Freeman-Tukey values, exactly for one time at risk.

    Parameters
    ----------
    values : float array
        Estimates or limits.
    time : float
        Time at risk to go back with, by habit the harmonic mean of the studies'.

    Examples
    --------
    >>> effects = rate_effects([7], [50.0], measure="IRFT")
    >>> freeman_tukey_rate_inverse(effects.yi, 50.0).round(12).tolist()
    [0.14]
    """
    x = np.asarray(values, dtype=np.float64)
    lowest = 0.5 / np.sqrt(time)
    inside = np.maximum(x, lowest)
    return freeze((inside - 0.25 / (time * inside)) ** 2)


def _check(x: FloatArray, t: FloatArray) -> None:
    refuse(x < 0.0, "Events must not be negative", "a column exchanged with another")
    whole = (x != np.floor(x)) & ~np.isnan(x)
    refuse(whole, "Events must be whole numbers", "a rate typed where a count is due")
    refuse(t <= 0.0, "The time at risk must be positive", "an empty arm")


def _where(empty: npt.NDArray[np.bool_], rule: str) -> npt.NDArray[np.bool_]:
    if rule == "if0all":
        return np.broadcast_to(empty.any(axis=-1, keepdims=True), empty.shape).copy()
    if rule == "only0":
        return empty
    return np.full(empty.shape, rule == "all")
