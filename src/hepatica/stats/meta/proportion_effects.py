"""Proportions of single arms on five scales, and the way back from the Freeman-Tukey scale.

Sources: Freeman and Tukey, Ann Math Stat 1950;21:607; its inverse, Miller, Am Stat 1978;32:138;
the choice of n, Barendregt et al., J Epidemiol Community Health 2013;67:974 (1/v), and the
warning of Schwarzer et al., Res Synth Methods 2019;10:476.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze
from hepatica.stats.meta.effects import Effects, build, counts, given, refuse

MEASURES = {
    "PR": "identity",
    "PLN": "log",
    "PLO": "logit",
    "PAS": "arcsine",
    "PFT": "freeman-tukey",
}
RULES = ("only0", "if0all", "all", "none", "drop", "variance-only")
SIZES = ("harmonic", "arithmetic", "geometric", "1/v", "1/4v", "sin2")


def proportion_effects(
    events: npt.ArrayLike,
    n: npt.ArrayLike,
    *,
    measure: str = "PLO",
    correction: float = 0.5,
    rule: str = "only0",
) -> Effects:
    """Return proportions on the scale of pooling.

    Parameters
    ----------
    events, n : int array (..., k)
        Patients with the event, and all; NaN for a study without the outcome.
    measure : {"PR", "PLN", "PLO", "PAS", "PFT"}
        Raw, log, logit, arcsine of the square root, Freeman-Tukey double arcsine. The last two
        exist for 0 and n events and are never corrected.
    correction : float
        Added to patients with and to patients without the event.
    rule : {"only0", "if0all", "all", "none", "drop", "variance-only"}
        Correct studies with 0 or n events; all studies if there is one such (within an outcome);
        all; none; leave such studies out, as Stata's metan does; or correct the variance and not
        the estimate, as R's meta does (PR only: elsewhere it means "only0").

    Raises
    ------
    InputError
        If counts are not whole or exceed the patients.

    Examples
    --------
    >>> effects = proportion_effects([10, 20], [20, 20], measure="PR", rule="only0")
    >>> effects.yi.round(4).tolist(), effects.corrected.tolist()
    ([0.5, 0.9762], [False, True])
    """
    _checks.check_option("measure", measure, MEASURES)
    _checks.check_option("rule", rule, RULES)
    x, size = given(events=events, n=n)
    counts(x, size)
    empty = (x == 0.0) | (x == size)
    if measure in ("PAS", "PFT"):
        return _arcsine(x, size, measure)
    corrected = _corrected(empty, rule)
    add = np.where(corrected, correction, 0.0)
    share = (x + add) / (size + 2.0 * add)
    total = size + 2.0 * add
    with np.errstate(divide="ignore", invalid="ignore"):
        if measure == "PR":
            yi, vi = share, share * (1.0 - share) / total
            if rule == "variance-only":
                yi = x / size
        elif measure == "PLN":
            yi, vi = np.log(share), 1.0 / (x + add) - 1.0 / total
            if rule == "variance-only":
                yi, vi = _log_hartung_knapp(x, size, add)
        else:
            yi = np.log(x + add) - np.log(size - x + add)
            vi = 1.0 / (x + add) + 1.0 / (size - x + add)
    excluded = np.isnan(x) | (empty & (rule == "drop"))
    return build(yi, vi, measure, MEASURES[measure], corrected, excluded)


def _log_hartung_knapp(
    x: FloatArray, n: FloatArray, add: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return log proportions that are 0 with n of n events (Stat Med 2001;20:3875, formula 18)."""
    full = x == n
    yi = np.where(full, 0.0, np.log(x + add) - np.log(n + add))
    vi = 1.0 / np.where(full, x, x + add) - 1.0 / (n + add)
    return yi, vi


def _corrected(empty: npt.NDArray[np.bool_], rule: str) -> npt.NDArray[np.bool_]:
    if rule in ("none", "drop"):
        return np.zeros_like(empty)
    if rule == "all":
        return np.ones_like(empty)
    if rule == "if0all":
        return np.broadcast_to(empty.any(axis=-1, keepdims=True), empty.shape).copy()
    return empty


def _arcsine(x: FloatArray, n: FloatArray, measure: str) -> Effects:
    if measure == "PAS":
        yi, vi = np.arcsin(np.sqrt(x / n)), 1.0 / (4.0 * n)
    else:
        yi, vi = freeman_tukey(x, n), 1.0 / (4.0 * n + 2.0)
    return build(yi, vi, measure, MEASURES[measure], excluded=np.isnan(x))


def freeman_tukey(x: FloatArray, n: FloatArray) -> FloatArray:
    """Return half the sum of the two arcsines, as metafor defines it (0 to about pi/2)."""
    first, second = np.sqrt(x / (n + 1.0)), np.sqrt((x + 1.0) / (n + 1.0))
    out: FloatArray = 0.5 * (np.arcsin(first) + np.arcsin(second))
    return out


def freeman_tukey_size(n: npt.ArrayLike, *, variance: float, size: str = "harmonic") -> float:
    """Return the number of patients with which a pooled Freeman-Tukey value goes back.

    Parameters
    ----------
    n : int array (k,)
        Patients of the studies pooled.
    variance : float
        Squared standard error of the pooled value.
    size : {"harmonic", "arithmetic", "geometric", "1/v", "1/4v", "sin2"}
        Mean of `n`, or from the variance. "sin2" is infinite: the plain squared sine.

    Examples
    --------
    >>> round(freeman_tukey_size([10, 40], variance=0.01), 6)
    16.0
    """
    _checks.check_option("size", size, SIZES)
    (patients,) = given(n=n)
    patients = patients[~np.isnan(patients)]
    refuse(patients < 1.0, "The number of patients must be at least 1", "an empty arm")
    if size == "harmonic":
        return float(1.0 / np.mean(1.0 / patients))
    if size == "arithmetic":
        return float(patients.mean())
    if size == "geometric":
        return float(np.exp(np.log(patients).mean()))
    if size == "sin2":
        return float("inf")
    return 1.0 / variance if size == "1/v" else 1.0 / (4.0 * variance)


def freeman_tukey_inverse(values: npt.ArrayLike, n: float) -> FloatArray:
    """Return proportions from Freeman-Tukey values, by Miller's inverse.

    Parameters
    ----------
    values : float array
        Estimates or limits on the Freeman-Tukey scale.
    n : float
        Number of patients, from `freeman_tukey_size`; infinite for the squared sine. Values
        beyond those of 0 and n events stand for 0 and 1.

    Examples
    --------
    >>> effects = proportion_effects([3], [20], measure="PFT")
    >>> freeman_tukey_inverse(effects.yi, 20.0).round(12).tolist()
    [0.15]
    """
    t = np.asarray(values, dtype=np.float64)
    if np.isinf(n):
        return freeze(np.sin(np.clip(t, 0.0, np.pi / 2.0)) ** 2)
    lowest = freeman_tukey(np.float64(0.0), np.float64(n))  # type: ignore[arg-type]
    highest = freeman_tukey(np.float64(n), np.float64(n))  # type: ignore[arg-type]
    inside = np.clip(t, lowest, highest)
    sine = np.sin(2.0 * inside)
    inner = 1.0 - (sine + (sine - 1.0 / sine) / n) ** 2
    share = 0.5 * (1.0 - np.sign(np.cos(2.0 * inside)) * np.sqrt(np.maximum(inner, 0.0)))
    return freeze(np.where(t <= lowest, 0.0, np.where(t >= highest, 1.0, share)))
