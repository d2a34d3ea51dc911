"""Permutation test of a meta-regression: which statistics chance alone would give.

Moderators are exchanged between studies; estimates stay with their variances. Without moderators
the signs of the estimates are exchanged instead. Source: Higgins and Thompson, Stat Med
2004;23:1663; Good, Permutation, Parametric and Bootstrap Tests of Hypotheses 2005.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import factorial, prod

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.meta._design_fit import Design, fit_design, full_rank
from hepatica.stats.meta._studies import Studies
from hepatica.stats.meta.meta_regression import MetaRegression, meta_regression, scale_of

#: Permutations fitted at a time.
CHUNK = 4096
#: Statistics this near (share of 1 or the statistic) count as equal: permutations that are the
#: same test must not be told apart by rounding.
TIE = 1e-8


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """p-values of a meta-regression from permutations.

    Attributes
    ----------
    p_value : float array (p,)
        Two-sided, of each coefficient: share of permutations with a statistic at least as far
        from 0.
    qm_p_value : float
        Of the omnibus test.
    permutations : int
        Permutations counted, the observed one among them.
    exact : bool
        Whether they are all that there are; otherwise a seeded sample and the observed one.
    """

    p_value: FloatArray
    qm_p_value: float
    permutations: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """Studies sorted by their row of the design, and how many different permutations there are."""

    design: Design
    y: FloatArray
    v: FloatArray
    counts: IntArray  # studies with each different row of the design; empty: signs
    number: int


def permutation_test(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    x: npt.ArrayLike,
    *,
    fit: MetaRegression,
    exact_up_to: int = 20_000,
    draws: int = 9_999,
    seed: int = 1,
) -> PermutationTest:
    """Test the coefficients of a meta-regression by permutations.

    Parameters
    ----------
    yi, vi, x
        As in `meta_regression`.
    fit : MetaRegression
        The regression of these studies; its method, limits and tested coefficients hold.
    exact_up_to : int
        All different permutations are enumerated when there are at most this many.
    draws : int
        Random permutations otherwise.
    seed : int
        Start of the random numbers.

    Raises
    ------
    InputError
        If the regression is one of other data, or a number is not positive.

    Examples
    --------
    >>> y, v, x = [1.0, 2.0, 4.0, 8.0], [1.0] * 4, [0.0, 1.0, 2.0, 3.0]
    >>> fit = meta_regression(y, v, x, method="common")
    >>> found = permutation_test(y, v, x, fit=fit)
    >>> found.permutations, found.p_value[1].round(9) == round(2 / 24, 9)
    (24, np.True_)
    """
    if min(exact_up_to, draws) < 1:
        raise InputError("exact_up_to and draws must be 1 or more.")
    _check_same(yi, vi, x, fit)
    plan = _plan(yi, vi, x, fit)
    exact = plan.number <= exact_up_to
    number = plan.number if exact else draws
    rng = np.random.default_rng(seed)
    chunks = _all(plan) if exact else _random(plan, draws, rng)
    beyond, omnibus = np.zeros(fit.p, dtype=np.int64), 0
    least = np.abs(fit.statistic) - TIE * np.maximum(np.abs(fit.statistic), 1.0)
    least_qm = fit.qm - TIE * max(fit.qm, 1.0)
    for studies in chunks:
        statistic, qm = _statistics(plan.design, studies, fit)
        # a perfect fit has no error and lies beyond every statistic
        beyond += (~(np.abs(statistic) < least)).sum(axis=0)
        omnibus += int((~(qm < least_qm)).sum())
    observed = 0 if exact else 1
    counted = number + observed
    return PermutationTest(
        p_value=freeze((beyond + observed) / counted),
        qm_p_value=(omnibus + observed) / counted,
        permutations=counted,
        exact=exact,
    )


def _check_same(
    yi: npt.ArrayLike, vi: npt.ArrayLike, x: npt.ArrayLike, fit: MetaRegression
) -> None:
    again = meta_regression(
        yi,
        vi,
        x,
        intercept=fit.intercept,
        method=fit.method,
        ci=fit.ci,
        tested=_listed(fit.tested),
    )
    if again.p != fit.p or not np.array_equal(again.coefficients, fit.coefficients):
        raise InputError("fit must be the meta-regression of the same yi, vi and x.")


def _listed(tested: IntArray) -> Sequence[int]:
    return [int(one) for one in tested]


def _plan(yi: npt.ArrayLike, vi: npt.ArrayLike, x: npt.ArrayLike, fit: MetaRegression) -> _Plan:
    y, v = np.asarray(yi, dtype=np.float64), np.asarray(vi, dtype=np.float64)
    here = ~np.isnan(y)
    y, v = y[here], v[here]
    rows = np.asarray(x, dtype=np.float64).reshape(len(here), -1)[here]
    given = np.column_stack([np.ones(len(y)), rows]) if fit.intercept else rows
    if fit.intercept and fit.p == 1:
        everyone = full_rank(given, np.ones(len(y), np.bool_))
        return _Plan(everyone, y, v, np.zeros(0, dtype=np.int64), 2 ** len(y))
    _, code, counts = np.unique(given, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(code, kind="stable")
    design = full_rank(given[order], np.ones(len(y), np.bool_))
    number = factorial(len(y)) // prod(factorial(int(one)) for one in counts)
    return _Plan(design, y[order], v[order], counts.astype(np.int64), number)


def _statistics(
    design: Design, studies: Studies, fit: MetaRegression
) -> tuple[FloatArray, FloatArray]:
    """Return the statistics of the coefficients (b, p) and of the omnibus test (b,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = fit_design(design, studies, fit.method)
        covariance = found.covariance * scale_of(found, studies, fit.ci)[:, None, None]
        error = np.sqrt(np.einsum("bpp->bp", covariance))
        some = found.coefficients[:, fit.tested]
        inner = covariance[:, fit.tested[:, None], fit.tested]
        solved = np.linalg.solve(np.nan_to_num(inner, nan=1.0), some[:, :, None])[:, :, 0]
        qm = np.einsum("bp,bp->b", some, solved)
        lost = np.isnan(inner).any(axis=(1, 2))
        scale = 1.0 if np.isinf(fit.reference_df) else float(len(fit.tested))
        return found.coefficients / error, np.where(lost, np.nan, qm / scale)


def _studies(y: FloatArray, v: FloatArray) -> Studies:
    """Return permuted studies from rows (b, k)."""
    count, k = y.shape
    return Studies(
        np.ascontiguousarray(y.T),
        np.ascontiguousarray(v.T),
        np.ones((k, count), dtype=np.bool_),
        np.full(count, k, dtype=np.int64),
    )


def _all(plan: _Plan) -> Iterator[Studies]:
    k = len(plan.y)
    for first in range(0, plan.number, CHUNK):
        ranks = np.arange(first, min(first + CHUNK, plan.number), dtype=np.int64)
        if not len(plan.counts):
            signs = 1.0 - 2.0 * ((ranks[:, None] >> np.arange(k)) & 1)
            yield _studies(signs * plan.y, np.broadcast_to(plan.v, signs.shape))
            continue
        # studies in the order of the rows that they are given
        order = np.argsort(arrangements(ranks, plan.counts, plan.number), axis=1, kind="stable")
        yield _studies(plan.y[order], plan.v[order])


def arrangements(ranks: IntArray, counts: IntArray, number: int) -> IntArray:
    """Return the arrangements (b, k) of codes, each as often as counted, that have these ranks.

    The first code is decided by how many arrangements begin with each; then the next.

    Examples
    --------
    >>> arrangements(np.arange(3), np.array([2, 1]), 3).tolist()
    [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    """
    k, b = int(counts.sum()), len(ranks)
    left = np.tile(counts, (b, 1))
    of = np.full(b, number, dtype=np.int64)
    rank = ranks.astype(np.int64)
    out = np.empty((b, k), dtype=np.int64)
    every = np.arange(b)
    for at in range(k):
        blocks = of[:, None] * left // (k - at)
        ends = np.cumsum(blocks, axis=1)
        code = (rank[:, None] >= ends).sum(axis=1)
        of = blocks[every, code]
        rank = rank - (ends[every, code] - of)
        left[every, code] -= 1
        out[:, at] = code
    return out


def _random(plan: _Plan, draws: int, rng: np.random.Generator) -> Iterator[Studies]:
    k = len(plan.y)
    for first in range(0, draws, CHUNK):
        shape = (min(CHUNK, draws - first), k)
        if not len(plan.counts):
            signs = 1.0 - 2.0 * rng.integers(0, 2, shape)
            yield _studies(signs * plan.y, np.broadcast_to(plan.v, shape))
            continue
        order = rng.permuted(np.broadcast_to(np.arange(k), shape), axis=1)
        yield _studies(plan.y[order], plan.v[order])
