"""Pseudo-values: what each subject adds to an estimate, for regression on covariates.

Sources: Andersen, Klein and Rosthoj, Biometrika 2003;90:15; Andersen, Hansen and Klein, Lifetime
Data Anal 2004;10:335 (restricted mean); Klein and Andersen, Biometrics 2005;61:223 (incidence).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.survival._causes import causes_of, check_cause, tally_causes
from hepatica.stats.survival._cox_input import covariates
from hepatica.stats.survival._tally import SAME_TIME, at_risk


@dataclass(frozen=True, slots=True, eq=False)
class RestrictedMeanRegression:
    """Differences in restricted mean by p covariates; arrays are read-only.

    Attributes
    ----------
    tau : float
        Up to this time.
    intercept : float
        Restricted mean of a subject whose covariates are all 0.
    coef, std_error, lower, upper, z, p_value : float array (p,)
        Differences in restricted mean for one unit of each covariate, in the unit of the times,
        with robust standard errors, Wald limits and tests.
    vcov : float array (p, p)
        Their covariance matrix.
    conf_level : float
        As given.
    """

    tau: float
    intercept: float
    coef: FloatArray
    std_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    p_value: FloatArray
    vcov: FloatArray
    conf_level: float


def pseudo_survival(time: npt.ArrayLike, event: npt.ArrayLike, times: npt.ArrayLike) -> FloatArray:
    """Return n S(t) - (n - 1) S(t) without subject i, for each subject and time.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    times : array (k,)
        Times, at most the last follow-up.

    Returns
    -------
    float array (n, k)
        Pseudo-values; without censoring 1 for a subject without event by the time, else 0.

    Notes
    -----
    Leaving a subject out is a closed form: the risk sets up to its time lose one. No curve is
    estimated again. Without the last subject the curve is carried on as it was before.

    Examples
    --------
    >>> pseudo_survival([1, 2, 3], [1, 0, 1], [2]).ravel().round(3).tolist()
    [0.0, 1.0, 1.0]
    """
    flags = _checks.events(event, len(_checks.times(time)))
    table = _LeaveOneOut(time, flags.astype(np.int64), 0)
    return freeze(table.survival(_known(times, table)))


def pseudo_incidence(
    time: npt.ArrayLike,
    cause: npt.ArrayLike,
    times: npt.ArrayLike,
    *,
    cause_of_interest: int = 1,
) -> FloatArray:
    """Return pseudo-values of a cumulative incidence; see `pseudo_survival`.

    Parameters
    ----------
    time, cause : array (n,)
        As in `cumulative_incidence`.
    times : array (k,)
        Times, at most the last follow-up.
    cause_of_interest : int
        The cause.

    Returns
    -------
    float array (n, k)
        Pseudo-values.

    Examples
    --------
    >>> pseudo_incidence([1, 2, 3], [1, 0, 2], [3]).ravel().round(3).tolist()
    [1.0, 0.0, 0.0]
    """
    table = _LeaveOneOut(time, cause, cause_of_interest)
    return freeze(table.incidence(_known(times, table)))


def pseudo_restricted_mean(time: npt.ArrayLike, event: npt.ArrayLike, tau: float) -> FloatArray:
    """Return pseudo-values of the restricted mean up to `tau`; see `pseudo_survival`.

    Returns
    -------
    float array (n,)
        Pseudo-values; without censoring the smaller of time and `tau`.

    Examples
    --------
    >>> pseudo_restricted_mean([1, 2, 4], [1, 1, 1], 3).round(3).tolist()
    [1.0, 2.0, 3.0]
    """
    flags = _checks.events(event, len(_checks.times(time)))
    table = _LeaveOneOut(time, flags.astype(np.int64), 0)
    if not _checks.number("tau", tau) > 0.0:
        raise InputError(f"tau must be a time above 0; it is {tau!r}.")
    return freeze(table.restricted_mean(float(_known([tau], table)[0])))


def restricted_mean_regression(
    time: npt.ArrayLike,
    event: npt.ArrayLike,
    X: npt.ArrayLike,
    tau: float,
    *,
    conf_level: float = 0.95,
) -> RestrictedMeanRegression:
    """Regress the restricted mean on covariates, for an adjusted difference of groups.

    Parameters
    ----------
    time, event : array (n,)
        As in `kaplan_meier`.
    X : array (n, p) or (n,)
        Covariates (1 for treated and 0 for control among them); no column for an intercept.
    tau : float
        Up to this time, at most the last follow-up.
    conf_level : float
        Confidence level.

    Raises
    ------
    InputError
        If the arrays cannot be used, or a column follows from the others.

    Notes
    -----
    Least squares on pseudo-values with the robust (HC0) covariance matrix. Censoring must not
    depend on the covariates.

    Examples
    --------
    >>> fit = restricted_mean_regression([1, 2, 3, 4], [1, 1, 1, 1], [0, 0, 1, 1], 3)
    >>> round(fit.intercept, 6), fit.coef.round(6).tolist()
    (1.5, [1.5])
    """
    level = _checks.check_conf_level(conf_level)
    values = pseudo_restricted_mean(time, event, tau)
    columns = covariates(X, len(values))
    centre, scale = columns.mean(axis=0), columns.std(axis=0)
    flat = np.flatnonzero(scale <= 1e-12 * np.abs(columns).max(axis=0))
    if flat.size:
        raise InputError(f"Column {flat[0]} of X is the same for all subjects.")
    design = np.column_stack((np.ones(len(values)), (columns - centre) / scale))
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise InputError("A column of X follows from the others; leave it out.")
    inverse = np.linalg.inv(design.T @ design)
    fitted = inverse @ (design.T @ values)
    spread = design * (values - design @ fitted)[:, None] @ inverse
    coef = fitted[1:] / scale
    vcov = (spread.T @ spread)[1:, 1:] / np.outer(scale, scale)
    std_error = np.sqrt(np.diag(vcov))
    half = float(ndtri(0.5 + level / 2.0)) * std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        z = coef / std_error
    return RestrictedMeanRegression(
        tau=float(tau),
        intercept=float(fitted[0] - centre @ coef),
        coef=freeze(coef),
        std_error=freeze(std_error),
        lower=freeze(coef - half),
        upper=freeze(coef + half),
        z=freeze(z),
        p_value=freeze(2.0 * ndtr(-np.abs(z))),
        vcov=freeze(vcov),
        conf_level=level,
    )


def _known(times: npt.ArrayLike, table: _LeaveOneOut) -> FloatArray:
    wanted = _checks.times(np.atleast_1d(_checks.as_array("times", times))).astype(np.float64)
    last = float(table.time[-1])
    if wanted.max() > last * (1.0 + SAME_TIME) and table.whole[-1] > 0.0:
        raise InputError(
            "Times must not lie past the last follow-up, where survival is not known. "
            "Choose earlier times."
        )
    return wanted


class _LeaveOneOut:
    """Curves without one subject, for each distinct time and way to leave.

    The subject leaves at row j as a censoring, by the cause of interest, or by another cause.
    Before j the others are followed with risk sets one smaller; after j as they are.
    """

    __slots__ = (
        "_after",
        "_before",
        "_events",
        "_kind",
        "_own",
        "_reduced",
        "_risk",
        "_row",
        "n",
        "time",
        "whole",
    )

    def __init__(self, time: npt.ArrayLike, cause: npt.ArrayLike, of_interest: int) -> None:
        checked = _checks.times(time)
        self.n = len(checked)
        codes, m = causes_of(cause, self.n, None)
        if of_interest:
            check_cause(of_interest, m)
        self._kind = np.where(codes == 0, 0, np.where(codes == of_interest, 1, 2))
        counts = tally_causes(checked, self._kind, 2, np.zeros(self.n, dtype=np.int64), 1)
        self.time = counts.time
        self._own = counts.events[0, 0].astype(np.float64)
        self._events = counts.events[0].sum(axis=0).astype(np.float64)
        removed: IntArray = counts.events[0].sum(axis=0) + counts.censored[0]
        self._risk = at_risk(removed).astype(np.float64)
        self.whole = np.cumprod(1.0 - self._events / self._risk)
        others = np.maximum(self._risk - 1.0, 1.0)
        # Each row but the last has somebody left besides those who leave there.
        steps = np.maximum((others - self._events) / others, 0.0)
        self._before = np.concatenate(([1.0], np.cumprod(steps)))
        self._reduced = others
        self._row = (
            np.searchsorted(self.time, checked.astype(np.float64) * (1.0 + SAME_TIME), side="right")
            - 1
        )
        # The factor of the subject's own row, by way to leave: censored, of interest, other.
        alone = self._risk <= 1.0
        censored = np.where(alone, 1.0, steps)
        died = np.where(alone, 1.0, (self._risk - self._events) / others)
        self._after = self._before[:-1] * np.stack((censored, died, died))

    def _scale(self) -> FloatArray:
        """Return the reduced curve after each subject's row over the whole curve there."""
        whole = self.whole[self._row]
        after: FloatArray = self._after[self._kind, self._row]
        return np.divide(after, whole, out=np.zeros_like(after), where=whole > 0)

    def survival(self, times: FloatArray) -> FloatArray:
        """Return pseudo-values of survival (n, k)."""
        at = np.searchsorted(self.time, times * (1.0 + SAME_TIME), side="right")
        whole = np.concatenate(([1.0], self.whole))[at]
        later = at[None, :] > self._row[:, None]
        stays = np.where(
            self.whole[self._row][:, None] > 0,
            self._scale()[:, None] * whole,
            self._after[self._kind, self._row][:, None],
        )
        without = np.where(later, stays, self._before[at][None, :])
        return np.asarray(self.n * whole - (self.n - 1) * without)

    def incidence(self, times: FloatArray) -> FloatArray:
        """Return pseudo-values of the incidence of the cause of interest (n, k)."""
        at = np.searchsorted(self.time, times * (1.0 + SAME_TIME), side="right")
        before = np.concatenate(([1.0], self.whole[:-1]))
        curve = np.concatenate(([0.0], np.cumsum(before * self._own / self._risk)))
        reduced = np.concatenate(([0.0], np.cumsum(self._before[:-1] * self._own / self._reduced)))
        row = self._row
        own = self._own[row] - (self._kind == 1)
        there = reduced[row] + self._before[row] * own / self._reduced[row]
        later = at[None, :] > row[:, None]
        moved = self._scale()[:, None] * (curve[at][None, :] - curve[row + 1][:, None])
        without = np.where(later, there[:, None] + moved, reduced[at][None, :])
        return np.asarray(self.n * curve[at] - (self.n - 1) * without)

    def restricted_mean(self, tau: float) -> FloatArray:
        """Return pseudo-values of the area under the curve up to `tau` (n,)."""
        edges = np.minimum(np.append(self.time, max(tau, float(self.time[-1]))), tau)
        widths = np.diff(edges, prepend=0.0)
        # Area up to each row without one subject, and from each row on with all.
        reduced = np.cumsum(widths * self._before)
        whole = np.concatenate(([1.0], self.whole)) * widths
        ahead = np.cumsum(whole[::-1])[::-1]
        row = self._row
        carried = self._after[self._kind, row] * (tau - edges[row])
        rest = np.where(self.whole[row] > 0, self._scale() * ahead[row + 1], carried)
        without = reduced[row] + rest
        return np.asarray(self.n * whole.sum() - (self.n - 1) * without)
