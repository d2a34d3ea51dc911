"""Receiver operating characteristic of a score, and the cut-point of Youden.

Sources: DeLong, DeLong and Clarke-Pearson, Biometrics 1988;44:837; Sun and Xu, IEEE Signal
Process Lett 2014;21:1389 (by mid-ranks); Youden, Cancer 1950;3:32.
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
from hepatica.stats._ranks import doubled_mid_ranks, tied_groups


@dataclass(frozen=True, slots=True, eq=False)
class Roc:
    """Receiver operating characteristic; a score at or above a threshold is a positive test.

    Attributes
    ----------
    thresholds : float array (m,)
        The distinct scores, rising, and infinity.
    sensitivity, specificity : float array (m,)
        Share of subjects with event that are positive, and without event that are negative.
    auc : float
        Area under the curve: probability that the score of a subject with event is higher than
        that of one without, ties counting half.
    std_error : float
        Standard error of the area by DeLong; NaN with a single subject on either side.
    lower, upper : float
        Limits of the area by the normal distribution, kept within 0 to 1.
    n_events, n_non_events : int
        Subjects.
    conf_level : float
        As given.
    """

    thresholds: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray
    auc: float
    std_error: float
    lower: float
    upper: float
    n_events: int
    n_non_events: int
    conf_level: float


@dataclass(frozen=True, slots=True)
class YoudenCutPoint:
    """The threshold with the largest sum of sensitivity and specificity.

    Attributes
    ----------
    cut_point : float
        A score at or above it is a positive test.
    sensitivity, specificity : float
        At the cut-point.
    youden : float
        Sensitivity + specificity - 1.
    """

    cut_point: float
    sensitivity: float
    specificity: float
    youden: float


def roc(score: npt.ArrayLike, event: npt.ArrayLike, *, conf_level: float = 0.95) -> Roc:
    """Describe how a score tells subjects with event from those without.

    Higher scores stand for the event; the direction is never turned round, so that an area below
    0.5 is seen as such.

    Parameters
    ----------
    score : array (n,)
        Scores, finite.
    event : array (n,)
        1 for a subject with event, 0 for one without; both must occur.
    conf_level : float
        Confidence level of the limits of the area.

    Raises
    ------
    InputError
        If the arrays cannot be used.

    Examples
    --------
    >>> curve = roc([1, 2, 3, 4], [0, 1, 0, 1])
    >>> curve.auc, curve.sensitivity.tolist(), curve.specificity.tolist()
    (0.75, [1.0, 1.0, 0.5, 0.5, 0.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    level = _checks.check_conf_level(conf_level)
    values = _checks.numbers("score", score).astype(np.float64)
    flags = _checks.events(event, len(values))
    with_event, without = np.sort(values[flags]), np.sort(values[~flags])
    if not (len(with_event) and len(without)):
        raise InputError("A ROC curve needs subjects with and without the event.")
    thresholds = np.append(np.unique(values), np.inf)
    auc, std_error = _area(with_event, without)
    half = float(ndtri(0.5 + level / 2.0)) * std_error
    return Roc(
        thresholds=freeze(thresholds),
        sensitivity=freeze(1.0 - np.searchsorted(with_event, thresholds) / len(with_event)),
        specificity=freeze(np.searchsorted(without, thresholds) / len(without)),
        auc=auc,
        std_error=std_error,
        lower=math.nan if math.isnan(half) else max(0.0, auc - half),
        upper=math.nan if math.isnan(half) else min(1.0, auc + half),
        n_events=len(with_event),
        n_non_events=len(without),
        conf_level=level,
    )


def youden_cut_point(curve: Roc) -> YoudenCutPoint:
    """Return the cut-point of Youden; of several the lowest.

    Examples
    --------
    >>> youden_cut_point(roc([1, 2, 3, 4], [0, 1, 0, 1])).cut_point
    2.0
    """
    # Shares are exact to rounding; cut-points that differ by it are equally good.
    youden = np.round(curve.sensitivity + curve.specificity - 1.0, 12)
    best = int(np.argmax(youden))
    return YoudenCutPoint(
        cut_point=float(curve.thresholds[best]),
        sensitivity=float(curve.sensitivity[best]),
        specificity=float(curve.specificity[best]),
        youden=float(curve.sensitivity[best] + curve.specificity[best] - 1.0),
    )


def _area(with_event: FloatArray, without: FloatArray) -> tuple[float, float]:
    m, n = len(with_event), len(without)
    together = _mid_ranks(np.concatenate([with_event, without]))
    # Share of the other side that each subject is on the right side of.
    of_event = (together[:m] - _mid_ranks(with_event)) / n
    of_non_event = 1.0 - (together[m:] - _mid_ranks(without)) / m
    auc = float(of_event.mean())
    if min(m, n) < 2:
        return auc, math.nan
    return auc, math.sqrt(of_event.var(ddof=1) / m + of_non_event.var(ddof=1) / n)


def _mid_ranks(values: FloatArray) -> FloatArray:
    return doubled_mid_ranks(tied_groups(values, 0.0)) / 2.0
