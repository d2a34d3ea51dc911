"""Weighted sums that all estimators of heterogeneity share.

With weights w = 1/(v + tau2), design X (here a column of ones) and P = W - WX(X'WX)^-1 X'W, the
sums are tr P, tr PP, y'Py (Cochran's Q at tau2), y'PPy and y'PPPy. Sources: Viechtbauer, J Educ
Behav Stat 2005;30:261; Harville, J Am Stat Assoc 1977;72:320.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from hepatica.stats._checks import FloatArray
from hepatica.stats.meta._studies import Studies


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums that closed forms need, at one value of tau2 per outcome; every array is (o,)."""

    mean: FloatArray
    sum_w: FloatArray
    sum_w2: FloatArray
    q: FloatArray  # y'Py
    trace_p: FloatArray
    trace_pp: FloatArray


@dataclass(frozen=True, slots=True)
class Moments(Sums):
    """Sums that likelihoods need as well."""

    ypp: FloatArray  # y'PPy
    yppp: FloatArray  # y'PPPy


def dot(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the sums over studies of a product (k, o) -> (o,)."""
    out: FloatArray = np.einsum("ko,ko->o", a, b)
    return out


def centre(y: FloatArray, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the weighted mean (o,) and the sum of the weights (o,)."""
    sum_w: FloatArray = w.sum(axis=0)
    return dot(w, y) / sum_w, sum_w


def sums(studies: Studies, tau2: FloatArray | float) -> Sums:
    """Return the sums of closed forms at tau2, (o,) or one for all."""
    w = 1.0 / (studies.v + tau2)
    mean, sum_w = centre(studies.y, w)
    r = studies.y - mean
    w2 = w * w
    sum_w2: FloatArray = w2.sum(axis=0)
    ratio = sum_w2 / sum_w
    return Sums(
        mean=mean,
        sum_w=sum_w,
        sum_w2=sum_w2,
        q=dot(w * r, r),
        trace_p=sum_w - ratio,
        trace_pp=sum_w2 - 2.0 * dot(w, w2) / sum_w + ratio * ratio,
    )


@singledispatch
def moments(studies: Studies, tau2: FloatArray) -> Moments:
    """Return all sums at tau2 (o,)."""
    w = 1.0 / (studies.v + tau2)
    mean, sum_w = centre(studies.y, w)
    w2 = w * w
    sum_w2: FloatArray = w2.sum(axis=0)
    ratio = sum_w2 / sum_w
    r = studies.y - mean
    wr = w * r
    wwr2 = wr * wr
    drift = dot(w, wr)  # sum of w^2 r
    return Moments(
        mean=mean,
        sum_w=sum_w,
        sum_w2=sum_w2,
        q=dot(wr, r),
        trace_p=sum_w - ratio,
        trace_pp=sum_w2 - 2.0 * dot(w, w2) / sum_w + ratio * ratio,
        ypp=wwr2.sum(axis=0),
        yppp=dot(w, wwr2) - drift * drift / sum_w,
    )


@singledispatch
def loglik(studies: Studies, tau2: FloatArray, *, restricted: bool) -> FloatArray:
    """Return the (restricted) log-likelihood at tau2 (o,) and its best mean, without constants.

    The constants dropped depend on the number of studies only.
    """
    spread = np.where(studies.present, studies.v, 1.0) + np.where(studies.present, tau2, 0.0)
    w = np.where(studies.present, 1.0 / spread, 0.0)
    mean, sum_w = centre(studies.y, w)
    r = studies.y - mean
    out: FloatArray = -0.5 * (np.log(spread).sum(axis=0) + dot(w * r, r))
    return out - 0.5 * np.log(sum_w) if restricted else out
