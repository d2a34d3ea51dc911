"""Proportional hazards regression of many data sets at once.

The same answers as `cox` for each data set, without a loop over them. Sources are those of `cox`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._batch import BoolArray, events_of_rows, times_of_rows
from hepatica.stats.survival._cox_input import covariates
from hepatica.stats.survival._cox_rows import RowLikelihood, Rows, dealt
from hepatica.stats.survival._cox_rows_newton import CoxStatus, RowEstimates, maximise_rows
from hepatica.stats.survival._tally import SAME_TIME
from hepatica.stats.survival.batch import _whole_weights

__all__ = ["BATCH_TIES", "CoxBatch", "CoxStatus", "cox_batch", "cox_bootstrap"]

BATCH_TIES = ("efron", "breslow")
#: Values of an array of one block: what the caches hold.
_BLOCK = 1 << 17


@dataclass(frozen=True, slots=True, eq=False)
class CoxBatch:
    """Models of r data sets with p covariates; arrays are read-only.

    Attributes
    ----------
    coef, std_error : float array (r, p)
        Log hazard ratios and their standard errors.
    hazard_ratio, lower, upper : float array (r, p)
        Hazard ratios with Wald limits.
    loglik : float array (r,)
        Log partial likelihood.
    status : int array (r,)
        What became of each data set, a `CoxStatus`. All values are NaN where it is not ``FITTED``.
    n, n_events : int array (r,)
        Subjects and events.
    ties : str
        As given.
    conf_level : float
        As given.
    """

    coef: FloatArray
    std_error: FloatArray
    hazard_ratio: FloatArray
    lower: FloatArray
    upper: FloatArray
    loglik: FloatArray
    status: IntArray
    n: IntArray
    n_events: IntArray
    ties: str
    conf_level: float


def cox_batch(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    ties: str = "efron",
    conf_level: float = 0.95,
) -> CoxBatch:
    """Fit a proportional hazards model to each of r data sets of n subjects.

    Parameters
    ----------
    time, event : array (r, n)
        As in `cox`, one data set a row.
    X : array (r, n, p) or (r, n)
        Covariates.
    ties : {"efron", "breslow"}
        Handling of tied event times.
    conf_level : float
        Confidence level of the limits.

    Raises
    ------
    InputError
        If the arrays or options cannot be used. A data set without a finite estimate is no error:
        its status says why.

    Examples
    --------
    >>> batch = cox_batch([[1, 2, 3], [1, 2, 3]], [[1, 1, 1], [1, 1, 0]], [[1, 0, 1], [1, 1, 0]])
    >>> batch.hazard_ratio.ravel().round(4).tolist(), batch.status.tolist()
    ([0.7071, nan], [0, 3])
    """
    _checks.check_option("ties", ties, BATCH_TIES)
    level = _checks.check_conf_level(conf_level)
    times = times_of_rows(time).astype(np.float64, copy=False)
    flags = events_of_rows(event, times.shape)
    x = _covariates_of_rows(X, times.shape)
    r, n = times.shape
    p = x.shape[2]
    efron = ties == "efron"
    made = RowEstimates.empty(r, p)
    for into in _blocks(np.flatnonzero(flags.any(axis=1)), n, p):
        rows = _sorted(times[into], flags[into], x[into])
        with np.errstate(all="ignore"):
            maximise_rows(RowLikelihood(rows, efron), np.zeros((len(into), p)), efron, made, into)
    return _value(made, np.full(r, n), np.count_nonzero(flags, axis=1), ties, level)


def cox_bootstrap(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    ties: str = "efron",
    conf_level: float = 0.95,
) -> CoxBatch:
    """Fit a proportional hazards model to each of r resamples of one data set.

    Parameters
    ----------
    time, event : array (n,)
        As in `cox`.
    X : array (n, p) or (n,)
        Covariates.
    weights : int array (r, n)
        How often each subject is in each resample, as `resample_weights` counts it: a subject
        drawn twice is two subjects with tied times. (`cox` takes case weights, which under
        Efron's method are not the same; under Breslow's they are.)
    ties, conf_level
        As in `cox_batch`.

    Raises
    ------
    InputError
        If the arrays or options cannot be used, or a resample is empty. A resample without a
        finite estimate is no error: its status says why.

    Examples
    --------
    >>> batch = cox_bootstrap([1, 2, 3], [1, 1, 1], [1, 0, 1], [[1, 1, 1], [0, 2, 1]])
    >>> batch.hazard_ratio.ravel().round(4).tolist(), batch.status.tolist()
    ([0.7071, nan], [0, 3])
    """
    _checks.check_option("ties", ties, BATCH_TIES)
    level = _checks.check_conf_level(conf_level)
    times = _checks.times(time).astype(np.float64, copy=False)
    n = len(times)
    flags = _checks.events(event, n)
    x = covariates(X, n)
    counts = _whole_weights(weights, n)
    efron = ties == "efron"
    n_events = counts @ flags.astype(np.int64)
    made = RowEstimates.empty(len(counts), x.shape[1])
    shared = shared_rows(times, flags, x)
    begin = _estimate(shared, efron)
    for into in _blocks(np.flatnonzero(n_events), n, x.shape[1]):
        rows = shared.resampled(counts[into])
        with np.errstate(all="ignore"):
            first = np.repeat(begin, len(into), axis=0)
            maximise_rows(RowLikelihood(rows, efron), first, efron, made, into)
    return _value(made, counts.sum(axis=1), n_events, ties, level)


def _covariates_of_rows(X: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    array = np.asarray(X)
    if array.ndim == 2:
        array = array[:, :, None]
    array = _checks.numbers("X", array, 3).astype(np.float64, copy=False)
    if array.shape[:2] != shape:
        raise InputError(
            f"X must have one row of covariates for each time, {shape}; it has {array.shape[:2]}."
        )
    return array


def _blocks(sets: IntArray, n: int, p: int) -> list[IntArray]:
    size = max(1, _BLOCK // (n * p))
    return [sets[at : at + size] for at in range(0, len(sets), size)]


def _order(times: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the subjects of each data set from the latest, and where each one's time ends."""
    order = np.argsort(-times, axis=1, kind="stable")
    ordered = np.take_along_axis(times, order, axis=1)
    place = np.arange(times.shape[1])
    end = np.repeat(place[None, :], len(times), axis=0)
    new = ordered[:, :-1] - ordered[:, 1:] > SAME_TIME * ordered[:, :-1]
    end[:, :-1][~new] = len(place)
    return order, np.minimum.accumulate(end[:, ::-1], axis=1)[:, ::-1]


def _sorted(times: FloatArray, flags: BoolArray, x: FloatArray) -> Rows:
    order, end = _order(times)
    b, n, p = x.shape
    runs, who = dealt(n)
    m = len(who)
    there = who < n
    sets = np.arange(b)
    subject = order.T[who[there]]
    columns = np.zeros((p, m, b))
    columns[:, there] = _centred(x)[sets, subject].transpose(2, 0, 1)
    event = np.zeros((m, b), dtype=np.bool_)
    event[there] = flags[sets, subject]
    stands = np.empty(m, dtype=np.int64)
    stands[who] = np.arange(m)
    ends = np.repeat(np.arange(m)[:, None], b, axis=1)
    ends[there] = stands[end.T[who[there]]]
    count = np.repeat(there[:, None].astype(np.float64), b, axis=1)
    return Rows(runs=runs, x=columns, count=count, event=event, end=ends)


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """What the resamples of one data set share; `there` is where a subject stands."""

    runs: int
    there: BoolArray
    subject: IntArray
    x: FloatArray
    event: BoolArray
    end: IntArray

    def resampled(self, counts: IntArray) -> Rows:
        """Return the rows of resamples (b, n)."""
        count = np.zeros((len(self.end), len(counts)))
        count[self.there] = counts.T[self.subject]
        event = (count > 0) & self.event[:, None]
        return Rows(runs=self.runs, x=self.x, count=count, event=event, end=self.end)


def shared_rows(times: FloatArray, flags: BoolArray, x: FloatArray) -> Resampled:
    once = _sorted(times[None, :], flags[None, :], x[None, :, :])
    _, who = dealt(len(times))
    there = who < len(times)
    return Resampled(
        runs=once.runs,
        there=there,
        subject=_order(times[None, :])[0][0][who[there]],
        x=np.ascontiguousarray(once.x[:, :, 0]),
        event=once.event[:, 0],
        end=once.end[:, 0],
    )


def _estimate(shared: Resampled, efron: bool) -> FloatArray:
    """Return the estimate (1, p) from all subjects, where resamples begin; 0 without one."""
    p = len(shared.x)
    made = RowEstimates.empty(1, p)
    if shared.event.any():
        rows = shared.resampled(np.ones((1, len(shared.subject)), dtype=np.int64))
        with np.errstate(all="ignore"):
            only = np.zeros(1, dtype=np.int64)
            maximise_rows(RowLikelihood(rows, efron), np.zeros((1, p)), efron, made, only)
    return np.nan_to_num(made.coef)


def _centred(x: FloatArray) -> FloatArray:
    centred: FloatArray = x - x.mean(axis=1, keepdims=True)
    return centred


def _value(
    made: RowEstimates, n: IntArray, n_events: IntArray, ties: str, conf_level: float
) -> CoxBatch:
    std_error = np.sqrt(np.einsum("rpp->rp", made.vcov))
    half = float(ndtri(0.5 + conf_level / 2.0)) * std_error
    with np.errstate(over="ignore"):
        ratio = np.exp(made.coef)
        lower, upper = np.exp(made.coef - half), np.exp(made.coef + half)
    return CoxBatch(
        coef=freeze(made.coef),
        std_error=freeze(std_error),
        hazard_ratio=freeze(ratio),
        lower=freeze(lower),
        upper=freeze(upper),
        loglik=freeze(made.loglik),
        status=freeze(made.status),
        n=freeze(n.astype(np.int64, copy=False)),
        n_events=freeze(n_events.astype(np.int64, copy=False)),
        ties=ties,
        conf_level=conf_level,
    )
