"""Isotonic regression of many short rows at once.

Source: Barlow, Bartholomew, Bremner and Brunk, Statistical Inference under Order Restrictions, 1972
(the min-max formula).
"""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray


def isotonic(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted non-decreasing fit of each row.

    Parameters
    ----------
    values, weights : ndarray of float, shape (rows, columns)
        A column with weight 0 takes no part; what is returned for it has no meaning.

    Returns
    -------
    ndarray of float, shape (rows, columns)
        At each column the largest, over starts at or before it, of the smallest, over ends at or
        after it, of the means from start to end.
    """
    rows, columns = values.shape
    weight = np.concatenate([np.zeros((rows, 1)), np.cumsum(weights, axis=1)], axis=1)
    total = np.concatenate([np.zeros((rows, 1)), np.cumsum(values * weights, axis=1)], axis=1)
    fitted = np.full((rows, columns), -np.inf)
    for start in range(columns):
        mass = weight[:, start + 1 :] - weight[:, [start]]
        mean = np.divide(
            total[:, start + 1 :] - total[:, [start]],
            mass,
            out=np.full_like(mass, np.inf),
            where=mass > 0.0,
        )
        least = np.minimum.accumulate(mean[:, ::-1], axis=1)[:, ::-1]
        # A start without weight repeats the next one, so only an end without any mean is left out.
        fitted[:, start:] = np.maximum(fitted[:, start:], np.where(np.isinf(least), -np.inf, least))
    return fitted
