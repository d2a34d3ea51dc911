"""The log-rank statistic over all cut-points of a marker, with its corrected p-value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hepatica.analyse.marker_values import ranked
from hepatica.stats.cut_point import maximally_selected_logrank
from hepatica.stats.random_streams import stream

#: Smallest share of patients on either side of a cut-point that is tried.
MIN_SHARE = 0.1
REPLICATES = 9999

#: Up to so many patients the p-value comes from permutations.
MOST_PERMUTED = 1000


@dataclass(frozen=True, slots=True)
class Maximal:
    """The log-rank statistic over all cut-points.

    Attributes
    ----------
    cut_point : float
        Patients at or above it are told from those below with the largest statistic.
    statistic, p_value : float
        The largest statistic, standardised, and its corrected p-value.
    candidates, statistics : float array (k,)
        The cut-points that were tried, rising, each the smallest value of its upper group.
    method : str
        How the p-value was found.
    """

    cut_point: float
    statistic: float
    p_value: float
    candidates: NDArray[np.float64]
    statistics: NDArray[np.float64]
    method: str


def maximal_logrank(
    time: NDArray[np.float64],
    event: NDArray[np.int64],
    values: NDArray[np.float64],
    *,
    seed: int,
    name: str,
) -> Maximal:
    """Return the statistic over all cut-points of known marker values.

    Parameters
    ----------
    time, event : array (n,)
        Times of the patients.
    values : float array (n,)
        As `marker_values` gives them, without NaN.
    seed, name : int, str
        Seed of the study, and the name of marker and outcome: each has permutations of its own,
        and the same patients have the same p-value wherever it is asked for.

    Raises
    ------
    InputError
        If no cut-point can be tried.
    """
    marker = ranked(values)
    permuted = len(marker) <= MOST_PERMUTED
    found = maximally_selected_logrank(
        time,
        event,
        marker,
        min_share=MIN_SHARE,
        generator=stream(seed, name) if permuted else None,
        replicates=REPLICATES,
    )
    distinct = np.unique(marker)
    # The estimator names the largest value of the lower group; a protocol's cut-point begins the
    # upper one.
    upper = distinct[np.searchsorted(distinct, found.candidates, side="right")]
    best = int(np.searchsorted(found.candidates, found.cut_point))
    how = (
        f"{REPLICATES} random permutations"
        if permuted
        else "improved Bonferroni of Lausen and Schumacher"
    )
    return Maximal(
        cut_point=float(upper[best]),
        statistic=found.statistic,
        p_value=found.p_permutation if permuted else found.p_lau94,
        candidates=upper,
        statistics=found.statistics,
        method=(
            f"maximally selected log-rank statistic over {len(upper)} cut-points with at least "
            f"{MIN_SHARE:.0%} of patients on either side, P by {how}"
        ),
    )
