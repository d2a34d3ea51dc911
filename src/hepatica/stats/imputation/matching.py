"""Donors for missing values: observed ones whose predictions are nearest.

Sources: Little, J Bus Econ Stat 1988;6:287; Morris, White and Royston, BMC Med Res Methodol
2014;14:75 (five donors); van Buuren, Flexible Imputation of Missing Data, 2nd ed. 2018, 3.4.
"""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray, check_generator

#: Observed values among which one is drawn.
DONORS = 5

#: Predictions nearer than this share of their range are the same.
_SAME = 1e-10


def matched_donors(
    observed: FloatArray,
    missing: FloatArray,
    generator: np.random.Generator,
    *,
    donors: int = DONORS,
) -> IntArray:
    """Return for each missing value the position of an observed one that stands in for it.

    Parameters
    ----------
    observed : float array (n,)
        Predictions for those whose value is known.
    missing : float array (k,)
        Predictions for those whose value is not.
    generator : Generator
        Draws two uniform variates for each missing value.
    donors : int
        One is drawn at random from so many with the nearest predictions; among equal predictions
        chance decides who is near.

    Returns
    -------
    int array (k,)
        Positions in `observed`.

    Examples
    --------
    >>> near = matched_donors(np.arange(100.0), np.array([40.2]), np.random.default_rng(1))
    >>> bool(abs(near[0] - 40) <= 2)
    True
    """
    check_generator(generator)
    width = float(max(np.ptp(observed), np.finfo(np.float64).tiny))
    step = max(width * _SAME, np.finfo(np.float64).tiny)
    rounded = np.rint((observed - observed.min()) / step)
    wanted = (missing - observed.min()) / step
    order = np.argsort(rounded, kind="stable")
    ranked = rounded[order]
    n = len(ranked)
    donors = min(donors, n)
    # The nearest few lie within so many places of where the prediction would stand.
    place = np.searchsorted(ranked, wanted)
    first = np.clip(place - donors, 0, max(n - 2 * donors, 0))
    window = first[:, None] + np.arange(min(2 * donors, n))
    distance = np.abs(ranked[window] - wanted[:, None])
    nearest = np.argpartition(distance, donors - 1, axis=1)[:, :donors]
    # argpartition leaves the order within the nearest to the processor.
    nearest = np.sort(nearest, axis=1)
    drawn = (generator.random(len(missing)) * donors).astype(np.int64)
    chosen = window[np.arange(len(missing)), nearest[np.arange(len(missing)), drawn]]
    # A donor stands for all with its prediction, so that ties are broken by chance.
    low = np.searchsorted(ranked, ranked[chosen], side="left")
    high = np.searchsorted(ranked, ranked[chosen], side="right")
    among = low + (generator.random(len(missing)) * (high - low)).astype(np.int64)
    found: IntArray = order[among]
    return found
