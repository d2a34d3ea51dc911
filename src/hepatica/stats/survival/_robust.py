"""Score residuals of a partial likelihood, and the robust covariance of clusters.

Sources: Lin and Wei, J Am Stat Assoc 1989;84:1074; Binder, Biometrika 1992;79:139 (case weights);
Therneau and Grambsch, Modeling Survival Data, 2000, section 7.2 (Efron's ties).
"""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._partial_likelihood import PartialLikelihood
from hepatica.stats.survival._running import running


def cluster_scores(
    likelihood: PartialLikelihood, coef: FloatArray, cluster: IntArray
) -> FloatArray:
    """Return what each cluster adds to the score, by case weight: (g, p).

    Parameters
    ----------
    likelihood : PartialLikelihood
        The rows.
    coef : float array (p,)
        Where the score is taken.
    cluster : int array (n,)
        Position of the cluster of each row as it was given.
    """
    order, ties = likelihood.order, likelihood.ties
    found = likelihood.weights(coef)
    n_cells = len(order.start)
    group = cluster[order.rows]
    n_groups = int(cluster.max()) + 1
    own = np.repeat(np.arange(n_cells), order.end - order.start)
    own_event = own[likelihood.events]
    weight = found.weight
    event_weight = (
        np.ones(len(own_event))
        if likelihood.case_weight is None
        else likelihood.case_weight[likelihood.events]
    )
    spared, spared_square = ties.spared(found.at_risk, found.tied)
    scores = np.empty((n_groups, len(likelihood.x)))
    for column, x in enumerate(likelihood.x):
        sums, tied = likelihood.cell_sums(x[None], 0, n_cells, weight)
        total, tied = running(sums, order.first_cell)[0], tied[0]
        u = tied / found.tied if ties.efron else np.zeros(len(tied))
        v = total - u * found.at_risk
        step = u * found.step + v * found.step_square
        ahead = running(step[::-1], likelihood.first_from_end)[::-1]
        passed = ahead[own]
        passed[order.late] -= ahead[order.late_cell]
        passed[likelihood.events] -= (u * spared + v * spared_square)[own_event]
        score = passed * weight - x * found.hazard
        mean = u + v * found.step / ties.weight
        score[likelihood.events] += event_weight * (x[likelihood.events] - mean[own_event])
        scores[:, column] = np.bincount(group, score, minlength=n_groups)
    return scores
