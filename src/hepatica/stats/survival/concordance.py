"""How well a score tells who has the event first.

Sources: Harrell et al., JAMA 1982;247:2543; Uno et al., Stat Med 2011;30:1105 (weights by the
inverse probability of staying uncensored, and truncation); Therneau and Atkinson, "Concordance",
vignette of R's survival package (strata, ties, infinitesimal jackknife).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats._ranks import tied_groups
from hepatica.stats.survival._comparable_pairs import (
    Subjects,
    number_subjects,
    pairs_as_event,
    pairs_as_partner,
    tied_events,
)
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._entry import check_entries
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.censoring_weights import censoring_curve, positive
from hepatica.stats.survival.cox import CoxFit


@dataclass(frozen=True, slots=True, eq=False)
class Concordance:
    """Concordance of a score with the order of events; sums of pairs carry weights.

    Attributes
    ----------
    c : float
        Share of comparable pairs in which the higher score has the event first; pairs with equal
        scores count half.
    std_error : float
        Its standard error by the infinitesimal jackknife.
    lower, upper : float
        c less and plus the normal quantile times `std_error`, inside 0 and 1.
    concordant, discordant, tied_score : float
        Comparable pairs.
    tied_time : float
        Pairs with the event at the same time and different scores; not comparable.
    tied_both : float
        Pairs with the event at the same time and equal scores; not comparable.
    influence : float array (n,)
        Change of c with each subject's weight, times the weight; `std_error` is the root of the
        sum of its squares, in each cluster if there are clusters.
    conf_level : float
        As given.
    """

    c: float
    std_error: float
    lower: float
    upper: float
    concordant: float
    discordant: float
    tied_score: float
    tied_time: float
    tied_both: float
    influence: FloatArray
    conf_level: float


@dataclass(frozen=True, slots=True)
class ConcordanceDifference:
    """Difference of the concordance of two scores on the same subjects.

    Attributes
    ----------
    difference, std_error, lower, upper : float
        First less second, with its standard error and limits.
    p_value : float
        Two-sided p-value of no difference; NaN where the scores order all alike.
    conf_level : float
        As of the first.
    """

    difference: float
    std_error: float
    lower: float
    upper: float
    p_value: float
    conf_level: float


def harrell_c(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    tau: float | None = None,
    conf_level: float = 0.95,
) -> Concordance:
    """Estimate Harrell's concordance of a score.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    score : array (n,)
        A higher score stands for an earlier event (a risk, not a predicted time).
    weights : array (n,), optional
        Case weights; a pair weighs their product.
    entry : array (n,), optional
        Delayed entry; a subject is compared with events after it.
    strata : array (n,), optional
        Whole-number codes; pairs are made inside strata.
    tau : float, optional
        Only events up to this time open a pair.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays cannot be used or there is no comparable pair.

    Notes
    -----
    A pair is comparable if one has the event while the other is still followed; a censoring at
    the time of an event counts as later.

    Examples
    --------
    >>> found = harrell_c([1, 2, 3, 4], [1, 1, 0, 1], [9, 5, 6, 5])
    >>> found.concordant, found.discordant, found.tied_score, found.c
    (3.0, 1.0, 1.0, 0.7)
    """
    _checks.check_conf_level(conf_level)
    subjects = _check(time, event, score, weights, entry, strata)
    value = np.ones(len(subjects.tick))
    return _estimate(subjects, value, tau, None, conf_level)


def uno_c(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    tau: float | None = None,
    weights: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
) -> Concordance:
    """Estimate Uno's concordance of a score, which does not depend on the censoring.

    Each pair weighs 1 / G(t-)^2 at its event, with G the Kaplan-Meier curve of staying uncensored
    (of the stratum). The variance takes G as known.

    Parameters
    ----------
    tau : float, optional
        Truncation: only events up to this time open a pair. Late events carry large weights;
        choose a time at which a fair share is still followed.
    time, event, score, weights, strata, conf_level
        As in `harrell_c`.

    Raises
    ------
    InputError
        If the arrays cannot be used or there is no comparable pair.

    Examples
    --------
    >>> uno_c([1, 2, 3, 4], [1, 0, 1, 1], [9, 5, 5, 6]).c
    0.5714285714285714
    """
    _checks.check_conf_level(conf_level)
    subjects = _check(time, event, score, weights, None, strata)
    value = np.ones(len(subjects.tick))
    for one in range(int(subjects.stratum.max()) + 1):
        own = subjects.stratum == one
        curve = censoring_curve(
            subjects.times[own], subjects.event[own], weights=subjects.weight[own]
        )
        inside = own & subjects.event
        value[inside] = 1.0 / curve.before(subjects.times[inside]) ** 2
    return _estimate(subjects, value, tau, None, conf_level)


def concordance_of(fit: CoxFit, *, conf_level: float = 0.95) -> Concordance:
    """Estimate Harrell's concordance of the linear predictor of a model on its own data.

    Strata, weights, entry, offset and clusters are those of the fit.

    Examples
    --------
    >>> from hepatica.stats.survival import cox
    >>> concordance_of(cox([1, 2, 3, 4], [1, 1, 1, 0], [1, 0, 1, 0])).c
    0.6666666666666666
    """
    _checks.check_conf_level(conf_level)
    data = fit.data
    centred = data.X - data.X.mean(axis=0)
    linear = centred @ fit.coef + (data.offset if data.offset.size else 0.0)
    # Equal covariates must stay tied whatever the order in which their products were summed.
    slack = 1e-13 * float((np.abs(centred) @ np.abs(fit.coef)).max() + np.abs(linear).max())
    subjects = number_subjects(data, tied_groups(linear, slack))
    cluster = data.cluster if data.cluster.size else None
    return _estimate(subjects, np.ones(len(linear)), None, cluster, conf_level)


def concordance_difference(first: Concordance, second: Concordance) -> ConcordanceDifference:
    """Compare two scores on the same subjects, in the same order.

    Examples
    --------
    >>> a = harrell_c([1, 2, 3, 4], [1, 1, 0, 1], [9, 5, 6, 5])
    >>> b = harrell_c([1, 2, 3, 4], [1, 1, 0, 1], [1, 5, 6, 5])
    >>> round(concordance_difference(a, b).difference, 3)
    0.6
    """
    if len(first.influence) != len(second.influence):
        raise InputError("Both values must come from the same subjects; their numbers differ.")
    difference = first.c - second.c
    moved = first.influence - second.influence
    std_error = float(np.sqrt(moved @ moved))
    half = float(ndtri(0.5 + first.conf_level / 2.0)) * std_error
    p_value = float(2.0 * ndtr(-abs(difference) / std_error)) if std_error > 0 else float("nan")
    return ConcordanceDifference(
        difference=difference,
        std_error=std_error,
        lower=difference - half,
        upper=difference + half,
        p_value=p_value,
        conf_level=first.conf_level,
    )


def _check(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    score: npt.ArrayLike,
    weights: npt.ArrayLike | None,
    entry: npt.ArrayLike | None,
    strata: npt.ArrayLike | None,
) -> Subjects:
    checked = _checks.times(time).astype(np.float64)
    n = len(checked)
    flags = _checks.events(event, n)
    scores = _checks.numbers("score", score)
    _checks.check_length("score", scores, n)
    empty = np.empty(0)
    entered = empty if entry is None else check_entries(entry, checked)
    stratum = np.zeros(n, np.int64) if strata is None else _checks.codes("strata", strata, n)[1]
    weight = empty if weights is None else positive("weights", weights, n)
    data = CoxData(
        time=checked,
        event=flags,
        X=empty,
        entry=entered,
        weights=weight,
        offset=empty,
        stratum=stratum,
        cluster=np.empty(0, np.int64),
    )
    return number_subjects(data, np.unique(scores, return_inverse=True)[1].astype(np.int64))


def _estimate(
    subjects: Subjects,
    value: FloatArray,
    tau: float | None,
    cluster: IntArray | None,
    conf_level: float,
) -> Concordance:
    opens = subjects.event
    if tau is not None:
        if not 0.0 < _checks.number("tau", tau) < np.inf:
            raise InputError("tau must be a finite number above 0.")
        opens = opens & (subjects.times <= tau * (1.0 + SAME_TIME))
    value = np.where(opens, value, 0.0)
    below, equal, above = pairs_as_event(subjects, opens, value)
    pairs = subjects.weight @ np.column_stack([below, above, equal])
    total = float(pairs.sum())
    if not total > 0.0:
        raise InputError("There is no pair to compare: no event while another is followed.")
    c = float(pairs[0] + pairs[2] / 2.0) / total
    lower_first, same, higher_first = pairs_as_partner(subjects, opens, value)
    concordant, discordant = below + higher_first, above + lower_first
    half_tied = (equal + same) / 2.0
    share = (1.0 - c) * (concordant + half_tied) - c * (discordant + half_tied)
    influence = subjects.weight * share / total
    per_unit = influence if cluster is None else np.bincount(cluster, weights=influence)
    std_error = float(np.sqrt(per_unit @ per_unit))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    tied_time, tied_both = tied_events(subjects, opens, value)
    return Concordance(
        c=c,
        std_error=std_error,
        lower=max(c - half, 0.0),
        upper=min(c + half, 1.0),
        concordant=float(pairs[0]),
        discordant=float(pairs[1]),
        tied_score=float(pairs[2]),
        tied_time=tied_time,
        tied_both=tied_both,
        influence=freeze(influence),
        conf_level=float(conf_level),
    )
