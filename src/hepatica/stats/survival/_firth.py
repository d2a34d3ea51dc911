"""The partial likelihood with Jeffreys' penalty, of a proportional hazards model.

The penalised score adds half the derivative of log |I|, the trace of I^-1 dI/db. That is the sum
over the events of the third central moments of the risk set, contracted with I^-1: with y = A x,
A'A = I^-1, and q = |y|^2,

    E (x - m)_j |y - my|^2 = E x_j q - m_j E q - 2 sum_k (E x_j y_k - m_j my_k) my_k,

of which first moments of risk sets and sums over rows are all that is needed.

Source: Heinze and Schemper, Biometrics 2001;57:114; Firth, Biometrika 1993;80:27.
"""

from __future__ import annotations

import numpy as np

from hepatica.stats._checks import FloatArray
from hepatica.stats._penalised import Penalised
from hepatica.stats.survival._partial_likelihood import PartialLikelihood
from hepatica.stats.survival._running import running
from hepatica.stats.survival._ties import Weights


def penalised(likelihood: PartialLikelihood, coef: FloatArray) -> Penalised:
    """Return the penalised log likelihood and its score; -inf where it has none."""
    plain = likelihood.at(coef)
    scale = np.sqrt(np.maximum(np.diag(plain.information), 1e-300))
    try:
        factor = np.linalg.cholesky(plain.information / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return Penalised(-np.inf, plain.score, plain.information)
    half_log = float(np.log(np.diag(factor)).sum() + np.log(scale).sum())
    whiten = np.linalg.solve(factor, np.diag(1.0 / scale))
    third = _third_moments(likelihood, likelihood.weights(coef), whiten)
    return Penalised(plain.loglik + half_log, plain.score + third / 2.0, plain.information)


def _third_moments(likelihood: PartialLikelihood, found: Weights, whiten: FloatArray) -> FloatArray:
    order, ties, x = likelihood.order, likelihood.ties, likelihood.x
    y = whiten @ x
    q = np.einsum("ij,ij->j", y, y)
    columns = np.vstack((x, q))
    sums, tied = likelihood.cell_sums(columns, 0, len(order.start), found.weight)
    sums, at_risk, factor = running(sums, order.first_cell), found.at_risk, ties.factor
    if ties.efron:
        sums = sums[:, ties.owner] - ties.share * tied[:, ties.owner]
        at_risk = at_risk[ties.owner] - ties.share * found.tied[ties.owner]
    means = sums / at_risk
    m, mean_q = means[:-1], means[-1]
    mean_y = whiten @ m
    passed = likelihood.passed(mean_y * (factor / at_risk))
    cross = np.einsum("ij,ij->j", y, passed) * found.weight
    third: FloatArray = x @ (q * found.hazard - 2.0 * cross)
    third -= m @ (factor * (mean_q - 2.0 * np.einsum("ij,ij->j", mean_y, mean_y)))
    return third
