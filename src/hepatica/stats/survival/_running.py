"""Running sums that begin anew at each stratum."""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray

_FEW = 64


def running(values: FloatArray, first: IntArray) -> FloatArray:
    """Return running sums along the last axis that begin anew at each place in `first`.

    Parameters
    ----------
    values : float array (..., m)
        What is summed.
    first : int array (s,)
        Where each run begins; the first is 0.
    """
    if len(first) == 1:
        return np.cumsum(values, axis=-1)
    begun = np.array(values, dtype=np.float64)
    if len(first) <= _FEW:
        for run in np.split(begun, first[1:], axis=-1):
            np.cumsum(run, axis=-1, out=run)
        return begun
    # What came before is taken off where a run begins, so that sums stay as small as their run
    # and rounding does not grow with the number of runs.
    begun[..., first[1:]] -= np.add.reduceat(values, first, axis=-1)[..., :-1]
    return np.cumsum(begun, axis=-1)
