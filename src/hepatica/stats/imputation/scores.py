"""Scores of categories, so that rare ones can be matched as numbers are.

Sources: Hotelling, Biometrika 1936;28:321 (canonical correlation); Fisher, Ann Eugen 1940;10:422
(scores of categories); van Buuren, Flexible Imputation of Missing Data, 2nd ed. 2018, 3.6
(categories with few patients).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh

from hepatica.stats._checks import FloatArray, IntArray, freeze
from hepatica.stats.imputation.normal import RIDGE


def category_scores(category: IntArray, x: FloatArray, categories: int) -> FloatArray:
    """Return the scores of categories that predictors tell best: the first canonical variate.

    Parameters
    ----------
    category : int array (n,)
        Categories from 0; each occurs.
    x : float array (n, q)
        Predictors, a column of ones first.
    categories : int
        Number of categories k, at least 2.

    Returns
    -------
    float array (k,)
        Scores with mean 0 and variance 1 over the n values, the last not below the first. Without
        predictors the categories in their order.

    Examples
    --------
    >>> x = np.column_stack([np.ones(6), [0.0, 0.1, 5.0, 5.1, 1.0, 1.1]])
    >>> scores = category_scores(np.array([0, 0, 1, 1, 2, 2]), x, 3)
    >>> np.argsort(scores).tolist()
    [0, 2, 1]
    """
    n = len(category)
    share = np.bincount(category, minlength=categories) / n
    direction = np.arange(categories, dtype=np.float64)
    predictors = x[:, 1:] - x[:, 1:].mean(axis=0)
    if predictors.shape[1] and predictors.any():
        indicator = np.zeros((n, categories))
        indicator[np.arange(n), category] = 1.0
        inside = predictors.T @ predictors / n
        diagonal = np.diagonal(inside)
        inside[np.diag_indices_from(inside)] += RIDGE * np.where(diagonal > 0.0, diagonal, 1.0)
        # Means of predictors in each category, weighed by the root of its share.
        between = (indicator - share).T @ predictors / n / np.sqrt(share)[:, None]
        explained = between @ cho_solve(cho_factor(inside), between.T)
        _, vectors = eigh(explained, subset_by_index=[categories - 1, categories - 1])
        direction = vectors[:, 0] / np.sqrt(share)
    direction = direction - float(share @ direction)
    direction = direction / np.sqrt(float(share @ direction**2))
    return freeze(direction if direction[-1] >= direction[0] else -direction)
