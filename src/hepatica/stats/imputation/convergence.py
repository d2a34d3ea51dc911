"""Whether chains of imputations have mixed.

Source: Gelman and Rubin, Stat Sci 1992;7:457 (potential scale reduction).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hepatica.errors import InputError
from hepatica.stats import _checks
from hepatica.stats._checks import FloatArray, freeze


def potential_scale_reduction(chains: npt.ArrayLike) -> FloatArray:
    """Return how much wider all chains together are than each, from 1 on when they have mixed.

    Parameters
    ----------
    chains : float array (iterations, m, p)
        A number of each step of m chains for p variables, such as the mean of what was imputed.

    Returns
    -------
    float array (p,)
        NaN for a variable with a NaN; 1 where nothing moves; infinite where chains stand still
        apart.

    Raises
    ------
    InputError
        If there are fewer than two steps or chains.

    Examples
    --------
    >>> chains = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])[:, :, None]
    >>> potential_scale_reduction(chains).round(4).tolist()
    [0.866]
    """
    steps = np.asarray(_checks.as_array("chains", chains), dtype=np.float64)
    if steps.ndim != 3 or min(steps.shape[:2]) < 2:
        raise InputError("chains must have at least two steps of at least two chains.")
    length = len(steps)
    within = steps.var(axis=0, ddof=1).mean(axis=0)
    between = steps.mean(axis=0).var(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.sqrt((length - 1.0) / length + between / within)
    # Chains that stand still: at one place, or apart.
    still = within == 0.0
    found = np.where(still, np.where(between == 0.0, 1.0, np.inf), found)
    found = np.where(np.isnan(within), np.nan, found)
    return freeze(found)
