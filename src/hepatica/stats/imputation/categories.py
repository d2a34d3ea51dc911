"""A draw from the approximate posterior distribution of a polytomous logistic model.

Sources: Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, p. 169 (normal approximation);
White, Daniel and Royston, Comput Stat Data Anal 2010;54:2267 (augmented data, so that predictors
that separate the categories leave the estimate finite); Clogg, Rubin, Schenker, Schultz and
Weidman, J Am Stat Assoc 1991;86:68 (added records in the shares of the known ones, so that rare
categories stay rare); Agresti, Categorical Data Analysis, 2013,
8.1 (likelihood and information).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from hepatica.errors import InputError
from hepatica.stats._checks import FloatArray, IntArray, check_generator, freeze

#: Prior precision of each coefficient, as a share of the number of values.
RIDGE = 1e-7
_STEPS = 100
#: The distance of the last step is squared by Newton's method: the estimate is nearer still.
_CLOSE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class CategoryDraw:
    """A polytomous logistic model: its estimate, and one draw of its coefficients.

    Attributes
    ----------
    coef : float array (q, k - 1)
        Log odds of the categories after the first against the first.
    drawn_coef : float array (q, k - 1)
        A draw from the normal approximation.
    """

    coef: FloatArray
    drawn_coef: FloatArray

    def probabilities(self, x: FloatArray) -> FloatArray:
        """Return the probability (k, m) of each category for predictors (m, q), as drawn."""
        return _softmax(_linear(x, self.drawn_coef))[0]


def draw_categories(
    category: IntArray,
    x: FloatArray,
    categories: int,
    generator: np.random.Generator,
    start: FloatArray | None = None,
) -> CategoryDraw:
    """Estimate a polytomous logistic model from augmented data and draw its coefficients.

    For each predictor two records are added, one standard deviation above and below its mean with
    the other predictors at theirs. They belong to the categories in the shares that these have
    among the known values, and together weigh as much as there are coefficients of a category.

    Parameters
    ----------
    category : int array (n,)
        Known categories from 0; each occurs.
    x : float array (n, q)
        Predictors, a column of ones first.
    categories : int
        Number of categories, at least 2.
    generator : Generator
        Draws q (k - 1) normal variates.
    start : float array (q, k - 1), optional
        Where the iteration begins.

    Raises
    ------
    InputError
        If the estimate is not reached.

    Examples
    --------
    >>> x = np.column_stack([np.ones(6), np.arange(6.0)])
    >>> separated = np.array([0, 0, 0, 1, 1, 1])
    >>> drawn = draw_categories(separated, x, 2, np.random.default_rng(1))
    >>> bool(np.isfinite(drawn.coef).all()), drawn.coef.shape
    (True, (2, 1))
    """
    check_generator(generator)
    data = _augmented(category, x, categories)
    shape = (x.shape[1], categories - 1)
    begin = np.zeros(shape) if start is None or start.shape != shape else start
    coef, root = _newton(data, begin, RIDGE * len(x))
    noise = solve_triangular(root, generator.standard_normal(coef.size), lower=True, trans="T")
    drawn: FloatArray = coef + noise.reshape(shape, order="F")
    return CategoryDraw(freeze(coef), freeze(drawn))


@dataclass(frozen=True, slots=True, eq=False)
class _Augmented:
    """Records and added records: predictors (n, q), shares of categories (k, n), weights (n,)."""

    rows: FloatArray
    share: FloatArray
    weight: FloatArray


def _augmented(category: IntArray, x: FloatArray, categories: int) -> _Augmented:
    predictors = x.shape[1] - 1
    known = np.zeros((categories, len(x)))
    known[category, np.arange(len(x))] = 1.0
    if not predictors:
        return _Augmented(x, known, np.ones(len(x)))
    added = np.repeat(x.mean(axis=0)[None, :], 2 * predictors, axis=0)
    spread = x[:, 1:].std(axis=0, ddof=1) if len(x) > 1 else np.ones(predictors)
    place = np.arange(predictors)
    added[2 * place, 1 + place] += spread
    added[2 * place + 1, 1 + place] -= spread
    share = np.repeat(known.mean(axis=1)[:, None], len(added), axis=1)
    weight = np.full(len(added), (predictors + 1.0) / (2.0 * predictors))
    return _Augmented(
        np.concatenate([x, added]),
        np.concatenate([known, share], axis=1),
        np.concatenate([np.ones(len(x)), weight]),
    )


def _newton(data: _Augmented, start: FloatArray, penalty: float) -> tuple[FloatArray, FloatArray]:
    """Return the estimate and the Cholesky root of its information."""
    coef = start
    likelihood, probability = _likelihood(data, coef, penalty)
    for _ in range(_STEPS):
        score, root = _derivatives(data, coef, probability, penalty)
        step = cho_solve((root, True), score).reshape(coef.shape, order="F")
        size = 1.0
        reached, probability = _likelihood(data, coef + step, penalty)
        while reached < likelihood - 1e-9 * (1.0 + abs(likelihood)) and size > 1e-6:
            size /= 2.0
            reached, probability = _likelihood(data, coef + size * step, penalty)
        coef, likelihood = coef + size * step, reached
        if size * float(np.abs(step).max()) < _CLOSE * (1.0 + float(np.abs(coef).max())):
            return coef, root
    raise InputError(
        "The model of a categorical variable did not settle; join its rare categories, or impute "
        "from fewer variables."
    )


def _softmax(linear: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return probabilities (k, n) from log odds (k, n), and the logarithm of their divisor."""
    top = linear.max(axis=0)
    odds = np.exp(linear - top)
    total = odds.sum(axis=0)
    odds /= total
    return odds, top + np.log(total)


def _linear(rows: FloatArray, coef: FloatArray) -> FloatArray:
    """Return log odds (k, n) against the first category."""
    linear = np.zeros((coef.shape[1] + 1, len(rows)))
    np.matmul(coef.T, rows.T, out=linear[1:])
    return linear


def _likelihood(data: _Augmented, coef: FloatArray, penalty: float) -> tuple[float, FloatArray]:
    """Return the penalised log likelihood and the probabilities (k, n)."""
    linear = _linear(data.rows, coef)
    probability, divisor = _softmax(linear)
    each = (data.share * linear).sum(axis=0) - divisor
    return float(data.weight @ each) - 0.5 * penalty * float((coef**2).sum()), probability


def _derivatives(
    data: _Augmented, coef: FloatArray, probability: FloatArray, penalty: float
) -> tuple[FloatArray, FloatArray]:
    """Return the score, category after category, and the Cholesky root of the information."""
    rows, weight = data.rows, data.weight
    score = ((data.share[1:] - probability[1:]) * weight) @ rows - penalty * coef.T
    q, others = coef.shape
    information = np.empty((q * others, q * others))
    for one in range(others):
        for two in range(one + 1):
            own = 1.0 if one == two else 0.0
            curve = weight * probability[one + 1] * (own - probability[two + 1])
            block = rows.T @ (rows * curve[:, None])
            information[one * q : (one + 1) * q, two * q : (two + 1) * q] = block
            information[two * q : (two + 1) * q, one * q : (one + 1) * q] = block.T
    information[np.diag_indices_from(information)] += penalty
    return score.ravel(), cholesky(information, lower=True)
