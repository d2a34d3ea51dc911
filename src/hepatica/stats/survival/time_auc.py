"""Area under the time-dependent receiver operating characteristic.

Sources: Heagerty, Lumley and Pepe, Biometrics 2000;56:337 (cumulative cases, dynamic controls);
Uno et al., J Am Stat Assoc 2007;102:527 (weights by the inverse probability of staying
uncensored); Blanche, Dartigues and Jacqmin-Gadda, Stat Med 2013;32:5381 (variance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival.censoring_weights import (
    CensoringCurve,
    censoring_curve,
    censoring_influence,
    horizon,
    inverse_weights,
    is_past,
)


@dataclass(frozen=True, slots=True, eq=False)
class TimeAuc:
    """Areas at t times for n subjects; arrays are read-only.

    Attributes
    ----------
    at : float array (t,)
        Times.
    auc, std_error, lower, upper : float array (t,)
        Probability that a subject with the event by the time has a higher score than one without,
        equal scores counting half; its standard error and normal limits inside 0 and 1.
    cases, controls : int array (t,)
        Subjects seen with the event by the time, and followed past it.
    influence : float array (t, n)
        Influence of each subject on the area, for comparisons of scores; its mean is 0.
    conf_level : float
        As given.
    """

    at: FloatArray
    auc: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    cases: IntArray
    controls: IntArray
    influence: FloatArray
    conf_level: float


def time_auc(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    score: npt.ArrayLike,
    at: npt.ArrayLike,
    *,
    conf_level: float = 0.95,
) -> TimeAuc:
    """Estimate how well a score tells at each time who has had the event.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    score : array (n,) or (n, t)
        A higher score stands for an earlier event; one for all times or one for each.
    at : array (t,)
        Times, each before the last follow-up.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays cannot be used, or at a time nobody has had the event or nobody is followed
        past it.

    Notes
    -----
    Censoring is taken to depend neither on the score nor on the event.

    Examples
    --------
    >>> time_auc([1, 2, 3, 4], [1, 1, 1, 1], [9, 4, 5, 2], [2.5]).auc.tolist()
    [0.75]
    """
    _checks.check_conf_level(conf_level)
    checked = _checks.times(time).astype(np.float64)
    n = len(checked)
    flags = _checks.events(event, n)
    when = _checks.numbers("at", at).astype(np.float64)
    scores = per_time("score", score, n, len(when))
    curve = censoring_curve(checked, flags)
    area = np.empty(len(when))
    influence = np.empty((len(when), n))
    cases = np.empty(len(when), dtype=np.int64)
    controls = np.empty(len(when), dtype=np.int64)
    for index, one in enumerate(when):
        t = horizon(checked, float(one))
        past = is_past(checked, t)
        cases[index] = np.count_nonzero(flags & ~past)
        controls[index] = np.count_nonzero(past)
        if not cases[index]:
            raise InputError("Nobody has the event by a time asked for; choose a later one.")
        area[index], influence[index] = _area(checked, flags, scores[:, index], t, curve)
    std_error = np.sqrt((influence**2).sum(axis=1) / (n * (n - 1.0)))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    return TimeAuc(
        at=freeze(when.copy()),
        auc=freeze(area),
        std_error=freeze(std_error),
        lower=freeze(np.maximum(area - half, 0.0)),
        upper=freeze(np.minimum(area + half, 1.0)),
        cases=freeze(cases),
        controls=freeze(controls),
        influence=freeze(influence),
        conf_level=float(conf_level),
    )


def per_time(name: str, values: npt.ArrayLike, n: int, n_times: int) -> FloatArray:
    """Return values of n subjects at each time, from one column or one for each time."""
    array = _checks.as_array(name, values)
    table = _checks.numbers(name, array[:, None] if array.ndim == 1 else array, ndim=2)
    _checks.check_length(name, table, n)
    if table.shape[1] not in (1, n_times):
        raise InputError(
            f"{name} must have one column, or one for each time: {n_times}; it has "
            f"{table.shape[1]}."
        )
    return np.broadcast_to(table.astype(np.float64), (n, n_times))


def _area(
    time: FloatArray,
    event: npt.NDArray[np.bool_],
    score: FloatArray,
    at: float,
    curve: CensoringCurve,
) -> tuple[float, FloatArray]:
    """Return the area and each subject's influence on it."""
    n = len(time)
    past = is_past(time, at)
    weight = inverse_weights(time, event, curve, at)
    case = np.where(past, 0.0, weight)
    control = np.where(past, weight, 0.0)
    rank = np.unique(score, return_inverse=True)[1]
    wins = _won(rank, control)
    losses = case.sum() - _won(rank, case)
    share_cases, share_controls = case.mean(), control.mean()
    area = float(case @ wins / (case.sum() * control.sum()))
    moved_cases = case * (wins / n - area * share_controls)
    moved_controls = control * (losses / n - area * share_cases)
    through_weights = censoring_influence(time, event, at, moved_cases)
    influence = (moved_cases + moved_controls + through_weights) / (share_cases * share_controls)
    return area, influence


def _won(rank: IntArray, weight: FloatArray) -> FloatArray:
    """Return the weight of lower scores than each, equal ones counting half."""
    sums = np.bincount(rank, weights=weight)
    found: FloatArray = (np.cumsum(sums) - sums / 2.0)[rank]
    return found
