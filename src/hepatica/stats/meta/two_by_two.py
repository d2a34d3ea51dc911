"""Two arms with events: risk ratio, odds ratio, risk difference, arcsine difference, Peto.

Sources: Fleiss, Stat Methods Med Res 1993;2:121; Ruecker et al., Stat Med 2009;28:721 (arcsine);
Yusuf, Peto et al., Prog Cardiovasc Dis 1985;27:335.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray
from hepatica.stats.meta.effects import Effects, build, counts, given

MEASURES = {"RR": "log", "OR": "log", "RD": "identity", "AS": "identity", "PETO": "log"}
RULES = ("only0", "if0all", "all", "none")
DOUBLE_ZERO = ("exclude", "keep")


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells after correction: events and others of the first arm (a, b) and the second (c, d)."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray
    corrected: npt.NDArray[np.bool_]
    excluded: npt.NDArray[np.bool_]


def two_arm_effects(
    events1: npt.ArrayLike,
    n1: npt.ArrayLike,
    events2: npt.ArrayLike,
    n2: npt.ArrayLike,
    *,
    measure: str = "RR",
    correction: float = 0.5,
    rule: str = "only0",
    double_zero: str = "exclude",
) -> Effects:
    """Return the effect of the first arm against the second.

    Parameters
    ----------
    events1, n1, events2, n2 : int array (..., k)
        Patients with the event, and all, of each arm; NaN for a study without the outcome.
    measure : {"RR", "OR", "RD", "AS", "PETO"}
        Log risk ratio, log odds ratio, risk difference, arcsine difference, log odds ratio by
        Peto. The last two are never corrected.
    correction : float
        Added to all four cells.
    rule : {"only0", "if0all", "all", "none"}
        Correct studies with an empty cell; all studies if one has an empty cell (within an
        outcome); all; none. With none, a study whose ratio or variance does not exist is left out.
    double_zero : {"exclude", "keep"}
        What becomes of studies without an event in either arm (for OR also of those with events
        only) when a ratio is asked for: left out, as in Stata, RevMan and R's meta, or corrected
        and kept, as in metafor. Differences keep them always, Peto never.

    Raises
    ------
    InputError
        If counts are not whole or exceed the patients.

    Examples
    --------
    >>> effects = two_arm_effects([5, 0], [20, 10], [10, 2], [20, 10], measure="OR")
    >>> effects.yi.round(4).tolist(), effects.corrected.tolist()
    ([-1.0986, -1.8207], [False, True])
    """
    _checks.check_option("measure", measure, MEASURES)
    _checks.check_option("rule", rule, RULES)
    _checks.check_option("double_zero", double_zero, DOUBLE_ZERO)
    a, size1, c, size2 = given(events1=events1, n1=n1, events2=events2, n2=n2)
    counts(a, size1, "events1")
    counts(c, size2, "events2")
    if measure in ("AS", "PETO"):
        rule = "none"
    table = correct_cells((a, size1 - a, c, size2 - c), correction, rule)
    excluded = table.excluded | _uninformative(table, a, c, size1, size2, measure, double_zero)
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi = _EFFECTS[measure](table)
    if measure != "AS":
        excluded = excluded | ~np.isfinite(yi) | ~np.isfinite(vi)
    if measure in ("RR", "OR"):
        excluded = excluded | (vi <= 0.0)
    return build(yi, vi, measure, MEASURES[measure], table.corrected & ~excluded, excluded)


def correct_cells(
    cells: tuple[FloatArray, FloatArray, FloatArray, FloatArray], correction: float, rule: str
) -> Cells:
    """Return cells with the correction where the rule asks for it."""
    a, b, c, d = cells
    empty = (a == 0.0) | (b == 0.0) | (c == 0.0) | (d == 0.0)
    if rule == "if0all":
        empty = np.broadcast_to(empty.any(axis=-1, keepdims=True), empty.shape).copy()
    elif rule != "only0":
        empty = np.full(empty.shape, rule == "all")
    add = np.where(empty, correction, 0.0)
    return Cells(a + add, b + add, c + add, d + add, empty, np.isnan(a))


def _uninformative(
    table: Cells,
    a: FloatArray,
    c: FloatArray,
    n1: FloatArray,
    n2: FloatArray,
    measure: str,
    double_zero: str,
) -> npt.NDArray[np.bool_]:
    none: npt.NDArray[np.bool_] = (a == 0.0) & (c == 0.0)
    full: npt.NDArray[np.bool_] = (a == n1) & (c == n2)
    if measure == "PETO":
        return none | full
    if measure in ("RD", "AS") or double_zero == "keep":
        return np.zeros_like(table.excluded)
    return none | full if measure == "OR" else none


def _risk_ratio(t: Cells) -> tuple[FloatArray, FloatArray]:
    n1, n2 = t.a + t.b, t.c + t.d
    yi = np.log(t.a / n1) - np.log(t.c / n2)
    return yi, 1.0 / t.a - 1.0 / n1 + 1.0 / t.c - 1.0 / n2


def _odds_ratio(t: Cells) -> tuple[FloatArray, FloatArray]:
    yi = np.log(t.a) - np.log(t.b) - np.log(t.c) + np.log(t.d)
    return yi, 1.0 / t.a + 1.0 / t.b + 1.0 / t.c + 1.0 / t.d


def _risk_difference(t: Cells) -> tuple[FloatArray, FloatArray]:
    n1, n2 = t.a + t.b, t.c + t.d
    return t.a / n1 - t.c / n2, t.a * t.b / n1**3 + t.c * t.d / n2**3


def _arcsine(t: Cells) -> tuple[FloatArray, FloatArray]:
    n1, n2 = t.a + t.b, t.c + t.d
    yi = np.arcsin(np.sqrt(t.a / n1)) - np.arcsin(np.sqrt(t.c / n2))
    return yi, 0.25 / n1 + 0.25 / n2


def peto(t: Cells) -> tuple[FloatArray, FloatArray]:
    """Return (O - E)/V and 1/V with the hypergeometric variance."""
    n1, n2 = t.a + t.b, t.c + t.d
    total, events = n1 + n2, t.a + t.c
    variance = n1 * n2 * events * (total - events) / (total**2 * (total - 1.0))
    return (t.a - n1 * events / total) / variance, 1.0 / variance


_EFFECTS = {
    "RR": _risk_ratio,
    "OR": _odds_ratio,
    "RD": _risk_difference,
    "AS": _arcsine,
    "PETO": peto,
}
