"""The partial likelihood with Jeffreys' penalty, and its maximum with coefficients held.

The penalised score adds half the derivative of log |I|, the trace of I^-1 dI/db. That is the sum
over the events of the third central moments of the risk set, contracted with I^-1: with y = A x,
A'A = I^-1, and q = |y|^2,

    E (x - m)_j |y - my|^2 = E x_j q - m_j E q - 2 sum_k (E x_j y_k - m_j my_k) my_k,

of which first moments of risk sets and sums over rows are all that is needed.

Source: Heinze and Schemper, Biometrics 2001;57:114; Firth, Biometrika 1993;80:27.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hepatica.stats._checks import FloatArray, IntArray
from hepatica.stats.survival._partial_likelihood import PartialLikelihood
from hepatica.stats.survival._running import running
from hepatica.stats.survival._ties import Weights

_MAX_ITERATIONS = 500
_MAX_HALVINGS = 40
_PRECISE = 1e-13
#: Steps below it, in standard errors, that do not raise the likelihood are rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Penalised:
    """Penalised log likelihood and score (p,), and the information (p, p) without penalty."""

    loglik: float
    score: FloatArray
    information: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the penalised likelihood is highest."""

    coef: FloatArray
    found: Penalised
    iterations: int
    converged: bool


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


def climb(likelihood: PartialLikelihood, coef: FloatArray, held: npt.NDArray[np.bool_]) -> Maximum:
    """Maximise the penalised likelihood over the coefficients that are not held.

    Parameters
    ----------
    likelihood : PartialLikelihood
        The rows.
    coef : float array (p,)
        Where to begin.
    held : bool array (p,)
        Coefficients that stay as they are; the penalty is that of the whole model.
    """
    free = np.flatnonzero(~held)
    now = penalised(likelihood, coef)
    if not free.size:
        return Maximum(coef, now, 0, converged=True)
    curve, before = now.information, np.inf
    for iteration in range(1, _MAX_ITERATIONS + 1):
        unit, step = _step(now, curve, free, len(coef))
        size = float(np.abs(unit).max())
        if size > 0.2 * before:
            # The information alone is not the curvature of the penalised likelihood; where it
            # leads too slowly, the curvature is found from differences of the score.
            curve = _curvature(likelihood, coef, now)
            unit, step = _step(now, curve, free, len(coef))
            size = float(np.abs(unit).max())
        scale = np.sqrt(np.diag(now.information))
        if size <= _PRECISE * (1.0 + float(np.abs(coef * scale).max())):
            return Maximum(coef + step, now, iteration, converged=True)
        moved = _halve(likelihood, coef, now, step)
        if moved is None:
            return Maximum(coef, now, iteration, converged=size <= _ROUNDING)
        before = size
        coef, now = moved
    return Maximum(coef, now, _MAX_ITERATIONS, converged=before <= _ROUNDING)


def _step(
    now: Penalised, curve: FloatArray, free: IntArray, p: int
) -> tuple[FloatArray, FloatArray]:
    """Return the step in standard errors, at most three of them, and the step itself."""
    scale = np.sqrt(np.diag(now.information))[free]
    inside = np.ix_(free, free)
    unit = np.linalg.solve(curve[inside] / np.outer(scale, scale), now.score[free] / scale)
    if not unit @ (now.score[free] / scale) > 0:
        # Not a way up: far from the maximum only the information is sure to give one.
        unit = np.linalg.solve(
            now.information[inside] / np.outer(scale, scale), now.score[free] / scale
        )
    unit *= min(1.0, 3.0 / max(float(np.abs(unit).max()), 1e-300))
    step = np.zeros(p)
    step[free] = unit / scale
    return unit, step


def _curvature(likelihood: PartialLikelihood, coef: FloatArray, now: Penalised) -> FloatArray:
    """Return the negative second derivatives of the penalised likelihood, by differences."""
    width = 1e-4 / np.sqrt(np.diag(now.information))
    found = np.empty_like(now.information)
    for at, each in enumerate(np.diag(width)):
        ahead, behind = penalised(likelihood, coef + each), penalised(likelihood, coef - each)
        found[at] = (behind.score - ahead.score) / (2.0 * width[at])
    usable = bool(np.isfinite(found).all())
    return (found + found.T) / 2.0 if usable else now.information


def _halve(
    likelihood: PartialLikelihood, coef: FloatArray, now: Penalised, step: FloatArray
) -> tuple[FloatArray, Penalised] | None:
    slack = 1e-13 * (1.0 + abs(now.loglik))
    for _ in range(_MAX_HALVINGS):
        with np.errstate(all="ignore"):
            found = penalised(likelihood, coef + step)
        if np.isfinite(found.loglik) and found.loglik >= now.loglik - slack:
            return coef + step, found
        step = step / 2.0
    return None
