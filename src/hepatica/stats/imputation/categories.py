"""A draw from the approximate posterior distribution of a polytomous logistic model.

Sources: Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, p. 169 (normal approximation);
White, Daniel and Royston, Comput Stat Data Anal 2010;54:2267 (augmented data, so that predictors
that separate the categories leave the estimate finite); Agresti, Categorical Data Analysis, 2013,
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
_CLOSE = 1e-8


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
        """Return the probability of each category (m, k) by the drawn coefficients."""
        return _softmax(x @ self.drawn_coef)


def draw_categories(
    category: IntArray,
    x: FloatArray,
    categories: int,
    generator: np.random.Generator,
    start: FloatArray | None = None,
) -> CategoryDraw:
    """Estimate a polytomous logistic model from augmented data and draw its coefficients.

    For each predictor two records are added, one standard deviation above and below its mean with
    the other predictors at theirs. They belong to all categories in equal shares, and together
    weigh as much as there are coefficients of a category.

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
    rows, share, weight = _augmented(category, x, categories)
    shape = (rows.shape[1], categories - 1)
    penalty = RIDGE * len(x)
    coef = np.zeros(shape) if start is None else np.array(start, dtype=np.float64)
    if coef.shape != shape:
        coef = np.zeros(shape)
    likelihood = _objective(rows, share, weight, coef, penalty)
    for _ in range(_STEPS):
        score, root = _derivatives(rows, share, weight, coef, penalty)
        step = cho_solve((root, True), score).reshape(shape, order="F")
        size = 1.0
        reached = _objective(rows, share, weight, coef + step, penalty)
        while reached < likelihood - 1e-9 * (1.0 + abs(likelihood)) and size > 1e-6:
            size /= 2.0
            reached = _objective(rows, share, weight, coef + size * step, penalty)
        coef, likelihood = coef + size * step, reached
        if float(np.abs(step).max()) * size < _CLOSE * (1.0 + float(np.abs(coef).max())):
            break
    else:
        raise InputError(
            "The model of a categorical variable did not settle; join its rare categories, or "
            "impute from fewer variables."
        )
    _, root = _derivatives(rows, share, weight, coef, penalty)
    noise = solve_triangular(root, generator.standard_normal(coef.size), lower=True, trans="T")
    return CategoryDraw(freeze(coef), freeze(coef + noise.reshape(shape, order="F")))


def _augmented(
    category: IntArray, x: FloatArray, categories: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return predictors, shares of the categories and weights, with the added records last."""
    predictors = x.shape[1] - 1
    known = np.zeros((len(x), categories))
    known[np.arange(len(x)), category] = 1.0
    if not predictors:
        return x, known, np.ones(len(x))
    mean = x.mean(axis=0)
    added = np.repeat(mean[None, :], 2 * predictors, axis=0)
    spread = x[:, 1:].std(axis=0, ddof=1) if len(x) > 1 else np.ones(predictors)
    place = np.arange(predictors)
    added[2 * place, 1 + place] += spread
    added[2 * place + 1, 1 + place] -= spread
    share = np.full((len(added), categories), 1.0 / categories)
    weight = np.full(len(added), (predictors + 1.0) / (2.0 * predictors))
    return (
        np.concatenate([x, added]),
        np.concatenate([known, share]),
        np.concatenate([np.ones(len(x)), weight]),
    )


def _softmax(linear: FloatArray) -> FloatArray:
    """Return probabilities (n, k) from the log odds (n, k - 1) against the first category."""
    odds = np.concatenate([np.zeros((len(linear), 1)), linear], axis=1)
    odds -= odds.max(axis=1, keepdims=True)
    np.exp(odds, out=odds)
    odds /= odds.sum(axis=1, keepdims=True)
    return odds


def _objective(
    rows: FloatArray, share: FloatArray, weight: FloatArray, coef: FloatArray, penalty: float
) -> float:
    linear = np.concatenate([np.zeros((len(rows), 1)), rows @ coef], axis=1)
    top = linear.max(axis=1)
    normal = top + np.log(np.exp(linear - top[:, None]).sum(axis=1))
    each = (share * linear).sum(axis=1) - normal
    return float(weight @ each) - 0.5 * penalty * float((coef**2).sum())


def _derivatives(
    rows: FloatArray, share: FloatArray, weight: FloatArray, coef: FloatArray, penalty: float
) -> tuple[FloatArray, FloatArray]:
    """Return the score, category after category, and the Cholesky root of the information."""
    probability = _softmax(rows @ coef)[:, 1:]
    score = rows.T @ ((share[:, 1:] - probability) * weight[:, None]) - penalty * coef
    q, others = coef.shape
    information = np.empty((q * others, q * others))
    for one in range(others):
        for two in range(one + 1):
            own = 1.0 if one == two else 0.0
            curve = weight * probability[:, one] * (own - probability[:, two])
            block = rows.T @ (rows * curve[:, None])
            information[one * q : (one + 1) * q, two * q : (two + 1) * q] = block
            information[two * q : (two + 1) * q, one * q : (one + 1) * q] = block.T
    information[np.diag_indices_from(information)] += penalty
    return score.ravel(order="F"), cholesky(information, lower=True)
