"""Columns of a model that do not vary, or that follow from others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.linalg import qr, solve_triangular

from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, IntArray, freeze

#: A column whose part that others do not explain is smaller than this share follows from them.
_TOLERANCE = 1e-7
#: A coefficient below this, of columns of length 1, is rounding.
_TAKES_PART = 1e-6


def constant_columns(X: npt.ArrayLike) -> IntArray:
    """Return the places of columns that hold one value.

    Parameters
    ----------
    X : array (n, p)
        Columns of a model; finite.

    Examples
    --------
    >>> constant_columns([[1.0, 0.0], [1.0, 1.0]]).tolist()
    [0]
    """
    x = _checks.numbers("X", X, ndim=2)
    found: IntArray = np.flatnonzero(x.min(axis=0) == x.max(axis=0))
    return freeze(found)


def collinear_columns(X: npt.ArrayLike) -> tuple[IntArray, ...]:
    """Return the sets of columns that follow from each other, the constant being one of all.

    Columns are centred and brought to length 1. A QR decomposition with pivoting tells how many
    are independent (Businger and Golub, Numer Math 1965;7:269); where some are not, those are
    named that follow from columns before them, as they stand, and the columns they follow from.

    Parameters
    ----------
    X : array (n, p)
        Columns of a model; finite. Columns that do not vary are passed over.

    Returns
    -------
    tuple of int array
        The places of each set in order, its dependent column last; empty where all are
        independent.

    Examples
    --------
    The third column is the sum of the first two; the last is a number of its own.

    >>> rows = [[1, 0, 1, 3], [0, 1, 1, 1], [0, 0, 0, 4], [1, 1, 2, 1], [0, 0, 0, 5]]
    >>> [one.tolist() for one in collinear_columns(rows)]
    [[0, 1, 2]]
    """
    x = _checks.numbers("X", X, ndim=2).astype(np.float64, copy=False)
    if x.shape[1] < 2:
        return ()
    varying = np.flatnonzero(x.min(axis=0) < x.max(axis=0))
    if len(varying) < 2:
        return ()
    centred = x[:, varying] - x[:, varying].mean(axis=0)
    centred /= np.sqrt((centred**2).sum(axis=0))
    small = np.asarray(np.linalg.qr(centred, mode="r"), dtype=np.float64)
    pivoted = qr(small, mode="r", pivoting=True)[0]
    if np.abs(np.diag(pivoted)).min() > _TOLERANCE and len(small) == len(varying):
        return ()
    return tuple(freeze(varying[one]) for one in _dependent(small))


def _dependent(small: FloatArray) -> list[IntArray]:
    """Return each column that follows from those before it, after the columns it follows from."""
    kept: list[int] = []
    basis = np.empty((small.shape[0], 0))
    found = []
    for column, values in enumerate(small.T):
        # Twice, because what is taken off once leaves the rounding of a nearly dependent column.
        rest = values - basis @ (basis.T @ values)
        rest = rest - basis @ (basis.T @ rest)
        length = float(np.sqrt(rest @ rest))
        if length > _TOLERANCE:
            kept.append(column)
            basis = np.column_stack([basis, rest / length])
            continue
        triangle = basis.T @ small[:, kept]
        share = solve_triangular(triangle, basis.T @ values)
        parts = [kept[place] for place in np.flatnonzero(np.abs(share) > _TAKES_PART)]
        found.append(np.array([*parts, column], dtype=np.int64))
    return found
