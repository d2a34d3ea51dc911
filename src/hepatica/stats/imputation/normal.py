"""A draw from the posterior distribution of a linear model.

Sources: Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, p. 167; van Buuren, Flexible
Imputation of Missing Data, 2nd ed. 2018, algorithm 3.1 (the ridge that keeps collinear predictors
apart).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from hepatica.stats._checks import FloatArray, check_generator, freeze

#: Share of the diagonal of the cross-products that is added to it.
RIDGE = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class NormalDraw:
    """A linear model: its estimate, and one draw of its parameters.

    Attributes
    ----------
    coef : float array (q,)
        Least-squares estimate, with a slight ridge.
    drawn_coef : float array (q,)
        A draw of the coefficients.
    drawn_sigma : float
        A draw of the residual standard deviation.
    """

    coef: FloatArray
    drawn_coef: FloatArray
    drawn_sigma: float


def draw_normal(y: FloatArray, x: FloatArray, generator: np.random.Generator) -> NormalDraw:
    """Estimate a linear model and draw its parameters, with a flat prior.

    Parameters
    ----------
    y : float array (n,)
        Known values.
    x : float array (n, q)
        Predictors, a column of ones among them.
    generator : Generator
        Draws one chi-square and q normal variates.

    Returns
    -------
    NormalDraw
        Where there are no more values than columns, the residual variance has 1 degree of freedom.

    Examples
    --------
    >>> x = np.column_stack([np.ones(5), np.arange(5.0)])
    >>> drawn = draw_normal(np.array([1.0, 3.1, 4.9, 7.0, 9.1]), x, np.random.default_rng(1))
    >>> drawn.coef.round(2).tolist(), drawn.drawn_sigma > 0
    ([1.0, 2.01], True)
    """
    check_generator(generator)
    products = x.T @ x
    diagonal = np.diagonal(products)
    # A column without any value would leave a zero on the diagonal.
    products[np.diag_indices_from(products)] += RIDGE * np.where(diagonal > 0.0, diagonal, 1.0)
    root = cholesky(products, lower=True)
    coef = cho_solve((root, True), x.T @ y)
    residual = y - x @ coef
    df = max(len(y) - x.shape[1], 1)
    sigma = math.sqrt(float(residual @ residual) / generator.chisquare(df))
    noise = solve_triangular(root, generator.standard_normal(len(coef)), lower=True, trans="T")
    return NormalDraw(freeze(coef), freeze(coef + sigma * noise), sigma)
