"""Checks of what a proportional hazards model is given."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._cox_data import CoxData
from hepatica.stats.survival._tally import SAME_TIME

#: Sums of squares of larger covariates could not be held.
_LARGEST = 1e100
#: Offsets further apart stand for hazards whose sums hold nothing of the smaller one.
_WIDEST = 500

_NONE = freeze(np.empty(0))
_NO_CODES = freeze(np.empty(0, dtype=np.int64))


def check_cox(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    *,
    strata: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
    entry: npt.ArrayLike | None = None,
    offset: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
) -> CoxData:
    """Return the input of a model, checked; the arguments are those of `cox`."""
    checked = _checks.times(time).astype(np.float64, copy=False)
    n = len(checked)
    flags = _checks.events(event, n)
    data = CoxData(
        time=_seen(checked),
        event=_seen(flags),
        X=_seen(covariates(X, n)),
        entry=_seen(_entries(entry, checked)),
        weights=_seen(_case_weights(weights, n)),
        offset=_seen(_column("offset", offset, n)),
        stratum=_seen(
            # One stratum takes no memory: the same 0 is read for each row.
            np.broadcast_to(np.zeros(1, np.int64), n)
            if strata is None
            else _checks.codes("strata", strata, n)[1]
        ),
        cluster=_NO_CODES if cluster is None else _seen(_checks.codes("cluster", cluster, n)[1]),
    )
    if len(data.offset) and np.ptp(centred_offset(data)) > _WIDEST:
        raise InputError(
            f"offset must not spread over more than {_WIDEST}: it is the logarithm of a hazard "
            f"ratio, and such hazards cannot be compared. Look at its unit."
        )
    with_weight = flags if not len(data.weights) else flags & (data.weights > 0)
    if not with_weight.any():
        raise InputError("The model needs at least one event; there is none.")
    return data


def _seen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a view that cannot be written to; the caller's own array still can."""
    return freeze(array.view())


def covariates(X: npt.ArrayLike, n: int) -> FloatArray:
    """Return covariates as float64 (n, p), without a copy where they are that already."""
    array = _checks.as_array("X", X)
    if array.ndim == 1:
        array = array[:, None]
    if array.dtype == np.float64 and array.ndim == 2 and array.size:
        # A sum tells whether all values are finite without a second array of their size.
        # Where it is very large, so is a value, and its square could not be held.
        large = not (np.abs(_column_sums(array)) < _LARGEST).all()
        if large:
            _checks.numbers("X", array, ndim=2)
    else:
        array = _checks.numbers("X", array, ndim=2).astype(np.float64)
        large = bool((np.abs(_column_sums(array)) >= _LARGEST).any())
    if large:
        raise InputError("X must hold values below 1e100; take a larger unit.")
    _checks.check_length("X", array, n)
    return array


def _column_sums(array: FloatArray) -> FloatArray:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.ones(len(array)) @ array


def middle(X: FloatArray) -> FloatArray:
    """Return the mean of each column."""
    return _column_sums(X) / len(X)


def _column(name: str, values: npt.ArrayLike | None, n: int) -> FloatArray:
    if values is None:
        return _NONE
    array = _checks.numbers(name, values).astype(np.float64, copy=False)
    _checks.check_length(name, array, n)
    return array


def _entries(entry: npt.ArrayLike | None, time: FloatArray) -> FloatArray:
    array = _column("entry", entry, len(time))
    if len(array):
        late = int(np.count_nonzero(array >= time * (1.0 - SAME_TIME)))
        if late:
            raise InputError(f"entry must lie before time; {late} of {len(time)} values do not.")
    return array


def _case_weights(weights: npt.ArrayLike | None, n: int) -> FloatArray:
    array = _column("weights", weights, n)
    if len(array):
        bad = int(np.count_nonzero(array < 0))
        if bad:
            raise InputError(f"weights must not be negative; {bad} of {n} values are.")
        if not array.any():
            raise InputError("weights must not all be 0: no row would be left to fit.")
    return array


def centred_offset(data: CoxData) -> FloatArray:
    """Return the offset less its mean in each stratum, which changes no likelihood or estimate.

    Hazards are compared within a stratum alone, and near 1 they are held best.
    """
    if len(data.stratum) and data.stratum.max() > 0:
        mean = np.bincount(data.stratum, data.offset) / np.maximum(np.bincount(data.stratum), 1)
        return np.asarray(data.offset - mean[data.stratum])
    return np.asarray(data.offset - data.offset.mean())


def rows_with_weight(data: CoxData) -> CoxData:
    """Return the rows whose weight is above 0."""
    if not len(data.weights) or (data.weights > 0).all():
        return data
    return chosen_rows(data, np.flatnonzero(data.weights > 0))


def chosen_rows(data: CoxData, rows: IntArray) -> CoxData:
    """Return some of the rows; positions of strata and clusters stay."""
    found = {}
    for field in fields(data):
        array = getattr(data, field.name)
        found[field.name] = array[rows] if len(array) else array
    return CoxData(**found)


def refuse_constant(X: FloatArray) -> None:
    """Refuse a column that is the same for all subjects."""
    for column, values in enumerate(X.T):
        low, high = float(values.min()), float(values.max())
        if high - low <= 1e-12 * max(abs(low), abs(high)):
            raise InputError(f"Column {column} of X is the same for all subjects.")
